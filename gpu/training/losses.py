"""What the network is held to: the pixels, their structure, how much there is to see at every fineness, and stillness.

Pixels alone make a network paint the mean of all that might have been: soft grass. Their spectrum must not fall short
of the truth's, which is what keeps the grass; and a grid that the truth lacks stands out in it. A spectrum can be met
by specks too, and by a fixed pattern where a picture gives nothing to go by: what is brighter or darker than all the
truth around it is held against the network, and what repeats from one source pixel to the next. So is what changes from
frame to frame where the truth does not.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, l1_loss, max_pool2d, pixel_unshuffle, unfold

WINDOW = 24  # a multiple of every period that a pixel shuffle by 4, 6 or 8 can leave
AROUND = 5  # pixels: as far as an edge may stand from where it stood
_LEVEL = 1 / 255
_C1, _C2 = 0.01**2, 0.03**2


def pixel_loss(made: tuple[Tensor, ...], truth: tuple[Tensor, ...]) -> Tensor:
    """Return the mean distance of luma and, counting a quarter each, of both chroma planes."""
    y, u, v = (l1_loss(one, other) for one, other in zip(made, truth, strict=True))
    return y + 0.25 * (u + v)


def structural_loss(made: Tensor, truth: Tensor) -> Tensor:
    """Return 1 − SSIM of two lumas (N, 1, H, W) (Wang et al. 2004, with plain windows of 5 pixels)."""
    mean_x, mean_y = _mean(made), _mean(truth)
    spread_x, spread_y = _mean(made * made) - mean_x**2, _mean(truth * truth) - mean_y**2
    common = _mean(made * truth) - mean_x * mean_y
    like = (2 * mean_x * mean_y + _C1) * (2 * common + _C2)
    return 1 - (like / ((mean_x**2 + mean_y**2 + _C1) * (spread_x + spread_y + _C2))).mean()


def spectral_loss(made: Tensor, truth: Tensor) -> Tensor:
    """Return the mean distance of two lumas' spectra, picture by picture."""
    return l1_loss(_spectrum(made), _spectrum(truth))


def beyond_loss(made: Tensor, truth: Tensor) -> Tensor:
    """Return by how much, on average, a luma (N, 1, H, W) lies beyond all that the truth shows around each pixel."""
    reach = AROUND // 2
    highest, lowest = max_pool2d(truth, AROUND, 1, reach), -max_pool2d(-truth, AROUND, 1, reach)
    return ((made - highest).relu() + (lowest - made).relu()).mean()


def restless_loss(made: Tensor, truth: Tensor) -> Tensor:
    """Return how far what changes between the two frames of each pair (2N, 1, H, W) is from what changed in truth."""
    return l1_loss(made[1::2] - made[::2], truth[1::2] - truth[::2])


def grid_loss(made: Tensor, truth: Tensor, period: int) -> Tensor:
    """Return how strong a pattern of `period` pixels, sides a multiple of it, stands in a luma (N, 1, H, W) alone."""
    pattern = pixel_unshuffle(made - truth, period).mean(dim=(2, 3))
    return (pattern - pattern.mean(dim=1, keepdim=True)).abs().mean()


def _mean(luma: Tensor) -> Tensor:
    return avg_pool2d(luma, 5, stride=2)  # every window would cost more and say the same


def _spectrum(luma: Tensor) -> Tensor:
    """Return the mean over windows of their log power, (N, WINDOW, WINDOW/2 + 1) of (N, 1, H, W).

    The logarithm is taken first: else a few strong windows, a speck in each, could stand for all of the grass.
    """
    count = len(luma)
    windows = unfold(luma, WINDOW, stride=WINDOW // 2).transpose(1, 2).reshape(count, -1, WINDOW, WINDOW)
    hann = torch.hann_window(WINDOW, periodic=True, dtype=luma.dtype, device=luma.device)
    hann = hann[:, None] * hann
    power = torch.fft.rfft2((windows - windows.mean(dim=(2, 3), keepdim=True)) * hann).abs().square()
    floor = _LEVEL**2 * hann.square().sum() / 12  # the power of rounding to bytes
    return torch.log(power + floor).mean(dim=1)
