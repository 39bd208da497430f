"""Colour is held to the textbook and to zscale, within two levels of 255, and stays where it was in the picture."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from numpy.typing import NDArray

from media import ffmpeg
from media.colour import OUTPUT, Colour, Pixels, Planes, frame_of, planes_of, to_planes, to_rgb
from tests.media.pictures import LAYOUTS, Light, chart, coded, frame, light_of, rounded, shown, slope

MEANINGS = [*product(("bt601", "bt709"), (False, True), LAYOUTS)]
PICTURES = {"chart": chart(), "slope": slope(), "odd slope": slope(47, 63)}
each_meaning = pytest.mark.parametrize(("matrix", "full_range", "layout"), MEANINGS)
each_picture = pytest.mark.parametrize("picture", PICTURES)


def levels(light: Light) -> NDArray[np.float64]:
    return light * 255


def worst(found: Pixels, expected: NDArray[np.float64]) -> float:
    return float(np.abs(found - expected).max())


def stored(light: Light, matrix: str, full_range: bool, layout: str) -> list[NDArray]:
    return rounded(coded(light, layout, matrix, full_range=full_range), layout)


@each_picture
@each_meaning
def test_rgb_is_what_the_numbers_mean(matrix: str, full_range: bool, layout: str, picture: str):
    planes = stored(PICTURES[picture], matrix, full_range, layout)
    found = to_rgb(frame(planes, layout), Colour(matrix, full_range=full_range))
    assert worst(found, levels(shown(planes, layout, matrix, full_range=full_range))) <= 1.5


def inside(picture: NDArray) -> NDArray[np.float64]:
    """Return what of a chart's patches halved chroma cannot reach from their borders."""
    return picture.reshape(6, 8, 8, 8, 3)[:, 3:5, :, 3:5].astype(float)


@each_meaning
def test_a_chart_comes_back(matrix: str, full_range: bool, layout: str):
    """Through the source's numbers, RGB and the output's planes, as an export takes it."""
    source = frame(stored(chart(), matrix, full_range, layout), layout)
    colour = Colour(matrix, full_range=full_range)
    truth = inside(levels(chart()))
    assert np.abs(inside(to_rgb(source, colour)) - truth).max() <= 2
    assert np.abs(inside(levels(light_of(to_planes(source, colour)))) - truth).max() <= 2.5


def test_rgb_comes_back_from_output_planes():
    rgb = np.rint(levels(chart())).astype(np.uint8)
    assert np.abs(inside(to_rgb(frame_of(planes_of(rgb)), OUTPUT)) - inside(rgb)).max() <= 2


FILTERS = {
    "zscale": "zscale=min={z}:rin={r}:m=gbr:r=pc:c=left:f=bilinear,format=gbrp",
    "swscale": "scale=in_color_matrix={s}:in_range={r}:out_range=pc:in_chroma_loc=left"
    ":flags=bilinear+accurate_rnd+full_chroma_int+full_chroma_inp,format=gbrp",
}
NAMES = {"bt601": {"z": "170m", "s": "bt601"}, "bt709": {"z": "709", "s": "bt709"}}


def by_the_binary(planes: list[NDArray], layout: str, chain: str) -> NDArray[np.float64]:
    height, width = planes[0].shape
    raw = ["-f", "rawvideo", "-video_size", f"{width}x{height}"]
    stdin = b"".join(plane.tobytes() for plane in planes)
    out = ffmpeg.run(
        [*raw, "-pix_fmt", layout, "-i", "pipe:0", "-vf", chain, *raw[:2], "-pix_fmt", "rgb24", "pipe:1"], stdin=stdin
    )
    return np.frombuffer(out, np.uint8).reshape(height, width, 3).astype(float)


@pytest.mark.parametrize("filter_", FILTERS)
@each_meaning
def test_the_binary_agrees(matrix: str, full_range: bool, layout: str, filter_: str):
    planes = stored(slope(), matrix, full_range, layout)
    chain = FILTERS[filter_].format(**NAMES[matrix], r="pc" if full_range else "tv")
    found = to_rgb(frame(planes, layout), Colour(matrix, full_range=full_range))
    assert worst(found, by_the_binary(planes, layout, chain)) <= 2


def test_the_binary_makes_the_same_planes():
    rgb = np.rint(levels(slope())).astype(np.uint8)
    raw = ["-f", "rawvideo", "-video_size", "64x48"]
    chain = "zscale=m=709:r=tv:c=left:f=bilinear,format=yuv420p"
    out = ffmpeg.run(
        [*raw, "-pix_fmt", "rgb24", "-i", "pipe:0", "-vf", chain, *raw[:2], "-pix_fmt", "yuv420p", "pipe:1"],
        stdin=rgb.tobytes(),
    )
    planes = planes_of(rgb)
    ours = np.concatenate([plane.ravel() for plane in (planes.y, planes.u, planes.v)])
    assert worst(ours, np.frombuffer(out, np.uint8).astype(float)) <= 1


@pytest.mark.parametrize("picture", ["slope", "odd slope"])
@each_meaning
def test_planes_mean_what_rgb_does(matrix: str, full_range: bool, layout: str, picture: str):
    source = frame(stored(PICTURES[picture], matrix, full_range, layout), layout)
    colour = Colour(matrix, full_range=full_range)
    direct, by_rgb = to_planes(source, colour), planes_of(to_rgb(source, colour))
    for one, other in zip((direct.y, direct.u, direct.v), (by_rgb.y, by_rgb.u, by_rgb.v), strict=True):
        assert one.shape == other.shape
        assert worst(one, other.astype(float)) <= 2


def test_what_has_the_output_s_form_is_not_touched():
    planes = [
        np.random.default_rng(n).integers(0, 256, shape, np.uint8)
        for n, shape in enumerate([(48, 64), (24, 32), (24, 32)])
    ]
    found = to_planes(frame(planes, "yuv420p"), OUTPUT)
    assert all(np.array_equal(one, other) for one, other in zip((found.y, found.u, found.v), planes, strict=True))
    there = frame_of(Planes(*planes))
    assert [np.array_equal(there.to_ndarray().reshape(-1)[: 48 * 64], planes[0].ravel())] == [True]


def test_frames_for_the_encoder_are_tagged():
    tagged = frame_of(planes_of(np.zeros((6, 10, 3), np.uint8)))
    assert (tagged.width, tagged.height, tagged.format.name) == (10, 6, "yuv420p")
    assert (tagged.colorspace, tagged.color_range) == (Colorspace.ITU709, ColorRange.MPEG)
    assert (tagged.color_primaries, tagged.color_trc) == (ColorPrimaries.BT709, ColorTrc.BT709)


def blob(x: float, y: float, height: int = 48, width: int = 64) -> Light:
    """Return a soft spot of colour on grey, of the grey's own luminance so that chroma alone shows where it is."""
    down, across = np.mgrid[0:height, 0:width].astype(float)
    spot = np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * 4.0**2))
    tint = np.array([0.4, -0.4 * 0.2126 / 0.7152, 0.0])
    return 0.5 + spot[..., None] * tint


def middle(light: NDArray[np.float64]) -> tuple[float, float]:
    """Return where a spot's colour lies, (x, y): the centroid of red over green."""
    weight = np.abs(light[..., 0] - light[..., 1])
    weight[weight < 0.05 * weight.max()] = 0
    down, across = np.mgrid[0 : weight.shape[0], 0 : weight.shape[1]]
    return float((weight * across).sum() / weight.sum()), float((weight * down).sum() / weight.sum())


SPOTS = [(30.0, 20.0), (31.0, 21.0), (30.3, 20.7), (33.5, 24.5)]


@pytest.mark.parametrize("at", SPOTS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_colour_read_from_a_source_stays_in_its_place(layout: str, at: tuple[float, float]):
    planes = stored(blob(*at), "bt709", False, layout)
    assert middle(to_rgb(frame(planes, layout), OUTPUT).astype(float)) == pytest.approx(at, abs=0.05)


@pytest.mark.parametrize("at", SPOTS)
def test_colour_written_to_planes_stays_in_its_place(at: tuple[float, float]):
    planes = planes_of(np.rint(levels(blob(*at))).astype(np.uint8))
    assert middle(light_of(planes)) == pytest.approx(at, abs=0.05)


@pytest.mark.parametrize("column", range(20, 24))
@pytest.mark.parametrize("upright", [True, False])
def test_a_hard_edge_of_colour_does_not_shift(column: int, upright: bool):
    """Red beside green: the edge in the planes' colour lies within a quarter of a pixel of where it was."""
    rgb = np.zeros((48, 64, 3), np.uint8)
    place = np.s_[:, :column] if upright else np.s_[:column]
    rgb[..., 1] = 180
    rgb[place] = (200, 0, 0)
    found = light_of(planes_of(rgb))
    redness = found[..., 0] - found[..., 1]
    profile = redness.mean(axis=0 if upright else 1)[column - 8 : column + 8]
    low, high = profile[-1], profile[0]
    edge = ((profile - low) / (high - low)).sum() + column - 8
    assert edge == pytest.approx(column, abs=0.25)


@pytest.mark.parametrize(("layout", "white"), [("gray", 235), ("gray10le", 940)])
def test_grey_footage_is_grey(layout: str, white: int):
    grey = np.full((16, 32), white, np.uint8 if layout == "gray" else np.uint16)
    assert worst(to_rgb(frame([grey], layout), OUTPUT), np.full((16, 32, 3), 255.0)) <= 2


@pytest.mark.parametrize("layout", ["gbrp", "gbrp10le"])
def test_rgb_footage_is_taken_as_it_is(layout: str):
    red, green, blue = (np.rint(slope()[..., n] * (1023 if "10" in layout else 255)) for n in range(3))
    planes = [plane.astype(np.uint16 if "10" in layout else np.uint8) for plane in (green, blue, red)]
    found = to_rgb(frame(planes, layout), Colour("bt601", full_range=True))
    assert worst(found, levels(slope())) <= 2


def test_other_layouts_keep_their_colours():
    alpha = [*stored(slope(), "bt709", False, "yuv444p10le"), np.full((48, 64), 1023, np.uint16)]
    assert worst(to_rgb(frame(alpha, "yuva444p10le"), OUTPUT), levels(slope())) <= 3


def test_a_frame_s_padding_is_no_part_of_it():
    source = VideoFrame(50, 30, "yuv420p")
    assert to_rgb(source, OUTPUT).shape == (30, 50, 3)
    planes = to_planes(source, OUTPUT)
    assert (planes.y.shape, planes.u.shape) == ((30, 50), (15, 25))
