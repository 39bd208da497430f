"""The compact network as ncnn's pair of files, written and read without torch.

The .param is text, one layer a line; the .bin holds the weights in the layers' order: a convolution's kernel as fp16
behind its flag, padded to 4 bytes, then its bias as fp32; a PReLU's slopes as fp32. So the upstream conversion does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gpu.compact import Compact, State
from reel.errors import WeightsMismatch

MAGIC = 7767517
FP16 = (0x01306B47).to_bytes(4, "little")

INPUT, OUTPUT = "data", "output"


def param(shape: Compact) -> str:
    """Return the .param of a network of this shape."""
    return written([*_layers(shape)])


def write_bin(state: State, shape: Compact) -> bytes:
    """Return the .bin of these weights. Raises WeightsMismatch if they are another network's."""
    shape.check(state)
    return b"".join(kernel(state[name]) if len(size) > 1 else plain(state[name]) for name, size in _order(shape))


def read_bin(body: bytes, shape: Compact) -> State:
    """Return the weights of a .bin. Raises WeightsMismatch if it is another network's."""
    state: dict[str, NDArray[np.float32]] = {}
    at = 0
    for name, size in _order(shape):
        count = int(np.prod(size))
        if len(size) > 1:
            if body[at : at + 4] != FP16:
                raise WeightsMismatch("The .bin's weights are not fp16, or another network's.")
            at += 4
        width = 2 if len(size) > 1 else 4
        if len(body) < at + count * width:
            raise WeightsMismatch("The .bin ends early.")
        state[name] = np.frombuffer(body, f"<f{width}", count, at).astype(np.float32).reshape(size)
        at += -(-count * width // 4) * 4
    if at != len(body):
        raise WeightsMismatch("The .bin holds more than this network.")
    return state


def written(layers: Sequence[str]) -> str:
    """Return a .param of these layers."""
    blobs = sum(int(line.split()[3]) for line in layers)
    return "\n".join([str(MAGIC), f"{len(layers)} {blobs}", *layers, ""])


def layer(kind: str, name: str, blobs_in: Sequence[str], blobs_out: Sequence[str], parameters: str = "") -> str:
    """Return one layer of a .param: its type, name, how many blobs go in and out, their names, its parameters."""
    words = [f"{kind:<16}", f"{name:<24}", str(len(blobs_in)), str(len(blobs_out)), *blobs_in, *blobs_out, parameters]
    return " ".join(words).rstrip()


def kernel(weight: NDArray[np.float32]) -> bytes:
    """Return a convolution's kernel as a .bin holds it."""
    halves = weight.astype("<f2").tobytes()
    return FP16 + halves + bytes(-len(halves) % 4)


def plain(weight: NDArray[np.float32]) -> bytes:
    """Return a bias or slopes as a .bin holds them."""
    return weight.astype("<f4").tobytes()


def _order(shape: Compact) -> list[tuple[str, tuple[int, ...]]]:
    return [*shape.tensors().items()]


def _layers(shape: Compact) -> Iterator[str]:
    yield layer("Input", "input", [], [INPUT])
    yield layer("Split", "twice", [INPUT], ["picture", "conv_in"])
    before, last = "conv_in", len(shape.channels) - 2
    for k, (into, out) in enumerate(pairwise(shape.channels)):
        weights = into * out * 9
        yield layer("Convolution", f"conv_{k}", [before], [f"conv_{k}"], f"0={out} 1=3 4=1 5=1 6={weights}")
        before = f"conv_{k}"
        if k < last:
            yield layer("PReLU", f"prelu_{k}", [before], [f"prelu_{k}"], f"0={out}")
            before = f"prelu_{k}"
    yield layer("PixelShuffle", "shuffle", [before], ["detail"], f"0={shape.scale}")
    yield layer("Interp", "repeat", ["picture"], ["base"], f"0=1 1={shape.scale:e} 2={shape.scale:e}")
    yield layer("BinaryOp", "add", ["detail", "base"], [OUTPUT])
