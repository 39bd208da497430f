"""One attempt at a job: it sees the store and the ledger through this, so that its end need not be the job's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from jobs.ports import Ledger, Progress, Record, Store
from jobs.state import Event
from media.open import Footage
from reel import keys
from reel.errors import Json, ReelError

Reason: TypeAlias = Literal["stop", "overdue", "superseded", "cancel"]


class NotTheEnd(Exception):
    """The attempt ended, and not its job: what became of it is to be decided. `error` is an envelope."""

    def __init__(self, error: dict[str, Any]) -> None:
        self.error = error
        super().__init__(error.get("message"))


@dataclass(slots=True)
class AttemptLedger:
    """The ledger as one attempt sees it: a job that has to stop reads as one that is being cancelled."""

    ledger: Ledger
    attempt: int | None = None
    stopping: Reason | None = None

    def create(self, record: Record) -> bool:
        """See Ledger."""
        return self.ledger.create(record)

    def claim(self, job: str) -> Record:
        """See Ledger."""
        record = self.ledger.claim(job)
        self.attempt = record.attempt
        return record

    def read(self, job: str) -> Record:
        """See Ledger."""
        record = self.ledger.read(job)
        if self.attempt is not None and record.attempt != self.attempt:
            self.stopping = "superseded"
        return replace(record, state="cancelling") if self.stopping and record.state == "running" else record

    def move(self, job: str, event: Event, error: dict[str, Json] | None = None) -> Record:
        """See Ledger."""
        return self.ledger.move(job, event, error)

    def beat(self, job: str, attempt: int, now_s: float, progress: Progress) -> Record:
        """See Ledger."""
        return self.ledger.beat(job, attempt, now_s, progress)


@dataclass(frozen=True, slots=True)
class AttemptStore:
    """The store as one attempt sees it: it takes a job's result only if that is how the job ends.

    That is when it is done, or when the person stopped it. Raises NotTheEnd for every other.
    """

    store: Store
    ledger: AttemptLedger
    user: str
    job: str

    def open(self, key: str) -> AbstractContextManager[Footage]:
        """See Store."""
        return self.store.open(key)

    def read(self, key: str) -> bytes:
        """See Store."""
        return self.store.read(key)

    def exists(self, key: str) -> bool:
        """See Store."""
        return self.store.exists(key)

    def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
        """See Store. Raises NotTheEnd."""
        if key == keys.result(self.user, self.job):
            self._require_the_end(json.loads(body))
        self.store.put(key, body, create_only=create_only)

    def put_file(self, key: str, path: Path, *, create_only: bool = False) -> None:
        """See Store."""
        self.store.put_file(key, path, create_only=create_only)

    def delete(self, key: str) -> None:
        """See Store."""
        self.store.delete(key)

    def keys(self, prefix: str) -> Iterator[str]:
        """See Store."""
        return self.store.keys(prefix)

    def _require_the_end(self, result: dict[str, Any]) -> None:
        if result["outcome"] == "failed" or (result["outcome"] == "cancelled" and not self._by_the_person()):
            raise NotTheEnd(result["error"])

    def _by_the_person(self) -> bool:
        """Say who stopped it. A ledger that is away, or was lost, is no reason against a result."""
        try:
            return self.ledger.ledger.read(self.job).state in {"cancelling", "cancelled"}
        except ReelError:
            return self.ledger.stopping is None
