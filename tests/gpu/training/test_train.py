"""The training itself, on a network and tiles so small that it takes seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gpu.networks import PlanarNetwork, spread, stacked
from gpu.planar import Planar
from gpu.training.lessons import UNJUDGED, Lessons, batch, lessons
from gpu.training.losses import beyond_loss, grid_loss, pixel_loss, restless_loss, spectral_loss, structural_loss
from gpu.training.scenes import scene
from gpu.training.tiles import LARGEST, TILE, Material, Tile, tiles
from gpu.training.train import Recipe, begun, level, mixed, train, write

TINY = Planar(features=8, convolutions=2, scales=(2, 3, 4))
RECIPE = Recipe(steps=60, batch=2, patch=40, warm_up=5, rate=3e-3, spectrum=0.02, beyond=1.0, grid=0.5, average=0.9)
MATERIAL = Material([[scene(832, 11)] * 3], [scene(400, 12)])


@pytest.fixture(scope="module")
def few() -> list[Tile]:
    return [*tiles(MATERIAL, TINY.scales, 8, seed=1, workers=0)]


@pytest.fixture(scope="module")
def held(few: list[Tile]) -> Lessons:
    return lessons(few, len(few), TINY.scales)


def without_its_chain() -> PlanarNetwork:
    """Return a network at its start, less what the untrained chain adds."""
    network = begun(TINY)
    for head in network.head.values():
        assert isinstance(head, torch.nn.Conv2d)
        head.weight.data[:, : TINY.features] = 0
    return network


def _off(one: np.ndarray, other: np.ndarray, shift: tuple[int, int]) -> float:
    return float(np.abs(np.roll(one, shift, (0, 1)) - other)[8:-8, 8:-8].mean())


def silent(_: str) -> None:
    """Say nothing."""


def test_drawn_scenes_are_pictures_and_repeat() -> None:
    one, again, other = scene(128, 5), scene(128, 5), scene(128, 6)
    assert one.shape == (128, 128, 3)
    assert one.std() > 5
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_tiles_hold_the_truth_at_every_scale_in_register(few: list[Tile]) -> None:
    for tile in few:
        for at, small in enumerate(tile.small):
            height, width = small.y.shape
            for scale in TINY.scales:
                truth = tile.truth[scale][at]
                assert truth.y.shape == (height * scale, width * scale)
                assert truth.u.shape == (small.u.shape[0] * scale, small.u.shape[1] * scale)
                near = np.asarray(Image.fromarray(small.y).resize(truth.y.shape[::-1], Image.Resampling.BICUBIC), int)
                off = {(down, x): _off(near, truth.y, (down, x)) for down in (-1, 0, 1) for x in (-1, 0, 1)}
                assert off[0, 0] < 1.01 * min(off.values())
            assert tile.truth[LARGEST][at].y.shape == (TILE, TILE)


def test_workers_make_the_same_tiles(few: list[Tile]) -> None:
    for one, other in zip(tiles(MATERIAL, TINY.scales, 8, seed=1, workers=2), few, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one.small[0], other.small[0], strict=True))
        assert all(np.array_equal(a, b) for a, b in zip(one.truth[3][1], other.truth[3][1], strict=True))


@pytest.mark.parametrize("scale", TINY.scales)
def test_lessons_hold_the_tiles_as_the_network_lays_pictures_out(few: list[Tile], held: Lessons, scale: int) -> None:
    for laid_out, pictures, enlarged in (
        (held.small, [tile.small for tile in few], 1),
        (held.truth[scale], [tile.truth[scale] for tile in few], scale),
    ):
        for k, frames in enumerate(pictures):
            for planes, frame in zip(zip(*spread(laid_out[k], enlarged), strict=True), frames, strict=True):
                assert all(np.array_equal(a[0], b) for a, b in zip(planes, frame, strict=True))


@pytest.mark.parametrize("scale", TINY.scales)
def test_patches_are_in_register_with_their_truth(held: Lessons, scale: int) -> None:
    """Drawn upside down or not: shrunk, the truth is what was taken, nearer than it is one source pixel beside."""
    rng = np.random.default_rng(6)
    for _ in range(6):
        planes, truth = batch(held, scale, 3, 60, rng)
        assert planes.shape == (6, 6, 30, 30)
        luma = spread(planes, 1)[0]
        seen = torch.nn.functional.avg_pool2d(truth[0], scale)
        edge = 2 * UNJUDGED
        off = {
            (down, right): float((luma[:, :, edge + down :, edge + right :][:, :, :44, :44] - seen).abs().mean())
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
        }
        assert min(off, key=lambda at: off[at]) == (0, 0)


@pytest.mark.parametrize("scale", TINY.scales)
def test_it_starts_as_bicubic_enlargement(scale: int) -> None:
    network = without_its_chain()
    with torch.no_grad():
        picture = scene(96, 8)[..., 1].astype(np.float32)
        y = torch.from_numpy(picture)[None, None] / 255
        grey = torch.full((1, 1, 48, 48), 0.5)
        luma, u, _ = spread(network(stacked(y, grey, grey), scale), scale)
    wide = Image.fromarray(picture, "F").resize((96 * scale, 96 * scale), Image.Resampling.BICUBIC)
    inside = np.s_[4 * scale : -4 * scale, 4 * scale : -4 * scale]
    assert np.abs(luma[0, 0].numpy() * 255 - np.asarray(wide))[inside].max() < 0.1
    assert u[0, 0].numpy()[inside] == pytest.approx(0.5, abs=1e-4)


def test_chroma_lies_where_its_luma_lies() -> None:
    """An edge in both: enlarged, both still cross at the same place (chroma is sited left: a quarter sample)."""
    network, scale = without_its_chain(), 4
    with torch.no_grad():
        across = torch.arange(64, dtype=torch.float32)
        y = (across / 63).expand(1, 1, 32, 64)
        u = (across[::2] / 63).expand(1, 1, 16, 32)  # the ramp at the even columns
        luma, blue, _ = spread(network(stacked(y, u, u), scale), scale)
    inside = np.s_[32:-32]
    assert blue[0, 0, 8].numpy()[inside] == pytest.approx(luma[0, 0, 16, ::2].numpy()[inside], abs=3e-3)


def test_a_few_steps_beat_the_start(held: Lessons) -> None:
    def loss(network: torch.nn.Module) -> float:
        assert isinstance(network, PlanarNetwork)
        rng = np.random.default_rng(9)
        summed = 0.0
        with torch.no_grad():
            for scale in TINY.scales:
                planes, truth = batch(held, scale, 6, 40, rng)
                made = spread(network(planes, scale)[:, :, UNJUDGED:-UNJUDGED, UNJUDGED:-UNJUDGED], scale)
                summed += float(pixel_loss(made, truth) + RECIPE.spectrum * spectral_loss(made[0], truth[0]))
        return summed

    network, start = begun(TINY), loss(begun(TINY))
    kept = train(network, held, RECIPE, silent)
    network.load_state_dict(kept)
    assert loss(network) < 0.9 * start


def test_the_same_recipe_gives_the_same_weights(held: Lessons, tmp_path: Path) -> None:
    recipe = Recipe(steps=3, batch=2, patch=40)
    for name in ("one.npz", "other.npz"):
        write(tmp_path / name, train(begun(TINY), held, recipe, silent))
    with np.load(tmp_path / "one.npz") as one, np.load(tmp_path / "other.npz") as other:
        TINY.check({name: one[name] for name in one})
        for name in one:
            assert one[name].dtype == np.float16
            assert one[name] == pytest.approx(other[name], abs=1e-3)  # sums round by the thread


def test_mixing_goes_from_one_to_the_other() -> None:
    one, other = begun(TINY, seed=1).state_dict(), begun(TINY, seed=2).state_dict()
    for share, expected in ((0.0, one), (1.0, other)):
        assert all(torch.allclose(tensor, expected[name]) for name, tensor in mixed(one, other, share).items())
    half = mixed(one, other, 0.5)
    assert torch.allclose(half["body.0.weight"] * 2, one["body.0.weight"] + other["body.0.weight"])


def test_a_level_picture_passes_through_untouched() -> None:
    """Whatever training did to the kernels, `level` leaves brightness and colour to be passed on."""
    network = begun(TINY)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)
        for name, weight in network.named_parameters():
            if name.endswith("bias"):
                weight.zero_()
    level(network)
    planes = torch.tensor([0.3, 0.3, 0.3, 0.3, 0.6, 0.4])[None, :, None, None].expand(1, 6, 24, 24)
    with torch.no_grad():
        y, u, v = (plane[0, 0, 12:-12, 12:-12] for plane in spread(network(planes, 2), 2))
    for plane, expected in ((y, 0.3), (u, 0.6), (v, 0.4)):
        assert plane.numpy() == pytest.approx(expected, abs=1e-4)


def test_the_structural_loss_is_ssim() -> None:
    rng = np.random.default_rng(3)
    one = torch.from_numpy(rng.random((1, 1, 40, 40), np.float32))
    assert float(structural_loss(one, one)) == pytest.approx(0, abs=1e-6)
    assert float(structural_loss(one, 1 - one)) > 1  # turned inside out: less than nothing in common


def test_the_spectral_loss_sees_a_grid_and_missing_grass() -> None:
    rng = np.random.default_rng(4)
    grass = torch.from_numpy(rng.normal(0.5, 0.1, (1, 1, 96, 96)).astype(np.float32))
    softer = torch.nn.functional.avg_pool2d(grass, 3, 1, 1, count_include_pad=False)
    grid = grass.clone()
    grid[..., ::6, :] += 0.05
    other = torch.from_numpy(rng.normal(0.5, 0.1, (1, 1, 96, 96)).astype(np.float32))
    alike = float(spectral_loss(grass, other))  # other blades, the same grass
    assert float(spectral_loss(softer, grass)) > 2 * alike
    assert float(spectral_loss(grid, grass)) > 0
    assert float(spectral_loss(grid, other)) > alike


def test_what_lies_beyond_the_truth_around_it_is_seen() -> None:
    truth = torch.zeros((1, 1, 20, 20))
    truth[..., 10:] = 0.5
    assert float(beyond_loss(truth.roll(2, 3)[..., 4:-4], truth[..., 4:-4])) == 0  # an edge beside its place
    specked = truth.clone()
    specked[0, 0, 10, 10] += 0.4
    specked[0, 0, 10, 3] -= 0.2
    assert float(beyond_loss(specked, truth)) == pytest.approx(0.6 / 400)


def test_only_what_changes_otherwise_than_the_truth_is_restless() -> None:
    truth = torch.rand((4, 1, 8, 8))
    assert float(restless_loss(truth + 0.2, truth)) == pytest.approx(0, abs=1e-6)  # wrong, but still
    flickering = truth.clone()
    flickering[1] += 0.3
    assert float(restless_loss(flickering, truth)) == pytest.approx(0.15, abs=1e-6)


def test_a_pattern_that_repeats_is_a_grid() -> None:
    truth = torch.rand((1, 1, 48, 48))
    assert float(grid_loss(truth + 0.2, truth, 6)) == pytest.approx(0, abs=1e-6)
    lined = truth.clone()
    lined[..., ::6, :] += 0.6
    assert float(grid_loss(lined, truth, 6)) == pytest.approx(0.6 * 2 * 5 / 36, abs=1e-5)
    assert float(grid_loss(truth.roll(1, 2), truth, 6)) < 0.2  # what does not repeat averages out
