"""Which workers live: each holds a lock on a file of its own, which the system lets go of however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path


class Presence:
    """The workers of this machine, each a file below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def shown(self, name: str) -> Generator[None]:
        """Be there under a name that no process had before."""
        self._folder.mkdir(parents=True, exist_ok=True)
        handle = self._held(name)
        try:
            yield
        finally:
            (self._folder / name).unlink(missing_ok=True)
            os.close(handle)

    def is_there(self, name: str) -> bool:
        """Say whether the worker of this name lives."""
        try:
            handle = os.open(self._folder / name, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: who else looks is no sign of life
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def tidy(self) -> None:
        """Remove the files of the dead."""
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if not self.is_there(path.name):
                path.unlink(missing_ok=True)

    def _held(self, name: str) -> int:
        path = self._folder / name
        while True:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with suppress(FileNotFoundError):
                fcntl.flock(handle, fcntl.LOCK_EX)
                if os.fstat(handle).st_ino == path.stat().st_ino:
                    return handle
            os.close(handle)  # someone took it for a dead one's between the two lines, and removed it
