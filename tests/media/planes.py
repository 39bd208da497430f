"""Planes to draw on: plain ones and noise, with chroma that is not luma's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from media.colour import Planes
from reel.geometry import Size

SIZE = Size(160, 120)


def plain(size: Size = SIZE, y: int = 100, u: int = 90, v: int = 170) -> Planes:
    """Return one level a plane."""
    half = ((size.height + 1) // 2, (size.width + 1) // 2)
    whole = (size.height, size.width)
    return Planes(np.full(whole, y, np.uint8), np.full(half, u, np.uint8), np.full(half, v, np.uint8))


def noise(size: Size = SIZE) -> Planes:
    """Return every level of the limited range, anywhere."""
    rng = np.random.default_rng(3)
    half = ((size.height + 1) // 2, (size.width + 1) // 2)
    return Planes(
        rng.integers(16, 236, (size.height, size.width), np.uint8),
        rng.integers(16, 241, half, np.uint8),
        rng.integers(16, 241, half, np.uint8),
    )


def copied(planes: Planes) -> Planes:
    """Return planes of their own."""
    return Planes(planes.y.copy(), planes.u.copy(), planes.v.copy())


def planes_in(planes: Planes) -> tuple[NDArray, NDArray, NDArray]:
    """Return the three of them."""
    return planes.y, planes.u, planes.v
