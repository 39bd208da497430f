"""One program that has to be there: started again whenever it ends, and stopped with whoever keeps it."""

from __future__ import annotations

import logging
import threading
from time import monotonic
from types import TracebackType

from local.programs import Process, Program
from local.workers import FIRST_WAIT_S, LOOK_S, STEADY_S

MOST_WAIT_S = 8.0  # all else waits for it
STOP_S = 3.0

_log = logging.getLogger(__name__)


class Kept:
    """Keeps a program running, as a context. One that lived for a while is started again at once."""

    def __init__(self, name: str, program: Program) -> None:
        self._name, self._program = name, program
        self._process: Process | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=name, daemon=True)

    def __enter__(self) -> Kept:
        """Start it."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self._over.set()
        self._thread.join()
        if self._process:
            self._process.stop()
            self._process.wait(STOP_S)

    def _watch(self) -> None:
        wait_s = FIRST_WAIT_S
        while not self._over.is_set():
            began_s = monotonic()
            code = self._run()
            if code is None:
                return
            _log.warning("the %s ended with %s and is started again", self._name, code)
            if monotonic() - began_s >= STEADY_S:
                wait_s = FIRST_WAIT_S
                continue
            self._over.wait(wait_s)
            wait_s = min(2 * wait_s, MOST_WAIT_S)

    def _run(self) -> int | str | None:
        """Start it and wait for its end; return how it ended, None if it is to be stopped."""
        try:
            process = self._process = Process(self._program)
        except OSError as fault:
            return fault.strerror or "no reason"
        while (code := process.ended()) is None:
            if self._over.wait(LOOK_S):
                return None
        self._process = None
        return code
