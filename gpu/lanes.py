"""Pictures side by side: each lane takes the next one as soon as it is free, and they come out in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def in_lanes(work: Callable[[Item], Made], items: Iterable[Item], lanes: int) -> Generator[Made]:
    """Iterate what `work` makes of each item, in order, `lanes` of them at a time.

    At most `lanes` + 1 are taken ahead, in the thread that iterates. An error of the work is raised in its item's turn,
    one of `items` at once. Closing this ends it without waiting: what is begun runs out unheard, nothing more begins.
    """
    ahead: deque[Future[Made]] = deque()
    taken, pool = iter(items), ThreadPoolExecutor(lanes, "lane")
    try:
        ahead.extend(pool.submit(work, item) for item in islice(taken, lanes + 1))
        while ahead:
            made = ahead.popleft().result()
            ahead.extend(pool.submit(work, item) for item in islice(taken, 1))
            yield made
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def batches(items: Iterable[Item], most: int, kind: Callable[[Item], object]) -> Generator[list[Item]]:
    """Iterate items in lists of up to `most` in a row that are of one kind."""
    batch: list[Item] = []
    for item in items:
        if batch and (len(batch) == most or kind(item) != kind(batch[0])):
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch
