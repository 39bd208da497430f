"""A canvas: the picture of RGB and opacity on which banners, cards and labels are drawn, once, before they are blended.

Edges are given in fractions of a pixel and drawn by how much of each pixel they cover.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Canvas: TypeAlias = NDArray[np.float32]
"""Premultiplied RGBA, (H, W, 4), 0..1."""
Cover: TypeAlias = NDArray[np.float32]
"""How much of each pixel a figure covers, (H, W), 0..1."""
Rgb: TypeAlias = tuple[float, float, float]


def canvas_of(width: float, height: float) -> Canvas:
    """Return an empty canvas at least as large, both sides even, as chroma wants it."""
    sides = (2 * max(int(np.ceil(side / 2)), 1) for side in (height, width))
    return np.zeros((*sides, 4), np.float32)


def rgb(hue: str) -> Rgb:
    """Return a colour that is written #RRGGBB."""
    red, green, blue = (int(hue[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def reads_white(hue: str) -> bool:
    """Say whether white letters are read on a colour, else black ones: by its contrast with both (WCAG 2.2)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb(hue)]
    light = float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
    return 1.05 / (light + 0.05) > 0.7 * (light + 0.05) / 0.05  # white is kept a little longer: it looks right


def rounded_box(canvas: Canvas, left: float, top: float, width: float, height: float, radius: float) -> Cover:
    """Return what a box with round corners covers."""
    radius = max(min(radius, width / 2, height / 2), 0.0)
    rows, columns = np.ogrid[: canvas.shape[0], : canvas.shape[1]]
    across = np.abs(columns + 0.5 - (left + width / 2)) - (width / 2 - radius)
    down = np.abs(rows + 0.5 - (top + height / 2)) - (height / 2 - radius)
    outside = np.hypot(np.maximum(across, 0), np.maximum(down, 0))
    away = outside + np.minimum(np.maximum(across, down), 0) - radius
    return np.clip(0.5 - away, 0, 1).astype(np.float32)


def pointer(canvas: Canvas, x: float, top: float, half_width: float, height: float) -> Cover:
    """Return what a triangle that points down covers: its upper side around `x` at `top`."""
    rows, columns = np.ogrid[: canvas.shape[0], : canvas.shape[1]]
    down = rows + 0.5 - top
    side = (np.abs(columns + 0.5 - x) * height + down * half_width - half_width * height) / np.hypot(half_width, height)
    return np.clip(0.5 - np.maximum(side, -down), 0, 1).astype(np.float32)


def fill(canvas: Canvas, cover: Cover, colour: Rgb, opacity: float = 1.0) -> None:
    """Lay a colour over what a figure covers, in place."""
    alpha = (cover * np.float32(opacity))[..., None]
    canvas *= 1 - alpha
    canvas += alpha * np.array((*colour, 1.0), np.float32)


def lay(canvas: Canvas, over: Canvas) -> None:
    """Lay one premultiplied picture over another, in place."""
    canvas *= 1 - over[..., 3:]
    canvas += over
