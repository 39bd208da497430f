"""One worker of the cloud in this process: its ledger a Dict of the stand-in, its store in memory, and breakable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import modal

from cloud.calls import Calls
from cloud.dispatch import Dispatch
from cloud.entries import Entries
from cloud.hands import Hands
from cloud.inbox import Inbox
from cloud.ledger import DictLedger
from cloud.line import Line
from cloud.order import Order
from cloud.sweeper import Sweeper
from cloud.turns import Turns
from cloud.wiring import by_name
from cloud.worker import Worker
from jobs.memory import MemoryAnnounce, MemoryStore
from jobs.ports import Record
from jobs.spec import PreviewSpec, SourceRef
from jobs.tools import Tools
from reel import keys
from reel.errors import ReelError
from tests.jobs.homes import USER, Clock, Enlarger, clip, uuid

FILM = "ann/games/one.mp4"


@dataclass(slots=True)
class Breakable(MemoryStore):
    """A store that raises what it is told to, at what begins with a key."""

    fault: ReelError | None = None
    at: str = ""

    def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
        if self.fault and key.startswith(self.at):
            raise self.fault
        MemoryStore.put(self, key, body, create_only=create_only)


@dataclass
class Place:
    """The parts of one worker. Its jobs are previews; the app that they are handed to leaves them as they are."""

    hands: Hands
    store: Breakable
    scratch: Path
    clock: Clock
    announce: MemoryAnnounce
    network: Enlarger = field(default_factory=Enlarger)
    smaller: list[bool] = field(default_factory=list[bool])
    """Whether each attempt was to be content with less memory."""

    @property
    def dispatch(self) -> Dispatch:
        return Dispatch(self.hands, Sweeper(self.hands))

    def worker(self, **settings: Any) -> Worker:
        network = self.network
        tools = Tools(self.store, self.hands.ledger, self.announce, lambda *_: network, self.scratch, self.clock)

        def given(smaller: bool) -> Tools:
            self.smaller.append(smaller)
            return tools

        return Worker(self.hands, given, settings.pop("wall_s", 3600.0), **settings)

    def spec(self, job: int) -> PreviewSpec:
        source = SourceRef(id="one", key=FILM, sha256=hashlib.sha256(self.store.read(FILM)).hexdigest())
        shown = clip(0, 400)
        return PreviewSpec(user=USER, job=uuid(job), draft=True, aspect="1:1", source=source, clip=shown, pts=0)

    def order(self, spec: PreviewSpec) -> str:
        """Return the order of the last turn of a job, as the call that it became was given it."""
        turn = self.hands.turns.last(spec.job)
        assert turn
        return Order.of(spec, turn.number, turn.faults).model_dump_json()

    def works(self, spec: PreviewSpec, call: str = "fc-one", **settings: Any) -> Record:
        """Do the last turn of a job; return how it stands."""
        self.worker(**settings).work(self.order(spec), call)
        return self.hands.ledger.read(spec.job)

    def result(self, spec: PreviewSpec) -> dict[str, Any]:
        return json.loads(self.store.read(keys.result(USER, spec.job)))

    def outcome(self, spec: PreviewSpec) -> tuple[str, str | None] | None:
        key = keys.result(USER, spec.job)
        if not self.store.exists(key):
            return None
        said = self.result(spec)
        return said["outcome"], (said["error"] or {}).get("code")


@contextmanager
def standing(line: Line, film: bytes, folder: Path) -> Generator[Place]:
    """Give a worker of an installation of its own."""
    clock, announce, store = Clock(), MemoryAnnounce(), Breakable()
    clock.now_s = 1e9
    store.put(FILM, film)
    with modal.Dict.ephemeral() as entries, modal.Queue.ephemeral() as queue:
        named, inbox = Entries(entries, line), Inbox(queue, line)
        calls = Calls(by_name("held"), line)
        hands = Hands(DictLedger(named), Turns(named), calls, store, inbox, announce, clock)
        yield Place(hands, store, folder, clock, announce)
