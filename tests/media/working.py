"""Small working videos as `join` makes them, and what is found in a finished file, packet by packet."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from media import ffmpeg
from media.decode import all_frames
from media.encode import Encoding, video_sink
from media.join import join
from media.open import open_footage
from media.sound import RATE, Samples, sample_at
from tests.media.footage import SIZE, planes

# The binary's decoders of H.264 that have nothing in common with one another.
DECODERS = [name for name in ("h264", "libopenh264") if f" {name} " in ffmpeg.run(["-decoders"]).decode()]

NTSC = Fraction(30000, 1001)
ENCODING = Encoding(SIZE, NTSC, preset="veryfast")
LENGTHS = (33, 7, 60)  # GOPs of 30 and 3, 7, 30 and 30 frames
STARTS = (0, 30, 33, 40, 70)
COUNT = sum(LENGTHS)


def tone(count: int, hz: float = 440) -> Samples:
    """Return a tone."""
    wave = 0.3 * np.sin(2 * np.pi * hz / RATE * np.arange(count, dtype=np.float32))
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def working_video(
    path: Path,
    encoding: Encoding = ENCODING,
    lengths: Sequence[int] = LENGTHS,
    *,
    first: int = 0,
    sound: Samples | None = None,
) -> Path:
    """Write pictures numbered from `first` on in segments of `lengths`, joined, with a tone."""
    parts: list[Path] = []
    for start, end in pairwise(accumulate(lengths, initial=first)):
        parts.append(path.with_name(f"{path.stem}-{start}.mp4"))
        with video_sink(parts[-1], encoding) as sink:
            for number in range(start, end):
                sink.write(planes(number, encoding.size))
    if sound is None:
        sound = tone(sample_at(sum(lengths), encoding.rate))
    join(path, parts, encoding.rate, iter([sound]))
    return path


def payloads(path: Path, kind: str = "video") -> list[bytes]:
    """Return the bytes of each packet, in the order in which they are stored."""
    with open_footage(path) as container:
        stream = container.streams.video[0] if kind == "video" else container.streams.audio[0]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def parameters(path: Path) -> bytes | None:
    """Return a file's parameter sets."""
    with open_footage(path) as container:
        return container.streams.video[0].codec_context.extradata


def shown(path: Path) -> list[np.ndarray]:
    """Return every picture as PyAV decodes it: its planes, one under the other."""
    return [frame.to_ndarray() for frame in all_frames(path)]


def shown_by_binary(path: Path, decoder: str = "h264") -> list[np.ndarray]:
    """Return every picture as a decoder of the ffmpeg binary gives it, not turned; it may not complain."""
    read = ["-xerror", "-noautorotate", "-c:v", decoder, "-i", f"file:{path}", "-map", "0:v:0"]
    raw = ffmpeg.run([*read, "-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"])
    like = next(iter(all_frames(path))).to_ndarray()
    return list(np.frombuffer(raw, np.uint8).reshape(-1, *like.shape))


def times(path: Path) -> list[Fraction]:
    """Return when each picture is shown, in seconds."""
    return [at_s(frame) for frame in all_frames(path)]


def at_s(frame: VideoFrame) -> Fraction:
    """Return a picture's time in seconds."""
    assert frame.pts is not None
    assert frame.time_base is not None
    return frame.pts * frame.time_base


def heard(path: Path) -> np.ndarray:
    """Return the sound as the binary decodes it, mono."""
    raw = ffmpeg.run(["-i", f"file:{path}", "-map", "0:a", "-ac", "1", "-f", "f32le", "pipe:1"])
    return np.frombuffer(raw, np.float32)


def same(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> bool:
    """Say whether two films are equal, picture by picture, to the last level."""
    return len(one) == len(other) and all(np.array_equal(*pair) for pair in zip(one, other, strict=True))
