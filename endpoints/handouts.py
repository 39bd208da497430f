"""Handouts: what is made to be downloaded: a clip as a file of its own, and a game's best clips under their banners."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from endpoints.begin import begin, enter_export, job_id, require_running_room
from endpoints.caller import Caller, Writing
from endpoints.clip_list import every_clip
from endpoints.clips import Stars
from endpoints.errors import errors
from endpoints.jobs import JobOut, shown_job
from endpoints.models import Asked, Id, PathId, Shown
from jobs.spec import CompileSpec, ExtractSpec, MarkedClip
from reel.edit import MOST_CLIPS, MOST_TITLE
from reel.errors import BadField, Conflict, NoClips, NotFound
from reel.fields import Field as Value
from reel.project import best_first
from storage import clips, games, handouts, jobs, settings, sources
from storage.clips import Marked
from storage.games import Game
from storage.pages import MOST

router = APIRouter(tags=["handouts"])


class ExtractOut(Shown):
    """A raw clip. `ready`: it is there, at `media`; else `job` makes it, and it will be."""

    ready: bool
    job: JobOut | None
    media: Annotated[str, Field(examples=["/api/media/raw_clip/0197…"])]


class NewExport(Asked):
    """An annotated export: the clips from a rating upwards, or the named ones, one after another with their banners."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"minimum_rating": 4, "order": "best", "title": "Mia"}]})

    minimum_rating: Annotated[Stars | None, Field(description="that of the settings, 4 at first, if none is said")] = (
        None
    )
    clip_ids: Annotated[
        tuple[Id, ...] | None,
        Field(min_length=1, max_length=MOST_CLIPS, strict=False, description="these, whatever their rating"),
    ] = None
    order: Annotated[
        Literal["time", "best", "given"],
        Field(description="by the game's time, the best first, or as clip_ids has them"),
    ] = "time"
    title: Annotated[
        str, Field(max_length=MOST_TITLE, description='"" for the opponent and the date', examples=["Mia, spring"])
    ] = ""


class ExportOut(Shown):
    """An annotated export under way. When `job` is done it is at `media`, its clip list at `clip_list`."""

    job: JobOut
    clip_count: int
    media: Annotated[str, Field(examples=["/api/media/download/0197…"])]
    clip_list: Annotated[str, Field(examples=["/api/media/clip_list/0197…"])]


@router.post(
    "/api/clips/{clip_id}/extract",
    summary="Extract a clip",
    status_code=202,
    responses={200: {"model": ExtractOut, "description": "It is there already"}, **errors(404, 409, 410)},
)
def extract_clip(caller: Writing, clip_id: PathId, response: Response) -> ExtractOut:
    """Cut a clip out of its footage as a file of its own, exact to the frame.

    200 if the same was done before and is there, 202 with the job that is at it otherwise.
    """
    enter_export(caller)
    caller.settle()
    media = f"/api/media/raw_clip/{clip_id}"
    spec, there, under_way = caller.read(lambda connection: _extracted(connection, caller, clip_id))
    if there and caller.services.objects.exists(spec.output_key):
        response.status_code = 200
        return ExtractOut(ready=True, job=None, media=media)
    if under_way:
        return ExtractOut(ready=False, job=shown_job(caller, under_way), media=media)

    def plan(connection: sqlite3.Connection) -> Sequence[ExtractSpec]:
        require_running_room(connection, caller)
        return [_extract_spec(clips.get(connection, clip_id), connection, caller)]

    (job,) = begin(caller, plan)
    return ExtractOut(ready=False, job=shown_job(caller, job.id), media=media)


@router.post(
    "/api/games/{game_id}/exports",
    summary="Make an annotated export",
    status_code=202,
    responses=errors(404, 409, 410),
)
def export_clips(caller: Writing, game_id: PathId, asked: NewExport) -> ExportOut:
    """Put clips of a game one after another, each under a banner with its rating, name and notes.

    422 `no_clips` where none has the rating, 403 `quota_exceeded` while too many exports run.
    """
    title = Value(asked.title.strip(), "/title").text(MOST_TITLE)
    enter_export(caller)

    def plan(connection: sqlite3.Connection) -> Sequence[CompileSpec]:
        require_running_room(connection, caller)
        game = games.get(connection, game_id)
        return [_compile_spec(game, _chosen(connection, game, asked), title, connection, caller)]

    (job,) = begin(caller, plan, game_id=game_id)
    spec = caller.read(lambda connection: jobs.spec_of(connection, job.id))
    assert isinstance(spec, CompileSpec)
    return ExportOut(
        job=shown_job(caller, job.id),
        clip_count=len(spec.clips),
        media=f"/api/media/download/{job.id}",
        clip_list=f"/api/media/clip_list/{job.id}",
    )


def _extracted(connection: sqlite3.Connection, caller: Caller, clip_id: str) -> tuple[ExtractSpec, bool, str | None]:
    """Return what extracting a clip asks for now, whether that was done, and the job that is at it."""
    spec = _extract_spec(clips.get(connection, clip_id), connection, caller)
    try:
        there = handouts.raw_clip(connection, clip_id).key == spec.output_key
    except NotFound:
        there = False
    for job in jobs.page(connection, limit=MOST, active=True).items:
        if (job.kind, job.clip_id, job.state) == ("extract", clip_id, "queued"):
            other = jobs.spec_of(connection, job.id)
            if isinstance(other, ExtractSpec) and other.output_key == spec.output_key:
                return spec, there, job.id
    return spec, there, None


def _extract_spec(marked: Marked, connection: sqlite3.Connection, caller: Caller) -> ExtractSpec:
    clip = marked.clip
    return ExtractSpec(
        user=caller.user,
        job=job_id(caller),
        clip=clip.id,
        name=clip.shown_name,
        source=sources.ref(_ready(connection, clip.source_id), caller.user),
        time_base=clip.time_base.as_integer_ratio(),
        in_pts=clip.span.in_pts,
        out_pts=clip.span.out_pts,
    )


def _chosen(connection: sqlite3.Connection, game: Game, asked: NewExport) -> list[Marked]:
    """Return the clips of an export in their order. Raises NotFound, NoClips, BadField."""
    if asked.clip_ids is not None:
        given = clips.several(connection, tuple(dict.fromkeys(asked.clip_ids)))
        if any(one.game_id != game.id for one in given):
            raise BadField("/clip_ids", "has a clip of another game")
        in_time = sorted(given, key=lambda one: (one.part, one.clip.span.in_pts, one.clip.id))
        found = list(given) if asked.order == "given" else in_time
    else:
        least = asked.minimum_rating or settings.get(connection).minimum_rating
        found = list(every_clip(connection, game.id, least))
        if not found:
            raise NoClips(f"This game has no clip rated {least} or higher.", minimum_rating=least)
    if len(found) > MOST_CLIPS:
        raise BadField("", f"These are {len(found)} clips; an export takes {MOST_CLIPS}.")
    return _best_first(found) if asked.order == "best" else found


def _best_first(found: Sequence[Marked]) -> list[Marked]:
    places = {one.clip.id: one for one in found}
    return [places[clip.id] for clip in best_first(one.clip for one in found)]


def _compile_spec(
    game: Game, chosen: Sequence[Marked], title: str, connection: sqlite3.Connection, caller: Caller
) -> CompileSpec:
    used = [_ready(connection, source_id) for source_id in dict.fromkeys(one.clip.source_id for one in chosen)]
    return CompileSpec(
        user=caller.user,
        job=job_id(caller),
        title=title or " ".join(filter(None, (game.opponent, game.match_date))),
        sources=tuple(sources.ref(source, caller.user) for source in used),
        clips=tuple(_marked(one) for one in chosen),
    )


def _ready(connection: sqlite3.Connection, source_id: str) -> sources.Source:
    """Return a source that was looked over. Raises SourceGone, and Conflict while it is not."""
    source = sources.get(connection, source_id)
    sources.ref(source, "a")  # whether its bytes are there at all
    if source.state != "ready":
        raise Conflict("The footage is still being looked over. Try it again when it is ready.", source=source_id)
    return source


def _marked(one: Marked) -> MarkedClip:
    clip = one.clip
    return MarkedClip(
        id=clip.id,
        source=clip.source_id,
        time_base=clip.time_base.as_integer_ratio(),
        in_pts=clip.span.in_pts,
        out_pts=clip.span.out_pts,
        rating=clip.rating,
        tags=clip.tags,
        name=clip.name,
        notes=clip.notes,
    )
