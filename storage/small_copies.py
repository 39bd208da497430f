"""Small copies: versions of reels that messengers take. They stay for as long as their reel does."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from storage import removals
from storage.rows import AMONG, array, one

_SELECT: Final = "SELECT job_id, reel_id, version, key, width_px, height_px, size_bytes, created_at FROM small_copies"
_NEWEST: Final = "(SELECT max(version) FROM reel_versions WHERE reel_versions.reel_id = small_copies.reel_id)"


@dataclass(frozen=True, slots=True)
class SmallCopy:
    """The copy of one version. A long reel's has fewer lines, so that it keeps its size."""

    job_id: str
    reel_id: str
    version: int
    key: str
    width_px: int
    height_px: int
    size_bytes: int
    created_at: str


def add(connection: sqlite3.Connection, copy: SmallCopy, now: str) -> None:
    """Add a copy, once; if its version is gone by now, its object is to be removed."""
    version = "SELECT 1 FROM reel_versions WHERE reel_id = ? AND version = ?"
    if connection.execute(version, (copy.reel_id, copy.version)).fetchone() is None:
        removals.ask(connection, [copy.key], now)
        return
    removals.keep(connection, copy.key)
    connection.execute(
        "INSERT INTO small_copies (job_id, reel_id, version, key, width_px, height_px, size_bytes, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            *(copy.job_id, copy.reel_id, copy.version, copy.key),
            *(copy.width_px, copy.height_px, copy.size_bytes, copy.created_at),
        ),
    )


def get(connection: sqlite3.Connection, reel_id: str, version: int) -> SmallCopy:
    """Return the copy of a version. Raises NotFound."""
    query = f"{_SELECT} WHERE reel_id = ? AND version = ?"
    return SmallCopy(*one(connection, query, (reel_id, version), "small copy", f"{reel_id}/{version}"))


def of_newest(connection: sqlite3.Connection, reel_ids: Collection[str]) -> Mapping[str, SmallCopy]:
    """Return, of those of some reels that have one, the copy of the newest version, by reel."""
    query = f"{_SELECT} WHERE reel_id {AMONG} AND version = {_NEWEST}"
    found = (SmallCopy(*row) for row in connection.execute(query, (array(reel_ids),)))
    return {copy.reel_id: copy for copy in found}


def fell(connection: sqlite3.Connection, key: str, now: str) -> None:
    """Remove what a job that made nothing may have left, unless it is the copy that another one made."""
    if connection.execute("SELECT 1 FROM small_copies WHERE key = ?", (key,)).fetchone() is None:
        removals.ask(connection, [key], now)


def keys_of(connection: sqlite3.Connection, reel_id: str) -> tuple[str, ...]:
    """Return where the copies of a reel lie."""
    return tuple(key for (key,) in connection.execute("SELECT key FROM small_copies WHERE reel_id = ?", (reel_id,)))
