from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.reference import ReferenceLoop
from gpu.upscaler import TorchUpscaler
from gpu.weights import Folders, resolve
from reel.geometry import Size


@pytest.mark.weights
def test_the_usual_loop_is_the_network_and_a_resize(weights_dir: Path) -> None:
    """Away from the right and the bottom edge, where the package pads by reflection and we do not."""
    name, output = "realesr-general-x4v3", Size(120, 96)
    frame = np.random.default_rng(3).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    usual = ReferenceLoop(weights_dir / f"{name}.pth").enhance(frame, output)
    assert (usual.shape, usual.dtype) == ((96, 120, 3), np.uint8)
    upscaler = TorchUpscaler(resolve(name, Folders(weights_dir, cache=None)), device="cpu")
    enlarged = upscaler.upscale(np.ascontiguousarray(frame[..., ::-1]))[..., ::-1]
    ours = cv2.resize(enlarged, (output.width, output.height), interpolation=cv2.INTER_LANCZOS4)
    difference = np.abs(usual.astype(np.int16) - ours)[:40, :60]
    assert difference.max() <= 1
    assert difference.mean() < 0.01
