"""Leaving: a user's account is deleted with all that is theirs, also what late workers still write.

The tombstone comes first and goes last: whatever dies in between, somebody comes by it and goes on.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from reel import keys
from reel.errors import AlreadyExists, NotFound, SchemaTooNew, SnapshotDamaged
from storage import jobs
from storage.objects import Objects
from storage.userdb import UserDatabases

WATCHED: Final = timedelta(days=2)
"""How long what comes after is cleared again: longer than any job may run."""


def leave(databases: UserDatabases, objects: Objects, user: str, now: str, cancel: Callable[[str], object]) -> None:
    """Delete a user's account: stop their jobs (`cancel` gets each one's id), sign their devices out, remove it all.

    Doing so again is fine, and goes on where it was stopped. Raises StoreUnavailable, AnswerLost.
    """
    with suppress(AlreadyExists):
        objects.put(keys.leaving(user), json.dumps({"asked_at": now}).encode(), create_only=True)
    _clear(databases, objects, user, cancel)


def is_leaving(objects: Objects, user: str) -> bool:
    """Say whether a user's account is being deleted: nothing is to be begun for them any more."""
    return objects.exists(keys.leaving(user))


def see_to_leaving(databases: UserDatabases, objects: Objects, now: str) -> int:
    """Clear again what came after those who left, and forget them after two days; return how many are still watched.

    Raises StoreUnavailable, AnswerLost; the next time goes on.
    """
    watched = 0
    for key in list(objects.keys(keys.LEAVING_PREFIX)):
        user = key.removeprefix(keys.LEAVING_PREFIX).removesuffix(".json")
        came_late = _clear(databases, objects, user, _nobody)
        if came_late or not _is_over(objects, key, now):
            watched += 1
        else:
            objects.delete(key)
    return watched


def _clear(databases: UserDatabases, objects: Objects, user: str, cancel: Callable[[str], object]) -> bool:
    """Remove all that is a user's, the database with the last of it; say whether there was anything."""
    open_jobs, shared = _known(databases, user)
    for job in open_jobs:
        with suppress(NotFound):
            cancel(job)
        objects.delete(keys.active(job))
    for digest in shared:
        objects.delete(keys.share(digest))
    devices = keys.devices_prefix(user)
    for key in list(objects.keys(devices)):
        objects.delete(keys.session(key.removeprefix(devices).removesuffix(".json")))
    with suppress(NotFound):
        objects.delete(keys.login(json.loads(objects.read(keys.recovery(user)))["sha256"]))
    ledger = objects.clear(keys.ledger(user, 0).removesuffix("0.json"))
    return bool(ledger + objects.clear(keys.user_prefix(user)))


def _known(databases: UserDatabases, user: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the open jobs and the shares' digests; none of a database that cannot be read, which goes all the same."""

    def query(connection: sqlite3.Connection) -> tuple[tuple[str, ...], tuple[str, ...]]:
        shared = tuple(digest for (digest,) in connection.execute("SELECT token_sha256 FROM shares"))
        return jobs.open_ids(connection), shared

    try:
        return databases.read(user, query)
    except (SnapshotDamaged, SchemaTooNew):
        return (), ()


def _is_over(objects: Objects, key: str, now: str) -> bool:
    try:
        asked_at = json.loads(objects.read(key))["asked_at"]
    except NotFound:
        return False
    return datetime.fromisoformat(now) - datetime.fromisoformat(asked_at) > WATCHED


def _nobody(job: str) -> None:
    """Stop nothing: whoever asked to leave has stopped what was open, and nothing is begun afterwards."""
