"""Removals: the objects of rows that were deleted, noted in the same transaction and cleared afterwards.

So a crash between the two leaves nothing behind for ever. A name that ends with a slash stands for all below it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Protocol

from storage.rows import array


class Remover(Protocol):
    """A store that objects can be removed from."""

    def delete(self, key: str) -> None:
        """Remove an object; fine if there is none."""
        ...

    def clear(self, prefix: str) -> int:
        """Remove all below a prefix; return how many there were."""
        ...


def ask(connection: sqlite3.Connection, keys: Iterable[str], now: str) -> None:
    """Note objects that are to be removed; fine if they are noted already."""
    connection.execute(
        "INSERT INTO removals (key, asked_at) SELECT value, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING",
        (now, array(keys)),
    )


def keep(connection: sqlite3.Connection, key: str) -> None:
    """Take an object out of what is to be removed: it was made again."""
    connection.execute("DELETE FROM removals WHERE key = ?", (key,))


def waiting(connection: sqlite3.Connection, limit: int = 100) -> tuple[str, ...]:
    """Return what is to be removed, the oldest first; what an open job's spec names waits until it has ended."""
    query = (
        "SELECT key FROM removals WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE settled_at IS NULL"
        " AND instr(spec, key)) ORDER BY asked_at, key LIMIT ?"
    )
    rows = connection.execute(query, (limit,))
    return tuple(key for (key,) in rows)


def carry_out(store: Remover, keys: Sequence[str]) -> None:
    """Remove the objects; doing so again is fine. Raises StoreUnavailable."""
    for key in keys:
        if key.endswith("/"):
            store.clear(key)
        else:
            store.delete(key)


def done(connection: sqlite3.Connection, keys: Sequence[str]) -> None:
    """Forget what has been removed."""
    connection.execute("DELETE FROM removals WHERE key IN (SELECT value FROM json_each(?))", (array(keys),))
