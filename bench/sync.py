"""How long a write of a user's database takes until it is durable, against the embedded store in another process.

A small edit, one after another by one client, without the pacing that R2's one write a second calls for: what is
measured is the refresh, the private copy, the command, and the conditional PUT of the whole.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory

from bench.footage import Benched
from bench.machine import machine_factor
from bench.served import serve_embedded, served
from storage.objects import Objects
from storage.operations import Operation
from storage.timing import Timing
from storage.userdb import Manner, UserDatabases

SIZES = {"200kb": 200_000, "1mb": 1_000_000, "5mb": 5_000_000}
SILENT = logging.Logger("bench", logging.CRITICAL)  # that 5 MB is large is known here
TURNS = 3
WRITES = 40  # a turn: the 95th percentile is then the third slowest
ROW_BYTES = 400
PAGE_BYTES, ROWS_A_PAGE = 4096, 9
ROWS_CHANGED = 5  # on as many pages, as the edit of one clip does
MIGRATIONS = ("CREATE TABLE clips (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT",)


def measure(benched: Benched) -> dict[str, object]:  # noqa: ARG001 - needs no footage
    """Return the bench's line: the best turn of three at each size, requests on average."""
    factor = machine_factor()
    reading, writing = Timing(), Timing()
    line: dict[str, object] = {}
    with TemporaryDirectory() as folder, served(serve_embedded, Path(folder, "store")) as store:
        objects = Objects(store.endpoint)
        databases = UserDatabases(objects, MIGRATIONS, Path(folder, "cache"), Manner(pace_s=0.0, logger=SILENT))
        for name, size_bytes in SIZES.items():
            databases.write(name, _operation("fill"), lambda c, size=size_bytes: _fill(c, size))
            turns = [_p95_ms(databases, name, turn, reading, writing) for turn in range(TURNS)]
            line[f"p95_ms_{name}"] = round(min(turns), 1)
        objects.close()
    count = len(SIZES) * TURNS * WRITES
    return {
        **line,
        "store_requests_per_read": round(reading.requests / count, 2),
        "store_requests_per_write": round(writing.requests / count, 2),
        "machine_factor": round(factor, 2),
    }


def _p95_ms(databases: UserDatabases, user: str, turn: int, reading: Timing, writing: Timing) -> float:
    took_ms: list[float] = []
    rng = Random(turn)
    for number in range(WRITES):
        asked = _operation(f"{turn}-{number}")
        began_s = time.perf_counter()
        databases.write(user, asked, lambda connection: _edit(connection, rng), writing)
        took_ms.append((time.perf_counter() - began_s) * 1000.0)
        databases.read(user, lambda connection: connection.execute("SELECT body FROM clips WHERE id = 1"), reading)
    return quantiles(took_ms, n=20)[-1]


def _operation(name: str) -> Operation:
    return Operation(name, "0" * 64, "PUT /api/projects/{id}/edit")


def _fill(connection: sqlite3.Connection, size_bytes: int) -> None:
    rows = ((Random(number).randbytes(ROW_BYTES),) for number in range(size_bytes * ROWS_A_PAGE // PAGE_BYTES))
    connection.executemany("INSERT INTO clips (body) VALUES (?)", rows)


def _edit(connection: sqlite3.Connection, rng: Random) -> None:
    (count,) = connection.execute("SELECT max(id) FROM clips").fetchone()
    for _ in range(ROWS_CHANGED):
        connection.execute("UPDATE clips SET body = ? WHERE id = ?", (rng.randbytes(ROW_BYTES), rng.randint(1, count)))
