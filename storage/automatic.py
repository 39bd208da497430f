"""Automatic projects: a clip of five stars gets a project of its own, as soon as it has them.

Its id follows from the clip's, so that there is never a second one. It is left alone from then on, whatever becomes of
the clip.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress

from reel.annotation import Clip
from reel.errors import AlreadyExists
from reel.keys import content_hash, uuid_of
from reel.project import begin, earns_project
from storage import projects, settings
from storage.rows import array


def project_of(clip_id: str) -> str:
    """Return the id of the project that a clip gets of its own."""
    return uuid_of(content_hash(["project", clip_id]))


def begin_earned(connection: sqlite3.Connection, clip: Clip, now: str, before: Clip | None = None) -> None:
    """Begin the project that a clip has earned, in the usual shape; `before` is the clip as it was until now.

    One that had its five stars before is not given a second chance: the person has deleted its project.
    """
    if not earns_project(clip) or (before is not None and earns_project(before)):
        return
    place = uuid_of(content_hash(["place", clip.id]))
    document = begin([clip], [place], settings.get(connection).aspect)
    with suppress(AlreadyExists):
        projects.add(connection, project_of(clip.id), document, now, automatic=True)


def shown_in(connection: sqlite3.Connection, clip_ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return for each of several clips the projects that show it."""
    query = (
        "SELECT DISTINCT clip_id, project_id FROM project_clips WHERE clip_id IN (SELECT value FROM json_each(?))"
        " ORDER BY clip_id, project_id"
    )
    found: dict[str, list[str]] = {clip_id: [] for clip_id in clip_ids}
    for clip_id, project_id in connection.execute(query, (array(clip_ids),)):
        found[clip_id].append(project_id)
    return {clip_id: tuple(project_ids) for clip_id, project_ids in found.items()}
