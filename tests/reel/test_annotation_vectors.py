from fractions import Fraction
from typing import Any

import pytest

from reel.annotation import RATINGS, TAGS, span_around, span_at
from reel.errors import ReelError
from reel.timing import Span
from tests.golden import write as golden

VECTORS = golden.read("annotation")


def outcome(found: Any, *given: Any) -> Any:
    """Return the span that a function gives as [in, out], or the code with which it refuses."""
    try:
        span = found(*given)
    except ReelError as refusal:
        return {"code": refusal.code}
    return [span.in_pts, span.out_pts]


def test_the_vectors_are_what_the_reference_formulas_give():
    assert golden.is_fresh("annotation")


@pytest.mark.parametrize("case", VECTORS["span_around"], ids=lambda case: case["name"])
def test_span_around_meets_its_vectors(case: golden.Case):
    given = case["inputs"]
    source, seconds = Span(*given["source"]), [Fraction(*given[name]) for name in ("time_base", "lead_s", "lag_s")]
    assert outcome(span_around, given["playhead_pts"], source, *seconds) == case["expected"]


@pytest.mark.parametrize("case", VECTORS["span_at"], ids=lambda case: case["name"])
def test_span_at_meets_its_vectors(case: golden.Case):
    given = case["inputs"]
    start_s, duration_s, time_base = (Fraction(*given[name]) for name in ("start_s", "duration_s", "time_base"))
    assert outcome(span_at, start_s, duration_s, Span(*given["source"]), time_base) == case["expected"]


def test_the_ratings_and_tags_meet_their_vectors():
    ratings = {one.value: {"symbol": one.symbol, "name": one.name, "colour": one.colour} for one in RATINGS.values()}
    assert ratings == {case["inputs"]["rating"]: case["expected"] for case in VECTORS["ratings"]}
    offered = {case["inputs"]["position"]: tuple(case["expected"]) for case in VECTORS["tags"]}
    assert list(TAGS.items()) == list(offered.items())
