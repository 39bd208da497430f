"""Estimates: what an export of a project will be, before it is asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import Field

from endpoints.caller import Caller, Settled
from endpoints.errors import errors
from endpoints.models import Id, Rational, Shown, SizePx, terms
from endpoints.named import ById
from endpoints.specs import usual_look
from jobs.from_edit import framing_clip
from jobs.spec import FramingClip, FramingSpec, Spec
from reel.crop import crop_at, default_crop, enlargement, made_share
from reel.edit import EditClip, EditDocument, Look
from reel.errors import NotFound
from reel.geometry import OUTPUT_SIZES, Aspect, Size
from reel.project import framed_duration_s, price_credits, reel_duration_s
from reel.speed import output_duration, pieces
from reel.timing import half_up, project_rate
from storage import edits, framings, jobs, sources
from storage.sources import Source

router = APIRouter(tags=["exports"])

Share = Annotated[float, Field(ge=0, le=1, examples=[0.86])]
_NAMELESS: Final = {"id": "", "name": "", "transition_in": "cut"}


class ClipEstimate(Shown):
    """One clip. `enlargement` is that of its tightest crop, `made_share` the part of its pixels that the network makes.

    Both are null until its footage was looked over.
    """

    id: Id
    look: Look
    enlargement: Annotated[float | None, Field(examples=[2.7])]
    made_share: Share | None
    frames: int | None
    rendered: Annotated[bool, Field(description="whether an earlier export has rendered it already")]


class Estimate(Shown):
    """What a framing will be, and the reel on top of it. Null is what nobody can say yet."""

    duration_s: Annotated[float, Field(description="of the framing")]
    reel_duration_s: Annotated[float, Field(description="at most, with freeze-frames and cards")]
    price_credits: Annotated[int | None, Field(description="null where nothing costs")]
    size_px: SizePx
    rate: Rational | None
    frames: Annotated[int | None, Field(description="of the framing, to within a few")]
    frames_to_render: Annotated[int | None, Field(description="at most: what an export before has made is not again")]
    rendering_s: Annotated[
        float | None, Field(description="at most, as fast as the last one went here; null until one was measured")
    ]
    made_share: Annotated[Share | None, Field(description="of all pixels, those that the networks make")]
    clips: tuple[ClipEstimate, ...]


@router.get("/api/projects/{id}/estimate", summary="Estimate an export", responses=errors(404))
def estimate_export(caller: Settled, project_id: ById) -> Estimate:
    """Return how long a project's framing will be, what it costs, and how much of its pixels a network makes.

    The meter of an editor: "2.7×: AI makes 86 % of these pixels" is `enlargement` and `made_share` of a clip.
    """
    return caller.read(lambda connection: _estimate(connection, caller, project_id))


def _estimate(connection: sqlite3.Connection, caller: Caller, project_id: str) -> Estimate:
    document = edits.get(connection, project_id)
    wanted = [clip.source_id for clip in document.clips if clip.source_id is not None]
    found = sources.several(connection, wanted)
    look = usual_look(connection, caller.services.policy.look)
    rate = _rate(document, found)
    before = _rendered(connection, project_id, document, rate, found)
    clips = tuple(_clip(clip, document.aspect, found, look, rate, before) for clip in document.clips)
    size, lasts_s = OUTPUT_SIZES[document.aspect], framed_duration_s(document)
    return Estimate(
        duration_s=float(lasts_s),
        reel_duration_s=float(reel_duration_s(document)),
        price_credits=price_credits(document) if caller.services.policy.shows_money else None,
        size_px=(size.width, size.height),
        rate=terms(rate) if rate else None,
        frames=half_up(lasts_s * rate) if rate else None,
        frames_to_render=sum(clip.frames or 0 for clip in clips if not clip.rendered) if rate else None,
        rendering_s=_rendering_s(clips, framings.measured_fps(connection)) if rate else None,
        made_share=_share(clips),
        clips=clips,
    )


def _clip(
    clip: EditClip,
    aspect: Aspect,
    found: Mapping[str, Source],
    look: Look,
    rate: Fraction | None,
    before: frozenset[FramingClip],
) -> ClipEstimate:
    source = found.get(clip.source_id or "")
    times = _times_larger(clip, aspect, source) if source and source.facts else None
    lasts_s = output_duration(pieces(clip.span, clip.speeds), clip.time_base)
    return ClipEstimate(
        id=clip.id,
        look=clip.look or look,
        enlargement=times,
        made_share=None if times is None else made_share(times),
        frames=max(1, half_up(lasts_s * rate)) if rate else None,
        rendered=framing_clip(clip, aspect, clip.source_id or "", "", look).model_copy(update=_NAMELESS) in before,
    )


def _times_larger(clip: EditClip, aspect: Aspect, source: Source) -> float:
    """Return how far the clip's tightest crop is enlarged: as jobs.clip.network_for finds it.

    One line of the source fills the picture at most: what an edit may say is less than what can be rendered.
    """
    assert source.facts is not None
    size = Size(source.facts.width_px, source.facts.height_px)
    crop = clip.crops.get(aspect) or default_crop(aspect, size, clip.span.in_pts, clip.rotation_deg)
    last_pts = clip.span.out_pts - 1
    turns = {clip.span.in_pts, last_pts, *(key.pts for key in crop.keys if clip.span.in_pts < key.pts < last_pts)}
    windows, output = [crop_at(crop, pts, aspect, size, clip.rotation_deg) for pts in turns], OUTPUT_SIZES[aspect]
    return min(max(enlargement(window, size, output) for window in windows), float(output.height))


def _rate(document: EditDocument, found: Mapping[str, Source]) -> Fraction | None:
    """Return the output's rate, None while footage is not looked over whose rate decides."""
    if document.rate:
        return document.rate
    shown = [found.get(clip.source_id or "") for clip in document.clips]
    rates = [source.facts.rate for source in shown if source and source.facts]
    return project_rate(rates) if rates and len(rates) == len(shown) else None


def _rendered(
    connection: sqlite3.Connection,
    project_id: str,
    document: EditDocument,
    rate: Fraction | None,
    found: Mapping[str, Source],
) -> frozenset[FramingClip]:
    """Return the clips that the project's framing has rendered, as they would be asked for again."""
    made = framings.newest(connection, project_id, draft=False)
    spec: Spec | None = None
    with suppress(NotFound):
        spec = jobs.spec_of(connection, made.job_id) if made else None
    if made is None or not isinstance(spec, FramingSpec) or (spec.aspect, made.rate) != (document.aspect, rate):
        return frozenset()
    same = {ref.id for ref in spec.sources if ref.id in found and found[ref.id].sha256 == ref.sha256}
    return frozenset(clip.model_copy(update=_NAMELESS) for clip in spec.clips if clip.source in same)


def _rendering_s(clips: tuple[ClipEstimate, ...], fps: Mapping[Look, float]) -> float | None:
    left = [clip for clip in clips if not clip.rendered]
    if any(clip.look not in fps for clip in left):
        return None
    return sum((clip.frames or 0) / fps[clip.look] for clip in left)


def _share(clips: tuple[ClipEstimate, ...]) -> float | None:
    """Return the share of all frames' pixels, None unless all are known."""
    known = [(clip.made_share, clip.frames) for clip in clips if clip.made_share is not None and clip.frames]
    if not known or len(known) < len(clips):
        return None
    return sum(share * frames for share, frames in known) / sum(frames for _, frames in known)
