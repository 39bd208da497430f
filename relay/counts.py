"""What the relay counts, as text for Prometheus and as a line for the log."""

from __future__ import annotations

import resource
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

HELP: Final[Mapping[str, str]] = {
    "relay_requests_total": "HTTP requests, by status.",
    "relay_publishes_total": "Snapshots that were posted, by status.",
    "relay_sockets_opened_total": "Sockets that were let in.",
    "relay_sockets_closed_total": "Sockets that ended, those that were refused among them, by close code.",
    "relay_frames_total": "Frames that were sent to sockets.",
}


class Counts:
    """Counters since the process began: one for each name, or for each name and label."""

    def __init__(self) -> None:
        self._counters: Counter[tuple[str, str]] = Counter()
        self._told: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, label: str = "") -> None:
        """Count one; `label` is like `code="4401"`."""
        self._counters[name, label] += 1

    def text(self, gauges: Mapping[str, tuple[str, int]]) -> str:
        """Return all counters, and the gauges, each with its help: Prometheus' text format, version 0.0.4."""
        lines: list[str] = []
        for name, (what, value) in gauges.items():
            lines += [f"# HELP {name} {what}", f"# TYPE {name} gauge", f"{name} {int(value)}"]
        for name, what in HELP.items():
            lines += [f"# HELP {name} {what}", f"# TYPE {name} counter"]
            found = sorted((label, count) for (known, label), count in self._counters.items() if known == name)
            lines += [f"{name}{{{label}}} {count}" if label else f"{name} {count}" for label, count in found]
        return "\n".join(lines) + "\n"

    def since(self) -> dict[str, int]:
        """Return what was counted since this was asked for last; empty if nothing was."""
        news = self._counters - self._told
        self._told = self._counters.copy()
        return {
            f"{name.removesuffix('_total')}{{{label}}}" if label else name.removesuffix("_total"): count
            for (name, label), count in sorted(news.items())
        }


def resident_bytes() -> int:
    """Return how much memory this process holds; where that is not told, the most that it has held."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
