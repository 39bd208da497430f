"""Running ahead changes nothing but the time it takes: the same items, errors and ends, and nobody is left behind."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.ahead import ahead
from reel.errors import Cancelled

PATIENCE_S = 20  # until a thread that should long have acted is taken for stuck


def counting(count: int) -> Generator[int]:
    yield from range(count)


@given(st.lists(st.integers(), max_size=50), st.integers(1, 4))
def test_items_come_in_order(items: list[int], depth: int):
    assert list(ahead((item for item in items), depth)) == items


def test_none_and_false_are_items_too():
    assert list(ahead((item for item in (None, False, 0)), 2)) == [None, False, 0]


@pytest.mark.parametrize("depth", [1, 3])
def test_it_runs_no_further_ahead_than_it_may(depth: int):
    made: list[int] = []
    enough = threading.Event()

    def making() -> Generator[int]:
        for number in range(50):
            made.append(number)
            if len(made) == depth + 2:  # one was taken, `depth` wait, one is in hand
                enough.set()
            yield number

    with closing(ahead(making(), depth)) as items:
        assert next(items) == 0
        assert enough.wait(PATIENCE_S)
        assert len(made) == depth + 2
        assert [next(items) for _ in range(10)] == list(range(1, 11))


def test_it_works_in_a_thread_of_its_own():
    threads = [*ahead((threading.current_thread() for _ in range(3)), 1)]
    assert len(set(threads)) == 1
    assert threads[0] is not threading.current_thread()


class Broken(Exception):
    """Something that went wrong in the other thread."""


@pytest.mark.parametrize("before", [0, 1, 5])
def test_errors_come_after_the_items_before_them(before: int):
    def failing() -> Generator[int]:
        yield from range(before)
        raise Broken("here")

    items = ahead(failing(), 2)
    assert [next(items) for _ in range(before)] == list(range(before))
    with pytest.raises(Broken, match="here"):
        next(items)
    with pytest.raises(StopIteration):
        next(items)


@pytest.mark.parametrize("taken", [0, 1, 4])
def test_closing_closes_what_it_runs_ahead_of(taken: int):
    closed = threading.Event()
    where: list[threading.Thread] = []

    def making() -> Generator[int]:
        try:
            yield from range(10_000)
        finally:
            where.append(threading.current_thread())
            closed.set()

    items = ahead(making(), 2)
    first = [next(items) for _ in range(max(taken, 1))]
    assert first == list(range(max(taken, 1)))
    items.close()
    assert closed.wait(PATIENCE_S)
    assert where[0] is not threading.current_thread()


def test_what_was_read_to_its_end_is_closed():
    closed = threading.Event()

    def making() -> Iterator[int]:
        try:
            yield 1
        finally:
            closed.set()

    assert list(ahead((number for number in making()), 1)) == [1]
    assert closed.wait(PATIENCE_S)


def test_a_chain_is_closed_to_its_beginning():
    closed = threading.Event()

    def making() -> Generator[int]:
        try:
            yield from range(10_000)
        finally:
            closed.set()

    def doubled() -> Generator[int]:
        with closing(ahead(making(), 2)) as numbers:
            yield from (2 * number for number in numbers)

    items = ahead(doubled(), 2)
    assert [next(items) for _ in range(3)] == [0, 2, 4]
    items.close()
    assert closed.wait(PATIENCE_S)


def test_a_cancel_does_not_wait_for_who_is_stuck():
    release, closed = threading.Event(), threading.Event()
    polls = 0

    def stuck() -> Generator[int]:
        try:
            yield 1
            release.wait(PATIENCE_S)
            yield 2
        finally:
            closed.set()

    def poll() -> None:
        nonlocal polls
        polls += 1
        if polls == 2:
            raise Cancelled

    items = ahead(stuck(), 1, poll)
    assert next(items) == 1
    with pytest.raises(Cancelled):
        next(items)
    assert not closed.is_set()  # it is stuck to this moment
    release.set()
    assert closed.wait(PATIENCE_S)
