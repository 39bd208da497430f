"""A picture on a canvas of another size or shape: as large as it can be, in the middle, on black."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from media.colour import Planes
from media.probe import Source
from media.resample import placement, resample_planes
from reel.geometry import PixelWindow, Size, even

_BLACK, _GREY = 16, 128


def letterboxed(planes: Planes, source: Source, canvas: Size) -> Planes:
    """Return a whole upright picture of `source` on a canvas of even sides; all of it may be written on.

    Where the picture has the canvas's size its pixels stay as they are; an odd last line or column goes.
    """
    shown, upright = source.displayed, source.upright
    if upright == shown and Size(even(shown.width), even(shown.height)) == canvas:
        chroma = np.s_[: canvas.height // 2, : canvas.width // 2]
        return Planes(planes.y[: canvas.height, : canvas.width], planes.u[chroma], planes.v[chroma])
    size = fitting(shown, canvas)
    window = PixelWindow(shown.width / 2, shown.height / 2, shown.width, shown.height)
    place = placement(window, size, stretch=(upright.width / shown.width, upright.height / shown.height))
    inside = resample_planes(planes, place, size)
    x, y = (canvas.width - size.width) // 4 * 2, (canvas.height - size.height) // 4 * 2
    whole = Planes(
        np.full((canvas.height, canvas.width), _BLACK, np.uint8),
        np.full((canvas.height // 2, canvas.width // 2), _GREY, np.uint8),
        np.full((canvas.height // 2, canvas.width // 2), _GREY, np.uint8),
    )
    whole.y[y : y + size.height, x : x + size.width] = inside.y
    for plane, part in ((whole.u, inside.u), (whole.v, inside.v)):
        plane[y // 2 : (y + size.height) // 2, x // 2 : (x + size.width) // 2] = part
    return whole


def fitting(shown: Size, canvas: Size) -> Size:
    """Return the largest size of even sides in which a picture of the size `shown` keeps its shape on a canvas."""
    scale = min(Fraction(canvas.width, shown.width), Fraction(canvas.height, shown.height))
    across, down = even(round(shown.width * scale)), even(round(shown.height * scale))
    return Size(min(across, canvas.width), min(down, canvas.height))
