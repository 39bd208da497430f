"""Saves: every recent state of a project's edit document, in parts that states share.

A save is its head and, for each clip and card, its id, revision and the digest of its content:

    {aspect, rate, title, head_revision, clips: [[id, revision, digest], …], cards: [[id, revision, digest], …]}

A save of one changed clip so adds one part; undoing it adds none. Parts are compressed, and what no editor can have
begun from any more is forgotten: the whole database is sent at every write, and edits are most of it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from reel.edit import SCHEMA, EditDocument, parse, to_json
from storage.rows import array, dumped, loaded

MOST_SAVES: Final = 100
SLACK: Final = 20  # how many more there may be before the oldest go together
FEWEST_SAVES: Final = 10
MOST_BYTES: Final = 60_000  # of all parts of a project, compressed
KEPT: Final = timedelta(days=7)  # since it was superseded: as long as the browser's offline queue may come back

_HEAD: Final = ("aspect", "rate", "title", "head_revision")
_LISTS: Final = ("clips", "cards")


@dataclass(frozen=True, slots=True)
class Save:
    """A save as it is kept, its parts not yet looked up."""

    number: int
    head: Mapping[str, Any]

    @property
    def digests(self) -> frozenset[str]:
        """The contents that it is made of."""
        return frozenset(digest for name in _LISTS for _, _, digest in self.head[name])


def write(connection: sqlite3.Connection, project_id: str, document: EditDocument, now: str) -> None:
    """Add a save; its number is the document's `head_revision`."""
    whole: Any = to_json(document)
    lists = {name: [_part(part) for part in whole[name]] for name in _LISTS}
    bodies = {digest: body for found in lists.values() for _, _, digest, body in found}
    head = {name: whole[name] for name in _HEAD} | {name: [found[:3] for found in lists[name]] for name in _LISTS}
    query = "SELECT digest FROM parts WHERE project_id = ? AND digest IN (SELECT value FROM json_each(?))"
    there = {digest for (digest,) in connection.execute(query, (project_id, array(bodies)))}
    connection.executemany(
        "INSERT INTO parts (project_id, digest, body) VALUES (?, ?, ?)",
        [(project_id, digest, zlib.compress(body)) for digest, body in bodies.items() if digest not in there],
    )
    connection.execute(
        "INSERT INTO saves (project_id, number, head, saved_at) VALUES (?, ?, ?, ?)",
        (project_id, document.head_revision, dumped(head), now),
    )


def newest(connection: sqlite3.Connection, project_id: str) -> Save | None:
    """Return the last save, None if the project has none."""
    query = "SELECT number, head FROM saves WHERE project_id = ? ORDER BY number DESC LIMIT 1"
    row = connection.execute(query, (project_id,)).fetchone()
    return Save(row[0], loaded(row[1])) if row else None


def newest_of(connection: sqlite3.Connection, project_ids: Sequence[str]) -> Mapping[str, EditDocument]:
    """Return the documents of several projects, with two queries however many they are."""
    query = (
        "SELECT project_id, max(number), head FROM saves WHERE project_id IN (SELECT value FROM json_each(?))"
        " GROUP BY project_id"  # the head is that of the row with the highest number (SQLite, "bare columns")
    )
    found = {
        name: Save(number, loaded(head)) for name, number, head in connection.execute(query, (array(project_ids),))
    }
    digests = frozenset[str]().union(*(save.digests for save in found.values()))
    query = (
        "SELECT DISTINCT digest, body FROM parts WHERE project_id IN (SELECT value FROM json_each(?))"
        " AND digest IN (SELECT value FROM json_each(?))"
    )
    bodies = {
        digest: json.loads(zlib.decompress(body))
        for digest, body in connection.execute(query, (array(project_ids), array(digests)))
    }
    return {name: _document(save.head, bodies) for name, save in found.items()}


def every(connection: sqlite3.Connection, project_id: str) -> Iterator[Save]:
    """Iterate the saves, oldest first."""
    query = "SELECT number, head FROM saves WHERE project_id = ? ORDER BY number"
    return (Save(number, loaded(head)) for number, head in connection.execute(query, (project_id,)))


def begun_from(connection: sqlite3.Connection, project_id: str, document: EditDocument) -> Save | None:
    """Return the save that a document was made from, None if it is the newest, is not kept, or is none of ours."""
    query = (
        "SELECT number, head FROM saves WHERE project_id = ?1 AND number = ?2"
        " AND number < (SELECT max(number) FROM saves WHERE project_id = ?1)"
    )
    row = connection.execute(query, (project_id, document.head_revision)).fetchone()
    return Save(row[0], loaded(row[1])) if row else None


def read(connection: sqlite3.Connection, project_id: str, found: Sequence[Save]) -> tuple[EditDocument, ...]:
    """Return the documents of several saves, with one query."""
    digests = frozenset[str]().union(*(save.digests for save in found))
    query = "SELECT digest, body FROM parts WHERE project_id = ? AND digest IN (SELECT value FROM json_each(?))"
    bodies = {
        digest: json.loads(zlib.decompress(body))
        for digest, body in connection.execute(query, (project_id, array(digests)))
    }
    return tuple(_document(save.head, bodies) for save in found)


def prune(connection: sqlite3.Connection, project_id: str, now: str) -> None:
    """Forget the saves of a project beyond what may be kept, and of all projects those superseded a week ago.

    The last few of the project stay however large they are, and of each the newest.
    """
    bounds = "SELECT min(number), max(number) FROM saves WHERE project_id = ?"
    first, last = connection.execute(bounds, (project_id,)).fetchone()
    weight = "SELECT coalesce(sum(length(body)), 0) FROM parts WHERE project_id = ?"
    (weight_bytes,) = connection.execute(weight, (project_id,)).fetchone()
    below = last - MOST_SAVES if last - first >= MOST_SAVES + SLACK else first - 1
    if weight_bytes > MOST_BYTES:
        below = max(below, min((first + last) // 2, last - FEWEST_SAVES))
    connection.execute("DELETE FROM saves WHERE project_id = ? AND number <= ?", (project_id, below))
    if below >= first:
        _tidy(connection, project_id)
    superseded = "SELECT project_id, max(number) FROM saves WHERE saved_at < ? GROUP BY project_id HAVING count(*) > 1"
    week_ago = (datetime.fromisoformat(now) - KEPT).strftime("%Y-%m-%dT%H:%M:%S")
    for name, number in connection.execute(superseded, (week_ago,)).fetchall():
        connection.execute("DELETE FROM saves WHERE project_id = ? AND number < ?", (name, number))
        _tidy(connection, name)


def _tidy(connection: sqlite3.Connection, project_id: str) -> None:
    """Forget the parts that no save has any more."""
    used = frozenset[str]().union(*(save.digests for save in every(connection, project_id)))
    connection.execute(
        "DELETE FROM parts WHERE project_id = ? AND digest NOT IN (SELECT value FROM json_each(?))",
        (project_id, array(used)),
    )


def _part(part: Mapping[str, Any]) -> tuple[str, int, str, bytes]:
    """Return a part's id, revision, digest and content: whatever its revision."""
    content = {name: value for name, value in part.items() if name != "revision"}
    body = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return part["id"], part["revision"], hashlib.sha256(body).hexdigest()[:32], body


def _document(head: Mapping[str, Any], bodies: Mapping[str, Any]) -> EditDocument:
    parts = {name: [{**bodies[digest], "revision": revision} for _, revision, digest in head[name]] for name in _LISTS}
    return parse({"schema": SCHEMA, **{name: head[name] for name in _HEAD}, **parts})
