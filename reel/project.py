"""The rules of a project: how it begins, what may happen when and why not, what is out of date, how long it lasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Final, Literal, Protocol, TypeAlias, TypeVar

from reel.annotation import Clip
from reel.edit import MOST_TITLE, EditClip, EditDocument, Transition
from reel.geometry import Aspect
from reel.keys import content_hash
from reel.speed import output_duration, pieces
from reel.text import cut
from reel.timing import Span, rescale

Step: TypeAlias = Literal["framing", "framing_export", "overlay", "overlay_export", "gallery"]
Made: TypeAlias = Literal["draft", "framing", "reel"]

RATING_OF_A_PROJECT: Final = 5
DEFAULT_FREEZE_S: Final[Mapping[Aspect, float]] = {"9:16": 0.0, "16:9": 1.5, "1:1": 0.0, "4:5": 0.0}
TRANSITION_S: Final = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a step is closed, in a sentence for people, and the ids of the clips that it is about."""

    reason: str
    clips: tuple[str, ...] = ()


class Rated(Protocol):
    """Anything with a rating of 1 to 5: a clip, a row of a list."""

    @property
    def rating(self) -> int:
        """How good it is."""
        ...


R = TypeVar("R", bound=Rated)


# How a project begins


def earns_project(clip: Clip) -> bool:
    """Say whether a clip gets a project of its own as soon as it is marked."""
    return clip.rating == RATING_OF_A_PROJECT


def begin(clips: Sequence[Clip], ids: Sequence[str], aspect: Aspect = "9:16") -> EditDocument:
    """Return the edit of a new project of the given clips in their order, their places under the given new ids.

    It is called like its clip if that is the only one.
    """
    return EditDocument(
        aspect=aspect,
        title=cut(clips[0].shown_name, MOST_TITLE) if len(clips) == 1 else "",
        clips=tuple(
            EditClip(
                id=edit_id,
                time_base=clip.time_base,
                span=clip.span,
                clip_id=clip.id,
                source_id=clip.source_id,
                freeze_s=DEFAULT_FREEZE_S[aspect],
            )
            for edit_id, clip in zip(ids, clips, strict=True)
        ),
    )


def best_first(clips: Iterable[R]) -> list[R]:
    """Return the clips by falling rating, those of one rating in the order they were in."""
    return sorted(clips, key=lambda clip: -clip.rating)


# Boundaries changed in Annotate


def boundaries_changed(seen: Span, clip: Clip) -> bool:
    """Say whether a clip's boundaries are others than those that its project last used or was told to keep.

    Not asked of the edit's own span, which Framing may have trimmed. To keep the old is to record the new as seen.
    """
    return clip.span != seen


def with_new_boundaries(edit: EditClip, clip: Clip) -> EditClip:
    """Return the edit of a clip with the clip's new boundaries; spotlights that no moment of it is left of are gone.

    Keyframes and speeds are in the source's time and stay; what lies outside the span is not shown.
    """
    span = Span(
        rescale(clip.span.in_pts, clip.time_base, edit.time_base),
        rescale(clip.span.out_pts, clip.time_base, edit.time_base),
    )
    left = tuple(one for one in edit.spotlights if one.in_pts < span.out_pts and span.in_pts < one.out_pts)
    return replace(edit, span=span, spotlights=left)


# What may happen when


def obstacles(
    document: EditDocument, made: Mapping[Made, str], *, draft_will_do: bool = False
) -> Mapping[Step, Obstacle]:
    """Return the steps that are closed, each with why; Annotate never is.

    `made` holds what was made of the project so far: the `framing_hash` that the draft and the framing, and the
    `reel_hash` that the reel was made of. `draft_will_do` is the person's word that the draft may stand as the result.
    """
    closed: dict[Step, Obstacle | None] = {
        "framing": _without_clips(document),
        "framing_export": _without_clips(document) or _unframed(document),
        "overlay": _without_clips(document) or _unexported(made),
        "overlay_export": _without_clips(document) or _unfinished(document, made, draft_will_do=draft_will_do),
        "gallery": None if "reel" in made else Obstacle("No reel is finished yet."),
    }
    return {step: obstacle for step, obstacle in closed.items() if obstacle}


def unframed_clips(document: EditDocument) -> tuple[str, ...]:
    """Return the ids of the clips that have no crop for the project's shape that a person made or agreed to."""
    crops = [(clip.id, clip.crops.get(document.aspect)) for clip in document.clips]
    return tuple(clip_id for clip_id, crop in crops if not (crop and crop.framed))


def outdated(document: EditDocument, made: Mapping[Made, str]) -> frozenset[Made]:
    """Return what was made of the project before its edit changed."""
    now: dict[Made, str] = {
        "draft": framing_hash(document),
        "framing": framing_hash(document),
        "reel": reel_hash(document),
    }
    return frozenset(one for one, digest in made.items() if digest != now[one])


def framing_hash(document: EditDocument) -> str:
    """Return the hash of all that a framing shows, and of nothing else."""
    return content_hash([document.aspect, document.rate, [_framed(clip, document.aspect) for clip in document.clips]])


def reel_hash(document: EditDocument) -> str:
    """Return the hash of all that a finished reel shows: the framing and what lies on it, but not its title."""
    places = {clip.id: place for place, clip in enumerate(document.clips)}
    over = [
        [[asdict(spotlight) for spotlight in clip.spotlights], clip.freeze_s, clip.label] for clip in document.clips
    ]
    cards = [[card.before and places[card.before], card.duration_s, card.text] for card in document.cards]
    return content_hash([framing_hash(document), over, cards])


# How long it lasts


def framed_duration_s(document: EditDocument) -> Fraction:
    """Return how long the framing lasts: the clips at their speeds, less what transitions overlap."""
    lasts = [output_duration(pieces(clip.span, clip.speeds), clip.time_base) for clip in document.clips]
    overlaps = (
        overlap_s(before, after, clip.transition_in)
        for (before, after), clip in zip(pairwise(lasts), document.clips[1:], strict=True)
    )
    return sum(lasts, Fraction(0)) - sum(overlaps, Fraction(0))


def reel_duration_s(document: EditDocument) -> Fraction:
    """Return how long the finished reel lasts at most: the framing, each clip's freeze-frame and the cards."""
    freezes = (Fraction(clip.freeze_s) for clip in document.clips if clip.spotlights)
    cards = (Fraction(card.duration_s) for card in document.cards)
    return framed_duration_s(document) + sum(freezes, Fraction(0)) + sum(cards, Fraction(0))


def overlap_s(before_s: Fraction, after_s: Fraction, transition: Transition) -> Fraction:
    """Return how long two neighbours of the given durations overlap: 0.5 s, and never more than half of either."""
    return Fraction(0) if transition == "cut" else min(TRANSITION_S, before_s / 2, after_s / 2)


def price_credits(document: EditDocument) -> int:
    """Return what a framing costs: one credit a second of it, begun seconds counted."""
    return ceil(framed_duration_s(document))


def _without_clips(document: EditDocument) -> Obstacle | None:
    return None if document.clips else Obstacle("Add a clip first.")


def _unframed(document: EditDocument) -> Obstacle | None:
    missing = unframed_clips(document)
    if not missing:
        return None
    count = "One clip has" if len(missing) == 1 else f"{len(missing)} clips have"
    return Obstacle(f"{count} no {document.aspect} crop yet: set it or use the default crop.", missing)


def _unexported(made: Mapping[Made, str]) -> Obstacle | None:
    return None if made.keys() & {"draft", "framing"} else Obstacle("Export the framing first.")


def _unfinished(document: EditDocument, made: Mapping[Made, str], *, draft_will_do: bool) -> Obstacle | None:
    now = framing_hash(document)
    if made.get("framing") == now or (draft_will_do and made.get("draft") == now):
        return None
    if made.get("draft") == now:
        return Obstacle("Only a draft is there: the reel waits for the AI picture.")
    return _unexported(made) or Obstacle("The framing was changed since it was exported: export it again.")


def _framed(clip: EditClip, aspect: Aspect) -> list[object]:
    crop = clip.crops.get(aspect)
    return [
        clip.clip_id,  # it names the chapter
        *(clip.source_id, clip.time_base, clip.span.in_pts, clip.span.out_pts),
        *(clip.audio, clip.rotation_deg, clip.look, clip.transition_in),
        [[speed.in_pts, speed.out_pts, speed.rate] for speed in clip.speeds],
        [[key.pts, key.values, key.ease] for key in crop.keys] if crop else None,
    ]
