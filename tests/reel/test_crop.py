from dataclasses import asdict
from math import nan
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reel.crop import SMALLEST_PX, Crop, CropKey, crop_at, default_crop, enlargement, made_share, validate
from reel.errors import BadField, CropOutsidePicture, KeyframesOutOfOrder
from reel.geometry import OUTPUT_SIZES, Aspect, Size, Window, ratio
from reel.keyframes import Ease
from tests.golden import write as golden

VECTORS = golden.read("crop")
HD = Size(1920, 1080)

aspects = st.sampled_from(list(OUTPUT_SIZES))
sources = st.builds(Size, st.integers(64, 8192), st.integers(64, 8192))
turns = st.one_of(st.just(0.0), st.floats(-20, 20))


@st.composite
def crops(draw: st.DrawFn) -> Crop:
    """Any crop, sensible or not: centres outside, windows larger than the picture."""
    moments = sorted(draw(st.lists(st.integers(0, 10000), min_size=1, max_size=6, unique=True)))
    ease: st.SearchStrategy[Ease] = st.sampled_from(get_args(Ease))
    return Crop(
        framed=True,
        keys=tuple(
            CropKey(str(pts), pts, draw(st.floats(-1, 2)), draw(st.floats(-1, 2)), draw(st.floats(0.01, 3)), draw(ease))
            for pts in moments
        ),
    )


def crop_of(*keys: tuple[int, float, float, float]) -> Crop:
    return Crop(framed=True, keys=tuple(CropKey(str(n), *key) for n, key in enumerate(keys)))


def test_the_vectors_are_what_the_reference_formulas_give():
    assert golden.is_fresh("crop")


@pytest.mark.parametrize("case", VECTORS["crop_at"])
def test_crop_at_meets_its_vectors(case: golden.Case):
    given_ = case["inputs"]
    crop = Crop(framed=True, keys=tuple(CropKey(id=str(n), **key) for n, key in enumerate(given_["keys"])))
    window = crop_at(crop, given_["pts"], given_["aspect"], Size(**given_["source"]), given_["rotation_deg"])
    assert asdict(window) == pytest.approx(case["expected"], abs=1e-6)


@pytest.mark.parametrize("case", VECTORS["default_crop"])
def test_default_crop_meets_its_vectors(case: golden.Case):
    given_ = case["inputs"]
    crop = default_crop(given_["aspect"], Size(**given_["source"]), 7, given_["rotation_deg"])
    assert not crop.framed
    assert [(key.pts, key.cx, key.cy) for key in crop.keys] == [(7, 0.5, 0.5)]
    assert crop.keys[0].h == pytest.approx(case["expected"], abs=1e-6)


@pytest.mark.parametrize("case", VECTORS["enlargement"])
def test_the_meter_meets_its_vectors(case: golden.Case):
    given_ = case["inputs"]
    factor = enlargement(Window(0.5, 0.5, 0.5, given_["h"]), Size(**given_["source"]), Size(**given_["output"]))
    assert {"enlargement": factor, "made_share": made_share(factor)} == pytest.approx(case["expected"], abs=1e-6)


@given(crops(), st.floats(-100, 11000), aspects, sources, turns)
def test_the_window_has_exactly_the_aspect_and_never_leaves_the_picture(
    crop: Crop, pts: float, aspect: Aspect, source: Size, deg: float
):
    window = crop_at(crop, pts, aspect, source, deg)
    pixels = window.to_pixels(source)
    assert pixels.width / pixels.height == pytest.approx(float(ratio(aspect)), rel=1e-14)
    x0, y0, x1, y1 = pixels.bounds()
    assert min(x0 / source.width, y0 / source.height) >= -1e-12
    assert max(x1 / source.width, y1 / source.height) <= 1 + 1e-12
    assert window.rotation_deg == deg


@given(aspects, sources, turns)
def test_the_default_crop_is_valid_and_no_larger_one_is(aspect: Aspect, source: Size, deg: float):
    crop = default_crop(aspect, source, rotation_deg=deg)
    validate(crop, aspect, source, deg)
    window = crop_at(crop, 0, aspect, source, deg)
    assert (window.cx, window.cy) == pytest.approx((0.5, 0.5))
    x0, y0, x1, y1 = window.to_pixels(source).bounds()
    assert x1 - x0 == pytest.approx(source.width) or y1 - y0 == pytest.approx(source.height)


@given(crops(), st.integers(-100, 11000), aspects, sources, turns)
def test_what_is_shown_is_a_valid_crop_and_shows_itself(crop: Crop, pts: int, aspect: Aspect, source: Size, deg: float):
    shown = crop_at(crop, pts, aspect, source, deg)
    assume(shown.h * source.height >= SMALLEST_PX)
    authored = crop_of((pts, shown.cx, shown.cy, shown.h))
    validate(authored, aspect, source, deg)
    assert asdict(crop_at(authored, pts, aspect, source, deg)) == pytest.approx(asdict(shown), abs=1e-12)


def test_a_crop_inside_the_picture_is_left_alone():
    window = crop_at(crop_of((0, 0.4, 0.45, 0.5)), 0, "9:16", HD)
    assert (window.cx, window.cy, window.h) == (0.4, 0.45, 0.5)
    assert window.w == 540 * 9 / 16 / 1920


def test_half_a_pixel_outside_is_rounding_and_more_is_not():
    half = 0.25 * 1080 * 9 / 16 / 1920  # the half width of a 9:16 crop of half the height
    validate(crop_of((0, half - 0.4 / 1920, 0.5, 0.5)), "9:16", HD)
    with pytest.raises(CropOutsidePicture) as caught:
        validate(crop_of((0, 0.5, 0.5, 0.5), (10, half - 0.6 / 1920, 0.5, 0.5)), "9:16", HD)
    assert caught.value.details["field"] == "/keys/1"
    assert caught.value.details["outside_px"] == pytest.approx(0.6)


def test_what_fits_upright_may_not_fit_turned():
    crop = crop_of((0, 0.5, 0.5, 1.0))
    validate(crop, "9:16", HD)
    with pytest.raises(CropOutsidePicture):
        validate(crop, "9:16", HD, 10.0)


def test_keys_out_of_order_are_refused():
    with pytest.raises(KeyframesOutOfOrder):
        validate(crop_of((10, 0.5, 0.5, 0.5), (5, 0.5, 0.5, 0.5)), "9:16", HD)


@pytest.mark.parametrize(
    ("crop", "field"),
    [
        (crop_of(), "/keys"),
        (crop_of((0, nan, 0.5, 0.5)), "/keys/0/cx"),
        (crop_of((0, 0.5, 0.5, 0.5), (9, 0.5, 0.5, nan)), "/keys/1/h"),
        (crop_of((0, 0.5, 0.5, 0.0)), "/keys/0/h"),
        (crop_of((0, 0.5, 0.5, 0.014)), "/keys/0/h"),
    ],
)
def test_a_bad_field_is_pointed_at(crop: Crop, field: str):
    with pytest.raises(BadField) as caught:
        validate(crop, "9:16", HD)
    assert caught.value.details["field"] == field


def test_the_meter_says_what_the_page_says():
    assert round(100 * made_share(2.7)) == 86
    assert made_share(1.0) == made_share(0.5) == 0.0
