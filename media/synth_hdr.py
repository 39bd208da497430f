"""The same picture in HDR: what an ordinary display shows, written as an HDR camera would."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

WHITE_NITS = 203  # where ITU-R BT.2408 puts the white of ordinary pictures
HLG_PEAK_NITS, HLG_GAMMA = 1000, 1.2  # the reference display; ITU-R BT.2100, table 5
PQ_PEAK_NITS = 10_000
BT2020_OF_BT709 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]], np.float32)
LUMINANCE = np.array([[0.2627, 0.6780, 0.0593]], np.float32)


def lifted(picture: np.ndarray, transfer: Literal["hlg", "pq"]) -> np.ndarray:
    """Return a bt709 picture (H, W, 3, BGR, uint8) as bt2020 RGB signals of that transfer, full range, uint16."""
    shown = ((np.arange(256) / 255) ** 2.4).astype(np.float32)  # ITU-R BT.1886
    nits = cv2.transform(shown[picture[..., ::-1]], BT2020_OF_BT709) * np.float32(WHITE_NITS)  # ITU-R BT.2087
    signal = _hlg(nits / HLG_PEAK_NITS) if transfer == "hlg" else _pq(nits / PQ_PEAK_NITS)
    return np.round(np.clip(signal, 0, 1) * 65535).astype(np.uint16)


def _hlg(light: np.ndarray) -> np.ndarray:
    """Undo the display's gamma, which works on luminance, then take the camera's curve (BT.2100, table 5)."""
    luminance = np.maximum(cv2.transform(light, LUMINANCE), 1e-9)
    scene = np.maximum(light, 0) * luminance[..., None] ** (1 / HLG_GAMMA - 1)
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), a * np.log(np.maximum(12 * scene - b, 1e-9)) + c)


def _pq(light: np.ndarray) -> np.ndarray:
    """Take the inverse EOTF (BT.2100, table 4)."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = np.maximum(light, 0) ** m1
    return ((c1 + c2 * root) / (1 + c3 * root)) ** m2
