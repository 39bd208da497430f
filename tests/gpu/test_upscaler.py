from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from gpu import upscaler as module
from gpu.compact import Compact
from gpu.device import best_device
from gpu.networks import compact_network
from gpu.upscaler import NcnnUpscaler, TorchUpscaler
from gpu.weights import Blend, Folders, Weights, resolve
from reel.errors import WeightsMismatch
from tests.gpu.tiny import COMPACT, compact, noise, random_state

Pixels = NDArray[np.uint8]
Upscaler = NcnnUpscaler | TorchUpscaler


def differ(one: Pixels, other: Pixels) -> NDArray[np.int16]:
    assert one.shape == other.shape
    return np.abs(one.astype(np.int16) - other)


@pytest.fixture(params=["ncnn on one thread", "ncnn on two", "torch"])
def tiny_upscaler(request: pytest.FixtureRequest, tiny_weights: Weights) -> Upscaler:
    if request.param == "torch":
        return TorchUpscaler(tiny_weights, device="cpu")
    return NcnnUpscaler(tiny_weights, threads=1 if request.param == "ncnn on one thread" else 2)


def identity(shape: Compact) -> Weights:
    """The weights of a network that adds nothing to the picture enlarged by repetition."""
    from gpu import ncnn_files

    state = {name: np.zeros(size, np.float32) for name, size in shape.tensors().items()}
    files = {".param": ncnn_files.param(shape).encode(), ".bin": ncnn_files.write_bin(state, shape)}
    return Weights("identity", shape, "0" * 64, "a test", "none", files)


@pytest.mark.parametrize("engine", ["ncnn", "torch"])
def test_a_network_that_adds_nothing_keeps_every_level_and_the_channels_order(engine: str, tiny_shape: Compact) -> None:
    weights = identity(tiny_shape)
    upscaler = NcnnUpscaler(weights, threads=2) if engine == "ncnn" else TorchUpscaler(weights, device="cpu")
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    picture = np.stack([levels, levels[::-1], levels.T], axis=-1)
    expected = picture.repeat(4, axis=0).repeat(4, axis=1)
    np.testing.assert_array_equal(upscaler.upscale(picture), expected)


def test_thread_counts_change_no_byte(tiny_weights: Weights) -> None:
    picture = noise(61, 47)
    one, *others = (NcnnUpscaler(tiny_weights, threads=threads).upscale(picture) for threads in (1, 2, 3, 5))
    for other in others:
        np.testing.assert_array_equal(other, one)


def test_ncnn_and_torch_agree(tiny_weights: Weights) -> None:
    ncnn, on_torch = NcnnUpscaler(tiny_weights, threads=2), TorchUpscaler(tiny_weights, device="cpu")
    for seed, size in enumerate([(48, 64), (33, 57), (7, 80)]):
        difference = differ(ncnn.upscale(noise(*size, seed)), on_torch.upscale(noise(*size, seed)))
        assert difference.max() <= 1
        assert difference.mean() < 0.001


def test_a_large_picture_is_done_in_bands_without_a_seam(
    tiny_upscaler: Upscaler, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = noise(90, 40)
    whole = tiny_upscaler.upscale(picture)
    monkeypatch.setattr(module, "MOST_PIXELS", 1000)
    difference = differ(tiny_upscaler.upscale(picture), whole)
    assert difference.max() <= 1
    assert difference.mean() < 0.001


def test_refuses_weights_that_ncnn_cannot_read(tiny_weights: Weights, tiny_shape: Compact) -> None:
    files = {".param": b"7767517\n1 1\nNoSuchLayer a 0 1 data\n", ".bin": b""}
    broken = Weights("broken", tiny_shape, "0" * 64, "a test", "none", files)
    with pytest.raises(WeightsMismatch):
        NcnnUpscaler(broken, threads=1)


def test_the_torch_network_is_the_official_one(tiny_shape: Compact, tiny_weights: Weights) -> None:
    """Against a chain written out by hand, so that a slip in the loop cannot hide."""
    network = compact_network(tiny_shape, tiny_weights.state())
    state = {name: torch.from_numpy(numbers) for name, numbers in tiny_weights.state().items()}
    picture = torch.rand(1, 3, 9, 11, generator=torch.Generator().manual_seed(1))
    features = picture
    for k in range(4):
        features = nn.functional.conv2d(features, state[f"body.{2 * k}.weight"], state[f"body.{2 * k}.bias"], padding=1)
        if k < 3:
            features = nn.functional.prelu(features, state[f"body.{2 * k + 1}.weight"])
    repeated = picture.repeat_interleave(4, 2).repeat_interleave(4, 3)
    torch.testing.assert_close(network(picture), nn.functional.pixel_shuffle(features, 4) + repeated)


def test_running_out_of_memory_is_said_so() -> None:
    """In a process of its own, whose address space is closed in after the network is loaded."""
    script = """
import resource
import numpy as np
from gpu import ncnn_files
from gpu.compact import Compact
from gpu.upscaler import NcnnUpscaler
from gpu.weights import Weights
from reel.errors import OutOfMemory

shape = Compact(64, 2, 4)
state = {name: np.zeros(size, np.float32) for name, size in shape.tensors().items()}
files = {".param": ncnn_files.param(shape).encode(), ".bin": ncnn_files.write_bin(state, shape)}
upscaler = NcnnUpscaler(Weights("wide", shape, "", "", "", files), threads=1)
picture = np.zeros((800, 800, 3), np.uint8)
upscaler.upscale(picture[:40, :40])
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
for spare_mb in (5, 50, 200):
    resource.setrlimit(resource.RLIMIT_AS, (used + spare_mb * 2**20, resource.RLIM_INFINITY))
    try:
        upscaler.upscale(picture)
    except OutOfMemory as fault:
        print(spare_mb, fault.code, fault.retry)
"""
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines() == [f"{mb} out_of_memory once_smaller" for mb in (5, 50, 200)], ended.stderr


def test_the_device_is_cuda_only_where_torch_says_so() -> None:
    assert best_device() == ("cuda" if torch.cuda.is_available() else "cpu")


def test_half_precision_keeps_45_db(tiny_weights: Weights) -> None:
    picture = noise(48, 64)
    half, full = (
        TorchUpscaler(tiny_weights, device=best_device(), half=half).upscale(picture) for half in (True, False)
    )
    assert 10 * np.log10(255**2 / np.mean(differ(half, full).astype(float) ** 2)) >= 45


# The dials


def test_a_blend_lies_between_its_siblings() -> None:
    one, other = compact(), compact(random_state(COMPACT.tensors(), 8))
    picture = noise(24, 20)
    for share, alike in ((0.0, one), (1.0, other)):
        blended = replace(one, blend=Blend(other, share))
        assert blended.ncnn() == alike.ncnn()
        made, expected = (NcnnUpscaler(weights, threads=1).upscale(picture) for weights in (blended, alike))
        np.testing.assert_array_equal(made, expected)
    half = replace(one, blend=Blend(other, 0.5))
    for name, tensor in half.state().items():
        mean = (one.state()[name] + other.state()[name]) / 2
        np.testing.assert_array_equal(tensor, mean.astype(np.float16).astype(np.float32))
    assert (one.blended_with, half.blended_with) == (None, ("tiny", other.sha256, 0.5))


def test_ncnn_and_torch_agree_on_a_blend_with_detail() -> None:
    weights = replace(compact(), blend=Blend(compact(random_state(COMPACT.tensors(), 8)), 0.3))
    picture = noise(48, 64)
    ncnn = NcnnUpscaler(weights, threads=2, detail=0.6).upscale(picture)
    on_torch = TorchUpscaler(weights, device="cpu", detail=0.6).upscale(picture)
    difference = differ(ncnn, on_torch)
    assert difference.max() <= 1  # the CPU rounds what the camera sees to a level, the device does not
    assert difference.mean() < 0.2
    assert differ(ncnn, NcnnUpscaler(weights, threads=2).upscale(picture)).mean() > 1, "the detail does something"


@pytest.mark.parametrize("engine", ["ncnn", "torch"])
def test_detail_given_back_keeps_black_and_white(engine: str, tiny_shape: Compact) -> None:
    weights = identity(tiny_shape)
    upscaler = (
        NcnnUpscaler(weights, threads=1, detail=1.0)
        if engine == "ncnn"
        else TorchUpscaler(weights, device="cpu", detail=1.0)
    )
    for colour in ((0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 0, 255)):
        picture = np.full((9, 7, 3), colour, np.uint8)
        np.testing.assert_array_equal(upscaler.upscale(picture), np.full((36, 28, 3), colour, np.uint8))


@pytest.mark.weights
@pytest.mark.footage
@pytest.mark.parametrize("name", ["realesr-general-x4v3", "realesr-animevideov3-x4"])
def test_ncnn_and_torch_agree_on_real_weights_and_footage(name: str, weights_dir: Path, footage_dir: Path) -> None:
    import av

    weights = resolve(name, Folders(weights_dir, cache=None))
    with av.open(footage_dir / "09_derived_match_1080p25_70s_audio.mp4") as container:
        frame = next(container.decode(video=0)).to_ndarray(format="rgb24")
    crop = frame[500:596, 900:1028].astype(np.uint8)
    ncnn, on_torch = NcnnUpscaler(weights, threads=2).upscale(crop), TorchUpscaler(weights, device="cpu").upscale(crop)
    difference = differ(ncnn, on_torch)
    assert difference.max() <= 1
    assert difference.mean() < 0.001
    assert differ(ncnn, crop.repeat(4, axis=0).repeat(4, axis=1)).mean() > 0.5, "the network does something"
