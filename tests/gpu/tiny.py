"""Tiny networks with known or random weights, and pictures for them."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from gpu import ncnn_files, planar_files
from gpu.compact import Compact
from gpu.own_weights import OwnWeights
from gpu.planar import Planar, State
from gpu.weights import Weights

Pixels = NDArray[np.uint8]
PlaneTuple = tuple[Pixels, Pixels, Pixels]

COMPACT = Compact(features=8, convolutions=2, scale=4)
PLANAR = Planar(features=8, convolutions=2, scales=(2, 3))


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def planes(height: int, width: int, seed: int = 0) -> PlaneTuple:
    """A 4:2:0 picture of noise."""
    rng, half = np.random.default_rng(seed), (-(-height // 2), -(-width // 2))
    y, u, v = (rng.integers(0, 256, size, dtype=np.uint8) for size in ((height, width), half, half))
    return y, u, v


def flat(height: int, width: int, levels: tuple[int, int, int]) -> PlaneTuple:
    """A 4:2:0 picture of one colour."""
    half = -(-height // 2), -(-width // 2)
    y, u, v = (
        np.full(size, level, np.uint8) for size, level in zip(((height, width), half, half), levels, strict=True)
    )
    return y, u, v


def random_state(tensors: dict[str, tuple[int, ...]], seed: int = 7) -> dict[str, NDArray[np.float32]]:
    """Weights that fp16 holds exactly, so that every form of them is the same network."""
    rng = np.random.default_rng(seed)
    drawn = {name: rng.normal(0, 0.2, size) for name, size in tensors.items()}
    return {name: numbers.astype(np.float16).astype(np.float32) for name, numbers in drawn.items()}


def repeating_state(shape: Planar) -> State:
    """The weights of a planar network that repeats each sample."""
    state = {name: np.zeros(size, np.float32) for name, size in shape.tensors().items()}
    for scale in shape.scales:
        kernel, side = state[f"head.{scale}.weight"], 2 * scale
        for j, i in np.ndindex(side, side):
            kernel[j * side + i, shape.features + j // scale * 2 + i // scale, 1, 1] = 1
        for plane in (4, 5):
            kernel[plane * scale**2 : (plane + 1) * scale**2, shape.features + plane, 1, 1] = 1
    return state


def repeated(picture: PlaneTuple, scale: int) -> PlaneTuple:
    """What that network has to make of a picture."""
    height, width = (side * scale for side in picture[0].shape)
    y, u, v = (plane.repeat(scale, axis=0).repeat(scale, axis=1) for plane in picture)
    return y, u[: -(-height // 2), : -(-width // 2)], v[: -(-height // 2), : -(-width // 2)]


def own(state: State, shape: Planar = PLANAR) -> OwnWeights:
    """A planar network's weights, as if they were the program's."""
    body = planar_files.write(state)
    return OwnWeights("tiny-planar", shape, sha256(body).hexdigest(), "a test", "none", body)


def compact(state: dict[str, NDArray[np.float32]] | None = None, shape: Compact = COMPACT) -> Weights:
    """A compact network's weights, as an ncnn pair."""
    body = ncnn_files.write_bin(state or random_state(shape.tensors()), shape)
    files = {".param": ncnn_files.param(shape).encode(), ".bin": body}
    return Weights("tiny", shape, sha256(body).hexdigest(), "a test", "none", files)
