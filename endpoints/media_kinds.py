"""The kinds of media: for each, where what somebody owns of it lies, what it is called and how browsers take it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from reel import keys
from reel.errors import NotFound, SourceGone
from storage import framings, handouts, jobs, projects, reels, small_copies, sources
from storage.framings import Framing
from storage.rows import missing

MediaKind: TypeAlias = Literal[
    "original",
    "proxy",
    "sprite",
    "peaks",
    "ptsmap",
    "index",
    "poster",
    "preview",
    "raw_clip",
    "working_video",
    "draft",
    "segment",
    "reel",
    "small_copy",
    "download",
    "clip_list",
]

CONTENT_TYPES: Final[Mapping[str, str]] = {
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "ts": "video/mp2t",
    "mts": "video/mp2t",
    "m2ts": "video/mp2t",
    "jpg": "image/jpeg",
    "png": "image/png",
    "json": "application/json",
    "tsv": "text/tab-separated-values",
    "zip": "application/zip",
}
"""By the end of a name: what a browser may take the bytes for, whatever an uploader said."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody asks for: whose it is, its id, and of a reel which version, None for the newest."""

    user: str
    id: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Where an object lies and what it is called. `otherwise` is raised if it is not there after all."""

    key: str
    title: str
    ext: str
    otherwise: Callable[[], Exception]


Find: TypeAlias = Callable[[sqlite3.Connection, Sought], Found]
"""Raises NotFound, and SourceGone for footage that was there and is not any more."""


def _original(connection: sqlite3.Connection, sought: Sought) -> Found:
    source = sources.get(connection, sought.id)
    if source.state in {"expected", "uploading"}:
        raise missing("media", sought.id)
    key = sources.ref(source, sought.user).key
    title = source.name.rpartition(".")[0]
    return Found(key, title, source.ext, lambda: SourceGone(source=source.id))


def _of_source(name: str, key_of: Callable[[str, str, str], str], ext: str) -> Find:
    def find(connection: sqlite3.Connection, sought: Sought) -> Found:
        source = sources.get(connection, sought.id)
        title = f"{source.name.rpartition('.')[0]} {name}"
        return _found(key_of(sought.user, source.game_id, source.id), title, ext, sought)

    return find


def _poster(connection: sqlite3.Connection, sought: Sought) -> Found:
    return _found(keys.poster(sought.user, sought.id), reels.get(connection, sought.id).name, "jpg", sought)


def _preview(connection: sqlite3.Connection, sought: Sought) -> Found:
    job = jobs.get(connection, sought.id)
    key = str((job.value or {}).get("key", ""))
    if job.kind != "preview" or not key.startswith(f"{keys.user_prefix(sought.user)}previews/"):
        raise missing("media", sought.id)
    return _found(key, "Frame", "png", sought)


def _raw_clip(connection: sqlite3.Connection, sought: Sought) -> Found:
    clip = handouts.raw_clip(connection, sought.id)
    return _found(clip.key, clip.name, "mp4", sought)


def _framed(*, draft: bool) -> Find:
    def find(connection: sqlite3.Connection, sought: Sought) -> Found:
        framing = framings.newest(connection, sought.id, draft=draft) or _of_job(connection, sought, draft=draft)
        title = projects.get(connection, framing.project_id).title
        return _found(framing.key, f"{title} (draft)" if draft else title, "mp4", sought)

    return find


def _of_job(connection: sqlite3.Connection, sought: Sought, *, draft: bool) -> Framing:
    framing = framings.get(connection, sought.id)
    if framing.draft != draft:
        raise missing("media", sought.id)
    return framing


def _segment(_connection: sqlite3.Connection, sought: Sought) -> Found:
    """Find a piece of a framing: no row tells of it, its name is the hash of all that it shows."""
    if not keys.is_digest(sought.id):
        raise missing("media", sought.id)
    return _found(keys.segment(sought.user, sought.id), "Segment", "mp4", sought)


def _reel(connection: sqlite3.Connection, sought: Sought) -> Found:
    reel = reels.get(connection, sought.id)
    version = reel.newest if sought.version is None else reels.version(connection, sought.id, sought.version)
    return _found(version.key, reel.name, "mp4", sought)


def _small_copy(connection: sqlite3.Connection, sought: Sought) -> Found:
    reel = reels.get(connection, sought.id)
    copy = small_copies.get(connection, reel.id, reel.newest.version if sought.version is None else sought.version)
    return _found(copy.key, f"{reel.name} (small)", "mp4", sought)


def _download(connection: sqlite3.Connection, sought: Sought) -> Found:
    """Find an annotated export, or an archive of an account."""
    try:
        made = handouts.download(connection, sought.id)
    except NotFound:
        return _found(handouts.archive(connection, sought.id).key, "Reel Ballers", "zip", sought)
    return _found(made.key, made.title, "mp4", sought)


def _clip_list(connection: sqlite3.Connection, sought: Sought) -> Found:
    made = handouts.download(connection, sought.id)
    return _found(made.list_key, made.title, "tsv", sought)


def _found(key: str, title: str, ext: str, sought: Sought) -> Found:
    return Found(key, title, ext, lambda: missing("media", sought.id))


KINDS: Final[Mapping[MediaKind, Find]] = {
    "original": _original,
    "proxy": _of_source("proxy", keys.proxy, "mp4"),
    "sprite": _of_source("sprite", keys.sprite, "jpg"),
    "peaks": _of_source("peaks", keys.peaks, "json"),
    "ptsmap": _of_source("ptsmap", keys.ptsmap, "json"),
    "index": _of_source("index", keys.index, "json"),
    "poster": _poster,
    "preview": _preview,
    "raw_clip": _raw_clip,
    "working_video": _framed(draft=False),
    "draft": _framed(draft=True),
    "segment": _segment,
    "reel": _reel,
    "small_copy": _small_copy,
    "download": _download,
    "clip_list": _clip_list,
}
"""The id is that of a source (original … index), a reel (poster, reel, small_copy), a clip (raw_clip), a project or a
job (the framed ones), or a job. A segment's is its hash."""
