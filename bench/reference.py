"""The usual loop's model part: what RealESRGANer of the package realesrgan 0.3.0 does with one frame on a CPU."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from gpu import pth
from gpu.networks import compact_network
from gpu.registry import NETWORKS
from reel.geometry import Size

PRE_PAD_PX = 10  # the package's default, at the right and the bottom; its tiles are off by default


class ReferenceLoop:
    """One frame at a time through fp32 torch in eager mode, step by step as realesrgan/utils.py does it."""

    def __init__(self, weights: Path, network: str = "realesr-general-x4v3") -> None:
        self.scale = NETWORKS[network].shape.scale
        self._net = compact_network(NETWORKS[network].shape, pth.read(weights.read_bytes()))

    @torch.no_grad()
    def enhance(self, frame: NDArray[np.uint8], output: Size) -> NDArray[np.uint8]:
        """Enlarge a BGR frame (H, W, 3) and resize it on the CPU to `output`, as BGR."""
        image = frame.astype(np.float32)
        image = image / (65535 if np.max(image) > 256 else 255)
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        taken = torch.from_numpy(np.transpose(image, (2, 0, 1))).float().unsqueeze(0)
        made = self._net(functional.pad(taken, (0, PRE_PAD_PX, 0, PRE_PAD_PX), "reflect"))
        height, width = (length - PRE_PAD_PX * self.scale for length in made.shape[2:])
        made = made[:, :, :height, :width]
        enlarged = made.data.squeeze().float().cpu().clamp_(0, 1).numpy()
        enlarged = np.transpose(enlarged[[2, 1, 0], :, :], (1, 2, 0))
        levels = (enlarged * 255.0).round().astype(np.uint8)
        return cv2.resize(levels, (output.width, output.height), interpolation=cv2.INTER_LANCZOS4).astype(np.uint8)
