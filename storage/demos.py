"""Demos: the one demo game that an account has at a time, and the job that films it."""

from __future__ import annotations

import sqlite3

from storage import jobs
from storage.jobs import Job


def game_of(connection: sqlite3.Connection) -> str | None:
    """Return the id of the demo game, None if there is none."""
    row = connection.execute("SELECT id FROM games WHERE demo = 1 ORDER BY created_at, id LIMIT 1").fetchone()
    return row[0] if row else None


def job_of(connection: sqlite3.Connection, game_id: str) -> Job | None:
    """Return the job that films a demo game, the newest of several; None once that is forgotten."""
    query = "SELECT id FROM jobs WHERE kind = 'demo' AND game_id = ? ORDER BY created_at DESC, id DESC LIMIT 1"
    row = connection.execute(query, (game_id,)).fetchone()
    return jobs.get(connection, row[0]) if row else None
