"""The sound with gaps in it: silence exactly under what is put in, everything else where its picture is."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from jobs.soundtrack import with_gaps
from jobs.timeline import Gap
from media.sound import Samples, sample_at

NTSC = Fraction(30000, 1001)
RAMP = 240


def numbered(count: int) -> Samples:
    """Return samples that say which they are, in a float's exact integers, in both channels."""
    return np.repeat(np.arange(1, count + 1, dtype=np.float32)[:, None], 2, axis=1)


def gapped(total: int, gaps: list[Gap], rate: Fraction, block: int) -> np.ndarray:
    whole = numbered(total)
    blocks = (whole[at : at + block] for at in range(0, total, block))
    return np.concatenate(list(with_gaps(blocks, gaps, rate)))[:, 0]


@pytest.mark.parametrize("block", [1_000_000, 4_800, 100, 7])
def test_after_a_gap_each_sample_begins_with_its_frame(block: int) -> None:
    total = sample_at(20, NTSC)
    heard = gapped(total, [Gap(5, 3), Gap(12, 1)], NTSC, block)
    assert abs(len(heard) - sample_at(24, NTSC)) <= 1
    assert not heard[sample_at(5, NTSC) : sample_at(8, NTSC)].any()
    assert not heard[sample_at(15, NTSC) : sample_at(16, NTSC)].any()
    for shift, first, last in ((0, 0, 5), (3, 5, 12), (4, 12, 20)):
        begins, ends = sample_at(first, NTSC), sample_at(last, NTSC)
        middle = slice(begins + RAMP, ends - RAMP)
        at = sample_at(first + shift, NTSC)
        assert np.array_equal(heard[at + RAMP :][: ends - begins - 2 * RAMP], numbered(total)[middle, 0])


def test_edges_are_ramped_and_the_ends_are_not() -> None:
    heard = gapped(48_000, [Gap(12, 1)], Fraction(25), 4_800)
    edge = sample_at(12, Fraction(25))
    assert (heard[0], heard[-1]) == (1, 48_000)
    assert np.all(np.diff(heard[edge - RAMP : edge]) < 0)
    assert heard[edge - 1] == pytest.approx(edge / RAMP, rel=0.01)
    after = heard[edge + 1920 :]
    assert after[0] == 0
    assert np.all(np.diff(after[:RAMP]) > 0)
    assert after[RAMP] == edge + RAMP + 1


@pytest.mark.parametrize("block", [48_000, 1_000])
def test_gaps_before_the_first_sample_after_the_last_and_side_by_side(block: int) -> None:
    heard = gapped(9_600, [Gap(0, 2), Gap(0, 1), Gap(5, 4)], Fraction(25), block)
    assert len(heard) == 9_600 + 7 * 1920
    assert not heard[: 3 * 1920].any()
    assert heard[3 * 1920 + 5_000] == 5_001
    assert not heard[-4 * 1920 :].any()


def test_a_gap_after_the_end_of_the_sound() -> None:
    heard = gapped(1_000, [Gap(1, 1)], Fraction(25), 1_000)
    assert len(heard) == 2 * 1920
    assert not heard[1_000:].any()


def test_without_gaps_nothing_changes() -> None:
    assert np.array_equal(gapped(5_000, [], NTSC, 999), numbered(5_000)[:, 0])
