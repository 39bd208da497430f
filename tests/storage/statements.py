"""Counts the statements that a query takes: however long the list, they are to be as many."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def counted(connection: sqlite3.Connection) -> Iterator[list[str]]:
    """Give the statements that run meanwhile, as they run."""
    ran: list[str] = []

    def note(statement: str) -> None:
        if not statement.startswith("--"):  # what SQLite does by itself
            ran.append(statement)

    connection.set_trace_callback(note)
    try:
        yield ran
    finally:
        connection.set_trace_callback(None)
