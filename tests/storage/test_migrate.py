"""Migrations: lazy, user by user, after a snapshot; what fails leaves everything as it was."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from reel import keys
from reel.errors import Internal, StoreUnavailable
from storage.batch import Command
from storage.image import open_private, schema_of, unseal
from storage.memory import MemoryBucket
from storage.migrate import Migrations
from tests.storage.faults import FaultyBucket
from tests.storage.marks import MARKS, USER, Process, operation
from tests.storage.stage import VirtualClock

KEY = keys.database(USER)
NOTED = (*MARKS, "ALTER TABLE marks ADD COLUMN note TEXT NOT NULL DEFAULT 'none';\nCREATE INDEX noted ON marks (note);")


@pytest.fixture
def bucket(tmp_path: Path) -> MemoryBucket:
    """A store with a database of the release before."""
    bucket = MemoryBucket()
    Process(bucket, tmp_path / "before").add("one")
    return bucket


def stored(bucket: MemoryBucket, key: str = KEY) -> bytes:
    fetched = bucket.fetch(key)
    assert fetched
    return fetched.body


def noted(name: str) -> Command:
    def command(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO marks VALUES (?, 'new')", (name,))

    return command


def test_every_script_runs_once_in_order():
    connection = open_private(b"")
    for scripts in ((), MARKS, NOTED, NOTED):
        Migrations.of(scripts).bring_up(connection)
        assert connection.execute("PRAGMA user_version").fetchone() == (1 + len(scripts),)
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    connection.close()


def test_a_reader_brings_it_up_in_memory_only(bucket: MemoryBucket, tmp_path: Path):
    before = stored(bucket)
    newer = Process(bucket, tmp_path / "newer", NOTED)
    query = "SELECT operation, note FROM marks"
    for _ in range(2):
        assert newer.databases.read(USER, lambda c: c.execute(query).fetchall()) == [("one", "none")]
    assert stored(bucket) == before
    assert Process(bucket, tmp_path / "older").add("two") == {"marks": 2}


def test_a_writer_keeps_a_snapshot_and_then_migrates(bucket: MemoryBucket, tmp_path: Path):
    before = stored(bucket)
    newer = Process(bucket, tmp_path / "newer", NOTED)
    newer.databases.write(USER, operation("two"), noted("two"))
    assert stored(bucket, keys.history(USER, 1)) == before
    assert schema_of(unseal(stored(bucket), KEY)) == 1 + len(NOTED)
    assert newer.marks() == ["one", "two"]
    newer.databases.write(USER, operation("three"), noted("three"))
    assert list(bucket.keys(f"{USER}/history/")) == [keys.history(USER, 1)]


@pytest.mark.parametrize("fault", ["refused", "unsent", "lost"])
def test_without_its_snapshot_nothing_is_migrated(bucket: MemoryBucket, tmp_path: Path, fault: str):
    before, clock = stored(bucket), VirtualClock()
    faulty = FaultyBucket(bucket)
    faulty._next_fault = lambda: fault if faulty.requests[-1][0] == "put" else ""
    newer = Process(faulty, tmp_path / "newer", (*MARKS, "CREATE TABLE more (id INTEGER)"), clock=clock)
    with pytest.raises(StoreUnavailable):
        newer.add("two")
    assert stored(bucket) == before
    faulty._next_fault = lambda: ""
    assert newer.add("two") == {"marks": 2}
    assert stored(bucket, keys.history(USER, 1)) == before


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE marks (id INTEGER)",
        "CREATE TABLE half (id INTEGER); SELECT nothing FROM nowhere",
        "no SQL",
        "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INTEGER REFERENCES a); INSERT INTO b VALUES (7)",
    ],
)
def test_a_migration_that_fails_changes_nothing(bucket: MemoryBucket, tmp_path: Path, script: str):
    before = stored(bucket)
    newer = Process(bucket, tmp_path / "newer", (*MARKS, script))
    with pytest.raises(Internal):
        newer.marks()
    with pytest.raises(Internal):
        newer.add("two")
    assert stored(bucket) == before
    assert list(bucket.keys("")) == [KEY]
