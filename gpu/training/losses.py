"""What the network is held to: the pixels, their structure, and how much there is to see at every fineness.

Pixels alone make a network paint the mean of all that might have been: soft grass. Their spectrum must not fall short
of the truth's, which is what keeps the grass; and a grid that the truth lacks stands out in it.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, l1_loss, unfold

WINDOW = 48  # even multiples of every period that a pixel shuffle by 4, 6 or 8 can leave
_LEVEL = 1 / 255
_C1, _C2 = 0.01**2, 0.03**2


def pixel_loss(made: tuple[Tensor, ...], truth: tuple[Tensor, ...]) -> Tensor:
    """Return the mean distance of luma and, counting a quarter each, of both chroma planes."""
    y, u, v = (l1_loss(one, other) for one, other in zip(made, truth, strict=True))
    return y + 0.25 * (u + v)


def structural_loss(made: Tensor, truth: Tensor) -> Tensor:
    """Return 1 − SSIM of two lumas (N, 1, H, W) (Wang et al. 2004, with plain windows of 7 pixels)."""
    mean_x, mean_y = _mean(made), _mean(truth)
    spread_x, spread_y = _mean(made * made) - mean_x**2, _mean(truth * truth) - mean_y**2
    common = _mean(made * truth) - mean_x * mean_y
    like = (2 * mean_x * mean_y + _C1) * (2 * common + _C2)
    return 1 - (like / ((mean_x**2 + mean_y**2 + _C1) * (spread_x + spread_y + _C2))).mean()


def spectral_loss(made: Tensor, truth: Tensor) -> Tensor:
    """Return the mean distance of the logarithms of two lumas' mean power spectra, picture by picture."""
    return l1_loss(_spectrum(made), _spectrum(truth))


def _mean(luma: Tensor) -> Tensor:
    return avg_pool2d(luma, 7, stride=4)  # every fourth window: the rest cost more than the network and say the same


def _spectrum(luma: Tensor) -> Tensor:
    """Return log power (N, WINDOW, WINDOW/2 + 1) of (N, 1, H, W), the mean over windows that overlap."""
    count = len(luma)
    windows = unfold(luma, WINDOW, stride=WINDOW * 2 // 3).transpose(1, 2).reshape(count, -1, WINDOW, WINDOW)
    hann = torch.hann_window(WINDOW, periodic=True, dtype=luma.dtype)
    windows = (windows - windows.mean(dim=(2, 3), keepdim=True)) * (hann[:, None] * hann)
    power = torch.fft.rfft2(windows).abs().square().mean(dim=1)
    floor = (_LEVEL / 4) ** 2 * float((hann[:, None] * hann).square().sum())  # below what eight bits can tell
    return torch.log(power + floor)
