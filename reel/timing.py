"""Time: spans of a source, its frame rate, the output clock. A pts is an integer, all else an exact rational."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor
from statistics import median_low

from reel.errors import EmptySpan, NoClips

MAX_RATE = Fraction(60)  # frames a second of any output
RATE_OF_A_STILL = Fraction(25)  # what one frame alone is given: it has no rate, and any will do

STANDARD_RATES = (
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(48),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
    Fraction(100),
    Fraction(120000, 1001),
    Fraction(120),
    Fraction(240000, 1001),
    Fraction(240),
)


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open stretch `[in_pts, out_pts)` of a source; raises EmptySpan if it holds nothing."""

    in_pts: int
    out_pts: int

    def __post_init__(self) -> None:
        if self.out_pts <= self.in_pts:
            raise EmptySpan(in_pts=self.in_pts, out_pts=self.out_pts)

    @property
    def duration_pts(self) -> int:
        """How many ticks it lasts."""
        return self.out_pts - self.in_pts

    def contains(self, pts: float | Fraction) -> bool:
        """Say whether the moment `pts` lies in it."""
        return self.in_pts <= pts < self.out_pts

    def within(self, other: Span) -> bool:
        """Say whether the whole of it lies in `other`."""
        return other.in_pts <= self.in_pts and self.out_pts <= other.out_pts


def seconds(pts: int, time_base: Fraction) -> Fraction:
    """Return `pts` in seconds."""
    return pts * time_base


def to_pts(at_s: Fraction, time_base: Fraction) -> int:
    """Return the tick nearest to `at_s` seconds, half up."""
    return half_up(at_s / time_base)


def rescale(pts: int, source: Fraction, target: Fraction) -> int:
    """Return the tick of time base `target` nearest to `pts` of time base `source`, half up."""
    return half_up(pts * source / target)


def half_up(value: Fraction) -> int:
    """Round to the nearest integer, half up: the browser's Math.round."""
    return floor(value + Fraction(1, 2))


def nominal_rate(frame_pts: Sequence[int], time_base: Fraction) -> Fraction:
    """Return the frame rate that a source was meant to have, in frames a second.

    `frame_pts` are its display pts in order. Gaps near a multiple of the usual one (dropped frames) are counted as so
    many frames and averaged, others are left out. Within half a per cent of a standard rate it is that rate (a phone's
    clock is that inexact), else the simplest rational within the one tick that rounded stamps leave open, so that
    15 fps stamped in milliseconds is 15. A single frame gets RATE_OF_A_STILL.
    """
    gaps = Counter(after - before for before, after in pairwise(frame_pts) if after > before)
    if not gaps:
        return RATE_OF_A_STILL
    usual = _usual(gaps)
    frames = ticks = doubt = 0
    for gap, times in gaps.items():
        steps = half_up(gap / usual)
        if steps and _near(gap, steps * usual, usual):
            frames, ticks = frames + times * steps, ticks + times * gap
            doubt = doubt or int(gap != steps * usual)
    measured = frames / (ticks * time_base)
    nearest = min(STANDARD_RATES, key=lambda rate: abs(measured / rate - 1))
    if abs(measured / nearest - 1) <= max(Fraction(1, 200), Fraction(doubt, ticks)):
        return nearest
    return _simplest(frames / ((ticks + doubt) * time_base), frames / ((ticks - doubt) * time_base))


def project_rate(rates: Iterable[Fraction]) -> Fraction:
    """Return the output's rate: the highest of its sources' nominal rates, each halved until it is at most 60.

    Halving keeps every second frame evenly (100 → 50, 120000/1001 → 60000/1001). Raises NoClips if there is none.
    """
    halved = [_at_most_60(rate) for rate in rates]
    if not halved:
        raise NoClips
    return max(halved)


def boundaries(durations: Sequence[Fraction], rate: Fraction) -> tuple[int, ...]:
    """Return the output frame at which each clip begins, and the one after the last: n + 1 numbers, the first 0.

    `durations` are seconds. The running sum is rounded, never a clip by itself, so the error stays within half a
    frame however many clips there are.
    """
    return tuple(half_up(total * rate) for total in accumulate(durations, initial=Fraction(0)))


def snap(pts: int, frame_pts: Sequence[int]) -> int:
    """Return the start of the frame nearest to `pts`, the later of two as near; `frame_pts` in order, at least one."""
    after = bisect_left(frame_pts, pts)
    around = frame_pts[max(after - 1, 0) : after + 1]
    return min(around, key=lambda start: (abs(start - pts), -start))


def newest(at: Fraction, frame_pts: Sequence[int], tick_slack: int = 1) -> int:
    """Return the index of the newest frame that has begun at `at` (in ticks); 0 before the first.

    A frame counts as begun up to `tick_slack` ticks early, at most a quarter of a frame: containers round their
    stamps, both of the frame and of the clip's start, to the nearest tick each.
    """
    after = bisect_right(frame_pts, floor(at))
    if 0 < after < len(frame_pts):
        frame = frame_pts[after] - frame_pts[after - 1]
        if frame_pts[after] - at <= min(Fraction(tick_slack), Fraction(frame, 4)):
            return after
    return max(after - 1, 0)


def _at_most_60(rate: Fraction) -> Fraction:
    while rate > MAX_RATE:
        rate /= 2
    return rate


def _usual(gaps: Counter[int]) -> Fraction:
    """Return the mean of the gaps near their median: with 2.5 ticks a frame, neither 2 nor 3."""
    middle = Fraction(median_low(gaps.elements()))
    alike = {gap: times for gap, times in gaps.items() if _near(gap, middle, middle)}
    return Fraction(sum(gap * times for gap, times in alike.items()), sum(alike.values()))


def _near(gap: int, expected: Fraction, frame: Fraction) -> bool:
    """Say whether a gap is as expected, but for jitter (a quarter of a frame) and rounding (a tick)."""
    return abs(gap - expected) <= min(1 + frame / 4, frame / 2)


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the rational of the smallest denominator in `[low, high]`: the walk down their continued fractions."""
    whole = floor(low)
    if whole == low:
        return Fraction(whole)
    if whole + 1 <= high:
        return Fraction(whole + 1)
    return whole + 1 / _simplest(1 / (high - whole), 1 / (low - whole))
