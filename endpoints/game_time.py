"""Game time: seconds from the first shown frame of a game's first part, running on over all its parts.

It is what a clip list of a whole game is written in: the second half begins where the first one ends.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

from reel.annotation import Clip, require_length, span_at
from reel.errors import ClipLengthOutOfRange, ClipOutsideSource, Conflict
from reel.timing import Span, seconds
from reel.tsv import TsvRow, row_of
from storage.snapping import snapped
from storage.sources import Facts, Source

WRITTEN_TO_S = Fraction(1, 1000)
"""Lists are written in milliseconds: what begins so little before the next part is of that one."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a game. `begins_s` is None behind one that was not looked over: nobody knows how long that is."""

    source: Source
    begins_s: Fraction | None

    def known(self) -> tuple[Facts, Fraction]:
        """Return its facts and when it begins. Raises Conflict while either is not known."""
        if self.source.facts is None or self.begins_s is None:
            raise Conflict(
                f"Part {self.source.part} of this game is not there yet, or is still being looked over. Try it again"
                " when it is ready.",
                source=self.source.id,
                part=self.source.part,
            )
        return self.source.facts, self.begins_s


def parts_of(sources: Sequence[Source]) -> tuple[Part, ...]:
    """Return a game's sources, in the order of their parts, on its time."""
    return tuple(_parts(sources))


def row_in_game(clip: Clip, part: Part) -> TsvRow:
    """Return the row for a clip of this part; also of one marked before its part was looked over, if that begins.

    Raises Conflict where nobody knows when the part begins.
    """
    facts = part.source.facts
    if facts is None and part.begins_s is not None:  # its clock is the player's, which begins with the first frame
        row = row_of(clip, Span(0, max(1, clip.span.out_pts)))
        return replace(row, start_s=part.begins_s + max(Fraction(0), row.start_s))
    facts, begins_s = part.known()
    row = row_of(clip, facts.span)
    return replace(row, start_s=begins_s + row.start_s)


def part_at(at_s: Fraction, parts: Sequence[Part]) -> Part:
    """Return the part that shows a moment; the last one also what comes after it. Raises Conflict."""
    found = parts[0]
    for part in parts:
        if part.known()[1] > at_s + WRITTEN_TO_S:
            break
        found = part
        if at_s + WRITTEN_TO_S < part.known()[1] + _lasts_s(part):
            break  # what comes after may not be known yet, and need not
    return found


def span_of(row: TsvRow, part: Part, frame_pts: Sequence[int]) -> Span:
    """Return the span that a row marks in a part, from frame to frame. Raises ClipOutsideSource, ClipLengthOutOfRange.

    The clip's length is held where a rounding to frames would take it out of what a clip may last.
    """
    facts, begins_s = part.known()
    marked = span_at(max(Fraction(0), row.start_s - begins_s), row.duration_s, facts.span, facts.time_base)
    if not frame_pts:
        return marked
    near = snapped(marked, facts.time_base, facts.span, facts.time_base, frame_pts)
    for span in (near, *_ended_elsewhere(near, facts.span, frame_pts)):
        with suppress(ClipLengthOutOfRange, ClipOutsideSource):
            require_length(span, facts.span, facts.time_base)
            return span
    return marked


def _parts(sources: Sequence[Source]) -> Iterator[Part]:
    begins_s: Fraction | None = Fraction(0)
    for source in sources:
        part = Part(source, begins_s)
        yield part
        begins_s = None if begins_s is None or source.facts is None else begins_s + _lasts_s(part)


def _lasts_s(part: Part) -> Fraction:
    facts = part.source.facts
    assert facts is not None
    return seconds(facts.span.duration_pts, facts.time_base)


def _ended_elsewhere(span: Span, footage: Span, frame_pts: Sequence[int]) -> Iterator[Span]:
    """Yield the span ended a frame earlier, and a frame later."""
    before, after = bisect_left(frame_pts, span.out_pts), bisect_right(frame_pts, span.out_pts)
    if before and frame_pts[before - 1] > span.in_pts:
        yield Span(span.in_pts, frame_pts[before - 1])
    if after < len(frame_pts):
        yield Span(span.in_pts, frame_pts[after])
    elif span.out_pts < footage.out_pts:
        yield Span(span.in_pts, footage.out_pts)
