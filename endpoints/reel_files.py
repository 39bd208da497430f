"""A reel's files: its copy for messengers, made when it is asked for, and what else there is to download."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from endpoints.begin import begin, enter_export, job_id, require_running_room
from endpoints.caller import Settled, Writing
from endpoints.errors import errors
from endpoints.jobs import JobOut, shown_job
from endpoints.models import Listed, Moment, Shown
from endpoints.named import ById
from endpoints.reels import SmallCopyOut
from jobs.spec import SmallCopySpec
from storage import jobs, reel_files, reels, small_copies
from storage.pages import MOST
from storage.reel_files import File, Kind
from storage.small_copies import SmallCopy

router = APIRouter(tags=["gallery"])


class SmallOut(Shown):
    """The newest version's copy for messengers: `small_copy`, or the `job` which makes it; then it is at `media`."""

    small_copy: SmallCopyOut | None
    job: JobOut | None
    media: Annotated[str, Field(examples=["/api/media/small_copy/0197…?version=2"])]


class FileOut(Shown):
    """Something to download; with ?download=true under its name."""

    kind: Kind
    name: str
    media: Annotated[str, Field(examples=["/api/media/raw_clip/0197…"])]
    created_at: Moment

    @classmethod
    def of(cls, file: File) -> FileOut:
        """Return a file as the API says it."""
        media = f"/api/media/{file.kind}/{file.id}"
        return cls(kind=file.kind, name=file.name, media=media, created_at=file.created_at)


@router.get("/api/reels/{id}/files", summary="List what else there is to download", responses=errors(404))
def list_files(caller: Settled, reel_id: ById) -> Listed[FileOut]:
    """Return what there is of a reel's project: its framed video, raw clips, annotated exports of its games."""
    found = caller.read(lambda connection: reel_files.around(connection, reel_id))
    return Listed[FileOut](items=tuple(FileOut.of(file) for file in found), next=None)


@router.post(
    "/api/reels/{id}/small-copy",
    summary="Make a copy for messengers",
    status_code=202,
    responses={200: {"model": SmallOut, "description": "It is there already"}, **errors(404, 409)},
)
def make_small_copy(caller: Writing, reel_id: ById, response: Response) -> SmallOut:
    """Make a copy of the newest version that messengers take: at most 16 MB, of 720 lines or, if it is long, fewer.

    200 if it is there, 202 with the job that is at it otherwise. The copy stays for as long as the reel.
    """
    enter_export(caller)
    caller.settle()
    version, there, under_way = caller.read(lambda connection: _made(connection, reel_id))
    media = f"/api/media/small_copy/{reel_id}?version={version}"
    if there and caller.services.objects.exists(there.key):
        response.status_code = 200
        return SmallOut(small_copy=SmallCopyOut.of(there), job=None, media=media)
    if under_way:
        return SmallOut(small_copy=None, job=shown_job(caller, under_way), media=media)

    def plan(connection: sqlite3.Connection) -> Sequence[SmallCopySpec]:
        require_running_room(connection, caller)
        newest = reels.get(connection, reel_id).newest.version
        return [SmallCopySpec(user=caller.user, job=job_id(caller), reel=reel_id, version=newest)]

    (job,) = begin(caller, plan)
    return SmallOut(small_copy=None, job=shown_job(caller, job.id), media=media)


def _made(connection: sqlite3.Connection, reel_id: str) -> tuple[int, SmallCopy | None, str | None]:
    """Return the newest version, its copy, and the job that makes one."""
    version = reels.get(connection, reel_id).newest.version
    there = small_copies.of_newest(connection, [reel_id]).get(reel_id)
    for job in jobs.page(connection, limit=MOST, active=True).items:
        if (job.kind, job.reel_id, job.version, job.state) == ("small_copy", reel_id, version, "queued"):
            return version, there, job.id
    return version, there, None
