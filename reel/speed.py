"""Speed: how a clip's source time runs through its output time; rational and piecewise constant, 1× where not said."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from reel.errors import BadField, EmptySpan, SpeedsOverlap
from reel.timing import Span, newest

SLOWEST = Fraction(1, 4)
FASTEST = Fraction(2)


@dataclass(frozen=True, slots=True)
class SpeedSpan:
    """An authored stretch of source time that runs at `rate`, 0.25 to 2 source seconds an output second.

    Raises EmptySpan, BadField.
    """

    in_pts: int
    out_pts: int
    rate: Fraction

    def __post_init__(self) -> None:
        if self.out_pts <= self.in_pts:
            raise EmptySpan(in_pts=self.in_pts, out_pts=self.out_pts)
        if not SLOWEST <= self.rate <= FASTEST:
            raise BadField("/rate", "A speed is 0.25× to 2×.")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a clip that runs at one rate."""

    span: Span
    rate: Fraction


def pieces(span: Span, speeds: Sequence[SpeedSpan]) -> tuple[Piece, ...]:
    """Return the whole of `span` in parts of one rate each, in order and without a gap, no neighbours alike.

    `speeds` may come in any order and reach outside the span. Raises SpeedsOverlap.
    """
    ordered = sorted(speeds, key=lambda speed: speed.in_pts)
    for before, after in pairwise(ordered):
        if after.in_pts < before.out_pts:
            raise SpeedsOverlap(at_pts=after.in_pts)
    parts: list[Piece] = []
    at = span.in_pts
    for speed in ordered:
        _append(parts, at, min(speed.in_pts, span.out_pts), Fraction(1))
        _append(parts, max(speed.in_pts, span.in_pts), min(speed.out_pts, span.out_pts), speed.rate)
        at = max(at, speed.out_pts)
    _append(parts, at, span.out_pts, Fraction(1))
    return tuple(parts)


def output_duration(pieces: Sequence[Piece], time_base: Fraction) -> Fraction:
    """Return how long the pieces last in the output, in seconds."""
    return sum((_lasts(piece, time_base) for piece in pieces), Fraction(0))


def source_at(output_s: Fraction, pieces: Sequence[Piece], time_base: Fraction) -> Fraction:
    """Return the source time, in ticks and fractions of one, `output_s` seconds after the clip's start.

    Held at the clip's in and out points outside of it.
    """
    left_s = max(output_s, Fraction(0))
    for piece in pieces:
        lasts_s = _lasts(piece, time_base)
        if left_s < lasts_s:
            return piece.span.in_pts + left_s * piece.rate / time_base
        left_s -= lasts_s
    return Fraction(pieces[-1].span.out_pts)


def output_at(pts: Fraction | int, pieces: Sequence[Piece], time_base: Fraction) -> Fraction:
    """Return how many output seconds after the clip's start the source time `pts` comes: the inverse of source_at."""
    total_s = Fraction(0)
    for piece in pieces:
        if pts < piece.span.out_pts:
            return total_s + max(Fraction(pts) - piece.span.in_pts, Fraction(0)) * time_base / piece.rate
        total_s += _lasts(piece, time_base)
    return total_s


def frames_shown(
    frame_pts: Sequence[int], time_base: Fraction, pieces: Sequence[Piece], rate: Fraction, count: int
) -> tuple[int, ...]:
    """Return the pts of the source frame that each of a clip's `count` output frames shows.

    Output frame j stands `j / rate` seconds after the clip's start and shows the newest source frame not after it
    (timing.newest has the tolerance), never one at or past the out point. `frame_pts` are the source's frames around
    the clip, in order; if the clip starts between two frames, the one on screen then is shown. Raises EmptySpan if
    there is no frame before the out point.
    """
    frames = frame_pts[: bisect_left(frame_pts, pieces[-1].span.out_pts)]
    if not frames:
        raise EmptySpan("There is no frame in the clip.", out_pts=pieces[-1].span.out_pts)
    return tuple(frames[newest(source_at(j / rate, pieces, time_base), frames)] for j in range(count))


def _append(parts: list[Piece], in_pts: int, out_pts: int, rate: Fraction) -> None:
    """Add `[in_pts, out_pts)` at `rate`, if it holds anything; lengthen the last part if that runs alike."""
    if out_pts <= in_pts:
        return
    if parts and parts[-1].rate == rate:
        in_pts = parts.pop().span.in_pts
    parts.append(Piece(Span(in_pts, out_pts), rate))


def _lasts(piece: Piece, time_base: Fraction) -> Fraction:
    return piece.span.duration_pts * time_base / piece.rate
