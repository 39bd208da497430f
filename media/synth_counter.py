"""The frame counters of synthesised footage: small blocks burnt all over the picture that a machine reads back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from reel.geometry import Size, Window

# A copy is 4 × 6 bits, each a pair of cells that differ: a dark left cell is 0, a dark right one is 1. A pair needs no
# threshold, so exposure, tone mapping and soft edges leave it readable.
BITS_ACROSS, BITS_DOWN = 4, 6
CHECK_BITS = 4
LARGEST = (1 << (BITS_ACROSS * BITS_DOWN - CHECK_BITS)) - 1
DARK, LIGHT = 16, 240
# Copies stand three of their own sizes apart, so a window of four by four such sizes holds a whole one wherever it is.
PITCH_IN_COPIES = 3
MIN_CONTRAST = 24.0  # levels of 255 between the cells of a pair; grass under x264 stays below
MIN_EVENNESS = 0.3  # the weakest pair against the mean one; two counters dissolved into each other fall below


@dataclass(frozen=True, slots=True)
class _Lattice:
    """Where the copies stand: the top left corners in pixels of the displayed picture, and a cell's side."""

    corners: tuple[tuple[int, int], ...]
    cell_px: int


def burn(picture: np.ndarray, counter: int) -> None:
    """Draw `counter` all over `picture` (height × width × 3, uint8), in place."""
    lattice = _lattice(Size(picture.shape[1], picture.shape[0]))
    block = _block(counter, lattice.cell_px)[..., None]
    height, width = block.shape[:2]
    for x, y in lattice.corners:
        picture[y : y + height, x : x + width] = block


def read_counter(picture: np.ndarray, size: Size, window: Window | None = None) -> int | None:
    """Return the counter burnt into footage of the displayed `size`, or None if no whole copy can be read.

    `picture` is RGB or luma and shows `window` of that footage (all of it if None), at any scale and turn. All whole
    copies in sight vote. A window that holds a copy for certain is 160 × 120 px of 1280 × 720.
    """
    pixels = (window or Window(0.5, 0.5, 1.0, 1.0)).to_pixels(size)
    luma = (picture if picture.ndim == 2 else picture.mean(axis=2)).astype(np.float32)
    points = _sample_points(size)
    angle = np.deg2rad(pixels.rotation_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    local = (points - (pixels.cx, pixels.cy)) @ turn.T / (pixels.width, pixels.height) + 0.5
    whole = ((local > 0) & (local < 1)).all(axis=(1, 2, 3, 4))
    if not whole.any():
        return None
    at = (local[whole] * (luma.shape[1], luma.shape[0]) - 0.5).astype(np.float32)
    x, y = (np.ascontiguousarray(at[..., axis].reshape(len(at), -1)) for axis in (0, 1))
    sampled = cv2.remap(luma, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    pairs = sampled.reshape(at.shape[:-1]).mean(axis=(0, 3))  # bits × 2 cells: the mean over all copies in sight
    lean = pairs[:, 0] - pairs[:, 1]
    strength = np.abs(lean)
    if strength.mean() < MIN_CONTRAST or strength.min() < MIN_EVENNESS * strength.mean():
        return None
    word = sum(1 << bit for bit, value in enumerate(lean > 0) if value)
    counter = word >> CHECK_BITS
    return counter if word == _word(counter) else None


def _word(counter: int) -> int:
    """Return the counter with its check: the complement of the sum of its nibbles, so that no blank picture passes."""
    check = ~sum((counter >> shift) & 15 for shift in range(0, 20, 4)) & 15
    return counter << CHECK_BITS | check


@lru_cache(maxsize=8)
def _lattice(size: Size) -> _Lattice:
    cell = max(4, round(min(size.width, size.height) / 180))
    width, height = 2 * BITS_ACROSS * cell, BITS_DOWN * cell
    lefts = _places(size.width, width)
    tops = _places(size.height, height)
    return _Lattice(tuple((x, y) for y in tops for x in lefts), cell)


def _places(extent: int, copy: int) -> list[int]:
    count = max(1, extent // (PITCH_IN_COPIES * copy))
    return [round((index + 0.5) * extent / count - copy / 2) for index in range(count)]


def _block(counter: int, cell_px: int) -> np.ndarray:
    """Return one copy as gray levels."""
    if not 0 <= counter <= LARGEST:
        raise ValueError(f"a frame counter is 0 to {LARGEST}, not {counter}")
    word = _word(counter)
    bits = np.array([word >> bit & 1 for bit in range(BITS_ACROSS * BITS_DOWN)], bool)
    cells = np.stack([bits, ~bits], axis=1).reshape(BITS_DOWN, 2 * BITS_ACROSS)
    levels = np.where(cells, LIGHT, DARK).astype(np.uint8)
    return levels.repeat(cell_px, axis=0).repeat(cell_px, axis=1)


@lru_cache(maxsize=8)
def _sample_points(size: Size) -> np.ndarray:
    """Return where to look: copies × bits × 2 cells × 9 points × (x, y), in the middle half of every cell."""
    lattice = _lattice(size)
    columns, rows = np.meshgrid(np.arange(2 * BITS_ACROSS), np.arange(BITS_DOWN))
    cells = np.stack([columns, rows], axis=-1).reshape(-1, 2, 1, 2)
    inside = np.stack(np.meshgrid([0.3, 0.5, 0.7], [0.3, 0.5, 0.7]), axis=-1).reshape(1, 1, 9, 2)
    corners = np.array(lattice.corners, float).reshape(-1, 1, 1, 1, 2)
    return corners + (cells + inside) * lattice.cell_px
