"""Experiments: something measured again and again, on Modal or here. A JSON line a row: medians with their spread."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from cloud.costs import PRICES_OF, dollars_a_second
from cloud.machines import MACHINES
from reel.errors import BadInput

KNOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "E1": "the package realesrgan as it is, against our pipeline: an image of its own, on a GPU",
        "E2": "frames that go in and come out of a framing",
        "E3": "spotlights on every frame, on a CPU and on a GPU's machine",
        "E4": "a draft on a CPU",
        "E5": "the GPU's encoder against x264",
        "E6": "L4 against T4: the crisp look's frames a second, and dollars for a thousand frames",
        "E7": "a framing by one container and by several: what FAN_OUT_S should be",
        "E8": "two clips at once on one machine",
        "E9": "two clips in a row in one container",
    }
)
HERE: Final = ("E2", "E3", "E4", "E5", "E7", "E8", "E9")
"""Those of which a part at least needs no GPU."""
ON_GPU: Final = ("E3", "E5", "E7", "E8", "E9")
CREW: Final = 3
"""So many containers share the work in E7."""

Measure = Callable[[str, int], list[dict[str, Any]]]
"""Measures once: an experiment's name, how many frames; gives the rows of cloud/measures.py."""


def run(name: str, framing: Any, measure: Any, times: int, pictures: int) -> None:
    """Run an experiment on Modal. Raises BadInput for one that is not known."""
    name = _known(name)
    if name == "E1":
        from cloud import oracle

        with oracle.app.run():
            _tell(rows(name, "T4", oracle.loop.remote, times, pictures))
    if name in {"E2", "E3", "E4", "E5"}:
        _tell(rows(name, None, measure.remote, times, pictures))
    if name in {"E1", "E6", *ON_GPU}:
        for gpu in MACHINES["framing"].gpus:
            there = framing.with_options(gpu=gpu)().measure
            _tell(rows(name, gpu, there.remote, times, pictures))
            if name == "E7":
                _tell(rows(name, gpu, by_several(there), times, pictures))


def by_several(there: Any) -> Measure:
    """Return a measure in which containers share the frames: it lasts as long as the slowest of them works.

    What their starts cost is in `cold_s` beside that of one container, as the caller waited for it.
    """

    def shared(name: str, pictures: int) -> list[dict[str, Any]]:
        found = [row for [row] in there.map([name] * CREW, [max(1, pictures // CREW)] * CREW)]
        frames, seconds = sum(row["frames"] for row in found), max(row["seconds"] for row in found)
        return [{"what": f"by {CREW} containers", "frames": frames, "seconds": seconds}]

    return shared


def run_here(name: str, times: int, pictures: int) -> None:
    """Run what of an experiment needs no GPU on this machine, unpriced. Raises BadInput where all of it needs one."""
    from cloud.measures import measured
    from cloud.networks import load
    from cloud.wiring import weights_dir_from

    name = _known(name)
    if name not in HERE:
        raise BadInput(f"{name} ({KNOWN[name]}) needs Modal: modal run app.py::experiment --name {name}")
    upscalers = load(weights_dir_from()).on("cpu")
    _tell(rows(name, None, lambda asked, count: measured(asked, count, upscalers), times, pictures, priced=False))


def rows(
    name: str, gpu: str | None, measure: Measure, times: int, pictures: int, *, priced: bool = True
) -> Iterator[dict[str, Any]]:
    """Measure some times; give a row for each thing that was done: frames a second of the work, dollars, cold, warm.

    The first run is the cold one, and its work does not count; `cold_s` and `warm_s` are what the caller waited.
    """
    waits: list[float] = []
    runs: list[list[dict[str, Any]]] = []
    for _ in range(times + 1):
        began_s = time.perf_counter()
        runs.append(measure(name, pictures))
        waits.append(time.perf_counter() - began_s)
    machine = MACHINES["framing" if gpu else "measure"]
    price = dollars_a_second(machine.cores, machine.memory_gib, gpu) if priced else None
    for of_one in zip(*runs[1:], strict=True):
        yield _row(name, gpu, of_one, price, waits)


def _row(
    name: str, gpu: str | None, runs: Sequence[dict[str, Any]], price: float | None, waits: Sequence[float]
) -> dict[str, Any]:
    fps = [run["frames"] / run["seconds"] for run in runs]
    more = {key: value for key, value in runs[-1].items() if key not in {"what", "frames", "seconds"}}
    return {
        "experiment": name,
        "what": runs[0]["what"],
        "gpu": gpu,
        "frames": runs[0]["frames"],
        "seconds": round(statistics.median(run["seconds"] for run in runs), 3),
        "fps": round(statistics.median(fps), 2),
        "fps_spread": [round(min(fps), 2), round(max(fps), 2)],
        "dollars_per_1000_frames": None if price is None else round(1000 / statistics.median(fps) * price, 6),
        "prices_of": PRICES_OF if price else None,
        "cold_s": round(waits[0], 2),
        "warm_s": round(statistics.median(waits[1:]), 2),
        **more,
    }


def _known(name: str) -> str:
    if name.upper() not in KNOWN:
        raise BadInput(f"There is no experiment {name!r}, only {', '.join(KNOWN)}.")
    return name.upper()


def _tell(told: Iterator[dict[str, Any]]) -> None:
    for row in told:
        sys.stdout.write(json.dumps(row) + "\n")
