"""From the editor's document to the spec of a framing: everything looked up that has to be, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jobs.spec import (
    CardValue,
    CropKeyValue,
    FramingClip,
    FramingSpec,
    Look,
    OverlayClip,
    OverlaySpec,
    SourceRef,
    SpeedValue,
    SpotKeyValue,
    SpotlightValue,
)
from reel.edit import EditClip, EditDocument
from reel.errors import BadField
from reel.geometry import Aspect
from reel.spotlight import Spotlight


def framing_spec(
    document: EditDocument,
    *,
    user: str,
    job: str,
    project: str,
    sources: Sequence[SourceRef],
    names: Mapping[str, str],
    look: Look,
    draft: bool,
) -> FramingSpec:
    """Return the spec that frames `document` in its aspect. `names` are the chapters', by the clip's id in it.

    `look` is that of clips which name none.

    Raises BadField where a clip names no source or one that is not among `sources`.
    """
    rate = document.rate
    return FramingSpec(
        user=user,
        job=job,
        project=project,
        title=document.title,
        aspect=document.aspect,
        rate=(rate.numerator, rate.denominator) if rate else None,
        draft=draft,
        sources=tuple(sources),
        clips=tuple(
            framing_clip(
                clip,
                document.aspect,
                _source_id(clip, number, sources),
                names.get(clip.id, clip.label),
                look,
            )
            for number, clip in enumerate(document.clips)
        ),
    )


def framing_clip(clip: EditClip, aspect: Aspect, source_id: str, name: str, look: Look) -> FramingClip:
    """Return one clip of the document as a framing takes it, in `look` if it names none."""
    crop = clip.crops.get(aspect)
    return FramingClip(
        id=clip.id,
        source=source_id,
        name=name,
        time_base=(clip.time_base.numerator, clip.time_base.denominator),
        in_pts=clip.span.in_pts,
        out_pts=clip.span.out_pts,
        audio=clip.audio,
        rotation_deg=clip.rotation_deg,
        look=clip.look or look,
        crop=tuple(
            CropKeyValue(pts=key.pts, cx=key.cx, cy=key.cy, h=key.h, ease=key.ease)
            for key in (crop.keys if crop else ())
        ),
        speeds=tuple(
            SpeedValue(in_pts=s.in_pts, out_pts=s.out_pts, rate=(s.rate.numerator, s.rate.denominator))
            for s in clip.speeds
        ),
        transition_in=clip.transition_in,
    )


def overlay_spec(document: EditDocument, framing: FramingSpec, *, job: str, reel: str, version: int) -> OverlaySpec:
    """Return the spec that draws what `document` has on the video of `framing`, which was made of it.

    A freeze-frame shows the spotlight's player: a clip without a spotlight has none, whatever it says.
    """
    names = {clip.id: clip.name for clip in framing.clips}
    return OverlaySpec(
        user=framing.user,
        job=job,
        reel=reel,
        version=version,
        title=document.title,
        framing=framing,
        clips=tuple(
            OverlayClip(
                id=clip.id,
                name=names[clip.id],
                spotlights=tuple(map(_spotlight, clip.spotlights)),
                freeze_s=clip.freeze_s if clip.spotlights else 0.0,
                label=clip.label,
            )
            for clip in document.clips
        ),
        cards=tuple(
            CardValue(text=card.text, before=card.before, duration_s=card.duration_s) for card in document.cards
        ),
    )


def draws_something(document: EditDocument) -> bool:
    """Say whether an edit has anything that only the overlay draws."""
    return bool(document.cards) or any(clip.spotlights or clip.label.strip() for clip in document.clips)


def _spotlight(spotlight: Spotlight) -> SpotlightValue:
    return SpotlightValue(
        id=spotlight.id,
        in_pts=spotlight.in_pts,
        out_pts=spotlight.out_pts,
        keys=tuple(
            SpotKeyValue(pts=key.pts, x=key.x, y=key.y, rx=key.rx, ry=key.ry, ease=key.ease) for key in spotlight.keys
        ),
        shape=spotlight.shape,
        colour=spotlight.colour,
        effect=spotlight.effect,
        stroke=spotlight.stroke,
        fill=spotlight.fill,
    )


def _source_id(clip: EditClip, number: int, sources: Sequence[SourceRef]) -> str:
    if clip.source_id is None and len(sources) == 1:
        return sources[0].id
    if clip.source_id not in {source.id for source in sources}:
        raise BadField(f"/clips/{number}/source_id", "There is no such source.")
    return clip.source_id
