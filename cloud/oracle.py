"""The baseline of experiment E1: the package realesrgan as it is, in an image and an app of its own.

Its dependencies freeze torch at 2.1, so that nothing of ours runs beside it.
"""

from __future__ import annotations

import time
from typing import Any, Final

import modal

from cloud import images
from cloud.machines import MACHINES

PICTURE: Final = (720, 405, 3)
"""As cloud/smoke.py has it: an upright crop of a 1080p game."""

app = modal.App("reel-ballers-oracle", image=images.oracle())
_machine = MACHINES["framing"]


@app.function(gpu="T4", cpu=_machine.cores, memory=int(_machine.memory_gib * 1024), timeout=1800)
def loop(name: str, pictures: int) -> list[dict[str, Any]]:
    """Enlarge pictures one by one, as the package's own program does; return the row."""
    import numpy as np
    import realesrgan  # pyright: ignore[reportMissingImports] - in this image only
    from realesrgan.archs.srvgg_arch import SRVGGNetCompact  # pyright: ignore[reportMissingImports]

    model = SRVGGNetCompact(num_in_ch=3, num_out_ch=3, num_feat=64, num_conv=32, upscale=4, act_type="prelu")
    general = images.WEIGHTS[0].path
    enlarger = realesrgan.RealESRGANer(4, general, model=model, half=True)
    picture = np.random.default_rng(1).integers(0, 256, PICTURE, np.uint8)
    enlarger.enhance(picture, outscale=4)
    began_s = time.perf_counter()
    for _ in range(pictures):
        enlarger.enhance(picture, outscale=4)
    return [{"what": f"{name}: realesrgan 0.3.0", "frames": pictures, "seconds": time.perf_counter() - began_s}]
