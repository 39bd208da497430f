"""The bytes of the object store: files that are written once, named by chance, so that a key is never a path.

Each process writes into a folder of its own and holds a lock on it for as long as it lives. What lies in the folder
of a dead process without being in the index was never acknowledged: the next process that starts removes it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4


class Blobs:
    """Blobs below `root`, several processes at once. A name is `{process}/{blob}`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)
        self._own, self._lock = _own_folder(root)

    def arriving(self) -> Arriving:
        """Begin a blob."""
        name = f"{self._own.name}/{uuid4().hex}"
        return Arriving(name, self._root / name)

    def open(self, name: str) -> int:
        """Open a blob to be read; the caller closes it. Raises FileNotFoundError."""
        return os.open(self._root / name, os.O_RDONLY | os.O_CLOEXEC)

    def remove(self, names: Iterable[str]) -> None:
        """Remove blobs that nothing names any more; who has one open reads on. What resists is swept one day."""
        for name in names:
            with suppress(OSError):
                (self._root / name).unlink()

    def sweep(self, named: Callable[[], Container[str]]) -> int:
        """Remove what dead processes left and nothing names; return how many blobs that were.

        `named` is asked once they are known to be dead: what one of them acknowledged with its last breath counts.
        """
        with ExitStack() as locks:
            dead = [folder for folder in self._root.iterdir() if locks.enter_context(_locked(folder))]
            kept = named()
            orphans = [
                name
                for folder in dead
                for path in folder.iterdir()
                if (name := f"{folder.name}/{path.name}") not in kept
            ]
            self.remove(orphans)
            for folder in dead:
                with suppress(OSError):  # it is kept for as long as something is in it
                    folder.rmdir()
        return len(orphans)

    def close(self) -> None:
        """Give the folder up: from now on it may be swept."""
        os.close(self._lock)


class Arriving:
    """A blob that is being written, hashed on the way. Blocks: to be called in a thread."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.size_bytes = 0
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._sha256 = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The digest of what has been written."""
        return self._sha256.hexdigest()

    def write(self, body: bytes | bytearray) -> None:
        """Add bytes. Raises OSError, and then the blob can only be discarded."""
        self._sha256.update(body)
        rest = memoryview(body)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        self.size_bytes += len(body)

    def finish(self) -> None:
        """Wait until the blob and its name are on the disk."""
        os.fsync(self._file)
        os.close(self._file)
        self._file = -1
        _flush(self._path.parent)

    def discard(self) -> None:
        """Remove it: nothing will ever name it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._path.unlink(missing_ok=True)


def _own_folder(root: Path) -> tuple[Path, int]:
    """Make a folder that nobody else writes to; return it with the lock on it."""
    while True:
        folder = root / uuid4().hex
        folder.mkdir()
        with suppress(FileNotFoundError, BlockingIOError):
            lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.is_dir():  # else someone took it for a dead one's between the two lines, and removed it
                _flush(root)
                return folder, lock


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Take the lock on a folder if its process is dead; say whether it is."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
