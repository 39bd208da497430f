"""Work side by side: a stage that runs ahead in its own thread, so that decoder, network and encoder never wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

Item = TypeVar("Item")

_POLL_S = 0.1  # how soon a waiting stage notices that it was closed, or that the person cancelled


@dataclass(frozen=True, slots=True)
class _Made(Generic[Item]):
    item: Item


@dataclass(frozen=True, slots=True)
class _Ended:
    fault: BaseException | None


def ahead(items: Generator[Item], depth: int, poll: Callable[[], None] | None = None) -> Generator[Item]:
    """Iterate `items`, made at most `depth` ahead in another thread, in order; its errors are raised here.

    `poll` is called while waiting and may raise, to cancel. Closing this closes `items` too, in their own thread, once
    the item in the making is done: the caller does not wait for that.
    """
    queue: Queue[_Made[Item] | _Ended] = Queue(depth)
    closed = threading.Event()
    threading.Thread(target=_work, args=(items, queue, closed), name="ahead", daemon=True).start()
    try:
        while True:
            try:
                message = queue.get(timeout=_POLL_S)
            except Empty:
                if poll:
                    poll()
                continue
            if isinstance(message, _Made):
                yield message.item
            elif message.fault:
                raise message.fault
            else:
                return
    finally:
        closed.set()


def _work(items: Generator[Item], queue: Queue[_Made[Item] | _Ended], closed: threading.Event) -> None:
    try:
        for item in items:
            if not _put(queue, _Made(item), closed):
                return
        _put(queue, _Ended(None), closed)
    except BaseException as fault:  # noqa: BLE001 - carried over to the thread that iterates, and raised there
        _put(queue, _Ended(fault), closed)
    finally:
        items.close()


def _put(queue: Queue[_Made[Item] | _Ended], message: _Made[Item] | _Ended, closed: threading.Event) -> bool:
    while not closed.is_set():
        try:
            queue.put(message, timeout=_POLL_S)
        except Full:
            continue
        return True
    return False
