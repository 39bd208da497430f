"""The sweeper: no job is left where nobody works on it, whatever died."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jobs.ports import Announce, Outcome, Record, Store
from jobs.retries import DEFAULT, LOST, Again, Patience, again
from jobs.state import ENDED
from local.ending import conclude, follow
from local.presence import Presence
from local.queue import Place, Queue
from reel.errors import Cancelled, Internal, Json, Lost

STALE_S = 90.0


@dataclass(frozen=True, slots=True)
class Sweeper:
    """What a look over the open jobs needs. The clock is the one that the workers beat by."""

    queue: Queue
    store: Store
    presence: Presence
    clock: Callable[[], float]
    announce: Announce
    patience: Patience = DEFAULT

    def sweep(self) -> list[str]:
        """See to every job that nobody works on; return the workers that have not beaten for too long.

        Raises StoreUnavailable, StorageFull and AnswerLost; what was not seen to is seen to the next time.
        """
        places = self.queue.unattended()
        for place in places:
            self.see_to(place)
        self.queue.forget()
        return [place.owner for place in places if place.owner and self.is_stale(place)]

    def see_to(self, place: Place) -> None:
        """See to one job: leave it to the worker that lives, hand it on, or end it. Raises as `sweep`."""
        record = place.record
        if place.owner and self.presence.is_there(place.owner) and not self.is_stale(place):
            return
        if self._tell(follow(record.user, record.job, self.store, self.queue)):
            return
        if record.state in {"cancelling", "cancelled"}:
            self._end(record, "cancelled", Cancelled().envelope())
        elif record.state in ENDED | {"result"}:  # a result that is gone, or was never written
            self._end(record, "failed", record.error or Internal("The result of this job is gone.").envelope())
        elif place.owner and record.state == "queued":  # it died before it began
            self._tell(self.queue.give_back(record.job, place.owner, Again(0.0, "queued", place.faults), self.clock()))
        elif place.owner:
            self._retry(place, place.owner)

    def age_s(self, place: Place) -> float:
        """Return how long ago a worker's job was last heard of; not to be known (inf) if the clock began anew."""
        age_s = self.clock() - place.record.heartbeat_s
        return age_s if age_s >= 0 else float("inf")

    def is_stale(self, place: Place) -> bool:
        """Say whether a job is in the hands of a worker that has not beaten for too long."""
        return place.owner is not None and self.age_s(place) >= STALE_S

    def _retry(self, place: Place, owner: str) -> None:
        now_s = self.clock()
        next_time = again(LOST, place.faults, now_s, self.patience)
        if next_time is None:
            self._end(place.record, "failed", Lost(attempts=place.record.attempt).envelope())
        else:
            self._tell(self.queue.give_back(place.record.job, owner, next_time, now_s))

    def _end(self, record: Record, outcome: Outcome, error: dict[str, Json]) -> None:
        self._tell(conclude(record.user, record.job, outcome, error, self.store, self.queue))

    def _tell(self, record: Record | None) -> bool:
        if record:
            self.announce(record)
        return record is not None
