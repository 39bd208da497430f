"""What a source is: its clock, its picture, its colour and its sound; and every limit it must keep."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from heapq import heappop, heappush
from itertools import islice
from pathlib import Path

import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.sidedata.sidedata import Type as SideData
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from media.colour import Colour
from media.open import AUDIO_DECODERS, MAX_PIXELS, Footage, open_footage
from reel.errors import (
    CodecUnsupported,
    FrameRateTooHigh,
    NoVideoStream,
    PictureTooLarge,
    SourceTooBig,
    SourceTooLong,
    SourceTruncated,
    SourceUnreadable,
)
from reel.geometry import Size, displayed_size
from reel.timing import Span, half_up, nominal_rate

CODECS = frozenset({"h264", "hevc", "av1", "libdav1d", "vp9", "libvpx-vp9", "prores", "mpeg4", "mpeg2video"})
MAX_LONG_SIDE_PX, MAX_SHORT_SIDE_PX = 8192, 4352
MAX_RATE = 240
MAX_DURATION_S = 4 * 3600
MAX_BYTES = 20 * 10**9
# Enough frames to tell the nominal rate of a phone's variable one, few enough to read at once.
RATE_SAMPLE_FRAMES = 400
HEAD_PACKETS = 2000  # over half a minute at 60 fps: longer than any GOP that a recording can begin in
# What decoders say of a packet that they cannot read; out of memory is not among it.
DAMAGE = (
    av.error.InvalidDataError,
    av.error.PatchWelcomeError,
    av.error.ExternalError,
    av.error.UnknownError,
    av.error.UndefinedError,
)
TAIL_S = (3, 30)  # mpegts cannot be sought by its sync frames, and some lie far apart

_TRANSFERS = {16: "pq", 18: "hlg"}
_MATRICES = {1: "bt709", 5: "bt601", 6: "bt601", 4: "bt601", 9: "bt2020", 10: "bt2020"}


@dataclass(frozen=True, slots=True)
class Orientation:
    """How the coded picture is turned for display: mirrored left to right first, then turned clockwise."""

    quarter_turns: int = 0
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """The default audio stream."""

    codec: str
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class Source:
    """One source as it was found. `span` holds the pts of the shown pictures, after the edit list."""

    container: str
    codec: str
    pixel_format: str
    coded: Size
    orientation: Orientation
    sample_aspect: Fraction
    time_base: Fraction
    span: Span
    rate: Fraction
    colour: Colour
    interlaced: bool
    sound: Sound | None
    size_bytes: int

    @property
    def upright(self) -> Size:
        """The coded picture turned for display, in its own (perhaps not square) pixels."""
        turned = self.orientation.quarter_turns % 2
        return Size(self.coded.height, self.coded.width) if turned else self.coded

    @property
    def displayed(self) -> Size:
        """The picture as it is shown, in square pixels."""
        return displayed_size(self.coded, self.orientation.quarter_turns, self.sample_aspect)

    @property
    def duration_s(self) -> Fraction:
        """How long the source lasts, in seconds."""
        return self.span.duration_pts * self.time_base


def probe(footage: Footage, *, accept_truncated: bool = False, tail: bool = True) -> Source:
    """Tell what `footage` is, having decoded its head and its tail.

    Raises a BadSource that names the fault. With `accept_truncated` a file that ends early is taken for what is there;
    without `tail` its end is believed: for sources that were probed whole before.
    """
    size_bytes = _size_bytes(footage)
    if size_bytes > MAX_BYTES:
        raise SourceTooBig(size_bytes=size_bytes, limit_bytes=MAX_BYTES)
    with open_footage(footage) as container:
        stream = video_stream(container)
        _keep_limits(stream, container)
        first = _first_frame(container, stream)
        rate = _rate(container, stream)
        source = _describe(container, stream, first, rate, size_bytes)
        end_pts, whole = _end(container, stream, source) if tail else (source.span.out_pts, True)
    found = replace(source, span=Span(source.span.in_pts, max(end_pts, source.span.in_pts + 1)))
    if not whole and not accept_truncated:
        raise SourceTruncated(usable_s=float(found.duration_s))
    return found


def video_stream(container: InputContainer) -> VideoStream:
    """Return the default video stream; cover art does not count. Raises NoVideoStream and CodecUnsupported."""
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise NoVideoStream
    chosen = next((s for s in streams if s.disposition & Disposition.default), streams[0])
    if chosen.codec_context is None or chosen.codec_context.name not in CODECS:
        raise CodecUnsupported(codec=chosen.codec_context.name if chosen.codec_context else "unknown")
    chosen.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    chosen.thread_type = "AUTO"
    return chosen


def audio_stream(container: InputContainer) -> AudioStream | None:
    """Return the default audio stream, None if there is none that can be decoded."""
    streams = container.streams.audio
    chosen = next((s for s in streams if s.disposition & Disposition.default), next(iter(streams), None))
    context = chosen.codec_context if chosen else None
    return chosen if context and context.name in AUDIO_DECODERS and context.sample_rate else None


def rewind(container: InputContainer, stream: VideoStream) -> None:
    """Seek to before the first picture: mpegts is sought by dts, and pictures are decoded before they are shown.

    Raises SourceUnreadable.
    """
    if not seek(container, stream, (stream.start_time or 0) - int(2 / _time_base(stream))):
        raise SourceUnreadable("The video cannot be read from its beginning.")


def seek(container: InputContainer, stream: VideoStream, pts: int) -> bool:
    """Seek to the sync frame before `pts`; say whether the file's index leads there."""
    try:
        container.seek(pts, stream=stream)
    except av.error.FFmpegError:
        return False
    return True


def packets(container: InputContainer, *streams: Stream) -> Iterator[Packet]:
    """Iterate the packets of some streams, or of all; a read error ends it, as the end of the file does."""
    try:
        yield from container.demux(*streams)
    except av.error.FFmpegError:
        return


def shown_packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet]:
    """Iterate the packets of pictures that are shown, in decoding order, from the next sync frame on.

    None that an edit list hides.
    """
    begun = False
    for packet in packets(container, stream):
        begun = begun or packet.is_keyframe
        if begun and packet.pts is not None and not packet.is_discard:
            yield packet


def shown_times(container: InputContainer, stream: VideoStream) -> Iterator[int]:
    """Iterate the pts of the pictures that are shown, in order, from where the container stands; packets only.

    No packet is shown before it is decoded: what is not after the newest dts can no longer be preceded.
    """
    waiting: list[int] = []
    for packet in shown_packets(container, stream):
        assert packet.pts is not None
        heappush(waiting, packet.pts)
        while waiting and packet.dts is not None and waiting[0] <= packet.dts:
            yield heappop(waiting)
    while waiting:
        yield heappop(waiting)


def decoded(packets: Iterable[Packet]) -> Iterator[VideoFrame]:
    """Decode packet by packet, stepping over those that cannot be decoded."""
    for packet in packets:
        try:
            pictures = packet.decode()
        except DAMAGE:
            continue
        yield from (p for p in pictures if isinstance(p, VideoFrame) and p.pts is not None)


def _size_bytes(footage: Footage) -> int:
    if isinstance(footage, Path):
        return footage.stat().st_size if footage.exists() else 0
    footage.seek(0, os.SEEK_END)
    size = footage.tell()
    footage.seek(0)
    return size


def _keep_limits(stream: VideoStream, container: InputContainer) -> None:
    width, height = stream.codec_context.width, stream.codec_context.height
    if not width or not height:
        raise SourceUnreadable("The video says nothing about its picture.")
    large = max(width, height) > MAX_LONG_SIDE_PX or min(width, height) > MAX_SHORT_SIDE_PX
    if large or width * height > MAX_PIXELS:
        raise PictureTooLarge(width=width, height=height)
    duration_s = max(
        stream.duration * stream.time_base if stream.duration and stream.time_base else Fraction(0),
        Fraction(container.duration or 0, av.time_base),
    )
    if duration_s > MAX_DURATION_S:
        raise SourceTooLong(duration_s=float(duration_s), limit_s=MAX_DURATION_S)


def _first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame:
    """Decode the first picture; what was recorded from the air begins in the middle of a GOP."""
    first = next(decoded(islice(packets(container, stream), HEAD_PACKETS)), None)
    if first is None:
        raise SourceUnreadable("No picture at the beginning of this video can be decoded.")
    return first


def _rate(container: InputContainer, stream: VideoStream) -> Fraction:
    rewind(container, stream)
    rate = nominal_rate(list(islice(shown_times(container, stream), RATE_SAMPLE_FRAMES)), _time_base(stream))
    if rate > MAX_RATE:
        raise FrameRateTooHigh(rate=float(rate), limit=MAX_RATE)
    return rate


def _describe(
    container: InputContainer, stream: VideoStream, first: VideoFrame, rate: Fraction, size_bytes: int
) -> Source:
    context, time_base = stream.codec_context, _time_base(stream)
    assert first.pts is not None
    duration = stream.duration or int(Fraction(container.duration or 0, av.time_base) / time_base)
    end_pts = max((stream.start_time or 0) + duration, first.pts + 1)
    aspect = stream.sample_aspect_ratio or Fraction(1)
    return Source(
        container=container.format.name,
        codec=context.name,
        pixel_format=first.format.name,
        coded=Size(context.width, context.height),
        orientation=_orientation(first),
        sample_aspect=aspect if aspect > 0 else Fraction(1),
        time_base=time_base,
        span=Span(first.pts, end_pts),
        rate=rate,
        colour=_colour(first),
        interlaced=first.interlaced_frame,
        sound=_sound(container),
        size_bytes=size_bytes,
    )


def _orientation(frame: VideoFrame) -> Orientation:
    """Read the display matrix: a 3×3 of 16.16 fixed point whose upper left 2×2 turns and mirrors."""
    found = frame.side_data.get(SideData.DISPLAYMATRIX)  # pyright: ignore[reportCallIssue, reportArgumentType]
    if found is None:
        return Orientation()
    a, b, _, c, d = struct.unpack("=5i", bytes(found)[:20])
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    # A turn by the angle t has a = cos t, b = sin t, clockwise in a space whose y axis points down.
    if abs(a) >= abs(b):
        return Orientation(0 if a >= 0 else 2, mirrored)
    return Orientation(1 if b > 0 else 3, mirrored)


def _colour(frame: VideoFrame) -> Colour:
    untagged = "bt709" if frame.height >= 720 else "bt601"
    return Colour(
        matrix=_MATRICES.get(int(frame.colorspace), untagged),
        full_range=int(frame.color_range) == 2 or frame.format.name.startswith("yuvj"),
        transfer=_TRANSFERS.get(int(frame.color_trc), "sdr"),
    )


def _sound(container: InputContainer) -> Sound | None:
    stream = audio_stream(container)
    if stream is None:
        return None
    return Sound(stream.codec_context.name, stream.codec_context.sample_rate, stream.codec_context.channels)


def _end(container: InputContainer, stream: VideoStream, source: Source) -> tuple[int, bool]:
    """Return where the pictures end, and whether the file goes on for as long as it says."""
    missing = _first_missing_entry(stream, source.size_bytes)
    if missing is not None:
        return missing, False
    end_pts, end_s = None, Fraction(0)
    for start_pts in _tail_starts(container, stream, source):
        end_pts, end_s = _tail(container, stream, source, start_pts)
        if end_pts is not None:
            break
    else:
        return source.span.in_pts, False
    slack_s = max(Fraction(1, 2), 3 / source.rate)
    if "mp4" in source.container:  # its track speaks for itself; a picture's duration may be that of its decoding
        claimed_pts = source.span.out_pts
        return min(end_pts, claimed_pts), end_pts >= claimed_pts - slack_s / source.time_base
    # Others name the end of the longest stream, and count it from 0 wherever the first one begins.
    return end_pts, end_s >= Fraction(container.duration or 0, av.time_base) - slack_s


def _first_missing_entry(stream: VideoStream, size_bytes: int) -> int | None:
    """Return the time of the first picture that an mp4's index places past the end of the file."""
    entries = stream.index_entries
    if not len(entries) or entries[-1].pos + entries[-1].size <= size_bytes:
        return None
    low, high = 0, len(entries) - 1
    while low < high:
        middle = (low + high) // 2
        if entries[middle].pos + entries[middle].size > size_bytes:
            high = middle
        else:
            low = middle + 1
    return entries[low].timestamp


def _tail_starts(container: InputContainer, stream: VideoStream, source: Source) -> Iterator[int]:
    """Iterate from where on the last pictures may decode: before the claimed end, before the last packet, all."""
    for back_s in TAIL_S:
        yield source.span.out_pts - int(back_s / source.time_base)
    rewind(container, stream)
    last_pts = max(shown_times(container, stream), default=source.span.in_pts)
    for back_s in TAIL_S:
        yield last_pts - int(back_s / source.time_base)
    yield source.span.in_pts


def _tail(
    container: InputContainer, stream: VideoStream, source: Source, start_pts: int
) -> tuple[int | None, Fraction]:
    """Decode from the sync frame before `start_pts` on; return the end of the last picture, and of any packet in s."""
    if start_pts <= source.span.in_pts or not seek(container, stream, start_pts):
        rewind(container, stream)
    usual = half_up(1 / (source.rate * source.time_base))
    ends_s = [Fraction(0)]

    def pictures() -> Iterator[Packet]:
        for packet in packets(container):
            if packet.pts is not None:
                ends_s.append((packet.pts + (packet.duration or 0)) * packet.time_base)
            if packet.stream is stream and not packet.is_corrupt:
                yield packet

    ends = [_pts(picture) + (picture.duration or usual) for picture in decoded(pictures())]
    return max(ends, default=None), max(ends_s)


def _pts(frame: VideoFrame) -> int:
    assert frame.pts is not None
    return frame.pts


def _time_base(stream: VideoStream) -> Fraction:
    if stream.time_base is None:
        raise SourceUnreadable("The video says nothing about its clock.")
    return stream.time_base
