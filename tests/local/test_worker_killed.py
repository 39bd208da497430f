"""A worker killed -9 before and after each step that leaves a trace: nothing is stuck, nothing is made twice."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Iterator
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from jobs.spec import SourceRef
from media.synth import Match, write
from reel import keys
from reel.geometry import Size
from tests.jobs.homes import USER, uuid
from tests.local.working import Place, preview

JOB = uuid(1)
STEPS = ("take", "claim", "put_file", "put", "move", "close")  # in the order of a job that is done
TRACED = {"queue": ("take", "close"), "ledger": ("claim", "move"), "store": ("put_file", "put")}


class Deadly:
    """An adapter whose process dies before or after one of its methods."""

    def __init__(self, real: object, die: Callable[[str, str], None]) -> None:
        self._real, self._die = real, die

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if not any(name in names for names in TRACED.values()):
            return method

        def step(*given: Any, **named: Any) -> Any:
            self._die("before", name)
            done = method(*given, **named)
            self._die("after", name)
            return done

        return step


def work_and_die(folder: Path, moment: str, step: str) -> None:
    place = Place(folder)

    def die(when: str, name: str) -> None:
        if (when, name) == (moment, step):
            os.kill(os.getpid(), signal.SIGKILL)

    for part in TRACED:
        setattr(place, part, Deadly(getattr(place, part), die))
    with place.presence.shown("one"):
        place.worker().one()


@pytest.fixture(scope="module")
def match(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("match") / "match.mp4"
    write(Match(size=Size(96, 54), rate=Fraction(10), duration_s=Fraction(1), players=2), path)
    return path.read_bytes()


def moments() -> Iterator[tuple[str, str]]:
    yield from ((moment, step) for step in STEPS for moment in ("before", "after"))


@pytest.mark.parametrize(("moment", "step"), list(moments()))
@pytest.mark.parametrize("cancelled", [False, True], ids=["goes on", "is cancelled"])
def test_a_kill_leaves_nothing_stuck(tmp_path: Path, match: bytes, moment: str, step: str, cancelled: bool):
    place = Place(tmp_path)
    place.store.put("ann/games/one.mp4", match)
    source = SourceRef(id="one", key="ann/games/one.mp4", sha256=hashlib.sha256(match).hexdigest())
    place.dispatch.submit(preview(source))
    processes = get_context("forkserver")  # one that loads the packages, and copies of it
    processes.set_forkserver_preload(["tests.local.test_worker_killed"])
    process = processes.Process(target=work_and_die, args=(tmp_path, moment, step))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL, "the step was never taken"

    committed = place.store.exists(keys.result(USER, JOB))
    assert committed == (STEPS.index(step) > STEPS.index("put") or (moment, step) == ("after", "put"))
    if cancelled:
        place.dispatch.cancel(JOB)
    place.sweeper.sweep()
    place.worker(name="two").one()
    outcome = ("cancelled", "cancelled") if cancelled and not committed else ("done", None)
    assert place.outcome() == outcome
    assert place.record().state == {"done": "result", "cancelled": "cancelled"}[outcome[0]]
    assert place.queue.place(JOB) is None
    assert not place.worker(name="three").one()
    made = list(place.store.keys(f"{USER}/previews/"))
    assert len(made) == 1 or (cancelled and not made)
    begun = STEPS.index(step) > STEPS.index("claim") or (moment, step) == ("after", "claim")
    assert place.record().attempt == begun + (not cancelled and not committed)
