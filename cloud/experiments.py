"""Experiments on Modal: what is measured there and nowhere else. One JSON line a run, then medians and their spread."""

from __future__ import annotations

import json
import statistics
import sys
from typing import Any, Final

from cloud.costs import PRICES_OF, dollars_a_second
from cloud.machines import MACHINES
from reel.errors import BadInput

KNOWN: Final = ("E6",)


def run(name: str, framing: Any, times: int, pictures: int) -> None:
    """Run an experiment. Raises BadInput for one that is not known."""
    if name not in KNOWN:
        raise BadInput(f"There is no experiment {name!r} here yet, only {', '.join(KNOWN)}.")
    for gpu in MACHINES["framing"].gpus:
        _say(_on(framing.with_options(gpu=gpu)(), gpu, times, pictures))


def _on(container: Any, gpu: str, times: int, pictures: int) -> dict[str, Any]:
    """Measure one GPU: frames a second of the crisp look, and what a thousand frames cost there."""
    rates = [_once(container, gpu, pictures) for _ in range(times)]
    machine = MACHINES["framing"]
    price = dollars_a_second(machine.cores, machine.memory_gib, gpu)
    fps = statistics.median(rates)
    return {
        "experiment": "E6",
        "gpu": gpu,
        "fps": fps,
        "fps_spread": [min(rates), max(rates)],
        "dollars_per_1000_frames": round(1000 / fps * price, 6),
        "prices_of": PRICES_OF,
    }


def _once(container: Any, gpu: str, pictures: int) -> float:
    told = container.report.remote(pictures)
    _say({"experiment": "E6", "asked": gpu, **told})
    if told["fps"] is None:
        raise BadInput("The weights of the crisp look are not in the image.")
    return told["fps"]


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
