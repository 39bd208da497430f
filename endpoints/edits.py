"""Edits: the document that an editor works on, whole, and merged part by part with what was saved meanwhile."""

from __future__ import annotations

import sqlite3

from fastapi import APIRouter

from endpoints.caller import Reading, Writing
from endpoints.edit_document import EditDoc, Saving
from endpoints.errors import errors
from endpoints.named import ById
from reel.errors import Json
from storage import edits

router = APIRouter(tags=["projects"])


@router.get("/api/projects/{id}/edit", summary="Read a project's edit", responses=errors(404))
def read_edit(caller: Reading, project_id: ById) -> EditDoc:
    """Return the edit document of a project, with the revisions that a save sends back."""
    return EditDoc.of(caller.read(lambda connection: edits.get(connection, project_id)))


@router.put("/api/projects/{id}/edit", summary="Save a project's edit", responses=errors(404, 409))
def save_edit(caller: Writing, project_id: ById, document: Saving) -> EditDoc:
    """Save a project's edit, and return what stands now.

    Parts (clips, cards, head fields) that only one side changed since `head_revision` are merged. One that both
    changed is 409 `stale_project`: `details.conflicts` lists {part, id, mine, current}, `details.current` is what is
    there. Saving what is there already changes nothing.
    """

    def command(connection: sqlite3.Connection) -> Json:
        return {"head_revision": edits.save(connection, project_id, document, caller.now).head_revision}

    def shown(connection: sqlite3.Connection, _answer: Json) -> EditDoc:
        return EditDoc.of(edits.get(connection, project_id))

    return caller.write(command, shown)
