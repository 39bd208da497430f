"""What each function gets of Modal: cores, memory, GPUs, time. The one table of it, which costs are counted by, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

MIB_OF_GIB: Final = 1024
HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Machine:
    """One function's container. `idle_s` is how long it waits for its next input, which is paid for."""

    cores: float
    memory_gib: float
    timeout_s: int
    idle_s: int = 2
    most: int = 20
    gpus: tuple[str, ...] = ()
    """In the order in which they are asked for."""

    @property
    def options(self) -> dict[str, Any]:
        """What Modal is told. Of retries nothing: attempts are counted by ourselves."""
        told: dict[str, Any] = {
            "cpu": self.cores,
            "memory": int(self.memory_gib * MIB_OF_GIB),
            "timeout": self.timeout_s,
            "scaledown_window": self.idle_s,
            "max_containers": self.most,
        }
        return told | ({"gpu": list(self.gpus)} if self.gpus else {})


MACHINES: Final[Mapping[str, Machine]] = MappingProxyType(
    {
        "api": Machine(0.5, 0.5, timeout_s=150, idle_s=60, most=4),
        # T4 first, until experiment E6 has said which of the two is cheaper.
        "framing": Machine(4.0, 12.0, timeout_s=6 * HOUR_S, idle_s=5, most=10, gpus=("T4", "L4")),
        "draft": Machine(4.0, 4.0, timeout_s=HOUR_S),
        "overlay": Machine(4.0, 4.0, timeout_s=2 * HOUR_S),
        "extract": Machine(2.0, 2.0, timeout_s=HOUR_S),
        "compile": Machine(4.0, 4.0, timeout_s=4 * HOUR_S),
        "ingest": Machine(4.0, 8.0, timeout_s=4 * HOUR_S),
        "vet": Machine(1.0, 2.0, timeout_s=120),
        "demo": Machine(4.0, 4.0, timeout_s=HOUR_S),
        "window": Machine(2.0, 2.0, timeout_s=HOUR_S),
        "trim": Machine(2.0, 2.0, timeout_s=2 * HOUR_S),
        "archive": Machine(1.0, 2.0, timeout_s=2 * HOUR_S),
        "measure": Machine(4.0, 4.0, timeout_s=HOUR_S),
        # What waits and asks, and decides little.
        "watch": Machine(0.125, 0.5, timeout_s=24 * HOUR_S, most=2),
        "backstop": Machine(0.125, 0.5, timeout_s=300, most=1),
        "tidy": Machine(0.25, 0.5, timeout_s=4 * HOUR_S, most=1),
    }
)

METHODS: Final[Mapping[str, str]] = MappingProxyType({"framing": "work", "assist": "assist"})
"""Functions that are methods of the class which holds the networks; they share its containers."""
