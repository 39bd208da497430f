"""Lanes: no picture waits for its neighbour, none overtakes it, and a stop stops."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import count, islice

import pytest

from gpu.lanes import batches, in_lanes


@pytest.mark.parametrize("lanes", [1, 2, 5])
@pytest.mark.parametrize("length", [0, 1, 2, 3, 20])
def test_what_is_made_comes_in_order(lanes: int, length: int) -> None:
    assert list(in_lanes(lambda n: n * n, range(length), lanes)) == [n * n for n in range(length)]


def test_a_free_lane_takes_the_next_without_waiting_for_its_neighbour() -> None:
    """The first item holds its lane until the second lane has done two more, which a barrier would forbid."""
    third_done = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert third_done.wait(30)
        if item == 2:
            third_done.set()
        return item

    assert list(in_lanes(work, range(6), 2)) == [*range(6)]


def test_lanes_work_at_once_and_never_more_of_them() -> None:
    met, lock = threading.Barrier(3), threading.Lock()
    working: list[int] = []
    most: list[int] = []

    def work(item: int) -> int:
        with lock:
            working.append(item)
            most.append(len(working))
        met.wait(30)  # passes only when all three lanes are here
        with lock:
            working.remove(item)
        return item

    assert list(in_lanes(work, range(9), 3)) == [*range(9)]
    assert max(most) == 3


@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_a_bounded_number_is_taken_ahead(lanes: int) -> None:
    taken: list[int] = []

    def endless() -> Iterator[int]:
        for item in count():
            taken.append(item)
            yield item

    with closing(in_lanes(str, endless(), lanes)) as made:
        for done, _ in enumerate(islice(made, 10), 1):
            assert len(taken) == done + lanes + 1


def test_an_error_comes_in_its_turn() -> None:
    second_failed = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert second_failed.wait(30)
        if item == 1:
            second_failed.set()
            raise ValueError("the second")
        return item

    made = in_lanes(work, range(5), 2)
    assert next(made) == 0
    with pytest.raises(ValueError, match="the second"):
        next(made)
    assert list(made) == []


def test_an_error_of_what_is_taken_comes_at_once() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise KeyError("source")

    with pytest.raises(KeyError):
        next(in_lanes(str, broken(), 1))


def test_closing_waits_for_nothing_and_begins_nothing() -> None:
    begun: list[int] = []
    leave, left = threading.Event(), threading.Semaphore(0)

    def work(item: int) -> int:
        begun.append(item)
        if item:
            assert leave.wait(30)
            left.release()
        return item

    made = in_lanes(work, count(), 2)
    assert next(made) == 0
    made.close()  # both lanes are at work, a third item waits
    assert not leave.is_set()
    leave.set()
    running = len(begun) - 1
    for _ in range(running):
        assert left.acquire(timeout=30)
    for thread in threading.enumerate():
        if thread.name.startswith("lane"):
            thread.join(30)
    assert len(begun) <= 4
    assert 3 not in begun


def test_batches_are_of_one_kind_and_bounded() -> None:
    assert list(batches([], 3, len)) == []
    assert list(batches(["a", "b", "cc", "dd", "ee", "ff", "g"], 3, len)) == [
        ["a", "b"],
        ["cc", "dd", "ee"],
        ["ff"],
        ["g"],
    ]
