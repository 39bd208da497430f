"""Layers: what was drawn once, laid onto many pictures' planes in place, inside its box alone."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from media.canvas import Canvas
from media.colour import Pixels, Planes


@dataclass(frozen=True, slots=True)
class Layer:
    """Planes to lay over others: premultiplied levels, and how opaque each luma and each chroma sample is, 0..255."""

    planes: Planes
    alpha: Pixels
    alpha_chroma: Pixels

    @property
    def height(self) -> int:
        """How many rows of luma it has: an even number."""
        return self.alpha.shape[0]

    @property
    def width(self) -> int:
        """How many columns of luma it has: an even number."""
        return self.alpha.shape[1]


@dataclass(frozen=True, slots=True)
class Placed:
    """A layer and where its corner lies in the picture, in pixels; even numbers, as chroma wants them."""

    layer: Layer
    x: int
    y: int


# ITU-T H.273, table 4, matrix bt709, limited range: what media.colour writes. Columns: R, G, B, opacity (the offset)
_YUV_OF_RGBA = np.array(
    [
        [0.2126 * 219, 0.7152 * 219, 0.0722 * 219, 16],
        [-0.2126 * 112 / 0.9278, -0.7152 * 112 / 0.9278, 112, 128],
        [112, -0.7152 * 112 / 0.7874, -0.0722 * 112 / 0.7874, 128],
        [0, 0, 0, 255],
    ],
    np.float32,
)


def layer_of(canvas: Canvas) -> Layer:
    """Return a canvas, whose sides are even, as a layer; its chroma is sited as an output's."""
    yuva = np.asarray(cv2.transform(np.clip(canvas, 0, 1), _YUV_OF_RGBA), np.float32)
    u, v, alpha_chroma = (_levels(_halved(np.ascontiguousarray(yuva[..., part]))) for part in (1, 2, 3))
    return Layer(Planes(_levels(yuva[..., 0]), u, v), _levels(yuva[..., 3]), alpha_chroma)


def blend(planes: Planes, placed: Placed, opacity: float = 1.0) -> None:
    """Lay a layer onto `planes` in place; what falls outside the picture is left out.

    An odd corner is moved to the even pixel before it. An opacity of 0..1 fades all of it.
    """
    x, y, opacity = placed.x - placed.x % 2, placed.y - placed.y % 2, min(opacity, 1.0)
    if not opacity > 0:
        return
    layer, over, chroma = placed.layer, placed.layer.planes, (x // 2, y // 2)
    _lay(planes.y, over.y, layer.alpha, (x, y), opacity)
    _lay(planes.u, over.u, layer.alpha_chroma, chroma, opacity)
    _lay(planes.v, over.v, layer.alpha_chroma, chroma, opacity)


def _lay(plane: Pixels, over: Pixels, alpha: Pixels, corner: tuple[int, int], opacity: float) -> None:
    x, y = corner
    height, width = plane.shape
    top, bottom = max(y, 0), min(y + over.shape[0], height)
    left, right = max(x, 0), min(x + over.shape[1], width)
    if top >= bottom or left >= right:
        return
    part = np.s_[top - y : bottom - y, left - x : right - x]
    levels, opaque = over[part], alpha[part]
    if opacity < 1:
        levels, opaque = (cv2.convertScaleAbs(one, alpha=opacity) for one in (levels, opaque))
    under = plane[top:bottom, left:right]
    kept = cv2.multiply(under, cv2.bitwise_not(opaque), scale=1 / 255)
    under[:] = cv2.add(kept, levels)


def _levels(values: NDArray[np.float32]) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _halved(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Halve a plane: 1-2-1 around each even column, the mean of two rows, as media.colour does."""
    kernel = np.array([[1, 2, 1]], np.float32) / 4
    filtered = cv2.sepFilter2D(plane, cv2.CV_32F, kernel, np.ones((1, 1), np.float32), borderType=cv2.BORDER_REPLICATE)
    return np.asarray((filtered[0::2, 0::2] + filtered[1::2, 0::2]) * 0.5, np.float32)
