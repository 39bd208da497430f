"""Which blobs are which object: an index in SQLite that several processes share, and the one place that decides.

Every change is one transaction that is on the disk when it returns. A condition is checked inside it, so that of
several writers one wins. What a change leaves without a name is returned, to be removed afterwards.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.connections import Connections, alone
from local.objects_answers import Refusal, check_condition, no_such_upload

PACE_S = 1.0  # R2 takes one write a second for one key

_SCHEMA = """
create table if not exists objects (
    key text primary key, etag text not null, type text not null, size_bytes integer not null,
    written_s real not null, blobs text not null
) without rowid;
create table if not exists uploads (
    id text primary key, key text not null, type text not null, begun_s real not null
) without rowid;
create index if not exists uploads_by_key on uploads (key, id);
create table if not exists parts (
    upload text not null, number integer not null, etag text not null, size_bytes integer not null,
    written_s real not null, blob text not null, primary key (upload, number)
) without rowid;
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object: `blobs` are its pieces in order, each with its size."""

    etag: str
    content_type: str
    size_bytes: int
    written_s: float
    blobs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part of an upload."""

    number: int
    etag: str
    size_bytes: int
    written_s: float
    blob: str


class Index:
    """The index below `folder`. Safe for threads and processes."""

    def __init__(self, folder: Path, *, paced: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._paced = paced
        self._connections = Connections(folder / "index.sqlite", "full", harmless=Refusal)
        with alone(folder), self._connections.reading() as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._connections.close()

    # Objects

    def find(self, key: str) -> Stored | None:
        """Return an object."""
        with self._connections.reading() as connection:
            row = connection.execute(
                "select etag, type, size_bytes, written_s, blobs from objects where key = ?", [key]
            ).fetchone()
        if row is None:
            return None
        etag, content_type, size_bytes, written_s, blobs = row
        return Stored(
            etag, content_type, size_bytes, written_s, tuple((name, size) for name, size in json.loads(blobs))
        )

    def check(self, key: str, conditions: Mapping[str, str], now_s: float) -> None:
        """Raise what a write would be refused for now; the same is asked again when it is made."""
        with self._connections.reading() as connection:
            self._check(connection, key, conditions, now_s)

    def write(self, key: str, stored: Stored, conditions: Mapping[str, str]) -> list[str]:
        """Make `stored` the object under `key`; return the blobs of the one before. Raises 412, 429."""
        with self._connections.writing() as connection:
            return self._write(connection, key, stored, conditions)

    def delete(self, key: str, conditions: Mapping[str, str]) -> list[str]:
        """Remove an object, if there is one; return its blobs. Raises 412."""
        with self._connections.writing() as connection:
            check_condition(conditions, _etag(connection, key))
            return _removed(connection, key)

    def listed(self, prefix: str, after: str, most: int) -> list[tuple[str, str, int, float]]:
        """Return (key, etag, size, time) of at most `most` objects after a key, in the order of their bytes."""
        with self._connections.reading() as connection:
            return connection.execute(
                "select key, etag, size_bytes, written_s from objects"
                " where key > ?1 and key >= ?2 and substr(key, 1, length(?2)) = ?2 and key < ?2 || char(1114111)"
                " order by key limit ?3",
                [after, prefix, most],
            ).fetchall()

    def blobs(self) -> set[str]:
        """Return every blob that something names."""
        with self._connections.reading() as connection:
            connection.execute("begin")  # one view of both tables: a part may be becoming an object
            whole = connection.execute("select blobs from objects").fetchall()
            parts = connection.execute("select blob from parts").fetchall()
            connection.execute("commit")
        return {name for (blobs,) in whole for name, _ in json.loads(blobs)} | {blob for (blob,) in parts}

    # Uploads

    def begin(self, upload: str, key: str, content_type: str, now_s: float) -> None:
        """Begin an upload."""
        with self._connections.writing() as connection:
            connection.execute("insert into uploads values (?, ?, ?, ?)", [upload, key, content_type, now_s])

    def uploads(self, prefix: str, after: tuple[str, str], most: int) -> list[tuple[str, str, float]]:
        """Return (key, id, time) of at most `most` open uploads after a key and id."""
        with self._connections.reading() as connection:
            return connection.execute(
                "select key, id, begun_s from uploads"
                " where (key, id) > (?1, ?2) and substr(key, 1, length(?3)) = ?3 order by key, id limit ?4",
                [*after, prefix, most],
            ).fetchall()

    def parts(self, key: str, upload: str, after: int = 0, most: int = -1) -> list[StoredPart]:
        """Return at most `most` parts of an upload after a number. Raises 404."""
        with self._connections.reading() as connection:
            connection.execute("begin")
            _type(connection, key, upload)
            rows = _parts(connection, upload, after, most)
            connection.execute("commit")
        return rows

    def forget_part(self, key: str, upload: str, number: int) -> list[str]:
        """Drop a part that is about to be sent again, as R2 does, or check only; return its blob. Raises 404."""
        with self._connections.writing() as connection:
            _type(connection, key, upload)
            return _forgotten(connection, upload, number)

    def write_part(self, key: str, upload: str, part: StoredPart) -> list[str]:
        """Keep a part; return the blob of the one before. Raises 404."""
        with self._connections.writing() as connection:
            _type(connection, key, upload)
            replaced = _forgotten(connection, upload, part.number)
            values = [upload, part.number, part.etag, part.size_bytes, part.written_s, part.blob]
            connection.execute("insert into parts values (?, ?, ?, ?, ?, ?)", values)
            return replaced

    def complete(
        self,
        key: str,
        upload: str,
        chosen: Sequence[StoredPart],
        etag: str,
        conditions: Mapping[str, str],
        now_s: float,
    ) -> list[str]:
        """Make an object of the parts: one row, however large it is; return what is left over. Raises 404, 412, 429.

        Raises 400 too, if one of the parts was sent again since `chosen` was read.
        """
        with self._connections.writing() as connection:
            content_type = _type(connection, key, upload)
            there = _parts(connection, upload)
            if not set(chosen) <= set(there):
                raise Refusal(400, "InvalidPart", "A part was sent again while the upload was completed.")
            blobs = tuple((part.blob, part.size_bytes) for part in chosen)
            stored = Stored(etag, content_type, sum(size for _, size in blobs), now_s, blobs)
            replaced = self._write(connection, key, stored, conditions)
            _end(connection, upload)
            return replaced + [part.blob for part in set(there) - set(chosen)]

    def abort(self, key: str, upload: str) -> list[str]:
        """Give an upload up; return its blobs. Raises 404."""
        with self._connections.writing() as connection:
            _type(connection, key, upload)
            blobs = [part.blob for part in _parts(connection, upload)]
            _end(connection, upload)
            return blobs

    def _write(
        self, connection: sqlite3.Connection, key: str, stored: Stored, conditions: Mapping[str, str]
    ) -> list[str]:
        self._check(connection, key, conditions, stored.written_s)
        replaced = _removed(connection, key)
        connection.execute(
            "insert into objects values (?, ?, ?, ?, ?, ?)",
            [key, stored.etag, stored.content_type, stored.size_bytes, stored.written_s, json.dumps(stored.blobs)],
        )
        return replaced

    def _check(self, connection: sqlite3.Connection, key: str, conditions: Mapping[str, str], now_s: float) -> None:
        row = connection.execute("select etag, written_s from objects where key = ?", [key]).fetchone()
        etag, written_s = row or (None, 0.0)
        check_condition(conditions, etag)
        if self._paced and etag is not None and 0 <= now_s - written_s < PACE_S:
            raise Refusal(429, "TooManyRequests", "One write a second for one key.", (("retry-after", "1"),))


def _etag(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("select etag from objects where key = ?", [key]).fetchone()
    return row and row[0]


def _removed(connection: sqlite3.Connection, key: str) -> list[str]:
    rows = connection.execute("delete from objects where key = ? returning blobs", [key]).fetchall()
    return [name for (blobs,) in rows for name, _ in json.loads(blobs)]


def _type(connection: sqlite3.Connection, key: str, upload: str) -> str:
    row = connection.execute("select type from uploads where id = ? and key = ?", [upload, key]).fetchone()
    if row is None:
        raise no_such_upload()
    return row[0]


def _parts(connection: sqlite3.Connection, upload: str, after: int = 0, most: int = -1) -> list[StoredPart]:
    rows = connection.execute(
        "select number, etag, size_bytes, written_s, blob from parts"
        " where upload = ? and number > ? order by number limit ?",
        [upload, after, most],
    )
    return [StoredPart(*row) for row in rows]


def _forgotten(connection: sqlite3.Connection, upload: str, number: int) -> list[str]:
    rows = connection.execute("delete from parts where upload = ? and number = ? returning blob", [upload, number])
    return [blob for (blob,) in rows.fetchall()]


def _end(connection: sqlite3.Connection, upload: str) -> None:
    connection.execute("delete from parts where upload = ?", [upload])
    connection.execute("delete from uploads where id = ?", [upload])
