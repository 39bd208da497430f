"""What experiments measure on one machine: a few seconds' work of each kind, over a synthesised match, timed once.

Each gives rows: what was done, over how many frames, and how long it took. The same functions run in a container of
Modal and, as far as they need no GPU, anywhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Final

from cloud.networks import Upscalers
from jobs.clip import Footing, network_for, segment_spec
from jobs.segment import render
from jobs.spec import CropKeyValue, FramingClip, Look, SourceRef
from media import ffmpeg
from media.colour import Planes
from media.decode import frame_times, picture_count
from media.encode import Encoding
from media.probe import probe
from media.splice import splice
from media.spotlight import draw_spotlight
from media.synth import Match, write
from reel.errors import FfmpegFailed
from reel.geometry import OUTPUT_SIZES, Aspect, Size
from reel.spotlight import Ellipse, Spotlight

RATE: Final = Fraction(25)
GAME: Final = Size(1280, 720)
CROP: Final = CropKeyValue(pts=0, cx=0.5, cy=0.5, h=0.667)
ASPECT: Final[Aspect] = "9:16"
LOOK: Final = Spotlight(id="measure", in_pts=0, out_pts=1, keys=())

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bench:
    """A match of so many frames, a folder, and the networks of this machine."""

    folder: Path
    footing: Footing
    frames: int
    upscalers: Upscalers

    def renders(self, look: Look | None, name: str, part: slice = slice(None)) -> Path:
        """Render some of the frames as one segment, by a look's network or, as a draft, without one."""
        source = self.footing.source
        shown = list(frame_times(self.footing.footage, source, source.span))[: self.frames][part]
        base = (source.time_base.numerator, source.time_base.denominator)
        clip = FramingClip(
            id="m",
            source="m",
            time_base=base,
            in_pts=shown[0],
            out_pts=shown[-1] + 1,
            look=look or "natural",
            crop=(CROP,),
        )
        network = network_for(clip, ASPECT, source, self.upscalers) if look else None
        spec = segment_spec(clip, self.footing, ASPECT, source.rate, shown, network, draft=look is None)
        path = self.folder / f"{name}.mp4"
        render(spec, self.footing.footage, source, network, path, _quiet)
        return path

    def working_video(self) -> Path:
        """Make what a framing makes, the quickest way."""
        return self.renders(None, "base")


def measured(name: str, frames: int, upscalers: Upscalers) -> list[Row]:
    """Run one measure. Raises KeyError for one that is not known."""
    measure = MEASURES[name]
    with TemporaryDirectory() as folder:
        return measure(bench_in(Path(folder), frames, upscalers))


def bench_in(folder: Path, frames: int, upscalers: Upscalers) -> Bench:
    """Film a match of so many frames in a folder."""
    film = folder / "match.mp4"
    write(Match(size=GAME, rate=RATE, duration_s=Fraction(frames + 1) / RATE, players=6), film)
    return Bench(folder, Footing(SourceRef(id="m", key="m", sha256="0" * 64), film, probe(film)), frames, upscalers)


def _drops(bench: Bench) -> list[Row]:
    """E2: how many of the frames that go into a framing come out of it."""
    row = _timed("natural", bench.frames, lambda: bench.renders("natural", "e2"))
    return [row | {"frames_out": picture_count(bench.folder / "e2.mp4")}]


def _overlay(bench: Bench) -> list[Row]:
    """E3: spotlights on every frame of a framing; by x264, and by the GPU's encoder where there is one."""
    base, made = bench.working_video(), bench.folder / "made.mp4"
    encoding = Encoding(OUTPUT_SIZES[ASPECT], RATE)
    whole = range(bench.frames)
    return [_timed("x264", bench.frames, lambda: splice(made, base, encoding, draw, [whole])), *_nvenc(bench, base)]


def _draft(bench: Bench) -> list[Row]:
    """E4: a draft, without a network."""
    return [_timed("draft", bench.frames, lambda: bench.renders(None, "e4"))]


def _encoders(bench: Bench) -> list[Row]:
    """E5: the same frames, decoded and encoded again, by x264 and by the GPU's encoder."""
    base = bench.working_video()
    x264 = ["-c:v", "libx264", "-preset", "medium", "-crf", "18"]
    return [_transcoded("x264", x264, bench, base), *_nvenc(bench, base)]


def _framing(bench: Bench) -> list[Row]:
    """E7: a framing by one machine, beside which the same is asked of several."""
    return [_timed("by 1 container", bench.frames, lambda: bench.renders("natural", "e7"))]


def _side_by_side(bench: Bench) -> list[Row]:
    """E8 and E9: two clips by one network, one after the other, and both at once on the same machine."""
    halves = (slice(0, bench.frames // 2), slice(bench.frames // 2, None))

    def at_once() -> None:
        with ThreadPoolExecutor(len(halves)) as pool:
            for done in [pool.submit(bench.renders, "natural", f"at-once-{n}", half) for n, half in enumerate(halves)]:
                done.result()

    def in_a_row() -> None:
        for n, half in enumerate(halves):
            bench.renders("natural", f"row-{n}", half)

    return [_timed("in a row", bench.frames, in_a_row), _timed("at once", bench.frames, at_once)]


MEASURES: Final[Mapping[str, Callable[[Bench], list[Row]]]] = MappingProxyType(
    {
        "E2": _drops,
        "E3": _overlay,
        "E4": _draft,
        "E5": _encoders,
        "E7": _framing,
        "E8": _side_by_side,
        "E9": _side_by_side,
    }
)


def _nvenc(bench: Bench, base: Path) -> list[Row]:
    """Return the row of the GPU's encoder; none where there is none."""
    with suppress(FfmpegFailed):
        return [_transcoded("nvenc", ["-c:v", "h264_nvenc", "-preset", "p5", "-cq", "19"], bench, base)]
    return []


def _transcoded(what: str, coding: Sequence[str], bench: Bench, base: Path) -> Row:
    made = bench.folder / f"{what}.mp4"
    row = _timed(what, bench.frames, lambda: ffmpeg.run(["-i", f"file:{base}", *coding, "-an", "-y", f"file:{made}"]))
    return row | {"size_bytes": made.stat().st_size}


def draw(number: int, picture: Planes) -> Planes:
    """Draw a spotlight that crosses the picture, as a player does."""
    height, width = picture.y.shape
    at = Ellipse(x=width * (number % 100) / 100, y=height / 2, rx=80, ry=160, rotation_deg=0, opacity=1)
    draw_spotlight(picture, at, LOOK)
    return picture


def _timed(what: str, frames: int, work: Callable[[], object]) -> Row:
    began_s = time.perf_counter()
    work()
    return {"what": what, "frames": frames, "seconds": time.perf_counter() - began_s}


def _quiet(*, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
    """Report to nobody."""
