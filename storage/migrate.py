"""Bring a private copy of a database up to this release: forward only, expand only, user by user, when it is written.

Readers of the release before refuse what this one wrote (SchemaTooNew), and readers of this one bring an older image
up in memory, without writing it. The image before a migration is kept in the history.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from reel.errors import Internal, SchemaTooNew
from storage.image import APPLICATION_ID, schema_of
from storage.operations import META


@dataclass(frozen=True, slots=True)
class Migrations:
    """SQL scripts, run in order, each once: ours, then those of the aggregates. Never changed once released."""

    scripts: tuple[str, ...]

    @classmethod
    def of(cls, migrations: Sequence[str]) -> Migrations:
        """Return these, after the one that makes the tables of operations."""
        return cls((f"PRAGMA application_id = {APPLICATION_ID};\n{META}", *migrations))

    def require_known(self, image: bytes, key: str) -> None:
        """Raise SchemaTooNew for an image that a newer release wrote."""
        if schema_of(image) > len(self.scripts):
            raise SchemaTooNew(key=key)

    def are_due(self, image: bytes) -> bool:
        """Say whether an image is older than this release."""
        return schema_of(image) < len(self.scripts)

    def bring_up(self, connection: sqlite3.Connection) -> None:
        """Run what a private copy has not seen yet. Raises Internal, after which the copy is of no use."""
        done = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute("PRAGMA foreign_keys = OFF")  # a script may rebuild a table that others refer to
        for number, script in enumerate(self.scripts[done:], done + 1):
            try:
                connection.executescript(f"BEGIN;\n{script}\n;\nPRAGMA user_version = {number};\nCOMMIT;")
            except sqlite3.Error as fault:
                raise Internal(f"The saved data could not be brought up to this release: {fault}.") from fault
        if len(self.scripts) > done and connection.execute("PRAGMA foreign_key_check").fetchone():
            raise Internal("The saved data could not be brought up to this release: a row refers to one that is gone.")
        connection.execute("PRAGMA foreign_keys = ON")
