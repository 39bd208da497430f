"""The newest image of each user's database that this process knows: a file in the cache folder, never changed.

A cache: a file that is gone, cut or changed is noticed by the digest in its name and asked for again, and on a full
disk nothing is kept, so that every request reads the whole object.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from uuid import uuid4

from storage.image import digest

MOST_USERS = 1000  # at the usual 200 kB to 1 MB: up to a gigabyte of disk
STALE_S = 24 * 3600.0  # a file that nobody wrote or took over for so long was left by a process that is gone


@dataclass(frozen=True, slots=True)
class Copy:
    """An image on the disk, with the etag of the object that it was."""

    etag: str
    sha256: str
    path: Path

    def image(self) -> bytes | None:
        """Return the image; None if the file is gone or no longer what it was."""
        try:
            image = self.path.read_bytes()
        except OSError:
            return None
        return image if digest(image) == self.sha256 else None


class Copies:
    """The copies of one process. Several may share a folder: whose file another one removed reads the object again."""

    def __init__(self, folder: Path, now_s: float) -> None:
        self._folder = folder
        self._copies: OrderedDict[str, Copy] = OrderedDict()
        self._lock = Lock()
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sweep(folder, now_s - STALE_S)

    def known(self, user: str) -> Copy | None:
        """Return the user's copy, if there is one."""
        with self._lock:
            copy = self._copies.get(user)
            if copy:
                self._copies.move_to_end(user)
            return copy

    def keep(self, user: str, etag: str, image: bytes) -> None:
        """Take this image for the newest, if the disk has room for it."""
        copy = Copy(etag, sha256 := digest(image), self._folder / f"{user}-{sha256}.sqlite")
        arriving = self._folder / f"{uuid4().hex}.part"
        try:
            arriving.write_bytes(image)
            arriving.replace(copy.path)
        except OSError:
            with suppress(OSError):
                arriving.unlink(missing_ok=True)
            self.forget(user)
            return
        with self._lock:
            before = self._copies.get(user)
            self._copies[user] = copy
            self._copies.move_to_end(user)
            eldest = self._copies.popitem(last=False)[1] if len(self._copies) > MOST_USERS else None
        for passed in (before, eldest):
            if passed and passed.path != copy.path:
                _remove(passed.path)

    def forget(self, user: str) -> None:
        """Know nothing of the user."""
        with self._lock:
            copy = self._copies.pop(user, None)
        if copy:
            _remove(copy.path)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _sweep(folder: Path, before_s: float) -> None:
    for path in (*folder.glob("*.sqlite"), *folder.glob("*.part")):
        with suppress(OSError):
            if path.stat().st_mtime < before_s:
                path.unlink()
