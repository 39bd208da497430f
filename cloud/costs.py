"""What a job costs, in seconds and dollars, by a price table with its date."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cloud.entries import Entries
from cloud.machines import MACHINES
from reel.errors import Json, StoreUnavailable

PRICES_OF: Final = "2026-07"
"""When Modal's page said so: ../shared/facts/modal.md."""
CORE_S: Final = 0.0000131
GIB_S: Final = 0.00000222
GPU_S: Final[Mapping[str, float]] = MappingProxyType({"T4": 0.000164, "L4": 0.000222, "A10": 0.000306})

RUNS_A_DAY: Final[Mapping[str, int]] = MappingProxyType({"backstop": 24, "tidy": 1})
"""Of what has a schedule; a test compares it with app.py. Nothing else runs in an app that nobody uses."""
BUSY_S: Final = 10.0
"""What one of them with nothing to do takes at the most, its start included."""

_GPUS: Final = Path("/proc/driver/nvidia/gpus")
_USED: Final = "used-before"
NOTED: Final = "/cost/"
"""In the names of the entries that say what a turn has cost."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one container has taken for a job: until it began, if it was fresh, its work, and the wait after it."""

    machine: str
    start_s: float
    work_s: float
    tail_s: float
    cores: float
    memory_gib: float
    gpu: str | None
    dollars: float
    prices_of: str = PRICES_OF


def idle_dollars_a_day() -> float:
    """Return what an app that nobody uses costs: its schedules, and the waits after them."""
    machines = [(runs, MACHINES[name]) for name, runs in RUNS_A_DAY.items()]
    return sum(
        runs * (BUSY_S + machine.idle_s) * dollars_a_second(machine.cores, machine.memory_gib, None)
        for runs, machine in machines
    )


@dataclass(frozen=True, slots=True)
class Meter:
    """Counts what a container takes for the job that it has in hand, from the moment that this is made."""

    name: str
    gpu: str | None
    start_s: float
    began_s: float

    def read(self) -> Cost:
        """Return what it has come to by now. The wait for a next job counts whole: it may be in vain."""
        machine = MACHINES[self.name]
        work_s = time.monotonic() - self.began_s
        total_s = self.start_s + work_s + machine.idle_s
        dollars = total_s * dollars_a_second(machine.cores, machine.memory_gib, self.gpu)
        return Cost(
            self.name,
            self.start_s,
            work_s,
            machine.idle_s,
            machine.cores,
            machine.memory_gib,
            self.gpu,
            dollars,
        )


def metered(name: str, scratch: Path) -> Meter:
    """Begin to count on the machine `name`; `scratch` remembers whether this container was used before."""
    used, gpu = scratch / _USED, found_gpu() if MACHINES[name].gpus else None
    start_s = 0.0 if used.exists() else max(0.0, age_s())
    used.touch()
    return Meter(name, gpu, start_s, time.monotonic())


def dollars_a_second(cores: float, memory_gib: float, gpu: str | None) -> float:
    """Return what a container costs while it stands. An unknown GPU counts as the dearest that is known."""
    return cores * CORE_S + memory_gib * GIB_S + (GPU_S.get(gpu, max(GPU_S.values())) if gpu else 0.0)


def found_gpu() -> str | None:
    """Return the GPU of this container as the price table calls it."""
    for told in _GPUS.glob("*/information"):
        model = re.search(r"Model:\s*(?:NVIDIA |Tesla )*([A-Z]+[0-9]+)", told.read_text())
        if model:
            return model[1]
    return None


def note(entries: Entries, job: str, turn: int, costs: Sequence[Cost]) -> None:
    """Keep what a turn has cost, for as long as the Dict does; what cannot be kept is lost."""
    with suppress(StoreUnavailable):
        entries.put(f"{job}{NOTED}{turn}", json.dumps([asdict(cost) for cost in costs]))


def noted(entries: Entries, job: str, turns: int) -> list[Cost]:
    """Return what a job's first turns have cost; of one that broke off, or was forgotten, nothing."""
    try:
        known = entries.read(*(f"{job}{NOTED}{turn}" for turn in range(1, turns + 1)))
    except StoreUnavailable:
        return []
    return [cost for text in known if text for cost in costs_of(text)]


def costs_of(text: str) -> list[Cost]:
    """Return the costs that an entry says."""
    return [Cost(**said) for said in json.loads(text)]


def summed(costs: Sequence[Cost]) -> dict[str, Json]:
    """Return costs as a job's result says them."""
    dollars = round(sum(cost.dollars for cost in costs), 6)
    return {"dollars": dollars, "prices_of": PRICES_OF, "containers": [asdict(cost) for cost in costs]}


def age_s() -> float:
    """Return how long ago this process began."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    booted_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    return booted_s - int(fields[19]) / os.sysconf("SC_CLK_TCK")
