"""Two ways to do the same work, timed in turns: by the clock, and by what the processors did."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Took:
    """How long some work took: on the clock, and on all processors together, its own and its programs'."""

    wall_s: float
    cpu_s: float


def took(work: Callable[[], object]) -> Took:
    """Do the work once."""
    began_s, began_cpu_s = time.perf_counter(), _cpu_s()
    work()
    return Took(time.perf_counter() - began_s, _cpu_s() - began_cpu_s)


def _cpu_s() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
