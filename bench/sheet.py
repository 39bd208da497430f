"""The contact sheet: the same spot of one case beside itself, as each rung made it, for a person to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from media.colour import Pixels

SPOT_PX = 160  # of the output: a player, a number, a piece of net
_ZOOM = 2
_CELL_PX = SPOT_PX * _ZOOM
_GAP_PX, _LABEL_PX = 4, 22
_FONT_PX = 15
_INK, _PAPER = (235, 235, 235), (24, 24, 24)


@dataclass(frozen=True, slots=True)
class Row:
    """One spot of one case: its label, and RGB (160, 160, 3) for each column."""

    label: str
    spots: tuple[Pixels, ...]


def spot(picture: Pixels, corner: tuple[int, int], scale: Fraction = Fraction(1)) -> Pixels:
    """Cut the spot at `corner` of the output out of RGB (H, W, 3), which is `scale` times smaller, pixels as they are.

    Where the picture ends before the spot does, the spot is moved back into it; both are at least 160 output pixels.
    """
    height, width = picture.shape[:2]
    reach = SPOT_PX / float(scale)
    left, top = (min(at / float(scale), length - reach) for at, length in zip(corner, (width, height), strict=True))
    box = (left, top, left + reach, top + reach)
    return np.asarray(Image.fromarray(picture).resize((SPOT_PX, SPOT_PX), Image.Resampling.NEAREST, box=box))


def write_sheet(columns: Sequence[str], rows: Sequence[Row], path: Path) -> None:
    """Write the sheet as a PNG, a row a spot, each spot at twice its size; make its folder if there is none."""
    width = _GAP_PX + len(columns) * (_CELL_PX + _GAP_PX)
    height = _LABEL_PX + len(rows) * (_CELL_PX + _LABEL_PX)
    sheet = Image.new("RGB", (width, height), _PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT_PX)
    lefts = [_GAP_PX + column * (_CELL_PX + _GAP_PX) for column in range(len(columns))]
    for left, name in zip(lefts, columns, strict=True):
        draw.text((left + _CELL_PX / 2, 2), name, _INK, font, anchor="ma")
    for number, row in enumerate(rows):
        top = _LABEL_PX + number * (_CELL_PX + _LABEL_PX)
        for left, pixels in zip(lefts, row.spots, strict=True):
            sheet.paste(Image.fromarray(pixels).resize((_CELL_PX, _CELL_PX), Image.Resampling.NEAREST), (left, top))
        draw.text((_GAP_PX, top + _CELL_PX + 2), row.label.replace("×", "x"), _INK, font)  # the font has no ×
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
