"""A film of ours made small enough for a messenger: its size is a promise, its lines are what that leaves room for.

Encoded in two passes, so that the bits go where the play is. What still comes out too large is encoded again for less,
and then with fewer lines: what is returned is never above the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

from media import ffmpeg
from media.encode import THREADS
from media.probe import Source
from reel.errors import BadInput
from reel.geometry import Size, even
from reel.timing import half_up

Progress: TypeAlias = Callable[[int, int], None]  # is told the frames done, of both passes, and in all; may raise

MOST_BYTES: Final = 16_000_000
"""What a messenger takes of a video that is sent as one; WhatsApp's own limit is 16 MB."""

LADDER: Final = (720, 540, 432, 360, 288, 240)
"""The short side in px, from what is wanted down to what can still be followed on a phone."""
FASTEST_RATE: Final = 30
ENOUGH: Final = 0.15
"""Bits per pixel beyond which a phone shows no difference: a short reel is not blown up to the limit."""
GOOD: Final = 0.03
"""Bits per pixel that grass in motion needs: below it, fewer lines are chosen.

Looked at on a real match: at 0.03 shirt numbers are legible and the grass has its stripes, and 720 lines (SSIM 0.966
with what was encoded) stand beside 540 of as many bytes (0.969) without a difference that the eye finds; at 0.02 they
fall behind (0.947, 0.954).
"""
LEAST: Final = 0.012
"""Bits per pixel below which the play cannot be made out any more, even of the fewest lines.

Looked at on the same match: here players are still told apart by their shirts and how they stand, and nothing finer is.
"""

_SOUNDS: Final = ((1_000_000, 96_000), (400_000, 64_000), (0, 48_000))
"""Bits a second of sound, by how many there are for everything."""
_FRAME_BYTES, _PACKET_BYTES, _HEAD_BYTES = 24, 12, 40_000  # what an mp4 says of each frame, of each packet of sound
_PACKETS_S: Final = 48  # of AAC, at 48 kHz
_TRIES: Final = 2
_WALL_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How a copy is to be made."""

    size: Size
    rate: Fraction
    video_bits_s: int
    sound_bits_s: int


@dataclass(frozen=True, slots=True)
class Small:
    """The copy that was made."""

    size: Size
    size_bytes: int


def plans(film: Size, rate: Fraction, duration_s: Fraction, *, sound: bool, most_bytes: int) -> Iterator[Plan]:
    """Give the ways to make a copy, the best first: the most lines that still look well, then fewer.

    None where even the fewest could not be made out.
    """
    slow = rate / (-(-rate // FASTEST_RATE))  # every second frame of 60, of 50, of 59.94
    told = _HEAD_BYTES + duration_s * (slow * _FRAME_BYTES + (_PACKETS_S * _PACKET_BYTES if sound else 0))
    whole = int((most_bytes - told) * 8 / duration_s)
    heard = next(bits for least, bits in _SOUNDS if whole >= least) if sound and whole > 0 else 0
    seen = whole - heard
    begun = False
    for lines in LADDER:
        size = _scaled(film, lines)
        pixels_s = float(size.width * size.height * slow)
        fits = seen >= pixels_s * GOOD or (lines == LADDER[-1] and seen >= pixels_s * LEAST)
        if begun or fits:
            begun = True
            yield Plan(size, slow, min(seen, int(pixels_s * ENOUGH)), heard)


def write_small_copy(path: Path, film: Path, source: Source, progress: Progress, most_bytes: int = MOST_BYTES) -> Small:
    """Write a copy of `film`, a video of ours, of at most `most_bytes`; tell `progress`.

    Raises BadInput for a film that is too long for that, FfmpegFailed, MediaTimeout.
    """
    duration_s = source.span.duration_pts * source.time_base
    sound = source.sound is not None
    for plan in plans(source.displayed, source.rate, duration_s, sound=sound, most_bytes=most_bytes):
        if _made(path, film, plan, duration_s, progress, most_bytes):
            return Small(plan.size, path.stat().st_size)
    minutes = float(duration_s) / 60
    raise BadInput(
        f"This reel lasts {minutes:.0f} minutes: in {most_bytes / 1e6:.0f} MB nothing could be made out any more.",
        most_bytes=most_bytes,
    )


def _made(path: Path, film: Path, plan: Plan, duration_s: Fraction, progress: Progress, most_bytes: int) -> bool:
    """Make a copy by a plan; say whether it is small enough."""
    frames = max(1, half_up(duration_s * plan.rate))
    with TemporaryDirectory(dir=path.parent) as folder:
        log = Path(folder, "passes")
        first = [*_video(plan, plan.video_bits_s, log, 1), "-an", "-f", "null", "-"]
        _run(film, first, lambda done: progress(min(done, frames), 2 * frames))
        bits_s = plan.video_bits_s
        for _ in range(_TRIES):
            second = [*_video(plan, bits_s, log, 2), *_sound(plan), *_container(), f"file:{path.resolve()}"]
            _run(film, second, lambda done: progress(frames + min(done, frames), 2 * frames))
            over = path.stat().st_size / most_bytes
            if over <= 1:
                return True
            bits_s = int(bits_s / over * 0.96)
    return False


def _run(film: Path, arguments: Sequence[str], told: Callable[[int], None]) -> None:
    habits = ["-y", "-nostats", "-progress", "pipe:1", "-stats_period", "0.2"]
    with ffmpeg.running([*habits, *ffmpeg.reading(film), *arguments], limits=ffmpeg.Limits(wall_s=_WALL_S)) as process:
        assert process.stdout is not None
        for line in process.stdout:
            name, _, value = line.decode(errors="replace").strip().partition("=")
            if name == "frame" and value.isdecimal():
                told(int(value))


def _video(plan: Plan, bits_s: int, log: Path, number: int) -> list[str]:
    """Return the arguments of one pass. `cpu-independent` and the pinned threads as media.encode has them."""
    picture = f"fps={plan.rate},scale={plan.size.width}:{plan.size.height}:flags=lanczos,setsar=1"
    rate = f"{plan.rate.numerator}/{plan.rate.denominator}"
    colour = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"]
    return [
        *("-map", "0:v:0", "-vf", picture, "-r", rate, "-pix_fmt", "yuv420p", *colour),
        *("-c:v", "libx264", "-preset", "faster", "-profile:v", "high", "-threads", str(THREADS)),
        *(
            "-b:v",
            str(bits_s),
            "-maxrate",
            str(bits_s * 2),
            "-bufsize",
            str(bits_s * 4),
            "-g",
            str(2 * round(plan.rate)),
        ),
        *("-x264-params", "cpu-independent=1", "-pass", str(number), "-passlogfile", str(log)),
    ]


def _sound(plan: Plan) -> list[str]:
    if not plan.sound_bits_s:
        return ["-an"]
    channels = "1" if plan.sound_bits_s < _SOUNDS[1][1] else "2"
    return ["-map", "0:a:0", "-c:a", "aac", "-b:a", str(plan.sound_bits_s), "-ac", channels]


def _container() -> list[str]:
    """Return the muxer's options: the index first, the film's title and chapters, no clock or version in the file."""
    exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    return ["-map_metadata", "0", "-map_chapters", "0", *exact, "-movflags", "+faststart", "-f", "mp4"]


def _scaled(film: Size, lines: int) -> Size:
    scale = min(Fraction(1), Fraction(lines, min(film.width, film.height)))
    return Size(even(round(film.width * scale)), even(round(film.height * scale)))
