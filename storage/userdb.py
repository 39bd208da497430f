"""The users' databases: each one SQLite file in the store, read and written whole, and never lost.

What a write answers is durable: it is in the store, under a version that follows the one before it, exactly once.
"""

from __future__ import annotations

import logging
import random
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from reel import keys
from reel.errors import Json, ReelError, StoreUnavailable
from storage import history
from storage.batch import Asked, Command, draft_of
from storage.bucket import Bucket
from storage.clock import Clock
from storage.commit import At, Draft, commit
from storage.copies import Copies
from storage.history import Kept
from storage.image import open_private
from storage.line import Line, Lines, Turn
from storage.migrate import Migrations
from storage.newest import Newest, newest, newest_of_any
from storage.operations import Operation, checked_operation
from storage.patience import Pace, Patience
from storage.restore import Restoring
from storage.synclog import SyncLog, hashed
from storage.timing import TimedBucket, Timing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a process goes about it. The defaults are the cloud's; a test passes in clocks, chance and where it ends.

    `pace_s` is the least time between two writes of one user: R2 takes one a second per key. `shown` names a user in
    the logs; the local home, which has but one, passes in `str`.
    """

    pace_s: float = 1.0
    shown: Callable[[str], str] = hashed
    logger: logging.Logger = field(default_factory=lambda: logging.getLogger("storage"))
    clock: Clock = field(default_factory=Clock)
    seed: int | None = None
    turn: Callable[[], Turn] = threading.Lock
    at: At = lambda _: None


class UserDatabases:
    """All users' databases, as this process reads and writes them. Any thread may call; other processes do the same.

    A user that has none yet reads an empty one; the first write creates it.
    """

    def __init__(self, bucket: Bucket, migrations: Sequence[str], cache: Path, manner: Manner | None = None) -> None:
        self._manner = manner = manner or Manner()
        self._bucket = bucket
        self._migrations = Migrations.of(migrations)
        self._copies = Copies(cache, manner.clock.time_s())
        self._rng = random.Random(manner.seed)
        self._lines = Lines(lambda: Line(Pace(manner.clock, manner.pace_s), manner.turn()))
        self._log = SyncLog(manner.logger, manner.shown)

    def read(self, user: str, query: Callable[[sqlite3.Connection], T], timing: Timing | None = None) -> T:
        """Return what `query` says of the newest version: one conditional GET. The connection takes no writes.

        Raises StoreUnavailable, SnapshotDamaged, SchemaTooNew.
        """
        keys.checked_user(user)
        bucket = self._timed(timing or Timing())
        connection = open_private(self._refreshed(user, bucket).image)
        try:
            self._migrations.bring_up(connection)  # in memory: it is the next write that makes it last
            connection.execute("PRAGMA query_only = ON")
            return query(connection)
        finally:
            connection.close()

    def write(self, user: str, operation: Operation, command: Command, timing: Timing | None = None) -> Json:
        """Apply a command once and return its answer, when it is durable; of a repeated operation its first answer.

        Those who write for one user at once share one version. Raises what the command raises (nothing was changed,
        nothing is remembered), OperationReused, StoreUnavailable (nothing was changed), AnswerLost (nobody knows: come
        again with the same operation), StorageFull, SnapshotDamaged, SchemaTooNew.
        """
        keys.checked_user(user)
        asked = Asked(checked_operation(operation), command, timing or Timing())
        line = self._lines.of(user)
        with line.joined(asked), line.turn:
            if not asked.ended:  # else whoever had the turn before wrote for us as well
                self._write_for_all(user, line)
        return asked.outcome()

    def history(self, user: str) -> list[Kept]:
        """Return the snapshots of a user's database, newest first; each is read whole. Raises StoreUnavailable."""
        return list(history.snapshots(self._bucket, keys.checked_user(user)))

    def restore(self, user: str, version: int, operation: Operation) -> Json:
        """Bring a snapshot back as the newest version: {"version", "restored"}. What is there now is kept as one too.

        Also over a database that is damaged, gone, or of a newer release. Raises NotFound and SnapshotDamaged for the
        snapshot, and otherwise as `write`.
        """
        bucket = self._timed(Timing())
        restoring = Restoring(keys.checked_user(user), version, checked_operation(operation), self._migrations)
        line = self._lines.of(user)

        def draft_on(found: Newest) -> Draft | None:
            return restoring.draft_on(found, bucket, self._manner.clock.time_s(), self._manner.at)

        with line.turn:
            self._commit(user, line, bucket, lambda: newest_of_any(bucket, user), draft_on)
        return restoring.answer

    def _write_for_all(self, user: str, line: Line) -> None:
        """Apply whatever waits in the line; each then has its answer or what went wrong with it."""
        timing = Timing()
        bucket = self._timed(timing)
        served: list[Asked] = []

        def serve() -> list[Asked]:
            waiting = line.waiting()
            served.extend(asked for asked in waiting if asked not in served)
            return waiting

        def draft_on(found: Newest) -> Draft | None:
            if found.etag is None:
                history.require_none(bucket, user)
            return draft_of(serve(), found, self._migrations, self._manner.clock.time_s(), self._manner.at)

        try:
            self._commit(user, line, bucket, lambda: self._newest(user, bucket), draft_on)
        except ReelError as fault:
            for asked in serve():
                asked.fail(fault)
        landed = {asked.applied.version for asked in served if asked.applied and asked.unheard}
        for version in sorted(landed):
            self._log.synced(user, version, None, timing.store_s)
        for asked in served:
            asked.ended = True
            asked.timing.add(timing)
            self._log.slow(asked.operation.route, timing.store_s)

    def _commit(
        self,
        user: str,
        line: Line,
        bucket: TimedBucket,
        refresh: Callable[[], Newest],
        draft_on: Callable[[Newest], Draft | None],
    ) -> None:
        at = self._manner.at
        written = commit(user, bucket, refresh, draft_on, Patience(bucket, self._rng), line.pace, at)
        if written is None:
            return
        draft = written.draft
        self._copies.keep(user, written.etag, draft.image)
        self._log.synced(user, draft.version, len(draft.image), bucket.timing.store_s)
        at("published")
        if draft.kept is not None:
            history.prune(bucket, user)
            at("pruned")

    def _refreshed(self, user: str, bucket: TimedBucket) -> Newest:
        patience = Patience(bucket, self._rng)
        while True:
            try:
                return self._newest(user, bucket)
            except StoreUnavailable as fault:
                if not patience.lasts(fault):
                    raise

    def _newest(self, user: str, bucket: TimedBucket) -> Newest:
        return newest(bucket, self._copies, self._migrations, user)

    def _timed(self, timing: Timing) -> TimedBucket:
        return TimedBucket(self._bucket, self._manner.clock, timing)
