"""Framings: the finished drafts and working videos of projects, which overlays are made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from reel.edit import Look
from reel.errors import Json
from storage import removals
from storage.rows import dumped, loaded, one

_SELECT: Final = (
    "SELECT job_id, project_id, key, draft, made_of, frames, rate_n, rate_d, looks, shown, created_at, fps"
    " FROM framings"
)


@dataclass(frozen=True, slots=True)
class Framing:
    """A framed video. `shown` says where each clip stands in it: {clip, first_frame, frame_count}.

    `fps` is how fast its frames were rendered, None where none were or it was not measured.
    """

    job_id: str
    project_id: str
    key: str
    draft: bool
    made_of: str
    frames: int
    rate: Fraction
    looks: tuple[str, ...]
    shown: tuple[Mapping[str, Json], ...]
    created_at: str
    fps: float | None = None


def add(connection: sqlite3.Connection, framing: Framing) -> None:
    """Add what a job made, once."""
    connection.execute(
        "INSERT INTO framings (job_id, project_id, key, draft, made_of, frames, rate_n, rate_d, looks, shown,"
        " created_at, fps) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            *(framing.job_id, framing.project_id, framing.key, framing.draft, framing.made_of, framing.frames),
            *framing.rate.as_integer_ratio(),
            *(dumped(framing.looks), dumped(framing.shown), framing.created_at, framing.fps),
        ),
    )


def get(connection: sqlite3.Connection, job_id: str) -> Framing:
    """Return what a job framed. Raises NotFound."""
    return _framing(one(connection, f"{_SELECT} WHERE job_id = ?", (job_id,), "framing", job_id))


def newest(connection: sqlite3.Connection, project_id: str, *, draft: bool) -> Framing | None:
    """Return a project's newest draft or working video: the one that was asked for last."""
    query = f"{_SELECT} WHERE project_id = ? AND draft = ? ORDER BY created_at DESC, job_id DESC LIMIT 1"
    row = connection.execute(query, (project_id, draft)).fetchone()
    return _framing(row) if row else None


def measured_fps(connection: sqlite3.Connection) -> Mapping[Look, float]:
    """Return how fast each look was rendered last, by the framings that were of one look throughout."""
    query = "SELECT looks, fps FROM framings WHERE NOT draft AND fps IS NOT NULL ORDER BY created_at, job_id"
    found = ((loaded(looks), fps) for looks, fps in connection.execute(query))
    return {looks[0]: fps for looks, fps in found if len(looks) == 1}


def remove_superseded(connection: sqlite3.Connection, now: str) -> int:
    """Remove all but each project's newest draft and working video; return how many.

    A framing stays while the job of an overlay is open in its project, which may be reading it.
    """
    query = (
        "SELECT job_id, key FROM framings AS old WHERE EXISTS (SELECT 1 FROM framings AS new"
        " WHERE new.project_id = old.project_id AND new.draft = old.draft"
        " AND (new.created_at, new.job_id) > (old.created_at, old.job_id))"
        " AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.project_id = old.project_id AND settled_at IS NULL)"
    )
    old = connection.execute(query).fetchall()
    removals.ask(connection, [key for _, key in old], now)
    connection.executemany("DELETE FROM framings WHERE job_id = ?", [(job_id,) for job_id, _ in old])
    return len(old)


def _framing(row: Sequence[Any]) -> Framing:
    job_id, project_id, key, draft, made_of, frames, rate_n, rate_d, looks, shown, created_at, fps = row
    return Framing(
        job_id=job_id,
        project_id=project_id,
        key=key,
        draft=bool(draft),
        made_of=made_of,
        frames=frames,
        rate=Fraction(rate_n, rate_d),
        looks=tuple(loaded(looks)),
        shown=tuple(loaded(shown)),
        created_at=created_at,
        fps=fps,
    )
