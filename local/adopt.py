"""Footage on this disk, taken in without a copy: looked over once, remembered until the file changes."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jobs.spec import SourceRef
from local.folder import FolderStore
from media.probe import Source, probe
from reel import keys
from reel.errors import NotAVideo, SourceGone, SourceTruncated, SourceUnreadable

_EXTENSIONS = {"matroska,webm": "mkv", "mpegts": "ts"}


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a file: what tells whether it is still the same, and what looking it over found."""

    size_bytes: int
    mtime_ns: int
    sha256: str
    whole: bool
    usable_until_pts: int | None
    ext: str


def adopt(
    path: Path, store: FolderStore, *, accept_truncated: bool = False, doing: Callable[[str], None] = lambda _: None
) -> SourceRef:
    """Return the source that `path` is, probed whole the first time. Raises a BadSource that names the fault."""
    with reading(path):
        known = _remembered(path, store)
        if known is None or not (known.whole or accept_truncated):
            doing(f"Looking over {path.name}")
            known = _looked_over(path, accept_truncated=accept_truncated)
            store.put(_memory_key(path), json.dumps(_fields(known)).encode())
    source_id = keys.uuid_of(known.sha256)
    key = keys.original(keys.LOCAL_USER, source_id, source_id, known.ext)
    store.refer(key, path)
    return SourceRef(id=source_id, key=key, sha256=known.sha256, usable_until_pts=known.usable_until_pts)


@contextmanager
def reading(path: Path) -> Generator[None]:
    """Read an ordinary file, since a pipe or a device might never end; name what its disk says meanwhile.

    Raises SourceGone, NotAVideo and SourceUnreadable.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise NotAVideo(f"{path} is a folder, not a video.")
        if not stat.S_ISREG(mode):
            raise NotAVideo(f"{path} is no ordinary file.")
        yield
    except (FileNotFoundError, NotADirectoryError) as gone:
        raise SourceGone(f"There is no file {path}.") from gone
    except OSError as fault:
        raise SourceUnreadable(f"{path} cannot be read: {fault.strerror}.") from fault


def _looked_over(path: Path, *, accept_truncated: bool) -> Known:
    before = path.stat()  # what is written to it from here on will be noticed the next time
    try:
        source, whole = probe(path), True
    except SourceTruncated:
        if not accept_truncated:
            raise
        source, whole = probe(path, accept_truncated=True), False
    claimed = probe(path, tail=False)
    return Known(
        size_bytes=before.st_size,
        mtime_ns=before.st_mtime_ns,
        sha256=_sha256(path),
        whole=whole,
        usable_until_pts=source.span.out_pts if source.span != claimed.span else None,
        ext=_extension(path, source),
    )


def _extension(path: Path, source: Source) -> str:
    named = path.suffix.lower().removeprefix(".")
    return named if named in keys.ORIGINAL_EXTENSIONS else _EXTENSIONS.get(source.container, "mp4")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remembered(path: Path, store: FolderStore) -> Known | None:
    key = _memory_key(path)
    if not store.exists(key):
        return None
    try:
        known = Known(**json.loads(store.read(key)))
    except (ValueError, TypeError):
        return None  # damaged, or written by another version
    now = path.stat()
    return known if (known.size_bytes, known.mtime_ns) == (now.st_size, now.st_mtime_ns) else None


def _memory_key(path: Path) -> str:
    place = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()
    return f"_known/{place}.json"


def _fields(known: Known) -> dict[str, object]:
    return {name: getattr(known, name) for name in known.__slots__}
