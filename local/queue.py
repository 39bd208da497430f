"""The queue: every job of this machine that has no result yet, with its spec, whose turn it is and who has it.

A table beside the ledger's, so that a job and its record change together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from typing import Any

from jobs.ports import Outcome, Record
from jobs.retries import Again, Faults
from jobs.spec import Spec
from jobs.state import ENDED, State
from local.lanes import Lane, lane_of
from local.ledger import FIELDS, add, find, keep, record_of
from local.ledger_file import LedgerFile
from reel.errors import Json, NotFound

LONGEST_WAIT_S = 3600.0  # nothing is put off further: a clock that began anew must not hide a job
KEPT_RECORDS = 5000

_AFTER: Mapping[Outcome, State] = {"done": "result", "cancelled": "cancelled", "failed": "failed"}
_FAULTS = "infra, resource, store_since_s"


@dataclass(frozen=True, slots=True)
class Taken:
    """A job in the hands of a worker. The spec is JSON, as it was handed in."""

    job: str
    user: str
    spec: str
    faults: Faults


@dataclass(frozen=True, slots=True)
class Place:
    """Where an open job is: who has it, and what went wrong with it before."""

    record: Record
    owner: str | None
    faults: Faults


class Queue:
    """The queue in the ledger's file. Every method raises StoreUnavailable and StorageFull."""

    def __init__(self, file: LedgerFile) -> None:
        self._file = file

    def add(self, spec: Spec) -> Record:
        """Put a job at the end of its lane, once: one that is known, open or ended, stays as it is."""
        with self._file.writing() as connection:
            add(connection, Record(job=spec.job, user=spec.user, kind=spec.kind))
            record = find(connection, spec.job)
            if record.state not in ENDED | {"result"}:
                connection.execute(
                    "insert into queue (job, user, lane, spec) values (?, ?, ?, ?) on conflict do nothing",
                    [spec.job, spec.user, lane_of(spec), spec.model_dump_json()],
                )
            return record

    def take(self, lane: Lane, worker: str, now_s: float) -> Taken | None:
        """Hand the next job of a lane to a worker: the users in turn, each one's oldest first."""
        with self._file.reading() as connection:  # most of the time nothing waits: that is found out without a lock
            if _next(connection, lane, now_s) is None:
                return None
        with self._file.writing() as connection:
            row = _next(connection, lane, now_s)
            if row is None:
                return None
            job, user, spec, *faults = row
            connection.execute("update queue set owner = ? where job = ?", [worker, job])
            connection.execute("update jobs set heartbeat_s = ? where job = ?", [now_s, job])  # it has 90 s from here
            connection.execute(
                "insert or replace into turns"
                " select ?1, ?2, 1 + coalesce((select max(turn) from turns where lane = ?1), 0)",
                [lane, user],
            )
            return Taken(job, user, spec, Faults(*faults))

    def give_back(self, job: str, worker: str, again: Again, now_s: float) -> Record | None:
        """Let a worker's job wait for its next attempt; None, changing nothing, if it is another's by now."""
        with self._file.writing() as connection:
            if not _is_mine(connection, job, worker):
                return None
            connection.execute(
                f"update queue set owner = null, due_s = ?, ({_FAULTS}) = (?, ?, ?) where job = ?",  # noqa: S608
                [now_s + again.wait_s, *astuple(again.faults), job],
            )
            record = find(connection, job)
            if record.state not in {"queued", "running"}:  # the person cancelled it
                return record
            progress = replace(record.progress, phase=again.phase, fps=None, eta_s=None)
            return keep(connection, replace(record, state="queued", progress=progress))

    def is_mine(self, job: str, worker: str) -> bool:
        """Say whether a worker still has a job."""
        with self._file.reading() as connection:
            return _is_mine(connection, job, worker)

    def close(self, job: str, outcome: Outcome, error: dict[str, Json] | None) -> Record | None:
        """Take a job out whose result stands, and let its record say the same; None if there is no record."""
        with self._file.writing() as connection:
            connection.execute("delete from queue where job = ?", [job])
            try:
                record = find(connection, job)
            except NotFound:
                return None
            if record.state == "done" and outcome == "done":  # settled already
                return record
            return keep(connection, replace(record, state=_AFTER[outcome], error=error))

    def place(self, job: str) -> Place | None:
        """Return where an open job is, or None."""
        found = self._places("queue.job = ?", job)
        return found[0] if found else None

    def unattended(self) -> list[Place]:
        """Return the jobs that are not simply waiting: those that a worker has, and those that were ended in here."""
        return self._places("(queue.owner is not null or jobs.state not in ('queued', 'running'))")

    def forget(self) -> None:
        """Drop the records of jobs that ended long ago; their results stand in the store."""
        with self._file.writing() as connection:
            connection.execute(
                "delete from jobs where number <= (select max(number) from jobs) - ?"
                " and job not in (select job from queue)",
                [KEPT_RECORDS],
            )

    def _places(self, condition: str, *values: object) -> list[Place]:
        fields = ", ".join(f"jobs.{name}" for name in FIELDS.split(", "))
        query = (
            f"select owner, {_FAULTS}, {fields} from queue join jobs on jobs.job = queue.job"  # noqa: S608
            f" where {condition} order by position"
        )
        with self._file.reading() as connection:
            rows = connection.execute(query, values).fetchall()
        return [
            Place(record_of(record), owner, Faults(infra, resource, store_since_s))
            for owner, infra, resource, store_since_s, *record in rows
        ]


def _next(connection: sqlite3.Connection, lane: Lane, now_s: float) -> tuple[Any, ...] | None:
    return connection.execute(
        f"select queue.job, queue.user, spec, {_FAULTS} from queue join jobs on jobs.job = queue.job"  # noqa: S608
        " left join turns on turns.lane = queue.lane and turns.user = queue.user"
        " where queue.lane = ?1 and owner is null and state in ('queued', 'running')"
        " and (due_s is null or due_s <= ?2 or due_s > ?2 + ?3)"
        " order by coalesce(turn, 0), position limit 1",
        [lane, now_s, LONGEST_WAIT_S],
    ).fetchone()


def _is_mine(connection: sqlite3.Connection, job: str, worker: str) -> bool:
    row = connection.execute("select owner from queue where job = ?", [job]).fetchone()
    return row is not None and row[0] == worker
