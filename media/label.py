"""The player's label: a small tag with the name, above the spotlight and moving with it, else in the lower corner."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import cos, hypot, isfinite, radians, sin, sqrt
from typing import Final

import numpy as np

from media.canvas import canvas_of, fill, pointer, rgb, rounded_box
from media.compositor import Layer, Placed, layer_of
from media.lettering import LINE, Line, Style, draw, width, wrapped
from reel.geometry import Size
from reel.light import COLOURS
from reel.spotlight import Colour, Ellipse

_TEXT: Final = 0.0215  # of the picture's mean side: about 31 px in 1080p
_LEAST_TEXT_PX: Final = 10.0
_WIDEST: Final = 0.6  # of the picture's width
_MOST_LINES: Final = 2
_MARGIN: Final = 0.035  # of the picture's shorter side
# Of the text's size, all below
_PADDING: Final = (0.62, 0.22)
_STRIPE: Final = 0.2
_RADIUS: Final = 0.34
_POINTER: Final = (0.34, 0.3)
_GAP: Final = 0.3  # to the spotlight

_GROUND: Final = rgb("#0B100E")
_OPACITY: Final = 0.9
_LIGHT: Final = rgb("#FFFFFF")
_DARK: Final = rgb("#0B100E")
_ACCENT: Final = rgb("#3DDC84")  # the stripe of a tag without a spotlight

_STEPS: Final = 4  # places a pixel at which a moving label is drawn: whole pixels would be seen to jump


@dataclass(frozen=True, slots=True)
class _Tag:
    """A label's words and sizes, and the spotlight's colour.

    The pointer's place is from the tag's left edge, None without a spotlight.
    """

    lines: tuple[Line, ...]
    style: Style
    across: float
    hue: str | None
    pointer: float | None

    @property
    def width(self) -> float:
        return (self.stripe + 2 * _PADDING[0]) * self.style.size_px + self.across

    @property
    def stripe(self) -> float:
        return _STRIPE if self.pointer is None else 0.0

    @property
    def height(self) -> float:
        return (2 * _PADDING[1] + len(self.lines) * LINE) * self.style.size_px


def label(name: str, picture: Size, ellipse: Ellipse | None = None, colour: Colour = "white") -> Placed | None:
    """Return a player's label for one frame, None without a name.

    `ellipse` is the spotlight in the output, if there is one: the tag stands above it and points down at it, held
    inside the picture. Without one it stands in the lower left corner. Fade it by the ellipse's opacity.
    """
    style = Style(max(sqrt(picture.width * picture.height) * _TEXT, _LEAST_TEXT_PX), "bold")
    lines = wrapped(name.strip(), style, picture.width * _WIDEST, _MOST_LINES) if name.strip() else ()
    if not lines:
        return None
    across = min(max(width(line.text, style) for line in lines), picture.width * _WIDEST)
    tag = _Tag(lines, style, across, None, None)
    margin = min(picture.width, picture.height) * _MARGIN
    if ellipse is None or not all(isfinite(at) for at in (ellipse.x, ellipse.y, ellipse.rx, ellipse.ry)):
        return _placed(tag, margin, picture.height - margin - tag.height)
    turn = radians(ellipse.rotation_deg)
    tag = _Tag(lines, style, across, COLOURS[colour], 0.0)
    above = ellipse.y - hypot(ellipse.rx * sin(turn), ellipse.ry * cos(turn))
    y = above - (_GAP + _POINTER[1]) * style.size_px - tag.height
    x = _held(ellipse.x - tag.width / 2, margin, picture.width - margin - tag.width)
    room = (_RADIUS + _POINTER[0]) * style.size_px
    points_at = _held(ellipse.x - x, room, tag.width - room)
    tag = replace(tag, pointer=_stepped(points_at))
    lowest = picture.height - margin - tag.height - _POINTER[1] * style.size_px
    return _placed(tag, x, _held(y, margin, lowest))


def _held(at: float, least: float, most: float) -> float:
    return max(min(at, most), least)


def _stepped(at: float) -> float:
    return round(at * _STEPS) / _STEPS


def _placed(tag: _Tag, x: float, y: float) -> Placed:
    """Return the tag drawn for its place in the pixel, its corner on an even one."""
    x, y = _stepped(x), _stepped(y)
    column, row = (2 * int(at // 2) for at in (x, y))
    return Placed(_drawn(tag, x - column, y - row), column, row)


@lru_cache(maxsize=128)
def _drawn(tag: _Tag, left: float, top: float) -> Layer:
    """Draw a tag into a layer, at (left, top) in it."""
    size = tag.style.size_px
    canvas = canvas_of(left + tag.width + 1, top + tag.height + _POINTER[1] * size + 1)
    figure = rounded_box(canvas, left, top, tag.width, tag.height, _RADIUS * size)
    stripe = rounded_box(canvas, left, top, tag.stripe * size, tag.height, 0) * figure
    if tag.pointer is not None:
        half, down = (part * size for part in _POINTER)
        figure = np.maximum(figure, pointer(canvas, left + tag.pointer, top + tag.height - 1, half, down + 1))
    fill(canvas, figure, rgb(tag.hue) if tag.hue else _GROUND, _OPACITY)
    fill(canvas, stripe, _ACCENT)
    at = (left + (tag.stripe + _PADDING[0]) * size, top + _PADDING[1] * size, tag.across)
    draw(canvas, tag.lines, tag.style, _DARK if tag.hue else _LIGHT, at, "centre")
    return layer_of(canvas)
