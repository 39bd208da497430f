"""The commands that become one version: each in a transaction of its own, on one private copy of the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from reel.errors import Json, ReelError
from storage import history
from storage.commit import At, Draft
from storage.image import open_private
from storage.migrate import Migrations
from storage.newest import Newest
from storage.operations import About, Applied, Operation, about, applied_before, forget_old, remember, set_about
from storage.timing import Timing

Command: TypeAlias = Callable[[sqlite3.Connection], Json]
"""Changes the database and says what to answer. May be run again, on a newer state: all that it goes by is what it was
made with and the connection. It neither begins nor ends a transaction. Answers are kept for a week: a few fields."""


@dataclass(slots=True, eq=False)
class Asked:
    """One operation on its way. What became of it counts once it has `ended`; until then it may be run again."""

    operation: Operation
    command: Command
    timing: Timing = field(default_factory=Timing)
    applied: Applied | None = None
    failure: Exception | None = None
    drafted: bool = False
    unheard: bool = False  # it was drafted, no answer came, and there it is
    ended: bool = False

    def run(self, connection: sqlite3.Connection, version: int, now_s: float) -> bool:
        """Apply the command, to be `version`, unless it was applied before; return whether it changed anything.

        One that an earlier version has in it is durable, whatever becomes of this one: it has ended. Whatever the
        command raises is told to its own caller, who waits in another thread, and leaves no trace in the copy.
        """
        self.applied = self.failure = connection.row_factory = None
        connection.execute("BEGIN IMMEDIATE")
        try:
            before = applied_before(connection, self.operation)
            self.applied = before or remember(connection, self.operation, self._answer(connection), version, now_s)
            connection.execute("COMMIT")  # where a deferred foreign key may still say no
        except Exception as failure:  # noqa: BLE001 - carried to the thread that asked, which raises it
            if connection.in_transaction:  # a full memory has rolled it back already
                connection.execute("ROLLBACK")
            self.failure = failure
            return False
        self.ended = before is not None and before.version < version
        self.unheard = self.ended and self.drafted
        self.drafted = self.drafted or before is None
        return before is None

    def _answer(self, connection: sqlite3.Connection) -> Json:
        connection.set_authorizer(_no_transactions)
        try:
            return self.command(connection)
        finally:
            connection.set_authorizer(None)

    def fail(self, failure: ReelError) -> None:
        """Let it end unapplied, or with nobody knowing."""
        self.failure = failure
        self.ended = True

    def outcome(self) -> Json:
        """Return the answer, or raise what went wrong."""
        if self.failure:
            raise self.failure
        assert self.ended, "asked for before it was durable"
        assert self.applied, "what has ended without a failure was applied"
        return self.applied.answer


def draft_of(batch: Sequence[Asked], newest: Newest, migrations: Migrations, now_s: float, at: At) -> Draft | None:
    """Return the next version, with all of the batch that can be applied; None if that is nothing new."""
    connection = open_private(newest.image)
    try:
        outdated = migrations.are_due(newest.image)
        migrations.bring_up(connection)
        if outdated:
            at("migrated")
        said = about(connection)
        changes = [asked.run(connection, said.version + 1, now_s) for asked in batch]
        if not any(changes):
            return None
        return finished(connection, said, now_s, kept=newest.etag is not None and (outdated or _is_due(said, now_s)))
    finally:
        connection.close()


def finished(connection: sqlite3.Connection, said: About, now_s: float, *, kept: bool) -> Draft:
    """Return a copy that was changed as the next version after `said`; `kept` if `said` goes into the history."""
    begun = said.version == 0
    if kept:
        forget_old(connection, said.version, now_s)
    then_s = now_s if kept or begun else said.kept_at_s
    following = replace(said, version=said.version + 1, written_at_s=now_s, kept_at_s=then_s)
    set_about(connection, following)
    return Draft(connection.serialize(), following.version, said.version if kept else None)


def _is_due(said: About, now_s: float) -> bool:
    """Say whether the last snapshot is a day old, or by a clock that jumped from a time to come."""
    return not 0 <= now_s - said.kept_at_s < history.EVERY_S


def _no_transactions(action: int, *_: object) -> int:
    """Refuse BEGIN, COMMIT and ROLLBACK inside a command: it would take those before it along."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_TRANSACTION else sqlite3.SQLITE_OK
