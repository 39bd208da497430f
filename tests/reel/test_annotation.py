from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reel.annotation import (
    LONGEST_S,
    RATINGS,
    SHORTEST_S,
    TAGS,
    Clip,
    clip_name,
    require_length,
    span_around,
    span_at,
)
from reel.errors import ClipLengthOutOfRange, ClipOutsideSource
from reel.timing import Span
from tests.golden import write as golden

MILLISECONDS = Fraction(1, 1000)
HOUR = Span(0, 3_600_000)


@pytest.mark.parametrize("case", golden.read("names")["clip_name"], ids=lambda case: case["name"])
def test_clip_name_meets_its_vectors(case: golden.Case):
    assert clip_name(**case["inputs"]) == case["expected"]


def test_the_ratings_are_known_by_their_value():
    assert [(value, rating.value, rating.symbol, rating.colour) for value, rating in RATINGS.items()] == [
        (1, 1, "??", "#C62828"),
        (2, 2, "?", "#F9A825"),
        (3, 3, "!?", "#1565C0"),
        (4, 4, "!", "#2E7D32"),
        (5, 5, "!!", "#66BB6A"),
    ]


def test_no_tag_is_offered_twice():
    offered = [tag for tags in TAGS.values() for tag in tags]
    assert len(offered) == len(set(offered)) == 11


def test_a_clip_is_called_by_its_name_or_else_by_what_is_said_about_it():
    clip = Clip("c", "s", MILLISECONDS, Span(0, 6000), rating=5, tags=("Goal",))
    assert clip.shown_name == "Brilliant Goal"
    assert Clip("c", "s", MILLISECONDS, Span(0, 6000), name="The winner", notes="Left foot").shown_name == "The winner"


@pytest.mark.parametrize(
    ("playhead_pts", "source", "expected"),
    [
        (20_000, HOUR, Span(12_000, 22_000)),
        (3_000, HOUR, Span(0, 5_000)),
        (0, HOUR, Span(0, 2_000)),
        (3_600_000, HOUR, Span(3_592_000, 3_600_000)),
        (20_000, Span(15_000, 21_000), Span(15_000, 21_000)),
        (200, Span(0, 400), Span(0, 400)),
    ],
)
def test_a_new_clip_lies_around_the_playhead(playhead_pts: int, source: Span, expected: Span):
    assert span_around(playhead_pts, source, MILLISECONDS) == expected


@pytest.mark.parametrize(("lead_s", "lag_s"), [(0, 0), (Fraction(1, 2), Fraction(1, 4)), (59, 2)])
def test_lead_and_lag_make_a_clip(lead_s: Fraction, lag_s: Fraction):
    with pytest.raises(ClipLengthOutOfRange):
        span_around(20_000, HOUR, MILLISECONDS, Fraction(lead_s), Fraction(lag_s))


@given(
    st.integers(-5_000, 125_000),
    st.integers(0, 10_000),
    st.integers(1, 120_000),
    st.integers(0, 30_000),
    st.integers(1_000, 30_000),
)
def test_a_new_clip_is_always_one(playhead: int, start: int, length: int, lead_ms: int, lag_ms: int):
    source = Span(start, start + length)
    span = span_around(playhead, source, MILLISECONDS, Fraction(lead_ms, 1000), Fraction(lag_ms, 1000))
    require_length(span, source, MILLISECONDS)


@pytest.mark.parametrize(
    ("start_s", "duration_s", "expected"),
    [
        (Fraction(3), Fraction(6), Span(3_100, 9_100)),
        (Fraction(0), Fraction(60), Span(100, 60_100)),
        (Fraction(90), Fraction(10001, 1000), Span(90_100, 100_100)),
        (Fraction(90), Fraction(10), Span(90_100, 100_100)),
    ],
)
def test_a_listed_clip_counts_from_the_first_shown_frame(start_s: Fraction, duration_s: Fraction, expected: Span):
    assert span_at(start_s, duration_s, Span(100, 100_100), MILLISECONDS) == expected


@pytest.mark.parametrize(
    ("start_s", "duration_s"), [(95, 6), (100, 1), (200, 5), (Fraction(90), Fraction(10_002, 1000))]
)
def test_a_clip_that_reaches_past_its_source(start_s: Fraction, duration_s: Fraction):
    with pytest.raises(ClipOutsideSource, match=r"100\.000 s"):
        span_at(Fraction(start_s), Fraction(duration_s), Span(0, 100_000), MILLISECONDS)


@pytest.mark.parametrize("duration_s", [Fraction(1, 10), Fraction(61)])
def test_a_clip_that_is_too_short_or_too_long(duration_s: Fraction):
    with pytest.raises(ClipLengthOutOfRange):
        span_at(Fraction(3), duration_s, Span(0, 100_000), MILLISECONDS)


def test_the_whole_of_a_source_below_a_second_is_a_clip_and_a_part_of_it_is_none():
    short = Span(0, 300)
    require_length(short, short, MILLISECONDS)
    assert span_at(Fraction(0), SHORTEST_S, short, MILLISECONDS) == short
    with pytest.raises(ClipLengthOutOfRange):
        require_length(Span(0, 200), short, MILLISECONDS)


def test_the_whole_of_a_long_source_is_no_clip():
    long = Span(0, int(LONGEST_S * 1000) + 2)
    with pytest.raises(ClipLengthOutOfRange):
        require_length(long, long, MILLISECONDS)
