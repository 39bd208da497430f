"""Settling at home: jobs that ended are folded in soon after, whether or not anybody looks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from jobs.ports import Announce
from local.ledger import SqliteLedger
from reel.errors import IllegalMove, NotFound
from relay.protocol import Snapshot
from storage import jobs
from storage.open_jobs import OpenJobs

EVERY_S: Final = 5.0
"""So often all open jobs are seen to, for what nobody announced."""
_OVER = frozenset({"result", "cancelled", "failed"})


@dataclass(slots=True)
class Settling:
    """Sees to all open jobs, and tells those that were heard to have ended. `wake` is called when one was heard."""

    open_jobs: OpenJobs
    ledger: SqliteLedger
    announce: Announce
    wake: Callable[[], None] = lambda: None
    _heard: dict[str, str] = field(default_factory=dict[str, str])
    """The users of jobs that ended."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, snapshot: Snapshot) -> None:
        """Note a job that has ended; at once, from any thread."""
        if snapshot.state in _OVER:
            with self._lock:
                self._heard[snapshot.job] = snapshot.user
            self.wake()

    def __call__(self) -> None:
        """Do what is to be done now. Raises StoreUnavailable; what was heard is then settled another time."""
        with self._lock:
            heard = dict(self._heard)
        self.open_jobs.see_to_all()
        for job, user in heard.items():
            with self._lock:
                self._heard.pop(job, None)
            self._tell_done(user, job)

    def _tell_done(self, user: str, job: str) -> None:
        """Let who listens know that what a job made is there to be read."""
        try:
            row = self.open_jobs.databases.read(user, lambda connection: jobs.get(connection, job))
            if row.state == "done":
                self.announce(self.ledger.move(job, "settle"))
        except (NotFound, IllegalMove):  # deleted meanwhile, or it did not end as done
            return
