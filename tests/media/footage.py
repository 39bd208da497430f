"""Tiny clips in every shape that real footage comes in; each frame has its number burnt in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from media import ffmpeg
from media.colour import Planes
from media.synth_counter import burn, read_counter
from reel.geometry import Size

SIZE = Size(96, 64)
RATE = Fraction(25)

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1")
B_FRAMES = (*H264, "-bf", "3", "-g", "12", "-keyint_min", "12", "-sc_threshold", "0", "-x264-params", "b-adapt=0")
OPEN_GOPS = (*H264, "-bf", "3", "-g", "12", "-x264-params", "open-gop=1:keyint=12:min-keyint=12:scenecut=0:b-adapt=0")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params")
OPEN_HEVC = (*HEVC, "open-gop=1:keyint=12:min-keyint=12:scenecut=0:bframes=3:b-adapt=0:log-level=error:pools=1")

TONE = ("-f", "lavfi", "-i", "sine=f=440:d=4")  # a second input, for `sound`


# Containers and codecs, and all that they do to time: a file name, and the options that write it.
FORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "mp4": ("a.mp4", B_FRAMES),
    "fragmented": ("a.mp4", (*B_FRAMES, "-movflags", "frag_keyframe+empty_moov")),
    "fragmented with an index": (
        "a.mp4",
        (*B_FRAMES, "-movflags", "frag_keyframe+empty_moov+default_base_moof+global_sidx"),
    ),
    "mov": ("a.mov", (*B_FRAMES, "-timecode", "01:00:00:00")),
    "mkv": ("a.mkv", B_FRAMES),
    "mkv without an index or an end": ("a.mkv", (*B_FRAMES, "-live", "1")),
    "mkv that begins late": ("a.mkv", (*B_FRAMES, "-output_ts_offset", "100")),
    "webm": ("a.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")),
    "mpegts": ("a.ts", B_FRAMES),
    "mpegts of one GOP": ("a.ts", (*H264, "-bf", "3", "-g", "250")),
    "mpegts far from zero": ("a.ts", (*B_FRAMES, "-output_ts_offset", "90000")),
    "mp4 far from zero": ("a.mp4", (*B_FRAMES, "-output_ts_offset", "100")),
    "open GOPs": ("a.mp4", OPEN_HEVC),
    "open GOPs in mpegts": ("a.ts", OPEN_GOPS),
    "open GOPs in mkv": ("a.mkv", OPEN_HEVC),
    "mpeg2": ("a.ts", ("-c:v", "mpeg2video", "-bf", "2", "-q:v", "3")),
    "mpeg4": ("a.mp4", ("-c:v", "mpeg4", "-bf", "2", "-q:v", "3")),
    "prores": ("a.mov", ("-c:v", "prores_ks", "-pix_fmt", "yuv422p10le")),
    "av1": ("a.mp4", ("-c:v", "libsvtav1", "-preset", "12")),
}


def numbered(
    path: Path,
    *options: str,
    frames: int = 50,
    rate: Fraction = RATE,
    size: Size = SIZE,
    sound: Sequence[str] = (),
) -> Path:
    """Write `frames` numbered pictures, encoded and muxed as `options` say; `sound` is a second input."""
    shape = ["-f", "rawvideo", "-pix_fmt", "gray", "-video_size", f"{size.width}x{size.height}"]
    inputs = [*shape, "-framerate", str(rate), "-i", "pipe:0", *sound]
    maps = ["-map", "0:v", *(("-map", "1:a") if sound else ())]
    video = options if "-c:v" in options else (*H264, "-bf", "0", "-g", "12", *options)
    pixels = () if "-pix_fmt" in options else ("-pix_fmt", "yuv420p")
    pictures = b"".join(picture(number, size).tobytes() for number in range(frames))
    ffmpeg.run([*inputs, *maps, *video, *pixels, "-y", f"file:{path}"], stdin=pictures)
    return path


def formed(form: str, folder: Path, *, frames: int = 50, sound: Sequence[str] = ()) -> Path:
    """Write numbered pictures in one of FORMS."""
    name, options = FORMS[form]
    return numbered(folder / name, *options, frames=frames, sound=sound)


def remuxed(source: Path, path: Path, *options: str, before: Sequence[str] = ()) -> Path:
    """Copy the packets of `source` to a new file; options of the input come `before`."""
    ffmpeg.run([*before, "-i", f"file:{source}", "-map", "0", "-c", "copy", *options, "-y", f"file:{path}"])
    return path


def cut_off(source: Path, path: Path, share: float) -> Path:
    """Write the first `share` of a file's bytes, as a broken transfer leaves them."""
    body = source.read_bytes()
    path.write_bytes(body[: int(len(body) * share)])
    return path


def picture(number: int, size: Size = SIZE) -> np.ndarray:
    """Return a numbered picture, (height, width), a slope of grey behind the number."""
    slope = np.add.outer(np.arange(size.height), np.arange(size.width)) % 100 + 60
    pixels = slope.astype(np.uint8)[..., None]
    burn(pixels, number)
    return pixels[..., 0]


def planes(number: int, size: Size = SIZE) -> Planes:
    """Return a numbered picture as the encoder takes it, grey."""
    grey = np.full((size.height // 2, size.width // 2), 128, np.uint8)
    return Planes(picture(number, size), grey, grey)


def number_of(frame: VideoFrame) -> int | None:
    """Return the number burnt into a decoded picture, None if it cannot be read."""
    return read_counter(frame.to_ndarray(format="gray"), Size(frame.width, frame.height))


def numbers_of(frames: Iterable[VideoFrame]) -> list[int | None]:
    """Return the numbers burnt into decoded pictures."""
    return [number_of(frame) for frame in frames]
