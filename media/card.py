"""A text card: words in the middle of a dark ground, for the whole picture."""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np

from media.canvas import Canvas, canvas_of, fill, rgb, rounded_box
from media.colour import Planes
from media.compositor import layer_of
from media.lettering import LINE, Line, Style, draw, width, wrapped
from reel.geometry import Size

_MIDDLE: Final = rgb("#1A2A23")  # the editor's dark room, lit from the middle
_FALL: Final = 20 / 255  # how much less light there is at the edges: of each primary, or the chroma would show steps
_LETTERS: Final = rgb("#F2F7F4")
_ACCENT: Final = rgb("#3DDC84")
_TITLES: Final = (0.076, 0.068, 0.06, 0.053, 0.047)  # of the picture's mean side: the text's size
_SIZES: Final = (*_TITLES, 0.042, 0.037, 0.033, 0.028)
_LEAST_PX: Final = 6.0
_MOST_OF_A_TITLE: Final = 2  # lines a paragraph: a few words are no column
_ACROSS, _DOWN = 0.82, 0.72  # of the picture: what the words may fill
_BAR: Final = (1.4, 0.11, 0.75)  # of the text's size: the accent's width and height, and the gap below it
_NARROWEST: Final = 0.6  # of the width: how far lines are evened out


def card(text: str, picture: Size) -> Planes:
    """Return a card of a picture's size, as large as its words fit, in lines of about one length.

    What does not fit at the smallest size ends in an ellipsis.
    """
    style, lines = _fitted(text.strip(), picture)
    canvas = canvas_of(picture.width, picture.height)
    canvas[:] = _ground(canvas)
    bar_width, bar_height, gap = (part * style.size_px for part in _BAR)
    down = len(lines) * style.size_px * LINE
    top = (picture.height - down) / 2
    if text.strip():
        left = (picture.width - bar_width) / 2
        fill(canvas, rounded_box(canvas, left, top - gap, bar_width, bar_height, bar_height / 2), _ACCENT)
    draw(canvas, lines, style, _LETTERS, (0, top, picture.width), "centre")
    return _cropped(layer_of(canvas).planes, picture)


def _fitted(text: str, picture: Size) -> tuple[Style, tuple[Line, ...]]:
    """Return the largest size at which the words fit and none is divided, and their lines."""
    across, down = picture.width * _ACROSS, picture.height * _DOWN
    title = _MOST_OF_A_TITLE * (text.count("\n") + 1)
    for share, most in (*((share, title) for share in _TITLES), *((share, None) for share in _SIZES)):
        style = _style(picture, share)
        lines = wrapped(text, style, across)
        whole = all(width(word, style) <= across for word in text.split())
        if whole and len(lines) <= min(down / (style.size_px * LINE), most or len(lines)):
            return style, _evened(text, style, across, len(lines))
    style = _style(picture, _SIZES[-1])
    return style, wrapped(text, style, across, max(int(down / (style.size_px * LINE)), 1))


def _style(picture: Size, share: float) -> Style:
    return Style(max(sqrt(picture.width * picture.height) * share, _LEAST_PX), "bold")


def _evened(text: str, style: Style, across: float, count: int) -> tuple[Line, ...]:
    """Return the text in the narrowest lines that are no more of them: no single word is left over."""
    least, most = across * _NARROWEST, across
    for _ in range(6):
        middle = (least + most) / 2
        fits = len(wrapped(text, style, middle)) <= count and all(width(word, style) <= middle for word in text.split())
        least, most = (least, middle) if fits else (middle, most)
    return wrapped(text, style, most)


def _ground(canvas: Canvas) -> Canvas:
    """Return the ground: lightest a little above the middle. A grain of under a level keeps it from showing steps."""
    height, across = canvas.shape[:2]
    rows, columns = np.ogrid[:height, :across]
    away = np.hypot((columns + 0.5) / across - 0.5, (rows + 0.5) / height - 0.44) / 0.7
    fall = (np.clip(away, 0, 1) * _FALL).astype(np.float32)
    fall += (np.random.default_rng(1).random((height, across), np.float32) - 0.5) / np.float32(255)
    return np.dstack([np.float32(part) - fall for part in _MIDDLE] + [np.ones_like(fall)])


def _cropped(planes: Planes, picture: Size) -> Planes:
    rows, columns = (picture.height + 1) // 2, (picture.width + 1) // 2
    y = np.ascontiguousarray(planes.y[: picture.height, : picture.width])
    return Planes(y, *(np.ascontiguousarray(plane[:rows, :columns]) for plane in (planes.u, planes.v)))
