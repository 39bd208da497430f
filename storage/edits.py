"""Edits: a project's edit document, merged part by part with what was saved since it was read."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeAlias

from reel.edit import EditClip, EditDocument
from reel.merge import merge
from reel.timing import Span, rescale
from storage import saves
from storage.rows import array, dumped, missing

Boundaries: TypeAlias = "tuple[int, int, int, int]"
"""A clip's boundaries on its clock: the terms of its time base, in_pts, out_pts."""


def get(connection: sqlite3.Connection, project_id: str) -> EditDocument:
    """Return a project's document. Raises NotFound."""
    newest = saves.newest(connection, project_id)
    if newest is None:
        raise missing("project", project_id)
    (document,) = saves.read(connection, project_id, [newest])
    return document


def save(connection: sqlite3.Connection, project_id: str, document: EditDocument, now: str) -> EditDocument:
    """Save a document upon what is there, merged part by part; return what was saved, with its new revisions.

    Saving what is there already changes nothing. Raises NotFound, StaleProject with the conflicts and the current
    document, and BadField if the two together have too many clips.
    """
    current = get(connection, project_id)
    begun = saves.begun_from(connection, project_id, document)
    earlier = saves.read(connection, project_id, [begun]) if begun else ()
    merged = merge(document, current, earlier)
    if merged == current:
        return current
    return write(connection, project_id, merged, now)


def write(connection: sqlite3.Connection, project_id: str, document: EditDocument, now: str) -> EditDocument:
    """Write a document as a project's newest save, and what lists show of it; `head_revision` is the save's number."""
    saves.write(connection, project_id, document, now)
    saves.prune(connection, project_id, now)
    connection.execute(
        "UPDATE projects SET title = ?, aspect = ?, clip_count = ?, updated_at = ? WHERE id = ?",
        (document.title, document.aspect, len(document.clips), now, project_id),
    )
    _note_clips(connection, project_id, document.clips)
    return document


def keep_boundaries(connection: sqlite3.Connection, project_id: str, edit_ids: Collection[str]) -> None:
    """Note that a project keeps the boundaries it has of some clips, whatever was changed in Annotate since."""
    query = (
        "UPDATE project_clips SET (seen_n, seen_d, seen_in_pts, seen_out_pts) ="
        " (SELECT time_base_n, time_base_d, in_pts, out_pts FROM clips WHERE id = clip_id)"
        " WHERE project_id = ? AND edit_id IN (SELECT value FROM json_each(?))"
        " AND clip_id IN (SELECT id FROM clips)"
    )
    connection.execute(query, (project_id, array(edit_ids)))


def changed_clips(connection: sqlite3.Connection, project_ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return, for each of several projects, the ids in its edit of clips whose boundaries changed since it saw them."""
    query = (
        "SELECT project_id, edit_id FROM project_clips JOIN clips ON clips.id = clip_id"
        " WHERE project_id IN (SELECT value FROM json_each(?)) AND (seen_n, seen_d, seen_in_pts, seen_out_pts)"
        " IS NOT (time_base_n, time_base_d, in_pts, out_pts) ORDER BY project_id, edit_id"
    )
    found: dict[str, list[str]] = {project_id: [] for project_id in project_ids}
    for project_id, edit_id in connection.execute(query, (array(project_ids),)):
        found[project_id].append(edit_id)
    return {project_id: tuple(edit_ids) for project_id, edit_ids in found.items()}


def move_source(connection: sqlite3.Connection, old: str, new: str, now: str) -> None:
    """Let every document that shows one source show another: the same match, from another file."""
    query = "SELECT DISTINCT project_id FROM project_clips WHERE source_id = ?"
    for (project_id,) in connection.execute(query, (old,)).fetchall():
        current = get(connection, project_id)
        clips = tuple(
            replace(clip, source_id=new, revision=clip.revision + 1) if clip.source_id == old else clip
            for clip in current.clips
        )
        following = replace(current, clips=clips, head_revision=current.head_revision + 1)
        write(connection, project_id, following, now)


def _note_clips(connection: sqlite3.Connection, project_id: str, clips: Sequence[EditClip]) -> None:
    """Note which clips a project shows, and which boundaries of theirs it has seen.

    Those of a clip that is new to it, and those that it takes over; else what it saw before.
    """
    query = (
        "SELECT id, time_base_n, time_base_d, in_pts, out_pts FROM clips WHERE id IN (SELECT value FROM json_each(?))"
    )
    wanted = array({clip.clip_id for clip in clips})
    marked: dict[str, Boundaries] = {row[0]: row[1:] for row in connection.execute(query, (wanted,))}
    query = "SELECT edit_id, clip_id, seen_n, seen_d, seen_in_pts, seen_out_pts FROM project_clips WHERE project_id = ?"
    before: dict[str, Sequence[Any]] = {row[0]: row[1:] for row in connection.execute(query, (project_id,))}
    noted: list[Sequence[Any]] = []
    for clip in clips:
        seen: Sequence[Any] = (None, None, None, None)
        if bounds := marked.get(clip.clip_id or ""):
            clip_before, *seen_before = before.get(clip.id, (None,))
            known = clip_before == clip.clip_id and None not in seen_before
            seen = seen_before if known and not _shows(clip, bounds) else bounds
        noted.append((clip.id, clip.clip_id, clip.source_id, *seen))
    connection.execute("DELETE FROM project_clips WHERE project_id = ?", (project_id,))
    connection.execute(
        "INSERT INTO project_clips (project_id, edit_id, clip_id, source_id, seen_n, seen_d, seen_in_pts, seen_out_pts)"
        " SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6"
        " FROM json_each(?)",
        (project_id, dumped(noted)),
    )


def _shows(clip: EditClip, bounds: Boundaries) -> bool:
    numerator, denominator, in_pts, out_pts = bounds
    base = Fraction(numerator, denominator)
    moved = (rescale(in_pts, base, clip.time_base), rescale(out_pts, base, clip.time_base))
    return moved[0] < moved[1] and clip.span == Span(*moved)
