"""The rows of uploads: each is the coming of one source, under the source's id, until its bytes are there."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from reel.errors import Conflict
from storage import removals, sources
from storage.pages import Page, checked_limit, page_of, place
from storage.rows import missing, one

_SELECT: Final = (
    "SELECT uploads.id, game_id, part, name, size_bytes, fingerprint, key, multipart, content_type, part_bytes,"
    " uploads.created_at, touched_at, completed_at FROM uploads JOIN sources ON sources.id = uploads.id"
)


Completion: TypeAlias = Literal["now", "before", "gone"]
"""When an upload was noted as complete; or that it was given up, or went with its game."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way to be a source. `multipart` is the store's id of it; `part` the source's part of its game."""

    id: str
    game_id: str
    part: int
    name: str
    size_bytes: int
    fingerprint: str
    key: str
    multipart: str
    content_type: str
    part_bytes: int
    created_at: str
    touched_at: str
    completed_at: str | None = None

    @property
    def part_count(self) -> int:
        """How many pieces it is sent in."""
        return -(-self.size_bytes // self.part_bytes)

    def piece_bytes(self, number: int) -> int:
        """Return how long one piece is, from 1: all the same but the last."""
        return min(self.part_bytes, self.size_bytes - (number - 1) * self.part_bytes)


def add(connection: sqlite3.Connection, upload: Upload, ext: str, now: str) -> None:
    """Add an upload with its source. Raises as sources.add."""
    new = sources.NewSource(
        id=upload.id,
        game_id=upload.game_id,
        part=upload.part,
        name=upload.name,
        ext=ext,
        size_bytes=upload.size_bytes,
        fingerprint=upload.fingerprint,
    )
    sources.add(connection, new, "uploading", now)
    connection.execute(
        "INSERT INTO uploads (id, key, multipart, content_type, part_bytes, created_at, touched_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (upload.id, upload.key, upload.multipart, upload.content_type, upload.part_bytes, now, now),
    )


def get(connection: sqlite3.Connection, upload_id: str) -> Upload:
    """Return an upload, also a completed one. Raises NotFound."""
    return _upload(one(connection, f"{_SELECT} WHERE uploads.id = ?", (upload_id,), "upload", upload_id))


def under_way(connection: sqlite3.Connection, fingerprint: str, size_bytes: int) -> Upload | None:
    """Return the open upload of a file like this one, if there is one."""
    query = f"{_SELECT} WHERE fingerprint = ? AND size_bytes = ? AND completed_at IS NULL ORDER BY uploads.id LIMIT 1"
    row = connection.execute(query, (fingerprint, size_bytes)).fetchone()
    return _upload(row) if row else None


def page(connection: sqlite3.Connection, after: str | None = None, limit: int = 50) -> Page[Upload]:
    """Return the open uploads, those begun first first. Raises BadField."""
    query = (
        f"{_SELECT} WHERE completed_at IS NULL AND (uploads.created_at, uploads.id) > (?, ?)"
        " ORDER BY uploads.created_at, uploads.id LIMIT ?"
    )
    rows = connection.execute(query, (*place(after, ("", "")), checked_limit(limit) + 1)).fetchall()
    return page_of([_upload(row) for row in rows], limit, lambda upload: (upload.created_at, upload.id))


def every(connection: sqlite3.Connection) -> tuple[Upload, ...]:
    """Return all open uploads."""
    return tuple(_upload(row) for row in connection.execute(f"{_SELECT} WHERE completed_at IS NULL"))


def touch(connection: sqlite3.Connection, upload_id: str, now: str) -> None:
    """Note that an upload goes on."""
    connection.execute("UPDATE uploads SET touched_at = max(touched_at, ?) WHERE id = ?", (now, upload_id))


def renew(connection: sqlite3.Connection, upload: Upload, multipart: str, now: str) -> None:
    """Go on under a new id of the store, which has lost the old one. Raises Conflict if somebody did so already."""
    query = "UPDATE uploads SET multipart = ?, touched_at = ? WHERE id = ? AND multipart = ? AND completed_at IS NULL"
    if not connection.execute(query, (multipart, now, upload.id, upload.multipart)).rowcount:
        raise Conflict(key=upload.key)


def complete(connection: sqlite3.Connection, upload_id: str, sha256: str, now: str) -> Completion:
    """Note that the bytes are there."""
    query = "UPDATE uploads SET completed_at = ?, touched_at = ? WHERE id = ? AND completed_at IS NULL"
    if connection.execute(query, (now, now, upload_id)).rowcount:
        sources.arrived(connection, upload_id, sha256, now)
        return "now"
    return "before" if connection.execute("SELECT 1 FROM uploads WHERE id = ?", (upload_id,)).fetchone() else "gone"


def drop(connection: sqlite3.Connection, upload_id: str, now: str) -> None:
    """Forget an open upload; what was marked meanwhile waits for another file. Fine if it is gone or completed.

    Should its bytes arrive all the same, they are noted to be removed: no other file comes under this key.
    """
    row = connection.execute("SELECT key FROM uploads WHERE id = ? AND completed_at IS NULL", (upload_id,)).fetchone()
    if row is None:
        return
    connection.execute("DELETE FROM uploads WHERE id = ?", (upload_id,))
    sources.ended(connection, upload_id, "expected", None, now)
    removals.ask(connection, row, now)


def require(connection: sqlite3.Connection, upload_id: str) -> Upload:
    """Return an open upload. Raises NotFound for one that is gone or completed."""
    upload = get(connection, upload_id)
    if upload.completed_at is not None:
        raise missing("upload", upload_id)
    return upload


def _upload(row: Sequence[Any]) -> Upload:
    return Upload(*row)
