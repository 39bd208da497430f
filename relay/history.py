"""The newest snapshot of each job, for those who come later. Bounded, and forgotten after a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.protocol import Clock, Snapshot, newest

ENDED_LIFE_S: Final = 3600.0
OPEN_LIFE_S: Final = 15 * 60.0
MOST_JOBS: Final = 20_000  # below 1 KB each but for the longest messages: well inside a machine of 256 MB
MOST_JOBS_PER_USER: Final = 100


@dataclass(frozen=True, slots=True)
class _Kept:
    snapshot: Snapshot
    until_s: float  # on the steady clock


class History:
    """What is known of the jobs. With too many, those that nobody told anything about for longest go first."""

    def __init__(self, clock: Clock, most_jobs: int = MOST_JOBS, most_jobs_per_user: int = MOST_JOBS_PER_USER) -> None:
        self._clock, self._most_jobs, self._most_jobs_per_user = clock, most_jobs, most_jobs_per_user
        self._users: dict[str, dict[str, _Kept]] = {}  # each user's jobs, the one told of last at the end
        self._jobs: dict[tuple[str, str], None] = {}  # all of them, likewise

    def __len__(self) -> int:
        return len(self._jobs)

    def learn(self, snapshot: Snapshot) -> bool:
        """Take in a snapshot; tell whether it is news."""
        kept = self._users.get(snapshot.user, {}).get(snapshot.job)
        known = kept.snapshot if kept else None
        if newest(known, snapshot) is known:
            return False
        self._drop(snapshot.user, snapshot.job)
        life_s = ENDED_LIFE_S if snapshot.ended else OPEN_LIFE_S
        kept = _Kept(snapshot, self._clock.steady_s() + life_s)
        self._users.setdefault(snapshot.user, {})[snapshot.job] = kept
        self._jobs[snapshot.user, snapshot.job] = None
        self._make_room(snapshot.user)
        return True

    def of(self, user: str) -> list[Snapshot]:
        """Return what is known of a user's jobs, the one told of last at the end."""
        now_s = self._clock.steady_s()
        return [kept.snapshot for kept in self._users.get(user, {}).values() if now_s < kept.until_s]

    def forget(self) -> None:
        """Let go of what has been kept for long enough."""
        now_s = self._clock.steady_s()
        old = [(user, job) for user, jobs in self._users.items() for job, kept in jobs.items() if now_s >= kept.until_s]
        for user, job in old:
            self._drop(user, job)

    def _make_room(self, user: str) -> None:
        if len(self._users[user]) > self._most_jobs_per_user:
            self._drop(user, next(iter(self._users[user])))
        if len(self._jobs) > self._most_jobs:
            self._drop(*next(iter(self._jobs)))

    def _drop(self, user: str, job: str) -> None:
        if (user, job) not in self._jobs:
            return
        del self._jobs[user, job]
        del self._users[user][job]
        if not self._users[user]:
            del self._users[user]
