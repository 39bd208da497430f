"""Snapshots of a user's database: before a migration, before a restore, and one a day that something is written.

A snapshot is the object as it was, under its version, so that making it again changes nothing. The newest 30 stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from reel import keys
from reel.errors import AnswerLost, NotFound, ReelError, SnapshotDamaged, StoreUnavailable
from storage.bucket import Bucket
from storage.image import open_private, schema_of, unseal
from storage.operations import about

MOST: Final = 30
EVERY_S: Final = 24 * 3600.0
UNREADABLE: Final = 0
"""The place of an object that was damaged when a snapshot took its place; versions count from 1."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One snapshot. Of a damaged one only the version and the size are known; a schema may be a newer release's."""

    version: int
    size_bytes: int
    written_at_s: float | None
    schema: int | None


def keep(bucket: Bucket, user: str, version: int, body: bytes) -> None:
    """Put an object into the history. Raises StoreUnavailable also where the answer was lost: it can be put again."""
    try:
        bucket.put(keys.history(user, version), body)
    except AnswerLost as lost:
        raise StoreUnavailable from lost


def prune(bucket: Bucket, user: str) -> None:
    """Remove all but the newest; what a store out of order leaves over goes the next time.

    Raises nothing of ours: the write that it comes after is durable, and shall be answered so.
    """
    with suppress(ReelError):
        for version in versions(bucket, user)[:-MOST]:
            bucket.delete(keys.history(user, version))


def versions(bucket: Bucket, user: str) -> list[int]:
    """Return the versions in a user's history, oldest first."""
    prefix = keys.history(user, 0).removesuffix("0.sqlite")
    names = (key.removeprefix(prefix).removesuffix(".sqlite") for key in bucket.keys(prefix))
    return sorted(int(name) for name in names if name.isdecimal())


def snapshots(bucket: Bucket, user: str) -> Iterator[Kept]:
    """Yield what is in a user's history, newest first; each is read whole."""
    for version in reversed(versions(bucket, user)):
        with suppress(NotFound):  # pruned since it was listed
            yield _kept(version, body(bucket, user, version), keys.history(user, version))


def body(bucket: Bucket, user: str, version: int) -> bytes:
    """Return a snapshot as it lies in the store. Raises NotFound, StoreUnavailable."""
    fetched = bucket.fetch(keys.history(user, version))
    assert fetched is not None, "asked without an etag, a store answers with the object"
    return fetched.body


def require_none(bucket: Bucket, user: str) -> None:
    """Raise SnapshotDamaged if there is a history: a database that is not there was then lost; none is begun anew."""
    if versions(bucket, user):
        message = "The saved data is gone, but snapshots of it are there. Nothing was changed: restore one of them."
        raise SnapshotDamaged(message, key=keys.database(user))


def _kept(version: int, found: bytes, key: str) -> Kept:
    try:
        image = unseal(found, key)
    except SnapshotDamaged:
        return Kept(version, len(found), None, None)
    connection = open_private(image)
    try:
        return Kept(version, len(found), about(connection).written_at_s, schema_of(image))
    finally:
        connection.close()
