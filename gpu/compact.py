"""The shape of the compact network: its layers, and the names and shapes of their weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from reel.errors import WeightsMismatch

State: TypeAlias = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Compact:
    """SRVGGNetCompact of Real-ESRGAN: a chain of 3×3 convolutions at the picture's own size.

    The first takes 3 channels to `features`, `convolutions` more keep them, each followed by a PReLU; the last makes
    3·scale² channels, which a pixel shuffle spreads out and to which the picture, enlarged by repetition, is added.
    Source: Wang et al., "Real-ESRGAN", and realesrgan/archs/srvgg_arch.py there.
    """

    features: int
    convolutions: int
    scale: int

    @property
    def channels(self) -> tuple[int, ...]:
        """The channels before, between and after the convolutions; convolution k is `body.{2k}`, its PReLU follows."""
        return (3, *[self.features] * (self.convolutions + 1), 3 * self.scale**2)

    @property
    def reach(self) -> int:
        """How far from an output pixel, in source pixels, the picture still matters."""
        return len(self.channels) - 1

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight by name, in the order in which weight files hold them."""
        named: dict[str, tuple[int, ...]] = {}
        last = len(self.channels) - 2
        for k, (into, out) in enumerate(pairwise(self.channels)):
            named[f"body.{2 * k}.weight"] = (out, into, 3, 3)
            named[f"body.{2 * k}.bias"] = (out,)
            if k < last:
                named[f"body.{2 * k + 1}.weight"] = (out,)
        return named

    def check(self, state: State) -> None:
        """Raise WeightsMismatch unless `state` holds this network's weights, all of them and nothing else."""
        expected = self.tensors()
        found = {name: tensor.shape for name, tensor in state.items()}
        if found != expected:
            odd = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
            raise WeightsMismatch(f"These are not the weights of this network: {', '.join(odd[:3])}.", tensors=[*odd])
