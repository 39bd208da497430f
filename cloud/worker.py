"""A worker: what a container does with the turn of a job that it was called for."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Timer
from typing import Final

from cloud.hands import Hands
from cloud.heard import HeardLedger
from cloud.order import Order, read_order, whose
from jobs.attempt import AttemptLedger, AttemptStore, NotTheEnd
from jobs.part import Help
from jobs.ports import Outcome, Record, Store
from jobs.retries import again
from jobs.run import run
from jobs.spec import Spec
from jobs.tools import Tools
from reel import keys
from reel.errors import (
    Cancelled,
    IllegalMove,
    Internal,
    Json,
    Lost,
    MediaTimeout,
    NotFound,
    ReelError,
    StorageFull,
    StoreUnavailable,
)

MOST_DELIVERIES: Final = 6
"""Of one turn, to containers that die of it. Modal delivers again by itself, also what it took a machine away from."""
SMALLER_AFTER: Final = 2
"""So many deaths, and the next container works on less at once: too little memory ends one without a word."""

_log = logging.getLogger(__name__)


def nothing_first(spec: Spec, store: Store) -> None:
    """Do nothing before a job begins."""


def nothing_spent() -> dict[str, Json]:
    """Count nothing."""
    return {}


def nobody(order: Order, attempt: Callable[[], int]) -> Help | None:
    """Have nobody to ask for help."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Does turns. `tools` gives what bodies work with, smaller if the memory was too little.

    `first` is done before a job begins, and may refuse it; `wall_s` is how long an attempt may take; `spent` says what
    the job has cost by now, for its result; `helpers` gives whom an attempt may ask for help.
    """

    hands: Hands
    tools: Callable[[bool], Tools]
    wall_s: float
    first: Callable[[Spec, Store], None] = nothing_first
    spent: Callable[[], dict[str, Json]] = nothing_spent
    helpers: Callable[[Order, Callable[[], int]], Help | None] = nobody

    def work(self, text: str, call: str) -> None:
        """Take a turn as far as it goes, in this call. Raises StoreUnavailable: then whoever sweeps sees to it."""
        job, user, number = whose(text)
        if not self.hands.turns.take(job, number, call):
            _log.info("job %s is in other hands", job)
            return
        try:
            order = read_order(text)
        except Internal as unknown:
            self._part_unread(job, user, unknown)
            return
        attempt = AttemptLedger(HeardLedger(self.hands.ledger, self.hands.clock))
        try:
            self._require_fit(order)
            with self._limited(attempt):
                self._run(order, attempt)
        except NotTheEnd as held:
            self._part(order, attempt, held.error)
        except IllegalMove:  # it was ended in the ledger
            self.hands.follow(user, job)
        except StorageFull as full:  # a result waits for room as it waits for the store
            self._part(order, attempt, StoreUnavailable(full.message).envelope())
        except ReelError as fault:
            self._part(order, attempt, fault.envelope())

    def _run(self, order: Order, attempt: AttemptLedger) -> None:
        hands, spec = self.hands, order.spec
        tools = self.tools(order.resource > 0 or self._deaths(order) >= SMALLER_AFTER)
        self.first(spec, tools.store)
        store = CountedStore(tools.store, attempt, order.user, order.job, self.spent)
        helpers = self.helpers(order, lambda: attempt.attempt or 0)
        run(
            spec,
            replace(tools, store=store, ledger=attempt, clock=hands.clock, announce=hands.announce, help_with=helpers),
        )
        hands.follow(order.user, order.job)

    @contextmanager
    def _limited(self, attempt: AttemptLedger) -> Generator[None]:
        """Stop an attempt that takes too long, before Modal ends its container without a word."""

        def stop() -> None:
            attempt.stopping = "overdue"

        timer = Timer(self.wall_s, stop)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _require_fit(self, order: Order) -> None:
        """Raise Lost for a turn that container after container died of."""
        deaths = self._deaths(order)
        if deaths >= MOST_DELIVERIES:
            raise Lost(attempts=deaths)

    def _deaths(self, order: Order) -> int:
        """Return how many containers had this turn and did not come to its end."""
        record, turn = self._record(order.job), self.hands.turns.last(order.job)
        return record.attempt - turn.attempt if record and turn and turn.number == order.turn else 0

    def _part(self, order: Order, attempt: AttemptLedger, error: dict[str, Json]) -> None:
        """End a job that did not end by itself, or let it wait for its next turn."""
        hands, record = self.hands, self._record(order.job)
        if attempt.stopping == "overdue":
            late = MediaTimeout("This took far too long and was stopped.", limit_s=self.wall_s)
            self._conclude(order, "failed", late.envelope())
        elif attempt.stopping == "superseded":
            return
        elif record is not None and record.state in {"cancelling", "cancelled"}:
            self._conclude(order, "cancelled", Cancelled().envelope())
        elif record is not None and self._goes_on(order, record, error):
            return
        elif record is None and again(str(error["code"]), order.faults, hands.clock(), hands.patience):
            return  # the Dict was lost: whoever has the job's row hands it over again
        else:
            self._conclude(order, "failed", error)

    def _conclude(self, order: Order, outcome: Outcome, error: dict[str, Json]) -> None:
        self.hands.conclude(order.user, order.job, outcome, error, _counted(None, self.spent()))

    def _goes_on(self, order: Order, record: Record, error: dict[str, Json]) -> bool:
        turn = self.hands.turns.last(order.job)
        if turn is None or turn.number != order.turn:  # somebody has decided on the next one by now
            return turn is not None
        return self.hands.next_turn(order.spec, record, turn, str(error["code"]))

    def _part_unread(self, job: str, user: str, unknown: Internal) -> None:
        """Give back what a newer release has ordered: soon all containers are of that release."""
        record, turn, spec = self._record(job), self.hands.turns.last(job), self.hands.turns.spec(job)
        if not (record and turn and spec and self.hands.next_turn(spec, record, turn, unknown.code)):
            self.hands.conclude(user, job, "failed", unknown.envelope())

    def _record(self, job: str) -> Record | None:
        try:
            return self.hands.ledger.read(job)
        except NotFound:
            return None


@dataclass(frozen=True, slots=True)
class CountedStore(AttemptStore):
    """The store as one attempt sees it; its result says what the job has cost: `cost` beside what its value is."""

    spent: Callable[[], dict[str, Json]]

    def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
        """See Store. Raises NotTheEnd."""
        if key == keys.result(self.user, self.job):
            said = json.loads(body)
            body = json.dumps(said | {"value": _counted(said["value"], self.spent())}).encode()
        AttemptStore.put(self, key, body, create_only=create_only)


def _counted(value: dict[str, Json] | None, spent: dict[str, Json]) -> dict[str, Json] | None:
    return {**(value or {}), "cost": spent} if spent else value
