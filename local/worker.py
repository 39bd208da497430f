"""A worker: a process that takes jobs of one lane from the queue, one at a time, and can be stopped or killed."""

from __future__ import annotations

import logging
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from pydantic import TypeAdapter, ValidationError

from jobs.attempt import AttemptLedger, AttemptStore, NotTheEnd, Reason
from jobs.ports import Announce, Ledger, Outcome, Store
from jobs.retries import DEFAULT, Again, Patience, again, when_stored
from jobs.run import Result, run
from jobs.spec import Spec
from jobs.tools import Tools
from local.ending import conclude
from local.lanes import Lane
from local.presence import Presence
from local.programs import REPLACE_ME, STOPPED
from local.queue import Queue, Taken
from reel.errors import (
    AnswerLost,
    Cancelled,
    IllegalMove,
    Internal,
    Json,
    MediaTimeout,
    OutOfMemory,
    ReelError,
    StorageFull,
    StoreUnavailable,
)

LOOK_S = 0.2  # how often a worker looks for a job, and whether the one that it has is to stop
GRACE_S = 0.6  # a body stops within 0.2 s of its own work; with both looks a cancel takes less than a second

_SPEC: TypeAdapter[Spec] = TypeAdapter(Spec)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """Who a worker is and how long it waits. Without a limit memory is the machine's."""

    name: str
    lane: Lane
    wall_s: float
    memory_bytes: int | None = None
    patience: Patience = DEFAULT
    look_s: float = LOOK_S
    grace_s: float = GRACE_S


@dataclass
class Worker:
    """One worker's loop. `tools` gives what bodies work with, smaller if the memory or the disk was too little."""

    settings: Settings
    ledger: Ledger
    queue: Queue
    store: Store
    tools: Callable[[bool], Tools]
    clock: Callable[[], float]
    announce: Announce
    stopping: threading.Event = field(default_factory=threading.Event)
    worn: bool = False
    """Whether this process should be replaced: it ran out of memory, or a job in it would not stop."""

    def work(self) -> None:
        """Take jobs until told to stop, or worn. A ledger that is away is waited for."""
        while not (self.stopping.is_set() or self.worn):
            try:
                went = self.one()
            except ReelError as away:
                _log.warning("worker %s waits: %s", self.settings.name, away.message)
                went = False
            if not went:
                self.stopping.wait(self.settings.look_s)

    def one(self) -> bool:
        """Take one job as far as it goes; False if there is none. Raises StoreUnavailable for the ledger."""
        taken = self.queue.take(self.settings.lane, self.settings.name, self.clock())
        if taken is None:
            return False
        attempt = AttemptLedger(self.ledger)
        thread = ThreadPoolExecutor(1, thread_name_prefix="job")
        running = thread.submit(self._run, taken, attempt)
        try:
            reason = self._watch(taken, attempt, running)
            if running.done():
                self._decide(taken, reason, running)
            else:  # it is inside a call that does not end
                self.worn = True
                self._part(taken, reason, Cancelled().envelope())
        finally:
            thread.shutdown(wait=False)
        return True

    def _run(self, taken: Taken, attempt: AttemptLedger) -> Result:
        try:
            spec = _SPEC.validate_json(taken.spec)
        except ValidationError as unknown:
            raise Internal("This release cannot read the job.", reason=str(unknown)[:500]) from unknown
        tools = self.tools(taken.faults.resource > 0)
        store = AttemptStore(self.store, attempt, taken.user, taken.job)
        return run(spec, replace(tools, store=store, ledger=attempt, clock=self.clock, announce=self.announce))

    def _watch(self, taken: Taken, attempt: AttemptLedger, running: Future[Result]) -> Reason | None:
        """Wait until an attempt ends, or has been told to and did not; return why it was told to."""
        began_s, told_s = self.clock(), None
        while not wait([running], self.settings.look_s).done:
            now_s = self.clock()
            attempt.stopping = reason = self._reason(taken, attempt, now_s - began_s)
            told_s = (told_s or now_s) if reason else None
            if told_s is not None and now_s - told_s >= self.settings.grace_s:
                return reason
        return self._reason(taken, attempt, self.clock() - began_s)

    def _reason(self, taken: Taken, attempt: AttemptLedger, elapsed_s: float) -> Reason | None:
        with suppress(ReelError):  # a ledger that is away stops no job
            record = self.ledger.read(taken.job)
            if record.state in {"cancelling", "cancelled"}:
                return "cancel"
            if not self.queue.is_mine(taken.job, self.settings.name):
                return "superseded"
        if self.stopping.is_set():
            return "stop"
        return "overdue" if elapsed_s > self.settings.wall_s else attempt.stopping

    def _decide(self, taken: Taken, reason: Reason | None, running: Future[Result]) -> None:
        """Make of an attempt's end what becomes of its job."""
        try:
            ended = running.result()
        except NotTheEnd as held:
            self._part(taken, reason, held.error)
        except IllegalMove:  # it was ended in the ledger without a result: that is for the sweeper
            self._give_back(taken, Again(0.0, "queued", taken.faults))
        except StorageFull as full:  # a result waits for room as it waits for the store
            self._part(taken, reason, StoreUnavailable(full.message).envelope())
        except ReelError as fault:
            self._part(taken, reason, fault.envelope())
        else:
            self.queue.close(taken.job, ended.outcome, ended.error)

    def _part(self, taken: Taken, reason: Reason | None, error: dict[str, Json]) -> None:
        """End a job that did not end by itself, or let it wait for another attempt."""
        now_s = self.clock()
        self.worn = self.worn or error["code"] == OutOfMemory.code
        next_time = again(str(error["code"]), taken.faults, now_s, self.settings.patience)
        if not self.queue.is_mine(taken.job, self.settings.name):
            return
        if reason == "stop":
            self._give_back(taken, Again(0.0, "queued", taken.faults))
        elif reason == "overdue":
            late = MediaTimeout("This took far too long and was stopped.", limit_s=self.settings.wall_s)
            self._conclude(taken, "failed", late.envelope())
        elif reason == "cancel":
            self._conclude(taken, "cancelled", Cancelled().envelope())
        elif next_time:
            self._give_back(taken, next_time)
        else:
            self._conclude(taken, "failed", error)

    def _give_back(self, taken: Taken, next_time: Again) -> None:
        record = self.queue.give_back(taken.job, self.settings.name, next_time, self.clock())
        if record:
            self.announce(record)

    def _conclude(self, taken: Taken, outcome: Outcome, error: dict[str, Json]) -> None:
        try:
            record = conclude(taken.user, taken.job, outcome, error, self.store, self.queue)
        except (StoreUnavailable, StorageFull, AnswerLost):  # the next attempt ends it, or the sweeper does
            self._give_back(taken, when_stored(taken.faults, self.clock(), self.settings.patience))
            return
        if record:
            self.announce(record)


def work(worker: Worker, presence: Presence, leash: BinaryIO | None = None) -> int:
    """Be a worker process until SIGTERM or until `leash`, a pipe, ends; return the exit code.

    With REPLACE_ME a job may still hang in a thread: the process has to end with os._exit.
    """
    _limit(worker.settings.memory_bytes)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever holds the workers
    signal.signal(signal.SIGTERM, lambda *_: worker.stopping.set())
    if leash is not None:
        threading.Thread(target=_follow, args=(leash, worker.stopping), name="leash", daemon=True).start()
    with presence.shown(worker.settings.name):
        worker.work()
    return REPLACE_ME if worker.worn else STOPPED


def _follow(leash: BinaryIO, stopping: threading.Event) -> None:
    """Stop when whoever holds the other end is gone, however it died."""
    while leash.read(1024):
        pass
    stopping.set()


def _limit(memory_bytes: int | None) -> None:
    """Set the kernel's limits for this process and those that it starts. Of memory, what is written to counts."""
    limits = [(resource.RLIMIT_CORE, 0)]
    if memory_bytes is not None:
        limits.append((resource.RLIMIT_DATA, memory_bytes))
    for limit, value in limits:
        with suppress(ValueError, OSError):  # macOS knows no limit of memory
            resource.setrlimit(limit, (value, value))
