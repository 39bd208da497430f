"""A Store in a folder: one file an object. Create-only by hard link, so that several processes can share it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from uuid import uuid4

from reel.errors import AlreadyExists, BadField, NotFound, StorageFull, StoreUnavailable

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FolderStore:
    """Objects below `root`. Written whole beside their place and then linked to it: nobody sees half of one."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / ".incoming"

    @contextmanager
    def open(self, key: str) -> Generator[Path]:
        """See Store: here it is always a local file."""
        path = self._path(key)
        if not path.is_file():
            raise NotFound(key=key)
        yield path

    def read(self, key: str) -> bytes:
        """See Store."""
        with self.open(key) as path:
            return path.read_bytes()

    def exists(self, key: str) -> bool:
        """See Store."""
        return self._path(key).is_file()

    def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
        """See Store."""
        with self._arriving() as arriving:
            arriving.write_bytes(body)
            self._publish(arriving, key, create_only=create_only)

    def put_file(self, key: str, path: Path, *, create_only: bool = False) -> None:
        """See Store: the file is linked where the folder is on the same disk, else copied."""
        with self._arriving() as arriving:
            try:
                os.link(path, arriving)
            except OSError:
                shutil.copyfile(path, arriving)
            self._publish(arriving, key, create_only=create_only)

    def refer(self, key: str, path: Path) -> None:
        """Let `key` stand for a file that stays where it is: a game is too large to be copied."""
        with self._arriving() as arriving:
            arriving.symlink_to(path.resolve())
            place = self._path(key)
            place.parent.mkdir(parents=True, exist_ok=True)
            arriving.replace(place)

    def delete(self, key: str) -> None:
        """See Store."""
        self._path(key).unlink(missing_ok=True)

    def keys(self, prefix: str) -> Iterator[str]:
        """See Store."""
        start = self._root / prefix.rpartition("/")[0]
        found = (path.relative_to(self._root).as_posix() for path in start.rglob("*") if path.is_file())
        yield from sorted(key for key in found if key.startswith(prefix) and not key.startswith(".incoming/"))

    def _path(self, key: str) -> Path:
        parts = PurePosixPath(key).parts
        if not parts or key.startswith(("/", ".")) or ".." in parts:
            raise BadField("/key", "This is no key.")
        return self._root.joinpath(*parts)

    @contextmanager
    def _arriving(self) -> Generator[Path]:
        """Give a free name on the folder's own disk, and name what goes wrong while it is written."""
        arriving = self._incoming / uuid4().hex
        try:
            self._incoming.mkdir(parents=True, exist_ok=True)
            yield arriving
        except FileExistsError:
            raise
        except OSError as fault:
            if fault.errno in FULL:
                raise StorageFull from fault
            raise StoreUnavailable(f"The folder {self._root} cannot be written: {fault.strerror}.") from fault
        finally:
            arriving.unlink(missing_ok=True)

    def _publish(self, arriving: Path, key: str, *, create_only: bool) -> None:
        _flush(arriving)
        place = self._path(key)
        place.parent.mkdir(parents=True, exist_ok=True)
        if create_only:
            try:
                os.link(arriving, place)
            except FileExistsError as taken:
                raise AlreadyExists(key=key) from taken
        else:
            arriving.replace(place)
        _flush(place.parent)


def _flush(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
