"""A marked clip against its source: on the source's own clock, inside it, as clip lists have it."""

from __future__ import annotations

from jobs.clip import placed
from jobs.spec import FramingClip, MarkedClip, Rational
from media.probe import Source
from reel.annotation import Clip
from reel.timing import Span


def span_of(clip: str, time_base: Rational, span: Span, source: Source) -> Span:
    """Return a clip's span on its source's clock, held inside it where it is off by up to a frame.

    As a framing takes it. Raises ClipOutsideSource.
    """
    framed = FramingClip(
        id=clip, source="", time_base=time_base, in_pts=span.in_pts, out_pts=span.out_pts, look="natural"
    )
    return placed(framed, "16:9", source).span


def clip_of(clip: MarkedClip, source: Source) -> Clip:
    """Return the clip as the domain has it, on its source's clock. Raises EmptySpan and ClipOutsideSource."""
    return Clip(
        id=clip.id,
        source_id=clip.source,
        time_base=source.time_base,
        span=span_of(clip.id, clip.time_base, Span(clip.in_pts, clip.out_pts), source),
        rating=clip.rating,
        tags=clip.tags,
        name=clip.name,
        notes=clip.notes,
    )
