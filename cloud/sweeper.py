"""The sweeper: no job is left where nobody works on it, whatever died. Anyone who asks how a job stands sweeps it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from cloud.hands import Hands
from cloud.turns import Turn
from jobs.ports import Record
from jobs.retries import LOST
from jobs.spec import Spec
from jobs.state import ENDED
from reel.errors import Cancelled, Internal, Lost, StoreUnavailable

STALE_S: Final = 90.0
"""So long after its last beat an attempt is looked after."""
AGAIN_S: Final = 600.0
"""So long Modal may take to deliver again what a dead container had."""
BEGIN_S: Final = 6 * 3600.0
"""So long a call may wait for its turn at the GPUs."""
LOOK_AFTER_S: Final = 30.0
"""So long nobody asks Modal about a call that has not begun: most begin within seconds."""


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Looks after jobs, one at a time."""

    hands: Hands

    def see_to(self, job: str) -> Record:
        """See to a job that nobody may be working on; return how it stands. Raises NotFound.

        And StoreUnavailable, StorageFull and AnswerLost, after which it is seen to the next time.
        """
        record = self.hands.ledger.read(job)
        if record.state in ENDED:
            return record
        if record.state == "result":
            self._follow(record)
        elif record.state == "queued":
            self._see_to_waiting(record)
        elif self.is_stale(record):
            self._see_to_stale(record)
        return self.hands.ledger.read(job)

    def age_s(self, record: Record) -> float | None:
        """Return how long ago a job was last heard of; None while nobody works on it."""
        if record.state not in {"running", "cancelling"}:
            return None
        return max(0.0, self.hands.clock() - self._heard_s(record))

    def is_stale(self, record: Record) -> bool:
        """Say whether an attempt has not beaten for too long."""
        age_s = self.age_s(record)
        return age_s is not None and age_s >= STALE_S

    def _heard_s(self, record: Record) -> float:
        """Return when a job was last heard of: before its first beat, when its turn was due."""
        if record.heartbeat_s > 0:
            return record.heartbeat_s
        turn = self.hands.turns.last(record.job)
        return turn.due_s if turn and turn.due_s else self.hands.clock()

    def _see_to_waiting(self, record: Record) -> None:
        """Hand a turn over that is due and that nobody was handed; give up a call that will not begin."""
        spec, turn = self._asked(record)
        if spec is None or turn is None:
            return
        now_s = self.hands.clock()
        if turn.due_s > now_s:
            return
        call = self.hands.turns.call(record.job, turn.number)
        if call is None:
            self.hands.hand_over(spec, turn)
            return
        waited_s = now_s - self._handed_s(record, turn)
        if waited_s < LOOK_AFTER_S:
            return
        if self._follow(record) or not (waited_s >= BEGIN_S or self.hands.calls.has_ended(call)):
            return
        self._go_on(spec, record, turn, call)

    def _see_to_stale(self, record: Record) -> None:
        """End a job that was to be stopped; give one that its worker has left its next turn."""
        if self._follow(record):
            return
        if record.state == "cancelling":
            self.hands.conclude(record.user, record.job, "cancelled", Cancelled().envelope())
            return
        spec, turn = self._asked(record)
        if spec is None or turn is None:
            return
        call = self.hands.turns.call(record.job, turn.number)
        overdue = (self.age_s(record) or 0.0) >= AGAIN_S
        if call is None or overdue or self.hands.calls.has_ended(call):  # else Modal delivers it again by itself
            self._go_on(spec, record, turn, call)

    def _go_on(self, spec: Spec, record: Record, turn: Turn, call: str | None) -> None:
        if call is not None:
            with suppress(StoreUnavailable):
                self.hands.calls.cancel(call)
        if not self.hands.next_turn(spec, record, turn, LOST):
            self.hands.conclude(record.user, record.job, "failed", Lost(attempts=record.attempt).envelope())

    def _follow(self, record: Record) -> bool:
        """Let the ledger say what the result says, if there is one. A result that was to be there and is gone fails."""
        if self.hands.follow(record.user, record.job):
            return True
        if record.state == "result":
            gone = Internal("The result of this job is gone.").envelope()
            self.hands.conclude(record.user, record.job, "failed", gone)
        return False

    def _asked(self, record: Record) -> tuple[Spec | None, Turn | None]:
        """Return what a job is to do and its last turn; of a job that the Dict forgot, whoever has its row begins."""
        return self.hands.turns.spec(record.job), self.hands.turns.last(record.job)

    def _handed_s(self, record: Record, turn: Turn) -> float:
        """Return about when a turn was handed over: the first is due at once, and handed over when it was made."""
        return turn.due_s or record.heartbeat_s
