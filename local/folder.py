"""A Store in a folder: one file an object. Create-only by hard link, so that several processes can share it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from reel.errors import AlreadyExists, NotFound, StorageFull, StoreUnavailable
from reel.keys import checked_key

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FolderStore:
    """Objects below `root`. Written whole beside their place and then linked to it: nobody sees half of one."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.incoming = root / ".incoming"  # what is being written, and what a killed process left of that

    @contextmanager
    def open(self, key: str) -> Generator[Path]:
        """See Store: here it is always a local file."""
        if not self.exists(key):
            raise NotFound(key=key)
        yield self._path(key)

    def read(self, key: str) -> bytes:
        """See Store."""
        with self._faults():
            try:
                return self._path(key).read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as absent:
                raise NotFound(key=key) from absent

    def exists(self, key: str) -> bool:
        """See Store."""
        with self._faults():
            return self._path(key).is_file()

    def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
        """See Store."""
        with self._arriving() as arriving:
            arriving.write_bytes(body)
            self._publish(arriving, key, create_only=create_only)

    def put_file(self, key: str, path: Path, *, create_only: bool = False) -> None:
        """See Store: the file is moved where the folder is on the same disk, else copied."""
        with self._arriving() as arriving:
            try:
                os.link(path, arriving)
            except OSError:
                shutil.copyfile(path, arriving)
            self._publish(arriving, key, create_only=create_only)
            path.unlink()  # or what is written to it from now on would change the object

    def refer(self, key: str, path: Path) -> None:
        """Let `key` stand for a file that stays where it is: a game is too large to be copied."""
        with self._arriving() as arriving:
            arriving.symlink_to(path.resolve())
            place = self._path(key)
            place.parent.mkdir(parents=True, exist_ok=True)
            arriving.replace(place)

    def delete(self, key: str) -> None:
        """See Store."""
        path = self._path(key)
        with self._faults():
            if path.is_file() or path.is_symlink():
                path.unlink(missing_ok=True)

    def keys(self, prefix: str) -> Iterator[str]:
        """See Store."""
        folder = prefix.rpartition("/")[0]
        start = self._path(folder) if folder else self._root
        with self._faults():
            paths = [path for path in start.rglob("*") if path.is_file() and self.incoming not in path.parents]
        found = (path.relative_to(self._root).as_posix() for path in paths)
        yield from sorted(key for key in found if key.startswith(prefix))

    def _path(self, key: str) -> Path:
        return self._root / checked_key(key)

    @contextmanager
    def _arriving(self) -> Generator[Path]:
        """Give a free name on the folder's own disk, for as long as it takes to write it and to publish it."""
        with self._faults():
            self.incoming.mkdir(parents=True, exist_ok=True)
            arriving = self.incoming / uuid4().hex
            try:
                yield arriving
            finally:
                arriving.unlink(missing_ok=True)

    @contextmanager
    def _faults(self) -> Generator[None]:
        """Name what goes wrong with the disk."""
        try:
            yield
        except OSError as fault:
            if fault.errno in FULL:
                raise StorageFull from fault
            raise StoreUnavailable(f"The folder {self._root} cannot be used: {fault.strerror}.") from fault

    def _publish(self, arriving: Path, key: str, *, create_only: bool) -> None:
        _flush(arriving)
        place = self._path(key)
        _make_durably(place.parent)
        if create_only:
            try:
                os.link(arriving, place)
            except FileExistsError as taken:
                raise AlreadyExists(key=key) from taken
        else:
            arriving.replace(place)
        _flush(place.parent)


def _make_durably(folder: Path) -> None:
    """Make a folder whose name, too, is on the disk."""
    if not folder.is_dir():
        _make_durably(folder.parent)
        folder.mkdir(exist_ok=True)
        _flush(folder.parent)


def _flush(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
