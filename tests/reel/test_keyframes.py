from fractions import Fraction
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reel.errors import BadField, KeyframesOutOfOrder
from reel.keyframes import Ease, Keyframe, smoothstep, value_at
from tests.golden import write as golden

VECTORS = golden.read("keyframes")

eases: st.SearchStrategy[Ease] = st.sampled_from(get_args(Ease))
values = st.floats(0, 1)


@st.composite
def tracks(draw: st.DrawFn, min_size: int = 1, ways: st.SearchStrategy[Ease] = eases) -> list[Keyframe]:
    moments = sorted(draw(st.lists(st.integers(-(10**7), 10**7), min_size=min_size, max_size=8, unique=True)))
    return [Keyframe(pts, (draw(values), draw(values)), draw(ways)) for pts in moments]


def test_the_vectors_are_what_the_reference_formulas_give():
    assert golden.is_fresh("keyframes")


@pytest.mark.parametrize("case", VECTORS["value_at"], ids=lambda case: f"{case['name']} {case['inputs']['pts']}")
def test_value_at_meets_its_vectors(case: golden.Case):
    keys = [Keyframe(key["pts"], tuple(key["values"]), key["ease"]) for key in case["inputs"]["keys"]]
    assert value_at(keys, case["inputs"]["pts"]) == pytest.approx(case["expected"], abs=1e-6)


@given(tracks())
def test_a_track_goes_through_its_keys_and_holds_outside_them(keys: list[Keyframe]):
    for key in keys:
        assert value_at(keys, key.pts) == key.values
    assert value_at(keys, keys[0].pts - 1) == keys[0].values
    assert value_at(keys, keys[-1].pts + 1) == keys[-1].values


@given(tracks(min_size=2), st.data())
def test_between_two_keys_a_track_never_overshoots_nor_turns_back(keys: list[Keyframe], data: st.DataObject):
    k = data.draw(st.integers(0, len(keys) - 2))
    start, end = keys[k], keys[k + 1]
    shares = sorted(data.draw(st.lists(st.fractions(0, 1, max_denominator=10**6), min_size=2, max_size=20)))
    seen = [value_at(keys, start.pts + share * (end.pts - start.pts)) for share in shares]
    for way in range(2):
        direction = 1 if end.values[way] >= start.values[way] else -1
        along = [direction * value[way] for value in (start.values, *seen, end.values)]
        assert all(after >= before - 1e-12 for before, after in pairwise(along))
        assert along[0] <= min(along)
        assert max(along) <= along[-1]


@given(tracks(min_size=3, ways=st.just("smooth")), st.data())
def test_a_smooth_track_has_no_corner(keys: list[Keyframe], data: st.DataObject):
    """The slopes on both sides of a key agree, in units of the steepest stretch beside it."""
    k = data.draw(st.integers(1, len(keys) - 2))
    before, here, after = keys[k - 1 : k + 2]
    step = Fraction(min(here.pts - before.pts, after.pts - here.pts), 10**6)
    left, right = value_at(keys, here.pts - step), value_at(keys, here.pts + step)
    for way in range(2):
        steepest = max(
            abs(here.values[way] - before.values[way]) / (here.pts - before.pts),
            abs(after.values[way] - here.values[way]) / (after.pts - here.pts),
        )
        jump = (right[way] - here.values[way]) - (here.values[way] - left[way])
        assert abs(jump) <= float(step) * steepest * 1e-4 + 1e-12


@given(tracks(min_size=2), st.integers(-(10**7), 10**7), st.integers(-(10**9), 10**9))
def test_a_track_does_not_care_where_its_clock_starts(keys: list[Keyframe], pts: int, shift: int):
    later = [Keyframe(key.pts + shift, key.values, key.ease) for key in keys]
    assert value_at(later, pts + shift) == value_at(keys, pts)


def test_two_smooth_keys_ease_in_and_out():
    keys = [Keyframe(0, (0.0,)), Keyframe(100, (1.0,))]
    assert [value_at(keys, pts)[0] for pts in (0, 25, 50, 75, 100)] == [
        smoothstep(pts / 100) for pts in range(0, 101, 25)
    ]


def test_a_key_in_the_middle_of_a_steady_pan_does_not_stop_it():
    keys = [Keyframe(pts, (pts / 400,)) for pts in (0, 100, 200, 300, 400)]
    assert [value_at(keys, pts)[0] for pts in range(100, 301, 20)] == pytest.approx(
        [pts / 400 for pts in range(100, 301, 20)]
    )


def test_holding_jumps_at_the_next_key():
    keys = [Keyframe(0, (0.0,), "hold"), Keyframe(100, (1.0,))]
    assert [value_at(keys, pts)[0] for pts in (0, 99.999, 100)] == [0.0, 0.0, 1.0]


@pytest.mark.parametrize("moments", [(0, 0), (10, 5), (0, 10, 10)])
def test_keys_out_of_order_are_refused(moments: tuple[int, ...]):
    with pytest.raises(KeyframesOutOfOrder) as caught:
        value_at([Keyframe(pts, (0.5,)) for pts in moments], 3)
    assert caught.value.details["field"] == f"/keys/{len(moments) - 1}"


def test_a_track_without_a_key_is_refused():
    with pytest.raises(BadField):
        value_at([], 3)
