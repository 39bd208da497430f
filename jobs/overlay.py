"""Overlay: spotlights, labels, freeze-frames and cards, drawn onto a framing's video; what they do not touch is copied.

Where each frame of the working video comes from is planned again from the framing's spec, without a network: a draft's
plan has the same frames. In a transition the drawings of both clips fade with their pictures. A freeze-frame stands
where its clip stands alone, so at the first frame after a transition at the earliest. A card belongs to a cut: where
the clip after it fades or dissolves in, it stands in the middle, where a fade is black. With it begins the chapter.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.framing import DRAFT_COMMENT
from jobs.marks import Mark, Marks
from jobs.pieces import DRAFT, FINAL
from jobs.plan import Plan, plan_framing
from jobs.ports import Store
from jobs.soundtrack import soundtrack, with_gaps
from jobs.sources import standing
from jobs.spec import CardValue, FramingSpec, Frozen, OverlaySpec, Rational
from jobs.timeline import Gap, chapters, openings, ranges, shifted, shots
from jobs.tools import Report, Tools
from media.card import card
from media.colour import Planes
from media.encode import Encoding
from media.join import Labels
from media.mark import marked
from media.open import Footage
from media.poster import poster
from media.probe import probe
from media.remade import Progress
from media.sound import Samples, mixed
from media.splice import Draw, Insertion, splice
from reel import keys
from reel.errors import BadField, BadInput, NotFound
from reel.geometry import OUTPUT_SIZES, Size
from reel.timing import half_up


class Unseen(Frozen):
    """A spotlight whose player is in no frame of the reel: its clip's crop has to be looked at again."""

    clip: str
    spotlight: str


class Overlaid(Frozen):
    """A finished reel: where it lies, and how much of it had to be encoded anew. `why` is said if all of it had."""

    key: str
    frames: int
    reencoded_frames: int
    copied_frames: int
    whole: bool
    why: str
    rate: Rational
    draft: bool
    outside: tuple[Unseen, ...]


@dataclass(frozen=True, slots=True)
class _Drawings:
    """All that is drawn and put in. `gaps` are the insertions without their pictures."""

    clips: tuple[Marks, ...]
    touched: tuple[range, ...]
    insertions: tuple[Insertion, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return tuple(Gap(insertion.before, insertion.count) for insertion in self.insertions)

    def cover(self, rate: Fraction) -> int:
        """Return the reel's frame that shows best what it is: half a second into the first spotlight, else the first.

        By then the spotlight has come all the way; and it is never a card.
        """
        number = self.touched[0][: half_up(rate / 2) + 1][-1] if self.touched else 0
        return number + sum(gap.count for gap in self.gaps if gap.before <= number)

    def draw(self, number: int, planes: Planes) -> Planes:
        """Draw on a frame what belongs there, in place."""
        for clip in self.clips:
            mark = clip.at(number) if number in clip.shot.numbers else None
            if mark is not None:
                mark.draw(planes)
        return planes


def overlay(spec: OverlaySpec, tools: Tools, report: Report) -> Overlaid:
    """Draw onto the working video, encode anew the GOPs that this touches, put in freeze-frames and cards; and a cover.

    The sound is copied where nothing is put in; else it is mixed anew from the sources, with silence under that.
    Raises NotFound if there is no framed video, BadInput if it is not this framing's, BadEdit, BadSource, Cancelled.
    """
    report(phase="planning")
    _require_clips(spec)
    framing, size = spec.framing, OUTPUT_SIZES[spec.framing.aspect]
    used = {clip.source for clip in framing.clips}
    with ExitStack() as opened, TemporaryDirectory(dir=tools.scratch) as folder:
        video = opened.enter_context(_working_video(framing, tools.store))
        footings = {
            ref.id: opened.enter_context(standing(ref, tools.store)) for ref in framing.sources if ref.id in used
        }
        plan = plan_framing(framing.model_copy(update={"draft": True}), footings, tools.upscaler, report)
        _require_length(video, plan)
        drawings = _drawings(spec, plan, size, report)
        gaps, settings = drawings.gaps, DRAFT if framing.draft else FINAL
        output = Path(folder) / "output.mp4"
        starts = [shifted(number, gaps) for number in openings(plan)]
        frame_count = plan.frame_count + sum(gap.count for gap in gaps)
        made = splice(
            output,
            video,
            Encoding(size, plan.rate, settings.preset, settings.crf),
            drawings.draw,
            drawings.touched,
            drawings.insertions,
            sound=_sound(plan, gaps),
            chapters=chapters((clip.name for clip in spec.clips), starts, frame_count),
            labels=Labels(title=spec.title, comment=DRAFT_COMMENT if framing.draft else ""),
            progress=_told(report),
        )
        report(phase="storing")
        cover = poster(output, drawings.cover(plan.rate), plan.rate)
        tools.store.put_file(spec.output_key, output)
        tools.store.put(keys.poster(spec.user, spec.reel), cover)
    return Overlaid(
        key=spec.output_key,
        frames=made.frames,
        reencoded_frames=made.reencoded_frames,
        copied_frames=made.copied_frames,
        whole=made.whole,
        why=made.why_whole,
        rate=(plan.rate.numerator, plan.rate.denominator),
        draft=framing.draft,
        outside=tuple(
            Unseen(clip=clip.shot.clip.id, spotlight=spotlight)
            for clip in drawings.clips
            for spotlight in clip.unseen()
        ),
    )


def _require_clips(spec: OverlaySpec) -> None:
    """Hold the overlay to its framing. Raises BadField."""
    if spec.framing.user != spec.user:
        raise BadField("/framing/user", "This framing is somebody else's.")
    known = [clip.id for clip in spec.framing.clips]
    if [clip.id for clip in spec.clips] != known:
        raise BadField("/clips", "These are not the clips of the framing.")
    for number, each in enumerate(spec.cards):
        if each.before is not None and each.before not in known:
            raise BadField(f"/cards/{number}/before", "This names no clip of the framing.")


@contextmanager
def _working_video(framing: FramingSpec, store: Store) -> Generator[Footage]:
    with ExitStack() as opened:
        try:
            footage = opened.enter_context(store.open(framing.output_key))
        except NotFound as absent:
            message = "There is no framed video to draw on: the framing has to be made first."
            raise NotFound(message, key=framing.output_key) from absent
        yield footage


def _require_length(video: Footage, plan: Plan) -> None:
    frames = half_up(probe(video, tail=False).duration_s * plan.rate)
    if frames != plan.frame_count:
        raise BadInput(
            f"This video was not framed from this edit: it has {frames} frames, the edit makes {plan.frame_count}.",
            frames=frames,
            wanted_frames=plan.frame_count,
        )


def _drawings(spec: OverlaySpec, plan: Plan, size: Size, report: Report) -> _Drawings:
    """Work out what is drawn on which frame. Raises KeyframesOutOfOrder, which names the clip, and Cancelled."""
    clips: list[Marks] = []
    drawn: set[int] = set()
    for shot, authored, over in zip(shots(plan), spec.framing.clips, spec.clips, strict=True):
        report()
        try:
            clips.append(Marks(shot, authored, over, size))
            drawn.update(number for number in shot.numbers if clips[-1].at(number))
        except BadInput as fault:
            fault.details.setdefault("clip", over.id)
            raise
    insertions = tuple(_insertions(spec, plan, clips, size))
    return _Drawings(tuple(clips), tuple(ranges(sorted(drawn))), insertions)


def _insertions(spec: OverlaySpec, plan: Plan, clips: Sequence[Marks], size: Size) -> Iterator[Insertion]:
    """Iterate what is put in, in order: the cards before a clip, then its freeze-frame."""
    for marks, over, opening in zip(clips, spec.clips, openings(plan), strict=True):
        yield from _cards(spec, over.id, opening, plan.rate, size)
        if marks.frozen_at is not None and (count := _frames(over.freeze_s, plan.rate)):
            yield Insertion(marks.frozen_at, count, _drawn_with(marks.frozen()))
    yield from _cards(spec, None, plan.frame_count, plan.rate, size)


def _cards(spec: OverlaySpec, before: str | None, number: int, rate: Fraction, size: Size) -> Iterator[Insertion]:
    for each in spec.cards:
        if each.before == before and (count := _frames(each.duration_s, rate)):
            yield Insertion(number, count, _filled_by(each, size, draft=spec.framing.draft))


def _frames(lasts_s: float, rate: Fraction) -> int:
    return half_up(Fraction(lasts_s) * rate)


def _drawn_with(mark: Mark | None) -> Draw:
    def draw(index: int, planes: Planes) -> Planes:  # noqa: ARG001 - all frames of a freeze-frame are one
        if mark is not None:
            mark.draw(planes)
        return planes

    return draw


def _filled_by(each: CardValue, size: Size, *, draft: bool) -> Draw:
    def draw(index: int, planes: Planes) -> Planes:  # noqa: ARG001 - nothing of the picture shows through
        return _card(each.text, size, draft)

    return draw


@lru_cache(maxsize=1)  # asked for frame after frame
def _card(text: str, size: Size, draft: bool) -> Planes:
    planes = card(text, size)
    return marked(planes) if draft else planes


def _sound(plan: Plan, gaps: Sequence[Gap]) -> Iterator[Samples] | None:
    return with_gaps(mixed(soundtrack(plan)), gaps, plan.rate) if gaps else None


def _told(report: Report) -> Progress:
    return lambda done, total: report(phase="drawing", done=done, total=total)
