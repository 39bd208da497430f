"""Framing: clips to a working video, or to a draft. Plan, render the segments that are not there yet, join."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.clip import reference
from jobs.part import Part, render_with_help
from jobs.pieces import NetworkRef, TransitionSpec
from jobs.plan import Plan, Segment, plan_framing
from jobs.ports import Store
from jobs.rendered import counting_from, keep, missing, rendered
from jobs.segment import render
from jobs.soundtrack import soundtrack
from jobs.sources import standing
from jobs.spec import FramingSpec, Frozen, Look, Rational
from jobs.timeline import chapters, openings
from jobs.tools import Report, Tools
from jobs.transition import render_transition
from media.join import Labels, join
from media.open import Footage
from media.sound import mixed
from reel import keys

DRAFT_COMMENT = "Draft"


class Shown(Frozen):
    """Where one clip stands in the output, in frames; clips overlap where one gives way to the next."""

    clip: str
    first_frame: int
    frame_count: int


class Framed(Frozen):
    """A finished framing: where it lies, what was rendered for it and what was there already.

    `looks` and `networks` are those that made pixels of it, now or before; `segments` the pieces that it is made of, by
    the hashes that name them. Rendering what was not there yet took `rendering_s`.
    """

    key: str
    frames: int
    rendered_frames: int
    reused_frames: int
    rendering_s: float = 0.0
    rate: Rational
    draft: bool
    looks: tuple[Look, ...]
    networks: tuple[NetworkRef, ...]
    clips: tuple[Shown, ...]
    segments: tuple[str, ...]


def frame(spec: FramingSpec, tools: Tools, report: Report) -> Framed:
    """Crop each frame to its track, enlarge it to the output's size, keep the sound and name the chapters.

    Raises BadEdit and BadSource for what cannot be rendered, SegmentDamaged and Cancelled.
    """
    report(phase="planning")
    used = {clip.source for clip in spec.clips}
    with ExitStack() as opened, TemporaryDirectory(dir=tools.scratch) as folder:
        footings = {ref.id: opened.enter_context(standing(ref, tools.store)) for ref in spec.sources if ref.id in used}
        plan = plan_framing(spec, footings, tools.upscaler, report)
        tools.store.put(keys.segment_list(spec.user, spec.job), _listed(plan))
        began_s = tools.clock()
        made, reused = _render_missing(plan, spec, tools, report, Path(folder))
        rendering_s = max(0.0, tools.clock() - began_s)
        report(phase="joining")
        output = Path(folder) / "output.mp4"
        count = join(
            output,
            _joined_files(plan, spec, tools, report),
            plan.rate,
            mixed(soundtrack(plan)),
            chapters=chapters((clip.name for clip in spec.clips), openings(plan), plan.frame_count),
            labels=Labels(title=spec.title, comment=DRAFT_COMMENT if spec.draft else ""),
        )
        tools.store.put_file(spec.output_key, output)
    ran = [(clip.clip, segment.upscaler) for clip in plan.clips for segment in clip.segments if segment.upscaler]
    return Framed(
        key=spec.output_key,
        frames=count,
        rendered_frames=made,
        reused_frames=reused,
        rendering_s=rendering_s,
        rate=(plan.rate.numerator, plan.rate.denominator),
        draft=spec.draft,
        looks=tuple(dict.fromkeys(clip.look for clip, _ in ran)),
        networks=tuple(dict.fromkeys(reference(upscaler) for _, upscaler in ran)),
        clips=tuple(
            Shown(clip=clip.clip.id, first_frame=clip.first_frame, frame_count=clip.frame_count) for clip in plan.clips
        ),
        segments=tuple(_pieces(plan)),
    )


def _pieces(plan: Plan) -> dict[str, int]:
    """Return how many frames each segment and transition has, by its hash."""
    segments = [segment.spec for clip in plan.clips for segment in clip.segments]
    transitions = [part for part in plan.parts if isinstance(part, TransitionSpec)]
    return {piece.digest: piece.frame_count for piece in (*segments, *transitions)}


def _listed(plan: Plan) -> bytes:
    """Return what is said of a framing before it is there: the pieces that it will be joined of, in order."""
    pieces = [{"digest": part.digest, "frames": part.frame_count} for part in plan.parts]
    return keys.canonical_json({"schema": 1, "segments": pieces})


def _render_missing(plan: Plan, spec: FramingSpec, tools: Tools, report: Report, folder: Path) -> tuple[int, int]:
    """Render every segment and transition that the store lacks; return how many frames were rendered and reused."""
    segments = {segment.spec.digest: segment for clip in plan.clips for segment in clip.segments}
    transitions = {part.digest: part for part in plan.parts if isinstance(part, TransitionSpec)}
    lengths = _pieces(plan)

    def render_one(digest: str, counting: Report) -> None:
        path = folder / f"{digest}.mp4"
        if digest in segments:
            _render(segments[digest], path, counting)
        else:
            _render_between(transitions[digest], segments, spec.user, tools.store, path, counting)
        keep(digest, path, spec.user, tools.store)

    absent = missing(lengths, spec.user, tools.store, report)
    made, total = sum(lengths[digest] for digest in absent), sum(lengths.values())
    done = total - made
    report(phase="rendering", done=done, total=total)
    if tools.help_with:
        parts = {digest: part for digest, part in _parts(plan).items() if digest in absent}
        render_with_help(parts, render_one, tools, report, done)
        absent = missing({digest: lengths[digest] for digest in absent}, spec.user, tools.store, report)
        done = total - sum(lengths[digest] for digest in absent)
    for digest in absent:
        render_one(digest, counting_from(report, done))
        done += lengths[digest]
        report(done=done)
    return made, total - made


def _parts(plan: Plan) -> dict[str, Part]:
    """Return the segments as others can render them, by their hashes."""
    return {
        segment.spec.digest: Part(source=segment.footing.ref, look=clip.clip.look, spec=segment.spec)
        for clip in plan.clips
        for segment in clip.segments
    }


def _render(segment: Segment, path: Path, report: Report) -> None:
    render(segment.spec, segment.footing.footage, segment.footing.source, segment.upscaler, path, report)


def _render_between(
    part: TransitionSpec, segments: Mapping[str, Segment], user: str, store: Store, path: Path, report: Report
) -> None:
    with ExitStack() as opened:
        outgoing, incoming = (
            [opened.enter_context(rendered(each, segments[each].spec.frame_count, user, store)) for each in digests]
            for digests in (part.outgoing, part.incoming)
        )
        render_transition(part, outgoing, incoming, path, report)


def _joined_files(plan: Plan, spec: FramingSpec, tools: Tools, report: Report) -> Iterator[Footage]:
    """Open what is joined, one after another."""
    for part in plan.parts:
        report()
        with rendered(part.digest, part.frame_count, spec.user, tools.store) as footage:
            yield footage
