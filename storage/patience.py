"""How often and how slowly the store is asked again, and how far apart the writes of one object are."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from reel.errors import AlreadyExists, AnswerLost, Conflict, ReelError, StoreUnavailable
from storage.clock import Clock
from storage.timing import TimedBucket

MOST_REPLAYS = 5
PATIENCE_S = 10.0  # less than a browser waits for an answer; it comes again by itself, with the same operation
REFUSED_S = (1.0, 2.0)  # R2 takes one write a second per key
JITTER_S = 0.1  # doubled each time: about as long as a write takes, so that two who collided come apart


@dataclass(slots=True)
class Patience:
    """For one read or write: waits, or says that it is enough. It begins with the first fault."""

    bucket: TimedBucket
    rng: random.Random
    _began_s: float | None = None
    _replays: int = 0
    _doubts: int = 0

    def lasts(self, fault: ReelError) -> bool:
        """Wait as long as this fault calls for and return True; False, at once, if asking again is of no use."""
        match fault:
            case Conflict() | AlreadyExists():
                self._replays += 1
                return self._replays <= MOST_REPLAYS and self._wait(self._jitter_s(self._replays))
            case AnswerLost():
                self._doubts += 1
                return self._wait(self._jitter_s(self._doubts))
            case StoreUnavailable():
                return self._wait(self.rng.uniform(*REFUSED_S))
            case _:
                return False

    def _jitter_s(self, times: int) -> float:
        return self.rng.uniform(0.0, min(JITTER_S * 2.0**times, REFUSED_S[1]))

    def _wait(self, wait_s: float) -> bool:
        now_s = self.bucket.clock.steady_s()
        self._began_s = now_s if self._began_s is None else self._began_s
        if now_s + wait_s > self._began_s + PATIENCE_S:
            return False
        self.bucket.sleep(wait_s)
        return True


@dataclass(slots=True)
class Pace:
    """The rhythm of one process's writes to one object. The store's other writers are met by their 429."""

    clock: Clock
    gap_s: float
    _written_s: float | None = field(default=None)

    def wait(self) -> None:
        """Let the gap since the last write pass."""
        if self._written_s is not None:
            left_s = self._written_s + self.gap_s - self.clock.steady_s()
            if left_s > 0:
                self.clock.sleep(left_s)

    def written(self) -> None:
        """Begin a gap."""
        self._written_s = self.clock.steady_s()
