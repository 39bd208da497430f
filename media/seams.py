"""Whether a cut holds: two decoders, PyAV's and the ffmpeg binary's, have to show the pictures that belong there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from zlib import crc32

from av.video.frame import VideoFrame

from media import ffmpeg
from media.decode import frame_times, frames
from media.probe import Source, probe
from reel.errors import BadSource, FfmpegFailed
from reel.timing import Span


def checksums(pictures: Iterable[VideoFrame]) -> list[int]:
    """Return the CRC-32 of each picture's planes."""
    return [crc32(picture.to_ndarray().tobytes()) for picture in pictures]


def holds(path: Path, times: Sequence[int], time_base: Fraction, stretches: Iterable[tuple[int, list[int]]]) -> bool:
    """Say whether a file shows pictures at `times` only, and in each stretch of them those that it should.

    A stretch is the number of its first picture, a sync frame, and the checksums of its pictures.
    """
    due = [(pts - times[0]) * time_base for pts in times]
    try:
        source = probe(path, tail=False)
        found = frame_times(path, source, source.span)
        return [pts * source.time_base for pts in found] == due and all(
            _by_pyav(path, source, found[first], len(wanted)) == wanted
            and _by_binary(path, _just_before(due, first), len(wanted)) == wanted
            for first, wanted in stretches
        )
    except (BadSource, FfmpegFailed):  # there is nothing that could be shown
        return False


def _by_pyav(path: Path, source: Source, pts: int, count: int) -> list[int]:
    return checksums(islice(frames(path, source, Span(pts, source.span.out_pts)), count))


def _by_binary(path: Path, since_s: Fraction, count: int) -> list[int]:
    whole = ["-map", "0:v:0", "-frames:v", str(count), "-fps_mode", "passthrough"]
    read = ffmpeg.reading(path, "-noautorotate", *(("-ss", f"{float(since_s):.6f}") if since_s else ()))
    text = ffmpeg.run([*read, *whole, "-f", "framehash", "-hash", "CRC32", "pipe:1"]).decode()
    return [int(line.rpartition(",")[2], 16) for line in text.splitlines() if not line.startswith("#")]


def _just_before(due: Sequence[Fraction], number: int) -> Fraction:
    """Return a time at which picture `number` is the next: the binary counts microseconds."""
    return (due[number] + due[number - 1]) / 2 if number else Fraction(0)
