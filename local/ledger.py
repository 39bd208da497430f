"""The Ledger of one machine: a table in SQLite that the API and its workers share."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, replace
from typing import Any

from jobs.ports import Progress, Record
from jobs.state import ENDED, Event, after
from local.ledger_file import LedgerFile
from reel.errors import Json, NotFound

FIELDS = "job, user, kind, state, attempt, progress, error, heartbeat_s, seq"


class SqliteLedger:
    """Records in a file. Besides what Ledger says, every method raises StoreUnavailable and StorageFull."""

    def __init__(self, file: LedgerFile) -> None:
        self._file = file

    def create(self, record: Record) -> bool:
        """See Ledger."""
        with self._file.writing() as connection:
            return add(connection, record)

    def read(self, job: str) -> Record:
        """See Ledger."""
        with self._file.reading() as connection:
            return find(connection, job)

    def claim(self, job: str) -> Record:
        """See Ledger."""
        with self._file.writing() as connection:
            record = find(connection, job)
            return keep(connection, replace(record, state=after(record.state, "claim"), attempt=record.attempt + 1))

    def move(self, job: str, event: Event, error: dict[str, Json] | None = None) -> Record:
        """See Ledger."""
        with self._file.writing() as connection:
            record = find(connection, job)
            return keep(connection, replace(record, state=after(record.state, event), error=error or record.error))

    def beat(self, job: str, attempt: int, now_s: float, progress: Progress) -> Record:
        """See Ledger. An attempt whose job went back to the queue is not heard either."""
        with self._file.writing() as connection:
            record = find(connection, job)
            if record.attempt != attempt or record.state in ENDED | {"queued"}:
                return record
            return keep(connection, replace(record, heartbeat_s=now_s, progress=progress))


# What the queue does to a record within a transaction of its own


def add(connection: sqlite3.Connection, record: Record) -> bool:
    """Put a new record; False, changing nothing, if there is one of this job."""
    places = ", ".join("?" * len(_row(record)))
    query = f"insert into jobs ({FIELDS}) values ({places}) on conflict do nothing"  # noqa: S608 - constants only
    return connection.execute(query, _row(record)).rowcount == 1


def find(connection: sqlite3.Connection, job: str) -> Record:
    """Return a job's record. Raises NotFound."""
    row = connection.execute(f"select {FIELDS} from jobs where job = ?", [job]).fetchone()  # noqa: S608 - as above
    if row is None:
        raise NotFound(job=job)
    return record_of(row)


def keep(connection: sqlite3.Connection, record: Record) -> Record:
    """Write a change of a record that is there; return it, counted."""
    record = replace(record, seq=record.seq + 1)
    _, _, _, *changed = _row(record)
    connection.execute(
        "update jobs set state = ?, attempt = ?, progress = ?, error = ?, heartbeat_s = ?, seq = ? where job = ?",
        [*changed, record.job],
    )
    return record


def record_of(row: Sequence[Any]) -> Record:
    """Return the record in a row of FIELDS."""
    job, user, kind, state, attempt, progress, error, heartbeat_s, seq = row
    told = Progress(*json.loads(progress)), error and json.loads(error)
    return Record(job, user, kind, state, attempt, *told, heartbeat_s, seq)


def _row(record: Record) -> list[Any]:
    progress, error = json.dumps(astuple(record.progress)), record.error and json.dumps(record.error)
    return [
        *(record.job, record.user, record.kind, record.state, record.attempt),
        *(progress, error, record.heartbeat_s, record.seq),
    ]
