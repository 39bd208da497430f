"""What a month costs by our own measurements, beside the migration plan's table.

What runs on CPUs is done here, and priced by the processor time that it took: on a machine that is busy with other work
the clock says nothing. A container is paid for by the second with all its cores, so this is what it costs where the
cores are kept busy, and the least that it can be; the start of a container is not in it, the wait after its work is.
What runs on a GPU was not measured: for it stands how fast it has to be in order to cost what the plan says.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import MappingProxyType

import numpy as np

from bench.footage import Benched
from bench.turns import took
from cloud.costs import PRICES_OF, dollars_a_second, idle_dollars_a_day
from cloud.machines import HOUR_S, MACHINES
from cloud.measures import ASPECT, RATE, bench_in, draw
from cloud.networks import load
from media.encode import Encoding
from media.join import join
from media.sound import sample_at
from media.splice import splice
from reel.geometry import OUTPUT_SIZES

CLIP_S = 10
"""Of a framing and of a reel, as the plan's table has neither: a goal with its build-up."""
GAME_S = 90 * 60
INGEST_X_REALTIME = 42.7
"""Seconds of H.264 looked over in one on two cores: `bench ingest`, in bench/FINDINGS.md."""
TURNS = 3
FRAMES = 25

THEIRS: Mapping[str, float] = MappingProxyType({"overlay": 0.0075, "framing": 0.0303, "compilation": 0.0004})
A_MONTH: Mapping[str, int] = MappingProxyType({"overlay": 400, "framing": 500, "compilation": 100})
THEIR_TOTAL = (18.19, 24.0, 28.0)
"""The sum of the three, and what the plan expects in all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of job: what it runs on, the processor seconds that one takes, and its dollars."""

    machine: str
    cpu_s: float
    dollars: float


def measure(_: Benched) -> dict[str, object]:
    """Return the bench's line; the table goes to the terminal before it."""
    lines = _measured()
    ours = {
        "overlay": lines["overlay"].dollars,
        "framing": lines["framing natural"].dollars,
        "compilation": lines["compilation"].dollars,
    }
    idle = idle_dollars_a_day()
    api = MACHINES["api"]
    ingest_s = GAME_S / INGEST_X_REALTIME
    said: dict[str, object] = {
        "each": {name: round(line.dollars, 6) for name, line in lines.items()},
        "cpu_s_each": {name: round(line.cpu_s, 2) for name, line in lines.items()},
        "theirs_each": dict(THEIRS),
        "month": {name: round(ours[name] * count, 2) for name, count in A_MONTH.items()},
        "theirs_month": {name: round(THEIRS[name] * count, 2) for name, count in A_MONTH.items()},
        "total": round(sum(ours[name] * count for name, count in A_MONTH.items()), 2),
        "theirs_total": THEIR_TOTAL[0],
        "theirs_in_all": THEIR_TOTAL[1:],
        "framing_crisp": None,
        "framing_crisp_fps_to_cost_as_theirs": {gpu: break_even_fps(gpu) for gpu in MACHINES["framing"].gpus},
        "ingest_of_a_game": round(ingest_s * _price("ingest"), 4),
        "api_busy_hour": round(HOUR_S * dollars_a_second(api.cores, api.memory_gib, None), 4),
        "idle_day": round(idle, 5),
        "idle_month": round(30 * idle, 3),
        "prices_of": PRICES_OF,
    }
    sys.stderr.write(table(said))
    return said


def break_even_fps(gpu: str) -> float:
    """Return the frames a second at which a framing on a GPU costs what the plan says of one, its wait included."""
    machine = MACHINES["framing"]
    bought_s = THEIRS["framing"] / dollars_a_second(machine.cores, machine.memory_gib, gpu)
    return round(float(CLIP_S * RATE) / (bought_s - machine.idle_s), 2)


def table(said: Mapping[str, object]) -> str:
    """Return the plan's table with ours beside it, for people."""
    each, month, theirs = (json.loads(json.dumps(said[name])) for name in ("each", "month", "theirs_month"))
    rows = [f"{'':14}{'a month':>9}{'theirs each':>13}{'ours each':>12}{'theirs':>9}{'ours':>9}"]
    for name, count in A_MONTH.items():
        one = each["framing natural" if name == "framing" else name]
        rows.append(f"{name:14}{count:>9}{THEIRS[name]:>13.4f}{one:>12.6f}{theirs[name]:>9.2f}{month[name]:>9.2f}")
    rows.append(f"{'in all':14}{'':>34}{said['theirs_total']:>9}{said['total']:>9}")
    rows.append("framing: ours is the natural look on CPUs; the crisp one on a GPU needs an account:")
    rows.append("         modal run app.py::experiment --name E6")
    return "\n".join(rows) + "\n"


def _measured() -> dict[str, Line]:
    upscalers = load(Path("none")).on("cpu")
    with TemporaryDirectory() as folder:
        bench = bench_in(Path(folder), FRAMES, upscalers)
        base, made = bench.working_video(), Path(folder) / "made.mp4"
        encoding = Encoding(OUTPUT_SIZES[ASPECT], RATE)
        sound = np.zeros((sample_at(FRAMES, RATE), 2), np.float32)

        def joined() -> None:
            join(made, [base], RATE, iter([sound]))

        return {
            "overlay": _line("overlay", lambda: splice(made, base, encoding, draw, [range(FRAMES)])),
            "framing natural": _line("draft", lambda: bench.renders("natural", "natural")),
            "draft": _line("draft", lambda: bench.renders(None, "draft")),
            "compilation": _line("compile", joined),
        }


def _line(name: str, work: Callable[[], object]) -> Line:
    """Do a second's work some times; price ten of them on the machine `name`."""
    cpu_s = median(took(work).cpu_s for _ in range(TURNS)) * float(CLIP_S * RATE / Fraction(FRAMES))
    machine = MACHINES[name]
    return Line(name, cpu_s, (cpu_s / machine.cores + machine.idle_s) * _price(name))


def _price(name: str) -> float:
    machine = MACHINES[name]
    return dollars_a_second(machine.cores, machine.memory_gib, None)
