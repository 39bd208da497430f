"""Our own network's weights, as the repository holds them and as ncnn reads them.

The repository's file is a numpy archive of fp16 arrays under their names. ncnn gets one scale's head only, and works on
levels of 0..255: but for its biases the network is homogeneous, so these are multiplied and nothing else is. Half a
level more in the head's turns cutting off into rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from gpu.ncnn_files import INPUT, OUTPUT, kernel, layer, plain, written
from gpu.planar import PLANES, Planar, State
from reel.errors import WeightsMismatch

LEVELS = np.float32(255)
_HALF_A_LEVEL = np.float32(0.5)


def read(body: bytes, shape: Planar) -> State:
    """Return the weights of a numpy archive. Raises WeightsMismatch if it is none, or another network's."""
    try:
        with np.load(BytesIO(body), allow_pickle=False) as archive:
            found = {name: np.asarray(archive[name]) for name in archive.files}
    except (BadZipFile, ValueError, OSError, EOFError, LookupError, AttributeError, NotImplementedError) as fault:
        raise WeightsMismatch("This is not an archive of weights.") from fault
    if not all(array.dtype == np.float16 and np.isfinite(array).all() for array in found.values()):
        raise WeightsMismatch("The archive holds something else than finite fp16 numbers.")
    state = {name: array.astype(np.float32) for name, array in found.items()}
    shape.check(state)
    return state


def write(state: State) -> bytes:
    """Return the numpy archive of these weights: the same weights give the same bytes."""
    file = BytesIO()
    np.savez(file, **{name: tensor.astype(np.float16) for name, tensor in state.items()})  # pyright: ignore[reportArgumentType]
    return file.getvalue()


def param(shape: Planar, scale: int) -> str:
    """Return ncnn's .param of the network with the head of one scale: (6, H/2, W/2) in, (6·scale², H/2, W/2) out."""
    return written([*_layers(shape, scale)])


def write_bin(state: State, shape: Planar, scale: int) -> bytes:
    """Return ncnn's .bin of these weights, for levels in and levels plus a half out. Raises WeightsMismatch."""
    shape.check(state)
    body = b"".join(
        _convolution(state, f"body.{k}", np.float32(0)) + plain(state[f"slope.{k}.weight"])
        for k in range(shape.convolutions)
    )
    return body + _convolution(state, f"head.{scale}", _HALF_A_LEVEL)


def _convolution(state: State, name: str, more: np.float32) -> bytes:
    bias: NDArray[np.float32] = state[f"{name}.bias"] * LEVELS + more
    return kernel(state[f"{name}.weight"]) + plain(bias)


def _layers(shape: Planar, scale: int) -> Iterator[str]:
    yield layer("Input", "input", [], [INPUT])
    yield layer("Split", "twice", [INPUT], ["conv_in", "planes"])
    before, into = "conv_in", PLANES
    for k in range(shape.convolutions):
        yield _convolved(f"conv_{k}", before, f"conv_{k}", into, shape.features)
        yield layer("PReLU", f"prelu_{k}", [f"conv_{k}"], [f"prelu_{k}"], f"0={shape.features}")
        before, into = f"prelu_{k}", shape.features
    yield layer("Concat", "join", [before, "planes"], ["joined"], "0=0")
    yield _convolved("head", "joined", OUTPUT, shape.features + PLANES, PLANES * scale**2)


def _convolved(name: str, before: str, after: str, into: int, out: int) -> str:
    return layer("Convolution", name, [before], [after], f"0={out} 1=3 4=1 5=1 6={into * out * 9}")
