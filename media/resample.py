"""The final resize: any sub-pixel, turned window of a picture to the output's size, without aliasing.

A placement is the 2×3 matrix from output to picture, both in continuous pixels (a pixel's centre lies at ½).
"""

from __future__ import annotations

from math import ceil, cos, hypot, radians, sin
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from media.colour import Pixels, Planes
from reel.geometry import PixelWindow, Size

Placement: TypeAlias = NDArray[np.float64]

# Chroma is sited left: its sample i lies at luma ½ + 2i across, and between rows 2i and 2i + 1 down.
_CHROMA_OF_LUMA = np.array([[0.5, 0, 0.25], [0, 0.5, 0], [0, 0, 1]])
_EDGE_PX = 1  # at the picture's border the chroma grid reaches a quarter of a sample past the plane


def placement(
    window: PixelWindow,
    output: Size,
    *,
    stretch: tuple[float, float] = (1, 1),
    corner: tuple[float, float] = (0, 0),
    scale: float = 1,
) -> Placement:
    """Return where each output pixel lies in a picture cut out at `corner` and enlarged by `scale`.

    `window` is in displayed pixels, of which the picture has `stretch` (x, y) for one.
    """
    turn = radians(window.rotation_deg)
    across, along = window.width / output.width, window.height / output.height
    linear = np.array([[cos(turn) * across, -sin(turn) * along], [sin(turn) * across, cos(turn) * along]])
    centre = np.array([window.cx, window.cy])
    offset = centre - linear @ np.array([output.width / 2, output.height / 2])
    matrix = np.column_stack((linear, offset)) * np.array(stretch)[:, None]
    matrix[:, 2] -= corner
    return matrix * scale


def resample(pixels: Pixels, place: Placement, output: Size) -> Pixels:
    """Return the placed window of (H, W) or (H, W, 3) pixels at the output's size."""
    if abs(place[0, 1]) < 1e-12 and abs(place[1, 0]) < 1e-12:
        return _resize(pixels, place, output)
    shrink = max(1.0, hypot(place[0, 0], place[1, 0]), hypot(place[0, 1], place[1, 1]))
    if shrink == 1.0:
        return _warp(pixels, place, output)
    upright = Size(ceil(output.width * shrink), ceil(output.height * shrink))
    grid = np.array([output.width / upright.width, output.height / upright.height, 1])
    straightened = _warp(pixels, place * grid, upright)
    return _resize(straightened, np.array([[1 / grid[0], 0, 0], [0, 1 / grid[1], 0]]), output)


def resample_planes(planes: Planes, place: Placement, output: Size) -> Planes:
    """Return the placed window of a 4:2:0 picture at the output's size (even sides), luma and chroma in register."""
    half = Size(output.width // 2, output.height // 2)
    square = np.vstack((place, (0, 0, 1)))
    chroma = (_CHROMA_OF_LUMA @ square @ np.linalg.inv(_CHROMA_OF_LUMA))[:2]
    chroma[:, 2] += _EDGE_PX
    edged = (np.pad(plane, _EDGE_PX, mode="edge") for plane in (planes.u, planes.v))
    return Planes(resample(planes.y, place, output), *(resample(plane, chroma, half) for plane in edged))


def _resize(pixels: Pixels, place: Placement, output: Size) -> Pixels:
    """Resize an upright window; Pillow's filters widen when they shrink, which cv2's do not."""
    height, width = pixels.shape[:2]
    x0, y0 = place[0, 2], place[1, 2]
    x1, y1 = x0 + place[0, 0] * output.width, y0 + place[1, 1] * output.height
    box = (max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height)))
    kernel = Image.Resampling.LANCZOS if max(place[0, 0], place[1, 1]) > 1 else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(pixels).resize((output.width, output.height), kernel, box=box))


def _warp(pixels: Pixels, place: Placement, output: Size) -> Pixels:
    indexed = place.copy()
    indexed[:, 2] += place[:, :2] @ (0.5, 0.5) - 0.5  # cv2 counts from the first pixel's centre
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    size = (output.width, output.height)
    return cv2.warpAffine(pixels, indexed, size, flags=flags, borderMode=cv2.BORDER_REPLICATE).astype(
        np.uint8, copy=False
    )
