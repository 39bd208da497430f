"""The file of the ledger and the queue: SQLite, shared by the API and its workers.

It is a cache. A damaged one, or one of another release, is thrown away: whoever keeps the open jobs hands them in anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from local.connections import Connections, alone, connected
from reel.errors import ReelError, StorageFull, StoreUnavailable

VERSION = 2
_DURABLE: Final = "normal"  # a power cut may take the last moments back: see above

_SCHEMA = """
create table if not exists jobs (
    number integer primary key, job text not null unique, user text not null, kind text not null, state text not null,
    attempt integer not null, progress text not null, error text, heartbeat_s real not null, seq integer not null
);
create table if not exists queue (
    position integer primary key autoincrement, job text not null unique, user text not null, lane text not null,
    spec text not null, owner text, due_s real,
    infra integer not null default 0, resource integer not null default 0, store_since_s real
);
create index if not exists queue_by_lane on queue (lane, owner);
create table if not exists turns (lane text, user text, turn integer not null, primary key (lane, user)) without rowid;
"""
_DAMAGED = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


class LedgerFile:
    """The database at `path`, made if it is not there. Safe for threads and processes. Raises StoreUnavailable."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connections = Connections(path, _DURABLE, harmless=ReelError)
        with _named(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with alone(path.parent):
                _prepare(path)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._connections.close()

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """Give a connection for single statements. Raises StoreUnavailable."""
        with _named(self._path), self._connections.reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """Give a connection in one transaction, alone among the writers. Raises StoreUnavailable, StorageFull."""
        with _named(self._path), self._connections.writing() as connection:
            yield connection


def _prepare(path: Path) -> None:
    try:
        fits = _fits(path)
    except sqlite3.DatabaseError as fault:
        if fault.sqlite_errorcode not in _DAMAGED:
            raise
        fits = False
    if not fits:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    with closing(connected(path, _DURABLE)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.executescript(_SCHEMA)
        connection.execute(f"pragma user_version = {VERSION}")


def _fits(path: Path) -> bool:
    """Say whether there is a whole database of this release, or none."""
    if not path.exists():
        return True
    with closing(connected(path, _DURABLE)) as connection:
        (version,) = connection.execute("pragma user_version").fetchone()
        (said,) = connection.execute("pragma quick_check(1)").fetchone()
        return version in {0, VERSION} and said == "ok"


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Name what goes wrong with the file."""
    try:
        yield
    except (sqlite3.Error, OSError) as fault:
        if isinstance(fault, sqlite3.Error) and getattr(fault, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise StorageFull from fault
        raise StoreUnavailable(f"The jobs' ledger {path.name} cannot be used: {fault}.") from fault
