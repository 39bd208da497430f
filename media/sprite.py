"""The timeline's pictures: one JPEG sheet of small frames, made from sync frames alone, which costs next to nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product, takewhile
from math import ceil
from pathlib import Path

import cv2
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from media.colour import to_rgb
from media.index import FrameIndex
from media.open import Footage, open_footage
from media.packets import DAMAGE, packets, seek
from media.picture import turned
from media.probe import Source, video_stream
from media.proxy import shrunk
from reel.geometry import Size

LARGEST_TILE = Size(160, 90)
MOST_TILES = 200
CLOSEST_S = Fraction(1)
COLUMNS = 10
JPEG_QUALITY = 72
SEEK_BACK_S = (0, 4)  # mpegts is sought by dts, and may land behind the frame


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a sprite sheet: tiles of one size, row by row, each with the pts of the frame that it shows."""

    tile: Size
    columns: int
    pts: tuple[int, ...]


def write_sheet(
    footage: Footage, source: Source, index: FrameIndex, path: Path, progress: Callable[[int], None]
) -> Sheet:
    """Write the sprite sheet as a JPEG; tell `progress` how many tiles are done. A damaged frame leaves a dark tile."""
    tile = tile_size(source.displayed)
    wanted = tile_times(index)
    rows = ceil(len(wanted) / COLUMNS)
    sheet = np.zeros((rows * tile.height, min(COLUMNS, len(wanted)) * tile.width, 3), np.uint8)
    number_of = {pts: number for number, pts in enumerate(wanted)}
    for done, frame in enumerate(_sync_frames(footage, wanted), 1):
        row, column = divmod(number_of[_pts(frame)], COLUMNS)
        y, x = row * tile.height, column * tile.width
        sheet[y : y + tile.height, x : x + tile.width] = _tile(frame, tile, source)
        progress(done)
    progress(len(wanted))
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    _, body = cv2.imencode(".jpg", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), quality)
    path.write_bytes(body.tobytes())
    return Sheet(tile, COLUMNS, wanted)


def tile_size(displayed: Size) -> Size:
    """Return the largest even size of the picture's shape inside LARGEST_TILE."""
    scale = min(Fraction(LARGEST_TILE.width, displayed.width), Fraction(LARGEST_TILE.height, displayed.height))
    return Size(*(max(2, round(side * scale / 2) * 2) for side in (displayed.width, displayed.height)))


def tile_times(index: FrameIndex) -> tuple[int, ...]:
    """Return the sync frames to show: evenly spread, at most MOST_TILES, not closer than CLOSEST_S."""
    sync = index.sync_pts or index.frame_pts[:1]
    start, length = index.frame_pts[0], index.end_pts - index.frame_pts[0]
    count = max(1, min(MOST_TILES, int(length * index.time_base / CLOSEST_S)))
    middles = (start + length * (2 * number + 1) // (2 * count) for number in range(count))
    return tuple(sorted({_nearest(sync, middle) for middle in middles}))


def _nearest(sync: tuple[int, ...], pts: int) -> int:
    after = bisect_left(sync, pts)
    return min(sync[max(0, after - 1) : after + 1], key=lambda at: abs(at - pts))


def _sync_frames(footage: Footage, wanted: tuple[int, ...]) -> Iterator[VideoFrame]:
    """Decode the wanted sync frames, but those that cannot be: all at once, then what is missing one by one."""
    missing = set(wanted)
    for frames in (_all_at_once(footage, wanted), _one_by_one(footage, missing)):
        for frame in frames:
            if frame.pts in missing:
                missing.remove(frame.pts)
                yield frame


def _all_at_once(footage: Footage, wanted: tuple[int, ...]) -> Iterator[VideoFrame]:
    """Decode sync frames side by side: seeking in one container leaves the decoder of the other alone."""
    with open_footage(footage) as decoding, open_footage(footage) as reading:
        decoder, stream = video_stream(decoding).codec_context, video_stream(reading)
        for pts in wanted:
            packet = _sync_packet(reading, stream, pts, 0)
            if packet is not None:
                yield from _decoded(decoder, packet)
        yield from _decoded(decoder, None)


def _one_by_one(footage: Footage, missing: set[int]) -> Iterator[VideoFrame]:
    """Decode sync frames each with a fresh decoder; some containers seek by dts, and land behind the frame."""
    if not missing:
        return
    with open_footage(footage) as container:
        stream = video_stream(container)
        stream.thread_type = "SLICE"  # frame threads would hold a lone frame back
        for pts, back_s in product(sorted(missing), SEEK_BACK_S):
            packet = _sync_packet(container, stream, pts, back_s) if pts in missing else None
            if packet is not None:
                yield from _decoded(stream.codec_context, packet)
                yield from _decoded(stream.codec_context, None)  # or it waits for pictures shown before this one


def _sync_packet(container: InputContainer, stream: VideoStream, pts: int, back_s: int) -> Packet | None:
    assert stream.time_base is not None
    if not seek(container, stream, pts - int(back_s / stream.time_base)):
        return None
    within = takewhile(lambda packet: packet.pts is None or packet.pts <= pts, packets(container, stream))
    return next((packet for packet in within if packet.is_keyframe and packet.pts == pts), None)


def _decoded(decoder: VideoCodecContext, packet: Packet | None) -> list[VideoFrame]:
    try:
        return decoder.decode(packet)
    except DAMAGE:
        return []


def _pts(frame: VideoFrame) -> int:
    assert frame.pts is not None
    return frame.pts


def _tile(frame: VideoFrame, tile: Size, source: Source) -> np.ndarray:
    coded = Size(tile.height, tile.width) if source.orientation.quarter_turns % 2 else tile
    return turned(to_rgb(shrunk(frame, coded), source.colour), source.orientation)
