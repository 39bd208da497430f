"""Where the writers of one user wait in this process: whoever's turn it is writes for all of them, as one version."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import Any, TypeAlias

from storage.batch import Asked
from storage.patience import Pace

Turn: TypeAlias = AbstractContextManager[Any]
"""A lock that is no part of the protocol but saves it conflicts: threading.Lock, or a test's."""


class Line:
    """One user's. Without it, eight writers waited 1.7 s each (95th percentile, measured) for no more throughput."""

    def __init__(self, pace: Pace, turn: Turn) -> None:
        self.pace = pace
        self.turn = turn
        self._asked: list[Asked] = []
        self._lock = Lock()

    @contextmanager
    def joined(self, asked: Asked) -> Generator[None]:
        """Stand in the line for as long as this lasts."""
        with self._lock:
            self._asked.append(asked)
        try:
            yield
        finally:
            with self._lock:
                self._asked.remove(asked)

    def waiting(self) -> list[Asked]:
        """Return those whose operation has not ended, in the order in which they came."""
        with self._lock:
            return [asked for asked in self._asked if not asked.ended]


class Lines:
    """The lines of all users of this process. One is some hundred bytes: none is ever taken down."""

    def __init__(self, line: Callable[[], Line]) -> None:
        self._make = line
        self._lines: dict[str, Line] = {}
        self._lock = Lock()

    def of(self, user: str) -> Line:
        """Return the user's line."""
        with self._lock:
            if user not in self._lines:
                self._lines[user] = self._make()
            return self._lines[user]
