"""A tiny schema, and clients that write and read it: what the tests of a user's database are made of."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reel import keys
from reel.errors import StaleRevision
from storage.bucket import Bucket
from storage.clock import Clock
from storage.operations import Operation
from storage.timing import Timing
from storage.userdb import Manner, UserDatabases
from tests.storage.stage import VirtualClock

MARKS = ("CREATE TABLE marks (operation TEXT NOT NULL) STRICT",)
USER = "anna"
KEY = keys.database(USER)
ROUTE = "PUT /api/projects/{id}/edit"


def operation(name: str, body_sha256: str = "0" * 64) -> Operation:
    return Operation(name, body_sha256, ROUTE)


def adding(name: str) -> Callable[[sqlite3.Connection], Any]:
    """Return a command that adds a mark and answers how many there are."""

    def command(connection: sqlite3.Connection) -> Any:
        connection.execute("INSERT INTO marks VALUES (?)", (name,))
        return {"marks": len(marks(connection))}

    return command


def marks(connection: sqlite3.Connection) -> list[str]:
    return [mark for (mark,) in connection.execute("SELECT operation FROM marks ORDER BY rowid")]


def version(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT version FROM about").fetchone()[0]


def refusing(connection: sqlite3.Connection) -> None:
    adding("refused")(connection)
    raise StaleRevision(current=3)


def stored(bucket: Bucket) -> bytes:
    fetched = bucket.fetch(KEY)
    assert fetched
    return fetched.body


class Process:
    """One process that serves clients. Time passes only where someone waits."""

    def __init__(
        self,
        bucket: Bucket,
        cache: Path,
        migrations: tuple[str, ...] = MARKS,
        clock: Clock | None = None,
        **manner: Any,
    ) -> None:
        self.clock = clock or VirtualClock()
        manner = {"pace_s": 0.0, "seed": 1, "logger": logging.getLogger("tests.storage"), **manner}
        self.databases = UserDatabases(bucket, migrations, cache, Manner(clock=self.clock, **manner))

    def add(self, name: str, timing: Timing | None = None) -> Any:
        return self.databases.write(USER, operation(name), adding(name), timing)

    def marks(self, timing: Timing | None = None) -> list[str]:
        return self.databases.read(USER, marks, timing)

    def version(self) -> int:
        return self.databases.read(USER, version)
