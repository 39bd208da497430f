"""The compact network in torch; imported by the torch path only."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from gpu.compact import Compact, State


class SRVGGNetCompact(nn.Module):
    """The network that `Compact` describes; the modules' names are those of the official weights."""

    def __init__(self, shape: Compact) -> None:
        super().__init__()
        self.scale = shape.scale
        self.body = nn.ModuleList()
        for into, out in pairwise(shape.channels):
            self.body.extend([nn.Conv2d(into, out, 3, padding=1), nn.PReLU(out)])
        del self.body[-1]  # the last convolution is linear
        self.upsampler = nn.PixelShuffle(shape.scale)

    def forward(self, picture: Tensor) -> Tensor:
        """Enlarge pictures (N, 3, H, W) of 0..1; what comes back may lie a little outside."""
        features = picture
        for layer in self.body:
            features = layer(features)
        return self.upsampler(features) + interpolate(picture, scale_factor=self.scale, mode="nearest")


def compact_network(shape: Compact, state: State) -> SRVGGNetCompact:
    """Build the network with its weights, ready to work, on the CPU in fp32. Raises WeightsMismatch."""
    shape.check(state)
    network = SRVGGNetCompact(shape)
    network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in state.items()})
    return network.eval().requires_grad_(requires_grad=False)
