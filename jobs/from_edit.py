"""From the editor's document to the spec of a framing: everything looked up that has to be, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jobs.spec import CropKeyValue, FramingClip, FramingSpec, SourceRef, SpeedValue
from reel.edit import EditClip, EditDocument
from reel.errors import BadField
from reel.geometry import Aspect


def framing_spec(
    document: EditDocument,
    *,
    user: str,
    job: str,
    project: str,
    sources: Sequence[SourceRef],
    names: Mapping[str, str],
    draft: bool,
) -> FramingSpec:
    """Return the spec that frames `document` in its aspect. `names` are the chapters', by the clip's id in it.

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
                pointer=f"/clips/{number}",
            )
            for number, clip in enumerate(document.clips)
        ),
    )


def framing_clip(clip: EditClip, aspect: Aspect, source_id: str, name: str, pointer: str = "") -> FramingClip:
    """Return one clip of the document, which stands at `pointer` in it, as a framing takes it.

    Raises BadField for a look that is not there.
    """
    if clip.look == "natural":
        raise BadField(f"{pointer}/look", "The natural look is not there yet; use crisp.", clip=clip.id)
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


def _source_id(clip: EditClip, number: int, sources: Sequence[SourceRef]) -> str:
    if clip.source_id is None and len(sources) == 1:
        return sources[0].id
    if clip.source_id not in {source.id for source in sources}:
        raise BadField(f"/clips/{number}/source_id", "There is no such source.")
    return clip.source_id
