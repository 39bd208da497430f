"""One clip against its source: on the source's own clock, inside it, with its windows and the network they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from jobs.pieces import DRAFT, FINAL, BlendRef, NetworkRef, SegmentSpec
from jobs.ports import Upscaler
from jobs.spec import FramingClip, Look, SourceRef
from media.open import Footage
from media.probe import Source
from reel.crop import crop_at, default_crop, validate
from reel.errors import ClipOutsideSource
from reel.geometry import OUTPUT_SIZES, Aspect, PixelWindow
from reel.timing import half_up, rescale

# Below this the crop has the output's pixels, but for the half pixel that a crop may be off, and no network runs.
LEAST_ENLARGEMENT = 1.001


def scale_for(enlargement: float, scales: Sequence[int]) -> int:
    """Return the scale by which a network of several runs: the next one up, from which the rest is resized down."""
    return next((scale for scale in scales if enlargement <= scale * LEAST_ENLARGEMENT), scales[-1])


@dataclass(frozen=True, slots=True)
class Footing:
    """A source that stands ready: its bytes, and what it was found to be."""

    ref: SourceRef
    footage: Footage
    source: Source


def placed(clip: FramingClip, aspect: Aspect, source: Source) -> FramingClip:
    """Return the clip with its times on its source's clock, held inside the source where it is off by up to a frame.

    Raises ClipOutsideSource, CropOutsidePicture, KeyframesOutOfOrder, BadField.
    """
    moved, whole = _rescaled(clip, source.time_base), source.span
    frame_pts = half_up(1 / (source.rate * source.time_base))
    if moved.in_pts < whole.in_pts - frame_pts or moved.out_pts > whole.out_pts + frame_pts:
        raise _outside(moved, source)
    held = moved.model_copy(
        update={"in_pts": max(moved.in_pts, whole.in_pts), "out_pts": min(moved.out_pts, whole.out_pts)}
    )
    if held.authored_crop:
        validate(held.authored_crop, aspect, source.displayed, held.rotation_deg)
    return held


def window_at(clip: FramingClip, aspect: Aspect, source: Source, pts: int) -> PixelWindow:
    """Return the window of a placed clip at a source time, in displayed pixels to 1/16: as hashes cover it."""
    crop = clip.authored_crop or default_crop(aspect, source.displayed, clip.in_pts, clip.rotation_deg)
    return crop_at(crop, pts, aspect, source.displayed, clip.rotation_deg).to_pixels(source.displayed).rounded()


def network_for(
    clip: FramingClip, aspect: Aspect, source: Source, upscaler: Callable[[Look, float], Upscaler]
) -> Upscaler | None:
    """Return the network that a placed clip needs: decided by its tightest crop, per clip and never per frame.

    A track is monotone between its keyframes, so the crop is tightest at one of them or at an end of the clip.
    """
    last_pts = clip.out_pts - 1
    turns = {clip.in_pts, last_pts, *(key.pts for key in clip.crop if clip.in_pts < key.pts < last_pts)}
    enlargement = OUTPUT_SIZES[aspect].height / min(window_at(clip, aspect, source, pts).height for pts in turns)
    return upscaler(clip.look, enlargement) if enlargement > LEAST_ENLARGEMENT else None


def segment_spec(
    clip: FramingClip,
    footing: Footing,
    aspect: Aspect,
    rate: Fraction,
    shown: Sequence[int],
    upscaler: Upscaler | None,
    *,
    draft: bool,
) -> SegmentSpec:
    """Return the spec of the output frames of a placed clip that show the source frames `shown`."""
    source, output = footing.source, OUTPUT_SIZES[aspect]
    windows = {pts: window_at(clip, aspect, source, pts) for pts in set(shown)}
    return SegmentSpec(
        source_sha256=footing.ref.sha256,
        frames=tuple((pts, w.cx, w.cy, w.width, w.height) for pts in shown for w in (windows[pts],)),
        rotation_deg=clip.rotation_deg,
        colour=(source.colour.matrix, source.colour.full_range, source.colour.transfer),
        output_px=(output.width, output.height),
        rate=(rate.numerator, rate.denominator),
        network=reference(upscaler) if upscaler else None,
        encoder=DRAFT if draft else FINAL,
        marked=draft,
    )


def reference(upscaler: Upscaler) -> NetworkRef:
    """Return how specs and results name a network."""
    name, sha256, share = upscaler.blend or ("", "", 0.0)
    return NetworkRef(
        name=upscaler.network,
        weights_sha256=upscaler.weights_sha256,
        scale=upscaler.scale,
        blend=BlendRef(name=name, weights_sha256=sha256, share=share) if upscaler.blend else None,
        detail=upscaler.detail,
    )


def _outside(clip: FramingClip, source: Source) -> ClipOutsideSource:
    begins_s, ends_s = (float((pts - source.span.in_pts) * source.time_base) for pts in (clip.in_pts, clip.out_pts))
    lasts_s = float(source.duration_s)
    return ClipOutsideSource(
        f"The clip runs from {begins_s:.2f} s to {ends_s:.2f} s, but the video has only {lasts_s:.2f} s.",
        clip=clip.id,
        source_duration_s=lasts_s,
    )


def _rescaled(clip: FramingClip, time_base: Fraction) -> FramingClip:
    authored = Fraction(*clip.time_base)
    if authored == time_base:
        return clip

    def moved(pts: int) -> int:
        return rescale(pts, authored, time_base)

    return clip.model_copy(
        update={
            "time_base": (time_base.numerator, time_base.denominator),
            "in_pts": moved(clip.in_pts),
            "out_pts": moved(clip.out_pts),
            "crop": tuple(key.model_copy(update={"pts": moved(key.pts)}) for key in clip.crop),
            "speeds": tuple(
                speed.model_copy(update={"in_pts": moved(speed.in_pts), "out_pts": moved(speed.out_pts)})
                for speed in clip.speeds
            ),
        }
    )
