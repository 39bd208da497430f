"""Handouts: what was made to be downloaded: raw clips, annotated exports with their clip lists, archives."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from storage import removals
from storage.rows import dumped, loaded, one

_RAW_CLIP: Final = "SELECT job_id, clip_id, key, name, frames, created_at FROM raw_clips"
_DOWNLOAD: Final = (
    "SELECT job_id, game_id, key, list_key, title, frames, rate_n, rate_d, width_px, height_px, created_at"
    " FROM downloads"
)


@dataclass(frozen=True, slots=True)
class RawClip:
    """A clip as a file of its own. Its key tells what it was cut from: another span of the clip has another."""

    job_id: str
    clip_id: str
    key: str
    name: str
    frames: int
    created_at: str


@dataclass(frozen=True, slots=True)
class Download:
    """An annotated export and its clip list; the game may be gone."""

    job_id: str
    game_id: str | None
    key: str
    list_key: str
    title: str
    frames: int
    rate: Fraction
    width_px: int
    height_px: int
    created_at: str


@dataclass(frozen=True, slots=True)
class Archive:
    """Objects in one zip; `missing` are the names of those that were not there any more."""

    job_id: str
    key: str
    files: int
    size_bytes: int
    missing: tuple[str, ...]
    created_at: str


def add_raw_clip(connection: sqlite3.Connection, clip: RawClip, now: str) -> None:
    """Add a raw clip, once. If its clip is gone, its object is to be removed unless another one is the same."""
    if connection.execute("SELECT 1 FROM clips WHERE id = ?", (clip.clip_id,)).fetchone() is None:
        _remove_unused(connection, clip.key, now)
        return
    removals.keep(connection, clip.key)
    connection.execute(
        "INSERT INTO raw_clips (job_id, clip_id, key, name, frames, created_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (clip.job_id, clip.clip_id, clip.key, clip.name, clip.frames, clip.created_at),
    )


def raw_clip(connection: sqlite3.Connection, clip_id: str) -> RawClip:
    """Return what was extracted of a clip last. Raises NotFound."""
    query = f"{_RAW_CLIP} WHERE clip_id = ? ORDER BY created_at DESC, job_id DESC LIMIT 1"
    return RawClip(*one(connection, query, (clip_id,), "raw clip", clip_id))


def remove_raw_clips(connection: sqlite3.Connection, before: str, now: str) -> int:
    """Remove the raw clips that were asked for before a moment; return how many."""
    old = connection.execute("SELECT job_id, key FROM raw_clips WHERE created_at < ?", (before,)).fetchall()
    connection.execute("DELETE FROM raw_clips WHERE created_at < ?", (before,))
    for key in dict.fromkeys(key for _, key in old):
        _remove_unused(connection, key, now)
    return len(old)


def add_download(connection: sqlite3.Connection, download: Download) -> None:
    """Add an annotated export, once."""
    connection.execute(
        "INSERT INTO downloads (job_id, game_id, key, list_key, title, frames, rate_n, rate_d, width_px, height_px,"
        " created_at) VALUES (?, (SELECT id FROM games WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (
            *(download.job_id, download.game_id, download.key, download.list_key, download.title, download.frames),
            *(*download.rate.as_integer_ratio(), download.width_px, download.height_px, download.created_at),
        ),
    )


def download(connection: sqlite3.Connection, job_id: str) -> Download:
    """Return what an annotated export made. Raises NotFound."""
    row = one(connection, f"{_DOWNLOAD} WHERE job_id = ?", (job_id,), "download", job_id)
    job_id, game_id, key, list_key, title, frames, rate_n, rate_d, width_px, height_px, created_at = row
    rate = Fraction(rate_n, rate_d)
    return Download(job_id, game_id, key, list_key, title, frames, rate, width_px, height_px, created_at)


def remove_downloads(connection: sqlite3.Connection, before: str, now: str) -> int:
    """Remove the annotated exports that were asked for before a moment; return how many."""
    rows = connection.execute("SELECT key, list_key FROM downloads WHERE created_at < ?", (before,)).fetchall()
    removals.ask(connection, [key for row in rows for key in row], now)
    connection.execute("DELETE FROM downloads WHERE created_at < ?", (before,))
    return len(rows)


def add_archive(connection: sqlite3.Connection, archive: Archive) -> None:
    """Add an archive, once."""
    connection.execute(
        "INSERT INTO archives (job_id, key, files, size_bytes, missing, created_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (archive.job_id, archive.key, archive.files, archive.size_bytes, dumped(archive.missing), archive.created_at),
    )


def archive(connection: sqlite3.Connection, job_id: str) -> Archive:
    """Return the archive that a job made. Raises NotFound."""
    query = "SELECT job_id, key, files, size_bytes, missing, created_at FROM archives WHERE job_id = ?"
    job_id, key, files, size_bytes, missing, created_at = one(connection, query, (job_id,), "download", job_id)
    return Archive(job_id, key, files, size_bytes, tuple(loaded(missing)), created_at)


def remove_archives(connection: sqlite3.Connection, before: str, now: str) -> int:
    """Remove the archives that were asked for before a moment; return how many."""
    rows = connection.execute("SELECT key FROM archives WHERE created_at < ?", (before,)).fetchall()
    removals.ask(connection, [key for (key,) in rows], now)
    connection.execute("DELETE FROM archives WHERE created_at < ?", (before,))
    return len(rows)


def download_key(connection: sqlite3.Connection, job_id: str) -> str:
    """Return the object that an annotated export or an archive is. Raises NotFound."""
    query = "SELECT key FROM downloads WHERE job_id = ?1 UNION ALL SELECT key FROM archives WHERE job_id = ?1"
    (key,) = one(connection, query, (job_id,), "download", job_id)
    return key


def _remove_unused(connection: sqlite3.Connection, key: str, now: str) -> None:
    if connection.execute("SELECT 1 FROM raw_clips WHERE key = ?", (key,)).fetchone() is None:
        removals.ask(connection, [key], now)
