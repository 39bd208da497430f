"""The frames of a source: each one's time, the sync frames, and that a few numbers hold them all."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.decode import all_frames
from media.index import FrameIndex, index_json, ptsmap_json, read_ptsmap, scan
from media.open import open_footage
from media.probe import probe
from reel.errors import SourceUnreadable
from reel.timing import Span
from tests.media.footage import B_FRAMES, OPEN_GOPS, OPEN_HEVC, numbered, remuxed

TWO_HOURS_AT_60 = 2 * 3600 * 60
VFR = ("-vf", r"select=not(eq(mod(n\,7)\,3)+eq(mod(n\,11)\,5))", "-fps_mode", "vfr")


def scanned(path: Path) -> FrameIndex:
    return scan(path, probe(path, tail=False), lambda _: None)


def shown(path: Path) -> list[int]:
    return [frame.pts for frame in all_frames(path) if frame.pts is not None]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("plain.mp4", ()),
        ("b.mp4", B_FRAMES),
        ("open.mp4", OPEN_GOPS),
        ("open.mkv", OPEN_GOPS),
        ("hevc.mov", OPEN_HEVC),
        ("b.ts", B_FRAMES),
        ("vfr.mp4", VFR),
    ],
)
def test_every_shown_frame_is_there(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    path = numbered(tmp_path / name, *options)
    index = scanned(path)
    assert list(index.frame_pts) == shown(path)
    assert read_ptsmap(ptsmap_json(index)) == index.frame_pts
    assert index.rate == 25
    assert index.constant == (options is not VFR)


@pytest.mark.parametrize("rate", ["30000/1001", "24000/1001", "60000/1001"])
def test_milliseconds_are_a_constant_rate_all_the_same(tmp_path: Path, rate: str) -> None:
    path = numbered(tmp_path / "ms.mkv", rate=Fraction(rate), frames=150)
    index = scanned(path)
    assert index.time_base == Fraction(1, 1000)
    assert (index.rate, index.constant) == (Fraction(rate), True)
    assert len(json.loads(ptsmap_json(index))["runs"]) == 2


def test_what_an_edit_list_hides_is_not_there(tmp_path: Path) -> None:
    whole = numbered(tmp_path / "whole.mp4", *B_FRAMES)
    path = remuxed(whole, tmp_path / "cut.mp4", before=("-ss", "0.5"))
    index = scanned(path)
    assert list(index.frame_pts) == shown(path)
    assert len(index.frame_pts) < 50


def test_sync_frames_and_where_they_lie(tmp_path: Path) -> None:
    path = numbered(tmp_path / "b.mp4", *B_FRAMES)
    index = scanned(path)
    body = path.read_bytes()
    with open_footage(path) as container:
        keys = {p.pts: bytes(p) for p in container.demux(video=0) if p.is_keyframe and p.pts is not None}
    assert index.sync_pts == tuple(sorted(keys)) == tuple(n * 512 * 12 for n in range(5))
    for pts, position in zip(index.sync_pts, index.sync_bytes, strict=True):
        assert body[position : position + len(keys[pts])] == keys[pts]
    assert index.longest_gop_s == Fraction(12, 25)
    document = json.loads(index_json(index))
    assert document["schema"] == 1
    assert tuple(accumulate(document["sync"][0::2])) == index.sync_pts
    assert tuple(accumulate(document["sync"][1::2])) == index.sync_bytes


def test_a_part_that_is_not_usable_is_left_out(tmp_path: Path) -> None:
    path = numbered(tmp_path / "plain.mp4")
    source = probe(path)
    short = scan(path, replace(source, span=Span(0, 20 * 512)), lambda _: None)
    assert short.frame_pts == tuple(n * 512 for n in range(20))
    assert short.end_pts == 20 * 512


def test_progress_counts_frames(tmp_path: Path) -> None:
    path = numbered(tmp_path / "long.mp4", frames=250)
    told: list[int] = []
    scan(path, probe(path), told.append)
    assert told == [100, 200, 250]


def test_a_source_without_pictures_is_unreadable(tmp_path: Path) -> None:
    path = numbered(tmp_path / "plain.mp4")
    source = probe(path)
    empty = replace(source, span=Span(10**9, 10**9 + 1))
    with pytest.raises(SourceUnreadable):
        scan(path, empty, lambda _: None)


@given(
    st.lists(st.integers(1, 5000), min_size=1, max_size=60),
    st.integers(-5000, 10**7),
    st.sampled_from([Fraction(1, 90000), Fraction(1, 1000), Fraction(1001, 30000), Fraction(1, 12800)]),
)
def test_any_frames_come_back_exactly(gaps: list[int], first: int, time_base: Fraction) -> None:
    index = index_of(tuple(accumulate(gaps, initial=first)), time_base)
    assert read_ptsmap(ptsmap_json(index)) == index.frame_pts
    assert sum(run.count for run in index.runs) == len(index.frame_pts)


@pytest.mark.parametrize(
    ("rate", "time_base"),
    [(Fraction(60), Fraction(1, 90000)), (Fraction(60000, 1001), Fraction(1, 1000))],
)
def test_two_hours_of_even_frames_are_a_handful_of_numbers(rate: Fraction, time_base: Fraction) -> None:
    ticks, per = (1 / rate / time_base).as_integer_ratio()
    index = index_of(tuple((2 * n * ticks + per) // (2 * per) for n in range(TWO_HOURS_AT_60)), time_base)
    assert index.rate == rate
    assert len(ptsmap_json(index)) < 200


def test_two_hours_of_a_phone_stay_small() -> None:
    random = Random(1)
    jittery = tuple(n * 1500 + random.randint(-40, 40) for n in range(TWO_HOURS_AT_60) if n % 7 != 3)
    body = ptsmap_json(index_of(jittery, Fraction(1, 90000)))
    assert len(body) < 3_000_000
    assert read_ptsmap(body) == jittery


@pytest.mark.footage
def test_real_footage(footage_dir: Path) -> None:
    match = scanned(next(footage_dir.glob("09_*.mp4")))
    assert (len(match.frame_pts), match.rate, match.constant, match.longest_gop_s) == (1750, 25, True, 2)
    phone_path = next(footage_dir.glob("10_*.mov"))
    phone = scanned(phone_path)
    assert list(phone.frame_pts) == shown(phone_path)
    assert not phone.constant


def index_of(frame_pts: tuple[int, ...], time_base: Fraction) -> FrameIndex:
    return FrameIndex(time_base, frame_pts, frame_pts[-1] + 1, frame_pts[:1], (0,))
