"""Tidying up: what nobody needs any more is removed, once a day, user by user. Never what something refers to.

Of a user whose database is not there nothing is removed: without it nobody can say what is needed.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from jobs.spec import IngestSpec
from reel import keys
from reel.errors import BadField, Json, NotFound, ReelError
from storage import framings, handouts, jobs, logins, removals, sources
from storage.ids import uuid7
from storage.leaving import is_leaving, see_to_leaving
from storage.leftovers import Needed, leftovers
from storage.objects import Objects
from storage.operations import Operation, about
from storage.results import read_result
from storage.sessions import USUAL_LIVES, Lives, Session
from storage.uploads import Uploads
from storage.userdb import UserDatabases

HANDED_OUT: Final = timedelta(days=7)
"""How long raw clips, annotated exports and archives are kept."""
REMEMBERED: Final = timedelta(days=30)
"""How long jobs are, after they have settled."""
UNCLAIMED: Final = timedelta(days=1)
"""How old a share's object is before it counts as one whose row was never written."""

T = TypeVar("T")

_BATCHES: Final = 100  # of removals, in one go

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was given up or forgotten of a user: uploads and rows; `objects` are those that went without a row."""

    uploads: int = 0
    rows: int = 0
    removals: int = 0
    objects: int = 0
    devices: int = 0


def tidy(databases: UserDatabases, objects: Objects, now: str, lives: Lives = USUAL_LIVES) -> int:
    """Tidy up for every user, and what is found without one; return how many things could not be done.

    Once a day. What cannot be done for one user is logged, and stops no other; the next day goes on.
    Raises StoreUnavailable if not even the users can be listed.
    """
    now_s = datetime.fromisoformat(now).timestamp()
    work: list[Callable[[], object]] = [
        *(_of_user(databases, objects, user, now, lives) for user in users(objects)),
        lambda: logins.clear_old(objects, now_s),
        lambda: _clear_shares(databases, objects, now),
        lambda: see_to_leaving(databases, objects, now),
    ]
    return sum(not _done(each) for each in work)


def tidy_user(databases: UserDatabases, objects: Objects, user: str, now: str, lives: Lives = USUAL_LIVES) -> Tidied:
    """Tidy up for one user; doing so again, or after a crash at any step, is fine.

    Afterwards open jobs may wait that nobody was handed (OpenJobs.start). Raises StoreUnavailable, AnswerLost,
    StorageFull, SnapshotDamaged, SchemaTooNew.
    """
    own = _Own(databases, user)
    if is_leaving(objects, user) or not own.read(lambda connection: about(connection).version):
        return Tidied()
    given_up = Uploads(user, own, objects).sweep(now, _ingest_of(user, now))
    _note_open(own, objects, now)
    rows = _forget(own, now)
    removed = _carry_out(own, objects)
    found = leftovers(objects, user, now)
    unneeded = found.unneeded(_needed(own, objects, now)) if found else ()
    for key in unneeded:
        objects.delete(key)
    return Tidied(given_up, rows, removed, len(unneeded), _end_old_sessions(objects, user, now, lives))


def users(objects: Objects) -> Iterator[str]:
    """Iterate all users that anything is kept of: one short listing each. Raises StoreUnavailable."""
    key = objects.following("")
    while key is not None:
        top, slash, _ = key.partition("/")
        with suppress(BadField):  # what has no user begins with `_`
            if slash:
                yield keys.checked_user(top)
        key = objects.following(f"{top}0" if slash else key)  # 0 comes after the slash


@dataclass
class _Own:
    """One user's database; each write is an operation of its own, and writes nothing if it has nothing to say."""

    databases: UserDatabases
    user: str
    _count: int = field(default=0)

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        return self.databases.read(self.user, query)

    def write(self, command: Callable[[sqlite3.Connection], Json]) -> Json:
        return self.databases.write(self.user, Operation(f"tidy-{uuid7()}", "", "tidy"), command)


class _NothingToDo(Exception):
    """There is nothing to write."""


def _of_user(databases: UserDatabases, objects: Objects, user: str, now: str, lives: Lives) -> Callable[[], object]:
    return lambda: tidy_user(databases, objects, user, now, lives)


def _done(work: Callable[[], object]) -> bool:
    try:
        work()
    except ReelError as fault:
        _log.warning("something was not tidied up: %s", fault.message, extra={"code": fault.code})
        return False
    return True


def _ingest_of(user: str, now: str) -> Callable[[sqlite3.Connection, sources.Source], None]:
    """Return what looks over a source whose upload had arrived whole without anybody saying so."""

    def also(connection: sqlite3.Connection, source: sources.Source) -> None:
        job = keys.uuid_of(keys.content_hash(["swept", source.id]))
        spec = IngestSpec(user=user, job=job, game=source.game_id, source=sources.ref(source, user))
        jobs.add(connection, spec, now)

    return also


def _note_open(own: _Own, objects: Objects, now: str) -> None:
    """Let every open job stand in the list that the sweeper walks, whatever was lost of that."""
    body = json.dumps({"user": own.user, "noted_s": datetime.fromisoformat(now).timestamp()}).encode()
    for job in own.read(jobs.open_ids):
        if not objects.exists(keys.active(job)):
            objects.put(keys.active(job), body)


def _forget(own: _Own, now: str) -> int:
    """Remove the rows of what is too old; their objects are noted to be removed. Return how many rows."""
    handed_out, remembered = _before(now, HANDED_OUT), _before(now, REMEMBERED)

    def command(connection: sqlite3.Connection) -> Json:
        count = (
            handouts.remove_raw_clips(connection, handed_out, now)
            + handouts.remove_downloads(connection, handed_out, now)
            + handouts.remove_archives(connection, handed_out, now)
            + framings.remove_superseded(connection, now)
            + jobs.forget(connection, remembered)
        )
        if not count:
            raise _NothingToDo
        return count

    try:
        count = own.write(command)
    except _NothingToDo:
        return 0
    assert isinstance(count, int), "the command counts"
    return count


def _carry_out(own: _Own, objects: Objects) -> int:
    """Remove what is noted to be removed, some at a time; return how many."""
    count = 0
    for _ in range(_BATCHES):
        waiting = own.read(removals.waiting)
        if not waiting:
            break
        removals.carry_out(objects, waiting)
        own.write(_removed(waiting))
        count += len(waiting)
    return count


def _removed(waiting: Collection[str]) -> Callable[[sqlite3.Connection], Json]:
    def command(connection: sqlite3.Connection) -> Json:
        removals.done(connection, tuple(waiting))
        return None

    return command


def _needed(own: _Own, objects: Objects, now: str) -> Needed:
    """Return what the user's rows refer to."""
    lately = _before(now, HANDED_OUT)

    def query(connection: sqlite3.Connection) -> tuple[frozenset[str], frozenset[str], frozenset[str], bool]:
        def column(query: str, *values: str) -> frozenset[str]:
            return frozenset(value for (value,) in connection.execute(query, values) if value)

        made = column(
            "SELECT key FROM framings UNION SELECT key FROM raw_clips UNION SELECT key FROM archives"
            " UNION SELECT key FROM downloads UNION SELECT list_key FROM downloads"
            " UNION SELECT value ->> 'key' FROM jobs WHERE kind IN ('preview', 'window') AND created_at >= ?",
            lately,
        )
        made |= {keys.views(own.user, reel) for reel in column("SELECT id FROM reels")}
        standing = column("SELECT job_id FROM framings")
        return made, standing, column("SELECT id FROM jobs"), bool(jobs.open_ids(connection))

    made, standing, known, busy = own.read(query)
    segments = None if busy else _segments(objects, own.user, standing)
    return Needed(made, segments, known, busy)


def _segments(objects: Objects, user: str, standing: Collection[str]) -> frozenset[str] | None:
    """Return the segments that standing framings are made of; None if one of them cannot be asked."""
    found: set[str] = set()
    for job in standing:
        try:
            named = (read_result(objects.read(keys.result(user, job))).value or {})["segments"]
        except (NotFound, BadField, KeyError):
            return None
        if not isinstance(named, list):
            return None
        found.update(keys.segment(user, digest) for digest in named if isinstance(digest, str))
    return frozenset(found)


def _end_old_sessions(objects: Objects, user: str, now: str, lives: Lives) -> int:
    """Remove the sessions that are too old to stand, and the devices that have none; return how many."""
    now_s, count = datetime.fromisoformat(now).timestamp(), 0
    prefix = keys.devices_prefix(user)
    old = [one for one in objects.sizes(prefix) if one.modified.timestamp() < now_s - lives.renewed_after_s]
    for listed in old:
        digest = listed.key.removeprefix(prefix).removesuffix(".json")
        with suppress(NotFound):
            said = json.loads(objects.read(keys.session(digest)))
            if Session(digest, **said).stands_at(now_s, lives):
                continue
        objects.delete(keys.session(digest))
        objects.delete(listed.key)
        count += 1
    return count


def _clear_shares(databases: UserDatabases, objects: Objects, now: str) -> int:
    """Remove the objects of shares that no row knows: their reel is gone, or their row was never written."""
    before_s = (datetime.fromisoformat(now) - UNCLAIMED).timestamp()
    count, known = 0, dict[str, frozenset[str] | None]()
    prefix = keys.share("0" * 64).removesuffix(f"{'0' * 64}.json")
    for listed in list(objects.sizes(prefix)):
        if listed.modified.timestamp() >= before_s:
            continue
        digest = listed.key.removeprefix(prefix).removesuffix(".json")
        with suppress(NotFound):
            user = json.loads(objects.read(listed.key))["user"]
            if user not in known:
                known[user] = databases.read(user, _shared)
            shared = known[user]
            if shared is not None and digest not in shared:
                objects.delete(listed.key)
                count += 1
    return count


def _shared(connection: sqlite3.Connection) -> frozenset[str] | None:
    """Return the digests of a user's shares; None if there is no database."""
    if not about(connection).version:
        return None
    return frozenset(digest for (digest,) in connection.execute("SELECT token_sha256 FROM shares"))


def _before(now: str, age: timedelta) -> str:
    """Return the moment that long ago, as rows have it."""
    return (datetime.fromisoformat(now) - age).isoformat(timespec="milliseconds").replace("+00:00", "Z")
