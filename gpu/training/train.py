"""The training of our own network: from bicubic enlargement, along a schedule, to the mean of its last weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, floor, pi
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from gpu.networks import PlanarNetwork, spread
from gpu.planar import PLANES, Planar
from gpu.training.lessons import UNJUDGED, Lessons, Truth, batch, moved
from gpu.training.losses import beyond_loss, grid_loss, pixel_loss, restless_loss, spectral_loss, structural_loss

State: TypeAlias = Mapping[str, Tensor]

EVERY = 500  # steps between two reports
PASSED = 0.97  # with a PReLU of ¼ after it: half the power


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that the result depends on, beside the tiles."""

    steps: int
    batch: int = 16  # tiles, of each the same patch of two frames
    patch: int = 88  # source pixels, with a margin that is not judged
    rate: float = 2e-3
    warm_up: int = 200
    structure: float = 0.6  # the weights of the losses beside the pixels'
    restless: float = 1.0
    spectrum: float = 0.0
    beyond: float = 0.0
    grid: float = 0.0
    average: float = 0.999  # of the running mean of the weights, which is what is kept
    seed: int = 1


# First: what there is, as exactly as can be. As many steps as an H100 did in four minutes, three others beside it.
FAITHFUL = Recipe(steps=12_417)
# Then: as much to see as in the truth.
LIVELY = Recipe(steps=4_000, rate=5e-4, spectrum=0.04, beyond=2.0, grid=1.0, seed=2)
SHARE = 0.85  # of the lively weights in what is kept: both paint the same picture, so their weights can be mixed


def train(network: PlanarNetwork, held: Lessons, recipe: Recipe, say: Callable[[str], None]) -> State:
    """Train a network from where it stands and lies; return the running mean of its weights, which it then has."""
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng([recipe.seed, 5])
    device = next(network.parameters()).device
    held = moved(held, device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    kept = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(recipe.average))
    adam = torch.optim.Adam(network.parameters(), recipe.rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: _share(step, recipe))
    scales = sorted(int(scale) for scale in network.head)
    sums = torch.zeros(6, device=device)
    for step in range(1, recipe.steps + 1):
        scale = int(rng.choice(scales))
        planes, truth = batch(held, scale, recipe.batch, recipe.patch, rng)
        made = spread(network(planes, scale)[:, :, UNJUDGED:-UNJUDGED, UNJUDGED:-UNJUDGED], scale)
        found = losses(made, truth, scale, recipe)
        adam.zero_grad()
        total(found, recipe).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 0.5)
        adam.step()
        schedule.step()
        level(network)
        kept.update_parameters(network)
        sums += found.detach()
        if step % EVERY == 0 or step == recipe.steps:
            pixels, unlike, changed, nepers, beyond, grid = (sums / ((step - 1) % EVERY + 1)).tolist()
            say(
                f"{step}: pixels off by {pixels * 255:.3f} levels, structure by {unlike:.4f}, changes by "
                f"{changed * 255:.3f} levels, the spectrum by {nepers:.3f}, beyond by {beyond * 255:.3f} "
                f"levels, the grid {grid * 255:.3f} levels"
            )
            sums.zero_()
    network.load_state_dict(kept.module.state_dict())
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def losses(made: Truth, truth: Truth, scale: int, recipe: Recipe) -> Tensor:
    """Return how far what was made is from the truth by each measure (6,); those that do not count are 0."""
    none = made[0].new_zeros(())
    return torch.stack(
        (
            pixel_loss(made, truth),
            structural_loss(made[0], truth[0]),
            restless_loss(made[0], truth[0]) if recipe.restless else none,
            spectral_loss(made[0], truth[0]) if recipe.spectrum else none,
            beyond_loss(made[0], truth[0]) if recipe.beyond else none,
            grid_loss(made[0], truth[0], 2 * scale) if recipe.grid else none,
        )
    )


def total(found: Tensor, recipe: Recipe) -> Tensor:
    """Return what `losses` found as one number, each with its weight."""
    weights = (1.0, recipe.structure, recipe.restless, recipe.spectrum, recipe.beyond, recipe.grid)
    return (found * found.new_tensor(weights)).sum()


def begun(shape: Planar, seed: int = 1) -> PlanarNetwork:
    """Return a network that enlarges bicubically, as the point to start from."""
    torch.manual_seed(seed)
    network = PlanarNetwork(shape)
    for k, convolution in enumerate(network.body):
        assert isinstance(convolution, nn.Conv2d)
        nn.init.kaiming_normal_(convolution.weight, a=0.25)  # torch's own lets a picture fade away in a few layers
        assert convolution.bias is not None
        nn.init.zeros_(convolution.bias)
        if k:  # half of what comes in passes through as it is
            with torch.no_grad():
                convolution.weight.mul_(0.5**0.5)
                convolution.weight.diagonal()[1, 1] += PASSED
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
    first = network.body[0]
    assert isinstance(first, nn.Conv2d)
    _level(first.weight, torch.zeros_like(first.weight[:, :3, 0, 0]))
    for scale, head in network.head.items():
        assert isinstance(head, nn.Conv2d)
        samples = int(scale) ** 2
        passed = torch.zeros_like(head.weight[:, :3, 0, 0])
        for plane, channels in enumerate(
            (slice(0, 4 * samples), slice(4 * samples, 5 * samples), slice(5 * samples, None))
        ):
            passed[channels, plane] = 1
        _level(head.weight[:, -PLANES:], passed)


def _level(kernel: Tensor, passed: Tensor) -> None:
    """Make a kernel (out, PLANES, 3, 3) sum up to what it has to pass on (out, 3) of luma and both chroma planes."""
    sums = kernel.sum(dim=(2, 3))
    luma = sums[:, :4].sum(dim=1, keepdim=True) - passed[:, :1]
    kernel -= torch.cat((luma.expand(-1, 4) / 36, (sums[:, 4:] - passed[:, 1:]) / 9), dim=1)[:, :, None, None]


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


def mixed(one: State, other: State, share: float) -> State:
    """Return weights between two, `share` of the way to the other."""
    return {name: torch.lerp(tensor, other[name], share) for name, tensor in one.items()}


def write(path: Path, state: State) -> None:
    """Write weights as the engine reads them, in half precision: the same weights give the same bytes."""
    arrays: dict[str, Any] = {name: tensor.cpu().numpy().astype(np.float16) for name, tensor in state.items()}
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
