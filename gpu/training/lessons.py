"""The tiles where the network learns, on the accelerator if there is one, and patches cut out of many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gpu.networks import spread, stacked
from gpu.planar import PLANES
from gpu.training.tiles import FRAMES, LARGEST, TILE, Tile
from media.colour import Planes

Truth = tuple[Tensor, Tensor, Tensor]

JUDGED = FRAMES - 1  # frames of a tile
UNJUDGED = 4  # chroma samples on each side of a patch: what lies beyond counts as black to a convolution


@dataclass(frozen=True, slots=True)
class Lessons:
    """All tiles, laid out as the network takes and makes pictures: bytes (tiles, JUDGED, channels, rows, columns).

    Rows and columns are those of the small pictures' chroma, so that one window cuts the same piece out of all.
    """

    small: Tensor
    truth: Mapping[int, Tensor]  # by scale


def lessons(found: Iterable[Tile], count: int, scales: Iterable[int]) -> Lessons:
    """Lay out `count` tiles, in memory."""
    side = TILE // LARGEST // 2
    small = np.empty((count, JUDGED, PLANES, side, side), np.uint8)
    truth = {scale: np.empty((count, JUDGED, PLANES * scale**2, side, side), np.uint8) for scale in scales}
    for k, tile in enumerate(found):
        for j, planes in enumerate(tile.small):
            _lay_out(planes, 1, small[k, j])
        for scale, array in truth.items():
            for j, planes in enumerate(tile.truth[scale]):
                _lay_out(planes, scale, array[k, j])
    return Lessons(torch.from_numpy(small), {scale: torch.from_numpy(array) for scale, array in truth.items()})


def moved(held: Lessons, device: torch.device) -> Lessons:
    """Return them on a device."""
    return Lessons(held.small.to(device), {scale: tensor.to(device) for scale, tensor in held.truth.items()})


def batch(held: Lessons, scale: int, count: int, patch: int, rng: np.random.Generator) -> tuple[Tensor, Truth]:
    """Cut the same patch, `patch` source pixels wide, out of the frames of `count` tiles, at places that `rng` draws.

    Returns stacked planes as taken (count · JUDGED, …), a tile's frames in a row, and the planes that they were, less a
    margin that is not judged.
    """
    half, (rows, columns) = patch // 2, held.small.shape[3:]
    drawn = (rng.integers(most, size=count) for most in (len(held.small), rows - half + 1, columns - half + 1))
    tiles, top, left = drawn
    inner = half - 2 * UNJUDGED
    small = _windows(held.small, tiles, top, left, half)
    was = spread(_windows(held.truth[scale], tiles, top + UNJUDGED, left + UNJUDGED, inner), scale)
    if rng.integers(2):
        return small, was
    y, u, v = (plane.flip(2) for plane in spread(small, 1))  # upside down; sideways would site chroma to the right
    return stacked(y, u, v), (was[0].flip(2), was[1].flip(2), was[2].flip(2))


def _windows(
    held: Tensor, tiles: NDArray[np.int64], top: NDArray[np.int64], left: NDArray[np.int64], side: int
) -> Tensor:
    """Cut windows out of tiles: (N · JUDGED, channels, side, side) of 0..1."""
    at = torch.from_numpy(np.stack((tiles, top, left))).to(held.device)[:, :, None, None, None, None]
    along = torch.arange(side, device=held.device)
    frames, channels = (torch.arange(length, device=held.device) for length in held.shape[1:3])
    found = held[at[0], frames[:, None, None, None], channels[:, None, None], at[1] + along[:, None], at[2] + along]
    return found.flatten(0, 1).float() / 255


def _lay_out(planes: Planes, scale: int, into: NDArray[np.uint8]) -> None:
    """Write planes of a picture enlarged `scale` times as the network makes them: (6 · scale², rows, columns).

    In numpy: torch's threads would wait for the cores that make tiles (measured: minutes for what takes seconds).
    """
    first = 0
    for plane, period in ((planes.y, 2 * scale), (planes.u, scale), (planes.v, scale)):
        rows, columns = (length // period for length in plane.shape)
        phases = plane.reshape(rows, period, columns, period).transpose(1, 3, 0, 2)
        into[first : first + period**2].reshape(period, period, rows, columns)[:] = phases
        first += period**2
