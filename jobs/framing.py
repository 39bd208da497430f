"""Framing: clips to a working video, or to a draft. Plan, render the segments that are not there yet, join."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.clip import reference
from jobs.plan import Plan, Segment, plan_framing
from jobs.segment import render
from jobs.sources import standing
from jobs.spec import FramingSpec, Frozen, NetworkRef, Rational, SegmentSpec, TransitionSpec
from jobs.tools import Report, Tools
from jobs.transition import render_transition
from media.join import Chapter, Labels, join
from media.open import Footage
from media.sound import JOIN_S, RATE, Placed, clip_sound, mixed, sample_at, silence
from reel import keys
from reel.errors import AlreadyExists
from reel.timing import half_up

DRAFT_COMMENT = "Draft"


class Shown(Frozen):
    """Where one clip stands in the output, in frames; clips overlap where one gives way to the next."""

    clip: str
    first_frame: int
    frame_count: int


class Framed(Frozen):
    """A finished framing: where it lies, what was rendered for it and what was there already."""

    key: str
    frames: int
    rendered_frames: int
    reused_frames: int
    rate: Rational
    draft: bool
    networks: tuple[NetworkRef, ...]
    clips: tuple[Shown, ...]


def frame(spec: FramingSpec, tools: Tools, report: Report) -> Framed:
    """Crop each frame to its track, enlarge it to the output's size, keep the sound and name the chapters.

    Raises BadEdit and BadSource for what cannot be rendered, and Cancelled.
    """
    report(phase="planning")
    with ExitStack() as opened, TemporaryDirectory(dir=tools.scratch) as folder:
        footings = {ref.id: opened.enter_context(standing(ref, tools.store)) for ref in spec.sources}
        plan = plan_framing(spec, footings, tools.upscaler)
        rendered, reused = _render_missing(plan, spec, tools, report, Path(folder))
        report(phase="joining", total=plan.frame_count)
        output = Path(folder) / "output.mp4"
        count = join(
            output,
            _segment_files(plan, spec, tools, report),
            plan.rate,
            mixed(_placed_sound(plan)),
            chapters=_chapters(plan),
            labels=Labels(title=spec.title, comment=DRAFT_COMMENT if spec.draft else ""),
        )
        tools.store.put_file(spec.output_key, output)
    networks = {s.upscaler.network: reference(s.upscaler) for c in plan.clips for s in c.segments if s.upscaler}
    return Framed(
        key=spec.output_key,
        frames=count,
        rendered_frames=rendered,
        reused_frames=reused,
        rate=(plan.rate.numerator, plan.rate.denominator),
        draft=spec.draft,
        networks=tuple(networks.values()),
        clips=tuple(
            Shown(clip=clip.clip.id, first_frame=clip.first_frame, frame_count=clip.frame_count) for clip in plan.clips
        ),
    )


def _render_missing(plan: Plan, spec: FramingSpec, tools: Tools, report: Report, folder: Path) -> tuple[int, int]:
    """Render every segment and transition that the store lacks; return how many frames were rendered and reused."""
    segments = {segment.spec.digest: segment for clip in plan.clips for segment in clip.segments}
    transitions = {part.digest: part for part in plan.parts if isinstance(part, TransitionSpec)}
    lengths = {digest: len(segment.spec.frames) for digest, segment in segments.items()}
    lengths.update({digest: part.frame_count for digest, part in transitions.items()})
    missing = [digest for digest in lengths if not tools.store.exists(keys.segment(spec.user, digest))]
    rendered, total = sum(lengths[digest] for digest in missing), sum(lengths.values())
    done = total - rendered
    report(phase="rendering", done=done, total=total)
    for digest in missing:
        path = folder / f"{digest}.mp4"
        if digest in segments:
            _render(segments[digest], path, _from(report, done))
        else:
            _render_between(transitions[digest], spec.user, tools, path)
        with suppress(AlreadyExists):  # another job rendered the same pixels meanwhile
            tools.store.put_file(keys.segment(spec.user, digest), path, create_only=True)
        done += lengths[digest]
        report(done=done)
    return rendered, total - rendered


def _render(segment: Segment, path: Path, report: Report) -> None:
    render(segment.spec, segment.footing.footage, segment.footing.source, segment.upscaler, path, report)


def _render_between(part: TransitionSpec, user: str, tools: Tools, path: Path) -> None:
    outgoing, incoming = keys.segment(user, part.outgoing), keys.segment(user, part.incoming)
    with tools.store.open(outgoing) as before, tools.store.open(incoming) as after:
        render_transition(part, before, after, path)


def _from(report: Report, base: int) -> Report:
    """Return a report that counts on from `base`."""

    def counting(*, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
        report(done=None if done is None else base + done, total=total, phase=phase)

    return counting


def _segment_files(plan: Plan, spec: FramingSpec, tools: Tools, report: Report) -> Iterator[Footage]:
    """Open what is joined, one after another."""
    done = 0
    for part in plan.parts:
        with tools.store.open(keys.segment(spec.user, part.digest)) as footage:
            yield footage
        done += len(part.frames) if isinstance(part, SegmentSpec) else part.frame_count
        report(done=done)


def _placed_sound(plan: Plan) -> Iterator[Placed]:
    """Cut out each clip's sound as it is wanted: whole samples at exactly the frames where its pictures stand."""
    ramp = half_up(JOIN_S * RATE)
    for clip in plan.clips:
        start = sample_at(clip.first_frame, plan.rate)
        count = sample_at(clip.first_frame + clip.frame_count, plan.rate) - start
        footing = clip.footing
        sounds = clip.clip.audio and footing.source.sound is not None
        yield Placed(
            start,
            clip_sound(footing.footage, clip.pieces, footing.source.time_base, count) if sounds else silence(count),
            fade_in=max(ramp, sample_at(clip.lead, plan.rate)),
            fade_out=max(ramp, sample_at(clip.trail, plan.rate)),
        )


def _chapters(plan: Plan) -> list[Chapter]:
    """Return a chapter a clip; where two overlap, the later begins in the middle."""
    starts = [clip.first_frame + clip.lead // 2 for clip in plan.clips]
    ends = [*starts[1:], plan.frame_count]
    names = [clip.clip.name or f"Clip {number}" for number, clip in enumerate(plan.clips, 1)]
    return [Chapter(*each) for each in zip(names, starts, ends, strict=True)]
