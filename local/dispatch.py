"""Handing jobs to this machine's workers, asking how they stand, stopping them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from jobs.ports import Record, Standing
from jobs.spec import Spec
from local.ledger import SqliteLedger
from local.queue import Queue
from local.sweeper import Sweeper
from reel.errors import AnswerLost, IllegalMove, StorageFull, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The way to this machine's workers: see jobs.ports.Dispatch."""

    ledger: SqliteLedger
    queue: Queue
    sweeper: Sweeper

    def submit(self, spec: Spec) -> str:
        """Put a job into the queue, once however often it is asked; return the call that it was handed to."""
        self.sweeper.announce(self.queue.add(spec))
        return f"local-{spec.job}"

    def cancel(self, job: str) -> Record:
        """Stop a job: at once if it waits, else within a second; one that has ended stays as it is. Raises NotFound."""
        try:
            record = self.ledger.move(job, "cancel")
        except IllegalMove:
            return self.ledger.read(job)
        self.sweeper.announce(record)
        return self.read(job).record

    def read(self, job: str) -> Standing:
        """Return how a job stands. One that nobody works on any more is seen to first. Raises NotFound."""
        place = self.queue.place(job)
        if place is not None and (place.owner or place.record.state not in {"queued", "running"}):
            with suppress(StoreUnavailable, StorageFull, AnswerLost):  # then the next one sees to it
                self.sweeper.see_to(place)
            place = self.queue.place(job)
        record = self.ledger.read(job)
        if place is None or place.owner is None:
            return Standing(record, None, stale=False)
        return Standing(record, self.sweeper.age_s(place), self.sweeper.is_stale(place))
