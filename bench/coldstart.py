"""How long the API's first visitor waits when no container is there: the real command line, the real entrypoint.

The stand-in for Modal's control plane starts a container's process as Modal does once its image is there: what Modal
itself takes to find a machine comes on top, and `modal run app.py::smoke` on a first account says how much that is.
Each turn begins with no container. A turn's import is told by the container itself, in its log.
"""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.footage import Benched
from bench.machine import machine_factor
from cloud.containers import BEGAN
from cloud.wiring import APP
from tests.cloud.deployed import Cloud, deployed

TURNS = 5
WANTED = {"api_import_s": 1.0, "api_first_response_s": 3.0, "rss_mb": 200.0}
PATH = "/api/version"


def measure(_: Benched) -> dict[str, object]:
    """Return the bench's line: medians of some turns, and the highest."""
    with TemporaryDirectory() as folder, deployed(Path(folder)) as cloud:
        turns = [_first_visit(cloud) for _turn in range(TURNS)]
    imports, responses, held = zip(*turns, strict=True)
    found = {"api_import_s": imports, "api_first_response_s": responses, "rss_mb": held}
    return {
        **{name: round(median(values), 2) for name, values in found.items()},
        "highest": [round(max(values), 2) for values in found.values()],
        "met": [name for name, values in found.items() if median(values) <= WANTED[name]],
        "machine_factor": round(machine_factor(), 2),
    }


def _first_visit(cloud: Cloud) -> tuple[float, float, float]:
    """Ask once where no container is; return the seconds of the import and of the answer, and the memory in MiB."""
    assert not cloud.standin.containers(APP, "api")
    logged = len(cloud.standin.log(APP))
    began_s = time.perf_counter()
    with urllib.request.urlopen(f"{cloud.url}{PATH}", timeout=60) as answer:  # noqa: S310 - an address of loopback
        answer.read()
    answered_s = time.perf_counter() - began_s
    [container] = cloud.standin.containers(APP, "api")
    assert container.process
    held = _held_mb(container.process.pid)
    lines = cloud.standin.log(APP)[logged:].splitlines()
    [told] = [said for line in lines if line.startswith("{") and (said := json.loads(line))["message"] == BEGAN]
    cloud.standin.kill(container)
    cloud.until(lambda: not cloud.standin.containers(APP, "api"))
    return float(told["import_s"]), answered_s, held


def _held_mb(pid: int) -> float:
    """Return the most memory that a process has held."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 2**10
