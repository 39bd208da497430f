from cmath import exp
from dataclasses import asdict, replace
from fractions import Fraction
from math import inf, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reel.crop import Crop, CropKey, crop_at
from reel.errors import BadField, KeyframesOutOfOrder, SpotlightsOverlap, SpotlightTooShort
from reel.geometry import OUTPUT_SIZES, Aspect, Size, Window
from reel.spotlight import (
    Ellipse,
    SpotKey,
    Spotlight,
    default_spotlight,
    in_picture,
    outside,
    spotlight_at,
    to_output,
    validate,
)
from reel.timing import Span
from tests.golden import write as golden

VECTORS = golden.read("spotlight")
MILLISECONDS = Fraction(1, 1000)
CLIP = Span(0, 10000)


def spotlight_of(in_pts: int, out_pts: int, *keys: SpotKey) -> Spotlight:
    return Spotlight("a", in_pts, out_pts, keys or (SpotKey("k", in_pts, 0.5, 0.5, 0.06, 0.12),))


def test_the_vectors_are_what_the_reference_formulas_give():
    assert golden.is_fresh("spotlight")


@pytest.mark.parametrize(
    "case", VECTORS["spotlight_at"], ids=lambda case: f"{case['inputs']['pts']}-{case['inputs']['frozen_pts']}"
)
def test_spotlight_at_meets_its_vectors(case: golden.Case):
    given_ = case["inputs"]
    keys = tuple(SpotKey(id=str(n), **key) for n, key in enumerate(given_["keys"]))
    spotlight = Spotlight("a", given_["in_pts"], given_["out_pts"], keys)
    ellipse = spotlight_at(spotlight, given_["pts"], Fraction(*given_["time_base"]), given_["frozen_pts"])
    assert (ellipse and asdict(ellipse)) == (case["expected"] and pytest.approx(case["expected"], abs=1e-6))


@pytest.mark.parametrize("case", VECTORS["to_output"])
def test_to_output_meets_its_vectors(case: golden.Case):
    given_, expected = case["inputs"], dict(case["expected"])
    output = Size(**given_["output"])
    seen = to_output(Ellipse(**given_["ellipse"]), Window(**given_["window"]), Size(**given_["source"]), output)
    assert outside(seen, output) == expected.pop("outside")
    assert asdict(seen) == pytest.approx({**expected, "opacity": 1.0}, abs=1e-6)


@pytest.mark.parametrize("case", VECTORS["in_picture"])
def test_in_picture_meets_its_vectors(case: golden.Case):
    ellipse = Ellipse(**case["inputs"]["ellipse"])
    seen = in_picture(ellipse, Size(**case["inputs"]["output"]))
    assert seen == replace(ellipse, opacity=pytest.approx(case["expected"]["opacity"], abs=1e-6))


sources = st.builds(Size, st.integers(64, 8192), st.integers(64, 8192))
shares = st.floats(0, 1)


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, Size, Size]:
    """A window that a crop gives, its source and its output."""
    source, aspect = draw(sources), draw(st.sampled_from(list[Aspect](OUTPUT_SIZES)))
    crop = Crop(framed=True, keys=(CropKey("k", 0, draw(shares), draw(shares), draw(st.floats(0.05, 1))),))
    return crop_at(crop, 0, aspect, source, draw(st.floats(-20, 20))), source, OUTPUT_SIZES[aspect]


@given(windows(), shares, shares)
def test_the_way_to_the_output_can_be_gone_back(view: tuple[Window, Size, Size], x: float, y: float):
    window, source, output = view
    seen = to_output(Ellipse(x, y, 0.06, 0.12), window, source, output)
    parts = complex(seen.x / output.width - 0.5, seen.y / output.height - 0.5)
    across = complex(parts.real * window.w * source.width, parts.imag * window.h * source.height)
    at = across * exp(1j * radians(window.rotation_deg))
    back = (window.cx + at.real / source.width, window.cy + at.imag / source.height)
    assert back == pytest.approx((x, y), abs=1e-9)


@given(windows(), shares, shares, st.floats(0.01, 0.5))
def test_a_circle_stays_a_circle_and_lies_on_the_same_pixels(
    view: tuple[Window, Size, Size], x: float, y: float, radius: float
):
    window, source, output = view
    seen = to_output(Ellipse(x, y, radius, radius), window, source, output)
    assert seen.rx == seen.ry
    window_px = window.to_pixels(source)
    assert seen.rx / output.height == pytest.approx(radius * source.height / window_px.height)
    assert seen.rx / output.width == pytest.approx(radius * source.height / window_px.width)


@given(windows())
def test_what_the_window_is_centred_on_is_in_the_middle_and_stands_against_its_turn(view: tuple[Window, Size, Size]):
    window, source, output = view
    seen = to_output(Ellipse(window.cx, window.cy, 0.06, 0.12, 5.0, 0.4), window, source, output)
    assert (seen.x, seen.y) == (output.width / 2, output.height / 2)
    assert seen.rotation_deg == 5.0 - window.rotation_deg
    assert seen.opacity == 0.4
    assert not outside(seen, output)


def test_a_window_turned_clockwise_shows_the_world_turned_the_other_way():
    source = output = Size(1000, 1000)
    right_of_centre = Ellipse(0.6, 0.5, 0.1, 0.1)
    seen = to_output(right_of_centre, Window(0.5, 0.5, 0.5, 0.5, 90.0), source, output)
    assert (seen.x, seen.y) == pytest.approx((500, 300))


@pytest.mark.parametrize(("x", "y", "expected"), [(0, 0, False), (1080, 1920, False), (-1, 5, True), (5, 1921, True)])
def test_a_spotlight_is_outside_when_its_centre_is(x: float, y: float, expected: bool):
    assert outside(Ellipse(x, y, 100, 200), OUTPUT_SIZES["9:16"]) is expected


def test_what_is_no_ellipse_is_nowhere():
    for ellipse in (Ellipse(5, 5, inf, 1), Ellipse(5, 5, 1, float("nan")), Ellipse(5, 5, -1, 1)):
        assert in_picture(ellipse, Size(10, 10)).opacity == 0


@given(st.integers(0, 4000), st.integers(500, 4000), st.integers(-100, 9000))
def test_a_spotlight_fades_and_is_fully_there_between(start: int, length: int, pts: int):
    ellipse = spotlight_at(spotlight_of(start, start + length), pts, MILLISECONDS)
    if not start <= pts < start + length:
        assert ellipse is None
        return
    assert ellipse is not None
    near_an_edge = min(pts - start, start + length - pts) < 250
    assert 0 <= ellipse.opacity <= 1
    assert (ellipse.opacity < 1) == near_an_edge


def test_the_default_is_two_seconds_of_the_size_of_a_player():
    spotlight = default_spotlight("a", "k", Span(90000, 900000), Fraction(1, 90000))
    assert (spotlight.in_pts, spotlight.out_pts) == (90000, 270000)
    assert spotlight.keys == (SpotKey("k", 90000, 0.5, 0.5, 0.06, 0.12),)
    assert (spotlight.shape, spotlight.colour, spotlight.effect) == ("body", "white", "dark")
    validate([spotlight], Span(90000, 900000), Fraction(1, 90000))


def test_the_default_is_no_longer_than_its_clip():
    assert default_spotlight("a", "k", Span(0, 1500), MILLISECONDS).out_pts == 1500


def test_spotlights_may_touch_and_come_in_any_order():
    validate([spotlight_of(2000, 3000), spotlight_of(1500, 2000)], CLIP, MILLISECONDS)


def test_spotlights_that_overlap_are_refused():
    with pytest.raises(SpotlightsOverlap) as caught:
        validate([spotlight_of(2000, 3000), spotlight_of(1500, 2001)], CLIP, MILLISECONDS)
    assert caught.value.details["field"] == "/0"


@pytest.mark.parametrize("length", [499, 0, -1])
def test_a_spotlight_of_less_than_half_a_second_is_refused(length: int):
    with pytest.raises(SpotlightTooShort) as caught:
        validate([spotlight_of(0, 500), spotlight_of(1000, 1000 + length)], CLIP, MILLISECONDS)
    assert caught.value.details["field"] == "/1"


def test_keys_out_of_order_are_refused():
    key = SpotKey("k", 600, 0.5, 0.5, 0.06, 0.12)
    with pytest.raises(KeyframesOutOfOrder) as caught:
        validate([spotlight_of(0, 1000, key, replace(key, pts=300))], CLIP, MILLISECONDS)
    assert caught.value.details["field"] == "/0/keys/1"


@pytest.mark.parametrize(("name", "value"), [("rx", 0.0), ("ry", -0.1), ("x", inf), ("y", -inf), ("rx", float("nan"))])
def test_a_bad_field_is_pointed_at(name: str, value: float):
    key = replace(SpotKey("k", 600, 0.5, 0.5, 0.06, 0.12), **{name: value})
    with pytest.raises(BadField) as caught:
        validate([spotlight_of(0, 1000, key)], CLIP, MILLISECONDS)
    assert caught.value.details["field"] == f"/0/keys/0/{name}"


def test_a_spotlight_outside_its_clip_is_refused():
    with pytest.raises(BadField):
        validate([spotlight_of(10000, 11000)], CLIP, MILLISECONDS)


def test_a_spotlight_without_a_key_is_refused():
    with pytest.raises(BadField):
        validate([Spotlight("a", 0, 1000, ())], CLIP, MILLISECONDS)
