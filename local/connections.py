"""Connections to a SQLite file that threads and processes of one machine share."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock
from typing import Literal, TypeAlias

Durable: TypeAlias = Literal["full", "normal"]

WAIT_S = 30.0  # for another process's transaction


class Connections:
    """Connections to the file at `path`, kept for the next who asks.

    `durable` is SQLite's `synchronous`: with `full` a commit is on the disk when it returns; with `normal` a power cut
    may take the last moments back. What is of the type `harmless` may be raised over a connection that is kept; after
    anything else it is closed. Either way what was begun on it is rolled back.
    """

    def __init__(self, path: Path, durable: Durable, harmless: type[Exception]) -> None:
        self._path = path
        self._durable: Durable = durable
        self._harmless = harmless
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._writing = Lock()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """Give a connection for single statements."""
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = connected(self._path, self._durable)
        try:
            yield connection
        except self._harmless:
            if connection.in_transaction:
                connection.rollback()
            self._idle.put(connection)
            raise
        except BaseException:
            connection.close()
            raise
        self._idle.put(connection)

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """Give a connection in one transaction, alone among the writers."""
        with self._writing, self.reading() as connection:
            connection.execute("begin immediate")
            yield connection
            connection.execute("commit")


def connected(path: Path, durable: Durable) -> sqlite3.Connection:
    """Open a connection that begins no transaction by itself."""
    connection = sqlite3.connect(path, WAIT_S, isolation_level=None, check_same_thread=False)
    connection.execute(f"pragma synchronous = {durable}")
    return connection


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Hold the folder while a file in it is made: SQLite waits for no one who changes the journal's mode."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
