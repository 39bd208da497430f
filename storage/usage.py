"""Usage: what an account has, in numbers, for its page and its quotas."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """How much there is. `footage_bytes` are those of the originals that are there or on their way."""

    games: int
    footage_bytes: int
    clips: int
    projects: int
    reels: int
    open_jobs: int


def usage(connection: sqlite3.Connection) -> Usage:
    """Return what the account has."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM games),"
        " (SELECT coalesce(sum(size_bytes), 0) FROM sources WHERE state NOT IN ('expected', 'refused')),"
        " (SELECT count(*) FROM clips), (SELECT count(*) FROM projects), (SELECT count(*) FROM reels),"
        " (SELECT count(*) FROM jobs WHERE settled_at IS NULL)"
    ).fetchone()
    return Usage(*row)
