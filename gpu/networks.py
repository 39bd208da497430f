"""The networks in torch; imported by the torch path only."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, cat, nn
from torch.nn.functional import avg_pool2d, interpolate, pixel_shuffle, pixel_unshuffle

from gpu.compact import Compact, State
from gpu.planar import PLANES, Planar
from gpu.planar import State as PlanarState


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


def detail_given_back(made: Tensor, pictures: Tensor, share: float) -> Tensor:
    """Return what a network made, bytes (N, H·s, W·s, 3) of (N, H, W, 3), as `gpu.dials.given_back` does it."""
    if not share:
        return made
    scale = made.shape[1] // pictures.shape[1]
    levels, given = (tensor.permute(0, 3, 1, 2).float() for tensor in (made, pictures))
    residual = given - avg_pool2d(levels, scale)
    detail = interpolate(residual, scale_factor=scale, mode="bicubic", align_corners=False)
    return (levels + share * detail).add_(0.5).clamp_(0, 255).byte().permute(0, 2, 3, 1)


class PlanarNetwork(nn.Module):
    """The network that `Planar` describes, in torch; works on stacked planes, see `stacked` and `spread`."""

    def __init__(self, shape: Planar) -> None:
        super().__init__()
        self.body, self.slope = nn.ModuleList(), nn.ModuleList()
        into = PLANES
        for _ in range(shape.convolutions):
            self.body.append(nn.Conv2d(into, shape.features, 3, padding=1))
            self.slope.append(nn.PReLU(shape.features))
            into = shape.features
        self.head = nn.ModuleDict(
            {str(s): nn.Conv2d(shape.features + PLANES, PLANES * s * s, 3, padding=1) for s in shape.scales}
        )

    def features(self, planes: Tensor) -> Tensor:
        """Return what every head takes of stacked planes (N, 6, H/2, W/2)."""
        found = planes
        for convolution, slope in zip(self.body, self.slope, strict=True):
            found = slope(convolution(found))
        return cat((found, planes), dim=1)

    def forward(self, planes: Tensor, scale: int) -> Tensor:
        """Return (N, 6·scale², H/2, W/2) of about 0..1."""
        return self.head[str(scale)](self.features(planes))


def stacked(y: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Stack planes (N, 1, H, W) and twice (N, 1, H/2, W/2) to (N, 6, H/2, W/2)."""
    return cat((pixel_unshuffle(y, 2), u, v), dim=1)


def spread(made: Tensor, scale: int) -> tuple[Tensor, Tensor, Tensor]:
    """Spread (N, 6·scale², h, w) out to luma (N, 1, 2h·scale, 2w·scale) and two chroma planes (N, 1, h·scale, w·scale).

    Luma's channels are those of a pixel shuffle by 2·scale, so that one step writes every pixel.
    """
    luma, blue = 4 * scale**2, 5 * scale**2
    return (
        pixel_shuffle(made[:, :luma], 2 * scale),
        pixel_shuffle(made[:, luma:blue], scale),
        pixel_shuffle(made[:, blue:], scale),
    )


def planar_network(shape: Planar, state: PlanarState) -> PlanarNetwork:
    """Build the network with its weights, ready to work, on the CPU in fp32. Raises WeightsMismatch."""
    shape.check(state)
    network = PlanarNetwork(shape)
    network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in state.items()})
    return network.eval().requires_grad_(requires_grad=False)
