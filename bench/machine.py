"""How fast this machine is just now, beside a quiet one: what a time in milliseconds has to be read with."""

from __future__ import annotations

import hashlib
import time

BLOCK = bytes(1 << 20)
BLOCKS = 256
QUIET_S = 0.24  # what the sum below takes on a quiet core with SHA instructions (1.1 GB/s)


def machine_factor() -> float:
    """Return how many times as long as on a quiet core the sha256 of 256 MiB takes here, in one thread."""
    began_s = time.perf_counter()
    digest = hashlib.sha256()
    for _ in range(BLOCKS):
        digest.update(BLOCK)
    digest.digest()
    return (time.perf_counter() - began_s) / QUIET_S
