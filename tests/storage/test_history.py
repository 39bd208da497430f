"""Snapshots: one a day, thirty at most, and a way back to each of them that loses nothing either."""

from __future__ import annotations

from pathlib import Path

import pytest

from reel import keys
from reel.errors import AnswerLost, SchemaTooNew, SnapshotDamaged
from storage.history import MOST, UNREADABLE, Kept
from storage.memory import MemoryBucket
from storage.operations import KEPT_VERSIONS
from tests.storage.faults import FaultyBucket
from tests.storage.marks import MARKS, USER, Process, adding, operation

KEY = keys.database(USER)
DAY_S = 86400.0


@pytest.fixture
def bucket() -> MemoryBucket:
    return MemoryBucket()


@pytest.fixture
def process(bucket: MemoryBucket, tmp_path: Path) -> Process:
    return Process(bucket, tmp_path / "cache")


def kept(process: Process) -> list[int]:
    return [snapshot.version for snapshot in process.databases.history(USER)]


def stored(bucket: MemoryBucket, key: str = KEY) -> bytes:
    fetched = bucket.fetch(key)
    assert fetched
    return fetched.body


def days(process: Process, count: int) -> None:
    """Write twice a day."""
    for _ in range(count):
        for _ in range(2):
            process.add(f"mark-{process.clock.steady_s()}")
            process.clock.sleep(10.0)
        process.clock.sleep(DAY_S)


def test_there_is_a_snapshot_a_day(bucket: MemoryBucket, process: Process):
    days(process, 3)
    assert kept(process) == [4, 2]
    assert process.version() == 6


def test_a_snapshot_is_the_object_as_it_was(bucket: MemoryBucket, process: Process):
    process.add("one")
    before, written_at_s = stored(bucket), process.clock.time_s()
    process.clock.sleep(DAY_S)
    process.add("two")
    assert stored(bucket, keys.history(USER, 1)) == before
    assert process.databases.history(USER) == [Kept(1, len(before), written_at_s, 2)]


def test_the_newest_thirty_stay(process: Process):
    days(process, MOST + 5)
    versions = kept(process)
    assert len(versions) == MOST
    assert versions == sorted(versions, reverse=True)
    assert versions[0] == 2 * (MOST + 4)


@pytest.mark.parametrize("fault", ["refused", "lost", "unsent", "full"])
def test_what_could_not_be_pruned_goes_the_next_time(bucket: MemoryBucket, tmp_path: Path, fault: str):
    faulty = FaultyBucket(bucket)
    process = Process(faulty, tmp_path)
    days(process, MOST + 1)
    faulty._next_fault = lambda: fault if faulty.requests[-1][0] in {"keys", "delete"} else ""
    process.add("still-written")
    assert process.marks()[-1] == "still-written"
    faulty._next_fault = lambda: ""
    days(process, 2)
    assert len(kept(process)) == MOST


def test_a_clock_that_jumps_back_stops_no_snapshots(bucket: MemoryBucket, process: Process):
    days(process, 2)
    process.clock.jump(-400 * DAY_S)  # pyright: ignore[reportAttributeAccessIssue]
    process.add("back-then")
    assert kept(process)[0] == 4
    days(process, 2)
    assert len(kept(process)) == 3


@pytest.mark.parametrize("days_ahead", [-4000, -8, 8, 4000])
def test_a_clock_that_jumps_forgets_no_operation(process: Process, days_ahead: int):
    process.add("one")
    process.clock.jump(days_ahead * DAY_S)  # pyright: ignore[reportAttributeAccessIssue]
    process.add("two")
    assert process.add("one") == {"marks": 1}
    assert process.marks() == ["one", "two"]


def test_operations_are_forgotten_after_a_week_of_much_work(process: Process):
    process.add("one")
    for number in range(KEPT_VERSIONS):
        process.add(f"mark-{number}")
    process.clock.sleep(6.9 * DAY_S)
    process.add("after-a-week-nearly")
    assert process.add("one") == {"marks": 1}
    process.clock.sleep(1.1 * DAY_S)
    process.add("after-a-week")
    assert process.add("one") == {"marks": KEPT_VERSIONS + 4}


def test_a_snapshot_comes_back_as_one_more_version(bucket: MemoryBucket, process: Process, tmp_path: Path):
    days(process, 2)
    replaced = stored(bucket)
    assert process.databases.restore(USER, 2, operation("restore")) == {"version": 5, "restored": 2}
    assert len(process.marks()) == 2
    assert process.version() == 5
    assert stored(bucket, keys.history(USER, 4)) == replaced
    other = Process(bucket, tmp_path / "other")
    assert other.databases.restore(USER, 2, operation("restore")) == {"version": 5, "restored": 2}
    assert other.databases.restore(USER, 4, operation("and-forth")) == {"version": 6, "restored": 4}
    assert len(other.marks()) == 4


@pytest.mark.parametrize("fault", ["lost", "unsent", "late", "refused", "conflict"])
def test_a_restore_happens_once_too(bucket: MemoryBucket, tmp_path: Path, fault: str):
    faulty = FaultyBucket(bucket)
    process = Process(faulty, tmp_path)
    days(process, 2)
    faults = [fault]
    faulty._next_fault = lambda: faults.pop() if faults and faulty.requests[-1][0] == "replace" else ""
    assert process.databases.restore(USER, 2, operation("restore")) == {"version": 5, "restored": 2}
    assert process.version() == 5
    assert not faults


def test_a_restore_whose_answer_is_lost_for_good_says_so(bucket: MemoryBucket, tmp_path: Path):
    faulty = FaultyBucket(bucket)
    process = Process(faulty, tmp_path)
    days(process, 2)
    down = [True]
    faulty._next_fault = lambda: "unsent" if down and faulty.requests[-1][0] == "replace" else ""
    with pytest.raises(AnswerLost):
        process.databases.restore(USER, 2, operation("restore"))
    down.clear()
    assert process.databases.restore(USER, 2, operation("restore")) == {"version": 5, "restored": 2}


def test_what_cannot_be_read_is_replaced_and_kept(bucket: MemoryBucket, process: Process):
    days(process, 2)
    bucket.put(KEY, b"damaged")
    assert process.databases.restore(USER, 2, operation("restore")) == {"version": 3, "restored": 2}
    assert stored(bucket, keys.history(USER, UNREADABLE)) == b"damaged"
    assert process.add("on") == {"marks": 3}
    assert process.databases.history(USER)[-1] == Kept(UNREADABLE, len(b"damaged"), None, None)
    with pytest.raises(SnapshotDamaged):
        process.databases.restore(USER, UNREADABLE, operation("restore-the-damage"))


def test_what_was_cut_on_its_way_is_not_taken_for_damaged(bucket: MemoryBucket, tmp_path: Path):
    faulty = FaultyBucket(bucket)
    process = Process(faulty, tmp_path)
    days(process, 2)
    whole, faults = stored(bucket), ["cut"]
    faulty._next_fault = lambda: faults.pop() if faults else ""
    assert process.databases.restore(USER, 2, operation("restore")) == {"version": 5, "restored": 2}
    assert stored(bucket, keys.history(USER, 4)) == whole


def test_a_snapshot_from_before_a_release_comes_back_over_it(bucket: MemoryBucket, process: Process, tmp_path: Path):
    """The way back when a release is taken back: older code cannot read what the newer one wrote."""
    process.add("one")
    newer = Process(bucket, tmp_path / "newer", (*MARKS, "CREATE TABLE more (id INTEGER)"))
    newer.add("two")
    with pytest.raises(SchemaTooNew):
        process.marks()
    process.databases.restore(USER, 1, operation("restore"))
    assert process.marks() == ["one"]
    assert kept(newer) == [2, 1]
    with pytest.raises(SchemaTooNew):
        process.databases.restore(USER, 2, operation("restore-the-newer"))


def test_a_damaged_snapshot_is_listed_and_refused(bucket: MemoryBucket, process: Process):
    days(process, 2)
    bucket.put(keys.history(USER, 2), stored(bucket)[:-100])
    before = stored(bucket)
    assert [(snapshot.version, snapshot.schema) for snapshot in process.databases.history(USER)] == [(2, None)]
    with pytest.raises(SnapshotDamaged):
        process.databases.restore(USER, 2, operation("restore"))
    assert stored(bucket) == before


def test_restoring_waits_for_no_other_user(process: Process):
    days(process, 2)
    process.databases.write("ben", operation("one"), adding("one"))
    process.databases.restore(USER, 2, operation("restore"))
    assert process.databases.history("ben") == []
