"""The middle of a clip: the part of a foreign H.264 source that can be copied, if that is provably right.

It begins with an IDR picture, before which nothing is looked back at, and ends before one or with the source. Between
the two stand, in whatever order they are stored, exactly the pictures that are shown between the two; all of them are
frames, coded under the one pair of parameter sets that the file names at its beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from media.h264 import (
    DELIMITER,
    FILLER,
    IDR_SLICE,
    OPENING_BYTES,
    PICTURE_SET,
    PICTURES,
    SEI,
    SEQUENCE_SET,
    Language,
    NotPlain,
    idr_id,
    language,
    parameter_sets,
    picture_set_id,
    unit_type,
    units,
)
from media.open import Footage, open_footage
from media.packets import packets, rewind, seek
from media.probe import Source, video_stream

_REORDERED = 32  # more pictures than ever stand between where one is shown and where it is stored


class Unfit(Exception):
    """The clip cannot be copied in part; the text says why."""


@dataclass(frozen=True, slots=True)
class Middle:
    """Where it lies: the packets `first` to `last` from a seek to `seek_pts` on; the pts of each, as they are stored.

    `sync_pts` are those of its IDR pictures, `unused_idr_id` is a number that none of them has.
    """

    seek_pts: int
    first: int
    last: int
    pts: tuple[int, ...]
    sync_pts: tuple[int, ...]
    spoken: Language
    unused_idr_id: int

    @property
    def end(self) -> int:
        """The pts of its last picture."""
        return max(self.pts)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A packet: the pts of its picture, and how the IDR slice opens that it begins with, if it does."""

    pts: int
    idr_slice: bytes


def find_middle(footage: Footage, source: Source, times: Sequence[int], out_pts: int) -> Middle:
    """Find what can be copied of a clip that shows the pictures `times` until `out_pts`. Raises Unfit."""
    _keep_to_h264(source)
    with open_footage(footage) as container:
        stream = video_stream(container)
        try:
            sets = parameter_sets(stream.codec_context.extradata or b"")
            late_pts = out_pts + int(_REORDERED / (source.rate * source.time_base))
            stored: list[_Stored] = []
            ended = True
            for packet in _from(container, stream, source, times[0]):
                stored.append(_read(packet, sets))
                if stored[-1].pts >= late_pts:
                    ended = False
                    break
            first, last = _ends(stored, times, out_pts, ended=ended)
            syncs = [each for each in stored[first:last] if each.idr_slice]
            spoken = language(sets, picture_set_id(syncs[0].idr_slice))
            used = {idr_id(each.idr_slice, spoken.sequence) for each in syncs}
        except NotPlain as unusual:
            raise Unfit("Its H.264 is of a kind that is not continued.") from unusual
    return Middle(
        seek_pts=times[0],
        first=first,
        last=last,
        pts=tuple(each.pts for each in stored[first:last]),
        sync_pts=tuple(each.pts for each in syncs),
        spoken=spoken,
        unused_idr_id=next(number for number in count() if number not in used),
    )


def middle_packets(container: InputContainer, stream: VideoStream, source: Source, middle: Middle) -> Iterator[Packet]:
    """Iterate the packets of the middle, in the order in which they are stored."""
    return islice(_from(container, stream, source, middle.seek_pts), middle.first, middle.last)


def _keep_to_h264(source: Source) -> None:
    if source.codec != "h264" or source.colour.hdr:
        raise Unfit("It is not H.264 as every player takes it.")
    if source.interlaced:
        raise Unfit("It is interlaced.")
    if source.pixel_format not in ("yuv420p", "yuvj420p"):
        raise Unfit("Its pictures are not 8 bit 4:2:0.")
    if not {"mp4", "matroska"} & set(source.container.split(",")):
        raise Unfit("It is a stream without an index.")
    if source.orientation.mirrored:
        raise Unfit("It is mirrored, which players ignore.")


def _from(container: InputContainer, stream: VideoStream, source: Source, pts: int) -> Iterator[Packet]:
    """Iterate the packets from the sync frame before `pts` on."""
    if pts <= source.span.in_pts or not seek(container, stream, pts):
        rewind(container, stream)
    return (packet for packet in packets(container, stream) if packet.size)


def _read(packet: Packet, sets: Sequence[bytes]) -> _Stored:
    """Look at a packet's units. Raises Unfit for what cannot be copied, NotPlain for what is damaged."""
    if packet.pts is None or packet.is_discard or packet.is_corrupt:
        raise Unfit("Some of its pictures are hidden or damaged.")
    slices: list[bytes] = []
    for unit in units(bytes(packet)):
        kind = unit_type(unit)
        if kind in PICTURES:
            slices.append(unit)
        elif kind in (SEQUENCE_SET, PICTURE_SET) and unit not in sets:
            raise Unfit("Its settings change in the middle.")
        elif kind not in (SEQUENCE_SET, PICTURE_SET, SEI, DELIMITER, FILLER):
            raise NotPlain
    kinds = {unit_type(unit) for unit in slices}
    if len(kinds) != 1 or packet.has_sidedata("new_extradata"):
        raise Unfit("Its settings change in the middle.")
    return _Stored(packet.pts, slices[0][:OPENING_BYTES] if IDR_SLICE in kinds else b"")


def _ends(stored: Sequence[_Stored], times: Sequence[int], out_pts: int, *, ended: bool) -> tuple[int, int]:
    """Return the first and the last packet (exclusive) that can be copied. Raises Unfit."""
    syncs = [number for number, each in enumerate(stored) if each.idr_slice]
    starts = [number for number in syncs if stored[number].pts >= times[0]]
    stops = [number for number in syncs if stored[number].pts <= out_pts]
    if ended and all(each.pts < out_pts for each in stored):
        stops.append(len(stored))
    if not starts or not stops or starts[0] >= stops[-1]:
        raise Unfit("No whole group of pictures that stands by itself lies in the clip.")
    first, last = starts[0], stops[-1]
    until = stored[last].pts if last < len(stored) else out_pts
    if sorted(each.pts for each in stored[first:last]) != [pts for pts in times if stored[first].pts <= pts < until]:
        raise Unfit("Its groups of pictures reach into one another.")
    return first, last
