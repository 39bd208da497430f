"""Framing: clips to a working video, or to a draft. Plan, render the segments that are not there yet, join."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.clip import reference
from jobs.plan import Plan, Segment, plan_framing
from jobs.ports import Store
from jobs.segment import render
from jobs.sources import standing
from jobs.spec import FramingSpec, Frozen, NetworkRef, Rational, SegmentSpec, TransitionSpec
from jobs.tools import Report, Tools
from jobs.transition import render_transition
from media.decode import picture_count
from media.join import Chapter, Labels, join
from media.open import Footage
from media.sound import JOIN_S, RATE, Placed, clip_sound, mixed, sample_at, silence
from reel import keys
from reel.errors import AlreadyExists, BadSource, NotFound, SegmentDamaged
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

    Raises BadEdit and BadSource for what cannot be rendered, SegmentDamaged and Cancelled.
    """
    report(phase="planning")
    used = {clip.source for clip in spec.clips}
    with ExitStack() as opened, TemporaryDirectory(dir=tools.scratch) as folder:
        footings = {ref.id: opened.enter_context(standing(ref, tools.store)) for ref in spec.sources if ref.id in used}
        plan = plan_framing(spec, footings, tools.upscaler, report)
        rendered, reused = _render_missing(plan, spec, tools, report, Path(folder))
        report(phase="joining")
        output = Path(folder) / "output.mp4"
        count = join(
            output,
            _joined_files(plan, spec, tools, report),
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
    lengths = {digest: segment.spec.frame_count for digest, segment in segments.items()}
    lengths.update({digest: part.frame_count for digest, part in transitions.items()})
    missing = list(_missing(lengths, spec.user, tools.store, report))
    rendered, total = sum(lengths[digest] for digest in missing), sum(lengths.values())
    done = total - rendered
    report(phase="rendering", done=done, total=total)
    for digest in missing:
        path, counting = folder / f"{digest}.mp4", _from(report, done)
        if digest in segments:
            _render(segments[digest], path, counting)
        else:
            _render_between(transitions[digest], segments, spec.user, tools.store, path, counting)
        with suppress(AlreadyExists):  # another job rendered the same pixels meanwhile
            tools.store.put_file(keys.segment(spec.user, digest), path, create_only=True)
        done += lengths[digest]
        report(done=done)
    return rendered, total - rendered


def _missing(digests: Iterable[str], user: str, store: Store, report: Report) -> Iterator[str]:
    for digest in digests:
        report()
        if not store.exists(keys.segment(user, digest)):
            yield digest


def _render(segment: Segment, path: Path, report: Report) -> None:
    render(segment.spec, segment.footing.footage, segment.footing.source, segment.upscaler, path, report)


def _render_between(
    part: TransitionSpec, segments: Mapping[str, Segment], user: str, store: Store, path: Path, report: Report
) -> None:
    with ExitStack() as opened:
        outgoing, incoming = (
            [opened.enter_context(_rendered(segments[digest].spec, user, store)) for digest in digests]
            for digests in (part.outgoing, part.incoming)
        )
        render_transition(part, outgoing, incoming, path, report)


def _from(report: Report, base: int) -> Report:
    """Return a report that counts on from `base`."""

    def counting(*, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
        report(done=None if done is None else base + done, total=total, phase=phase)

    return counting


def _joined_files(plan: Plan, spec: FramingSpec, tools: Tools, report: Report) -> Iterator[Footage]:
    """Open what is joined, one after another."""
    for part in plan.parts:
        report()
        with _rendered(part, spec.user, tools.store) as footage:
            yield footage


@contextmanager
def _rendered(part: SegmentSpec | TransitionSpec, user: str, store: Store) -> Generator[Footage]:
    """Open what was rendered of `part`. A damaged object is removed, or it would stand in the way for ever.

    Raises SegmentDamaged.
    """
    key = keys.segment(user, part.digest)
    with ExitStack() as opened:
        try:
            footage = opened.enter_context(store.open(key))
            found = picture_count(footage)
        except (NotFound, BadSource):
            footage, found = None, 0
        if footage is None or found != part.frame_count:
            store.delete(key)
            raise SegmentDamaged(key=key)
        yield footage


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
