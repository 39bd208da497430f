"""What the network learns from: pictures as cameras leave them, and the truth at two, three and four times the size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gpu.training.degrade import Degradation, degraded, shrunk
from gpu.training.scenes import scene
from media.colour import Pixels, Planes, planes_of, to_rgb
from media.decode import frames
from media.probe import probe
from reel.geometry import Size
from reel.timing import Span

LARGEST = 4  # the scale that a tile's truth has
TILE = 768  # truth pixels
FRAMES = 3  # filmed in a row; the first is left out: an encoder spends more on it than on those that follow
DRAWN, PHOTOGRAPHED = 0.2, 0.2  # the share of tiles; the rest is the match
STRETCHES = 12  # of the match, spread over its length
DISTANCES = ((1.0, 0.5), (1.33, 0.3), (2.0, 0.2))  # the match seen from farther off, and how often
SOFT_PX = 0.7  # no camera films an edge as sharp as it can be drawn: the σ that photographs and scenes are softened by


@dataclass(frozen=True, slots=True)
class Tile:
    """A few frames as a camera left them, and by scale what they were."""

    small: tuple[Planes, ...]
    truth: Mapping[int, tuple[Planes, ...]]


@dataclass(frozen=True, slots=True)
class Material:
    """What tiles are cut from: stretches of FRAMES pictures of a match, and photographs."""

    match: Sequence[Sequence[Pixels]]
    photographs: Sequence[Pixels]


def material(footage: Path, photographs: Sequence[Path]) -> Material:
    """Read a match and photographs."""
    source = probe(footage)
    span = source.span
    starts = [span.in_pts + span.duration_pts * k // STRETCHES for k in range(STRETCHES)]
    match = [
        [to_rgb(frame, source.colour) for frame in islice(frames(footage, source, Span(start, span.out_pts)), FRAMES)]
        for start in starts
    ]
    return Material(match, [np.asarray(Image.open(path).convert("RGB")) for path in photographs])


def tiles(found: Material, scales: Sequence[int], count: int, seed: int, workers: int) -> list[Tile]:
    """Make `count` tiles: the same for the same seed."""
    with ThreadPoolExecutor(workers) as pool:
        return [*pool.map(partial(_tile, found, scales), range(seed * count, (seed + 1) * count))]


def mildest(found: Sequence[Tile], share: float) -> list[Tile]:
    """Return the share of tiles, in their order, whose cameras took least away beside the size.

    Where nearly all is gone the best answer is a blur, and a network that is shown much of that learns to blur.
    """
    losses = [_taken_away(tile) for tile in found]
    most = sorted(losses)[max(0, round(share * len(losses)) - 1)]
    return [tile for tile, loss in zip(found, losses, strict=True) if loss <= most]


def camera(rng: np.random.Generator) -> Degradation:
    """Return a camera as they come: from a fine one to a messenger's worst."""
    codec = rng.choice(("none", "x264", "x265"), p=(0.2, 0.5, 0.3))
    noise = float(rng.uniform(0.5, 8)) if rng.random() < 0.3 else 0.0
    return Degradation(
        blur_px=float(rng.uniform(0, 0.7)) if rng.random() < 0.3 else 0.0,
        kernel=rng.choice(("box", "hamming", "bicubic", "lanczos"), p=(0.2, 0.2, 0.4, 0.2)),
        noise=noise,
        grain_px=float(rng.uniform(0, 0.8)),
        sharpen=float(rng.uniform(0.2, 1.2)) if rng.random() < 0.25 else 0.0,
        codec=codec,
        crf=int(rng.integers(17, 32)) + (2 if codec == "x265" else 0),
    )


def _taken_away(tile: Tile) -> float:
    """Return how far the small picture is from the truth at its size, against how much there is to see in that."""
    small = tile.small[0].y
    truth = np.asarray(Image.fromarray(tile.truth[LARGEST][0].y).resize(small.shape[::-1], Image.Resampling.BOX))
    detail = (
        np.abs(np.diff(truth.astype(np.int16), axis=0)).mean() + np.abs(np.diff(truth.astype(np.int16), axis=1)).mean()
    )
    return float(np.abs(small.astype(np.int16) - truth).mean() / (detail + 1))


def _tile(found: Material, scales: Sequence[int], number: int) -> Tile:
    rng = np.random.default_rng([number, 3])
    kind = rng.random()
    if kind < DRAWN:
        pictures = _panned(_softened(scene(TILE + 64, number)), rng)
    elif kind < DRAWN + PHOTOGRAPHED:
        pictures = _panned(_softened(found.photographs[int(rng.integers(len(found.photographs)))]), rng)
    else:
        pictures = _filmed(found.match[int(rng.integers(len(found.match)))], rng)
    pictures = [_turned(picture, number) for picture in pictures]
    height, width = (length // LARGEST for length in pictures[0].shape[:2])
    small = degraded(pictures, Size(width, height), camera(rng), number)
    truth = {
        scale: tuple(planes_of(shrunk(picture, Size(width * scale, height * scale))) for picture in pictures[1:])
        for scale in scales
    }
    return Tile(tuple(small[1:]), truth)


def _filmed(stretch: Sequence[Pixels], rng: np.random.Generator) -> list[Pixels]:
    """Cut the same window out of frames in a row, seen from nearer or farther; of two windows the livelier."""
    height, width = stretch[0].shape[:2]
    distances, shares = zip(*DISTANCES, strict=True)
    side = min(int(TILE * rng.choice(distances, p=shares)), height, width)
    corners = [(int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))) for _ in range(2)]
    y, x = max(corners, key=lambda corner: _life(stretch[0][corner[0] :, corner[1] :][:side:4, :side:4]))
    return [shrunk(picture[y : y + side, x : x + side], Size(TILE, TILE)) for picture in stretch]


def _softened(picture: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), SOFT_PX), np.uint8)


def _life(picture: Pixels) -> float:
    """Return how much goes on in a picture: grass alone is most of a match."""
    levels: NDArray[np.float64] = picture.mean(axis=2)
    return float(levels.std())


def _panned(picture: Pixels, rng: np.random.Generator) -> list[Pixels]:
    """Pan over a still picture by a few pixels a frame; sides become multiples of 8."""
    drift = rng.integers(-6, 7, 2)
    height, width = (min(TILE, (length - 16) // 8 * 8) for length in picture.shape[:2])
    top, left = ((length - side) // 2 for length, side in zip(picture.shape[:2], (height, width), strict=True))
    corners = [np.clip((top, left) + drift * (n - 1), 0, None) for n in range(FRAMES)]
    return [picture[y : y + height, x : x + width] for y, x in corners]


def _turned(picture: Pixels, number: int) -> Pixels:
    """Mirror and turn a picture, one of eight ways."""
    turned = np.rot90(picture[:, ::-1] if number & 4 else picture, number & 3)
    return np.ascontiguousarray(turned)
