"""What the network learns from: pictures as cameras leave them, and the truth at two, three and four times the size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gpu.training.degrade import Degradation, Kernel, degraded, shrunk
from gpu.training.scenes import scene, soft_scene
from media.colour import Pixels, Planes, planes_of, to_rgb
from media.decode import frames
from media.probe import probe
from reel.geometry import Size
from reel.timing import Span

LARGEST = 4  # the scale that a tile's truth has
TILE = 768  # truth pixels
FRAMES = 3  # filmed in a row; the first is left out: an encoder spends more on it than on those that follow
DRAWN, PHOTOGRAPHED = 0.2, 0.3  # the share of tiles; the rest is the match
STRETCHES = 12  # of the match, spread over its length
DISTANCES = ((0.7, 0.2), (1.0, 0.4), (1.33, 0.25), (2.0, 0.15))  # the match seen from nearer or farther, how often
NEARER = (1.0, 2.0)  # photographs are enlarged by: what is filmed from near has little that is fine
SOFT_PX = (
    0.5,
    1.1,
)  # no camera films an edge as sharp as it can be drawn: the σ that photographs and scenes are softened by

_DRIFT = 24  # by how much wider a still picture is than a tile, so that it can be panned over


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


def tiles(found: Material, scales: Sequence[int], count: int, seed: int, workers: int) -> Iterator[Tile]:
    """Iterate `count` tiles: the same for the same seed, however many workers (processes beside this one) make them."""
    numbers = range(seed * count, (seed + 1) * count)
    if not workers:
        yield from map(partial(_tile, found, scales), numbers)
        return
    spawn = get_context("spawn")
    with TemporaryDirectory(prefix="reel-tiles-") as folder:
        stretches = Path(folder) / "match.npy"  # read by all, held in memory once
        np.save(stretches, np.stack([np.stack(stretch) for stretch in found.match]))
        pipes = [spawn.Pipe(duplex=False) for _ in range(workers)]
        for k, (_, out) in enumerate(pipes):
            work = out, stretches, found.photographs, scales, numbers[k::workers]
            spawn.Process(target=_send, args=work, daemon=True).start()
            out.close()  # else the end of a worker would not be heard
        for k in range(count):
            yield pipes[k % workers][0].recv()


def soft_tiles(scales: Sequence[int], count: int, seed: int) -> Iterator[Tile]:
    """Iterate `count` tiles of soft lights as they are sampled, and nothing else done to them: the same every time.

    An encoder lets what is soft lie beside its place by more than a network ever does.
    """
    for number in range(seed * count, (seed + 1) * count):
        picture = soft_scene(TILE, number)
        how = Degradation(kernel=_sampling(np.random.default_rng([number, 3])))
        yield _degraded([picture] * FRAMES, how, scales, number)


def _send(
    out: Connection, stretches: Path, photographs: Sequence[Pixels], scales: Sequence[int], numbers: Sequence[int]
) -> None:
    cv2.setNumThreads(1)
    found = Material(np.load(stretches, mmap_mode="r"), photographs)
    for number in numbers:
        out.send(_tile(found, scales, number))


def camera(rng: np.random.Generator) -> Degradation:
    """Return a camera as they come: from a fine one to a messenger's worst."""
    codec = rng.choice(("none", "x264", "x265"), p=(0.2, 0.5, 0.3))
    noise = float(rng.uniform(0.5, 9)) if rng.random() < 0.35 else 0.0
    return Degradation(
        blur_px=float(rng.uniform(0, 0.7)) if rng.random() < 0.3 else 0.0,
        kernel=_sampling(rng),
        noise=noise,
        grain_px=float(rng.uniform(0, 0.8)),
        sharpen=float(rng.uniform(0.2, 1.2)) if rng.random() < 0.3 else 0.0,
        codec=codec,
        crf=int(rng.integers(17, 32)) + (2 if codec == "x265" else 0),
    )


def _sampling(rng: np.random.Generator) -> Kernel:
    return rng.choice(("box", "hamming", "bicubic", "lanczos"), p=(0.2, 0.2, 0.4, 0.2))


def _tile(found: Material, scales: Sequence[int], number: int) -> Tile:
    rng = np.random.default_rng([number, 3])
    kind = rng.random()
    if kind < DRAWN:
        pictures = _panned(_softened(scene(TILE + _DRIFT, number), rng), rng)
    elif kind < DRAWN + PHOTOGRAPHED:
        photograph = found.photographs[int(rng.integers(len(found.photographs)))]
        pictures = _panned(_softened(_filling(photograph, rng), rng), rng)
    else:
        pictures = _filmed(found.match[int(rng.integers(len(found.match)))], rng)
    return _degraded([_turned(picture, number) for picture in pictures], camera(rng), scales, number)


def _degraded(pictures: Sequence[Pixels], how: Degradation, scales: Sequence[int], number: int) -> Tile:
    height, width = (length // LARGEST for length in pictures[0].shape[:2])
    small = degraded(pictures, Size(width, height), how, number)
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


def _filling(photograph: Pixels, rng: np.random.Generator) -> Pixels:
    """Enlarge a photograph a little, cut a square out of it, and go on in its mirror image where it ends."""
    nearer = rng.uniform(*NEARER)
    picture = np.asarray(cv2.resize(photograph, None, fx=nearer, fy=nearer, interpolation=cv2.INTER_CUBIC), np.uint8)
    side = TILE + _DRIFT
    y, x = (int(rng.integers(max(0, length - side) + 1)) for length in picture.shape[:2])
    cut = picture[y : y + side, x : x + side]
    return np.pad(cut, [(0, side - cut.shape[0]), (0, side - cut.shape[1]), (0, 0)], mode="symmetric")


def _softened(picture: Pixels, rng: np.random.Generator) -> Pixels:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(*SOFT_PX))), np.uint8)


def _life(picture: Pixels) -> float:
    """Return how much goes on in a picture: grass alone is most of a match."""
    levels: NDArray[np.float64] = picture.mean(axis=2)
    return float(levels.std())


def _panned(picture: Pixels, rng: np.random.Generator) -> list[Pixels]:
    """Pan over a still picture by a few pixels a frame."""
    drift = rng.integers(-_DRIFT // 4, _DRIFT // 4 + 1, 2)
    corners = [_DRIFT // 2 + drift * (n - 1) for n in range(FRAMES)]
    return [picture[y : y + TILE, x : x + TILE] for y, x in corners]


def _turned(picture: Pixels, number: int) -> Pixels:
    """Mirror and turn a picture, one of eight ways."""
    turned = np.rot90(picture[:, ::-1] if number & 4 else picture, number & 3)
    return np.ascontiguousarray(turned)
