"""Overlays to draw on framings, in few words."""

from __future__ import annotations

from typing import Any

from jobs.spec import CardValue, FramingSpec, OverlayClip, OverlaySpec, SpotKeyValue, SpotlightValue
from tests.jobs.homes import USER, uuid


def spot(pts: int, x: float = 0.5, y: float = 0.5, rx: float = 0.06, ry: float = 0.12) -> SpotKeyValue:
    """Return a keyframe of a spotlight."""
    return SpotKeyValue(pts=pts, x=x, y=y, rx=rx, ry=ry, ease="linear")


def spotlight(in_pts: int, out_pts: int, *keys: SpotKeyValue, **fields: Any) -> SpotlightValue:
    """Return a spotlight in the middle of the picture, unless said otherwise."""
    named: dict[str, Any] = {"id": "s", "keys": keys or (spot(in_pts),)}
    return SpotlightValue(**(named | fields), in_pts=in_pts, out_pts=out_pts)


def over(clip: str, *spotlights: SpotlightValue, **fields: Any) -> OverlayClip:
    """Return what is drawn on a clip."""
    return OverlayClip(id=clip, spotlights=spotlights, **fields)


def card(text: str, before: str | None = None, duration_s: float = 0.5) -> CardValue:
    """Return a card of half a second, unless said otherwise."""
    return CardValue(text=text, before=before, duration_s=duration_s)


def overlaying(framing: FramingSpec, *clips: OverlayClip, job: int = 100, **fields: Any) -> OverlaySpec:
    """Return the spec that draws on a framing; a clip that is not named has nothing on it."""
    named = {clip.id: clip for clip in clips}
    every = tuple(named.get(each.id, OverlayClip(id=each.id, name=each.name)) for each in framing.clips)
    given: dict[str, Any] = {"user": USER, "reel": uuid(800), "version": 1, "clips": every}
    return OverlaySpec(**(given | fields), job=uuid(job), framing=framing)
