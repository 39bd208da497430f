"""Chores: what the API's process does by itself, each in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType

from reel.errors import ReelError

_log = logging.getLogger(__name__)
_STOP_S = 2.0  # one that waits for a store is left behind


class Chore:
    """Does something every so often, and at once when it is woken; as a context.

    An error of ours is logged when it comes, not each time again; any other is shown by whatever shows the errors of
    threads. After either it is done again at its time.
    """

    def __init__(self, name: str, do: Callable[[], None], every_s: float) -> None:
        self._name, self._do, self._every_s = name, do, every_s
        self._woken, self._over, self._fails = threading.Event(), threading.Event(), False
        self._thread = threading.Thread(target=self._repeat, name=name, daemon=True)

    def __enter__(self) -> Chore:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._over.set()
        self._woken.set()
        self._thread.join(_STOP_S)

    def wake(self) -> None:
        """Do it now, or once more after this time."""
        self._woken.set()

    def _repeat(self) -> None:
        while not self._over.is_set():
            self._woken.clear()
            turn = threading.Thread(target=self._turn, name=self._name, daemon=True)  # a fault in it ends it alone
            turn.start()
            turn.join()
            self._woken.wait(self._every_s)

    def _turn(self) -> None:
        try:
            self._do()
        except ReelError as fault:
            if not self._fails:
                _log.warning("%s: %s", self._name, fault.message)
            self._fails = True
        else:
            self._fails = False
