"""The contract of Dispatch, held over every implementation."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs.memory import MemoryDispatch, MemoryStore
from jobs.ports import Dispatch, Ledger, Progress, Store
from jobs.spec import PreviewSpec, SourceRef, Spec
from jobs.state import ENDED
from reel import keys
from reel.errors import NotFound
from tests.jobs.homes import USER, clip, uuid
from tests.local.working import Place

JOB = uuid(1)
SPEC = PreviewSpec(
    user=USER,
    job=JOB,
    draft=True,
    aspect="1:1",
    source=SourceRef(id="one", key="ann/games/one.mp4", sha256="a" * 64),
    clip=clip(0, 400),
    pts=0,
)


@dataclass
class Home:
    """A Dispatch with what lies behind it. `take` gives the next job to a worker, or None."""

    dispatch: Dispatch
    ledger: Ledger
    store: Store
    take: Callable[[], str | None]

    def outcome(self) -> str:
        return json.loads(self.store.read(keys.result(USER, JOB)))["outcome"]


def in_memory(_: Path) -> Home:
    store = MemoryStore()
    dispatch = MemoryDispatch(store)

    def take() -> str | None:
        return next((job for job in dispatch.submitted if dispatch.read(job).record.state == "queued"), None)

    return Home(dispatch, dispatch.ledger, store, take)


def local(folder: Path) -> Home:
    place = Place(folder)

    def take() -> str | None:
        found = place.queue.take("light", "nobody", place.clock())
        if found:  # as a worker that gives it back at once, so that it is there for the next one who asks
            with place.file.writing() as connection:
                connection.execute("update queue set owner = null")
        return found.job if found else None

    return Home(place.dispatch, place.ledger, place.store, take)


HOMES: dict[str, Callable[[Path], Home]] = {"memory": in_memory, "local": local}


@pytest.fixture(params=[*HOMES, "modal"])  # tests/contracts/conftest.py has the last
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    if request.param == "modal":
        return Home(*request.getfixturevalue("dispatch_of_modal"))
    return HOMES[request.param](tmp_path)


def test_what_is_handed_over_waits_for_a_worker(home: Home):
    assert home.dispatch.submit(SPEC)
    standing = home.dispatch.read(JOB)
    assert (standing.record.job, standing.record.user, standing.record.kind) == (JOB, USER, "preview")
    assert (standing.record.state, standing.record.progress) == ("queued", Progress("queued"))
    assert (standing.heartbeat_age_s, standing.stale) == (None, False)
    assert home.take() == JOB


def test_handed_over_twice_it_is_one_job(home: Home):
    assert home.dispatch.submit(SPEC) == home.dispatch.submit(SPEC)
    home.ledger.claim(JOB)
    home.dispatch.submit(SPEC)
    assert home.dispatch.read(JOB).record.attempt == 1


@pytest.mark.parametrize("ask", [lambda home: home.dispatch.read(JOB), lambda home: home.dispatch.cancel(JOB)])
def test_a_job_that_nobody_handed_over_is_not_there(home: Home, ask: Callable[[Home], object]):
    with pytest.raises(NotFound):
        ask(home)


def test_one_that_waits_is_stopped_at_once_with_a_result(home: Home):
    home.dispatch.submit(SPEC)
    assert home.dispatch.cancel(JOB).state == "cancelled"
    assert home.outcome() == "cancelled"
    assert home.take() is None
    assert home.dispatch.cancel(JOB).state == "cancelled"
    home.dispatch.submit(SPEC)
    assert home.take() is None, "it has ended"


def test_one_that_has_ended_stays_as_it_is(home: Home):
    home.dispatch.submit(SPEC)
    home.ledger.claim(JOB)
    result = {"job": JOB, "outcome": "done", "value": {}, "error": None}
    home.store.put(keys.result(USER, JOB), json.dumps(result).encode())
    home.ledger.move(JOB, "commit")
    assert home.dispatch.cancel(JOB).state == "result"
    assert home.outcome() == "done"
    assert home.dispatch.read(JOB).record.state not in ENDED - {"done"}


def test_one_that_is_under_way_is_asked_to_stop(home: Home):
    home.dispatch.submit(SPEC)
    home.ledger.claim(JOB)
    before = home.dispatch.read(JOB).record.seq
    stopped = home.dispatch.cancel(JOB)
    assert stopped.state in {"cancelling", "cancelled"}  # at once, where nobody is found to be at it
    assert stopped.seq > before


def test_the_oldest_comes_first(home: Home):
    later: Spec = SPEC.model_copy(update={"job": uuid(2)})
    home.dispatch.submit(SPEC)
    home.dispatch.submit(later)
    assert home.take() == JOB
