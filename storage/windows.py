"""Windows: the jobs that were asked to make the window around a span, found by source and span."""

from __future__ import annotations

import sqlite3

from reel.timing import Span
from storage import jobs
from storage.jobs import Job


def asked_for(connection: sqlite3.Connection, source_id: str, span: Span) -> tuple[Job, ...]:
    """Return the jobs that make, or have made, the window around a span, the newest first."""
    query = (
        "SELECT id FROM jobs WHERE kind = 'window' AND source_id = ? AND spec ->> 'in_pts' = ?"
        " AND spec ->> 'out_pts' = ? ORDER BY created_at DESC, id DESC"
    )
    rows = connection.execute(query, (source_id, span.in_pts, span.out_pts)).fetchall()
    return jobs.several(connection, [job_id for (job_id,) in rows])
