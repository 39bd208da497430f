"""What a source is: its clock, its picture, its colour and its sound; and every limit it must keep."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.sidedata.sidedata import Type as SideData
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from media.colour import Colour
from media.interlace import FASTEST_RATE, field_clock
from media.open import AUDIO_DECODERS, MAX_PIXELS, Footage, open_footage
from media.packets import decoded, first_missing, packets, rewind, seek, shown_times, size_of, time_base_of
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
DOLBY_TAGS = frozenset({"dvh1", "dvhe", "dav1"})  # a phone's Dolby Vision 8.4 calls itself hvc1, and is HLG
TAIL_PICTURES = 100  # some recorders have a sync frame every ten seconds, and as many pictures in 4K take seconds
TAIL_S = (Fraction(1, 2), 3, 30)  # mpegts cannot be sought by its sync frames, and some lie far apart

UNSPECIFIED, FULL_RANGE = 2, 2
_TRANSFERS = {16: "pq", 18: "hlg"}
_MATRICES = {1: "bt709", 5: "bt601", 6: "bt601", 4: "bt601", 9: "bt2020", 10: "bt2020"}


class Tags(NamedTuple):
    """What is said of colours, in the numbers of ITU-T H.273."""

    matrix: int
    transfer: int
    range_: int


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
    field_pts: int = 0  # how long a field of an interlaced picture is shown; 0 where pictures are not split

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
    size_bytes = size_of(footage)
    if size_bytes > MAX_BYTES:
        raise SourceTooBig(size_bytes=size_bytes, limit_bytes=MAX_BYTES)
    with open_footage(footage) as container:
        stream = video_stream(container)
        _keep_limits(stream, container)
        tags = _tags(stream.codec_context)
        first = _first_frame(container, stream)
        colour = _colour(first, tags)
        _refuse_dolby_only(stream.codec_context, colour)
        source = _describe(container, stream, first, colour, size_bytes)
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
    """Return the default audio stream, else the first, of those that can be decoded; None if there is none."""
    streams = [s for s in container.streams.audio if _is_decodable(s)]
    return next((s for s in streams if s.disposition & Disposition.default), next(iter(streams), None))


def _is_decodable(stream: AudioStream) -> bool:
    context = stream.codec_context
    return context is not None and context.name in AUDIO_DECODERS and bool(context.sample_rate)


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


def _refuse_dolby_only(context: VideoCodecContext, colour: Colour) -> None:
    """Refuse Dolby Vision whose picture is no HLG or PQ in itself (profile 5): it would come out green and purple."""
    if context.codec_tag in DOLBY_TAGS and not colour.hdr:
        raise CodecUnsupported(
            "This kind of Dolby Vision can only be shown by Dolby's own decoder.", codec="dolby vision"
        )


def _first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame:
    """Decode the first picture; what was recorded from the air begins in the middle of a GOP."""
    first = next(decoded(islice(packets(container, stream), HEAD_PACKETS)), None)
    if first is None:
        raise SourceUnreadable("No picture at the beginning of this video can be decoded.")
    return first


def _rate(container: InputContainer, stream: VideoStream) -> Fraction:
    """Return the nominal rate of the packets."""
    rewind(container, stream)
    rate = nominal_rate(list(islice(shown_times(container, stream), RATE_SAMPLE_FRAMES)), time_base_of(stream))
    if rate > MAX_RATE:
        raise FrameRateTooHigh(rate=float(rate), limit=MAX_RATE)
    return rate


def _describe(
    container: InputContainer, stream: VideoStream, first: VideoFrame, colour: Colour, size_bytes: int
) -> Source:
    context, time_base = stream.codec_context, time_base_of(stream)
    assert first.pts is not None
    rate, field_pts = _rate(container, stream), 0
    if first.interlaced_frame:
        if context.name == "hevc" and rate > FASTEST_RATE:
            raise CodecUnsupported("HEVC whose fields are pictures of their own is not supported.", codec="hevc")
        rate, field_pts = field_clock(rate, time_base)
    duration = stream.duration or int(Fraction(container.duration or 0, av.time_base) / time_base)
    end_pts = max((stream.start_time or 0) + duration, first.pts + 1)
    aspect = stream.sample_aspect_ratio or Fraction(1)
    return Source(
        container=container.format.name,
        codec=context.name,
        pixel_format=first.format.name,
        coded=Size(first.width, first.height),
        orientation=_orientation(first),
        sample_aspect=aspect if aspect > 0 else Fraction(1),
        time_base=time_base,
        span=Span(first.pts, end_pts),
        rate=rate,
        colour=colour,
        interlaced=first.interlaced_frame,
        sound=_sound(container),
        size_bytes=size_bytes,
        field_pts=field_pts,
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


def _tags(context: VideoCodecContext) -> Tags:
    """Return the container's word on colour, which decoding replaces by the stream's, even where that has none."""
    return Tags(int(context.colorspace), int(context.color_trc), int(context.color_range))


def _colour(frame: VideoFrame, told: Tags) -> Colour:
    """Return what the picture says of its colours, else the container, else what its size suggests."""
    matrix, transfer, range_ = (int(frame.colorspace), int(frame.color_trc), int(frame.color_range))
    untagged = "bt709" if frame.height >= 720 else "bt601"
    return Colour(
        matrix=_MATRICES.get(told.matrix if matrix == UNSPECIFIED else matrix, untagged),
        full_range=(range_ or told.range_) == FULL_RANGE or frame.format.name.startswith("yuvj"),
        transfer=_TRANSFERS.get(told.transfer if transfer == UNSPECIFIED else transfer, "sdr"),
    )


def _sound(container: InputContainer) -> Sound | None:
    stream = audio_stream(container)
    if stream is None:
        return None
    return Sound(stream.codec_context.name, stream.codec_context.sample_rate, stream.codec_context.channels)


def _end(container: InputContainer, stream: VideoStream, source: Source) -> tuple[int, bool]:
    """Return where the pictures end, and whether the file goes on for as long as it says."""
    missing = first_missing(stream, source.size_bytes)
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
    """Decode from the sync frame before `start_pts` on; return the end of the last picture, and of any packet in s.

    Behind TAIL_PICTURES a packet counts as a picture if it is whole and not blank, as an unfinished transfer leaves it.
    """
    if start_pts <= source.span.in_pts or not seek(container, stream, start_pts):
        rewind(container, stream)
    usual = half_up(1 / (source.rate * source.time_base))
    least = 2 * source.field_pts  # where each field has a packet, a picture's duration is that of one field
    ends_s, believed = [Fraction(0)], list[int]()

    def pictures() -> Iterator[Packet]:
        tried = 0
        for packet in packets(container):
            if packet.pts is not None:
                ends_s.append((packet.pts + (packet.duration or 0)) * packet.time_base)
            if packet.stream is not stream or packet.is_corrupt:
                continue
            tried += 1
            if packet.pts is None or tried <= TAIL_PICTURES:
                yield packet
            elif any(bytes(packet)) and not packet.is_discard:
                believed.append(packet.pts + max(packet.duration or usual, least))

    ends = [_pts(shown) + max(shown.duration or usual, least) for shown in decoded(pictures())]
    return (max(ends + believed) if ends else None), max(ends_s)


def _pts(frame: VideoFrame) -> int:
    assert frame.pts is not None
    return frame.pts
