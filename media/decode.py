"""Pictures out of footage, exact to the pts."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from media.open import Footage, open_footage
from media.probe import Source, shown_packets, video_stream
from reel.errors import SourceUnreadable
from reel.timing import Span, half_up, snap

# Some files land after the wanted picture when they seek (open GOPs, broken indices): then further back, at last to 0.
SEEK_BACK_S = (0, 4, 30)


def frame_times(footage: Footage, source: Source, span: Span) -> tuple[int, ...]:
    """Return the pts of every picture shown during `span`, in order, and of the one that is showing as it begins.

    Reads packets only. Raises SourceUnreadable if there is none.
    """
    with open_footage(footage) as container:
        stream = video_stream(container)
        for start_pts in _seek_targets(source, span.in_pts):
            container.seek(start_pts, stream=stream)
            times = sorted(_packet_times(container, stream, span, source))
            if times and (times[0] <= span.in_pts or start_pts == source.span.in_pts):
                first = max((i for i, pts in enumerate(times) if pts <= span.in_pts), default=0)
                return tuple(times[first:])
    raise SourceUnreadable("There is no picture in this part of the video.", in_pts=span.in_pts, out_pts=span.out_pts)


def frames(footage: Footage, source: Source, span: Span) -> Iterator[VideoFrame]:
    """Decode the pictures shown during `span`, in order, from the one that is showing as it begins.

    A damaged picture is left out: the one before it stays. Raises SourceUnreadable if there is none at all.
    """
    with open_footage(footage) as container:
        stream = video_stream(container)
        found = False
        for frame in _from_showing(container, stream, source, span):
            found = True
            yield frame
    if not found:
        raise SourceUnreadable(
            "No picture in this part of the video can be decoded.", in_pts=span.in_pts, out_pts=span.out_pts
        )


def all_frames(footage: Footage) -> Iterator[VideoFrame]:
    """Decode every picture of a file of our own."""
    with open_footage(footage) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield from container.decode(stream)


def snapped(footage: Footage, source: Source, span: Span) -> Span:
    """Return `span` with both ends on the nearest frame, at least one frame long, its end at most the source's."""
    frame_pts = half_up(1 / (source.rate * source.time_base))
    around = Span(max(span.in_pts - frame_pts, source.span.in_pts), span.out_pts + frame_pts)
    edges = (*frame_times(footage, source, around), source.span.out_pts)
    in_pts = snap(span.in_pts, edges[:-1])
    return Span(in_pts, max(snap(span.out_pts, edges), edges[edges.index(in_pts) + 1]))


def _from_showing(container: InputContainer, stream: VideoStream, source: Source, span: Span) -> Iterator[VideoFrame]:
    for start_pts in _seek_targets(source, span.in_pts):
        container.seek(start_pts, stream=stream)
        showing: VideoFrame | None = None
        late = False
        for frame in _decoded(container, stream):
            pts = _pts(frame)
            if pts >= span.out_pts:
                break
            if pts <= span.in_pts:
                showing = frame
                continue
            if showing is None and start_pts > source.span.in_pts:
                late = True
                break
            if showing is not None:
                yield showing
                showing = None
            yield frame
            start_pts = source.span.in_pts  # once begun, nothing after this is late
        if showing is not None:
            yield showing
        if not late:
            return


def _decoded(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Decode packet by packet, stepping over those that cannot be decoded."""
    try:
        for packet in container.demux(stream):
            try:
                decoded = packet.decode()
            except av.error.InvalidDataError:
                continue
            yield from (frame for frame in decoded if frame.pts is not None)
    except av.error.InvalidDataError:
        return  # the container itself breaks off here


def _packet_times(container: InputContainer, stream: VideoStream, span: Span, source: Source) -> Iterator[int]:
    """Collect pts up to the first sync frame past the span: pictures are stored out of order before it."""
    slack = int(Fraction(2) / source.time_base)
    for packet in shown_packets(container, stream):
        assert packet.pts is not None
        if packet.pts < span.out_pts:
            yield packet.pts
        elif packet.is_keyframe or packet.pts > span.out_pts + slack:
            return


def _seek_targets(source: Source, in_pts: int) -> Iterator[int]:
    for back_s in SEEK_BACK_S:
        target = in_pts - int(back_s / source.time_base)
        if target <= source.span.in_pts:
            break
        yield target
    yield source.span.in_pts


def _pts(frame: VideoFrame) -> int:
    assert frame.pts is not None
    return frame.pts
