"""Packets out of footage: where they are sought, which of them are shown, and what a damaged file does to them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from heapq import heappop, heappush
from pathlib import Path

import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from media.open import Footage
from reel.errors import SourceGone, SourceTruncated, SourceUnreadable

# What decoders say of a packet that they cannot read; out of memory is not among it.
DAMAGE = (
    av.error.InvalidDataError,
    av.error.PatchWelcomeError,
    av.error.ExternalError,
    av.error.UnknownError,
    av.error.UndefinedError,
)
# What a disk says that fails, or that is no longer there.
LOST = frozenset({errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.ETIMEDOUT, errno.ENOTCONN})


def rewind(container: InputContainer, stream: VideoStream) -> None:
    """Seek to before the first picture: mpegts is sought by dts, and pictures are decoded before they are shown.

    Raises SourceUnreadable.
    """
    if not seek(container, stream, (stream.start_time or 0) - int(2 / time_base_of(stream))):
        raise SourceUnreadable("The video cannot be read from its beginning.")


def seek(container: InputContainer, stream: VideoStream, pts: int) -> bool:
    """Seek to the sync frame before `pts`; say whether the file's index leads there."""
    try:
        container.seek(pts, stream=stream)
    except av.error.FFmpegError:
        return False
    return True


def packets(container: InputContainer, *streams: Stream) -> Iterator[Packet]:
    """Iterate the packets of some streams, or of all; damage ends it, as the end of the file does.

    Raises SourceUnreadable where the disk fails.
    """
    try:
        yield from container.demux(*streams)
    except (OSError, av.error.FFmpegError) as fault:
        if isinstance(fault, OSError) and fault.errno in LOST:
            raise SourceUnreadable(f"The video could not be read to its end: {fault.strerror}.") from fault
        if not isinstance(fault, av.error.FFmpegError):
            raise


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
    """Iterate the pts of the pictures that are shown, each once, in order, from where the container stands.

    Reads packets only. No packet is shown before it is decoded: what is not after the newest dts can no longer be
    preceded.
    """
    newest: int | None = None
    for pts in _in_order(shown_packets(container, stream)):
        if newest is None or pts > newest:
            newest = pts
            yield pts


def decoded(packets: Iterable[Packet]) -> Iterator[VideoFrame]:
    """Decode packet by packet, stepping over those that cannot be decoded."""
    for packet in packets:
        try:
            pictures = packet.decode()
        except DAMAGE:
            continue
        yield from (p for p in pictures if isinstance(p, VideoFrame) and p.pts is not None)


def first_missing(stream: VideoStream, size_bytes: int) -> int | None:
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


def size_of(footage: Footage) -> int:
    """Return how many bytes there are now, 0 of a file that is gone; a reader stays where it is."""
    if isinstance(footage, Path):
        return footage.stat().st_size if footage.exists() else 0
    place = footage.tell()
    size_bytes = footage.seek(0, os.SEEK_END)
    footage.seek(place)
    return size_bytes


def refuse_shorter(footage: Footage, size_bytes: int, usable_s: float) -> None:
    """Refuse a file that has become shorter than it was: its last picture would stand still, and nobody would know.

    Raises SourceGone and SourceTruncated.
    """
    now_bytes = size_of(footage)
    if not now_bytes:
        raise SourceGone
    if now_bytes < size_bytes:
        raise SourceTruncated(usable_s)


def time_base_of(stream: VideoStream) -> Fraction:
    """Return the stream's clock. Raises SourceUnreadable."""
    if stream.time_base is None:
        raise SourceUnreadable("The video says nothing about its clock.")
    return stream.time_base


def _in_order(packets: Iterable[Packet]) -> Iterator[int]:
    waiting: list[int] = []
    for packet in packets:
        assert packet.pts is not None
        heappush(waiting, packet.pts)
        while waiting and packet.dts is not None and waiting[0] <= packet.dts:
            yield heappop(waiting)
    while waiting:
        yield heappop(waiting)
