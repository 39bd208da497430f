"""How alike the texture of two pictures is: the distance between the spectra of their luma.

SSIM asks whether each detail stands where it stood; this asks whether there is as much detail of each size and
direction, wherever it stands. Bicubic enlargement loses here, invented texture loses there.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_BLOCK_PX = 32
_STEP_PX = _BLOCK_PX // 2
_WINDOW = np.hanning(_BLOCK_PX + 1)[:-1].astype(np.float32)
_WINDOW_2D = np.outer(_WINDOW, _WINDOW)
_FLOOR = float((_WINDOW_2D**2).sum()) / 12  # the power of rounding to bytes: what lies below it nobody can see


def log_spectral_distance(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return, in dB, the RMS over all frequencies of the difference of the mean log power of two luma planes (H, W)."""
    return float(np.sqrt(np.square(_mean_log_power(one) - _mean_log_power(other)).mean()))


def _mean_log_power(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return dB (32, 17), the mean over Hann-windowed blocks of 32×32 that overlap by half."""
    blocks = sliding_window_view(luma.astype(np.float32), (_BLOCK_PX, _BLOCK_PX))[::_STEP_PX, ::_STEP_PX]
    blocks = blocks - blocks.mean(axis=(2, 3), keepdims=True)
    power = np.square(np.abs(np.fft.rfft2(blocks * _WINDOW_2D)))
    return (10 * np.log10(power + _FLOOR)).mean(axis=(0, 1))
