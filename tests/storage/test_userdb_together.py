"""Several who write for one user at once: they share one version, or come one after another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from reel.errors import (
    StaleRevision,
    StorageFull,
    StoreUnavailable,
)
from storage.memory import MemoryBucket
from storage.timing import Timing
from tests.storage.faults import FaultyBucket
from tests.storage.marks import USER, Process, adding, operation, refusing
from tests.storage.stage import Actor, Stage


@pytest.fixture
def bucket() -> MemoryBucket:
    return MemoryBucket()


def test_those_who_write_at_once_share_one_version(bucket: MemoryBucket, tmp_path: Path):
    stage = Stage()
    faulty = FaultyBucket(bucket, between=stage.pause)
    process = Process(faulty, tmp_path, clock=stage.clock, turn=stage.turn)
    actors = [Actor(stage, lambda name=name: process.add(name)) for name in ("a", "b", "c")]
    actors.insert(1, Actor(stage, lambda: process.databases.write(USER, operation("no"), refusing)))
    actors.append(Actor(stage, lambda: process.add("a")))
    for actor in actors:
        actor.step()
    while not all(actor.ended for actor in actors):
        for actor in actors:
            if not actor.ended:
                actor.step()
    assert [actor.outcome for actor in actors] == [{"marks": 1}, None, {"marks": 2}, {"marks": 3}, {"marks": 1}]
    assert isinstance(actors[1].failure, StaleRevision)
    assert len(faulty.landed) == 1
    assert process.marks() == ["a", "b", "c"]


def test_those_who_wrote_at_once_fail_at_once(bucket: MemoryBucket, tmp_path: Path):
    stage = Stage()
    faulty = FaultyBucket(bucket, stage.take_fault, stage.pause)
    process = Process(faulty, tmp_path, clock=stage.clock, turn=stage.turn)
    actors = [Actor(stage, lambda name=name: process.add(name)) for name in ("a", "b", "c")]
    for actor in actors:
        actor.step()
    while not all(actor.ended for actor in actors):
        for actor in actors:
            if not actor.ended:
                actor.step("full")
    assert {type(actor.failure) for actor in actors} == {StorageFull}
    assert process.marks() == []


def test_who_is_found_to_have_landed_is_told_so_whatever_becomes_of_the_others(bucket: MemoryBucket, tmp_path: Path):
    """Found by the machine: the first's answer was lost, and the write that it then shared with the second failed."""
    stage = Stage()
    faulty = FaultyBucket(bucket, stage.take_fault, stage.pause)
    process = Process(faulty, tmp_path, clock=stage.clock, turn=stage.turn)
    first = Actor(stage, lambda: process.add("first"))
    second = Actor(stage, lambda: process.add("second"))
    while not faulty.late:
        first.step("late")
    faulty.arrive(faulty.late[0])
    second.step()
    while not first.ended:
        first.step("full")
    assert first.outcome == {"marks": 1}
    second.step()
    assert isinstance(second.failure, StorageFull)
    assert process.marks() == ["first"]


def test_real_threads_of_two_processes_lose_nothing(bucket: MemoryBucket, tmp_path: Path):
    processes = [Process(bucket, tmp_path / str(number), seed=number) for number in range(2)]

    def client(number: int) -> None:
        for count in range(10):
            name, told = f"{number}-{count}", None
            while told is None:
                with suppress(StoreUnavailable):
                    told = processes[number % 2].add(name)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(client, range(8)))
    assert sorted(processes[0].marks()) == sorted(f"{number}-{count}" for number in range(8) for count in range(10))
    assert processes[0].marks() == processes[1].marks()
    assert processes[0].version() <= 80


def test_writes_of_one_user_are_a_second_apart(bucket: MemoryBucket, tmp_path: Path):
    process = Process(bucket, tmp_path, pace_s=1.0)
    began_s = process.clock.steady_s()
    process.add("one")
    assert process.clock.steady_s() == began_s
    timing = Timing()
    process.add("two", timing)
    process.databases.write("ben", operation("one"), adding("one"))
    assert process.clock.steady_s() == began_s + 1.0
    assert timing.store_s == 0.0
