"""Bring back a snapshot of a user's database, as one more version; what it takes the place of goes into the history."""

from __future__ import annotations

from dataclasses import dataclass, field

from reel import keys
from reel.errors import Json
from storage import history
from storage.bucket import Bucket
from storage.commit import At, Draft
from storage.image import open_private, unseal
from storage.migrate import Migrations
from storage.newest import Newest
from storage.operations import About, Operation, about, applied_before, remember, set_about


@dataclass(slots=True)
class Restoring:
    """One restore on its way; `answer` counts once it is durable: {"version", "restored"}."""

    user: str
    version: int
    operation: Operation
    migrations: Migrations
    answer: Json = field(default=None)

    def draft_on(self, newest: Newest, bucket: Bucket, now_s: float, at: At) -> Draft | None:
        """Return the snapshot as the version after the newest; None if this operation was applied before.

        Raises NotFound, SnapshotDamaged and SchemaTooNew for the snapshot, never for what it takes the place of.
        """
        if self._was_applied(newest):
            return None
        key = keys.history(self.user, self.version)
        image = unseal(history.body(bucket, self.user, self.version), key)
        self.migrations.require_known(image, key)
        replaced = _version_of(newest)
        following = 1 + (replaced or max([self.version, *history.versions(bucket, self.user)]))
        connection = open_private(image)
        try:
            self.migrations.bring_up(connection)
            at("migrated")
            said: Json = {"version": following, "restored": self.version}
            connection.execute("BEGIN IMMEDIATE")
            set_about(connection, About(following, written_at_s=now_s, kept_at_s=now_s))
            self.answer = remember(connection, self.operation, said, following, now_s).answer
            connection.execute("COMMIT")
            kept = None if newest.etag is None else replaced or history.UNREADABLE
            return Draft(connection.serialize(), following, kept)
        finally:
            connection.close()

    def _was_applied(self, newest: Newest) -> bool:
        """Look for this operation in what is there, and take its answer."""
        if not newest.image:
            return False
        connection = open_private(newest.image)
        try:
            before = applied_before(connection, self.operation)
        finally:
            connection.close()
        if before is not None:
            self.answer = before.answer
        return before is not None


def _version_of(newest: Newest) -> int | None:
    if not newest.image:
        return None
    connection = open_private(newest.image)
    try:
        return about(connection).version
    finally:
        connection.close()
