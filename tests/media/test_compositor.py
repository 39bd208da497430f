"""Layers lie where they are put, mix as they should, and stay inside the picture."""

from __future__ import annotations

import numpy as np
import pytest

from media.canvas import canvas_of, fill, reads_white, rgb, rounded_box
from media.colour import Planes, planes_of
from media.compositor import Layer, Placed, blend, layer_of
from tests.media.planes import copied, noise, plain, planes_in

HUE = "#2F9BD4"
BLUE = planes_of(np.full((2, 2, 3), [0x2F, 0x9B, 0xD4], np.uint8))


def solid(width: int, height: int, opacity: float = 1.0) -> Layer:
    canvas = canvas_of(width, height)
    fill(canvas, np.ones(canvas.shape[:2], np.float32), rgb(HUE), opacity)
    return layer_of(canvas)


@pytest.mark.parametrize("opacity", [1.0, 0.5, 0.1])
def test_a_colour_mixes_with_what_is_under_it(opacity: float):
    before = noise()
    by_layer, by_blend = copied(before), copied(before)
    blend(by_layer, Placed(solid(40, 30, opacity), 10, 20))
    blend(by_blend, Placed(solid(40, 30), 10, 20), opacity)
    for was, once, twice, hue, scale in zip(
        planes_in(before), planes_in(by_layer), planes_in(by_blend), planes_in(BLUE), (1, 2, 2), strict=True
    ):
        inside = np.zeros(was.shape, bool)
        inside[20 // scale : 50 // scale, 10 // scale : 50 // scale] = True
        truth = was + opacity * (float(hue[0, 0]) - was)
        for now in (once, twice):
            assert np.abs(now - truth)[inside].max() <= 1.5
            assert np.array_equal(now[~inside], was[~inside])


@pytest.mark.parametrize("corner", [(-14, -8), (150, 110), (-6, 40), (159, 119), (-400, 0), (0, 10_000)])
def test_what_falls_outside_is_left_out(corner: tuple[int, int]):
    x, y = corner
    before, layer = noise(), solid(40, 30, 0.7)
    cut = copied(before)
    blend(cut, Placed(layer, x, y))
    whole = Planes(*(np.pad(plane, 200) for plane in planes_in(before)))
    if max(map(abs, corner)) < 400:
        # 400 luma pixels of padding, so that chroma has the same 200 samples
        padded = Planes(np.pad(before.y, 400), whole.u, whole.v)
        blend(padded, Placed(layer, x + 400, y + 400))
        assert np.array_equal(cut.y, padded.y[400:520, 400:560])
        assert np.array_equal(cut.u, padded.u[200:260, 200:280])
    else:
        assert np.array_equal(cut.y, before.y)


def test_an_odd_corner_moves_to_the_even_pixel_before_it():
    odd, even = plain(), plain()
    blend(odd, Placed(solid(8, 8), 11, 13))
    blend(even, Placed(solid(8, 8), 10, 12))
    assert all(np.array_equal(a, b) for a, b in zip(planes_in(odd), planes_in(even), strict=True))


def test_no_opacity_is_no_change_and_odd_pictures_are_pictures():
    before = noise()
    after = copied(before)
    for opacity in (0.0, -1.0, float("nan")):
        blend(after, Placed(solid(20, 20), 0, 0), opacity)
    assert np.array_equal(after.y, before.y)
    odd = Planes(np.full((7, 9), 50, np.uint8), np.full((4, 5), 128, np.uint8), np.full((4, 5), 128, np.uint8))
    blend(odd, Placed(solid(20, 20), 0, 0))
    assert np.ptp(odd.y) == np.ptp(odd.u) == 0
    assert abs(int(odd.v[0, 0]) - int(BLUE.v[0, 0])) <= 1


def test_chroma_is_sited_left():
    """A canvas that begins in the middle of a chroma sample covers a quarter of its 1-2-1, as media.colour filters."""
    canvas = canvas_of(12, 4)
    canvas[:, 5:] = (1.0, 0.0, 0.0, 1.0)
    layer = layer_of(canvas)
    assert layer.alpha_chroma[0].tolist() == [0, 0, 64, 255, 255, 255]
    assert layer.alpha[0].tolist() == [0] * 5 + [255] * 7


def test_a_rounded_box_covers_what_it_has_of_each_pixel():
    canvas = canvas_of(20, 12)
    sharp = rounded_box(canvas, 2.25, 3.5, 10.0, 5.0, 0.0)
    assert sharp.sum() == pytest.approx(50.0, abs=0.6)
    assert sharp[5, 2] == pytest.approx(0.75)
    assert sharp[3, 6] == pytest.approx(0.5)
    radius = 2.5
    round_ = rounded_box(canvas, 2.25, 3.5, 10.0, 5.0, radius)
    assert round_.sum() == pytest.approx(50.0 - (4 - np.pi) * radius**2, abs=0.6)


def test_letters_are_white_or_black_by_what_is_read():
    assert [reads_white(hue) for hue in ("#000000", "#C62828", "#1565C0", "#2E7D32")] == [True] * 4
    assert [reads_white(hue) for hue in ("#FFFFFF", "#F9A825", "#FFE600")] == [False] * 3
