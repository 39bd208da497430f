"""The working video frame by frame, and what becomes of its numbers where frames are put in."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from jobs.spec import FramingClip, SourceRef, SpeedValue
from jobs.timeline import Gap, Shot, chapters, openings, ranges, shifted, shots
from media.join import Chapter
from reel.geometry import Size
from tests.jobs.homes import Home, clip, crop, framing
from tests.media.footage import numbered


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds at ten frames a second."""
    path = tmp_path_factory.mktemp("footage") / "a.mp4"
    return numbered(path, frames=60, rate=Fraction(10), size=Size(160, 90))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def source(home: Home, footage: Path) -> SourceRef:
    return home.adopt(footage)


def planned(home: Home, source: SourceRef, *clips: FramingClip) -> tuple[Shot, ...]:
    return shots(home.planned(framing([source], *clips)))


def shares(shot: Shot) -> list[float]:
    return [round(shot.share(number), 3) for number in shot.numbers]


def test_each_frame_knows_its_picture_and_its_window(home: Home, source: SourceRef) -> None:
    slow = SpeedValue(in_pts=0, out_pts=9000, rate=(1, 2))
    keys = (crop(1000, 0.4, 0.5, 0.8), crop(2000, 0.5, 0.4, 0.6))
    plain, other = planned(home, source, clip(0, 500), clip(1000, 1500, id="b", speeds=(slow,), crop=keys))
    tick = other.source.time_base
    assert (plain.numbers, other.numbers) == (range(5), range(5, 15))
    assert [plain.pts(number) * tick for number in plain.numbers] == [Fraction(n, 10) for n in range(5)]
    assert [other.pts(number) * tick for number in other.numbers] == [1 + Fraction(n // 2, 10) for n in range(10)]
    window = other.window(9)  # at 1.2 s
    assert (window.cx, window.cy, window.h) == pytest.approx((0.42, 0.48, 0.76), abs=1 / 16 / 90)
    assert window.w * 160 == pytest.approx(window.h * 90, abs=1 / 8)


def test_a_picture_older_than_its_clip_counts_from_the_clip_on(home: Home, source: SourceRef) -> None:
    (shot,) = planned(home, source, clip(150, 450))
    assert shot.pts(0) * shot.source.time_base == Fraction(15, 100)
    assert shot.pts(1) * shot.source.time_base == Fraction(2, 10)


def test_in_a_dissolve_both_have_their_share(home: Home, source: SourceRef) -> None:
    before, after = planned(home, source, clip(0, 1000), clip(2000, 3000, id="b", transition_in="dissolve"))
    assert (before.alone, after.alone) == (range(5), range(10, 15))
    assert shares(before) == [1.0] * 5 + [0.9, 0.7, 0.5, 0.3, 0.1]
    assert shares(after) == [0.1, 0.3, 0.5, 0.7, 0.9] + [1.0] * 5


def test_a_fade_is_black_in_the_middle(home: Home, source: SourceRef) -> None:
    before, after = planned(home, source, clip(0, 1000), clip(2000, 3000, id="b", transition_in="fade"))
    assert shares(before)[5:] == [0.8, 0.4, 0, 0, 0]
    assert shares(after)[:5] == [0, 0, 0, 0.4, 0.8]


def test_chapters_open_in_the_middle_and_a_nameless_one_has_a_number(home: Home, source: SourceRef) -> None:
    spec = framing([source], clip(0, 1000), clip(2000, 3000, id="b", transition_in="fade"))
    assert openings(home.planned(spec)) == [0, 5 + 2]
    assert chapters(["Goal", ""], [0, 7], 15) == [Chapter("Goal", 0, 7), Chapter("Clip 2", 7, 15)]


def test_what_is_put_in_shifts_all_that_comes_after_it() -> None:
    gaps = [Gap(0, 3), Gap(10, 2), Gap(10, 5)]
    assert [shifted(number, gaps) for number in (0, 1, 9, 10, 11)] == [0, 4, 12, 13, 21]


def test_stretches_of_numbers() -> None:
    assert list(ranges([])) == []
    assert list(ranges([4])) == [range(4, 5)]
    assert list(ranges([0, 1, 2, 5, 7, 8])) == [range(3), range(5, 6), range(7, 9)]
