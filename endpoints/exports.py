"""Exports: a project becomes a video. The framing, with its draft first; and on it the overlay, the finished reel."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Annotated, Literal, cast

from fastapi import APIRouter
from pydantic import Field

from endpoints.begin import enter_export, require_running_room
from endpoints.caller import Caller, Writing
from endpoints.errors import errors
from endpoints.jobs import JobOut, jobs_by_id
from endpoints.models import Asked, Shown
from endpoints.named import ById
from endpoints.specs import framing_of, names_of, sources_of, usual_look
from jobs.from_edit import overlay_spec
from jobs.spec import FramingSpec, OverlaySpec
from reel.edit import EditDocument
from reel.errors import ClipsNotFramed, Json, NoClips, NotFound
from reel.project import framing_hash, obstacles, price_credits, reel_hash, unframed_clips
from reel.refusals import StepClosed
from storage import edits, framings, jobs, projects, reels
from storage.ids import uuid7
from storage.jobs import Job

router = APIRouter(tags=["exports"])


class ExportAsked(Asked):
    """Which step to export, and the person's word where one is needed."""

    stage: Literal["framing", "overlay"]
    use_default_crops: Annotated[
        bool, Field(description="clips that nobody framed take the largest crop around the centre")
    ] = False
    draft_will_do: Annotated[
        bool, Field(description="make the reel of the draft, marked as one, where the AI picture is not there")
    ] = False


class Ordered(Shown):
    """The jobs that make it: of a framing its draft and itself, of an overlay that alone.

    They may be older ones: what is under way or there already is not made again. An overlay whose `waits_for` is not
    null is queued until that framing is done.
    """

    jobs: tuple[JobOut, ...]


@dataclass(frozen=True, slots=True)
class _Order:
    """What is asked for of which project. `fresh` are the ids of the jobs that it may need."""

    caller: Caller
    project: str
    asked: ExportAsked
    fresh: tuple[str, ...]
    fresh_reel: str

    def framing(self, connection: sqlite3.Connection) -> list[str]:
        """Order the draft and the framing, stop those of an older state, and return the two jobs."""
        document = _with_clips(edits.get(connection, self.project))
        missing = unframed_clips(document)
        if missing and not self.asked.use_default_crops:
            raise ClipsNotFramed(obstacles(document, {})["framing_export"].reason, clips=list(missing))
        made_of, specs = framing_hash(document), [self._framing_spec(connection, document, job) for job in self.fresh]
        there = [_there(connection, spec, made_of) for spec in specs]
        jobs.cancel_about(connection, self.project, ["framing"], keep=[job for job in there if job])
        if there[-1] is None:
            require_running_room(connection, self.caller)
        price, now = price_credits(document), self.caller.now
        return [
            job or jobs.add(connection, spec, now, made_of=made_of, price_credits=0 if spec.draft else price).id
            for job, spec in zip(there, specs, strict=True)
        ]

    def overlay(self, connection: sqlite3.Connection) -> list[str]:
        """Order the reel, of the framing of now or of the one that is being made, and return its job."""
        document = _with_clips(edits.get(connection, self.project))
        framing = self._framing_of_now(connection, document)
        sources_of(connection, document.clips, self.caller.owner())
        framed, made_of = _framed(connection, framing, document), reel_hash(document)
        (job,) = self.fresh
        draft = overlay_spec(document, framed, job=job, reel=self.fresh_reel, version=0)
        for other in jobs.like(connection, self.project, "overlay", made_of, draft=framed.draft):
            if _is_there(connection, other) and _alike(jobs.spec_of(connection, other.id), draft):
                return [other.id]
        require_running_room(connection, self.caller)
        reel, version = projects.next_version(connection, self.project, self.fresh_reel)
        spec = draft.model_copy(update={"reel": reel, "version": version})
        waits_for = None if framing.state == "done" else framing.id
        return [jobs.add(connection, spec, self.caller.now, made_of=made_of, waits_for=waits_for).id]

    def _framing_spec(self, connection: sqlite3.Connection, document: EditDocument, job: str) -> FramingSpec:
        look = usual_look(connection, self.caller.services.policy.look)
        names = {"user": self.caller.owner(), "project": self.project, "job": job}
        return framing_of(connection, document, look, **names, draft=job == self.fresh[0])

    def _framing_of_now(self, connection: sqlite3.Connection, document: EditDocument) -> Job:
        """Return the framing that a reel of this edit is made of. Raises StepClosed."""
        made_of = framing_hash(document)
        draft, framing = (_newest(connection, self.project, made_of, draft=draft) for draft in (True, False))
        if framing and (framing.state == "done" or not self.asked.draft_will_do):
            return framing
        if draft and self.asked.draft_will_do:
            return draft
        made = projects.made_of(connection, [self.project])[self.project]
        closed = obstacles(document, made, draft_will_do=self.asked.draft_will_do).get("overlay_export")
        raise StepClosed(closed.reason if closed else "Export the framing first.")


@router.post(
    "/api/projects/{id}/exports", summary="Export a step of a project", status_code=202, responses=errors(404, 409, 410)
)
def export_project(caller: Writing, project_id: ById, asked: ExportAsked) -> Ordered:
    """Make the framing (a draft first, in seconds, and the AI picture with it), or the finished reel on top of it.

    A framing of an older state of the project that is still under way is stopped. While the AI picture is being made
    an overlay is accepted, and waits for it. 409 `clips_not_framed` names the clips that have no crop; 409
    `step_closed` says why a reel cannot be made yet; 403 `quota_exceeded` while too many exports run.
    """
    enter_export(caller)
    count = 2 if asked.stage == "framing" else 1
    order = _Order(caller, project_id, asked, tuple(uuid7() for _ in range(count)), uuid7())

    def command(connection: sqlite3.Connection) -> Json:
        made = order.framing(connection) if asked.stage == "framing" else order.overlay(connection)
        return {"jobs": list(made)}

    caller.settle()
    with caller.services.open_jobs.opening(caller.owner(), order.fresh):
        answer = caller.write(command, lambda _connection, answer: cast("dict[str, list[str]]", answer))
    return Ordered(jobs=jobs_by_id(caller, answer["jobs"]))


def _with_clips(document: EditDocument) -> EditDocument:
    if not document.clips:
        raise NoClips("Add a clip first.")
    return document


def _there(connection: sqlite3.Connection, spec: FramingSpec, made_of: str) -> str | None:
    """Return the job that makes the same framing, or has."""
    for job in jobs.like(connection, spec.project, "framing", made_of, draft=spec.draft):
        if _is_there(connection, job) and _alike(jobs.spec_of(connection, job.id), spec):
            return job.id
    return None


def _newest(connection: sqlite3.Connection, project_id: str, made_of: str, *, draft: bool) -> Job | None:
    found = jobs.like(connection, project_id, "framing", made_of, draft=draft)
    return next((job for job in found if _is_there(connection, job)), None)


def _is_there(connection: sqlite3.Connection, job: Job) -> bool:
    """Say whether a job is under way, or what it made is there and nothing else was made since."""
    if job.state == "queued":
        return True
    if job.kind == "framing":
        framing = framings.newest(connection, job.project_id or "", draft=job.draft)
        return framing is not None and framing.job_id == job.id
    try:
        return reels.get(connection, job.reel_id or "").newest.job_id == job.id
    except NotFound:
        return False


def _alike(one: object, other: FramingSpec | OverlaySpec) -> bool:
    """Say whether two specs make the same, whatever they call it."""
    if isinstance(one, FramingSpec) and isinstance(other, FramingSpec):
        return _nameless(one) == _nameless(other)
    if isinstance(one, OverlaySpec) and isinstance(other, OverlaySpec):
        version = {"job": "", "reel": "", "version": 0}
        return one.model_copy(update=version) == other.model_copy(update=version)
    return False


def _nameless(spec: FramingSpec) -> FramingSpec:
    clips = tuple(clip.model_copy(update={"id": "", "name": ""}) for clip in spec.clips)
    return spec.model_copy(update={"job": "", "title": "", "clips": clips})


def _framed(connection: sqlite3.Connection, framing: Job, document: EditDocument) -> FramingSpec:
    """Return the spec of a framing of this edit, its clips called as they are now: chapters are named anew."""
    spec = jobs.spec_of(connection, framing.id)
    assert isinstance(spec, FramingSpec)
    names = names_of(connection, document.clips)
    clips = tuple(
        clip.model_copy(update={"id": edit.id, "name": names.get(edit.id, edit.label)})
        for clip, edit in zip(spec.clips, document.clips, strict=True)
    )
    return spec.model_copy(update={"clips": clips})
