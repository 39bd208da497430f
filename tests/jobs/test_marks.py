"""What is drawn on each frame of a clip: exactly where and when it is seen, and as faint as it has to be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.marks import Mark, Marks
from jobs.spec import FramingClip, OverlayClip, SourceRef, SpeedValue
from jobs.timeline import shots
from media.colour import Planes
from reel.errors import KeyframesOutOfOrder
from reel.geometry import OUTPUT_SIZES, Size
from reel.keyframes import smoothstep
from tests.jobs.homes import Home, clip, crop, framing
from tests.jobs.overlays import over, spot, spotlight
from tests.media.footage import numbered

SOURCE = Size(160, 90)
SQUARE = OUTPUT_SIZES["1:1"]


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds at twenty frames a second."""
    path = tmp_path_factory.mktemp("footage") / "a.mp4"
    return numbered(path, frames=120, rate=Fraction(20), size=SOURCE)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def source(home: Home, footage: Path) -> SourceRef:
    return home.adopt(footage)


def marks(home: Home, source: SourceRef, drawn: OverlayClip, *clips: FramingClip, **fields: Any) -> Marks:
    """Return what is drawn on the first of some clips that `drawn` names, in a square."""
    every = clips or (clip(1000, 3000),)
    spec = framing([source], *every, **fields)
    at = next(number for number, each in enumerate(every) if each.id == drawn.id)
    return Marks(shots(home.planned(spec))[at], every[at], drawn, SQUARE)


def drawn_frames(of: Marks) -> list[int]:
    return [number for number in of.shot.numbers if of.at(number)]


def mark_at(of: Marks, number: int) -> Mark:
    mark = of.at(number)
    assert mark is not None
    return mark


def opacity(of: Marks, number: int) -> float:
    mark = of.at(number)
    return mark.opacity if mark else 0.0


# When


def test_it_is_drawn_in_its_region_and_fades_at_both_ends(home: Home, source: SourceRef) -> None:
    of = marks(home, source, over("a", spotlight(1500, 2500)))
    assert drawn_frames(of) == [*range(11, 30)], "at the very first moment it has no opacity yet"
    assert [opacity(of, number) for number in (11, 12, 15, 25, 26, 29)] == pytest.approx(
        [smoothstep(0.2), smoothstep(0.4), 1, 1, smoothstep(0.8), smoothstep(0.2)]
    )


def test_a_region_longer_than_the_clip_is_cut_by_it(home: Home, source: SourceRef) -> None:
    of = marks(home, source, over("a", spotlight(0, 90_000, spot(0))), clip(1000, 2000))
    assert drawn_frames(of) == [*range(20)]
    assert {opacity(of, number) for number in range(20)} == {1.0}


def test_a_region_partly_outside_a_trimmed_clip(home: Home, source: SourceRef) -> None:
    of = marks(home, source, over("a", spotlight(500, 1500)))
    assert drawn_frames(of) == [*range(10)]
    assert opacity(of, 0) == 1


def test_in_slow_motion_it_follows_the_picture(home: Home, source: SourceRef) -> None:
    slow = clip(1000, 2000, speeds=(SpeedValue(in_pts=0, out_pts=9000, rate=(1, 2)),))
    of = marks(home, source, over("a", spotlight(1250, 1750, spot(1250, x=0.4), spot(1750, x=0.6))), slow)
    assert drawn_frames(of) == [*range(12, 30)]
    pairs = [(mark_at(of, n).ellipse, mark_at(of, n + 1).ellipse) for n in range(12, 30, 2)]
    assert all(one == other for one, other in pairs), "a picture that stands twice has its spotlight in one place"


def test_another_clock_means_the_same_moments(home: Home, source: SourceRef) -> None:
    ticks = clip(90_000, 270_000, time_base=(1, 90_000))
    there = marks(home, source, over("a", spotlight(135_000, 225_000, spot(135_000))), ticks)
    here = marks(home, source, over("a", spotlight(1500, 2500)))
    assert [opacity(there, n) for n in range(40)] == pytest.approx([opacity(here, n) for n in range(40)])


# Where


def test_it_stands_where_its_player_is_in_the_crop(home: Home, source: SourceRef) -> None:
    cropped = clip(1000, 3000, crop=(crop(1000, 0.4, 0.5, 0.8), crop(3000, 0.6, 0.5, 0.8)))
    of = marks(home, source, over("a", spotlight(1000, 3000, spot(1000, 0.45, 0.4), spot(3000, 0.65, 0.4))), cropped)
    scale = 1080 / (0.8 * 90)
    for number in (5, 20, 35):
        ellipse = mark_at(of, number).ellipse
        assert ellipse is not None
        expected = (540 + 0.05 * 160 * scale, 540 - 0.1 * 90 * scale, 0.06 * 90 * scale, 0.12 * 90 * scale)
        assert (ellipse.x, ellipse.y, ellipse.rx, ellipse.ry) == pytest.approx(expected, abs=1.0)


def test_it_fades_as_its_player_leaves_the_picture_and_is_gone_outside(home: Home, source: SourceRef) -> None:
    """A square of 90 px around the middle shows 35..125; the ellipse reaches 16.2 px to either side."""
    keys = spot(1000, 0.5, 0.5, 0.18, 0.18), spot(3000, 0.0, 0.5, 0.18, 0.18)
    of = marks(home, source, over("a", spotlight(1000, 3000, *keys)))
    centres = [80 - 80 * number / 40 for number in range(40)]
    expected = [1 - smoothstep(min(max((35 - x) / 16.2, 0), 1)) for x in centres]
    assert [opacity(of, n) for n in range(5, 35)] == pytest.approx(expected[5:35], abs=0.01)
    assert drawn_frames(of)[-1] == max(number for number in range(40) if centres[number] > 35 - 16.2)
    assert of.unseen() == []


@pytest.mark.parametrize(
    "key", [spot(1000, 0.1), spot(1000, -0.9, -0.9), spot(1000, 0.5, 1.4), spot(1000, 2.0)], ids=str
)
def test_one_that_is_outside_all_the_time_is_not_drawn_but_told(home: Home, source: SourceRef, key: Any) -> None:
    of = marks(home, source, over("a", spotlight(1000, 2000, key, id="lost"), spotlight(2000, 3000, id="seen")))
    assert drawn_frames(of) == [*range(21, 40)]
    assert of.unseen() == ["lost"]


def test_one_of_which_no_frame_is_left_is_told_too(home: Home, source: SourceRef) -> None:
    of = marks(home, source, over("a", spotlight(0, 500, id="trimmed")))
    assert (drawn_frames(of), of.unseen()) == ([], ["trimmed"])


@pytest.mark.parametrize("radii", [(0, 0.1), (0.1, 0), (0, 0)])
def test_zero_radius_draws_nothing(home: Home, source: SourceRef, radii: tuple[float, float]) -> None:
    of = marks(home, source, over("a", spotlight(1000, 3000, spot(1000, 0.5, 0.5, *radii)), label="Mia"))
    assert drawn_frames(of) == []


# What


@pytest.mark.parametrize(
    ("look", "seen"),
    [
        ({"effect": "none", "colour": "none", "fill": True}, False),
        ({"effect": "none", "stroke": False}, False),
        ({"effect": "none", "fill": True, "stroke": False}, True),
        ({"effect": "bright", "colour": "none"}, True),
    ],
)
def test_a_look_without_anything_to_see(home: Home, source: SourceRef, look: dict[str, Any], seen: bool) -> None:
    assert bool(drawn_frames(marks(home, source, over("a", spotlight(1500, 2500, **look))))) is seen
    assert drawn_frames(marks(home, source, over("a", spotlight(1500, 2500, **look), label="Mia")))


def test_a_label_goes_with_its_spotlight(home: Home, source: SourceRef) -> None:
    of = marks(home, source, over("a", spotlight(1500, 2500), label=" Mia "))
    assert drawn_frames(of) == [*range(11, 30)]
    assert {mark_at(of, number).label for number in drawn_frames(of)} == {"Mia"}
    blank = marks(home, source, over("a", label="  "))
    assert drawn_frames(blank) == []


def test_without_a_spotlight_a_label_stands_in_the_corner_for_two_seconds(home: Home, source: SourceRef) -> None:
    of = marks(home, source, over("a", label="Mia"), clip(1000, 4000))
    assert drawn_frames(of) == [*range(1, 40)]
    assert [opacity(of, number) for number in (1, 5, 39)] == pytest.approx([smoothstep(0.2), 1, smoothstep(0.2)])
    assert mark_at(of, 9).ellipse is None


def test_what_is_drawn_changes_the_picture(home: Home, source: SourceRef) -> None:
    of = marks(home, source, over("a", spotlight(1000, 3000), label="Mia"))
    chroma = np.full((540, 540), 128, np.uint8)
    planes = Planes(np.full((1080, 1080), 180, np.uint8), chroma, chroma.copy())
    mark_at(of, 20).draw(planes)
    assert planes.y[540, 540] == 180, "inside it is as light as it was"
    assert planes.y[1000, 100] < 110
    assert planes.y[540 - int(0.12 * 1080) - 40 : 540 - int(0.12 * 1080), 540].max() > 200, "the label is above it"


# In a transition


def test_drawings_fade_with_their_pictures(home: Home, source: SourceRef) -> None:
    clips = clip(0, 2000), clip(3000, 5000, id="b", transition_in="dissolve")
    before = marks(home, source, over("a", spotlight(0, 9000, spot(0))), *clips)
    after = marks(home, source, over("b", spotlight(0, 9000, spot(0))), *clips)
    assert (before.shot.numbers, after.shot.numbers) == (range(40), range(30, 70))
    shares = [(number - 30 + 0.5) / 10 for number in range(30, 40)]
    assert [opacity(before, number) for number in range(30, 40)] == pytest.approx([1 - share for share in shares])
    assert [opacity(after, number) for number in range(30, 40)] == pytest.approx(shares)
    ellipse = mark_at(after, 30).ellipse
    assert ellipse is not None
    assert ellipse.opacity == pytest.approx(shares[0])


def test_in_a_fade_nothing_is_drawn_on_black(home: Home, source: SourceRef) -> None:
    clips = clip(0, 2000), clip(3000, 5000, id="b", transition_in="fade")
    before = marks(home, source, over("a", spotlight(0, 9000, spot(0))), *clips)
    after = marks(home, source, over("b", spotlight(0, 9000, spot(0))), *clips)
    assert drawn_frames(before) == [*range(1, 35)]
    assert drawn_frames(after) == [*range(35, 70)]


# Freeze-frames


def test_the_freeze_frame_is_full_and_what_follows_stays_so(home: Home, source: SourceRef) -> None:
    of = marks(home, source, over("a", spotlight(1500, 2500), label="Mia", freeze_s=1))
    assert of.frozen_at == 10
    frozen = of.frozen()
    assert frozen is not None
    assert (frozen.opacity, frozen.label) == (1, "Mia")
    assert [opacity(of, number) for number in (9, 10, 11, 14, 20)] == [0, 1, 1, 1, 1]
    assert opacity(of, 29) == pytest.approx(smoothstep(0.2))


def test_a_second_spotlight_fades_in_as_ever(home: Home, source: SourceRef) -> None:
    of = marks(home, source, over("a", spotlight(1000, 2000), spotlight(2000, 3000, id="t"), freeze_s=1))
    assert (of.frozen_at, opacity(of, 0), opacity(of, 21)) == (0, 1, pytest.approx(smoothstep(0.2)))


def test_it_waits_until_the_player_is_in_the_picture(home: Home, source: SourceRef) -> None:
    keys = spot(1000, 0.0, 0.5, 0.18, 0.18), spot(3000, 1.0, 0.5, 0.18, 0.18)
    of = marks(home, source, over("a", spotlight(1000, 3000, *keys), freeze_s=1))
    assert of.frozen_at == min(number for number in range(40) if 160 * number / 40 > 35 - 16.2)


def test_without_anything_spotlit_it_is_the_first_frame(home: Home, source: SourceRef) -> None:
    lost = marks(home, source, over("a", spotlight(1000, 3000, spot(1000, 2.0)), freeze_s=1))
    assert (lost.frozen_at, lost.frozen()) == (0, None)
    named = marks(home, source, over("a", label="Mia", freeze_s=1))
    assert (named.frozen_at, named.frozen(), opacity(named, 0)) == (0, Mark("Mia", 1.0), 1.0)
    plain = marks(home, source, over("a", freeze_s=1))
    assert (plain.frozen_at, plain.frozen()) == (0, None)
    assert marks(home, source, over("a", spotlight(1000, 3000))).frozen_at is None


def test_it_stands_where_its_clip_stands_alone(home: Home, source: SourceRef) -> None:
    clips = clip(0, 2000), clip(3000, 5000, id="b", transition_in="dissolve")
    early = marks(home, source, over("b", spotlight(3000, 4000), freeze_s=1), *clips)
    assert early.frozen_at == 40
    assert opacity(early, 40) == 1
    late = marks(home, source, over("a", spotlight(1600, 2200), freeze_s=1), *clips)
    assert late.frozen_at == 0, "it is spotlit only where the next clip comes in already"


def test_a_clip_that_is_all_transition(home: Home, source: SourceRef) -> None:
    clips = (
        clip(0, 2000),
        clip(2000, 2200, id="b", transition_in="fade"),
        clip(3000, 5000, id="c", transition_in="fade"),
    )
    of = marks(home, source, over("b", spotlight(2000, 3000), freeze_s=1), *clips)
    assert len(of.shot.alone) == 0
    assert of.frozen_at in of.shot.numbers


def test_keyframes_out_of_order_are_refused(home: Home, source: SourceRef) -> None:
    bad = spotlight(1000, 3000, spot(2000), spot(1500))
    with pytest.raises(KeyframesOutOfOrder):
        drawn_frames(marks(home, source, over("a", bad)))
