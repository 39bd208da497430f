"""The frames of a source: the time of each, the sync frames with their places in the file, and how constant it runs.

ptsmap.json (schema 1) holds every frame's pts in a few numbers, since frames mostly stand on an even grid whose times
the container rounded. A run of `count` frames has pts[k] = floor((start + k·n) / d) for k = 0 … count − 1, `step` being
[n, d]; the next run's start is start + count·n + its `gap`, and the first run's start is its gap:

    {"schema": 1, "time_base": [1, 12800], "rate": [25, 1], "count": 1750, "end_pts": 896000, "step": [512, 1],
     "runs": [count, gap, count, gap, …]}

index.json (schema 1) holds the sync frames, each as the distance to the one before it in pts and in bytes (the first
to 0); where the container does not tell a place in the file, it stays the same:

    {"schema": 1, "time_base": [1, 12800], "longest_gop_s": 2.0, "sync": [pts, bytes, pts, bytes, …]}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from av.packet import Packet

from media.interlace import field_times
from media.open import Footage, open_footage
from media.packets import refuse_shorter, shown_packets
from media.probe import Source, video_stream
from reel.errors import SourceUnreadable
from reel.timing import nominal_rate

# Packets between two calls of `progress`: a few milliseconds from a disk, well below 200 ms from a network.
PROGRESS_PACKETS = 100
STEP_BACK_S = Fraction(1, 2)  # packets are stored in the order of their decoding: more than a slip


@dataclass(frozen=True, slots=True)
class Run:
    """Frames on one even grid: pts[k] = floor((start + k·n) / d), with the step n/d of the whole source."""

    count: int
    start: int


@dataclass(frozen=True)
class FrameIndex:
    """Every shown frame of a source, in order; pts after the edit list."""

    time_base: Fraction
    frame_pts: tuple[int, ...]
    end_pts: int
    sync_pts: tuple[int, ...]
    sync_bytes: tuple[int, ...]  # where each sync frame begins in the file

    @cached_property
    def rate(self) -> Fraction:
        """The rate that the source was meant to have."""
        return nominal_rate(self.frame_pts, self.time_base)

    @cached_property
    def step(self) -> Fraction:
        """The distance of two frames at the nominal rate, in ticks."""
        return 1 / (self.rate * self.time_base)

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The frames as runs on the nominal grid."""
        return tuple(_runs(self.frame_pts, self.step))

    @property
    def constant(self) -> bool:
        """Whether every frame stands on the grid: a constant rate, as far as the container's rounding tells."""
        return len(self.runs) == 1

    @property
    def longest_gop_s(self) -> Fraction:
        """How far a player may have to decode from the sync frame before a frame to reach it, in seconds."""
        edges = sorted({self.frame_pts[0], *self.sync_pts, self.end_pts})
        return max(after - before for before, after in pairwise(edges)) * self.time_base


def scan(footage: Footage, source: Source, progress: Callable[[int], None]) -> FrameIndex:
    """Read every packet of the picture once; tell `progress` how many frames were found so far.

    Raises SourceUnreadable if there is none, or if their clock begins again; SourceTruncated and SourceGone where the
    file was cut meanwhile.
    """
    frames: list[int] = []
    sync: dict[int, int] = {}
    with open_footage(footage) as container:
        stream = video_stream(container)
        for packet in _on_one_clock(shown_packets(container, stream), source):
            assert packet.pts is not None
            if not source.span.contains(packet.pts):
                continue
            frames.append(packet.pts)
            if packet.is_keyframe:
                sync[packet.pts] = packet.pos if packet.pos is not None and packet.pos >= 0 else 0
            if len(frames) % PROGRESS_PACKETS == 0:
                progress(len(frames))
    if not frames:
        raise SourceUnreadable("No picture of this video can be found.")
    refuse_shorter(footage, source.size_bytes, float((max(frames) - source.span.in_pts) * source.time_base))
    shown = tuple(filter(source.span.contains, field_times(sorted(set(frames)), source.field_pts)))
    progress(len(shown))
    order = sorted(sync)
    return FrameIndex(
        time_base=source.time_base,
        frame_pts=shown,
        end_pts=max(source.span.out_pts, max(frames) + 1),
        sync_pts=tuple(order),
        sync_bytes=tuple(sync[pts] for pts in order),
    )


def _on_one_clock(packets: Iterator[Packet], source: Source) -> Iterator[Packet]:
    """Refuse transport streams put together byte by byte: the later part would hide behind the earlier one."""
    newest, step_back = None, int(STEP_BACK_S / source.time_base)
    for packet in packets:
        if packet.dts is not None and source.container == "mpegts":
            if newest is not None and packet.dts < newest - step_back:
                at_s = float((newest - source.span.in_pts) * source.time_base)
                raise SourceUnreadable("The clock of this video begins again: split it into its recordings.", at_s=at_s)
            newest = packet.dts
        yield packet


def ptsmap_json(index: FrameIndex) -> bytes:
    """Return ptsmap.json."""
    numerator, denominator = index.step.as_integer_ratio()
    flat: list[int] = []
    expected = 0
    for run in index.runs:
        flat += [run.count, run.start - expected]
        expected = run.start + run.count * numerator
    return _compact(
        {
            "schema": 1,
            "time_base": index.time_base.as_integer_ratio(),
            "rate": index.rate.as_integer_ratio(),
            "count": len(index.frame_pts),
            "end_pts": index.end_pts,
            "step": (numerator, denominator),
            "runs": flat,
        }
    )


def read_ptsmap(body: bytes) -> tuple[int, ...]:
    """Return the frame times that a ptsmap.json holds."""
    document = json.loads(body)
    numerator, denominator = document["step"]
    frames: list[int] = []
    start = 0
    for count, gap in zip(document["runs"][0::2], document["runs"][1::2], strict=True):
        start += gap
        frames += [(start + k * numerator) // denominator for k in range(count)]
        start += count * numerator
    return tuple(frames)


def index_json(index: FrameIndex) -> bytes:
    """Return index.json."""
    places = zip(_distances(index.sync_pts), _distances(index.sync_bytes), strict=True)
    return _compact(
        {
            "schema": 1,
            "time_base": index.time_base.as_integer_ratio(),
            "longest_gop_s": float(index.longest_gop_s),
            "sync": [number for place in places for number in place],
        }
    )


def _runs(frame_pts: Sequence[int], step: Fraction) -> Iterator[Run]:
    """Cut frames into the fewest runs.

    A start fits a run as long as d·pts[k] ≤ start + k·n < d·(pts[k] + 1) for all its frames, so the run goes on while
    the starts that fit them all are not used up.
    """
    numerator, denominator = step.as_integer_ratio()
    count, low, high = 0, 0, 0
    for pts in frame_pts:
        fits_low = denominator * pts - count * numerator
        fits_high = fits_low + denominator - 1
        if count and max(low, fits_low) > min(high, fits_high):
            yield Run(count, low)
            count, fits_low = 0, denominator * pts
            fits_high = fits_low + denominator - 1
        low, high = (max(low, fits_low), min(high, fits_high)) if count else (fits_low, fits_high)
        count += 1
    yield Run(count, low)


def _distances(values: Sequence[int]) -> Iterator[int]:
    return (after - before for before, after in pairwise((0, *values)))


def _compact(document: dict[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
