"""The spotlight: an ellipse that follows a player, kept in source time and space and mapped to the output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import cos, hypot, isfinite, radians, sin
from typing import Literal, TypeAlias

from reel.errors import BadField, SpotlightsOverlap, SpotlightTooShort
from reel.geometry import Size, Window
from reel.keyframes import Ease, require_order, smoothstep, value_at
from reel.timing import Span, to_pts

Shape: TypeAlias = Literal["body", "ground"]
Colour: TypeAlias = Literal["white", "cyan", "yellow", "pink", "orange", "none"]
Effect: TypeAlias = Literal["dark", "bright", "both", "none"]

FADE_S = Fraction(1, 4)
SHORTEST_S = Fraction(1, 2)
DEFAULT_LENGTH_S = Fraction(2)
DEFAULT_RX = 0.06  # of the source's height, as DEFAULT_RY
DEFAULT_RY = 0.12


@dataclass(frozen=True, slots=True)
class SpotKey:
    """An authored ellipse at one moment: centre in parts of the displayed picture, radii in parts of its HEIGHT."""

    id: str
    pts: int
    x: float
    y: float
    rx: float
    ry: float
    ease: Ease = "smooth"

    @property
    def values(self) -> tuple[float, float, float, float]:
        """What is interpolated: x, y, rx, ry."""
        return self.x, self.y, self.rx, self.ry


@dataclass(frozen=True, slots=True)
class Spotlight:
    """A region `[in_pts, out_pts)` of a clip's source in which a spotlight follows its keyframes, and its look."""

    id: str
    in_pts: int
    out_pts: int
    keys: tuple[SpotKey, ...]
    shape: Shape = "body"
    colour: Colour = "white"
    effect: Effect = "dark"
    stroke: bool = True
    fill: bool = False


@dataclass(frozen=True, slots=True)
class Ellipse:
    """An ellipse turned clockwise about its centre, with an opacity of 0..1.

    In the source (spotlight_at): centre in parts of the picture, radii in parts of its height.
    In the output (to_output): all in pixels.
    """

    x: float
    y: float
    rx: float
    ry: float
    rotation_deg: float = 0.0
    opacity: float = 1.0


def default_spotlight(spotlight_id: str, key_id: str, span: Span, time_base: Fraction) -> Spotlight:
    """Return a spotlight over the first 2 s of a clip, or the whole of a shorter one, in the middle of the picture."""
    out_pts = min(span.in_pts + to_pts(DEFAULT_LENGTH_S, time_base), span.out_pts)
    key = SpotKey(key_id, span.in_pts, 0.5, 0.5, DEFAULT_RX, DEFAULT_RY)
    return Spotlight(spotlight_id, span.in_pts, out_pts, (key,))


def spotlight_at(
    spotlight: Spotlight, pts: int | Fraction, time_base: Fraction, frozen_pts: int | Fraction | None = None
) -> Ellipse | None:
    """Return the spotlight in the source at `pts`, None outside its region.

    It fades in and out over 0.25 s of source time, by a smoothstep; not in once more from `frozen_pts` on, the moment
    at which a freeze-frame showed it in full. Raises KeyframesOutOfOrder, BadField.
    """
    if not spotlight.in_pts <= pts < spotlight.out_pts:
        return None
    x, y, rx, ry = value_at(spotlight.keys, pts)
    from_edge = spotlight.out_pts - pts
    if frozen_pts is None or not spotlight.in_pts <= frozen_pts <= pts:
        from_edge = min(pts - spotlight.in_pts, from_edge)
    return Ellipse(x, y, rx, ry, opacity=smoothstep(min(float(from_edge * time_base / FADE_S), 1.0)))


def to_output(ellipse: Ellipse, window: Window, source: Size, output: Size) -> Ellipse:
    """Return an ellipse of the source in the pixels of the output that shows `window` of it.

    The window has the output's shape, so one scale holds for both axes and a circle stays one. Turning the window
    clockwise turns what it shows the other way.
    """
    scale = output.height / (window.h * source.height)
    dx, dy = (ellipse.x - window.cx) * source.width, (ellipse.y - window.cy) * source.height
    across, along = sin(radians(window.rotation_deg)), cos(radians(window.rotation_deg))
    return Ellipse(
        output.width / 2 + scale * (dx * along + dy * across),
        output.height / 2 + scale * (dy * along - dx * across),
        ellipse.rx * source.height * scale,
        ellipse.ry * source.height * scale,
        ellipse.rotation_deg - window.rotation_deg,
        ellipse.opacity,
    )


def in_picture(ellipse: Ellipse, output: Size) -> Ellipse:
    """Return an ellipse of the output, fainter by a smoothstep the further the player has left the picture.

    While its centre is inside nothing changes; of no opacity it is when no part of it is left inside, or if it has no
    width or height. So a spotlight that dims the picture goes with its player, and never stays without light.
    """
    across, along = sin(radians(ellipse.rotation_deg)), cos(radians(ellipse.rotation_deg))
    reaches = hypot(ellipse.rx * along, ellipse.ry * across), hypot(ellipse.rx * across, ellipse.ry * along)
    if not (ellipse.rx > 0 and ellipse.ry > 0 and all(isfinite(reach) for reach in reaches)):
        return replace(ellipse, opacity=0.0)
    left, right = -ellipse.x / reaches[0], (ellipse.x - output.width) / reaches[0]
    above, below = -ellipse.y / reaches[1], (ellipse.y - output.height) / reaches[1]
    gone = smoothstep(min(max(left, right, above, below, 0.0), 1.0))
    return replace(ellipse, opacity=ellipse.opacity * (1 - gone))


def outside(ellipse: Ellipse, output: Size) -> bool:
    """Say whether an ellipse in the output has its centre, the player, out of the picture: what the editor flags."""
    return not (0 <= ellipse.x <= output.width and 0 <= ellipse.y <= output.height)


def validate(spotlights: Sequence[Spotlight], span: Span, time_base: Fraction) -> None:
    """Hold one clip's spotlights to the rules; fields are pointers into the list.

    Raises SpotlightTooShort (less than 0.5 s of source time), SpotlightsOverlap, KeyframesOutOfOrder, BadField (no
    keyframe, not a number, a radius that is not positive, a region that shares no moment with the clip).
    """
    for index, spotlight in enumerate(spotlights):
        if (spotlight.out_pts - spotlight.in_pts) * time_base < SHORTEST_S:
            raise SpotlightTooShort(field=f"/{index}")
        if spotlight.out_pts <= span.in_pts or span.out_pts <= spotlight.in_pts:
            raise BadField(f"/{index}", "This spotlight lies outside its clip.")
        require_order(spotlight.keys, f"/{index}/keys")
        for at, key in enumerate(spotlight.keys):
            _validate_key(key, f"/{index}/keys/{at}")
    ordered = sorted(spotlights, key=lambda spotlight: spotlight.in_pts)
    for before, after in pairwise(ordered):
        if after.in_pts < before.out_pts:
            raise SpotlightsOverlap(field=f"/{spotlights.index(after)}")


def _validate_key(key: SpotKey, field: str) -> None:
    for name, value in zip(("x", "y", "rx", "ry"), key.values, strict=True):
        if not isfinite(value):
            raise BadField(f"{field}/{name}", "This is not a number.")
    for name, radius in (("rx", key.rx), ("ry", key.ry)):
        if radius <= 0:
            raise BadField(f"{field}/{name}", "A radius is more than 0.")
