"""A user's database as its clients meet it: what is answered is durable, and stands exactly once."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from reel.errors import (
    BadField,
    OperationReused,
    StaleRevision,
)
from storage.memory import MemoryBucket
from storage.timing import Timing
from tests.storage.faults import FaultyBucket
from tests.storage.marks import KEY, MARKS, USER, Process, adding, marks, operation, refusing, stored


@pytest.fixture
def bucket() -> MemoryBucket:
    return MemoryBucket()


@pytest.fixture
def process(bucket: MemoryBucket, tmp_path: Path) -> Process:
    return Process(bucket, tmp_path / "cache")


def test_who_has_no_database_reads_an_empty_one_and_makes_none(bucket: MemoryBucket, process: Process):
    assert process.marks() == []
    assert list(bucket.keys("")) == []


def test_what_was_written_is_read_everywhere(bucket: MemoryBucket, process: Process, tmp_path: Path):
    other = Process(bucket, tmp_path / "other")
    assert other.marks() == []
    assert process.add("one") == {"marks": 1}
    assert other.marks() == ["one"]
    assert other.add("two") == {"marks": 2}
    assert process.marks() == ["one", "two"]
    assert process.version() == 2
    assert process.databases.read("ben", marks) == []


def test_one_request_reads_and_two_write(bucket: MemoryBucket, tmp_path: Path):
    faulty = FaultyBucket(bucket)
    process = Process(faulty, tmp_path)
    process.add("one")
    faulty.requests.clear()
    reading, writing = Timing(), Timing()
    process.marks(reading)
    process.add("two", writing)
    assert faulty.requests == [("fetch", KEY), ("fetch", KEY), ("replace", KEY)]
    assert (reading.requests, writing.requests) == (1, 2)


def test_the_object_opens_in_any_sqlite_tool(bucket: MemoryBucket, process: Process, tmp_path: Path):
    process.add("one")
    (tmp_path / "plain.sqlite").write_bytes(stored(bucket))
    plain = sqlite3.connect(tmp_path / "plain.sqlite")
    assert marks(plain) == ["one"]
    assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()


def test_a_repeated_operation_gets_its_first_answer(bucket: MemoryBucket, process: Process, tmp_path: Path):
    assert process.add("one") == {"marks": 1}
    process.add("two")
    for again in (process, Process(bucket, tmp_path / "other")):
        assert again.add("one") == {"marks": 1}
    assert process.marks() == ["one", "two"]


def test_an_operation_id_with_another_body_is_refused(process: Process):
    process.add("one")
    with pytest.raises(OperationReused):
        process.databases.write(USER, operation("one", "1" * 64), adding("three"))
    assert process.marks() == ["one"]


@pytest.mark.parametrize("name", ["", "x" * 256, "a b", "a\n", "\0", "é", "\ud800"])
def test_an_odd_operation_id_is_refused(process: Process, name: str):
    with pytest.raises(BadField):
        process.add(name)


@pytest.mark.parametrize("user", ["", "_active", "../b", "a/b", "A", "x" * 65, "\0"])
def test_an_odd_user_is_refused(process: Process, user: str):
    with pytest.raises(BadField):
        process.databases.read(user, marks)
    with pytest.raises(BadField):
        process.databases.write(user, operation("one"), adding("one"))


def test_a_command_that_says_no_changes_nothing_and_is_not_remembered(bucket: MemoryBucket, process: Process):
    process.add("one")
    before = stored(bucket)
    with pytest.raises(StaleRevision) as caught:
        process.databases.write(USER, operation("two"), refusing)
    assert caught.value.details == {"current": 3}
    assert stored(bucket) == before
    assert process.add("two") == {"marks": 2}


@pytest.mark.parametrize("statement", ["COMMIT", "ROLLBACK", "BEGIN"])
def test_a_command_cannot_end_its_transaction(process: Process, statement: str):
    def ending(connection: sqlite3.Connection) -> None:
        adding("half")(connection)
        connection.execute(statement)

    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        process.databases.write(USER, operation("half"), ending)
    assert process.marks() == []


def test_a_command_with_no_json_to_answer_changes_nothing(process: Process):
    for answer in (object(), float("nan")):
        with pytest.raises((TypeError, ValueError)):
            process.databases.write(USER, operation("odd"), lambda c, a=answer: (adding("odd")(c), a)[1])  # pyright: ignore
    assert process.marks() == []


def test_a_deferred_foreign_key_says_no_to_its_own_command_only(bucket: MemoryBucket, tmp_path: Path):
    parents = "CREATE TABLE parents (id INTEGER PRIMARY KEY)"
    child = "CREATE TABLE children (parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED)"
    process = Process(bucket, tmp_path, (*MARKS, parents, child))
    with pytest.raises(sqlite3.IntegrityError):
        process.databases.write(USER, operation("a"), lambda c: c.execute("INSERT INTO children VALUES (7)") and None)
    assert process.add("b") == {"marks": 1}


def test_a_reader_cannot_write(process: Process):
    process.add("one")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        process.databases.read(USER, lambda connection: connection.execute("DELETE FROM marks"))
    assert process.marks() == ["one"]
