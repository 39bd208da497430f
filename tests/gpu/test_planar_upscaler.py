from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gpu import ncnn_nets, planar_files
from gpu import planar_upscaler as module
from gpu.device import best_device
from gpu.networks import planar_network, spread, stacked
from gpu.own_weights import OwnWeights, own_weights
from gpu.planar import NATURAL, Planar
from gpu.planar_upscaler import PlanarUpscaler, TorchPlanarUpscaler
from tests.gpu.tiny import PLANAR, PlaneTuple, flat, own, planes, random_state, repeated, repeating_state

OWN = own(random_state(PLANAR.tensors()))
REPEATING = own(repeating_state(PLANAR))
Upscaler = PlanarUpscaler | TorchPlanarUpscaler
ENGINES = pytest.mark.parametrize("engine", ["ncnn", "torch"])


def upscaler(engine: str, weights: OwnWeights, scale: int, threads: int = 2) -> Upscaler:
    if engine == "torch":
        return TorchPlanarUpscaler(weights, scale, device="cpu")
    return PlanarUpscaler(weights, scale, threads=threads)


def assert_same(one: PlaneTuple, other: PlaneTuple) -> None:
    for each in zip(one, other, strict=True):
        np.testing.assert_array_equal(*each)


def assert_alike(one: PlaneTuple, other: PlaneTuple, mean: float = 0.004) -> None:
    """At most a level apart, where a sum that rounds otherwise falls on the other side of a half."""
    for a, b in zip(one, other, strict=True):
        difference = np.abs(a.astype(np.int16) - b)
        assert difference.max() <= 1
        assert difference.mean() < mean


# What comes out


@ENGINES
@pytest.mark.parametrize("scale", PLANAR.scales)
@pytest.mark.parametrize("size", [(16, 16), (8, 8), (1, 1), (1, 2), (2, 1), (7, 80), (33, 57), (34, 19)])
def test_every_sample_goes_to_its_place(engine: str, scale: int, size: tuple[int, int]) -> None:
    """By weights that repeat each sample: planes, phases, odd sides and every level of 0..255."""
    picture = planes(*size)
    assert_same(upscaler(engine, REPEATING, scale).upscale(picture), repeated(picture, scale))


@ENGINES
@pytest.mark.parametrize(
    "levels", [(0, 128, 128), (16, 128, 128), (255, 0, 255), (0, 255, 0), (255, 255, 255), (0, 0, 0)]
)
def test_no_level_wraps_around(engine: str, levels: tuple[int, int, int]) -> None:
    """The random network overshoots both ways: what is below black is black, what is above white is white."""
    picture = flat(20, 24, levels)
    assert_same(upscaler(engine, REPEATING, 3).upscale(picture), repeated(picture, 3))
    state = dict(random_state(PLANAR.tensors()))
    for more, expected in ((40, 255), (-40, 0)):
        pushed = state | {"head.3.bias": np.full(54, more, np.float32)}
        assert {*np.unique(upscaler(engine, own(pushed), 3).upscale(picture)[0])} == {expected}


@ENGINES
@pytest.mark.parametrize(("bias", "level"), [(0.0, 0), (0.25, 64), (0.5, 128), (0.1, 25), (1.0, 255)])
def test_half_a_level_is_rounded_up(engine: str, bias: float, level: int) -> None:
    """A network that is its bias alone: 0.5 is 127.5 levels."""
    state = {name: np.zeros(size, np.float32) for name, size in PLANAR.tensors().items()}
    state["head.2.bias"] += np.float32(bias)
    made = upscaler(engine, own(state), 2).upscale(planes(6, 4))
    assert {int(found) for plane in made for found in np.unique(plane)} == {level}


@pytest.mark.parametrize("scale", NATURAL.scales)
def test_the_export_is_the_network_itself(scale: int) -> None:
    """Our own weights, half a level apart at most, before anything is rounded to bytes."""
    weights, (y, u, v) = own_weights(), planes(90, 74)
    (net,) = ncnn_nets.loaded("natural", weights.ncnn(scale), [1])
    padded = module._padded((y, u, v))
    rows = len(padded[1])
    taken = module._stacked(*padded, module.Band(0, rows, 0, rows))
    exported = ncnn_nets.run(net, taken) - planar_files._HALF_A_LEVEL
    network = planar_network(NATURAL, weights.state())
    with torch.inference_mode():
        asked = [torch.from_numpy(plane)[None, None].float() / 255 for plane in padded]
        made = network(stacked(*asked), scale)
    assert np.abs(exported - made[0].numpy() * 255).max() <= 0.5
    levels = [(each[0, 0] * 255).clamp(0, 255).numpy() for each in spread(made, scale)]
    expected = module._cut(levels, 90, 74, scale)
    for plane, level in zip(PlanarUpscaler(weights, scale, threads=2).upscale((y, u, v)), expected, strict=True):
        assert np.abs(plane - level).max() <= 0.51


@pytest.mark.parametrize("scale", NATURAL.scales)
def test_ncnn_and_torch_agree(scale: int) -> None:
    ncnn, on_torch = (upscaler(engine, own_weights(), scale) for engine in ("ncnn", "torch"))
    for seed, size in enumerate([(48, 64), (33, 57), (7, 80), (8, 8), (1, 1)]):
        assert_alike(ncnn.upscale(planes(*size, seed)), on_torch.upscale(planes(*size, seed)))


def test_half_precision_keeps_45_db() -> None:
    picture = planes(48, 64)
    half, full = (
        TorchPlanarUpscaler(own_weights(), 3, device=best_device(), half=half).upscale(picture)
        for half in (True, False)
    )
    for one, other in zip(half, full, strict=True):
        assert 10 * np.log10(255**2 / max(np.mean((one.astype(float) - other) ** 2), 1e-9)) >= 45


def test_pictures_of_one_size_go_together_and_come_apart() -> None:
    """The batches of CUDA, on a CPU."""
    on_torch = TorchPlanarUpscaler(own_weights(), 2, device="cpu")
    pictures = [planes(11, 12, seed) for seed in range(3)]
    for picture, made in zip(pictures, on_torch._enlarged(pictures), strict=True):
        assert_alike(made, on_torch.upscale(picture))


# The same bytes, whatever the machine


def test_thread_counts_change_no_byte() -> None:
    weights = own_weights()
    for size in ((61, 47), (180, 102)):
        picture = planes(*size)
        one, *others = (PlanarUpscaler(weights, 3, threads=threads) for threads in (1, 2, 3, 5, 20))
        expected = one.upscale(picture)
        for other in others:
            assert_same(other.upscale(picture), expected)
            assert_same(next(other.stream([picture])), expected)


@ENGINES
def test_a_large_picture_is_done_in_bands_without_a_seam(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for weights in (OWN, own_weights()):
        picture = planes(91, 40)
        at_work = upscaler(engine, weights, 3)
        whole = at_work.upscale(picture)
        monkeypatch.setattr(module, "MOST_SAMPLES", 300)
        assert_alike(at_work.upscale(picture), whole)
        monkeypatch.undo()


def test_takes_the_largest_crop() -> None:
    """4000×2250, all of 4K: in bands, by a network small enough for a test."""
    small = Planar(features=2, convolutions=1, scales=(2,))
    picture = planes(2250, 4000)
    made = PlanarUpscaler(own(repeating_state(small), small), 2, threads=2).upscale(picture)
    assert_same(made, repeated(picture, 2))


def test_running_out_of_memory_is_said_so() -> None:
    """In a process of its own, whose address space is closed in after the network is loaded."""
    script = """
import resource
import numpy as np
from gpu.own_weights import own_weights
from gpu.planar_upscaler import PlanarUpscaler
from reel.errors import OutOfMemory

upscaler = PlanarUpscaler(own_weights(), 2, threads=1)
y, u = np.zeros((600, 600), np.uint8), np.zeros((300, 300), np.uint8)
upscaler.upscale((y[:40, :40], u[:20, :20], u[:20, :20]))
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
for spare_mb in (1, 20, 80):
    resource.setrlimit(resource.RLIMIT_AS, (used + spare_mb * 2**20, resource.RLIM_INFINITY))
    try:
        upscaler.upscale((y, u, u))
    except OutOfMemory as fault:
        print(spare_mb, fault.code, fault.retry)
"""
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines() == [f"{mb} out_of_memory once_smaller" for mb in (1, 20, 80)], ended.stderr
