"""Modal stops answering: what needs it is refused within three seconds, what was accepted waits, and then is done.

The line's clock is one that jumps to its next timer as soon as nobody answers: how long somebody would have waited is
what it says afterwards.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from cloud.line import WITHIN_S, Line
from cloud.wiring import Settings, Wired, services, wired
from endpoints.app import create_api
from local.objectstore import local_endpoint, running
from reel import keys
from storage.endpoint import Endpoint
from storage.open_jobs import OVERDUE_S
from tests.endpoints.stage import SteppedClock, uuid
from tests.modal_standin import standin as modal_standin
from tests.modal_standin.client import pointed_at

URL = "http://localhost:8000"
MOST_S = 3.0


class Selector(selectors.DefaultSelector):
    """Waits as others do; while nobody answers it waits for nothing, and counts what it would have waited."""

    silent, waited_s = False, 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not self.silent or not timeout:
            return super().select(timeout)
        events = super().select(0)
        if not events:
            self.waited_s += timeout
        return events


class Loop(asyncio.SelectorEventLoop):
    """A loop by that clock."""

    def __init__(self, selector: Selector) -> None:
        super().__init__(selector)
        self.ours = selector

    def time(self) -> float:
        return time.monotonic() + self.ours.waited_s


@dataclass
class App:
    """The functions of the app, as one process finds them: those that are `silent` take a call and never answer."""

    selector: Selector
    silent: frozenset[str] = frozenset()
    spawned: list[str] = field(default_factory=list[str])

    def __call__(self, name: str) -> Any:
        async def spawn(*_: str) -> Any:
            if name in self.silent:
                self.selector.silent = True
                try:
                    await asyncio.Event().wait()
                finally:
                    self.selector.silent = False
            self.spawned.append(name)
            return SimpleNamespace(object_id=f"fc-{name}")

        return SimpleNamespace(spawn=SimpleNamespace(aio=spawn))


@dataclass
class Process:
    """One process of the API, and a browser before it."""

    app: App
    home: Wired
    client: TestClient

    @property
    def waited_s(self) -> float:
        return self.app.selector.waited_s

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(path, json=body, headers={"Origin": URL})


@pytest.fixture
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A bucket and an account at Modal, each of its own."""
    folder = tmp_path_factory.mktemp("away")
    (folder / "store").mkdir()
    with (
        running(folder / "store", local_endpoint(folder / "store", port=0)) as endpoint,
        modal_standin.running(folder) as standin,
        pointed_at(standin),
    ):
        yield endpoint


@pytest.fixture
def begun() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def begin(begun: ExitStack, bucket: Endpoint, *silent: str, later_s: float = 0.0) -> Process:
    """Begin a process to which some functions do not answer, some time later."""
    selector = Selector()
    app, line, clock = App(selector, frozenset(silent)), Line.on(Loop(selector)), SteppedClock()
    clock.ahead_s = later_s
    home = begun.enter_context(wired(Settings(bucket), app, line))
    home = replace(home, clock=clock, open_jobs=replace(home.open_jobs, clock=clock))
    return Process(app, home, TestClient(create_api(services(home, URL)), base_url=URL))


def test_what_needs_modal_is_refused_within_three_seconds(begun: ExitStack, bucket: Endpoint):
    process = begin(begun, bucket, "watch")
    answer = process.post("/api/games/demo", {"id": uuid(1)})
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert process.waited_s == pytest.approx(WITHIN_S, abs=0.1), "it was asked, and given the time that it has"
    assert process.waited_s <= MOST_S
    assert process.client.get("/api/jobs").json()["items"] == []
    assert list(process.home.objects.keys(keys.ACTIVE_PREFIX)) == []

    before_s = process.waited_s
    assert process.post("/api/games/demo", {"id": uuid(2)}).status_code == 503
    assert process.waited_s == before_s, "it is known to be away: nobody waits for it again so soon"


def test_what_was_accepted_stays_queued_and_is_handed_over_later(begun: ExitStack, bucket: Endpoint):
    """Modal goes away between the job's row and its call."""
    process = begin(begun, bucket, "demo")
    answer = process.post("/api/games/demo", {"id": uuid(1)})
    assert answer.status_code in {201, 202}, answer.text
    assert 0 < process.waited_s <= MOST_S
    [job] = process.client.get("/api/jobs").json()["items"]
    assert (job["state"], job["call_id"], job["settled_at"]) == ("queued", None, None)
    assert process.waited_s <= MOST_S, "reading waits for nobody either"

    another = begin(begun, bucket, later_s=OVERDUE_S + 1)
    another.client.cookies.update(process.client.cookies)
    [job] = another.client.get("/api/jobs").json()["items"]
    assert job["state"] == "queued"
    assert another.app.spawned == ["demo"], "whoever looks hands it over"
    assert another.waited_s == 0
