"""How a spotlight looks: its colours, what it dims and lifts, its arc on the ground. Preview and export share this.

A place is measured in the spotlight's own terms: its `reach` is 0 at the centre and 1 on the ellipse, whatever the
direction; its `bearing_deg` is 0 at the front (the ellipse's lower end), 180 at the back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import cos, radians, sin
from types import MappingProxyType
from typing import Final

from reel.geometry import Size
from reel.keyframes import smoothstep
from reel.spotlight import Colour, Ellipse

COLOURS: Final[Mapping[Colour, str | None]] = MappingProxyType(
    {"white": "#FFFFFF", "cyan": "#1FE5FF", "yellow": "#FFE600", "pink": "#FF4FB0", "orange": "#FF8A1F", "none": None}
)
"""Of the stroke and the fill (#RRGGBB): light or warm, and so unlike grass. None: neither is drawn."""

DIMMED: Final = 0.5  # of the light is left outside: the eye goes to the player, the play around is still read
LIFT: Final = 0.78  # the exponent that lightens inside: no white shirt is blown out, as it would be by a factor
LIFT_CHROMA: Final = 1.12  # so that lifted colours are not paler

FEATHER: Final = (0.9, 1.3)  # the reach at which the light begins to fall, and at which it has fallen
STROKE: Final = 1 / 210  # of the picture's shorter side: the stroke's width
FILL: Final = 0.2  # the fill's opacity
RIM: Final = 0.35  # the opacity of the dark rim along the stroke, which parts it from white lines

GROUND_AT: Final = 0.82  # of ry below the centre: the feet of a player who fills the ellipse
GROUND_FLAT: Final = 0.34  # a circle on the ground, as a camera on a stand beside the pitch sees it
ARC_FULL_DEG: Final = 40.0  # the bearing up to which the arc is full
ARC_END_DEG: Final = 150.0  # the bearing at which it ends: open at the back, where it would cross the legs


def share_inside(reach: float) -> float:
    """Return how far a place is lit: 1 inside, 0 outside, and between a smoothstep over the square of the reach."""
    begin, end = (edge * edge for edge in FEATHER)
    return smoothstep(min(max((end - reach * reach) / (end - begin), 0.0), 1.0))


def share_of_arc(bearing_deg: float) -> float:
    """Return the ground arc's width and opacity at a bearing, as a share: it thins out and pales towards its ends."""
    return smoothstep(min(max((ARC_END_DEG - abs(bearing_deg)) / (ARC_END_DEG - ARC_FULL_DEG), 0.0), 1.0))


def stroke_px(size: Size) -> float:
    """Return the stroke's width in a picture."""
    return max(1.5, min(size.width, size.height) * STROKE)


def ground(body: Ellipse) -> Ellipse:
    """Return the ellipse on the ground, in the output, on which the arc of a `ground` spotlight lies."""
    turn = radians(body.rotation_deg)
    below = body.ry * GROUND_AT
    return replace(body, x=body.x - sin(turn) * below, y=body.y + cos(turn) * below, ry=body.rx * GROUND_FLAT)
