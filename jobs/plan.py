"""The plan of a framing: which output frame shows which source frame, in which segment, and what is joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby, pairwise
from math import floor

from jobs.clip import Footing, network_for, placed, segment_spec
from jobs.ports import Upscaler
from jobs.spec import FramingClip, FramingSpec, Look, SegmentSpec, TransitionSpec
from media.decode import frame_times
from reel.errors import BadField, NoClips
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
class ClipPlan:
    """One clip on the output's clock, which it shares with its neighbours for `lead` and `trail` frames, 0 at a cut."""

    clip: FramingClip
    footing: Footing
    pieces: tuple[Piece, ...]
    first_frame: int
    frame_count: int
    lead: int
    trail: int
    segments: tuple[Segment, ...] = ()


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


def plan_framing(spec: FramingSpec, footings: Mapping[str, Footing], upscaler: Callable[[Look], Upscaler]) -> Plan:
    """Plan a framing from its spec and its probed sources, by their ids.

    Clip boundaries are rounded cumulatively, but each clip's frames are chosen on a clock that starts with the clip:
    changing one clip never shifts another's frames by a fraction, so its segments stay what they were.
    Raises NoClips, BadField (a source that is not there), ClipOutsideSource, CropOutsidePicture, SpeedsOverlap.
    """
    if not spec.clips:
        raise NoClips
    stands = [_footing(clip, footings, number) for number, clip in enumerate(spec.clips)]
    clips = [placed(clip, spec.aspect, stand.source) for clip, stand in zip(spec.clips, stands, strict=True)]
    rate = Fraction(*spec.rate) if spec.rate else project_rate(stand.source.rate for stand in stands)
    parts = [pieces(clip.span, clip.speed_spans) for clip in clips]
    lasts_s = [output_duration(part, stand.source.time_base) for part, stand in zip(parts, stands, strict=True)]
    bounds = boundaries(lasts_s, rate)
    counts = [max(1, end - begin) for begin, end in pairwise(bounds)]
    overlaps = [*_overlaps(clips, counts, rate), 0]
    plans: list[ClipPlan] = []
    end = 0
    for number, (clip, stand, part, count) in enumerate(zip(clips, stands, parts, counts, strict=True)):
        lead, trail = overlaps[number], overlaps[number + 1]
        bare = ClipPlan(clip, stand, part, end - lead, count, lead, trail)
        plans.append(replace(bare, segments=_segments(spec, bare, rate, upscaler)))
        end += count - lead
    return Plan(rate, tuple(plans), tuple(_joined(plans)))


def _footing(clip: FramingClip, footings: Mapping[str, Footing], number: int) -> Footing:
    if clip.source not in footings:
        raise BadField(f"/clips/{number}/source_id", "There is no such source.")
    return footings[clip.source]


def _overlaps(clips: Sequence[FramingClip], counts: Sequence[int], rate: Fraction) -> Iterator[int]:
    """Iterate by how many frames each clip overlaps the one before it: half a second, at most half of either."""
    yield 0
    for (before, after), clip in zip(pairwise(counts), clips[1:], strict=True):
        yield 0 if clip.transition_in == "cut" else min(half_up(rate * TRANSITION_S), before // 2, after // 2)


def _segments(
    spec: FramingSpec, plan: ClipPlan, rate: Fraction, upscaler: Callable[[Look], Upscaler]
) -> tuple[Segment, ...]:
    """Cut a clip's frames into segments: where a transition begins or could begin, and on the grid between.

    The first and the last half second are cut off at plain cuts too, so that choosing a transition runs no network.
    """
    clip, source, count = plan.clip, plan.footing.source, plan.frame_count
    times = frame_times(plan.footing.footage, source, clip.span)
    shown = frames_shown(times, source.time_base, plan.pieces, rate, count)
    network = None if spec.draft else network_for(clip, spec.aspect, source, shown, upscaler)
    edge = min(half_up(rate * TRANSITION_S), count // 2)
    head, tail = plan.lead or edge, count - (plan.trail or edge)

    def cell(number: int) -> tuple[bool, bool, int, int]:
        pts = shown[number]
        piece = next((n for n, part in enumerate(plan.pieces) if pts < part.span.out_pts), len(plan.pieces) - 1)
        beat = pts * source.time_base / (SEGMENT_S * plan.pieces[piece].rate)
        return number >= head, number >= tail, piece, floor(beat)

    groups = [list(group) for _, group in groupby(range(count), cell)]
    return tuple(
        Segment(
            segment_spec(clip, plan.footing, spec.aspect, rate, [shown[n] for n in group], network, draft=spec.draft),
            plan.footing,
            network,
        )
        for group in groups
    )


def _joined(plans: Sequence[ClipPlan]) -> Iterator[SegmentSpec | TransitionSpec]:
    """Iterate what the output is made of: the segments, and in the place of two that overlap their transition."""
    for number, plan in enumerate(plans):
        first = plan.segments[0].spec
        if plan.lead and plan.clip.transition_in != "cut":
            yield TransitionSpec(
                kind=plan.clip.transition_in,
                outgoing=plans[number - 1].segments[-1].spec.digest,
                incoming=first.digest,
                frame_count=plan.lead,
                output_px=first.output_px,
                rate=first.rate,
                encoder=first.encoder,
            )
        inner = plan.segments[1 if plan.lead else 0 : -1 if plan.trail else None]
        yield from (segment.spec for segment in inner)
