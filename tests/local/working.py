"""Workers in this process and in processes of their own, over one folder: python -m tests.local.working < told."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobs.memory import MemoryAnnounce
from jobs.ports import Record, Store
from jobs.retries import Patience
from jobs.spec import PreviewSpec, SourceRef
from jobs.tools import Tools
from local.dispatch import Dispatch
from local.folder import FolderStore
from local.lanes import Lane
from local.ledger import SqliteLedger
from local.ledger_file import LedgerFile
from local.presence import Presence
from local.programs import Process, Program, scrubbed
from local.queue import Queue
from local.sweeper import Sweeper
from local.worker import Settings, Worker, work
from tests.conftest import CHECKOUT
from tests.jobs.homes import USER, Enlarger, clip, uuid

AT_ONCE = Patience((0.0,) * 3, (0.0,), (0.0,))


@dataclass
class Place:
    """One installation below `folder`, as one of its processes has it."""

    folder: Path
    clock: Callable[[], float] = time.monotonic
    patience: Patience = AT_ONCE
    announce: MemoryAnnounce = field(default_factory=MemoryAnnounce)

    def __post_init__(self) -> None:
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir(exist_ok=True)
        self.store: Store = FolderStore(self.folder / "objects")
        self.file = LedgerFile(self.folder / "jobs.sqlite")
        self.ledger, self.queue = SqliteLedger(self.file), Queue(self.file)
        self.presence = Presence(self.folder / "workers")
        self.network = Enlarger()
        self.smaller: list[bool] = []  # what each attempt asked for

    @property
    def sweeper(self) -> Sweeper:
        return Sweeper(self.queue, self.store, self.presence, self.clock, self.announce, self.patience)

    @property
    def dispatch(self) -> Dispatch:
        return Dispatch(self.ledger, self.queue, self.sweeper)

    def tools(self, smaller: bool) -> Tools:
        self.smaller.append(smaller)
        network = self.network
        return Tools(self.store, self.ledger, self.announce, lambda *_: network, self.scratch, self.clock)

    def worker(self, lane: Lane = "light", name: str = "one", **settings: Any) -> Worker:
        named = Settings(name, lane, settings.pop("wall_s", 1e9), patience=self.patience, **settings)
        return Worker(named, self.ledger, self.queue, self.store, self.tools, self.clock, self.announce)

    @property
    def gate(self) -> Path:
        """While this file exists, a worker's network does not get past its first `free` pictures."""
        return self.folder / "gate"

    @property
    def met(self) -> Path:
        """This file is there once a worker's network has come to the gate."""
        return self.folder / "met"

    def program(self, lane: Lane, name: str, free: int = 0, memory_bytes: int | None = None) -> Program:
        """Return a worker's process. With a limit of memory its network asks for more than that."""
        told = json.dumps([str(self.folder), lane, name, free, memory_bytes])
        arguments = [sys.executable, "-m", "tests.local.working"]
        return Program(arguments, scrubbed(self.scratch), CHECKOUT, f"{told}\n".encode())

    @contextmanager
    def process(self, lane: Lane = "heavy", name: str = "one", **program: Any) -> Iterator[Process]:
        """Run a worker's process; killed -9 at the end."""
        process = Process(self.program(lane, name, **program))
        try:
            yield process
        finally:
            process.kill()
            process.wait(30)

    def record(self, job: int = 1) -> Record:
        return self.ledger.read(uuid(job))

    def outcome(self, job: int = 1, user: str = USER) -> tuple[str, str | None]:
        """Return what a job's result says: its outcome and the code of its error."""
        result = json.loads(self.store.read(f"{user}/jobs/{uuid(job)}/result.json"))
        return result["outcome"], (result["error"] or {}).get("code")


def preview(source: SourceRef, job: int = 1, user: str = USER, **fields: Any) -> PreviewSpec:
    """Return the spec of a preview frame without a network, unless said otherwise."""
    named: dict[str, Any] = {"draft": True, "aspect": "1:1", "pts": 0, "clip": clip(0, 400)}
    return PreviewSpec(**(named | fields), user=user, job=uuid(job), source=source)


def until(holds: Callable[[], object], most_s: float = 60.0) -> None:
    """Wait until something holds; that it never does is a failure."""
    ends_s = time.monotonic() + most_s
    while not holds():
        assert time.monotonic() < ends_s, "it never came"
        time.sleep(0.01)


def main() -> None:
    """Be a worker as the first line of the standard input says."""
    folder, lane, name, free, memory_bytes = json.loads(sys.stdin.buffer.readline())
    place = Place(Path(folder))
    place.network.meanwhile = lambda: come_to(place, free, memory_bytes)
    os._exit(work(place.worker(lane, name, memory_bytes=memory_bytes), place.presence, sys.stdin.buffer))


def come_to(place: Place, free: int, memory_bytes: int | None) -> None:
    """Be a network that needs much memory, if it is limited, and stops at the gate."""
    if memory_bytes is not None:
        bytearray(memory_bytes)
    if len(place.network.seen) > free and place.gate.exists():
        place.met.touch()
        while place.gate.exists():
            time.sleep(0.01)


if __name__ == "__main__":
    main()
