"""HDR pictures, HLG and PQ, as ordinary ones: their light as a display shows it, brought into bt709, highlights bent.

Every pixel is computed: a crop has hardly more of them than a useful lookup cube has nodes (30 ms for 405×720).
Display light is counted in whites: 1 is the white of ordinary pictures, which ITU-R BT.2408 puts at 203 cd/m².
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Light: TypeAlias = NDArray[np.floating]  # of 32 bits

WHITE_NITS = 203
PEAK_NITS = {"hlg": 1000, "pq": 10_000}  # the most that each can say; HLG's depends on the display
# Up to half of white nothing changes: grass and faces keep their tone. White itself comes out at 226 to 228, and the
# levels above it are for the sky.
KNEE = 0.5
DARK = np.float32(1e-9)  # less light than any number stands for: divided by in place of none
STRIP_LINES = 64  # each step finds the last one's numbers in the cache, and a whole picture takes no more memory

# ITU-R BT.2407, annex 1: linear bt2020 to linear bt709.
BT709_OF_BT2020 = np.array(
    [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]], np.float32
)
KR, KG, KB = 0.2627, 0.6780, 0.0593  # the luminance of bt2020's red, green and blue


def tone_mapped(yuv: NDArray[np.uint16], transfer: str, *, full_range: bool) -> NDArray[np.uint8]:
    """Return an HDR picture as full-range bt709 RGB, (H, W, 3).

    `yuv`, (H, W, 3), holds bt2020nc numbers of 10 bits in the upper bits of 16; `transfer` is "hlg" or "pq".
    """
    rgb = np.empty(yuv.shape, np.uint8)
    for top in range(0, len(yuv), STRIP_LINES):
        strip = slice(top, top + STRIP_LINES)
        light = _within_bt709(_display_light(yuv[strip], transfer, full_range=full_range))
        rgb[strip] = _encoded(_rolled_off(light, PEAK_NITS[transfer] / WHITE_NITS))
    return rgb


def _display_light(yuv: NDArray[np.uint16], transfer: str, *, full_range: bool) -> Light:
    """Return what the reference display shows: linear bt2020 RGB in whites."""
    signal = cv2.transform(yuv, _signal_of_yuv(full_range))  # in 16 bits, held within them
    if transfer == "pq":
        return np.asarray(cv2.LUT(signal, _pq_light()), np.float32)
    scene = np.asarray(cv2.LUT(signal, _hlg_scene()), np.float32)
    # BT.2100, table 5: the luminance is raised to the power of 1.2 (at 1000 cd/m²), and the colour goes with it.
    lift = np.asarray(cv2.pow(_luminance(scene), 0.2), np.float32) * np.float32(PEAK_NITS["hlg"] / WHITE_NITS)
    return scene * lift[..., None]


def _within_bt709(light: Light) -> Light:
    """Bring linear bt2020 into bt709's gamut: a colour outside of it pales, in its hue and luminance, to its edge."""
    grey = _luminance(light)
    light = np.asarray(cv2.transform(light, BT709_OF_BT2020), np.float32)
    below = grey - _least(light)
    share = np.minimum(grey / np.maximum(below, DARK), 1)
    return grey[..., None] + share[..., None] * (light - grey[..., None])


def _rolled_off(light: Light, peak: float) -> Light:
    """Bend highlights so that `peak` ends at 1.

    Half of it each channel by itself, which lets bright colours pale towards white; half the brightest channel and the
    others with it, which keeps the hue.
    """
    bent = _bent(light, peak)
    gain = _most(bent) / np.maximum(_most(light), DARK)
    return (bent + light * gain[..., None]) * np.float32(0.5)


def _bent(light: Light, peak: float) -> Light:
    """Leave light up to KNEE as it is and bend the rest along a Möbius curve, smooth at the knee, 1 at `peak`.

    The curve is that of the tonemap filter of ffmpeg, `mobius`.
    """
    a = -(KNEE**2) * (peak - 1) / (KNEE**2 - 2 * KNEE + peak)
    b = (KNEE**2 - 2 * KNEE * peak + peak) / (peak - 1)
    scale = (b**2 + 2 * b * KNEE + KNEE**2) / (b - a)
    over = np.maximum(light, np.float32(KNEE))
    return np.float32(scale) * (over + np.float32(a)) / (over + np.float32(b)) + (light - over)


def _encoded(light: Light) -> NDArray[np.uint8]:
    """Return linear light as the numbers that make a bt709 display show it (ITU-R BT.1886: gamma 2.4)."""
    return np.asarray(cv2.convertScaleAbs(cv2.pow(light, 1 / 2.4), alpha=255), np.uint8)


def _luminance(light: Light) -> Light:
    return np.asarray(cv2.transform(light, np.array([[KR, KG, KB]], np.float32)), np.float32)


def _least(light: Light) -> Light:
    return np.minimum(np.minimum(light[..., 0], light[..., 1]), light[..., 2])


def _most(light: Light) -> Light:
    return np.maximum(np.maximum(light[..., 0], light[..., 1]), light[..., 2])


@lru_cache
def _signal_of_yuv(full_range: bool) -> NDArray[np.float64]:
    """Return the 3×4 matrix from those numbers to R'G'B' in the whole of 16 bits (BT.2100, tables 6 and 9)."""
    y_span, c_span, y_zero = (1023, 1023, 0) if full_range else (876, 896, 64)
    red, blue = 2 * (1 - KR), 2 * (1 - KB)
    per_level = np.array([[1, 0, red], [1, -blue * KB / KG, -red * KR / KG], [1, blue, 0]]) / (y_span, c_span, c_span)
    return 65535 * np.column_stack((per_level / 64, -per_level @ (y_zero, 512, 512)))


@lru_cache
def _hlg_scene() -> Light:
    """Return the scene's light, 0 to 1, of every 16-bit HLG signal (BT.2100, table 5: the inverse OETF)."""
    signal = np.linspace(0, 1, 65536)
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12).astype(np.float32)


@lru_cache
def _pq_light() -> Light:
    """Return the display's light, in whites, of every 16-bit PQ signal (BT.2100, table 4: the EOTF)."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = np.linspace(0, 1, 65536) ** (1 / m2)
    share = (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return (share * PEAK_NITS["pq"] / WHITE_NITS).astype(np.float32)
