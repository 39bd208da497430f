"""What a job costs, in seconds and dollars, by a price table with its date."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from cloud.entries import Entries
from cloud.machines import Machine
from reel.errors import StoreUnavailable

PRICES_OF: Final = "2026-07"
"""When Modal's page said so: ../shared/facts/modal.md."""
CORE_S: Final = 0.0000131
GIB_S: Final = 0.00000222
GPU_S: Final[Mapping[str, float]] = MappingProxyType({"T4": 0.000164, "L4": 0.000222, "A10": 0.000306})

_GPUS: Final = Path("/proc/driver/nvidia/gpus")
_USED: Final = "used-before"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one turn of a job has taken: until it began in a fresh container, its work, and the wait after it."""

    start_s: float
    work_s: float
    tail_s: float
    cores: float
    memory_gib: float
    gpu: str | None
    dollars: float
    prices_of: str = PRICES_OF


def dollars_a_second(cores: float, memory_gib: float, gpu: str | None) -> float:
    """Return what a container costs while it stands. An unknown GPU counts as the dearest that is known."""
    return cores * CORE_S + memory_gib * GIB_S + (GPU_S.get(gpu, max(GPU_S.values())) if gpu else 0.0)


def counted(machine: Machine, work_s: float, scratch: Path) -> Cost:
    """Return what a turn has cost in this container, which remembers in `scratch` whether it was used before."""
    used, gpu = scratch / _USED, found_gpu() if machine.gpus else None
    start_s = 0.0 if used.exists() else max(0.0, _age_s() - work_s)
    used.touch()
    total_s = start_s + work_s + machine.idle_s
    price = dollars_a_second(machine.cores, machine.memory_gib, gpu)
    return Cost(start_s, work_s, machine.idle_s, machine.cores, machine.memory_gib, gpu, total_s * price)


def found_gpu() -> str | None:
    """Return the GPU of this container as the price table calls it."""
    for told in _GPUS.glob("*/information"):
        model = re.search(r"Model:\s*(?:NVIDIA |Tesla )*([A-Z]+[0-9]+)", told.read_text())
        if model:
            return model[1]
    return None


def note(entries: Entries, job: str, turn: int, cost: Cost) -> None:
    """Keep what a turn has cost, for as long as the Dict does; what cannot be kept is lost."""
    with suppress(StoreUnavailable):
        entries.put(f"{job}/cost/{turn}", json.dumps(asdict(cost)))


def noted(entries: Entries, job: str) -> list[dict[str, Any]]:
    """Return what each turn of a job has cost; an empty list if that is not known."""
    costs: list[dict[str, Any]] = []
    try:
        while (text := entries.read(f"{job}/cost/{len(costs) + 1}")[0]) is not None:
            costs.append(json.loads(text))
    except StoreUnavailable:
        return []
    return costs


def _age_s() -> float:
    """Return how long ago this process began."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    booted_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    return booted_s - int(fields[19]) / os.sysconf("SC_CLK_TCK")
