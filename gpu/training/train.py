"""The training of our own network: from bicubic enlargement, along a schedule, to the mean of its last weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, floor, pi
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from gpu.networks import PlanarNetwork, spread, stacked
from gpu.planar import MARGIN, PLANES, Planar
from gpu.training.losses import pixel_loss, spectral_loss, structural_loss
from gpu.training.tiles import Tile, mildest
from media.colour import Planes

State: TypeAlias = Mapping[str, Tensor]

EVERY = 500  # steps between two reports


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that the result depends on, beside the tiles."""

    steps: int
    mildest: float = 1.0  # the share of the tiles that is learned from
    batch: int = 6
    patch: int = 88  # source pixels, with a margin that is not judged
    rate: float = 2e-3
    warm_up: int = 100
    structure: float = 0.1  # the weights of the losses beside the pixels'
    spectrum: float = 0.0
    average: float = 0.995  # of the running mean of the weights, which is what is kept
    seed: int = 1


FAITHFUL = Recipe(steps=8_000, mildest=0.8)  # first: what there is, as exactly as can be
LIVELY = Recipe(steps=2_500, mildest=0.8, rate=5e-4, spectrum=0.01, seed=2)  # then: as much to see as in the truth
SHARE = 0.6  # of the lively weights in what is kept: both paint the same picture, so their weights can be mixed


def train(network: PlanarNetwork, found: Sequence[Tile], recipe: Recipe, say: Callable[[str], None]) -> State:
    """Train a network from where it stands; return the running mean of its weights, which it then has."""
    torch.manual_seed(recipe.seed)
    found = mildest(found, recipe.mildest)
    rng = np.random.default_rng([recipe.seed, 5])
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    kept = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(recipe.average))
    adam = torch.optim.Adam(network.parameters(), recipe.rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: _share(step, recipe))
    scales = sorted(int(scale) for scale in network.head)
    losses: list[tuple[float, float, float]] = []
    for step in range(1, recipe.steps + 1):
        scale = int(rng.choice(scales))
        planes, truth = batch(found, scale, recipe, rng)
        made = spread(network(planes, scale)[:, :, MARGIN:-MARGIN, MARGIN:-MARGIN], scale)
        pixels, structure = pixel_loss(made, truth), structural_loss(made[0], truth[0])
        spectrum = spectral_loss(made[0], truth[0]) if recipe.spectrum else torch.zeros(())
        adam.zero_grad()
        (pixels + recipe.structure * structure + recipe.spectrum * spectrum).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 0.5)
        adam.step()
        schedule.step()
        level(network)
        kept.update_parameters(network)
        losses.append((pixels.item(), structure.item(), spectrum.item()))
        if step % EVERY == 0 or step == recipe.steps:
            levels, unlike, nepers = np.mean(losses[-EVERY:], axis=0) * (255, 1, 1)
            say(f"{step}: pixels off by {levels:.3f} levels, structure by {unlike:.4f}, the spectrum by {nepers:.3f}")
    network.load_state_dict(kept.module.state_dict())
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def begun(shape: Planar, seed: int = 1) -> PlanarNetwork:
    """Return a network that enlarges bicubically, as the point to start from."""
    torch.manual_seed(seed)
    network = PlanarNetwork(shape)
    for convolution in network.body:
        assert isinstance(convolution, nn.Conv2d)
        nn.init.kaiming_normal_(convolution.weight, a=0.25)  # torch's own lets a picture fade away in seven layers
        assert convolution.bias is not None
        nn.init.zeros_(convolution.bias)
    for scale in shape.scales:
        head = network.head[str(scale)]
        assert isinstance(head, nn.Conv2d)
        with torch.no_grad():
            head.weight[:, : shape.features].mul_(0.02)
            head.weight[:, shape.features :] = torch.from_numpy(bicubic(scale))
            assert head.bias is not None
            head.bias.zero_()
    level(network)
    return network


@torch.no_grad()
def level(network: PlanarNetwork) -> None:
    """Let the kernels that see the picture make nothing of plain brightness and colour but pass them on.

    A picture is mostly level and hardly detail: without this each step shifts the level, and mending that is all that
    is ever learned (measured: 160 steps take a fifth off the error with it, less than a hundredth without).
    """
    planes = (slice(0, 4), slice(4, 5), slice(5, 6))
    first = network.body[0]
    assert isinstance(first, nn.Conv2d)
    for plane in planes:
        first.weight[:, plane] -= first.weight[:, plane].mean(dim=(1, 2, 3), keepdim=True)
    for scale, head in network.head.items():
        assert isinstance(head, nn.Conv2d)
        seen = head.weight[:, -PLANES:]
        for plane in planes:
            passed = torch.zeros(len(seen), 1, 1, 1)
            passed[plane.start * int(scale) ** 2 : plane.stop * int(scale) ** 2] = 1
            count = (plane.stop - plane.start) * 9
            seen[:, plane] -= (seen[:, plane].sum(dim=(1, 2, 3), keepdim=True) - passed) / count


def bicubic(scale: int) -> NDArray[np.float32]:
    """Return bicubic enlargement (Keys 1981, a = −½) as a head's kernel (6·scale², 6, 3, 3)."""
    luma = [_taps((r + 0.5) / scale - 0.5) for r in range(2 * scale)]
    across = [_taps(((2 * k + 0.5) / scale - 0.5) / 2) for k in range(scale)]  # chroma is sited left
    down = [_taps((k + 0.5) / scale - 0.5) for k in range(scale)]
    kernel = np.zeros((PLANES * scale**2, PLANES, 3, 3), np.float32)
    for j in range(2 * scale):
        for i in range(2 * scale):
            for (y, at_y), (x, at_x) in ((one, other) for one in luma[j] for other in luma[i]):
                kernel[j * 2 * scale + i, y % 2 * 2 + x % 2, y // 2 + 1, x // 2 + 1] += at_y * at_x
    for plane in (4, 5):
        for j in range(scale):
            for i in range(scale):
                for (y, at_y), (x, at_x) in ((one, other) for one in down[j] for other in across[i]):
                    row, column = (min(max(v, -1), 1) + 1 for v in (y, x))
                    kernel[plane * scale**2 + j * scale + i, plane, row, column] += at_y * at_x
    return kernel


def batch(
    found: Sequence[Tile], scale: int, recipe: Recipe, rng: np.random.Generator
) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
    """Cut patches at random places of random tiles: stacked planes as taken, and the planes that they were."""
    small: list[Planes] = []
    truth: list[Planes] = []
    for tile in (found[n] for n in rng.integers(len(found), size=recipe.batch)):
        at = int(rng.integers(len(tile.small)))
        rows, columns = tile.small[at].u.shape
        half = recipe.patch // 2
        top, left = (int(rng.integers(length - half + 1)) for length in (rows, columns))
        upside_down = bool(rng.integers(2))  # sideways would site chroma to the right
        small.append(_cut(tile.small[at], top, left, half, 1, upside_down))
        judged = top + MARGIN, left + MARGIN, half - 2 * MARGIN
        truth.append(_cut(tile.truth[scale][at], *judged, scale, upside_down))
    return stacked(*_tensors(small)), _tensors(truth)


def mixed(one: State, other: State, share: float) -> State:
    """Return weights between two, `share` of the way to the other."""
    return {name: torch.lerp(tensor, other[name], share) for name, tensor in one.items()}


def write(path: Path, state: State) -> None:
    """Write weights as the engine reads them, in half precision: the same weights give the same bytes."""
    arrays: dict[str, Any] = {name: tensor.numpy().astype(np.float16) for name, tensor in state.items()}
    np.savez(path, **arrays)


def _share(step: int, recipe: Recipe) -> float:
    """Return the share of the learning rate at a step: up in a line, down along a cosine to a hundredth."""
    if step < recipe.warm_up:
        return (step + 1) / recipe.warm_up
    done = (step - recipe.warm_up) / max(1, recipe.steps - recipe.warm_up)
    return 0.01 + 0.99 * (1 + cos(pi * min(done, 1.0))) / 2


def _taps(at: float) -> list[tuple[int, float]]:
    """Return the samples that bicubic interpolation at `at` takes, and their weights."""
    base = floor(at)
    return [(base + n, _keys(at - base - n)) for n in (-1, 0, 1, 2)]


def _keys(far: float) -> float:
    far = abs(far)
    if far <= 1:
        return 1.5 * far**3 - 2.5 * far**2 + 1
    return -0.5 * far**3 + 2.5 * far**2 - 4 * far + 2 if far < 2 else 0.0


def _cut(planes: Planes, top: int, left: int, half: int, scale: int, upside_down: bool) -> Planes:
    """Cut a patch that begins at a chroma sample of the small picture."""
    chroma = np.s_[top * scale : (top + half) * scale, left * scale : (left + half) * scale]
    luma = np.s_[2 * top * scale : 2 * (top + half) * scale, 2 * left * scale : 2 * (left + half) * scale]
    cut = Planes(planes.y[luma], planes.u[chroma], planes.v[chroma])
    return Planes(cut.y[::-1], cut.u[::-1], cut.v[::-1]) if upside_down else cut


def _tensors(patches: Sequence[Planes]) -> tuple[Tensor, Tensor, Tensor]:
    y, u, v = (
        torch.from_numpy(np.stack(planes)).unsqueeze(1).float() / 255
        for planes in ([p.y for p in patches], [p.u for p in patches], [p.v for p in patches])
    )
    return y, u, v
