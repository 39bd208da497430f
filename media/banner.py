"""The banner of the annotated export: a clip's rating, its name and its notes, over the lower or upper edge."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Final, Literal, TypeAlias

from media.bidi import is_rtl
from media.canvas import Canvas, canvas_of, fill, reads_white, rgb, rounded_box
from media.compositor import Placed, layer_of
from media.lettering import LINE, Line, Style, draw, width, wrapped
from reel.annotation import Rating
from reel.banner import SHRINKS, BannerLayout, banner_layout
from reel.geometry import Size

Edge: TypeAlias = Literal["top", "bottom"]

_GROUND: Final = rgb("#0B100E")
_GROUND_OPACITY: Final = 0.82
_NAME_COLOUR: Final = rgb("#FFFFFF")
_NOTES_COLOUR: Final = rgb("#DCE6E1")
_DARK: Final = rgb("#0B100E")
_MOST_NAME_LINES: Final = 2
_SYMBOL: Final = 0.56  # of the badge
_GAP: Final = 0.18  # of the text's size: between name and notes


@dataclass(frozen=True, slots=True)
class _Words:
    """Name and notes as they fit."""

    layout: BannerLayout
    name: tuple[Line, ...]
    notes: tuple[Line, ...]
    across: float

    @property
    def height(self) -> float:
        gap = self.layout.text_px * _GAP if self.name and self.notes else 0.0
        return (len(self.name) * self.layout.name_px + len(self.notes) * self.layout.text_px) * LINE + gap


def banner(rating: Rating, name: str, notes: str, picture: Size, edge: Edge = "bottom") -> Placed:
    """Return the banner of a clip for a picture of any size.

    It is made once a clip and then blended onto each frame. Notes that do not fit are set smaller, then cut with an
    ellipsis. Where the name runs from right to left, the banner does.
    """
    words = _fitted(name.strip(), notes.strip(), picture)
    layout = words.layout
    pad, badge = layout.padding_px, layout.badge_px
    column = words.across + pad if words.name or words.notes else 0.0
    across, down = pad + badge + pad + column, 2 * pad + max(words.height, badge)
    canvas = canvas_of(across, down)
    _draw_ground(canvas, layout, across, down, rating)

    mirrored = is_rtl(name or notes)
    _draw_badge(canvas, layout, across - pad - badge if mirrored else pad, rating)
    left = pad if mirrored else pad + badge + pad
    top = (down - words.height) / 2
    draw(canvas, words.name, _name_style(layout), _NAME_COLOUR, (left, top, words.across), "start")
    below = top + words.height - len(words.notes) * layout.text_px * LINE
    draw(canvas, words.notes, Style(layout.text_px), _NOTES_COLOUR, (left, below, words.across), "start")

    height, wide = canvas.shape[:2]
    x = picture.width - layout.margin_px - wide if mirrored else layout.margin_px
    y = layout.margin_px if edge == "top" else picture.height - layout.margin_px - height
    return Placed(layer_of(canvas), _even(x), _even(y))


def _even(at: float) -> int:
    return 2 * max(floor(at / 2), 0)


def _name_style(layout: BannerLayout) -> Style:
    return Style(layout.name_px, "bold")


def _fitted(name: str, notes: str, picture: Size) -> _Words:
    """Return the words at the first size at which they fit, else cut at the last."""
    tries = (_set(name, notes, banner_layout(picture, shrink)) for shrink in SHRINKS)
    if words := next((words for words in tries if words.height <= _room(words.layout)), None):
        return words
    layout = banner_layout(picture, SHRINKS[-1])
    left = _room(layout) - _set(name, "", layout).height - layout.text_px * _GAP
    return _set(name, notes, layout, max(floor(left / (layout.text_px * LINE)), 0))


def _room(layout: BannerLayout) -> float:
    return layout.tallest_px - 2 * layout.padding_px


def _set(name: str, notes: str, layout: BannerLayout, most: int | None = None) -> _Words:
    column = max(layout.width_px - 3 * layout.padding_px - layout.badge_px, layout.text_px)
    named, text = _name_style(layout), Style(layout.text_px)
    names = wrapped(name, named, column, _MOST_NAME_LINES) if name else ()
    lines = wrapped(notes, text, column, most) if notes and most != 0 else ()
    widths = [width(line.text, named) for line in names] + [width(line.text, text) for line in lines]
    return _Words(layout, names, lines, min(max(widths, default=0.0), column))


def _draw_ground(canvas: Canvas, layout: BannerLayout, across: float, down: float, rating: Rating) -> None:
    border, radius = layout.border_px, layout.radius_px
    whole = rounded_box(canvas, 0, 0, across, down, radius)
    inside = rounded_box(canvas, border, border, across - 2 * border, down - 2 * border, radius - border)
    fill(canvas, inside, _GROUND, _GROUND_OPACITY)
    fill(canvas, whole - inside, rgb(rating.colour))


def _draw_badge(canvas: Canvas, layout: BannerLayout, left: float, rating: Rating) -> None:
    side, top = layout.badge_px, layout.padding_px
    fill(canvas, rounded_box(canvas, left, top, side, side, layout.radius_px * 0.7), rgb(rating.colour))
    style = Style(side * _SYMBOL, "bold")
    middle = top + (side - style.size_px * LINE) / 2
    colour = _NAME_COLOUR if reads_white(rating.colour) else _DARK
    draw(canvas, (Line(rating.symbol),), style, colour, (left, middle, side), "centre")
