"""Shares: the links to reels that were given out. The token itself is kept nowhere, only its sha256."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reel.fields import Field
from reel.keys import checked_digest, checked_uuid
from storage.pages import LAST_TEXT, Page, checked_limit, page_of, place
from storage.rows import one

MOST_NAME: Final = 60  # characters

_SELECT: Final = (
    "SELECT id, reel_id, token_sha256, shown_name, download, created_at, expires_at, revoked_at FROM shares"
)


@dataclass(frozen=True, slots=True)
class Share:
    """A link to a reel's newest version. `shown_name` is all that its page says of the player."""

    id: str
    reel_id: str
    token_sha256: str
    shown_name: str
    download: bool
    created_at: str
    expires_at: str
    revoked_at: str | None = None

    def open_at(self, now: str) -> bool:
        """Say whether it still opens."""
        return self.revoked_at is None and now < self.expires_at


def add(connection: sqlite3.Connection, share: Share) -> Share:
    """Add a share; one that is there already under this id stays as it is. Raises NotFound (the reel), BadField."""
    one(connection, "SELECT 1 FROM reels WHERE id = ?", (share.reel_id,), "reel", share.reel_id)
    connection.execute(
        "INSERT INTO shares (id, reel_id, token_sha256, shown_name, download, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        (
            *(checked_uuid(share.id), share.reel_id, checked_digest(share.token_sha256)),
            Field(share.shown_name.strip(), "/shown_name").text(MOST_NAME),
            *(share.download, share.created_at, share.expires_at),
        ),
    )
    return get(connection, share.id)


def get(connection: sqlite3.Connection, share_id: str) -> Share:
    """Return a share. Raises NotFound."""
    return _share(one(connection, f"{_SELECT} WHERE id = ?", (share_id,), "share", share_id))


def page(connection: sqlite3.Connection, reel_id: str, after: str | None = None, limit: int = 50) -> Page[Share]:
    """Return a reel's shares, the newest first. Raises BadField; no shares for no reel."""
    query = f"{_SELECT} WHERE reel_id = ? AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?"
    values = (reel_id, *place(after, (LAST_TEXT, LAST_TEXT)), checked_limit(limit) + 1)
    rows = connection.execute(query, values).fetchall()
    return page_of([_share(row) for row in rows], limit, lambda share: (share.created_at, share.id))


def revoke(connection: sqlite3.Connection, share_id: str, now: str) -> Share:
    """Close a share for good; doing so again changes nothing. Raises NotFound."""
    connection.execute("UPDATE shares SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (now, share_id))
    return get(connection, share_id)


def _share(row: Sequence[Any]) -> Share:
    share_id, reel_id, token, shown_name, download, created_at, expires_at, revoked_at = row
    return Share(share_id, reel_id, token, shown_name, bool(download), created_at, expires_at, revoked_at)
