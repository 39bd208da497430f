"""Preview frames: one finished frame of a clip, with and without the network, before anything is paid for."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from endpoints.caller import Caller, Writing
from endpoints.errors import errors
from endpoints.jobs import JobOut, shown_job
from endpoints.models import Asked, Id, Pts, Shown
from endpoints.named import ById
from endpoints.specs import sources_of, usual_look
from jobs.from_edit import framing_clip
from jobs.spec import PreviewSpec
from jobs.state import ENDED
from reel.edit import EditClip
from reel.errors import BadField, ClipOutsideSource, Json, NotFound, StorageFull, StoreUnavailable, from_envelope
from reel.geometry import Aspect
from reel.refusals import ExportsPaused
from storage import edits, jobs
from storage.ids import uuid7
from storage.rows import missing

router = APIRouter(tags=["exports"])

WAIT_S: Final = 20.0
LOOK_S: Final = 0.1


class PreviewAsked(Asked):
    """Which frame: the one that the clip shows at `pts`, on the clip's own clock."""

    clip: Annotated[Id, Field(description="the clip's id in the edit")]
    pts: Pts
    draft: Annotated[bool, Field(description="without the network, to compare with")] = False
    aspect: Annotated[Aspect | None, Field(description="the project's own if none is said")] = None


class PreviewOut(Shown):
    """The job, and where its picture is: there now if it is done, else as soon as it is."""

    job: JobOut
    media: Annotated[str, Field(examples=["/api/media/preview/0197…"])]


_LATER: Final[dict[int | str, dict[str, Any]]] = {
    202: {"model": PreviewOut, "description": "It takes longer: the job says when it is done"}
}


@router.post(
    "/api/projects/{id}/preview-frame",
    summary="Render one frame of a project",
    responses=_LATER | errors(404, 409, 410),
)
async def preview_frame(caller: Writing, project_id: ById, asked: PreviewAsked, response: Response) -> PreviewOut:
    """Render the frame that a clip shows at a moment, as the framing will have it: 200 within 20 s, else 202.

    What goes wrong with it is answered as that error. A preview waits for no render, and costs nothing.
    """
    job = await run_in_threadpool(_ordered, caller, project_id, asked)
    await _ended(caller, job)
    shown = await run_in_threadpool(_shown, caller, job)
    if shown.state in {"failed", "cancelled"} and shown.error:
        raise from_envelope(shown.error)  # type: ignore[arg-type]  # JSON both
    response.status_code = 200 if shown.state == "done" else 202
    return PreviewOut(job=shown, media=f"/api/media/preview/{job}")


def _ordered(caller: Caller, project_id: str, asked: PreviewAsked) -> str:
    """Order a preview and return its job."""
    if not caller.services.policy.exports_open():
        raise ExportsPaused
    fresh = uuid7()

    def command(connection: sqlite3.Connection) -> Json:
        spec = _spec(connection, caller, project_id, asked, fresh)
        return jobs.add(connection, spec, caller.now, project_id=project_id).id

    with caller.services.open_jobs.opening(caller.owner(), [fresh]):
        return str(caller.write(command, lambda _connection, answer: answer))


def _spec(
    connection: sqlite3.Connection, caller: Caller, project_id: str, asked: PreviewAsked, job: str
) -> PreviewSpec:
    document = edits.get(connection, project_id)
    clip = _clip(document.clips, asked)
    (source,) = sources_of(connection, [clip], caller.owner())
    look = usual_look(connection, caller.services.policy.look)
    aspect = asked.aspect or document.aspect
    return PreviewSpec(
        user=caller.owner(),
        job=job,
        draft=asked.draft,
        aspect=aspect,
        source=source,
        clip=framing_clip(clip, aspect, source.id, "", look),
        pts=asked.pts,
    )


def _clip(shown: tuple[EditClip, ...], asked: PreviewAsked) -> EditClip:
    clip = next((one for one in shown if one.id == asked.clip), None)
    if clip is None:
        raise missing("clip", asked.clip)
    if clip.source_id is None:
        raise BadField("/clip", "shows no source")
    if not clip.span.contains(asked.pts):
        raise ClipOutsideSource("This moment is not in the clip.", field="/pts", pts=asked.pts)
    return clip


async def _ended(caller: Caller, job: str) -> None:
    """Wait for a job to end, for as long as a person waits; no thread is held meanwhile."""
    clock = caller.services.clock
    until_s = clock.steady_s() + WAIT_S
    while clock.steady_s() < until_s:
        try:
            standing = await run_in_threadpool(caller.services.dispatch.read, job)
        except (NotFound, StoreUnavailable, StorageFull):  # it is handed over later
            return
        if standing.record.state in ENDED | {"result"}:
            return
        await asyncio.sleep(LOOK_S)


def _shown(caller: Caller, job: str) -> JobOut:
    caller.settle()
    return shown_job(caller, job)
