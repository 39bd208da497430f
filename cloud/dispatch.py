"""Handing jobs to Modal, asking how they stand, stopping them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from cloud.hands import Hands
from cloud.sweeper import Sweeper
from jobs.ports import Record, Standing
from jobs.spec import Spec
from jobs.state import ENDED
from reel.errors import AnswerLost, Cancelled, IllegalMove, StorageFull, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The way to Modal's workers: see jobs.ports.Dispatch."""

    hands: Hands
    sweeper: Sweeper

    def submit(self, spec: Spec) -> str:
        """Hand a job to Modal, to be executed once however often it is asked; return the call that it became."""
        ledger, turns = self.hands.ledger, self.hands.turns
        made = Record(job=spec.job, user=spec.user, kind=spec.kind, heartbeat_s=self.hands.clock())
        if ledger.create(made):
            self.hands.announce(made)
        elif ledger.read(spec.job).state in ENDED | {"result"}:
            last = turns.last(spec.job)
            return (last and turns.call(spec.job, last.number)) or f"ended-{spec.job}"
        turn = self.hands.first_turn(spec)
        if turn.due_s > self.hands.clock():
            return turns.call(spec.job, turn.number - 1) or f"waiting-{spec.job}"
        return self.hands.hand_over(spec, turn)

    def cancel(self, job: str) -> Record:
        """Stop a job: at once if it waits, else within seconds; one that has ended stays as it is. Raises NotFound."""
        try:
            record = self.hands.ledger.move(job, "cancel")
        except IllegalMove:
            return self.hands.ledger.read(job)
        self.hands.announce(record)
        if record.state != "cancelled":  # its worker hears of it with its next look at the ledger
            return record
        self.hands.conclude(record.user, job, "cancelled", Cancelled().envelope())
        turn = self.hands.turns.last(job)
        call = turn and self.hands.turns.call(job, turn.number)
        if call:
            with suppress(StoreUnavailable):  # then it begins, and finds that there is nothing to do
                self.hands.calls.cancel(call)
        return self.hands.ledger.read(job)

    def read(self, job: str) -> Standing:
        """Return how a job stands. One that nobody works on any more is seen to first. Raises NotFound."""
        record = self.hands.ledger.read(job)
        with suppress(StoreUnavailable, StorageFull, AnswerLost):  # then the next one sees to it
            record = self.sweeper.see_to(job)
        return Standing(record, self.sweeper.age_s(record), self.sweeper.is_stale(record))
