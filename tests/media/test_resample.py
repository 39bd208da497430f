"""The final resize puts every sub-pixel where it belongs: no judder, no shift, no alias, no seam."""

from __future__ import annotations

from math import cos, radians, sin

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media.colour import Pixels, Planes, planes_of
from media.resample import placement, resample, resample_planes
from reel.geometry import PixelWindow, Size
from tests.media.pictures import coded, rounded, slope

PICTURE = Size(160, 120)
OUTPUT = Size(72, 128)


def places(window: PixelWindow, output: Size) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the centre of each output pixel lies in the picture: a rectangle turned clockwise about its centre.

    The definition, pixel by pixel; y points down, so that clockwise leads from x to y.
    """
    across = ((np.arange(output.width) + 0.5) / output.width - 0.5) * window.width
    along = ((np.arange(output.height) + 0.5) / output.height - 0.5) * window.height
    right, down = np.meshgrid(across, along)
    turn = radians(window.rotation_deg)
    return window.cx + right * cos(turn) - down * sin(turn), window.cy + right * sin(turn) + down * cos(turn)


def plane(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the levels of a picture that rises evenly to the right and downwards."""
    return 20 + 0.6 * x + 0.9 * y


def drawn(levels, size: Size = PICTURE) -> Pixels:
    """Draw a function of continuous coordinates: a pixel's centre lies at a half."""
    x, y = np.meshgrid(np.arange(size.width) + 0.5, np.arange(size.height) + 0.5)
    return np.rint(levels(x, y)).clip(0, 255).astype(np.uint8)


@st.composite
def windows(draw: st.DrawFn) -> PixelWindow:
    """Draw windows of the output's shape that stand clear of the border by what a kernel wants to see."""
    height = draw(st.floats(20, 80))
    rotation = draw(st.one_of(st.just(0.0), st.floats(-20, 20)))
    window = PixelWindow(0, 0, height * OUTPUT.width / OUTPUT.height, height, rotation)
    x0, y0, x1, y1 = window.bounds()
    margin = 8
    cx = draw(st.floats(margin - x0, PICTURE.width - margin - x1))
    cy = draw(st.floats(margin - y0, PICTURE.height - margin - y1))
    return PixelWindow(cx, cy, window.width, window.height, rotation)


@given(windows())
def test_every_pixel_comes_from_its_place(window: PixelWindow):
    found = resample(drawn(plane), placement(window, OUTPUT), OUTPUT)
    assert found.shape == (OUTPUT.height, OUTPUT.width)
    assert np.abs(found - plane(*places(window, OUTPUT))).max() <= 1.5


@given(windows(), st.integers(20, 70))
def test_so_it_does_when_it_shrinks(window: PixelWindow, height: int):
    output = Size(round(height * 9 / 16), height)
    square = PixelWindow(window.cx, window.cy, window.height * output.width / output.height, window.height, 0)
    turned = PixelWindow(window.cx, window.cy, square.width, square.height, window.rotation_deg)
    inner = np.s_[2:-2, 2:-2]  # a wide kernel meets the border there
    for each in (square, turned):
        found = resample(drawn(plane), placement(each, output), output)
        assert np.abs(found - plane(*places(each, output)))[inner].max() <= 2


@given(windows())
def test_colours_go_together(window: PixelWindow):
    rgb = np.dstack([drawn(plane), drawn(lambda x, y: 250 - x - y / 2), drawn(lambda x, y: 128 + 0 * x)])
    found = resample(rgb, placement(window, OUTPUT), OUTPUT)
    for channel in range(3):
        assert np.array_equal(found[..., channel], resample(rgb[..., channel], placement(window, OUTPUT), OUTPUT))


@pytest.mark.parametrize("rotation", [90, -90])
def test_a_window_is_turned_clockwise(rotation: int):
    """What stood above the window's middle is found to the left, once the window was turned by a quarter."""
    picture = np.zeros((100, 100), np.uint8)
    picture[30:40, 45:55] = 200
    output = Size(40, 40)
    found = resample(picture, placement(PixelWindow(50, 50, 40, 40, rotation), output), output)
    y, x = (float(np.average(at, weights=found)) for at in np.mgrid[0:40, 0:40])
    expected = {90: (4.5, 19.5), -90: (34.5, 19.5)}[rotation]
    assert (x, y) == pytest.approx(expected, abs=0.1)


def spot(x: float, y: float, radius: float = 6.0):
    return lambda across, down: 40 + 180 * np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * radius**2))


def centre(picture: NDArray, background: float = 40) -> NDArray[np.float64]:
    weight = np.abs(picture.astype(float) - background)
    weight[weight < 8] = 0
    down, across = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]] + 0.5
    return np.array([(weight * across).sum(), (weight * down).sum()]) / weight.sum()


@pytest.mark.parametrize("rotation", [0.0, 7.0])
def test_a_slow_pan_does_not_judder(rotation: float):
    """A quarter of a pixel a frame moves what is seen by the same way each time."""
    picture, output = drawn(spot(80, 60)), Size(90, 160)
    way = []
    for frame in range(13):
        window = PixelWindow(78 + frame / 4, 60 + frame / 8, 45, 80, rotation)
        way.append(centre(resample(picture, placement(window, output), output)))
    turn = np.array(
        [[cos(radians(rotation)), sin(radians(rotation))], [-sin(radians(rotation)), cos(radians(rotation))]]
    )
    expected = turn @ (-0.25, -0.125) * 2  # enlarged twice
    assert np.abs(np.diff(way, axis=0) - expected).max() < 0.06
    assert np.abs((way[-1] - way[0]) / 12 - expected).max() < 0.01


@pytest.mark.parametrize("size", [PICTURE, Size(161, 121)])
def test_the_whole_picture_at_its_own_size_is_itself(size: Size):
    picture = np.random.default_rng(3).integers(0, 256, (size.height, size.width, 3), np.uint8)
    whole = PixelWindow(size.width / 2, size.height / 2, size.width, size.height)
    assert np.array_equal(resample(picture, placement(whole, size), size), picture)


def test_a_whole_pixel_s_shift_is_a_shift():
    picture = np.random.default_rng(3).integers(0, 256, (120, 160, 3), np.uint8)
    output = Size(60, 40)
    found = resample(picture, placement(PixelWindow(70, 50, 60, 40), output), output)
    assert np.array_equal(found, picture[30:70, 40:100])


@pytest.mark.parametrize("rotation", [0.0, 3.0, 20.0])
@pytest.mark.parametrize("period", [2, 3])
def test_what_is_too_fine_for_the_output_turns_grey(period: int, rotation: float):
    stripes = np.where(np.arange(240) % period < period / 2, 192, 64).astype(np.uint8)[None].repeat(240, axis=0)
    output = Size(45, 45)
    found = resample(stripes, placement(PixelWindow(120, 120, 150, 150, rotation), output), output)
    inner = found[3:-3, 3:-3].astype(float)
    assert inner.std() < 4
    assert inner.mean() == pytest.approx(stripes.mean(), abs=2)


@given(
    st.sampled_from([0, 255, 77]),
    st.floats(10, 120),
    st.floats(0, 1),
    st.floats(0, 1),
    st.one_of(st.just(0.0), st.floats(-20, 20)),
)
@example(255, 120.0, 0.0, 0.0, 0.0)
@example(255, 120.0, 1.0, 1.0, 0.0)
def test_nothing_comes_in_from_beyond_the_border(level: int, height: float, right: float, down: float, rotation: float):
    """A plain picture stays plain, also where the window ends with the picture or half a pixel after it."""
    window = PixelWindow(0, 0, height * OUTPUT.width / OUTPUT.height, height, rotation)
    x0, y0, x1, y1 = window.bounds()
    least, most = (-x0 - 0.5, -y0 - 0.5), (PICTURE.width - x1 + 0.5, PICTURE.height - y1 + 0.5)
    cx, cy = least[0] + right * (most[0] - least[0]), least[1] + down * (most[1] - least[1])
    place = placement(PixelWindow(cx, cy, window.width, window.height, rotation), OUTPUT)
    planes = Planes(*(np.full(shape, level, np.uint8) for shape in ((120, 160), (60, 80), (60, 80))))
    found = resample_planes(planes, place, OUTPUT)
    assert all((part == level).all() for part in (found.y, found.u, found.v))


@pytest.mark.parametrize("corner", [(10, 20), (24, 6)])
def test_a_cut_out_window_gives_the_same(corner: tuple[int, int]):
    noise = np.random.default_rng(9).integers(0, 256, (120, 160), np.uint8)
    picture = np.asarray(cv2.GaussianBlur(noise, (5, 5), 0), np.uint8)
    x, y = corner
    for rotation in (0.0, 5.0):
        window = PixelWindow(x + 30.3, y + 40.7, 40.5, 72, rotation)
        whole = resample(picture, placement(window, OUTPUT), OUTPUT)
        cut = resample(picture[y : y + 84, x : x + 64], placement(window, OUTPUT, corner=corner), OUTPUT)
        inner = np.s_[8:-8, 8:-8] if rotation else np.s_[:]  # a turned corner reaches past this cut
        assert np.abs(cut[inner].astype(int) - whole[inner]).max() <= 1


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("rotation", [0.0, -9.0])
def test_what_a_network_enlarged_lies_in_the_same_place(scale: int, rotation: float):
    large = drawn(lambda x, y: plane(x / scale, y / scale), Size(PICTURE.width * scale, PICTURE.height * scale))
    corner = (12, 8)
    cut = large[corner[1] * scale :, corner[0] * scale :]
    window = PixelWindow(70.3, 60.2, 40.5, 72, rotation)
    found = resample(cut, placement(window, OUTPUT, corner=corner, scale=scale), OUTPUT)
    assert np.abs(found - plane(*places(window, OUTPUT))).max() <= 2


@pytest.mark.parametrize("rotation", [0.0, 12.0])
def test_pixels_that_are_not_square_are_stretched(rotation: float):
    """The picture is stored at two thirds of the width it is shown at."""
    stored = drawn(lambda x, y: plane(x * 1.5, y), Size(107, 120))
    window = PixelWindow(80.5, 60.2, 40.5, 72, rotation)
    place = placement(window, OUTPUT, stretch=(2 / 3, 1), corner=(0, 0))
    assert np.abs(resample(stored, place, OUTPUT) - plane(*places(window, OUTPUT))).max() <= 2


def planes_with_spot(x: float, y: float) -> Planes:
    """Return a red spot on grey, its luma and its chroma written where they belong by the textbook."""
    across, down = np.meshgrid(np.arange(PICTURE.width) + 0.5, np.arange(PICTURE.height) + 0.5)
    weight = np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * 6.0**2))[..., None]
    light = 0.4 + weight * np.array([0.5, -0.3, -0.3])
    return Planes(*rounded(coded(light, "yuv420p", "bt709", full_range=False), "yuv420p"))


def chroma_centre(chroma: Pixels) -> NDArray[np.float64]:
    """Return where a spot of chroma lies in luma's coordinates: sited left, between two lines."""
    at = centre(chroma, background=128) - 0.5
    return at * 2 + (0.5, 1.0)


@pytest.mark.parametrize("window_height", [30.0, 48.0, 64.0, 100.0])
@pytest.mark.parametrize("rotation", [0.0, 10.0, -17.0])
def test_luma_and_chroma_stay_in_register(window_height: float, rotation: float):
    at = np.array([80.3, 60.6])
    output = Size(64, 64)
    window = PixelWindow(82.1, 58.7, window_height, window_height, rotation)
    found = resample_planes(planes_with_spot(*at), placement(window, output), output)
    turn = radians(rotation)
    offset = np.array([[cos(turn), sin(turn)], [-sin(turn), cos(turn)]]) @ (at - (window.cx, window.cy))
    expected = offset * 64 / window_height + 32
    luma_background = float(found.y[0, 0])
    assert np.abs(centre(found.y, luma_background) - expected).max() < 0.12
    assert np.abs(chroma_centre(found.v) - expected).max() < 0.12
    assert np.abs(chroma_centre(found.u) - expected).max() < 0.25  # fewer levels


@pytest.mark.parametrize("rotation", [0.0, 4.0])
def test_planes_are_resampled_as_rgb_is(rotation: float):
    rgb = np.rint(slope(PICTURE.height, PICTURE.width) * 255).astype(np.uint8)
    window = PixelWindow(80, 60, 50, 80, rotation)
    output = Size(100, 160)
    place = placement(window, output)
    direct, by_rgb = resample_planes(planes_of(rgb), place, output), planes_of(resample(rgb, place, output))
    for name in "yuv":
        assert np.abs(getattr(direct, name).astype(int) - getattr(by_rgb, name)).max() <= 2


@pytest.mark.parametrize("size", [Size(160, 120), Size(161, 121)])
def test_whole_planes_at_their_own_size_are_themselves(size: Size):
    rng = np.random.default_rng(11)
    half = (-(-size.height // 2), -(-size.width // 2))
    planes = Planes(*(rng.integers(16, 235, shape, np.uint8) for shape in ((size.height, size.width), half, half)))
    output = Size(160, 120)
    window = PixelWindow(80, 60, 160, 120)
    found = resample_planes(planes, placement(window, output), output)
    assert np.abs(found.y.astype(int) - planes.y[:120, :160]).max() <= 1
    for name in "uv":
        assert np.abs(getattr(found, name).astype(int) - getattr(planes, name)[:60, :80]).max() <= 1
