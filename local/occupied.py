"""The data folder has one keeper at a time: a lock on a file in it, which the system lets go of however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from reel.errors import BadInput, OutputUnwritable


@contextmanager
def occupied(folder: Path) -> Generator[Path]:
    """Keep the folder for this process; made if it is not there. Gives the lock's file, which may say who keeps it.

    Raises OutputUnwritable for a folder that cannot be written, BadInput while another process keeps it.
    """
    path = folder / "lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as fault:
        told = f"{folder} cannot be written: {fault.strerror}. Choose another with DATA_DIR."
        raise OutputUnwritable(told) from fault
    try:
        _lock(handle, path, folder)
        os.truncate(handle, 0)
        yield path
    finally:
        os.close(handle)


def _lock(handle: int, path: Path, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        there = path.read_text().strip()
        where = f" at {there}" if there else ""
        raise BadInput(
            f"{folder} is in use by another ./run up{where}. Stop that one, or choose another folder with DATA_DIR."
        ) from taken
