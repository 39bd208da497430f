"""Threads that move one at a time, when a test says so: real code in an order that the test chooses, and can repeat."""

from __future__ import annotations

from collections.abc import Callable
from threading import Semaphore, Thread
from typing import Any

from storage.clock import Clock


class Killed(BaseException):
    """Ends an actor where it stands, as kill -9 would: nothing of ours catches it."""


class Actor:
    """A piece of work in a thread of its own. It moves by `step`, up to its next pause or its end."""

    def __init__(self, stage: Stage, work: Callable[[], Any]) -> None:
        self.ended = False
        self.outcome: Any = None
        self.failure: Exception | None = None
        self.wakes_s = 0.0
        self.fault = ""  # what happens to the next request to the store
        self._stage = stage
        self._work = work
        self._killed = False
        self._go, self._back = Semaphore(0), Semaphore(0)
        Thread(target=self._run, daemon=True).start()

    def step(self, fault: str = "") -> None:
        """Let it move up to its next pause."""
        assert not self.ended
        self.fault = fault
        self._stage.clock.reach(self.wakes_s)
        self._stage.acting = self
        self._go.release()
        self._back.acquire()
        self._stage.acting = None

    def kill(self) -> None:
        """End it where it stands."""
        self._killed = True
        if not self.ended:
            self.step()

    def pause(self) -> None:
        """Wait, in the actor's thread, for the next step."""
        self._back.release()
        self._wait()

    def _wait(self) -> None:
        self._go.acquire()
        if self._killed:
            raise Killed

    def _run(self) -> None:
        try:
            self._wait()
            self.outcome = self._work()
        except Killed:
            pass
        except Exception as failure:  # noqa: BLE001 - the test that holds the actor looks at it
            self.failure = failure
        self.ended = True
        self._back.release()


class Stage:
    """The actors' common world: one clock, and whose move it is."""

    def __init__(self) -> None:
        self.clock = VirtualClock(self)
        self.acting: Actor | None = None

    def pause(self) -> None:
        """Let the acting one wait for its next step; the test itself never waits."""
        if self.acting:
            self.acting.pause()

    def take_fault(self) -> str:
        """Return what shall happen to this request, once."""
        if self.acting is None:
            return ""
        fault, self.acting.fault = self.acting.fault, ""
        return fault

    def turn(self) -> Turn:
        """Return a lock whose waiting is a pause."""
        return Turn(self)


class Turn:
    """A lock for actors."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._held = False

    def __enter__(self) -> None:
        while self._held:
            self._stage.pause()
        self._held = True

    def __exit__(self, *_: object) -> None:
        self._held = False


class VirtualClock(Clock):
    """Time that passes when someone sleeps or a test says so. The wall's clock can jump, the steady one cannot."""

    def __init__(self, stage: Stage | None = None) -> None:
        self._stage = stage
        self._now_s = 1000.0
        self._wall_s = 1_800_000_000.0

    def time_s(self) -> float:
        return self._wall_s + self._now_s

    def steady_s(self) -> float:
        return self._now_s

    def sleep(self, wait_s: float) -> None:
        assert wait_s >= 0
        if self._stage and self._stage.acting:
            self._stage.acting.wakes_s = self._now_s + wait_s
            self._stage.pause()
        else:
            self.pass_by(wait_s)

    def pass_by(self, seconds: float) -> None:
        self._now_s += seconds

    def reach(self, then_s: float) -> None:
        self._now_s = max(self._now_s, then_s)

    def jump(self, seconds: float) -> None:
        """Set the wall's clock, forward or back."""
        self._wall_s += seconds
