"""Our own network's shape: a 4:2:0 picture in and out, worked on at the size of its chroma planes.

    the luma's four phases and both chroma planes (6, H/2, W/2), values of 0..1
      → a chain of 3×3 convolutions with PReLU, `features` wide
      → its end joined with the input → one 3×3 convolution a scale → (6·s², H/2, W/2)
      → luma spread out by a pixel shuffle of 2s (its first 4·s² channels), each chroma plane by one of s

Colour is never converted, chroma costs what it weighs, and half the size gives each layer twice the sight. The last
convolution sees the input: it starts out as bicubic enlargement, and the chain learns what that misses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from reel.errors import WeightsMismatch

State: TypeAlias = Mapping[str, NDArray[np.float32]]

PLANES = 6  # four phases of luma (row by row), then u and v


@dataclass(frozen=True, slots=True)
class Planar:
    """The layers and the names of their weights: `body.{k}` with `slope.{k}`, then `head.{scale}` for each scale."""

    features: int
    convolutions: int
    scales: tuple[int, ...]

    @property
    def reach(self) -> int:
        """How far from an output pixel, in chroma samples, the picture still matters."""
        return self.convolutions + 1

    def macs(self, scale: int) -> float:
        """Return the multiplications for one luma pixel of the source."""
        body = sum(into * out for into, out in pairwise(self._channels))
        return 9 * (body + (self.features + PLANES) * PLANES * scale**2) / 4

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight by name."""
        named: dict[str, tuple[int, ...]] = {}
        for k, (into, out) in enumerate(pairwise(self._channels)):
            named[f"body.{k}.weight"] = (out, into, 3, 3)
            named[f"body.{k}.bias"] = (out,)
            named[f"slope.{k}.weight"] = (out,)
        for scale in self.scales:
            named[f"head.{scale}.weight"] = (PLANES * scale**2, self.features + PLANES, 3, 3)
            named[f"head.{scale}.bias"] = (PLANES * scale**2,)
        return named

    def check(self, state: State) -> None:
        """Raise WeightsMismatch unless `state` holds this network's weights, all of them and nothing else."""
        expected = self.tensors()
        found = {name: tensor.shape for name, tensor in state.items()}
        if found != expected:
            odd = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
            raise WeightsMismatch(f"These are not the weights of this network: {', '.join(odd[:3])}.", tensors=[*odd])

    @property
    def _channels(self) -> tuple[int, ...]:
        return (PLANES, *[self.features] * self.convolutions)


NATURAL = Planar(features=64, convolutions=11, scales=(2, 3, 4))

# A picture is given this many chroma samples more on each side, repeating its edge, and what they make is cut off: what
# lies beyond counts as black to a convolution. All that the network reaches: with 4 the edge of a plain grey picture is
# up to 11 levels off.
MARGIN = NATURAL.reach
