"""Text to pixels, any script: fonts and directions mixed in a line, shaped and drawn by HarfBuzz.

Positions are fractions of a pixel and nothing is hinted, so that a line is equally wide at every place, and as wide as
in the browser, which loads the same fonts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import ceil, floor
from typing import Any, Literal, TypeAlias
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from media import bidi, typeface
from media.canvas import Canvas, Rgb, fill, lay
from media.typeface import EMOJI, Weight, hb
from reel.text import break_lines, shortened

Align: TypeAlias = Literal["start", "centre"]

LINE: float = 1.36  # of the size: from one baseline to the next, room for the marks of Arabic and Devanagari
ASCENT: float = 1.0  # of the size: from a line's top to its baseline
_INSTEAD = {"Cc": " ", "Zl": " ", "Zp": " ", "Cs": "\ufffd"}  # of controls, separators, halves of a character
_ABOVE, _BELOW = 1.6, 1.0  # of the size: how far from the baseline a stack of marks may reach
_PAINT_MARGIN = 0.35  # of the size: how far an emoji may reach beyond its advance


@dataclass(frozen=True, slots=True)
class Style:
    """How large, in pixels from baseline to baseline over LINE, and how heavy."""

    size_px: float
    weight: Weight = "regular"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a paragraph: its text, what of the paragraph stands before it, and the paragraph's direction."""

    text: str
    before: str = ""
    rtl: bool = False


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A glyph of a font, and where its origin lies: pixels from the line's left end, and above the baseline."""

    font: str
    number: int
    x: float
    y: float


def width(text: str, style: Style) -> float:
    """Return how wide a line of text is, in pixels."""
    return _shaped(Line(text, rtl=bidi.is_rtl(text)), style)[1]


def wrapped(text: str, style: Style, max_width: float, max_lines: int | None = None) -> tuple[Line, ...]:
    """Return the text in lines of at most `max_width` pixels; more than `max_lines` end in an ellipsis."""
    found: list[Line] = []
    for paragraph in text.split("\n"):
        lines = break_lines(paragraph, max_width, lambda line: width(line, style))
        found += _placed(lines, paragraph)
    if max_lines is None or len(found) <= max_lines:
        return tuple(found)
    last = found[max_lines - 1]
    kept = shortened(last.text, max_width, lambda line: width(line, style))
    return (*found[: max_lines - 1], Line(kept, last.before, last.rtl))


def _placed(lines: Sequence[str], paragraph: str) -> Iterator[Line]:
    """Yield the lines of a paragraph, each with what stands before it."""
    rtl, at = bidi.is_rtl(paragraph), 0
    for line in lines:
        at = paragraph.index(line, at)
        yield Line(line, paragraph[:at], rtl)
        at += len(line)


def draw(
    canvas: Canvas, lines: Sequence[Line], style: Style, colour: Rgb, box: tuple[float, float, float], align: Align
) -> None:
    """Draw lines, one below the other, into `canvas`: `box` is (left, top, width) in pixels, fractions allowed.

    At the start is at the left, for a paragraph from right to left at the right. Emoji keep their own colours.
    """
    left, top, across = box
    for number, line in enumerate(lines):
        glyphs, wide = _shaped(line, style)
        slack = across - wide
        x = left + (slack / 2 if align == "centre" else slack if line.rtl else 0.0)
        _draw_line(canvas, glyphs, style, colour, x, top + style.size_px * (number * LINE + ASCENT))


@lru_cache(maxsize=512)
def _shaped(line: Line, style: Style) -> tuple[tuple[_Glyph, ...], float]:
    """Return a line's glyphs from left to right, and its width."""
    paragraph = line.before + line.text
    levels = bidi.levels(paragraph, rtl=line.rtl)[len(line.before) :]
    pieces = list(_pieces(line.text, levels))
    x = 0.0
    glyphs: list[_Glyph] = []
    for text, font_name, level in bidi.visual_order(pieces, [level for _, _, level in pieces]):
        scale = typeface.em_scale(font_name, style.size_px)
        buffer = hb.Buffer()
        buffer.add_str("".join(_INSTEAD.get(category(character), character) for character in text))
        buffer.direction = "rtl" if level % 2 else "ltr"
        buffer.guess_segment_properties()
        buffer.language = "und"  # else the machine's locale decides
        hb.shape(typeface.font(font_name, style.weight), buffer)
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            at = (x + position.x_offset * scale, position.y_offset * scale)
            glyphs.append(_Glyph(font_name, info.codepoint, *at))
            x += position.x_advance * scale
    return tuple(glyphs), x


def _pieces(text: str, levels: Sequence[int]) -> Iterator[tuple[str, str, int]]:
    """Yield the text in pieces of one font and one level: (text, font, level)."""
    at = 0
    for font_name, run in typeface.runs(text):
        for level, group in groupby(zip(run, levels[at : at + len(run)], strict=True), key=lambda pair: pair[1]):
            yield "".join(character for character, _ in group), font_name, level
        at += len(run)


def _draw_line(canvas: Canvas, glyphs: Sequence[_Glyph], style: Style, colour: Rgb, x: float, baseline: float) -> None:
    top, bottom = floor(baseline - style.size_px * _ABOVE), ceil(baseline + style.size_px * _BELOW)
    strip = canvas[max(top, 0) : max(bottom, 0)]
    height, across = strip.shape[:2]
    if not height or not across:
        return
    outlines = hb.RasterDraw()
    outlines.extents = hb.RasterExtents(0, 0, across, height, 0)
    above = height - (baseline - max(top, 0))  # HarfBuzz counts rows from the bottom
    for glyph in glyphs:
        scale = typeface.em_scale(glyph.font, style.size_px)
        at = (x + glyph.x, above + glyph.y)
        if glyph.font == EMOJI:
            _paint(strip, glyph, scale, at, style)
        else:
            outlines.transform = (scale, 0.0, 0.0, scale, *at)
            outlines.draw_glyph(typeface.font(glyph.font, style.weight), glyph.number)
    drawn = outlines.render()
    if drawn is not None:
        fill(strip, _rows(drawn, 1)[..., 0], colour)


def _paint(canvas: Canvas, glyph: _Glyph, scale: float, at: tuple[float, float], style: Style) -> None:
    """Draw an emoji in its colours."""
    font = typeface.font(EMOJI, style.weight)
    margin = style.size_px * _PAINT_MARGIN
    left, bottom = floor(at[0] - margin), floor(at[1] - margin)
    right = ceil(at[0] + font.get_glyph_h_advance(glyph.number) * scale + margin)
    top = ceil(at[1] + style.size_px + margin)
    height, wide = canvas.shape[:2]
    left, bottom, right, top = max(left, 0), max(bottom, 0), min(right, wide), min(top, height)
    if left >= right or bottom >= top:
        return
    picture = hb.RasterPaint()
    picture.extents = hb.RasterExtents(left, bottom, right - left, top - bottom, 0)
    picture.transform = (scale, 0.0, 0.0, scale, *at)
    picture.paint_glyph(font, glyph.number)
    drawn = picture.render()
    if drawn is not None:
        lay(canvas[height - top : height - bottom, left:right], _rows(drawn, 4)[..., [2, 1, 0, 3]])


def _rows(drawn: Any, channels: int) -> NDArray[np.float32]:
    """Return what HarfBuzz drew, (H, W, channels), 0..1, its first row at the top."""
    extents = drawn.extents
    rows = np.frombuffer(drawn.buffer, np.uint8).reshape(extents.height, extents.stride)
    levels = rows[::-1, : extents.width * channels].reshape(extents.height, extents.width, channels)
    return np.asarray(levels / np.float32(255), np.float32)
