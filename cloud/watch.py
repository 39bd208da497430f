"""The watch: one small function that lives while jobs are open, settles those that end, and looks around now and then.

Nothing depends on it but how soon things happen: whoever reads a job sees to it, and an hourly backstop starts a watch.
"""

from __future__ import annotations

import heapq
import json
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from cloud.calls import Calls
from cloud.dispatch import Dispatch
from cloud.entries import Entries
from cloud.inbox import Hint, Inbox
from jobs.ports import Store
from reel import keys
from reel.errors import IllegalMove, NotFound, ReelError, StoreUnavailable
from storage import jobs
from storage.open_jobs import OpenJobs

SWEEP_S: Final = 120.0
HELD_S: Final = 300.0
"""So long after its last sign of life a watch is taken for gone: two sweeps and a bit."""
_ENTRY: Final = "watch"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Post:
    """Whether there is a watch. Two at once do no harm."""

    entries: Entries
    clock: Callable[[], float]

    def is_held(self) -> bool:
        """Say whether a watch is there. Raises StoreUnavailable."""
        [said] = self.entries.read(_ENTRY)
        return said is not None and 0 <= self.clock() - json.loads(said)["at_s"] < HELD_S

    def hold(self) -> None:
        """Show that a watch is there. Raises StoreUnavailable."""
        self.entries.put(_ENTRY, json.dumps({"at_s": self.clock()}))

    def leave(self) -> None:
        """Show that there is none any more. Raises StoreUnavailable."""
        self.entries.drop(_ENTRY)

    def call(self, calls: Calls) -> None:
        """See to it that there is a watch. Raises StoreUnavailable."""
        if not self.is_held():
            calls.spawn("watch")
            self.hold()  # until the watch does so itself


@dataclass(frozen=True, slots=True)
class WatchedJobs(OpenJobs):
    """Open jobs over which somebody watches: from before their rows commit."""

    post: Post
    calls: Calls

    def note(self, user: str, jobs: Sequence[str]) -> None:
        """See OpenJobs. Nothing is accepted while Modal is away. Raises StoreUnavailable."""
        OpenJobs.note(self, user, jobs)
        try:
            self.post.call(self.calls)
        except StoreUnavailable:
            self._drop(jobs)
            raise


@dataclass(frozen=True, slots=True)
class Watch:
    """One watch."""

    open_jobs: OpenJobs
    dispatch: Dispatch
    store: Store
    inbox: Inbox
    post: Post
    clock: Callable[[], float]
    sweep_s: float = SWEEP_S

    def keep(self) -> None:
        """Keep watch until no job is open."""
        due: list[tuple[float, str]] = []
        sweep_s = self.clock()
        while True:
            now_s = self.clock()
            if now_s >= sweep_s:
                sweep_s = now_s + self.sweep_s
                self._try(self._sweep)
            while due and due[0][0] <= now_s:
                _, job = heapq.heappop(due)
                self._try(lambda job=job: self._look_at(job))
            if not self._is_needed():
                return
            until_s = min(sweep_s, due[0][0] if due else sweep_s)
            hint = self._heard(max(0.1, until_s - self.clock()))
            if hint and hint.due_s > self.clock():
                heapq.heappush(due, (hint.due_s, hint.job))
            elif hint:
                self._try(lambda hint=hint: self._settle(hint))

    def _sweep(self) -> None:
        self.post.hold()
        self.open_jobs.see_to_all()

    def _settle(self, hint: Hint) -> None:
        """Settle a user's jobs, and tell who listens that what one of them made is there to be read."""
        self.open_jobs.settle(hint.user)
        with suppress(NotFound, IllegalMove):  # deleted meanwhile, or it did not end as done
            row = self.open_jobs.databases.read(hint.user, lambda connection: jobs.get(connection, hint.job))
            if row.state == "done":
                hands = self.dispatch.hands
                hands.announce(hands.ledger.move(hint.job, "settle"))

    def _look_at(self, job: str) -> None:
        with suppress(NotFound):
            self.dispatch.read(job)

    def _is_needed(self) -> bool:
        """Say whether a job is open. The post is left first: who opens one just then finds it empty, and calls another.

        A store that cannot be asked keeps the watch.
        """
        try:
            if self._any_open():
                return True
            self.post.leave()
            if not self._any_open():
                return False
            self.post.hold()
        except ReelError as fault:
            _log.warning("the watch goes on: %s", fault.message)
        return True

    def _any_open(self) -> bool:
        return next(iter(self.store.keys(keys.ACTIVE_PREFIX)), None) is not None

    def _heard(self, within_s: float) -> Hint | None:
        try:
            return self.inbox.take(within_s)
        except ReelError as fault:
            _log.warning("the watch hears nothing: %s", fault.message)
            return None

    def _try(self, what: Callable[[], object]) -> None:
        try:
            what()
        except ReelError as fault:
            _log.warning("the watch leaves something for later: %s", fault.message)
