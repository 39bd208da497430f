"""Compile: the annotated export, marked clips one after another, each under its banner; and their clip list.

The canvas is the first source's picture; what has another shape stands on black. Each clip is rendered once, under the
hash of all that its pixels depend on: what was stopped goes on after the last clip that was finished.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.annotated import AnnotatedSpec, render_annotated
from jobs.clip import Footing
from jobs.framing import Shown
from jobs.marked import clip_of
from jobs.rendered import counting_from, keep, missing, rendered
from jobs.soundtrack import placed_sound
from jobs.sources import standing
from jobs.spec import CompileSpec, Frozen, MarkedClip, Rational
from jobs.timeline import chapters
from jobs.tools import Report, Tools
from media.decode import frame_times
from media.join import Labels, join
from media.open import Footage
from media.sound import Placed, mixed
from reel.annotation import Clip, clip_name
from reel.errors import BadField, BadInput, NoClips
from reel.geometry import Size, even
from reel.speed import Piece, frames_shown, output_duration
from reel.timing import boundaries, project_rate
from reel.tsv import row_of, write_tsv


class Compiled(Frozen):
    """A finished annotated export: where it and its clip list lie, and what was rendered for it."""

    key: str
    list_key: str
    frames: int
    rendered_frames: int
    reused_frames: int
    rate: Rational
    size_px: tuple[int, int]
    clips: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """One clip on the output's clock."""

    clip: Clip
    footing: Footing
    piece: Piece
    first_frame: int
    spec: AnnotatedSpec

    @property
    def sound(self) -> Placed:
        span = self.first_frame, self.spec.frame_count
        return placed_sound(self.footing, [self.piece], span, Fraction(*self.spec.rate))


def compile_clips(spec: CompileSpec, tools: Tools, report: Report) -> Compiled:
    """Render each clip under its banner, join them with their sound and a chapter each, write the clip list beside.

    The list's times are those in each clip's own source. Raises NoClips, BadField (a source that is not there),
    ClipOutsideSource, which name the clip, BadSource, SegmentDamaged and Cancelled.
    """
    report(phase="planning")
    if not spec.clips:
        raise NoClips
    used = {clip.source for clip in spec.clips}
    with ExitStack() as opened, TemporaryDirectory(dir=tools.scratch) as folder:
        footings = {ref.id: opened.enter_context(standing(ref, tools.store)) for ref in spec.sources if ref.id in used}
        parts = _planned(spec, footings, report)
        rate, canvas = Fraction(*parts[0].spec.rate), Size(*parts[0].spec.canvas_px)
        made, reused = _render_missing(parts, spec.user, tools, report, Path(folder))
        report(phase="joining")
        output = Path(folder) / "output.mp4"
        count = join(
            output,
            _opened(parts, spec.user, tools, report),
            rate,
            mixed(part.sound for part in parts),
            chapters=chapters(
                (part.clip.shown_name for part in parts),
                [part.first_frame for part in parts],
                sum(part.spec.frame_count for part in parts),
            ),
            labels=Labels(title=spec.title),
        )
        tools.store.put(spec.list_key, _listed(parts).encode())
        tools.store.put_file(spec.output_key, output)
    return Compiled(
        key=spec.output_key,
        list_key=spec.list_key,
        frames=count,
        rendered_frames=made,
        reused_frames=reused,
        rate=(rate.numerator, rate.denominator),
        size_px=(canvas.width, canvas.height),
        clips=tuple(
            Shown(clip=part.clip.id, first_frame=part.first_frame, frame_count=part.spec.frame_count) for part in parts
        ),
    )


def _planned(spec: CompileSpec, footings: Mapping[str, Footing], report: Report) -> list[_Part]:
    stands = [_footing(clip, footings, number) for number, clip in enumerate(spec.clips)]
    first = next(footings[ref.id].source for ref in spec.sources if ref.id in footings)
    canvas = Size(even(first.displayed.width), even(first.displayed.height))
    rate = project_rate(footing.source.rate for footing in footings.values())
    clips = [_clip(marked, footing) for marked, footing in zip(spec.clips, stands, strict=True)]
    lasts = [
        output_duration([_whole(clip)], footing.source.time_base) for clip, footing in zip(clips, stands, strict=True)
    ]
    parts: list[_Part] = []
    for clip, footing, (begins, ends) in zip(clips, stands, pairwise(boundaries(lasts, rate)), strict=True):
        report()
        at = parts[-1].first_frame + parts[-1].spec.frame_count if parts else 0
        parts.append(_part(clip, footing, at, max(1, ends - begins), canvas, rate))
    return parts


def _footing(clip: MarkedClip, footings: Mapping[str, Footing], number: int) -> Footing:
    if clip.source not in footings:
        raise BadField(f"/clips/{number}/source", "There is no such source.")
    return footings[clip.source]


def _clip(marked: MarkedClip, footing: Footing) -> Clip:
    try:
        return clip_of(marked, footing.source)
    except BadInput as fault:
        fault.details.setdefault("clip", marked.id)
        raise


def _whole(clip: Clip) -> Piece:
    return Piece(clip.span, Fraction(1))


def _part(clip: Clip, footing: Footing, first_frame: int, count: int, canvas: Size, rate: Fraction) -> _Part:
    source, piece = footing.source, _whole(clip)
    times = frame_times(footing.footage, source, clip.span)
    shown = AnnotatedSpec(
        source_sha256=footing.ref.sha256,
        frames=frames_shown(times, source.time_base, [piece], rate, count),
        colour=(source.colour.matrix, source.colour.full_range, source.colour.transfer),
        canvas_px=(canvas.width, canvas.height),
        rate=(rate.numerator, rate.denominator),
        rating=clip.rating,
        name=clip.name or clip_name(clip.rating, clip.tags, ""),  # the notes stand below it, in full
        notes=clip.notes,
    )
    return _Part(clip, footing, piece, first_frame, shown)


def _render_missing(parts: Sequence[_Part], user: str, tools: Tools, report: Report, folder: Path) -> tuple[int, int]:
    """Render every clip that the store lacks; return how many frames were rendered and reused."""
    by_digest = {part.spec.digest: part for part in parts}
    absent = missing({digest: part.spec.frame_count for digest, part in by_digest.items()}, user, tools.store, report)
    total = sum(part.spec.frame_count for part in by_digest.values())
    made = sum(by_digest[digest].spec.frame_count for digest in absent)
    done = total - made
    report(phase="rendering", done=done, total=total)
    for digest in absent:
        part, path = by_digest[digest], folder / f"{digest}.mp4"
        footing = part.footing
        render_annotated(part.spec, footing.footage, footing.source, path, counting_from(report, done))
        keep(digest, path, user, tools.store)
        done += part.spec.frame_count
        report(done=done)
    return made, total - made


def _opened(parts: Sequence[_Part], user: str, tools: Tools, report: Report) -> Iterator[Footage]:
    for part in parts:
        report()
        with rendered(part.spec.digest, part.spec.frame_count, user, tools.store) as footage:
            yield footage


def _listed(parts: Sequence[_Part]) -> str:
    return write_tsv(row_of(part.clip, part.footing.source.span) for part in parts)
