"""Projects: what is being edited, as lists show it; the edit itself is in edits.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from reel.edit import EditClip, EditDocument
from reel.errors import AlreadyExists
from reel.geometry import Aspect
from reel.keys import checked_uuid
from reel.merge import merge
from reel.project import Made, unframed_clips
from storage import edits, removals, saves
from storage.pages import LAST_TEXT, Page, checked_limit, page_of, place
from storage.rows import array, one, stale

_SELECT: Final = (
    "SELECT id, athlete_id, automatic, title, aspect, clip_count, reel_id, revision, created_at, updated_at"
    " FROM projects"
)


@dataclass(frozen=True, slots=True)
class Project:
    """A project. `title`, `aspect` and `clip_count` are its document's; `automatic`: begun by a 5-star clip."""

    id: str
    athlete_id: str | None
    automatic: bool
    title: str
    aspect: Aspect
    clip_count: int
    reel_id: str | None
    revision: int
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Card:
    """A project as its list shows it: with what was made of it, and the clips whose boundaries have changed.

    `first` is the clip that its picture is of, `framed_count` how many clips have a crop that a person agreed to.
    """

    project: Project
    made: Mapping[Made, str]
    changed_clips: tuple[str, ...]
    framed_count: int
    first: EditClip | None


def add(
    connection: sqlite3.Connection,
    project_id: str,
    document: EditDocument,
    now: str,
    *,
    automatic: bool = False,
    athlete_id: str | None = None,
) -> Project:
    """Begin a project with its first document, whatever revisions that carries from elsewhere.

    Raises AlreadyExists, NotFound (the athlete), BadField.
    """
    _check_athlete(connection, athlete_id)
    added = connection.execute(
        "INSERT INTO projects (id, athlete_id, automatic, title, aspect, clip_count, revision, created_at, updated_at)"
        " VALUES (?, ?, ?, '', '', 0, 1, ?, ?) ON CONFLICT DO NOTHING",
        (checked_uuid(project_id), athlete_id, automatic, now, now),
    ).rowcount
    if not added:
        raise AlreadyExists("There is a project under this id already.", id=project_id)
    first = replace(merge(_unsaved(document), EditDocument()), head_revision=1)
    edits.write(connection, project_id, first, now)
    return get(connection, project_id)


def get(connection: sqlite3.Connection, project_id: str) -> Project:
    """Return a project. Raises NotFound."""
    return _project(one(connection, f"{_SELECT} WHERE id = ?", (project_id,), "project", project_id))


def page(connection: sqlite3.Connection, after: str | None = None, limit: int = 50) -> Page[Card]:
    """Return projects, those edited last first. Raises BadField."""
    query = f"{_SELECT} WHERE (updated_at, id) < (?, ?) ORDER BY updated_at DESC, id DESC LIMIT ?"
    rows = connection.execute(query, (*place(after, (LAST_TEXT, LAST_TEXT)), checked_limit(limit) + 1)).fetchall()
    found = page_of([_project(row) for row in rows], limit, lambda project: (project.updated_at, project.id))
    return found.of(cards(connection, found.items))


def cards(connection: sqlite3.Connection, projects: Sequence[Project]) -> tuple[Card, ...]:
    """Return projects as their list shows them."""
    ids = [project.id for project in projects]
    made, changed = made_of(connection, ids), edits.changed_clips(connection, ids)
    documents = saves.newest_of(connection, ids)
    return tuple(
        Card(
            project,
            made[project.id],
            changed[project.id],
            framed_count=project.clip_count - len(unframed_clips(documents[project.id])),
            first=next(iter(documents[project.id].clips), None),
        )
        for project in projects
    )


def made_of(connection: sqlite3.Connection, project_ids: Sequence[str]) -> Mapping[str, Mapping[Made, str]]:
    """Return for each of several projects what was made of it last, and of what, as reel.project.obstacles takes it."""
    query = (
        "WITH made (project_id, what, made_of, at) AS ("
        " SELECT project_id, iif(draft, 'draft', 'framing'), made_of, created_at || job_id FROM framings"
        " UNION ALL SELECT project_id, 'reel', made_of, reel_versions.created_at || job_id FROM reel_versions"
        " JOIN reels ON reels.id = reel_id)"
        " SELECT project_id, what, made_of, max(at) FROM made"
        " WHERE project_id IN (SELECT value FROM json_each(?)) GROUP BY project_id, what"
    )
    found: dict[str, dict[Made, str]] = {project_id: {} for project_id in project_ids}
    for project_id, what, made_from, _ in connection.execute(query, (array(project_ids),)):
        found[project_id][what] = made_from
    return found


def give_to(
    connection: sqlite3.Connection, project_id: str, athlete_id: str | None, revision: int, now: str
) -> Project:
    """Say whose project it is; `revision` is the one that the client saw. Raises NotFound, StaleRevision."""
    _check_athlete(connection, athlete_id)
    current = get(connection, project_id)
    if current.revision != revision:
        stale(current)
    connection.execute(
        "UPDATE projects SET athlete_id = ?, revision = revision + 1, updated_at = ? WHERE id = ?",
        (athlete_id, now, project_id),
    )
    return get(connection, project_id)


def next_version(connection: sqlite3.Connection, project_id: str, fresh_reel: str) -> tuple[str, int]:
    """Return the reel and the version that the project's next overlay makes; never the same twice.

    The reel is `fresh_reel` if the project has none, or lost it in the gallery. Raises NotFound.
    """
    get(connection, project_id)
    connection.execute(
        "UPDATE projects SET reel_id = coalesce(reel_id, ?), last_version = last_version + 1 WHERE id = ?",
        (checked_uuid(fresh_reel), project_id),
    )
    query = "SELECT reel_id, last_version FROM projects WHERE id = ?"
    reel_id, version = one(connection, query, (project_id,), "project", project_id)
    return reel_id, version


def remove(connection: sqlite3.Connection, project_id: str, now: str) -> None:
    """Remove a project with its drafts and working videos; its reel and its clips stay. Raises NotFound."""
    get(connection, project_id)
    keys = connection.execute("SELECT key FROM framings WHERE project_id = ?", (project_id,))
    removals.ask(connection, [key for (key,) in keys], now)
    connection.execute("DELETE FROM projects WHERE id = ?", (project_id,))


def _unsaved(document: EditDocument) -> EditDocument:
    return replace(
        document,
        head_revision=0,
        clips=tuple(replace(clip, revision=0) for clip in document.clips),
        cards=tuple(replace(card, revision=0) for card in document.cards),
    )


def _check_athlete(connection: sqlite3.Connection, athlete_id: str | None) -> None:
    if athlete_id is not None:
        one(connection, "SELECT 1 FROM athletes WHERE id = ?", (athlete_id,), "athlete", athlete_id)


def _project(row: Sequence[Any]) -> Project:
    project_id, athlete_id, automatic, *rest = row
    return Project(project_id, athlete_id, bool(automatic), *rest)
