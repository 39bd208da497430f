"""How alike two pictures are: SSIM of their luma (Wang et al. 2004; an 11×11 Gaussian of 1.5)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the mean SSIM of two luma planes (H, W)."""
    x, y = one.astype(np.float64), other.astype(np.float64)
    mean_x, mean_y = _blurred(x), _blurred(y)
    spread_x, spread_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    common = _blurred(x * y) - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + _C1) * (2 * common + _C2)
    return float((likeness / ((mean_x**2 + mean_y**2 + _C1) * (spread_x + spread_y + _C2))).mean())


def _blurred(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    return cv2.GaussianBlur(plane, (11, 11), 1.5).astype(np.float64)
