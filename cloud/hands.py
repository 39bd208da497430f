"""How jobs go from hand to hand: to Modal, to their next turn, to their end. Several may do each step at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from cloud import costs
from cloud.calls import Calls, function_of
from cloud.inbox import Hint, Inbox
from cloud.ledger import DictLedger
from cloud.order import Order
from cloud.turns import Turn, Turns
from jobs.ports import Announce, Outcome, Record, Store
from jobs.retries import DEFAULT, Faults, Patience, again
from jobs.spec import Spec
from reel import keys
from reel.errors import AlreadyExists, BadField, Internal, Json, NotFound, StoreUnavailable
from storage.results import Ended, read_result


@dataclass(frozen=True, slots=True)
class Hands:
    """What handing over needs. `clock` gives the seconds since 1970: those who read it are on several machines."""

    ledger: DictLedger
    turns: Turns
    calls: Calls
    store: Store
    inbox: Inbox
    announce: Announce
    clock: Callable[[], float]
    patience: Patience = DEFAULT

    def hand_over(self, spec: Spec, turn: Turn) -> str:
        """Hand a turn to Modal, once; return the call that it became. Raises StoreUnavailable."""
        call = self.turns.call(spec.job, turn.number)
        if call is not None:
            return call
        made = self.calls.spawn(function_of(spec), Order.of(spec, turn.number, turn.faults).model_dump_json())
        stands = self.turns.became(spec.job, turn.number, made)
        if stands != made:  # somebody was faster: whichever begins has the turn, and the other does nothing
            with suppress(StoreUnavailable):
                self.calls.cancel(made)
        return stands

    def next_turn(self, spec: Spec, record: Record, turn: Turn, code: str) -> bool:
        """Give a job its next turn after an error, if there is one; False if not. Raises StoreUnavailable."""
        now_s = self.clock()
        waits = again(code, turn.faults, now_s, self.patience)
        if waits is None:
            return False
        self.announce(self.ledger.wait(record.job, record.attempt, waits.phase))
        asked = Turn(turn.number + 1, now_s + waits.wait_s, record.attempt, waits.faults)
        following = self.turns.decide(record.job, asked)
        if following.due_s > now_s:
            self.inbox.put(Hint(record.user, record.job, following.due_s))
        else:
            self.hand_over(spec, following)
        return True

    def first_turn(self, spec: Spec) -> Turn:
        """Give a job its first turn, due at once; return the last that it has."""
        self.turns.note(spec)
        self.turns.decide(spec.job, Turn(1, 0.0, 0, Faults()))
        return self.turns.last(spec.job) or Turn(1, 0.0, 0, Faults())

    def conclude(
        self,
        user: str,
        job: str,
        outcome: Outcome,
        error: dict[str, Json],
        value: dict[str, Json] | None = None,
    ) -> Ended:
        """End a job outside of an attempt. One that has a result by now keeps it; return that.

        `value` says no more than what it has cost; without it that is what its turns have noted.

        Raises StoreUnavailable, StorageFull and AnswerLost, after which it may be asked again.
        """
        counted = value or {"cost": self._cost(job)}
        body = json.dumps({"job": job, "outcome": outcome, "value": counted, "error": error})
        with suppress(AlreadyExists):
            self.store.put(keys.result(user, job), body.encode(), create_only=True)
        ended = self.follow(user, job)
        assert ended is not None, "it stands since it was put"
        return ended

    def _cost(self, job: str) -> dict[str, Json]:
        last = self.turns.last(job)
        return costs.summed(costs.noted(self.turns.entries, job, last.number if last else 0))

    def follow(self, user: str, job: str) -> Ended | None:
        """Let the ledger say how a job ended, and have it settled; None, changing nothing, while it has not.

        Raises StoreUnavailable.
        """
        try:
            ended = read_result(self.store.read(keys.result(user, job)))
        except NotFound:
            return None
        except BadField:  # settling calls it a failure, too
            ended = Ended(job, "failed", error=Internal("The result of this job cannot be read.").envelope())
        with suppress(NotFound):
            self.announce(self.ledger.close(job, ended.outcome, _plain(ended)))
        self.inbox.put(Hint(user, job))
        return ended


def _plain(ended: Ended) -> dict[str, Json] | None:
    return None if ended.error is None else dict(ended.error)
