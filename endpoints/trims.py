"""Keep only my clips: a game's footage cut down to what its clips and projects show, to make room."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from endpoints.begin import begin, job_id
from endpoints.caller import Caller, Settled, Writing
from endpoints.errors import errors
from endpoints.jobs import JobOut, shown_jobs
from endpoints.models import Id, PathId, Shown
from jobs.spec import TrimSpec
from reel.errors import Conflict, NoClips, SourceGone
from storage import games, jobs, sources, trims
from storage.jobs import Job
from storage.sources import Source

router = APIRouter(tags=["games"])


class TrimOut(Shown):
    """What is cut of one source: how much, and the job that does it, null in an estimate."""

    source_id: Id
    freed_bytes: Annotated[int, Field(description="about, until the job is done", examples=[1_204_000_000])]
    job: JobOut | None


class KeepingOut(Shown):
    """What keeping only the clips cuts of a game's sources, and the room that makes; those that stay are left out."""

    sources: tuple[TrimOut, ...]
    freed_bytes: Annotated[int, Field(description="about, until the jobs are done", examples=[1_204_000_000])]

    @classmethod
    def of(cls, sources: Sequence[TrimOut]) -> KeepingOut:
        """Return the sum of what is cut."""
        return cls(sources=tuple(sources), freed_bytes=sum(each.freed_bytes for each in sources))


@router.get(
    "/api/games/{game_id}/keep-only-clips", summary="How much room it would make", responses=errors(404, 409, 410)
)
def estimate_keeping(caller: Settled, game_id: PathId) -> KeepingOut:
    """Return what keeping only the clips, with 10 s around each, would leave. Errors as those of doing it."""

    def query(connection: sqlite3.Connection) -> KeepingOut:
        return KeepingOut.of([_cut(connection, spec, None) for spec in _plan(connection, game_id, caller)])

    return caller.read(query)


@router.post(
    "/api/games/{game_id}/keep-only-clips",
    summary="Keep only my clips",
    status_code=202,
    responses=errors(404, 409, 410),
)
def keep_only_clips(caller: Writing, game_id: PathId) -> KeepingOut:
    """Cut a game's footage down to its clips and what projects show, with 10 s around each. It cannot be undone.

    What is kept keeps its time, its pixels and its clips; the sources get new ids. 409 while something else is made of
    the footage, 422 `no_clips` where nothing is marked.
    """
    caller.limiter.take("exports", caller.who)
    caller.settle()
    begun = begin(caller, lambda connection: _plan(connection, game_id, caller))

    shown = shown_jobs(caller, begun)

    def query(connection: sqlite3.Connection) -> KeepingOut:
        pairs = zip(begun, shown, strict=True)
        return KeepingOut.of([_cut(connection, _spec_of(connection, job.id), (job, told)) for job, told in pairs])

    return caller.read(query)


def _plan(connection: sqlite3.Connection, game_id: str, caller: Caller) -> list[TrimSpec]:
    """Return the jobs of the sources that something can be left out of. Raises what speaks against all of them."""
    found: list[TrimSpec] = []
    fault: Conflict | NoClips | SourceGone = NoClips("There is no footage here.")
    for source in games.card(connection, game_id).sources:
        try:
            found.append(trims.plan(connection, source.id, caller.user, job_id(caller, source.id)))
        except (Conflict, NoClips, SourceGone) as against:
            fault = against
    if not found:
        raise fault
    return found


def _cut(connection: sqlite3.Connection, spec: TrimSpec, job: tuple[Job, JobOut] | None) -> TrimOut:
    """Return what a job cuts of its source: by the time that goes, until the smaller one is there."""
    value = (job[0].value if job else None) or {}
    saved = value.get("bytes_saved")
    source = sources.several(connection, [spec.source.id]).get(spec.source.id)
    if not isinstance(saved, int):
        saved = _about(source, spec) if source else 0
    return TrimOut(source_id=spec.source.id, freed_bytes=saved, job=job[1] if job else None)


def _about(source: Source, spec: TrimSpec) -> int:
    if source.facts is None:
        return 0
    kept = sum(out_pts - in_pts for in_pts, out_pts in spec.spans)
    return max(0, source.size_bytes - source.size_bytes * kept // source.facts.span.duration_pts)


def _spec_of(connection: sqlite3.Connection, job: str) -> TrimSpec:
    spec = jobs.spec_of(connection, job)
    assert isinstance(spec, TrimSpec)
    return spec
