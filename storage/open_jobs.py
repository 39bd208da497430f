"""Open jobs: from the row that asks for one to the rows that its result makes, whatever dies in between."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.ports import Dispatch
from reel import keys
from storage.clock import Clock
from storage.objects import Objects
from storage.userdb import UserDatabases


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """The jobs of all users that have not settled. Every method raises StoreUnavailable."""

    databases: UserDatabases
    store: Objects
    dispatch: Dispatch
    clock: Clock

    def note(self, user: str, jobs: Sequence[str]) -> None:
        """List jobs as open, before the rows that ask for them commit: from then on they are found without a user."""
        for job in jobs:
            said = {"user": user, "noted_s": self.clock.time_s()}
            self.store.put(keys.active(job), json.dumps(said).encode())
