"""A finished reel, looked at from outside: what plays everywhere, what it shows and what is heard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from media import ffmpeg
from media.decode import all_frames
from media.open import open_footage
from reel.geometry import PixelWindow, Size

Picture: TypeAlias = NDArray[np.uint8]

if TYPE_CHECKING:
    from av.container.core import Chapter as ChapterEntry

HEARD_RATE = 48_000
OURS = {"major_brand", "minor_version", "compatible_brands", "title", "comment"}


@dataclass(frozen=True)
class Finished:
    """What a file says about itself, and how many pictures can be decoded."""

    size: Size
    rate: Fraction
    frames: int
    title: str
    comment: str
    chapters: tuple[tuple[str, Fraction, Fraction], ...]  # name, begin and end in seconds


def finished(path: Path) -> Finished:
    """Hold a reel to what every output is: H.264 High yuv420p bt709 limited, AAC 48 kHz, index first; describe it."""
    assert boxes(path)[:2] == ["ftyp", "moov"]
    with open_footage(path) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        picture = video.codec_context
        assert (picture.name, video.profile, picture.pix_fmt) == ("h264", "High", "yuv420p")
        assert (picture.color_range, picture.colorspace, picture.color_primaries, picture.color_trc) == (1, 1, 1, 1)
        assert (sound.codec_context.name, sound.codec_context.sample_rate, sound.codec_context.channels) == (
            "aac",
            48_000,
            2,
        )
        assert set(container.metadata) <= OURS, container.metadata
        assert video.average_rate is not None
        rate = Fraction(video.average_rate)
        chapters = tuple(_chapter(entry) for entry in container.chapters())
        labels = [container.metadata.get(name, "") for name in ("title", "comment")]
        assert sound.duration is not None
        assert sound.time_base is not None
        heard_s = sound.duration * sound.time_base
        stamps = sorted(packet.pts * packet.time_base for packet in container.demux(video) if packet.pts is not None)
    frames = sum(1 for _ in all_frames(path))
    assert stamps == [number / rate for number in range(frames)]
    assert abs(heard_s - frames / rate) < 1 / rate
    return Finished(Size(picture.width, picture.height), rate, frames, labels[0], labels[1], chapters)


def boxes(path: Path) -> list[str]:
    """Return the names of an mp4's outer boxes, in order."""
    names: list[str] = []
    with path.open("rb") as file:
        while head := file.read(8):
            names.append(head[4:].decode("latin-1"))
            length = int.from_bytes(head[:4], "big")
            assert length >= 8, names
            file.seek(length - 8, 1)
    return names


def lumas(path: Path) -> Iterator[Picture]:
    """Iterate the grey pictures of a video, upright."""
    for frame in all_frames(path):
        yield _grey(frame)


def heard(path: Path) -> NDArray[np.float32]:
    """Return a video's sound as mono samples at 48 kHz."""
    raw = ffmpeg.run(["-i", f"file:{path}", "-ac", "1", "-ar", str(HEARD_RATE), "-f", "f32le", "pipe:1"])
    return np.frombuffer(raw, np.float32)


def source_frame(path: Path, at_s: Fraction) -> Picture:
    """Return the grey picture that a source shows at a time: the newest frame at or before it, turned upright."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        first_pts, newest = stream.start_time or 0, None
        container.seek(first_pts + int(at_s / stream.time_base), stream=stream)
        for frame in container.decode(stream):
            assert frame.pts is not None
            if (frame.pts - first_pts) * stream.time_base > at_s:
                break
            newest = frame
        assert newest is not None
        return np.ascontiguousarray(np.rot90(_grey(newest), newest.rotation // 90))


def cut_out(picture: Picture, window: PixelWindow, output: Size) -> Picture:
    """Cut a window out and resize it, independently of what is tested."""
    scale = output.height / window.height
    matrix = np.array(
        [
            [scale, 0, output.width / 2 - scale * (window.cx - 0.5) - 0.5],
            [0, scale, output.height / 2 - scale * (window.cy - 0.5) - 0.5],
        ]
    )
    made = cv2.warpAffine(picture, matrix, (output.width, output.height), flags=cv2.INTER_CUBIC)
    return made.astype(np.uint8)


def likeness(one: Picture, other: Picture) -> float:
    """Return the correlation of two pictures of one size."""
    return float(np.corrcoef(one.ravel().astype(np.float32), other.ravel().astype(np.float32))[0, 1])


def _grey(frame: VideoFrame) -> Picture:
    return frame.to_ndarray(format="gray").astype(np.uint8, copy=False)


def _chapter(entry: ChapterEntry) -> tuple[str, Fraction, Fraction]:
    assert entry["time_base"] is not None
    return entry["metadata"]["title"], entry["start"] * entry["time_base"], entry["end"] * entry["time_base"]
