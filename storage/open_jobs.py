"""Open jobs: from the row that asks for one to the rows that its result makes, whatever dies in between.

    note      _active/{job}: from here on the job is found without its user
    the row   commits: the job was accepted
    start     the row is handed over, its call noted; one that waits for another job is handed over when that is done
    settle    its result.json, however it came to be, is folded into rows, once; _active/{job} goes

Each step may be done twice, by several processes, and by whoever comes next: a job is executed once because its first
result stands, and settles once because its row says so.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, cast

from jobs.ports import Dispatch, Record, Store
from jobs.state import ENDED
from reel import keys
from reel.errors import (
    AlreadyExists,
    AnswerLost,
    BadField,
    Cancelled,
    Internal,
    Json,
    NotFound,
    ReelError,
    StorageFull,
    StoreUnavailable,
    from_envelope,
)
from reel.refusals import StepClosed
from storage import jobs
from storage.clock import Clock
from storage.frame_times import read_ptsmap
from storage.ids import uuid7
from storage.jobs import Open, Outcome
from storage.operations import Operation
from storage.results import Ended, read_result
from storage.settle import settle
from storage.timing import Timing
from storage.userdb import UserDatabases

OVERDUE_S: Final = 60.0
"""So long after its row was made nobody is about to hand a job over any more."""
FORLORN_S: Final = 600.0
"""So long after a job was noted nobody is about to commit its row any more."""

_AWAY: Final = (StoreUnavailable, AnswerLost, StorageFull)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """The jobs of all users that have not settled. Any process may see to any of them, several at once too.

    Every method raises StoreUnavailable, StorageFull and AnswerLost where it says nothing else: it can be called again.
    """

    databases: UserDatabases
    store: Store
    dispatch: Dispatch
    clock: Clock

    @contextmanager
    def opening(self, user: str, jobs: Sequence[str]) -> Generator[None]:
        """Surround the write that commits the rows of jobs: they are noted before it and handed over after it.

        Raises what the write raises. Which of the jobs got a row is for the write to decide.
        """
        self.note(user, jobs)
        try:
            yield
        except AnswerLost:  # nobody knows: they stay noted
            raise
        except ReelError:
            with suppress(*_AWAY):
                self._drop_what_is_over(user, dict.fromkeys(jobs, float("-inf")))
            raise
        self.start(user)

    def note(self, user: str, jobs: Sequence[str]) -> None:
        """List jobs as open, before the rows that ask for them commit: from then on they are found without a user."""
        body = json.dumps({"user": user, "noted_s": self.clock.time_s()}).encode()
        for job in jobs:
            self.store.put(keys.active(job), body)

    def start(self, user: str) -> None:
        """Hand over what was committed and waits for nothing, and stop what is to be stopped.

        Raises nothing of ours: what was committed was accepted, and whoever comes by next hands it over.
        """
        try:
            self._hand_over(user, lambda row: row.call_id is None or row.state == "cancelling")
        except _AWAY as away:
            _log.warning("jobs wait to be handed over: %s", away.message)

    def settle(self, user: str, timing: Timing | None = None, found: Sequence[Open] | None = None) -> int:
        """Fold in all jobs of a user that have ended, once each; return how many. What waited for them is handed over.

        `found` are those that were open just now, where the caller has read them.
        """
        count = 0
        while True:
            rows = self.databases.read(user, jobs.opened, timing) if found is None else found
            found = None
            looks = {row.id: self._look(user, row) for row in rows}
            ended = [look for look in looks.values() if isinstance(look, Ended)]
            folded = self._fold(user, rows, ended, timing) if ended else 0
            count += folded
            if not folded:  # else what waited may go on, or never will
                break
        left = {job for job, look in looks.items() if look == "unknown"}
        if any(row.id in left and self._is_due(row) for row in rows):
            self._hand_over(user, lambda row: row.id in left and self._is_due(row))
        return count

    def see_to_all(self) -> int:
        """See to the open jobs of all users: settle those that ended, hand over those that nobody has.

        Return how many settled. A user whose database is not to be had keeps nobody else waiting.
        """
        noted: dict[str, dict[str, float]] = defaultdict(dict)
        for key in self.store.keys(keys.ACTIVE_PREFIX):
            with suppress(NotFound):  # it settled just now
                said = json.loads(self.store.read(key))
                noted[said["user"]][key.removeprefix(keys.ACTIVE_PREFIX).removesuffix(".json")] = said["noted_s"]
        count = 0
        for user, found in noted.items():
            try:
                count += self.settle(user)
                self._drop_what_is_over(user, found)
            except ReelError as fault:
                _log.warning("the jobs of a user wait: %s", fault.message, extra={"code": fault.code})
        return count

    # How a job stands

    def _look(self, user: str, row: Open) -> Ended | Literal["unknown"] | None:
        """Return how a job ended; None while it has not, "unknown" if nobody has it. One to be stopped is."""
        if row.waits:
            return self._end_in_vain(user, row)
        record = self._record(row.id)
        if record and row.state == "cancelling" and record.state in {"queued", "running"}:
            record = self._stop(row.id)
        if record and record.state not in ENDED | {"result"}:
            return None
        ended = self._result(user, row.id)
        if ended:
            return ended
        if record:
            return self._conclude(user, row.id, *_as_the_ledger_says(record))  # nor can what it made be found
        if row.state == "cancelling":
            return self._conclude(user, row.id, "cancelled", Cancelled())
        return "unknown"

    def _end_in_vain(self, user: str, row: Open) -> Ended | None:
        """End a job that waits for another, if that will not be done or the person stopped this one."""
        if row.state == "cancelling":
            return self._conclude(user, row.id, "cancelled", Cancelled())
        if row.awaited in {"queued", "cancelling"}:
            return None
        why = "was cancelled"
        if row.awaited == "failed":
            why = f"failed: {(row.awaited_error or {}).get('message', 'nobody knows why')}"
        fault = StepClosed(f"The framing that this reel waited for {why}", waited_for=row.waits_for)
        return self._conclude(user, row.id, "failed", fault)

    def _record(self, job: str) -> Record | None:
        try:
            return self.dispatch.read(job).record
        except NotFound:
            return None

    def _stop(self, job: str) -> Record | None:
        try:
            return self.dispatch.cancel(job)
        except NotFound:  # nobody has it: that it is never begun is seen to by its result
            return None

    def _result(self, user: str, job: str) -> Ended | None:
        try:
            ended = read_result(self.store.read(keys.result(user, job)))
        except NotFound:
            return None
        except BadField:
            ended = None
        if ended is None or ended.job != job:
            fault = Internal("The result of this job cannot be read.")
            return Ended(job, "failed", error=fault.envelope())
        return ended

    def _conclude(self, user: str, job: str, outcome: Outcome, error: ReelError) -> Ended:
        """End a job that nobody works on, or return how it has ended by now."""
        body = {"job": job, "outcome": outcome, "value": None, "error": error.envelope()}
        with suppress(AlreadyExists):
            self.store.put(keys.result(user, job), json.dumps(body).encode(), create_only=True)
        ended = self._result(user, job)
        assert ended is not None, "it stands since it was put"
        return ended

    # What follows

    def _fold(self, user: str, rows: Sequence[Open], ended: Sequence[Ended], timing: Timing | None) -> int:
        """Fold results in, all in one write, of which whoever comes second makes none; return how many."""
        about = {row.id: row for row in rows}
        times = {one.job: self._frame_pts(user, about[one.job]) for one in ended if one.outcome == "done"}
        now = datetime.fromtimestamp(self.clock.time_s(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

        def command(connection: sqlite3.Connection) -> Json:
            count = sum(settle(connection, one, now, times.get(one.job, ())) for one in ended)
            if not count:
                raise _SettledBefore
            return count

        try:
            count = cast("int", self.databases.write(user, _operation("settle"), command, timing))
        except _SettledBefore:
            count = 0
        self._drop([one.job for one in ended])
        return count

    def _frame_pts(self, user: str, row: Open) -> Sequence[int]:
        """Return the frame times of the source that an ingest looked over: clips marked before are snapped to them."""
        if row.kind != "ingest" or row.game_id is None or row.source_id is None:
            return ()
        try:
            return read_ptsmap(self.store.read(keys.ptsmap(user, row.game_id, row.source_id)))
        except (NotFound, BadField):
            return ()

    def _is_due(self, row: Open) -> bool:
        """Say whether a job that nobody has is to be handed over: else whoever made its row is just about to."""
        age_s = self.clock.time_s() - datetime.fromisoformat(row.created_at).timestamp()
        return row.call_id is not None or row.waits_for is not None or not 0 <= age_s < OVERDUE_S

    def _hand_over(self, user: str, wanted: Callable[[Open], bool]) -> None:
        """Submit the wanted ones of the jobs that wait for nothing, as the rows say it now, and note their calls.

        Those that are to be stopped are stopped.
        """

        def ready(connection: sqlite3.Connection) -> list[tuple[Open, Any]]:
            rows = [row for row in jobs.opened(connection) if not row.waits and wanted(row)]
            return [(row, jobs.spec_of(connection, row.id)) for row in rows]

        calls: dict[str, str] = {}
        for row, spec in self.databases.read(user, ready):
            if row.state == "cancelling":
                self._stop(row.id)
            elif row.kind != "preview":
                calls[row.id] = self.dispatch.submit(spec)
            elif self._record(row.id) is None:  # no call is noted of one: it is over sooner than that would be durable
                self.dispatch.submit(spec)

        def command(connection: sqlite3.Connection) -> Json:
            for job, call in calls.items():
                jobs.dispatched(connection, job, call)
            return None

        if calls:
            self.databases.write(user, _operation("start"), command)

    def _drop_what_is_over(self, user: str, noted: Mapping[str, float]) -> None:
        """Take those jobs off the list that have settled, and those that never got a row."""
        settled = self.databases.read(user, lambda connection: jobs.settled_among(connection, noted))
        now_s = self.clock.time_s()
        self._drop([job for job, noted_s in noted.items() if settled.get(job, now_s - noted_s > FORLORN_S)])

    def _drop(self, jobs: Collection[str]) -> None:
        for job in jobs:
            with suppress(*_AWAY):  # whoever walks the list finds it once more
                self.store.delete(keys.active(job))


class _SettledBefore(Exception):
    """Somebody else has folded all of it in: there is nothing to write."""


def _as_the_ledger_says(record: Record) -> tuple[Outcome, ReelError]:
    """Return how a job ended that left no result."""
    if record.state == "cancelled":
        return "cancelled", Cancelled()
    return "failed", from_envelope(record.error) if record.error else Internal("The result of this job is gone.")


def _operation(what: str) -> Operation:
    """Return an operation of its own: that the same is done but once is for the command to see to."""
    return Operation(f"{what}-{uuid7()}", "", what)
