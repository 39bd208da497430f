"""Pictures out of footage, exact to the pts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, takewhile
from typing import TypeVar

from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from media.fit import fitted
from media.interlace import deinterlaced, field_times
from media.open import Footage, open_footage
from media.packets import decoded, first_missing, packets, refuse_shorter, rewind, seek, shown_times
from media.probe import Source, video_stream
from reel.errors import SourceTruncated, SourceUnreadable
from reel.timing import Span, half_up, snap

Picture = TypeVar("Picture")

# Some files land after the wanted picture when they seek (open GOPs, broken indices): then further back, at last to 0.
SEEK_BACK_S = (0, 4, 30)


def frame_times(footage: Footage, source: Source, span: Span) -> tuple[int, ...]:
    """Return the pts of every picture shown during `span`, in order, from the one that is showing as it begins.

    Reads packets only. Raises SourceUnreadable if there is none; SourceTruncated and SourceGone where the file was cut
    meanwhile.
    """
    times = tuple(takewhile(lambda pts: pts < span.out_pts, _since(span, footage, source, _times(source), int)))
    if not times:
        raise _nothing(span)
    return times


def frames(footage: Footage, source: Source, span: Span) -> Iterator[VideoFrame]:
    """Decode the pictures shown during `span`, in order, from the one that is showing as it begins.

    All are of the first one's size, and the fields of interlaced ones are pictures of their own. A damaged picture is
    left out: the one before it stays. Raises SourceUnreadable if there is none at all; SourceTruncated and SourceGone
    where the file was cut meanwhile.
    """
    found = False
    for frame in _whole_pictures(footage, source, span):
        if _pts(frame) >= span.out_pts:
            break
        found = True
        yield frame
    if not found:
        raise _nothing(span)


def held(pictures: Iterator[VideoFrame], shown: Sequence[int]) -> Iterator[tuple[VideoFrame, int]]:
    """Pair each picture with how many of the output's frames, which show the pts `shown`, hold it.

    A picture that is missing leaves its frames to the one before.
    """
    at, picture = 0, next(pictures)
    for following in chain(pictures, (None,)):
        until = at
        while until < len(shown) and (following is None or shown[until] < _pts(following)):
            until += 1
        yield picture, until - at
        at = until
        if following is not None:
            picture = following


def all_frames(footage: Footage) -> Iterator[VideoFrame]:
    """Decode every picture of a file of our own."""
    with open_footage(footage) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield from container.decode(stream)


def picture_count(footage: Footage) -> int:
    """Return how many whole pictures a file of our own holds. Reads packets only."""
    with open_footage(footage) as container:
        found = packets(container, video_stream(container))
        return sum(1 for packet in found if packet.size and not packet.is_corrupt)


def snapped(footage: Footage, source: Source, span: Span) -> Span:
    """Return `span` with both ends on the nearest frame, at least one frame long, its end at most the source's.

    One that holds no frame's beginning becomes the frame that is showing then.
    """
    at_pts = min(span.in_pts, source.span.out_pts - 1)
    edges: list[int] = []
    for pts in _since(Span(at_pts, max(span.out_pts, at_pts + 1)), footage, source, _times(source), int):
        edges.append(min(pts, source.span.out_pts))
        if edges[-1] >= min(span.out_pts, source.span.out_pts):
            break
    else:
        edges.append(source.span.out_pts)
    in_pts = snap(at_pts, edges[:-1])
    return Span(in_pts, max(snap(span.out_pts, edges), edges[edges.index(in_pts) + 1]))


def _times(source: Source) -> Callable[[InputContainer, VideoStream], Iterator[int]]:
    return lambda container, stream: field_times(shown_times(container, stream), source.field_pts)


def _whole_pictures(footage: Footage, source: Source, span: Span) -> Iterator[VideoFrame]:
    if not source.interlaced:
        return fitted(_since(span, footage, source, _pictures, _pts), source.coded)
    # What a field becomes depends on the picture before: it is decoded too, so that it never depends on the span.
    lead = half_up(3 / (source.rate * source.time_base))
    earlier = _since(Span(span.in_pts - lead, span.out_pts), footage, source, _pictures, _pts)
    return _from_showing(deinterlaced(fitted(earlier, source.coded), source.field_pts), span.in_pts, _pts)


def _since(
    span: Span,
    footage: Footage,
    source: Source,
    pictures: Callable[[InputContainer, VideoStream], Iterator[Picture]],
    pts_of: Callable[[Picture], int],
) -> Iterator[Picture]:
    """Iterate `pictures` from the one that is showing as `span` begins on; where none is yet, from the first.

    Raises SourceTruncated and SourceGone where the file ends before `span` does, and did not before.
    """
    last_pts = source.span.in_pts
    with open_footage(footage) as container:
        stream = video_stream(container)
        for at_start in _seeks(container, stream, source, span.in_pts):
            since = _from_showing(pictures(container, stream), span.in_pts, pts_of)
            first = next(since, None)
            if first is not None and (at_start or pts_of(first) <= span.in_pts):
                for picture in chain((first,), since):
                    last_pts = pts_of(picture)
                    yield picture
                break
        refuse_shorter(footage, source.size_bytes, _usable_s(last_pts, source))
        missing_pts = first_missing(stream, source.size_bytes)
        if missing_pts is not None and missing_pts < min(span.out_pts, source.span.out_pts):
            raise SourceTruncated(_usable_s(missing_pts, source))


def _usable_s(end_pts: int, source: Source) -> float:
    return max(0.0, float((end_pts - source.span.in_pts) * source.time_base))


def _seeks(container: InputContainer, stream: VideoStream, source: Source, at_pts: int) -> Iterator[bool]:
    """Seek to where what is showing at `at_pts` may begin, nearest first; tell whether that is the file's start."""
    for back_s in SEEK_BACK_S:
        target = at_pts - int(back_s / source.time_base)
        if target <= source.span.in_pts:
            break
        if seek(container, stream, target):
            yield False
    rewind(container, stream)
    yield True


def _from_showing(pictures: Iterator[Picture], at_pts: int, pts_of: Callable[[Picture], int]) -> Iterator[Picture]:
    showing: Picture | None = None
    for picture in pictures:
        if pts_of(picture) <= at_pts:
            showing = picture
            continue
        if showing is not None:
            yield showing
            showing = None
        yield picture
    if showing is not None:
        yield showing


def _pictures(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Decode in order: where a sync frame is lost, what comes out of the decoder too late is left out."""
    newest: int | None = None
    for frame in decoded(packets(container, stream)):
        if newest is None or _pts(frame) > newest:
            newest = _pts(frame)
            yield frame


def _nothing(span: Span) -> SourceUnreadable:
    return SourceUnreadable("There is no picture in this part of the video.", in_pts=span.in_pts, out_pts=span.out_pts)


def _pts(frame: VideoFrame) -> int:
    assert frame.pts is not None
    return frame.pts
