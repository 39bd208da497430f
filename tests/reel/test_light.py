from dataclasses import asdict
from math import cos, hypot, radians, sin
from typing import get_args

import pytest

from reel import light
from reel.geometry import Size
from reel.spotlight import Colour, Ellipse
from tests.golden import write as golden

VECTORS = golden.read("light")


def test_the_vectors_are_what_the_reference_formulas_give():
    assert golden.is_fresh("light")


@pytest.mark.parametrize("case", VECTORS["look"], ids=lambda case: case["inputs"]["name"])
def test_the_look_is_the_one_that_was_agreed(case: golden.Case):
    assert getattr(light, case["inputs"]["name"].upper()) == pytest.approx(case["expected"])


def test_every_colour_is_the_one_that_was_agreed():
    assert {case["inputs"]["colour"]: case["expected"] for case in VECTORS["colours"]} == dict(light.COLOURS)
    assert set(light.COLOURS) == set(get_args(Colour))


@pytest.mark.parametrize("case", VECTORS["share_inside"])
def test_share_inside_meets_its_vectors(case: golden.Case):
    assert light.share_inside(**case["inputs"]) == pytest.approx(case["expected"], abs=1e-6)


@pytest.mark.parametrize("case", VECTORS["share_of_arc"])
def test_share_of_arc_meets_its_vectors(case: golden.Case):
    assert light.share_of_arc(**case["inputs"]) == pytest.approx(case["expected"], abs=1e-6)


@pytest.mark.parametrize("case", VECTORS["stroke_px"])
def test_stroke_px_meets_its_vectors(case: golden.Case):
    assert light.stroke_px(Size(**case["inputs"]["size"])) == pytest.approx(case["expected"], abs=1e-6)


@pytest.mark.parametrize("case", VECTORS["ground"])
def test_ground_meets_its_vectors(case: golden.Case):
    assert asdict(light.ground(Ellipse(**case["inputs"]["body"]))) == pytest.approx(case["expected"], abs=1e-6)


@pytest.mark.parametrize("turn", [-20.0, 0.0, 33.0])
def test_the_arc_stands_below_the_player_however_the_picture_is_turned(turn: float):
    body = Ellipse(100.0, 200.0, 30.0, 60.0, turn)
    feet = light.ground(body)
    dx, dy = feet.x - body.x, feet.y - body.y
    assert hypot(dx, dy) == pytest.approx(60.0 * light.GROUND_AT)
    assert dx * cos(radians(turn)) + dy * sin(radians(turn)) == pytest.approx(0.0, abs=1e-9)
    assert dy > 0
