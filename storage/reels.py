"""Reels: the finished videos of the gallery, each with all its versions."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from reel import keys
from reel.errors import Json
from reel.fields import LARGEST_INTEGER, Field
from reel.geometry import Aspect
from storage import removals, small_copies
from storage.pages import LAST_TEXT, Page, checked_limit, page_of, place
from storage.rows import dumped, loaded, missing, one, stale

MOST_NAME: Final = 120  # characters, as an edit's title

_SELECT: Final = (
    "SELECT reels.id, project_id, name, revision, reels.created_at, reels.updated_at,"
    " job_id, reel_id, version, key, draft, title, aspect, made_of, frames, rate_n, rate_d, outside,"
    " reel_versions.created_at, (SELECT count(*) FROM reel_versions AS every WHERE every.reel_id = reels.id)"
    " FROM reels JOIN reel_versions ON reel_id = reels.id"
    " AND version = (SELECT max(version) FROM reel_versions AS other WHERE other.reel_id = reels.id)"
)
_VERSIONS: Final = (
    "SELECT job_id, reel_id, version, key, draft, title, aspect, made_of, frames, rate_n, rate_d, outside, created_at"
    " FROM reel_versions"
)


@dataclass(frozen=True, slots=True)
class Version:
    """One finished export. `outside` names the spotlights whose player is in none of its frames: {clip, spotlight}."""

    job_id: str
    reel_id: str
    version: int
    key: str
    draft: bool
    title: str
    aspect: Aspect
    made_of: str
    frames: int
    rate: Fraction
    outside: tuple[Mapping[str, Json], ...]
    created_at: str


@dataclass(frozen=True, slots=True)
class Reel:
    """A reel with its newest version. Until it is renamed it is called as that is; its project may be gone."""

    id: str
    project_id: str | None
    name: str
    revision: int
    created_at: str
    updated_at: str
    newest: Version
    version_count: int


def add_version(connection: sqlite3.Connection, version: Version, project_id: str) -> None:
    """Add a version, once, and its reel with the first one. Older versions stay."""
    connection.execute(
        "INSERT INTO reels (id, project_id, name, revision, created_at, updated_at)"
        " VALUES (?1, (SELECT id FROM projects WHERE id = ?2), '', 1, ?3, ?3) ON CONFLICT DO UPDATE"
        " SET created_at = min(created_at, ?3), updated_at = max(updated_at, ?3)",
        (version.reel_id, project_id, version.created_at),
    )
    connection.execute(
        "INSERT INTO reel_versions (job_id, reel_id, version, key, draft, title, aspect, made_of, frames, rate_n,"
        " rate_d, outside, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            *(version.job_id, version.reel_id, version.version, version.key, version.draft, version.title),
            *(version.aspect, version.made_of, version.frames, *version.rate.as_integer_ratio()),
            *(dumped(version.outside), version.created_at),
        ),
    )


def get(connection: sqlite3.Connection, reel_id: str) -> Reel:
    """Return a reel. Raises NotFound."""
    return _reel(one(connection, f"{_SELECT} WHERE reels.id = ?", (reel_id,), "reel", reel_id))


def page(connection: sqlite3.Connection, after: str | None = None, limit: int = 50) -> Page[Reel]:
    """Return reels, those with the newest version first. Raises BadField."""
    query = (
        f"{_SELECT} WHERE (reel_versions.created_at, reels.id) < (?, ?)"
        " ORDER BY reel_versions.created_at DESC, reels.id DESC LIMIT ?"
    )
    rows = connection.execute(query, (*place(after, (LAST_TEXT, LAST_TEXT)), checked_limit(limit) + 1)).fetchall()
    return page_of([_reel(row) for row in rows], limit, lambda reel: (reel.newest.created_at, reel.id))


def versions(connection: sqlite3.Connection, reel_id: str, after: str | None = None, limit: int = 50) -> Page[Version]:
    """Return a reel's versions, the newest first. Raises BadField; no versions for no reel."""
    query = f"{_VERSIONS} WHERE reel_id = ? AND version < ? ORDER BY version DESC LIMIT ?"
    values = (reel_id, *place(after, (LARGEST_INTEGER,)), checked_limit(limit) + 1)
    rows = connection.execute(query, values).fetchall()
    return page_of([_version(row) for row in rows], limit, lambda version: (version.version,))


def version(connection: sqlite3.Connection, reel_id: str, number: int) -> Version:
    """Return one version of a reel. Raises NotFound."""
    query = f"{_VERSIONS} WHERE reel_id = ? AND version = ?"
    return _version(one(connection, query, (reel_id, number), "version", f"{reel_id}/{number}"))


def rename(connection: sqlite3.Connection, reel_id: str, name: str, revision: int, now: str) -> Reel:
    """Give a reel a name, or with "" that of its newest version; `revision` is the one that the client saw.

    Raises NotFound, StaleRevision, BadField.
    """
    said, current = Field(name.strip(), "/name").text(MOST_NAME), get(connection, reel_id)
    if current.revision != revision:
        stale(current)
    query = "UPDATE reels SET name = ?, revision = revision + 1, updated_at = max(updated_at, ?) WHERE id = ?"
    connection.execute(query, (said, now, reel_id))
    return get(connection, reel_id)


def remove(connection: sqlite3.Connection, reel_id: str, user: str, now: str) -> None:
    """Remove a reel with its versions, their copies and its shares; its project makes a new one. Raises NotFound."""
    found = connection.execute("SELECT key FROM reel_versions WHERE reel_id = ?", (reel_id,)).fetchall()
    copies = small_copies.keys_of(connection, reel_id)
    beside = (keys.poster(user, reel_id), keys.views(user, reel_id))
    removals.ask(connection, [*(key for (key,) in found), *copies, *beside], now)
    connection.execute("UPDATE projects SET reel_id = NULL WHERE reel_id = ?", (reel_id,))
    if not connection.execute("DELETE FROM reels WHERE id = ?", (reel_id,)).rowcount:
        raise missing("reel", reel_id)


def _reel(row: Sequence[Any]) -> Reel:
    reel_id, project_id, name, revision, created_at, updated_at, *told, version_count = row
    newest = _version(told)
    return Reel(
        id=reel_id,
        project_id=project_id,
        name=name or newest.title,
        revision=revision,
        created_at=created_at,
        updated_at=updated_at,
        newest=newest,
        version_count=version_count,
    )


def _version(row: Sequence[Any]) -> Version:
    job_id, reel_id, number, key, draft, title, aspect, made_of, frames, rate_n, rate_d, outside, created_at = row
    return Version(
        job_id=job_id,
        reel_id=reel_id,
        version=number,
        key=key,
        draft=bool(draft),
        title=title,
        aspect=aspect,
        made_of=made_of,
        frames=frames,
        rate=Fraction(rate_n, rate_d),
        outside=tuple(loaded(outside)),
        created_at=created_at,
    )
