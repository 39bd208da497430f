"""The workers of one API process: started, watched, replaced when they die, stopped with it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from uuid import uuid4

from local.lanes import WORKERS, Lane, workers_in
from local.programs import REPLACE_ME, STOPPED, Process, Program
from local.sweeper import Sweeper
from reel.errors import ReelError

LOOK_S = 0.1
SWEEP_S = 5.0
STOP_S = 3.0  # a worker gives its job back within one
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0  # before one that crashes at once is started again
STEADY_S = 5.0  # one that lived as long did not crash at once

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Slot:
    """The place of one worker, which process after process fills."""

    lane: Lane
    process: Process | None = None
    name: str = ""
    began_s: float = 0.0
    crashes: int = 0
    due_s: float = 0.0


class Workers:
    """Keeps workers running, and sweeps. To be used as a context; leaving it hands what they had back to the queue.

    `program` says how a worker of a lane is started under a name; `clock` only runs on.
    """

    def __init__(
        self,
        program: Callable[[Lane, str], Program],
        sweeper: Sweeper,
        lanes: Mapping[Lane, int] = WORKERS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._program, self._sweeper, self._clock = program, sweeper, clock
        self._slots = [_Slot(lane) for lane in workers_in(lanes)]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="workers", daemon=True)
        self._swept_s, self._is_away = float("-inf"), False

    def __enter__(self) -> Workers:
        """Start everything."""
        self._sweeper.presence.tidy()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self._over.set()
        self._thread.join()
        running = [slot.process for slot in self._slots if slot.process]
        for process in running:
            process.stop()
        ends_s = self._clock() + STOP_S
        for process in running:
            process.wait(max(0.0, ends_s - self._clock()))
        self._sweep()
        self._sweeper.presence.tidy()

    def pids(self) -> dict[str, int]:
        """Return the process of each worker that runs, by the worker's name."""
        return {slot.name: slot.process.pid for slot in self._slots if slot.process}

    def _watch(self) -> None:
        while not self._over.wait(LOOK_S):
            died = [slot for slot in self._slots if self._has_died(slot)]
            if died or self._clock() - self._swept_s >= SWEEP_S:
                self._sweep()
            for slot in self._slots:
                if slot.process is None and self._clock() >= slot.due_s:
                    self._start(slot)

    def _start(self, slot: _Slot) -> None:
        name = f"{slot.lane}-{uuid4().hex}"
        try:
            process = Process(self._program(slot.lane, name))
        except OSError as fault:
            _log.warning("no worker could be started: %s", fault.strerror)
            self._put_off(slot)
        else:
            slot.name, slot.began_s, slot.process = name, self._clock(), process

    def _has_died(self, slot: _Slot) -> bool:
        code = slot.process.ended() if slot.process else None
        if code is None:
            return False
        slot.process = None
        slot.crashes = 0 if self._clock() - slot.began_s >= STEADY_S else slot.crashes
        if code in {STOPPED, REPLACE_ME}:
            slot.due_s = self._clock()
        else:
            _log.warning("worker %s ended with %s", slot.name, code)
            self._put_off(slot)
        return True

    def _put_off(self, slot: _Slot) -> None:
        slot.due_s = self._clock() + min(FIRST_WAIT_S * 2**slot.crashes, LONGEST_WAIT_S)
        slot.crashes = min(slot.crashes + 1, 10)

    def _sweep(self) -> None:
        """See to what was left, and end a worker of ours that has not beaten for too long."""
        self._swept_s = self._clock()
        try:
            stale = self._sweeper.sweep()
        except ReelError as away:
            if not self._is_away:
                _log.warning("the open jobs cannot be swept: %s", away.message)
            self._is_away = True
            return
        self._is_away = False
        for slot in self._slots:
            if slot.process and slot.name in stale:
                _log.warning("worker %s has not beaten for too long", slot.name)
                slot.process.kill()
