from bisect import bisect_right
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reel.errors import EmptySpan, NoClips
from reel.timing import (
    STANDARD_RATES,
    Span,
    boundaries,
    half_up,
    newest,
    nominal_rate,
    project_rate,
    rescale,
    seconds,
    snap,
    to_pts,
)
from tests.golden import write as golden

MILLISECONDS = Fraction(1, 1000)
VECTORS = golden.read("timing")

rates = st.sampled_from([*STANDARD_RATES, Fraction(10), Fraction(25, 2), Fraction(15)])


def stamps(rate: Fraction, time_base: Fraction, frames: int) -> list[int]:
    return [half_up(n / rate / time_base) for n in range(frames)]


def test_the_vectors_are_what_the_reference_formulas_give():
    assert golden.is_fresh("timing")


@pytest.mark.parametrize("case", VECTORS["to_pts"])
def test_to_pts_meets_its_vectors(case: golden.Case):
    given_ = case["inputs"]
    assert to_pts(Fraction(*given_["at_s"]), Fraction(*given_["time_base"])) == case["expected"]


@pytest.mark.parametrize("case", VECTORS["rescale"])
def test_rescale_meets_its_vectors(case: golden.Case):
    given_ = case["inputs"]
    assert rescale(given_["pts"], Fraction(*given_["source"]), Fraction(*given_["target"])) == case["expected"]


@pytest.mark.parametrize("case", VECTORS["nominal_rate"], ids=lambda case: case["name"])
def test_nominal_rate_meets_its_vectors(case: golden.Case):
    given_ = case["inputs"]
    assert nominal_rate(given_["frame_pts"], Fraction(*given_["time_base"])) == Fraction(*case["expected"])


@pytest.mark.parametrize("case", VECTORS["project_rate"])
def test_project_rate_meets_its_vectors(case: golden.Case):
    assert project_rate(Fraction(*rate) for rate in case["inputs"]["rates"]) == Fraction(*case["expected"])


@pytest.mark.parametrize("case", VECTORS["boundaries"])
def test_boundaries_meet_their_vectors(case: golden.Case):
    durations = [Fraction(*one) for one in case["inputs"]["durations"]]
    assert list(boundaries(durations, Fraction(*case["inputs"]["rate"]))) == case["expected"]


@pytest.mark.parametrize("case", VECTORS["snap"])
def test_snap_meets_its_vectors(case: golden.Case):
    assert snap(case["inputs"]["pts"], case["inputs"]["frame_pts"]) == case["expected"]


@pytest.mark.parametrize("case", VECTORS["newest"])
def test_newest_meets_its_vectors(case: golden.Case):
    assert newest(Fraction(*case["inputs"]["at"]), case["inputs"]["frame_pts"]) == case["expected"]


@pytest.mark.parametrize(("in_pts", "out_pts"), [(5, 5), (6, 5)])
def test_a_span_that_holds_nothing_is_refused(in_pts: int, out_pts: int):
    with pytest.raises(EmptySpan) as caught:
        Span(in_pts, out_pts)
    assert caught.value.details == {"in_pts": in_pts, "out_pts": out_pts}


def test_a_span_is_half_open():
    span = Span(10, 20)
    assert span.duration_pts == 10
    assert [span.contains(pts) for pts in (9, 10, 19, 20)] == [False, True, True, False]
    assert Span(10, 20).within(span)
    assert Span(12, 15).within(span)
    assert not Span(10, 21).within(span)
    assert not Span(9, 20).within(span)


@given(st.integers(-(10**9), 10**9), st.sampled_from([Fraction(1, 90000), MILLISECONDS, Fraction(1001, 30000)]))
def test_seconds_and_back_is_the_same_tick(pts: int, time_base: Fraction):
    assert to_pts(seconds(pts, time_base), time_base) == pts


@given(rates, st.sampled_from([MILLISECONDS, Fraction(1, 90000), Fraction(1, 10240)]), st.integers(0, 10**7))
def test_a_constant_rate_is_found_under_rounded_stamps(rate: Fraction, time_base: Fraction, start: int):
    assert nominal_rate([start + pts for pts in stamps(rate, time_base, 300)], time_base) == rate


@given(rates, st.integers(0, 2**32))
def test_a_constant_rate_is_found_where_frames_were_dropped(rate: Fraction, seed: int):
    kept = [pts for n, pts in enumerate(stamps(rate, Fraction(1, 90000), 300)) if n in (0, 299) or hash((n, seed)) % 5]
    assert nominal_rate(kept, Fraction(1, 90000)) == rate


@pytest.mark.parametrize("frame_pts", [[], [42], [42, 42]])
def test_a_still_gets_a_rate_all_the_same(frame_pts: list[int]):
    assert nominal_rate(frame_pts, MILLISECONDS) == 25


def test_no_source_no_rate():
    with pytest.raises(NoClips):
        project_rate([])


@given(st.lists(st.fractions(Fraction(1, 100), Fraction(60), max_denominator=90000), max_size=60), rates)
def test_clips_never_drift_by_more_than_half_a_frame(durations: list[Fraction], rate: Fraction):
    ends = boundaries(durations, rate)
    assert ends[0] == 0
    assert len(ends) == len(durations) + 1
    for n, end in enumerate(ends):
        assert abs(end - sum(durations[:n], Fraction(0)) * rate) <= Fraction(1, 2)


def test_an_hour_of_short_clips_is_an_hour():
    rate = Fraction(30000, 1001)
    clips = [Fraction(1201, 1000)] * 2997  # each 35.99 frames: rounded one by one they would gain a second
    assert abs(boundaries(clips, rate)[-1] - sum(clips) * rate) <= Fraction(1, 2)


frame_lists = st.lists(st.integers(-1000, 10**6), min_size=1, max_size=50, unique=True).map(sorted)


@given(frame_lists, st.integers(-2000, 1_100_000))
def test_snap_finds_the_nearest_frame(frame_pts: list[int], pts: int):
    found = snap(pts, frame_pts)
    assert found in frame_pts
    assert abs(found - pts) == min(abs(start - pts) for start in frame_pts)


@given(frame_lists, st.fractions(-2000, 1_100_000))
def test_the_newest_frame_is_at_most_a_tick_and_a_quarter_of_a_frame_early(frame_pts: list[int], at: Fraction):
    index, begun = newest(at, frame_pts), max(bisect_right(frame_pts, at) - 1, 0)
    if index != begun:
        assert index == begun + 1
        early = frame_pts[index] - at
        assert 0 < early <= min(1, Fraction(frame_pts[index] - frame_pts[begun], 4))
