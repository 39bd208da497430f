"""The API over real parts: the embedded store, real databases, and workers that work when a test says so."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from endpoints.app import create_api
from endpoints.policy import UNLIMITED, Policy
from endpoints.services import Services
from jobs.memory import MemoryAnnounce, MemoryLedger
from jobs.ports import Record, Standing
from jobs.run import Result, run
from jobs.spec import Spec
from jobs.tools import Tools
from storage.clock import Clock
from storage.objects import Objects
from storage.open_jobs import OpenJobs
from storage.schema import MIGRATIONS
from storage.sessions import Sessions
from storage.userdb import Manner, UserDatabases
from tests.jobs.homes import Enlarger

HOST = "localhost:8000"
ORIGIN = f"http://{HOST}"


class SteppedClock(Clock):
    """This machine's clock, which a test can set ahead."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def time_s(self) -> float:
        return time.time() + self.ahead_s

    def steady_s(self) -> float:
        return time.monotonic() + self.ahead_s


@dataclass
class Workshop:
    """A Dispatch whose jobs are executed, by the one way any job is, when a test says so."""

    objects: Objects
    scratch: Path
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    specs: dict[str, Spec] = field(default_factory=dict)
    handed_over: list[str] = field(default_factory=list)

    def submit(self, spec: Spec) -> str:
        self.handed_over.append(spec.job)
        if self.ledger.create(Record(job=spec.job, user=spec.user, kind=spec.kind)):
            self.specs[spec.job] = spec
        return f"stage-{spec.job}"

    def cancel(self, job: str) -> Record:
        if self.ledger.read(job).state in {"queued", "running"}:
            self.ledger.move(job, "cancel")
        return self.ledger.read(job)

    def read(self, job: str) -> Standing:
        return Standing(self.ledger.read(job), heartbeat_age_s=None, stale=False)

    def work(self, job: str | None = None) -> list[Result]:
        """Execute what was handed over and has not been executed, or one job."""
        network = Enlarger()
        tools = Tools(self.objects, self.ledger, MemoryAnnounce(), lambda *_: network, self.scratch, time.monotonic)
        waiting = [job] if job else list(self.specs)
        return [run(self.specs.pop(name), tools) for name in waiting]


@dataclass
class Stage:
    """One installation. `browser()` gives a fresh browser profile."""

    services: Services
    workshop: Workshop
    clock: SteppedClock

    def browser(self) -> Browser:
        return Browser(self)

    @cached_property
    def api(self) -> ASGIApp:
        """The one API that all browsers ask. FastAPI makes its routes when they are first asked for."""
        return create_api(self.services)

    def with_policy(self, **changes: Any) -> Stage:
        """Return the same installation under another policy."""
        policy = replace(self.services.policy, **changes)
        return Stage(replace(self.services, policy=policy), self.workshop, self.clock)


class Browser:
    """A browser profile: keeps its cookie, says its Origin, gives each write a key of its own."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.client = TestClient(stage.api, base_url=ORIGIN, follow_redirects=False)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, params=query)

    def post(self, path: str, body: Any = None, key: str | None = None, **headers: str) -> Any:
        return self._write("POST", path, body, key, headers)

    def put(self, path: str, body: Any = None, key: str | None = None, **headers: str) -> Any:
        return self._write("PUT", path, body, key, headers)

    def patch(self, path: str, body: Any = None, key: str | None = None, **headers: str) -> Any:
        return self._write("PATCH", path, body, key, headers)

    def delete(self, path: str, key: str | None = None, **headers: str) -> Any:
        return self._write("DELETE", path, None, key, headers)

    def _write(self, method: str, path: str, body: Any, key: str | None, headers: dict[str, str]) -> Any:
        told = {"Origin": ORIGIN, "Idempotency-Key": key or uuid4().hex} | headers
        return self.client.request(method, path, json=body, headers=told)


@contextmanager
def standing(objects: Objects, folder: Path) -> Generator[Stage]:
    """Give an installation over a bucket. Its users have names of their own, so that tests may share the bucket."""
    clock = SteppedClock()
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    workshop = Workshop(objects, scratch)
    databases = UserDatabases(objects, MIGRATIONS, folder / "databases", Manner(pace_s=0.0, shown=str, clock=clock))
    services = Services(
        databases=databases,
        objects=objects,
        dispatch=workshop,
        open_jobs=OpenJobs(databases, objects, workshop, clock),
        sessions=Sessions(objects, clock),
        ticket=lambda user: f"ticket-of-{user}",
        signer=lambda _host: objects,
        policy=policy(),
        clock=clock,
        version="test",
    )
    yield Stage(services, workshop, clock)


def policy() -> Policy:
    """Return what the stage allows: all, as the local home does."""
    return Policy(
        home="local",
        origins=frozenset({ORIGIN}),
        hosts=frozenset({HOST}),
        secure_cookie=False,
        shows_money=False,
        look=lambda: "natural",
        quota_bytes=None,
        most_running_exports=None,
        exports_open=lambda: True,
        rates=UNLIMITED,
        address_header=None,
        socket_url=lambda host: f"ws://{host}/ws",
    )


def uuid(number: int) -> str:
    """Return an id that is the same for the same number."""
    return str(UUID(int=number << 64 | 0x7 << 76 | 0b10 << 62))


def code_of(answer: Any) -> str:
    """Return the code of an answer that is an error, after checking that it is a whole envelope."""
    body = answer.json()
    assert set(body) == {"code", "message", "details", "request_id"}
    assert body["request_id"] == answer.headers["x-request-id"]
    return body["code"]


Fresh = Callable[[], Browser]
