from dataclasses import asdict
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reel.geometry import OUTPUT_SIZES, PixelWindow, Size, Window, displayed_size, even, ratio
from tests.golden import write as golden

VECTORS = golden.read("geometry")


def test_the_vectors_are_what_the_reference_formulas_give():
    assert golden.is_fresh("geometry")


@pytest.mark.parametrize("case", VECTORS["to_pixels"])
def test_windows_meet_their_vectors(case: golden.Case):
    expected = case["expected"]
    pixels = Window(**case["inputs"]["window"]).to_pixels(Size(**case["inputs"]["size"]))
    assert asdict(pixels) == pytest.approx(expected["pixels"], abs=1e-6)
    assert pixels.bounds() == pytest.approx(expected["bounds"], abs=1e-6)
    assert asdict(pixels.rounded()) == expected["rounded"]


@pytest.mark.parametrize("case", VECTORS["displayed_size"])
def test_displayed_size_meets_its_vectors(case: golden.Case):
    given_ = case["inputs"]
    size = displayed_size(Size(**given_["coded"]), given_["quarter_turns"], Fraction(*given_["sample_aspect"]))
    assert asdict(size) == case["expected"]


def test_every_output_is_full_size_even_and_of_the_shape_its_name_says():
    for aspect, size in OUTPUT_SIZES.items():
        width, height = aspect.split(":")
        assert ratio(aspect) == Fraction(int(width), int(height)) == Fraction(size.width, size.height)
        assert min(size.width, size.height) == 1080
        assert (even(size.width), even(size.height)) == (size.width, size.height)


@pytest.mark.parametrize(("pixels", "expected"), [(0, 2), (1, 2), (2, 2), (853, 852), (854, 854)])
def test_even_rounds_down(pixels: int, expected: int):
    assert even(pixels) == expected


coordinates = st.floats(-5000, 5000, allow_nan=False)
sizes = st.floats(1, 5000)


@given(coordinates, coordinates, sizes, sizes, st.floats(-180, 180))
def test_the_box_around_a_window_has_its_centre_and_holds_it(
    cx: float, cy: float, width: float, height: float, deg: float
):
    x0, y0, x1, y1 = PixelWindow(cx, cy, width, height, deg).bounds()
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((cx, cy), abs=1e-6)
    assert min(x1 - x0, y1 - y0) >= min(width, height) - 1e-6
    assert max(x1 - x0, y1 - y0) <= (width**2 + height**2) ** 0.5 + 1e-6


@given(coordinates, coordinates, sizes, sizes)
def test_rounding_moves_a_window_by_less_than_can_be_seen_and_only_once(
    cx: float, cy: float, width: float, height: float
):
    window = PixelWindow(cx, cy, width, height, 3.3)
    once = window.rounded()
    assert once.rounded() == once
    assert once.rotation_deg == 3.3
    assert asdict(once) == pytest.approx(asdict(window), abs=1 / 32)
