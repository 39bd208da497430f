"""The mark of a draft: a small word in the corner, so that nobody takes a draft for the finished reel."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from media.colour import Pixels, Planes
from reel.geometry import Size

WORD = "DRAFT"
_HEIGHT = 1 / 48  # of the picture's longer side
_WHITE, _GREY = 220, 128
_OPACITY = 0.85


def marked(planes: Planes) -> Planes:
    """Return the picture with the mark in its upper left corner."""
    height, width = planes.y.shape
    alpha, box = _stencil(Size(width, height))
    y, u, v = planes.y.copy(), planes.u.copy(), planes.v.copy()
    _blend(y[box : box + alpha.shape[0], box : box + alpha.shape[1]], alpha, _WHITE)
    half = (alpha[0::2, 0::2] + alpha[1::2, 0::2] + alpha[0::2, 1::2] + alpha[1::2, 1::2]) * np.float32(0.25)
    for chroma in (u, v):
        _blend(chroma[box // 2 : box // 2 + half.shape[0], box // 2 : box // 2 + half.shape[1]], half, _GREY)
    return Planes(y, u, v)


@lru_cache(maxsize=4)
def _stencil(size: Size) -> tuple[NDArray[np.float32], int]:
    """Draw the word's opacity, even-sided, and tell how far from both edges it stands."""
    tall = max(size.width, size.height) * _HEIGHT
    scale = tall / 22  # cv2's plain letters are 22 px tall at scale 1
    weight = max(1, round(tall / 8))
    (width, height), _ = cv2.getTextSize(WORD, cv2.FONT_HERSHEY_SIMPLEX, scale, weight)
    pad = 2 * weight
    canvas = np.zeros(((height + 2 * pad) // 2 * 2, (width + 2 * pad) // 2 * 2), np.uint8)
    cv2.putText(canvas, WORD, (pad, height + pad), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, weight, cv2.LINE_AA)
    return canvas * np.float32(_OPACITY / 255), round(tall) // 2 * 2


def _blend(region: Pixels, alpha: NDArray[np.float32], level: int) -> None:
    region[:] = np.rint(region + alpha * (level - region.astype(np.float32)))
