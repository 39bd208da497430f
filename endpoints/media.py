"""Media: every address under /api/media leads to the object itself, by a signed address that is good for an hour."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from starlette.responses import JSONResponse

from endpoints.caller import Caller, Settled
from endpoints.errors import errors
from endpoints.file_names import file_name
from endpoints.jobs import JobOut, shown_job
from endpoints.media_kinds import CONTENT_TYPES, KINDS, Found, MediaKind, Sought
from endpoints.models import MediaId, PathId, Pts, Shown
from jobs.spec import WindowSpec
from reel import keys
from reel.annotation import LONGEST_S
from reel.errors import BadField, Json, NotFound, ReelError, from_envelope
from reel.fields import LARGEST_INTEGER
from reel.timing import Span, seconds
from storage import jobs, sources, windows
from storage.jobs import Job
from storage.rows import missing
from storage.sources import Source

router = APIRouter(tags=["media"])

LIFE_S: Final = 3600
REDIRECT: Final[dict[int | str, dict[str, Any]]] = {
    302: {
        "description": "Where it lies, for an hour; not to be kept",
        "headers": {"Location": {"schema": {"type": "string", "format": "uri"}}},
    }
}

Download = Annotated[bool, Query(description="whether the browser is to save it under its name, not to show it")]


class WindowOut(Shown):
    """A window that is being made: ask again when `job` is done."""

    job: JobOut


@router.get(
    "/api/media/window/{source_id}",
    summary="The stretch around a clip, every frame a sync frame",
    status_code=302,
    response_class=Response,
    responses={**REDIRECT, 202: {"model": WindowOut, "description": "It is being made"}, **errors(404, 410)},
)
@router.head("/api/media/window/{source_id}", include_in_schema=False)
def find_window(
    caller: Settled,
    source_id: PathId,
    in_pts: Annotated[Pts, Query(description="on the source's clock")],
    out_pts: Annotated[Pts, Query(description="on the source's clock")],
) -> Response:
    """Lead to the window around a span, for stepping to and fro; 202 while it is made.

    It reaches 5 s to either side as far as the source goes, and begins with the frame that shows there: what stands t
    ticks after its beginning stands t ticks after that frame in the source.
    """
    source, made = caller.read(lambda connection: _window_jobs(connection, source_id, Span(in_pts, out_pts)))
    job = made[0] if made else None
    if job and job.state == "done" and (found := _window(caller, source, job)):
        return _redirect(caller, found, download=False)
    if job and job.state in {"queued", "cancelling"}:
        return _being_made(caller, job.id)
    if job and job.state == "failed" and (fault := _fault(job)).retry == "never":
        raise fault
    return _being_made(caller, _make_window(caller, source, Span(in_pts, out_pts), len(made)))


@router.get(
    "/api/media/{kind}/{media_id}",
    summary="The object itself",
    status_code=302,
    response_class=Response,
    responses={**REDIRECT, **errors(404, 410)},
)
@router.head("/api/media/{kind}/{media_id}", include_in_schema=False)
def find_media(
    caller: Settled,
    kind: MediaKind,
    media_id: MediaId,
    download: Download = False,
    version: Annotated[
        int | None, Query(ge=0, le=LARGEST_INTEGER, description="of a reel; the newest if none is said")
    ] = None,
) -> Response:
    """Lead to an object that the caller owns. The id is, by kind:

    a source's for original, proxy, sprite, peaks, ptsmap and index; a clip's for raw_clip; a reel's for reel,
    small_copy and poster; a project's (its newest) or a job's for draft and working_video; a job's for preview,
    download, clip_list; a segment's own hash.
    """
    sought = Sought(caller.user, media_id, version)
    found = caller.read(lambda connection: KINDS[kind](connection, sought))
    return _redirect(caller, found, download=download)


@router.get(
    "/api/sources/{source_id}/ptsmap",
    summary="When each frame is shown",
    status_code=302,
    response_class=Response,
    responses={**REDIRECT, **errors(404)},
)
@router.head("/api/sources/{source_id}/ptsmap", include_in_schema=False)
def find_ptsmap(caller: Settled, source_id: PathId) -> Response:
    """Lead to a source's frame times (docs/footage.md), the same as /api/media/ptsmap."""
    found = caller.read(lambda connection: KINDS["ptsmap"](connection, Sought(caller.user, source_id)))
    return _redirect(caller, found, download=False)


def _redirect(caller: Caller, found: Found, *, download: bool) -> Response:
    if not caller.services.objects.exists(found.key):
        raise found.otherwise()
    name = file_name(found.title, found.ext) if download else None
    signer = caller.services.signer(caller.host)
    url = signer.presign_get(found.key, LIFE_S, filename=name, content_type=CONTENT_TYPES[found.ext])
    return Response(status_code=302, headers={"Location": url, "Cache-Control": "no-store"})


def _window_jobs(connection: sqlite3.Connection, source_id: str, span: Span) -> tuple[Source, tuple[Job, ...]]:
    """Return a source and the jobs that were asked to make a window of it. Raises NotFound, BadField, SourceGone."""
    source = sources.get(connection, source_id)
    if source.state != "ready" or source.facts is None:
        raise missing("media", source_id)
    sources.ref(source, "a")  # whether its bytes are there
    if not (span.in_pts < source.facts.span.out_pts and source.facts.span.in_pts < span.out_pts):
        raise BadField("/in_pts", "is outside of the source")
    if seconds(span.duration_pts, source.facts.time_base) > 2 * LONGEST_S:
        raise BadField("/out_pts", f"is more than {2 * LONGEST_S} s after in_pts")
    return source, windows.asked_for(connection, source_id, span)


def _window(caller: Caller, source: Source, job: Job) -> Found | None:
    """Return the window that a job made, if it is there."""
    key = str((job.value or {}).get("key", ""))
    below = f"{keys.source_prefix(caller.user, source.game_id, source.id)}windows/"
    if not key.startswith(below) or not caller.services.objects.exists(key):
        return None
    return Found(key, source.name, "mp4", lambda: missing("media", source.id))


def _make_window(caller: Caller, source: Source, span: Span, tries: int) -> str:
    """Begin the job that makes a window; whoever asks at the same time begins the same one."""
    caller.limiter.take("writes", caller.who)
    ref = sources.ref(source, caller.user)
    said = [caller.user, "window", source.id, ref.sha256, ref.usable_until_pts, span.in_pts, span.out_pts, tries]
    job = keys.uuid_of(keys.content_hash(said))
    spec = WindowSpec(
        user=caller.user, job=job, game=source.game_id, source=ref, in_pts=span.in_pts, out_pts=span.out_pts
    )

    def command(connection: sqlite3.Connection) -> Json:
        sources.get(connection, source.id)
        return jobs.add(connection, spec, caller.now).id

    with caller.services.open_jobs.opening(caller.user, [job]):
        caller.also(f"window-{job}", command)
    return job


def _being_made(caller: Caller, job: str) -> Response:
    return JSONResponse(WindowOut(job=shown_job(caller, job)).model_dump(mode="json"), 202)


def _fault(job: Job) -> ReelError:
    return from_envelope(job.error) if job.error else NotFound()
