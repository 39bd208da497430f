"""What there is to download around a reel, beside its versions: its framing, its clips cut out, annotated exports."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from storage import reels

Kind: TypeAlias = Literal["working_video", "raw_clip", "download"]

MOST: Final = 200

_OF_PROJECT: Final = """
SELECT 'working_video', job_id, (SELECT title FROM projects WHERE id = ?1), created_at FROM framings
    WHERE job_id = (SELECT job_id FROM framings WHERE project_id = ?1 AND draft = 0 ORDER BY created_at DESC LIMIT 1)
UNION ALL
SELECT 'download', job_id, title, created_at FROM downloads WHERE game_id IN
    (SELECT game_id FROM project_clips JOIN sources ON sources.id = source_id WHERE project_id = ?1)
UNION ALL
SELECT 'raw_clip', clip_id, name, max(created_at) FROM raw_clips WHERE clip_id IN
    (SELECT clip_id FROM project_clips WHERE project_id = ?1) GROUP BY clip_id
LIMIT ?2
"""


@dataclass(frozen=True, slots=True)
class File:
    """Something to download: `id` is what its media kind takes."""

    kind: Kind
    id: str
    name: str
    created_at: str


def around(connection: sqlite3.Connection, reel_id: str) -> tuple[File, ...]:
    """Return what there is of a reel's project: its framing, annotated exports of its games, its raw clips.

    Nothing of one whose project is gone. Raises NotFound.
    """
    project_id = reels.get(connection, reel_id).project_id
    return tuple(File(*row) for row in connection.execute(_OF_PROJECT, (project_id, MOST)))
