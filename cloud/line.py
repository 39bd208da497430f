"""The line to Modal: whatever is asked of it is answered soon, or it is away."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import modal.exception

from reel.errors import StoreUnavailable

T = TypeVar("T")

WITHIN_S: Final = 2.5
"""An API that cannot reach Modal says so within three seconds; the client's own patience is a minute."""
REFUSED: Final = "Modal does not know this token."
AWAY_S: Final = 5.0
"""After it did not answer, it is not asked for so long: who reads ten jobs does not wait ten times."""


class _Loop:
    """An event loop in a thread of its own, begun with its first use; `loop`: another than the usual one."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop, self._lock = loop or asyncio.new_event_loop(), threading.Lock()
        self.away_until_s = float("-inf")
        self._thread = threading.Thread(target=self._loop.run_forever, name="modal line", daemon=True)

    def begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin some work, from any thread."""
        with self._lock:
            if not self._thread.is_alive():
                self._thread.start()
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """End the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()


@dataclass(frozen=True, slots=True)
class Line:
    """Asks Modal from any thread, also from one whose event loop must not wait."""

    within_s: float = WITHIN_S
    _loop: _Loop = field(default_factory=_Loop)

    @classmethod
    def on(cls, loop: asyncio.AbstractEventLoop) -> Line:
        """Return a line whose time is that of a loop which nobody runs yet."""
        return cls(_loop=_Loop(loop))

    def ask(self, *questions: Callable[[], Awaitable[T]], within_s: float | None = None) -> list[T]:
        """Return the answers to questions asked side by side. Raises StoreUnavailable.

        What was asked and not answered in time may have been done all the same.
        """
        if time.monotonic() < self._loop.away_until_s:
            raise StoreUnavailable("Modal did not answer just now.")

        async def asked() -> list[T]:
            async with asyncio.timeout(within_s or self.within_s):
                return list(await asyncio.gather(*(question() for question in questions)))

        try:
            return self._loop.begin(asked()).result()
        except (modal.exception.AuthError, modal.exception.PermissionDeniedError) as refused:
            raise StoreUnavailable(REFUSED, reason=str(refused)[:500]) from refused
        except (modal.exception.Error, TimeoutError, OSError) as away:
            self._loop.away_until_s = time.monotonic() + AWAY_S
            raise StoreUnavailable("Modal did not answer.", reason=f"{type(away).__name__}: {away}"[:500]) from away

    def close(self) -> None:
        """Hang up. A process has one line, for as long as it lives."""
        self._loop.close()

    def ask_one(self, question: Callable[[], Awaitable[T]], within_s: float | None = None) -> T:
        """Return the answer to one question. Raises StoreUnavailable."""
        return self.ask(question, within_s=within_s)[0]
