"""The mark of a draft: a small word in the corner, so that nobody takes a draft for the finished reel."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from media.colour import Pixels, Planes
from reel.geometry import Size

Opacity: TypeAlias = NDArray[np.float32]

WORD = "DRAFT"
_HEIGHT = 1 / 48  # of the picture's longer side
_WHITE, _BLACK, _GREY = 220, 16, 128
_OPACITY, _RIM_OPACITY = 0.85, 0.5  # the letters, and the dark rim that shows them on a light ground


def marked(planes: Planes) -> Planes:
    """Return the picture with the mark in its upper left corner."""
    height, width = planes.y.shape
    rim, letters, box = _stencils(Size(width, height))
    y, u, v = planes.y.copy(), planes.u.copy(), planes.v.copy()
    for alpha, level in ((rim, _BLACK), (letters, _WHITE)):
        half = (alpha[0::2, 0::2] + alpha[1::2, 0::2] + alpha[0::2, 1::2] + alpha[1::2, 1::2]) * np.float32(0.25)
        _blend(y, box, alpha, level)
        _blend(u, box // 2, half, _GREY)
        _blend(v, box // 2, half, _GREY)
    return Planes(y, u, v)


@lru_cache(maxsize=4)
def _stencils(size: Size) -> tuple[Opacity, Opacity, int]:
    """Draw the opacity of the word's rim and of the word, even-sided; tell how far from both edges they stand."""
    tall = max(size.width, size.height) * _HEIGHT
    scale = tall / 22  # cv2's plain letters are 22 px tall at scale 1
    weight = max(1, round(tall / 8))
    (width, height), _ = cv2.getTextSize(WORD, cv2.FONT_HERSHEY_SIMPLEX, scale, weight)
    pad = 2 * weight

    canvas = np.zeros(((height + 2 * pad) // 2 * 2, (width + 2 * pad) // 2 * 2), np.uint8)
    cv2.putText(canvas, WORD, (pad, height + pad), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, weight, cv2.LINE_AA)
    rim = cv2.dilate(canvas, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (weight + 2, weight + 2)))
    opacities = rim * np.float32(_RIM_OPACITY / 255), canvas * np.float32(_OPACITY / 255)
    return *opacities, round(tall) // 2 * 2


def _blend(plane: Pixels, at: int, alpha: Opacity, level: int) -> None:
    region = plane[at : at + alpha.shape[0], at : at + alpha.shape[1]]
    region[:] = np.rint(region + alpha * (level - region.astype(np.float32)))
