"""The ledger as one attempt asks it: a body looks many times a second, and Modal's Dict is a network away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from jobs.ports import Ledger, Progress, Record
from jobs.state import Event
from reel.errors import Json

LOOK_S: Final = 1.0
"""A cancel is heard so late."""


@dataclass(slots=True)
class HeardLedger:
    """A Ledger that remembers what it was last told of a job, for a moment: each beat tells it anew."""

    ledger: Ledger
    clock: Callable[[], float]
    look_s: float = LOOK_S
    _told: dict[str, tuple[float, Record]] = field(default_factory=dict[str, tuple[float, Record]])

    def create(self, record: Record) -> bool:
        """See Ledger."""
        return self.ledger.create(record)

    def read(self, job: str) -> Record:
        """See Ledger: as it was less than a moment ago."""
        at_s, record = self._told.get(job, (float("-inf"), None))
        if record is not None and 0 <= self.clock() - at_s < self.look_s:
            return record
        return self._remembered(self.ledger.read(job))

    def claim(self, job: str) -> Record:
        """See Ledger."""
        claimed = self.ledger.claim(job)
        return self.beat(job, claimed.attempt, self.clock(), claimed.progress)  # or the wait counts as silence

    def move(self, job: str, event: Event, error: dict[str, Json] | None = None) -> Record:
        """See Ledger."""
        return self._remembered(self.ledger.move(job, event, error))

    def beat(self, job: str, attempt: int, now_s: float, progress: Progress) -> Record:
        """See Ledger."""
        return self._remembered(self.ledger.beat(job, attempt, now_s, progress))

    def _remembered(self, record: Record) -> Record:
        self._told[record.job] = (self.clock(), record)
        return record
