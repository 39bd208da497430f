"""In-memory Store, Ledger, Dispatch and Announce: reference implementations of the ports, and what tests pass in."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from jobs.ports import Ledger, Progress, Record, Standing, Store
from jobs.spec import Spec
from jobs.state import ENDED, Event, after
from reel import keys
from reel.errors import AlreadyExists, Cancelled, IllegalMove, Json, NotFound
from reel.keys import checked_key


@dataclass(slots=True)
class MemoryStore:
    """Objects in a dict."""

    _objects: dict[str, bytes] = field(default_factory=dict[str, bytes])
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def open(self, key: str) -> Generator[BinaryIO]:
        """See Store."""
        yield BytesIO(self.read(key))

    def read(self, key: str) -> bytes:
        """See Store."""
        try:
            return self._objects[checked_key(key)]
        except KeyError as absent:
            raise NotFound(key=key) from absent

    def exists(self, key: str) -> bool:
        """See Store."""
        return checked_key(key) in self._objects

    def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
        """See Store."""
        with self._lock:
            if create_only and checked_key(key) in self._objects:
                raise AlreadyExists(key=key)
            self._objects[checked_key(key)] = body

    def put_file(self, key: str, path: Path, *, create_only: bool = False) -> None:
        """See Store: the file is taken over."""
        self.put(key, path.read_bytes(), create_only=create_only)
        path.unlink()

    def delete(self, key: str) -> None:
        """See Store."""
        with self._lock:
            self._objects.pop(checked_key(key), None)

    def keys(self, prefix: str) -> Iterator[str]:
        """See Store."""
        yield from sorted(key for key in list(self._objects) if key.startswith(prefix))


@dataclass(slots=True)
class MemoryLedger:
    """Records in a dict."""

    _records: dict[str, Record] = field(default_factory=dict[str, Record])
    _lock: Lock = field(default_factory=Lock)

    def create(self, record: Record) -> bool:
        """See Ledger."""
        with self._lock:
            return self._records.setdefault(record.job, record) is record

    def read(self, job: str) -> Record:
        """See Ledger."""
        try:
            return self._records[job]
        except KeyError as absent:
            raise NotFound(job=job) from absent

    def claim(self, job: str) -> Record:
        """See Ledger."""
        with self._lock:
            record = self.read(job)
            return self._keep(replace(record, state=after(record.state, "claim"), attempt=record.attempt + 1))

    def move(self, job: str, event: Event, error: dict[str, Json] | None = None) -> Record:
        """See Ledger."""
        with self._lock:
            record = self.read(job)
            return self._keep(replace(record, state=after(record.state, event), error=error or record.error))

    def beat(self, job: str, attempt: int, now_s: float, progress: Progress) -> Record:
        """See Ledger."""
        with self._lock:
            record = self.read(job)
            if record.attempt != attempt or record.state in ENDED:
                return record
            return self._keep(replace(record, heartbeat_s=now_s, progress=progress))

    def _keep(self, record: Record) -> Record:
        record = replace(record, seq=record.seq + 1)
        self._records[record.job] = record
        return record


@dataclass(slots=True)
class MemoryDispatch:
    """Keeps what it is handed, in order; whoever holds it runs it: `run(dispatch.submitted[job], tools)`."""

    store: Store = field(default_factory=MemoryStore)
    ledger: Ledger = field(default_factory=MemoryLedger)
    submitted: dict[str, Spec] = field(default_factory=dict[str, Spec])

    def submit(self, spec: Spec) -> str:
        """See Dispatch."""
        self.ledger.create(Record(job=spec.job, user=spec.user, kind=spec.kind))
        self.submitted.setdefault(spec.job, spec)
        return f"memory-{spec.job}"

    def cancel(self, job: str) -> Record:
        """See Dispatch. A job that nobody has begun gets its result here."""
        try:
            record = self.ledger.move(job, "cancel")
        except IllegalMove:
            return self.ledger.read(job)
        if record.state == "cancelled":
            body = {"job": job, "outcome": "cancelled", "value": None, "error": Cancelled().envelope()}
            with suppress(AlreadyExists):
                self.store.put(keys.result(record.user, job), json.dumps(body).encode(), create_only=True)
        return record

    def read(self, job: str) -> Standing:
        """See Dispatch."""
        return Standing(self.ledger.read(job), None, stale=False)


@dataclass(slots=True)
class MemoryAnnounce:
    """Remembers all that it was told."""

    told: list[Record] = field(default_factory=list[Record])

    def __call__(self, record: Record) -> None:
        """See Announce."""
        self.told.append(record)
