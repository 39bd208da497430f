"""Settling the heads, on a network whose mistake is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from gpu.networks import PlanarNetwork, spread
from gpu.planar import Planar
from gpu.training.lessons import Lessons, lessons
from gpu.training.scenes import scene, soft_scene
from gpu.training.settle import settle
from gpu.training.tiles import Material, soft_tiles, tiles
from gpu.training.train import begun

TINY = Planar(features=8, convolutions=2, scales=(2, 3))
ASIDE = 0.1  # chroma samples: by how far the mistaken network puts what is blue too low


@pytest.fixture(scope="module")
def soft() -> Lessons:
    return lessons(soft_tiles(TINY.scales, 4, seed=1), 4, TINY.scales)


@pytest.fixture(scope="module")
def other() -> Lessons:
    """Soft lights that nothing was settled on."""
    return lessons(soft_tiles(TINY.scales, 2, seed=5), 2, TINY.scales)


@pytest.fixture(scope="module")
def ordinary() -> Lessons:
    material = Material([[scene(832, 11)] * 3], [scene(400, 12)])
    return lessons(tiles(material, TINY.scales, 2, seed=1, workers=0), 2, TINY.scales)


def mistaken() -> PlanarNetwork:
    """Return a network that puts what is blue aside, downwards, by ASIDE."""
    network = begun(TINY)
    slope = torch.tensor([-0.5, 0, 0.5])[:, None] * torch.tensor([0.0, 1, 0])
    for scale, head in network.head.items():
        assert isinstance(head, torch.nn.Conv2d)
        samples = int(scale) ** 2
        head.weight.data[4 * samples : 5 * samples, -2] -= ASIDE * slope
    return network


@pytest.fixture(scope="module")
def settled(soft: Lessons, ordinary: Lessons) -> PlanarNetwork:
    network = mistaken()
    settle(network, soft, ordinary, TINY.reach)
    return network


@torch.no_grad()
def made(network: PlanarNetwork, held: Lessons, scale: int) -> tuple[Tensor, ...]:
    """Return what it makes of each tile's first frame, less the edges."""
    found = network(held.small[:, 0].float() / 255, scale)
    return spread(found[..., TINY.reach : -TINY.reach, TINY.reach : -TINY.reach], scale)


def too_low(network: PlanarNetwork, held: Lessons, scale: int, plane: int) -> float:
    """Return by how much of a chroma sample a plane's soft lights lie below their places."""
    inside = slice(TINY.reach, -TINY.reach)
    truth = spread(held.truth[scale][:, 0, :, inside, inside].float() / 255, scale)[plane]
    off = (made(network, held, scale)[plane] - truth)[..., 1:-1, :]
    slope = (truth[..., 2:, :] - truth[..., :-2, :]) / 2
    return -float((off * slope).sum() / slope.square().sum()) / (scale if plane else 2 * scale)


def test_soft_scenes_are_soft_and_repeat() -> None:
    one, again, other = soft_scene(96, 5), soft_scene(96, 5), soft_scene(96, 6)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    steps = np.abs(np.diff(one.astype(int), axis=0))
    assert one.std() > 1
    assert steps.max() < 30  # from one pixel to the next, of 255


@pytest.mark.parametrize("scale", TINY.scales)
def test_soft_tiles_hold_the_truth_in_register(other: Lessons, scale: int) -> None:
    network = begun(TINY)  # bicubic enlargement, but for chroma's columns, where three samples are all it sees
    assert [too_low(network, other, scale, plane) for plane in (0, 1, 2)] == pytest.approx([0, 0, 0], abs=0.01)


@pytest.mark.parametrize("scale", TINY.scales)
def test_a_settled_network_puts_light_where_it_lay(settled: PlanarNetwork, other: Lessons, scale: int) -> None:
    assert too_low(mistaken(), other, scale, 1) == pytest.approx(ASIDE, abs=0.03)
    assert [too_low(settled, other, scale, plane) for plane in (0, 1, 2)] == pytest.approx([0, 0, 0], abs=0.01)


def test_ordinary_pictures_stay_as_they_are(settled: PlanarNetwork, soft: Lessons, ordinary: Lessons) -> None:
    held = mistaken()
    settle(held, soft, ordinary, TINY.reach, firmness=1e-3, rounds=1)
    luma, free, firm = (made(network, ordinary, 2)[0] for network in (mistaken(), settled, held))
    assert 255 * float((free - luma).abs().mean()) < 0.5
    assert float((firm - luma).abs().mean()) < 0.5 * float((free - luma).abs().mean())


def test_plain_brightness_still_passes_through(settled: PlanarNetwork) -> None:
    planes = torch.tensor([0.3, 0.3, 0.3, 0.3, 0.6, 0.4])[None, :, None, None].expand(1, 6, 24, 24)
    with torch.no_grad():
        found = spread(settled(planes, 3)[..., 8:-8, 8:-8], 3)
    for plane, expected in zip(found, (0.3, 0.6, 0.4), strict=True):
        assert plane.numpy() == pytest.approx(expected, abs=2e-3)
