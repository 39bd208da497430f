"""The plan of a framing: which output frame shows which source frame, in which segment, and what is joined."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from math import floor

from jobs.clip import Footing, network_for, placed, segment_spec
from jobs.pieces import SegmentSpec, TransitionSpec
from jobs.ports import Upscaler
from jobs.spec import FramingClip, FramingSpec, Look
from jobs.tools import Report
from media.decode import frame_times
from reel.errors import BadField, BadInput, NoClips
from reel.project import TRANSITION_S
from reel.speed import Piece, frames_shown, output_duration, pieces
from reel.timing import boundaries, half_up, project_rate

# A preempted GPU loses at most this much. Cut on a grid of source time, so that trimming a clip keeps its middle.
SEGMENT_S = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment to be rendered, with what its spec only names."""

    spec: SegmentSpec
    footing: Footing
    upscaler: Upscaler | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """One clip on its source's clock: the pieces that it runs through, and how many output frames that makes.

    Rounding the boundaries cumulatively may give it one frame more than `whole_frames`.
    """

    clip: FramingClip
    footing: Footing
    pieces: tuple[Piece, ...]
    lasts_s: Fraction
    whole_frames: int

    def edge_frames(self, rate: Fraction) -> int:
        """Return how many frames at either end may be shared with a neighbour: half a second, at most half the clip."""
        return min(half_up(rate * TRANSITION_S), self.whole_frames // 2)


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """One clip on the output's clock, which it shares with its neighbours for `lead` and `trail` frames, 0 at a cut."""

    clip: FramingClip
    footing: Footing
    pieces: tuple[Piece, ...]
    first_frame: int
    frame_count: int
    lead: int
    trail: int
    head: tuple[Segment, ...]
    middle: tuple[Segment, ...]
    tail: tuple[Segment, ...]

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All that is rendered of the clip, in order."""
        return self.head + self.middle + self.tail


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole framing. `parts` are what is joined, in order."""

    rate: Fraction
    clips: tuple[ClipPlan, ...]
    parts: tuple[SegmentSpec | TransitionSpec, ...]

    @property
    def frame_count(self) -> int:
        """How many frames the output has."""
        return self.clips[-1].first_frame + self.clips[-1].frame_count


def plan_framing(
    spec: FramingSpec, footings: Mapping[str, Footing], upscaler: Callable[[Look, float], Upscaler], report: Report
) -> Plan:
    """Plan a framing from its spec and its probed sources, by their ids.

    Clip boundaries are rounded cumulatively, but each clip's frames are chosen on a clock that starts with the clip,
    and the one frame that rounding may add is a segment of its own: changing one clip leaves the others' as they were.
    Raises NoClips, BadField (a source that is not there), ClipOutsideSource, CropOutsidePicture, SpeedsOverlap, which
    name the clip, and Cancelled.
    """
    if not spec.clips:
        raise NoClips
    stands = [_footing(clip, footings, number) for number, clip in enumerate(spec.clips)]
    rate = Fraction(*spec.rate) if spec.rate else project_rate(stand.source.rate for stand in stands)
    runs = [_stretch(clip, spec, stand, rate) for clip, stand in zip(spec.clips, stands, strict=True)]
    bounds = boundaries([run.lasts_s for run in runs], rate)
    overlaps = [*_overlaps(runs, rate), 0]
    plans: list[ClipPlan] = []
    end = 0
    for number, (run, (begins, ends)) in enumerate(zip(runs, pairwise(bounds), strict=True)):
        report()
        lead, trail = overlaps[number], overlaps[number + 1]
        count = max(1, ends - begins)
        parts = _segments(spec, run, count, rate, upscaler)
        plans.append(ClipPlan(run.clip, run.footing, run.pieces, end - lead, count, lead, trail, *parts))
        end += count - lead
    return Plan(rate, tuple(plans), tuple(_joined(plans)))


def _footing(clip: FramingClip, footings: Mapping[str, Footing], number: int) -> Footing:
    if clip.source not in footings:
        raise BadField(f"/clips/{number}/source_id", "There is no such source.")
    return footings[clip.source]


def _stretch(clip: FramingClip, spec: FramingSpec, footing: Footing, rate: Fraction) -> Stretch:
    with _about(clip):
        clip = placed(clip, spec.aspect, footing.source)
        parts = pieces(clip.span, clip.speed_spans)
    lasts_s = output_duration(parts, footing.source.time_base)
    return Stretch(clip, footing, parts, lasts_s, floor(lasts_s * rate))


@contextmanager
def _about(clip: FramingClip) -> Generator[None]:
    """Let an error say which clip it is about."""
    try:
        yield
    except BadInput as fault:
        fault.details.setdefault("clip", clip.id)
        raise


def _overlaps(runs: Sequence[Stretch], rate: Fraction) -> Iterator[int]:
    """Iterate by how many frames each clip overlaps the one before it."""
    yield 0
    for before, after in pairwise(runs):
        cut = after.clip.transition_in == "cut"
        yield 0 if cut else min(before.edge_frames(rate), after.edge_frames(rate))


def _segments(
    spec: FramingSpec, run: Stretch, count: int, rate: Fraction, upscaler: Callable[[Look, float], Upscaler]
) -> Iterator[tuple[Segment, ...]]:
    """Iterate the segments of a clip's head, middle and tail.

    They depend on nothing but the clip and the rate. The edges are cut off at plain cuts too, so that choosing a
    transition runs no network; between them the clip is cut on the grid.
    """
    clip, footing, source = run.clip, run.footing, run.footing.source
    times = frame_times(footing.footage, source, clip.span)
    shown = frames_shown(times, source.time_base, run.pieces, rate, count)
    network = None if spec.draft else network_for(clip, spec.aspect, source, upscaler)
    edge = run.edge_frames(rate)

    def cell(number: int) -> tuple[int, int, int]:
        if number < edge:
            return 0, 0, 0
        if number >= run.whole_frames - edge:
            return 2, int(number >= run.whole_frames), 0
        pts = shown[number]
        piece = next((n for n, part in enumerate(run.pieces) if pts < part.span.out_pts), len(run.pieces) - 1)
        return 1, piece, floor(pts * source.time_base / (SEGMENT_S * run.pieces[piece].rate))

    made: tuple[list[Segment], ...] = ([], [], [])
    for (place, *_), group in groupby(range(count), cell):
        seen = [shown[number] for number in group]
        segment = segment_spec(clip, footing, spec.aspect, rate, seen, network, draft=spec.draft)
        made[place].append(Segment(segment, footing, network))
    return map(tuple, made)


def _joined(plans: Sequence[ClipPlan]) -> Iterator[SegmentSpec | TransitionSpec]:
    """Iterate what the output is made of: the segments, and in the place of two that overlap their transition."""
    for number, plan in enumerate(plans):
        if plan.lead:
            yield _transition(plans[number - 1], plan)
        shown = (() if plan.lead else plan.head) + plan.middle + (() if plan.trail else plan.tail)
        yield from (segment.spec for segment in shown)


def _transition(before: ClipPlan, after: ClipPlan) -> TransitionSpec:
    kind, alike = after.clip.transition_in, after.head[0].spec
    assert kind != "cut"
    return TransitionSpec(
        kind=kind,
        outgoing=tuple(segment.spec.digest for segment in before.tail),
        incoming=tuple(segment.spec.digest for segment in after.head),
        before=sum(segment.spec.frame_count for segment in before.tail) - after.lead,
        overlap=after.lead,
        after=sum(segment.spec.frame_count for segment in after.head) - after.lead,
        output_px=alike.output_px,
        rate=alike.rate,
        encoder=alike.encoder,
    )
