"""The last step: the heads are settled so that a soft light lies where it lay.

What training looks at is fine; of what is soft it sees little, and each network puts a soft light elsewhere: by up to a
tenth of a source pixel, two seeds in opposite directions. A head is linear in its weights, so the best ones are solved
for, not trained: what they make of soft lights is to be as near to the truth as can be, but for its grain, and what
they make of ordinary tiles as near as can be to what they made before.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, pixel_unshuffle, unfold

from gpu.networks import PlanarNetwork, spread
from gpu.training.lessons import Lessons
from gpu.training.train import level

FIRMNESS = 100.0  # what an error on soft lights weighs against an equal change of ordinary tiles
ROUNDS = 2  # what is smoothed looks less than it is: a second look finds the rest
_RIDGE = 1e-6  # for features that are never seen: far below the power of any that are


@torch.no_grad()
def settle(
    network: PlanarNetwork,
    soft: Lessons,
    ordinary: Lessons,
    reach: int,
    firmness: float = FIRMNESS,
    rounds: int = ROUNDS,
) -> None:
    """Solve for the heads' weights, in place. What lies within `reach` chroma samples of a tile's edge is not seen."""
    both = firmness * _squares(network, soft, reach) + _squares(network, ordinary, reach)
    both += _RIDGE * torch.eye(len(both), dtype=both.dtype)
    for _ in range(rounds):
        for scale, missing in _missing(network, soft, reach).items():
            head = network.head[str(scale)]
            assert isinstance(head, nn.Conv2d)
            change = torch.linalg.solve(both, firmness * missing)
            head.weight += change.T.reshape(head.weight.shape).to(head.weight)
        level(network)


def _squares(network: PlanarNetwork, held: Lessons, reach: int) -> Tensor:
    """Return what a head takes in at a place times itself: the mean over all places, in doubles."""
    summed, views = torch.zeros((), dtype=torch.float64), 0
    for tile in range(len(held.small)):
        for turned in (False, True):
            taken = _inside(_taken(_features(network, held, tile, turned=turned)), reach)
            summed = summed + (taken @ taken.T).cpu().double() / taken.shape[1]
            views += 1
    return summed / views


def _missing(network: PlanarNetwork, held: Lessons, reach: int) -> dict[int, Tensor]:
    """Return what a head takes in at a place times what it falls short by: the mean over all places, by scale."""
    nothing = torch.zeros((), dtype=torch.float64)
    summed, views = dict.fromkeys(sorted(held.truth), nothing), 0
    for tile in range(len(held.small)):
        for turned in (False, True):
            found = _features(network, held, tile, turned=turned)
            taken = _inside(_taken(found), reach)
            for scale in summed:
                truth = _pictures(network, held.truth[scale][tile], scale, turned=turned)
                off = _inside(_smooth(truth - network.head[str(scale)](found), scale), reach)
                summed[scale] = summed[scale] + (taken @ off.T).cpu().double() / taken.shape[1]
            views += 1
    return {scale: each / views for scale, each in summed.items()}


def _features(network: PlanarNetwork, held: Lessons, tile: int, *, turned: bool) -> Tensor:
    """Return what every head takes of a tile's first judged frame. Each is seen upside down too: neither way leads."""
    return network.features(_pictures(network, held.small[tile], 1, turned=turned))


def _pictures(network: PlanarNetwork, laid_out: Tensor, scale: int, *, turned: bool) -> Tensor:
    """Return the first of pictures laid out for a network, bytes, as 0..1 where the network is; upside down if so."""
    pictures = laid_out[:1].to(next(network.parameters()).device).float() / 255
    return _stacked([plane.flip(2) for plane in spread(pictures, scale)], scale) if turned else pictures


def _taken(features: Tensor) -> Tensor:
    """Return the nine neighbours of each feature as channels, in the order of a kernel's weights."""
    return unfold(features, 3, padding=1).unflatten(2, features.shape[2:])


def _inside(channels: Tensor, reach: int) -> Tensor:
    """Return (channels, places) of one picture, less those near its edge: beyond it all counts as black."""
    return channels[0, :, reach:-reach, reach:-reach].flatten(1)


def _smooth(laid_out: Tensor, scale: int) -> Tensor:
    """Return the mean around each sample, four source pixels wide: where a light lies, and nothing of its grain."""
    means = [
        avg_pool2d(plane, 2 * period + 1, 1, period, count_include_pad=False)
        for plane, period in zip(spread(laid_out, scale), (2 * scale, scale, scale), strict=True)
    ]
    return _stacked(means, scale)


def _stacked(planes: Sequence[Tensor], scale: int) -> Tensor:
    """Lay planes out as a network makes them: the reverse of `spread`."""
    y, u, v = planes
    return torch.cat((pixel_unshuffle(y, 2 * scale), pixel_unshuffle(u, scale), pixel_unshuffle(v, scale)), dim=1)
