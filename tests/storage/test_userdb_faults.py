"""A user's database on a store's bad days, and what the logs say of them."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from reel.errors import (
    AnswerLost,
    StaleRevision,
    StorageFull,
    StoreUnavailable,
)
from storage.memory import MemoryBucket
from storage.timing import Timing
from tests.storage.faults import FaultyBucket
from tests.storage.marks import USER, Process, adding, marks, operation, stored
from tests.storage.stage import VirtualClock


@pytest.fixture
def bucket() -> MemoryBucket:
    return MemoryBucket()


@pytest.fixture
def process(bucket: MemoryBucket, tmp_path: Path) -> Process:
    return Process(bucket, tmp_path / "cache")


class Faults:
    """What happens to the coming requests, in order."""

    def __init__(self, bucket: MemoryBucket) -> None:
        self.coming: list[str] = []
        self.clock = VirtualClock()
        self.bucket = FaultyBucket(bucket, self._next, pass_by=self.clock.pass_by)

    def _next(self) -> str:
        return self.coming.pop(0) if self.coming else ""


@pytest.fixture
def faults(bucket: MemoryBucket) -> Faults:
    return Faults(bucket)


@pytest.fixture
def shaken(faults: Faults, tmp_path: Path) -> Process:
    """A process whose store has bad days, and whose database is there."""
    process = Process(faults.bucket, tmp_path / "shaken", clock=faults.clock)
    process.add("zero")
    faults.bucket.landed.clear()
    faults.bucket.requests.clear()
    return process


@pytest.mark.parametrize("fault", ["lost", "unsent", "refused", "conflict"])
def test_a_fault_of_a_write_is_outlived(faults: Faults, shaken: Process, fault: str):
    faults.coming = ["", fault]
    assert shaken.add("one") == {"marks": 2}
    assert shaken.marks() == ["zero", "one"]
    assert len(faults.bucket.landed) == 1


def test_a_lost_answer_is_found_not_repeated(faults: Faults, shaken: Process, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    faults.coming = ["", "lost"]
    shaken.add("one")
    assert [what for what, _ in faults.bucket.requests] == ["fetch", "replace", "fetch"]
    assert [record.message for record in caplog.records] == [synced(2)]


def test_a_late_write_and_the_one_in_its_place_do_not_both_land(faults: Faults, shaken: Process):
    faults.coming = ["", "late"]
    assert shaken.add("one") == {"marks": 2}
    assert not faults.bucket.arrive(faults.bucket.late[0])
    assert shaken.marks() == ["zero", "one"]


def test_nobody_is_told_no_while_a_lost_write_may_land(faults: Faults, shaken: Process):
    faults.coming = ["", "late", *["refused"] * 40]
    with pytest.raises(AnswerLost):
        shaken.add("one")
    faults.coming = []
    assert faults.bucket.arrive(faults.bucket.late[0])
    assert shaken.add("one") == {"marks": 2}
    assert shaken.marks() == ["zero", "one"]


def test_a_lost_write_that_was_overtaken_is_a_plain_no(
    bucket: MemoryBucket, faults: Faults, shaken: Process, tmp_path: Path
):
    other = Process(bucket, tmp_path / "other")
    faults.coming = ["", "late", "", "conflict", "", *["refused"] * 40]
    actor_began = faults.bucket.requests

    def overtake() -> None:
        if len(actor_began) == 4:
            other.add("other")

    faults.bucket._between = overtake
    with pytest.raises(StoreUnavailable):
        shaken.add("one")
    faults.coming = []
    assert not faults.bucket.arrive(faults.bucket.late[0])
    assert shaken.marks() == ["zero", "other"]


def test_a_slow_down_is_heeded_for_a_second_or_two(faults: Faults, shaken: Process):
    began_s = faults.clock.steady_s()
    faults.coming = ["", "refused", "", "refused"]
    timing = Timing()
    shaken.add("one", timing)
    waited_s = faults.clock.steady_s() - began_s
    assert 2.0 <= waited_s <= 4.0
    assert waited_s not in {2.0, 3.0, 4.0}
    assert timing.store_s == pytest.approx(waited_s)


def test_a_store_that_is_down_for_a_minute_loses_nothing(bucket: MemoryBucket, faults: Faults, shaken: Process):
    before, began_s = stored(bucket), faults.clock.steady_s()
    while faults.clock.steady_s() < began_s + 60.0:
        faults.coming = ["refused"] * 40
        tried_s = faults.clock.steady_s()
        timing = Timing()
        with pytest.raises(StoreUnavailable):
            shaken.add("one", timing)
        assert timing.store_s > 0
        with pytest.raises(StoreUnavailable):
            shaken.marks()
        assert faults.clock.steady_s() - tried_s <= 20.0
    assert stored(bucket) == before
    faults.coming = []
    assert shaken.add("one") == {"marks": 2}


def test_a_full_store_is_said_at_once(bucket: MemoryBucket, faults: Faults, shaken: Process):
    before = stored(bucket)
    faults.coming = ["", "full"]
    with pytest.raises(StorageFull):
        shaken.add("one")
    assert stored(bucket) == before
    assert shaken.add("one") == {"marks": 2}


def test_a_body_that_was_cut_on_its_way_is_asked_for_again(bucket: MemoryBucket, faults: Faults, tmp_path: Path):
    Process(bucket, tmp_path / "before").add("zero")
    process = Process(faults.bucket, tmp_path / "cache", clock=faults.clock)
    faults.coming = ["cut", "cut"]
    assert process.marks() == ["zero"]


def test_who_was_overtaken_runs_again_on_the_new_state(bucket: MemoryBucket, tmp_path: Path):
    other = Process(bucket, tmp_path / "other")
    racing = FaultyBucket(bucket)
    process = Process(racing, tmp_path / "cache")
    other.add("zero")

    def overtake() -> None:
        if [what for what, _ in racing.requests] == ["fetch"]:
            other.add("first")

    racing._between = overtake
    assert process.add("second") == {"marks": 3}
    assert process.marks() == ["zero", "first", "second"]
    assert process.version() == 3


def test_a_revision_is_compared_with_the_newest_state(bucket: MemoryBucket, tmp_path: Path):
    """Edits of different things merge for free; of the same thing the second is told that it saw an old one."""
    other, racing = Process(bucket, tmp_path / "other"), FaultyBucket(bucket)
    process = Process(racing, tmp_path / "cache")
    racing._between = lambda: other.add("first") if len(racing.requests) == 1 else None  # pyright: ignore

    def on_none(connection: sqlite3.Connection) -> Any:
        if found := marks(connection):
            raise StaleRevision(current=len(found))
        return adding("second")(connection)

    with pytest.raises(StaleRevision) as caught:
        process.databases.write(USER, operation("second"), on_none)
    assert caught.value.details == {"current": 1}
    assert process.marks() == ["first"]


def test_after_five_replays_it_is_enough(bucket: MemoryBucket, faults: Faults, shaken: Process):
    faults.coming = ["", "conflict"] * 6
    with pytest.raises(StoreUnavailable, match="Nothing was changed"):
        shaken.add("one")
    assert [what for what, _ in faults.bucket.requests].count("replace") == 6
    assert shaken.marks() == ["zero"]
    faults.coming = ["", "conflict"] * 5
    assert shaken.add("one") == {"marks": 2}


def synced(version: int, user: str = "55579b557896d0ce") -> str:
    return f"Database synced to R2 for user: {user}, version: {version}"


def test_the_promised_log_lines(bucket: MemoryBucket, faults: Faults, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    process = Process(faults.bucket, tmp_path, clock=faults.clock, shown=str)
    process.databases.write("a", operation("one"), adding("one"))
    assert caplog.record_tuples == [("tests.storage", logging.INFO, "Database synced to R2 for user: a, version: 1")]
    caplog.clear()

    faults.coming = ["", "refused"]
    timing = Timing()
    process.databases.write("a", operation("two"), adding("two"), timing)
    slow = f"[SLOW DB SYNC] PUT /api/projects/{{id}}/edit - sync took {timing.store_s:.2f}s"
    assert caplog.record_tuples[1] == ("tests.storage", logging.WARNING, slow)
    assert vars(caplog.records[1])["route"] == "PUT /api/projects/{id}/edit"
    caplog.clear()

    for size, level in ((1_000_000, logging.WARNING), (6_000_000, logging.ERROR)):
        process.databases.write("a", operation(f"{size}"), adding("x" * size))
        name, found, text = caplog.record_tuples[1]
        assert (name, found) == ("tests.storage", level)
        assert text.startswith("[LARGE DB] user: a, size: ")
        caplog.clear()


def test_no_user_is_named_in_the_cloud(process: Process, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    process.add("one")
    assert caplog.messages == [synced(1)]
    assert USER not in str(vars(caplog.records[0]))
