from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reel.errors import BadField, EmptySpan, SpeedsOverlap
from reel.speed import Piece, SpeedSpan, frames_shown, output_at, output_duration, pieces, source_at
from reel.timing import Span, boundaries, half_up
from tests.golden import write as golden

VECTORS = golden.read("speed")
MILLISECONDS = Fraction(1, 1000)
NTSC = Fraction(30000, 1001)


def stamps(rate: Fraction, time_base: Fraction, frames: int) -> list[int]:
    return [half_up(n / rate / time_base) for n in range(frames)]


def cut(inputs: golden.Case) -> tuple[Piece, ...]:
    speeds = [SpeedSpan(one["in_pts"], one["out_pts"], Fraction(*one["rate"])) for one in inputs["speeds"]]
    return pieces(Span(*inputs["span"]), speeds)


any_speed = st.fractions(Fraction(1, 4), Fraction(2), max_denominator=20)


@st.composite
def clips(draw: st.DrawFn, rates: st.SearchStrategy[Fraction] = any_speed) -> tuple[Span, list[SpeedSpan]]:
    """A clip, and speed changes that do not overlap, in any order, some of them outside of it."""
    start = draw(st.integers(-5000, 5000))
    span = Span(start, start + draw(st.integers(1, 20000)))
    edges = draw(st.lists(st.integers(start - 2000, span.out_pts + 2000), min_size=0, max_size=12, unique=True))
    stretches = list(pairwise(sorted(edges)))[:: draw(st.sampled_from([1, 2]))]
    speeds = [SpeedSpan(in_pts, out_pts, draw(rates)) for in_pts, out_pts in stretches]
    return span, draw(st.permutations(speeds))


def test_the_vectors_are_what_the_reference_formulas_give():
    assert golden.is_fresh("speed")


@pytest.mark.parametrize("case", VECTORS["pieces"])
def test_pieces_meet_their_vectors(case: golden.Case):
    parts = cut(case["inputs"])
    assert [
        {"in_pts": p.span.in_pts, "out_pts": p.span.out_pts, "rate": list(p.rate.as_integer_ratio())} for p in parts
    ] == case["expected"]["pieces"]
    duration = output_duration(parts, Fraction(*case["inputs"]["time_base"]))
    assert duration == Fraction(*case["expected"]["output_duration"])


@pytest.mark.parametrize("case", VECTORS["source_at"])
def test_source_at_meets_its_vectors(case: golden.Case):
    given_ = case["inputs"]
    at = source_at(Fraction(*given_["output_s"]), cut(given_), Fraction(*given_["time_base"]))
    assert at == Fraction(*case["expected"])


@pytest.mark.parametrize("case", VECTORS["output_at"])
def test_output_at_meets_its_vectors(case: golden.Case):
    given_ = case["inputs"]
    assert output_at(given_["pts"], cut(given_), Fraction(*given_["time_base"])) == Fraction(*case["expected"])


@pytest.mark.parametrize("case", VECTORS["frames_shown"], ids=lambda case: case["name"])
def test_frames_shown_meet_their_vectors(case: golden.Case):
    given_ = case["inputs"]
    shown = frames_shown(
        given_["frame_pts"],
        Fraction(*given_["time_base"]),
        cut(given_),
        Fraction(*given_["rate"]),
        given_["count"],
    )
    assert list(shown) == case["expected"]


@given(clips())
def test_the_pieces_cover_the_span_without_a_gap(clip: tuple[Span, list[SpeedSpan]]):
    span, speeds = clip
    parts = pieces(span, speeds)
    assert parts[0].span.in_pts == span.in_pts
    assert parts[-1].span.out_pts == span.out_pts
    for before, after in pairwise(parts):
        assert before.span.out_pts == after.span.in_pts
        assert before.rate != after.rate
    for part in parts:
        said = {speed.rate for speed in speeds if speed.in_pts <= part.span.in_pts < speed.out_pts}
        assert said == {part.rate} or (not said and part.rate == 1)


@given(clips(), st.fractions(0, 1))
def test_output_and_source_time_are_inverse(clip: tuple[Span, list[SpeedSpan]], share: Fraction):
    span, speeds = clip
    parts = pieces(span, speeds)
    output_s = share * output_duration(parts, MILLISECONDS)
    assert output_at(source_at(output_s, parts, MILLISECONDS), parts, MILLISECONDS) == output_s
    pts = span.in_pts + share * span.duration_pts
    assert source_at(output_at(pts, parts, MILLISECONDS), parts, MILLISECONDS) == pts


@given(clips())
def test_outside_the_clip_time_stands_still(clip: tuple[Span, list[SpeedSpan]]):
    span, speeds = clip
    parts = pieces(span, speeds)
    duration = output_duration(parts, MILLISECONDS)
    assert source_at(Fraction(-1), parts, MILLISECONDS) == span.in_pts
    assert source_at(duration + 1, parts, MILLISECONDS) == span.out_pts
    assert output_at(span.in_pts - 1, parts, MILLISECONDS) == 0
    assert output_at(span.out_pts + 1, parts, MILLISECONDS) == duration


def test_speeds_that_touch_are_fine_and_speeds_that_overlap_are_not():
    touching = [SpeedSpan(50, 90, Fraction(1, 2)), SpeedSpan(10, 50, Fraction(2))]
    assert [part.rate for part in pieces(Span(0, 100), touching)] == [1, 2, Fraction(1, 2), 1]
    with pytest.raises(SpeedsOverlap):
        pieces(Span(0, 100), [SpeedSpan(49, 90, Fraction(1, 2)), SpeedSpan(10, 50, Fraction(2))])


@pytest.mark.parametrize("rate", [Fraction(0), Fraction(-1), Fraction(249, 1000), Fraction(2001, 1000)])
def test_a_speed_out_of_range_is_refused(rate: Fraction):
    with pytest.raises(BadField) as caught:
        SpeedSpan(0, 10, rate)
    assert caught.value.details["field"] == "/rate"


def test_a_speed_over_nothing_is_refused():
    with pytest.raises(EmptySpan):
        SpeedSpan(10, 10, Fraction(1))


@given(
    st.sampled_from([Fraction(24000, 1001), Fraction(25), NTSC, Fraction(30), Fraction(60000, 1001), Fraction(60)]),
    st.sampled_from([MILLISECONDS, Fraction(1, 90000), Fraction(1, 12800)]),
    st.integers(0, 400),
    st.integers(1, 400),
)
def test_at_its_own_rate_each_frame_is_shown_once(rate: Fraction, time_base: Fraction, first: int, count: int):
    frame_pts = stamps(rate, time_base, 900)
    parts = pieces(Span(frame_pts[first], frame_pts[first + count]), ())
    assert boundaries([output_duration(parts, time_base)], rate)[-1] == count
    assert frames_shown(frame_pts, time_base, parts, rate, count) == tuple(frame_pts[first : first + count])


@pytest.mark.parametrize("time_base", [MILLISECONDS, Fraction(1, 90000)])
def test_60_to_30_takes_every_second_frame(time_base: Fraction):
    frame_pts = stamps(Fraction(60), time_base, 240)
    parts = pieces(Span(frame_pts[7], frame_pts[207]), ())
    assert frames_shown(frame_pts, time_base, parts, Fraction(30), 100) == tuple(frame_pts[7:207:2])


@pytest.mark.parametrize("time_base", [MILLISECONDS, Fraction(1, 12800)])
def test_25_to_50_shows_each_frame_twice(time_base: Fraction):
    frame_pts = stamps(Fraction(25), time_base, 100)
    parts = pieces(Span(frame_pts[3], frame_pts[53]), ())
    shown = frames_shown(frame_pts, time_base, parts, Fraction(50), 100)
    assert shown == tuple(pts for pts in frame_pts[3:53] for _ in range(2))


def test_half_speed_shows_each_frame_twice_and_double_speed_every_second():
    frame_pts = stamps(Fraction(25), MILLISECONDS, 100)
    span = Span(frame_pts[10], frame_pts[30])
    slow = pieces(span, [SpeedSpan(span.in_pts, span.out_pts, Fraction(1, 2))])
    fast = pieces(span, [SpeedSpan(span.in_pts, span.out_pts, Fraction(2))])
    twice = tuple(pts for pts in frame_pts[10:30] for _ in range(2))
    assert frames_shown(frame_pts, MILLISECONDS, slow, Fraction(25), 40) == twice
    assert frames_shown(frame_pts, MILLISECONDS, fast, Fraction(25), 10) == tuple(frame_pts[10:30:2])


@given(
    clips(),
    st.lists(st.integers(-6000, 26000), min_size=1, max_size=80, unique=True).map(sorted),
    st.sampled_from([Fraction(25), NTSC, Fraction(60)]),
)
def test_each_output_frame_shows_the_newest_frame_of_a_variable_rate(
    clip: tuple[Span, list[SpeedSpan]], frame_pts: list[int], rate: Fraction
):
    span, speeds = clip
    assume(frame_pts[0] < span.out_pts)
    parts = pieces(span, speeds)
    count = boundaries([output_duration(parts, MILLISECONDS)], rate)[-1]
    shown = frames_shown(frame_pts, MILLISECONDS, parts, rate, count)
    assert len(shown) == count
    assert list(shown) == sorted(shown)
    assert all(pts < span.out_pts for pts in shown)
    for j, pts in enumerate(shown):
        at = source_at(j / rate, parts, MILLISECONDS)
        assert pts <= at + 1 or pts == frame_pts[0]
        assert not any(pts < later <= at for later in frame_pts if later < span.out_pts)


@given(clips(st.sampled_from([Fraction(1, 4), Fraction(1, 2), Fraction(1), Fraction(2)])), st.data())
def test_splitting_a_span_loses_no_frame(clip: tuple[Span, list[SpeedSpan]], data: st.DataObject):
    """Wherever a clip is cut at an output frame, its halves show together what the whole shows."""
    span, speeds = clip
    rate, time_base = Fraction(25), Fraction(1, 2500)  # 100 ticks an output frame, 97 a source frame
    frame_pts = list(range(span.in_pts - 170, span.out_pts + 200, 97))
    whole = pieces(span, speeds)
    frames = output_duration(whole, time_base) * rate
    on_a_tick = [
        (j, int(pts))
        for j in range(1, min(int(frames), 100) + 1)
        for pts in [source_at(j / rate, whole, time_base)]
        if pts.denominator == 1 and pts < span.out_pts
    ]
    assume(on_a_tick)
    j, at = data.draw(st.sampled_from(on_a_tick))
    halves = [pieces(Span(span.in_pts, at), speeds), pieces(Span(at, span.out_pts), speeds)]
    durations = [output_duration(half, time_base) for half in halves]
    assert sum(durations) == output_duration(whole, time_base)
    starts = boundaries(durations, rate)
    assert starts[1] == j
    assert starts[2] == boundaries([output_duration(whole, time_base)], rate)[-1]
    shown = [
        frames_shown(frame_pts, time_base, half, rate, b - a)
        for half, (a, b) in zip(halves, pairwise(starts), strict=True)
    ]
    whole_shown = frames_shown(frame_pts, time_base, whole, rate, starts[2])
    assert shown[0] + shown[1] == whole_shown


@given(st.integers(1, 200), st.integers(1, 200), st.sampled_from([NTSC, Fraction(60000, 1001), Fraction(25)]))
def test_cutting_at_any_frame_loses_none_under_rounded_stamps(before: int, after: int, rate: Fraction):
    frame_pts = stamps(rate, MILLISECONDS, before + after + 1)
    halves = [
        pieces(Span(frame_pts[0], frame_pts[before]), ()),
        pieces(Span(frame_pts[before], frame_pts[before + after]), ()),
    ]
    starts = boundaries([output_duration(half, MILLISECONDS) for half in halves], rate)
    shown = [
        frames_shown(frame_pts, MILLISECONDS, half, rate, b - a)
        for half, (a, b) in zip(halves, pairwise(starts), strict=True)
    ]
    assert starts == (0, before, before + after)
    assert shown[0] + shown[1] == tuple(frame_pts[: before + after])


def test_a_clip_that_starts_between_two_frames_shows_the_one_on_screen():
    assert frames_shown([0, 40, 80, 120], MILLISECONDS, pieces(Span(50, 110), ()), Fraction(25), 2) == (40, 80)


def test_a_clip_shorter_than_its_frame_count_holds_its_last_frame():
    assert frames_shown([0, 40, 80, 120], MILLISECONDS, pieces(Span(0, 90), ()), Fraction(25), 4) == (0, 40, 80, 80)


def test_a_clip_before_the_first_frame_is_empty():
    with pytest.raises(EmptySpan):
        frames_shown([100, 140], MILLISECONDS, pieces(Span(0, 100), ()), Fraction(25), 2)
