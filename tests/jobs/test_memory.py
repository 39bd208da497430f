"""The adapters in memory, where the contracts say nothing."""

from __future__ import annotations

from jobs.memory import MemoryAnnounce, MemoryLedger, MemoryStore
from jobs.ports import Record


def test_each_is_empty_at_first():
    MemoryStore().put("a", b"x")
    assert list(MemoryStore().keys("")) == []
    MemoryLedger().create(Record(job="a", user="b", kind="framing"))
    assert MemoryLedger().create(Record(job="a", user="b", kind="framing"))


def test_all_that_was_told_is_remembered_in_order():
    announce = MemoryAnnounce()
    records = [Record(job="a", user="b", kind="framing", attempt=attempt) for attempt in range(3)]
    for record in records:
        announce(record)
    assert announce.told == records


def test_a_reader_s_changes_stay_its_own():
    store = MemoryStore()
    store.put("a", b"there")
    with store.open("a") as reader:
        reader.write(b"gone!")
    assert store.read("a") == b"there"
