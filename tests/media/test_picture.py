"""A window is the same pixels as in the whole upright picture, however the picture is turned and stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media import ffmpeg
from media.colour import OUTPUT, Colour, planes_of, to_planes, to_rgb
from media.decode import frames
from media.picture import planes_window, rgb_window
from media.probe import Orientation, Source, probe
from reel.geometry import PixelRect, Size
from reel.timing import Span
from tests.media.footage import numbered, remuxed
from tests.media.pictures import coded, frame, rounded, slope

TURNS = [Orientation(turns, mirrored) for turns, mirrored in product(range(4), (False, True))]
LAYOUTS = ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "nv12")
SIZES = (Size(64, 48), Size(63, 48), Size(64, 47), Size(63, 47))


def source_of(size: Size, turn: Orientation, layout: str = "yuv420p", colour: Colour = OUTPUT) -> Source:
    return Source(
        container="mp4",
        codec="h264",
        pixel_format=layout,
        coded=size,
        orientation=turn,
        sample_aspect=Fraction(1),
        time_base=Fraction(1, 25),
        span=Span(0, 1),
        rate=Fraction(25),
        colour=colour,
        interlaced=False,
        sound=None,
        size_bytes=0,
    )


def picture(size: Size, layout: str) -> VideoFrame:
    """Return a picture of which no two places look alike."""
    stored = "yuv420p" if layout == "nv12" else layout
    planes = rounded(coded(slope(size.height, size.width), stored, "bt709", full_range=False), stored)
    rng = np.random.default_rng(7)
    planes[0] = (planes[0] + rng.integers(0, 8, planes[0].shape)).astype(planes[0].dtype)
    made = frame(planes, stored)
    return made.reformat(format="nv12") if layout == "nv12" else made


def upright(rgb: NDArray, turn: Orientation) -> NDArray:
    """Turn a picture, one place after the other: the definition of what an orientation means."""
    if turn.mirrored:
        rgb = np.stack([row[::-1] for row in rgb])
    for _ in range(turn.quarter_turns):  # clockwise: the left column, read upwards, becomes the upper row
        rgb = np.stack([rgb[::-1, x] for x in range(rgb.shape[1])])
    return rgb


def windows(size: Size) -> Iterator[PixelRect]:
    """Iterate windows in the middle and at every border, corners even."""
    right, lower = (size.width - 20) // 2 * 2, (size.height - 16) // 2 * 2
    for x, y in product((0, 14, right), (0, 10, lower)):
        yield PixelRect(x, y, 20, 16)
    yield PixelRect(right, lower, size.width - right, size.height - lower)
    yield PixelRect(0, 0, size.width, size.height)


def trusted(rect: PixelRect, whole: Size, edge: int = 2) -> tuple[slice, slice]:
    """Return what of a window the chroma beyond its own border cannot change: all of it where the picture ends."""
    left, top = (0 if at == 0 else edge for at in (rect.x, rect.y))
    right = rect.width - (0 if rect.x + rect.width == whole.width else edge)
    lower = rect.height - (0 if rect.y + rect.height == whole.height else edge)
    return slice(top, lower), slice(left, right)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("turn", TURNS, ids=str)
def test_a_window_is_a_part_of_the_whole(turn: Orientation, layout: str, size: Size):
    source, stored = source_of(size, turn, layout), picture(size, layout)
    whole = upright(to_rgb(stored, OUTPUT), turn).astype(int)
    assert (whole.shape[1], whole.shape[0]) == (source.upright.width, source.upright.height)
    for rect in windows(source.upright):
        cut = rgb_window(stored, rect, source)
        expected = whole[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
        assert cut.shape == expected.shape
        assert cut.flags.c_contiguous
        inside = trusted(rect, source.upright)
        assert np.array_equal(cut[inside], expected[inside])
        assert np.abs(cut - expected).max() <= 8


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("layout", ["yuv420p", "yuv422p", "yuv444p"])
def test_planes_are_cut_as_they_are(layout: str, size: Size):
    stored = picture(size, layout)
    source, whole = source_of(size, Orientation(), layout), to_planes(stored, OUTPUT)
    for rect in windows(size):
        cut = planes_window(stored, rect, source)
        down, across = trusted(rect, size, edge=0 if layout == "yuv420p" else 4)
        expected = whole.y[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
        assert np.array_equal(cut.y[down, across], expected[down, across])
        for ours, theirs in ((cut.u, whole.u), (cut.v, whole.v)):
            half = theirs[rect.y // 2 : (rect.y + rect.height + 1) // 2, rect.x // 2 : (rect.x + rect.width + 1) // 2]
            assert ours.shape == half.shape
            inside = np.s_[down.start // 2 : (down.stop + 1) // 2, across.start // 2 : (across.stop + 1) // 2]
            assert np.array_equal(ours[inside], half[inside])


@pytest.mark.parametrize("turn", TURNS[1:], ids=str)
def test_turned_planes_are_those_of_the_turned_rgb(turn: Orientation):
    stored, source = picture(Size(64, 48), "yuv420p"), source_of(Size(64, 48), turn)
    rect = PixelRect(10, 14, 24, 20)
    cut, expected = planes_window(stored, rect, source), planes_of(rgb_window(stored, rect, source))
    assert all(np.array_equal(getattr(cut, name), getattr(expected, name)) for name in "yuv")


@given(
    st.sampled_from(TURNS),
    st.tuples(st.integers(24, 49), st.integers(24, 49)),
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)),
)
def test_any_even_corner_will_do(turn: Orientation, sides: tuple[int, int], edges: tuple[int, int, int, int]):
    size = Size(*sides)
    source, stored = source_of(size, turn), picture(size, "yuv420p")
    left, top, right, lower = edges
    whole = source.upright
    rect = PixelRect(2 * left, 2 * top, whole.width - 2 * left - right, whole.height - 2 * top - lower)
    cut = rgb_window(stored, rect, source)
    expected = upright(to_rgb(stored, OUTPUT), turn)[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
    inside = trusted(rect, whole)
    assert cut.shape == expected.shape
    assert np.array_equal(cut[inside], expected[inside])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return numbered(tmp_path_factory.mktemp("picture") / "a.mp4", "-qp", "4", frames=2)


@pytest.mark.parametrize(
    "options",
    [
        ("-display_rotation", "0"),
        ("-display_rotation", "90"),
        ("-display_rotation", "180"),
        ("-display_rotation", "-90"),
        ("-display_hflip",),
        ("-display_vflip",),
        ("-display_rotation", "90", "-display_hflip"),
        ("-display_rotation", "90", "-display_vflip"),
    ],
    ids=" ".join,
)
def test_the_binary_turns_the_same_way(plain: Path, options: tuple[str, ...], tmp_path: Path):
    path = remuxed(plain, tmp_path / "a.mp4", before=options)
    source = probe(path)
    ours = rgb_window(next(frames(path, source, source.span)), PixelRect(0, 0, *_sides(source.upright)), source)
    raw = ffmpeg.run(["-i", f"file:{path}", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"])
    theirs = np.frombuffer(raw, np.uint8).reshape(source.upright.height, source.upright.width, 3)
    assert np.abs(ours.astype(int) - theirs).max() <= 3


def test_colour_follows_the_source():
    stored = picture(Size(64, 48), "yuv444p")
    meant = replace(source_of(Size(64, 48), Orientation()), colour=Colour("bt601", full_range=True))
    rect = PixelRect(0, 0, 64, 48)
    assert np.array_equal(rgb_window(stored, rect, meant), to_rgb(stored, meant.colour))


def _sides(size: Size) -> tuple[int, int]:
    return size.width, size.height
