"""Which device the networks run on."""

from __future__ import annotations

import ctypes
from typing import Literal, TypeAlias

Device: TypeAlias = Literal["cuda", "cpu"]


def best_device() -> Device:
    """Return "cuda" where torch and a CUDA device are there, else "cpu"."""
    try:
        ctypes.CDLL("libcuda.so.1")  # without the driver torch need not be asked, and loading it takes seconds
        import torch
    except (OSError, ImportError):
        return "cpu"
    return "cuda" if torch.cuda.is_available() else "cpu"
