"""Snapping: a clip that was marked before its source was known, onto the source's own clock and frames."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from reel.timing import Span, rescale, snap

PROVISIONAL: Fraction = Fraction(1, 90_000)
"""The time base of clips that are marked before ingest has told the source's own."""


def snapped(span: Span, marked: Fraction, source: Span, time_base: Fraction, frame_pts: Sequence[int] = ()) -> Span:
    """Return a span of time base `marked` on the source's clock, from frame to frame and inside the source.

    `frame_pts` are the source's frame times; without them the ends are held inside it, but stand between frames. A
    span that nothing of is inside the source is only moved to its clock: whoever exports it is told so.
    """
    moved = Span(*_apart(rescale(span.in_pts, marked, time_base), rescale(span.out_pts, marked, time_base)))
    if moved.out_pts <= source.in_pts or source.out_pts <= moved.in_pts:
        return moved
    in_pts, out_pts = max(moved.in_pts, source.in_pts), min(moved.out_pts, source.out_pts)
    if frame_pts:
        starts = [pts for pts in frame_pts if source.in_pts <= pts < source.out_pts] or [source.in_pts]
        in_pts = snap(in_pts, starts)
        out_pts = snap(out_pts, [*starts, source.out_pts])
        if out_pts <= in_pts:  # shorter than a frame: the one frame
            out_pts = next((pts for pts in starts if pts > in_pts), source.out_pts)
    return Span(*_apart(in_pts, out_pts))


def _apart(in_pts: int, out_pts: int) -> tuple[int, int]:
    return in_pts, max(out_pts, in_pts + 1)
