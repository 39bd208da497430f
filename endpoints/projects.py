"""Projects: what is being edited, what was made of it, and what may happen next."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field, JsonValue

from endpoints.caller import Caller, Settled, Writing
from endpoints.clip_list import every_clip
from endpoints.clips import Stars
from endpoints.errors import errors
from endpoints.models import USUAL_LIMIT, After, Asked, Id, Limit, Listed, Moment, Pts, Rational, Revision, Shown, terms
from endpoints.named import ById
from reel.annotation import Clip
from reel.edit import MOST_CLIPS, MOST_TITLE, EditClip, EditDocument
from reel.errors import AlreadyExists, BadField, Json, NoClips
from reel.fields import Field as Value
from reel.geometry import Aspect
from reel.keyframes import value_at
from reel.keys import content_hash, uuid_of
from reel.project import Made, Step, begin, best_first, obstacles, outdated, with_new_boundaries
from storage import clips, edits, framings, games, jobs, projects, settings
from storage.clips import Marked
from storage.framings import Framing
from storage.projects import Card
from storage.rows import missing, stale

router = APIRouter(tags=["projects"])

STEPS: tuple[Step, ...] = ("framing", "framing_export", "overlay", "overlay_export", "gallery")


class StepOut(Shown):
    """A step, and if it is closed why, in a sentence for people, and which clips that is about."""

    step: Step
    open: bool
    reason: str | None
    clips: tuple[Id, ...]


class FramingOut(Shown):
    """A framed video: the draft or the AI picture. `shown` says where each clip stands in it.

    {clip, first_frame, frame_count}; `out_of_date`: the edit has changed since.
    """

    job_id: Id
    becomes: Annotated[
        Id | None, Field(description="of a draft: the job that makes its AI picture, while that is under way")
    ]
    frames: int
    rate: Rational
    shown: tuple[dict[str, JsonValue], ...]
    out_of_date: bool
    media: Annotated[str, Field(examples=["/api/media/working_video/0197…"])]
    created_at: Moment

    @classmethod
    def of(cls, framing: Framing, *, out_of_date: bool, becomes: str | None = None) -> FramingOut:
        """Return a framing as the API says it."""
        kind = "draft" if framing.draft else "working_video"
        return cls(
            job_id=framing.job_id,
            becomes=becomes,
            frames=framing.frames,
            rate=terms(framing.rate),
            shown=tuple(dict(one) for one in framing.shown),
            out_of_date=out_of_date,
            media=f"/api/media/{kind}/{framing.job_id}",
            created_at=framing.created_at,
        )


class CoverOut(Shown):
    """The moment that a project's picture is of, the middle of its first clip, and the crop there: null is the default.

    `crop` is its centre and its height, in parts of the displayed picture.
    """

    source_id: Id | None
    time_base: Rational
    pts: Pts
    crop: Annotated[tuple[float, ...], Field(min_length=3, max_length=3)] | None
    rotation_deg: float


class ProjectOut(Shown):
    """A project as its list shows it. `automatic`: begun by a clip of five stars.

    `changed_clips` are the places in it whose clip was given other boundaries in Annotate since.
    """

    id: Id
    title: str
    aspect: Aspect
    clip_count: int
    framed_count: Annotated[int, Field(description="how many clips have a crop of its shape that a person agreed to")]
    cover: CoverOut | None
    athlete_id: Id | None
    automatic: bool
    reel_id: Annotated[
        Id | None, Field(description="that its exports are versions of; in the gallery once one is done")
    ]
    made: Annotated[tuple[Made, ...], Field(description="what was ever made of it, maybe of an older edit")]
    changed_clips: tuple[Id, ...]
    revision: Revision
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, card: Card) -> ProjectOut:
        """Return a card as the API says it."""
        return cls.model_validate(_told(card))


class ProjectCard(ProjectOut):
    """A project with where it stands: its steps, and what was made of it last."""

    steps: tuple[StepOut, ...]
    out_of_date: Annotated[tuple[Made, ...], Field(description="what was made before its edit changed")]
    draft: FramingOut | None
    framing: FramingOut | None

    @classmethod
    def read(cls, connection: sqlite3.Connection, project_id: str) -> ProjectCard:
        """Return a project as it is now. Raises NotFound."""
        (card,) = projects.cards(connection, [projects.get(connection, project_id)])
        document = edits.get(connection, project_id)
        old = outdated(document, card.made)
        draft, framing = (framings.newest(connection, project_id, draft=draft) for draft in (True, False))
        stands = {
            "steps": _steps(document, card.made),
            "out_of_date": tuple(sorted(old)),
            "draft": FramingOut.of(draft, out_of_date="draft" in old, becomes=_becomes(connection, draft))
            if draft
            else None,
            "framing": FramingOut.of(framing, out_of_date="framing" in old) if framing else None,
        }
        return cls.model_validate(_told(card) | stands)


class NewProject(Asked):
    """A project to be: of the named clips, or of all of a game, from a rating upwards (that of the settings, usually).

    Shape and title are those of the settings and, if it is the only one, of its clip.
    """

    id: Id
    clip_ids: Annotated[tuple[Id, ...] | None, Field(max_length=MOST_CLIPS, strict=False)] = None
    game_id: Id | None = None
    minimum_rating: Stars | None = None
    order: Annotated[
        Literal["given", "time", "best"], Field(description="as clip_ids has them, by the match, or the best first")
    ] = "given"
    aspect: Aspect | None = None
    title: Annotated[str | None, Field(max_length=MOST_TITLE)] = None
    athlete_id: Id | None = None


class ProjectChange(Asked):
    """What is to be different; what is left out stays."""

    revision: Revision
    title: Annotated[str | None, Field(max_length=MOST_TITLE)] = None
    athlete_id: Id | None = None
    use_new_boundaries: Annotated[
        tuple[Id, ...], Field(strict=False, description="places whose clip's boundaries are to be taken over")
    ] = ()
    keep_boundaries: Annotated[
        tuple[Id, ...], Field(strict=False, description="places that keep theirs, and are not asked about again")
    ] = ()


@router.get("/api/projects", summary="List projects")
def list_projects(caller: Settled, after: After = None, limit: Limit = USUAL_LIMIT) -> Listed[ProjectOut]:
    """Return projects, those edited last first."""
    page = caller.read(lambda connection: projects.page(connection, after, limit))
    return Listed[ProjectOut](items=tuple(ProjectOut.of(card) for card in page.items), next=page.next)


@router.post("/api/projects", summary="Begin a project", status_code=201, responses=errors(404, 409))
def begin_project(caller: Writing, asked: NewProject) -> ProjectCard:
    """Begin a project of clips. The same once more is answered as the first time.

    422 `no_clips` where a game has none of the rating.
    """

    def command(connection: sqlite3.Connection) -> Json:
        document = _begun(connection, asked)
        try:
            projects.add(connection, asked.id, document, caller.now, athlete_id=asked.athlete_id)
        except AlreadyExists:
            _require_same(connection, asked, document)
        return {"id": asked.id}

    return caller.write(command, lambda connection, _answer: ProjectCard.read(connection, asked.id))


@router.get("/api/projects/{id}", summary="Read a project", responses=errors(404))
def read_project(caller: Settled, project_id: ById) -> ProjectCard:
    """Return one project: what was made of it, what is out of date, which steps are open and why the others are not."""
    return caller.read(lambda connection: ProjectCard.read(connection, project_id))


@router.patch("/api/projects/{id}", summary="Change a project", responses=errors(404, 409))
def change_project(caller: Writing, project_id: ById, asked: ProjectChange) -> ProjectCard:
    """Give a project to an athlete, rename it, or answer what becomes of clips whose boundaries changed.

    Stale: 409 with the current one.
    """

    def command(connection: sqlite3.Connection) -> Json:
        current = projects.get(connection, project_id)
        if current.revision != asked.revision:
            stale(current)
        if "athlete_id" in asked.model_fields_set:
            projects.give_to(connection, project_id, asked.athlete_id, asked.revision, caller.now)
        _change_edit(connection, project_id, asked, caller)
        edits.keep_boundaries(connection, project_id, _places(connection, project_id, asked.keep_boundaries))
        return {"id": project_id}

    return caller.write(command, lambda connection, _answer: ProjectCard.read(connection, project_id))


@router.delete("/api/projects/{id}", summary="Delete a project", status_code=204, responses=errors(404))
def delete_project(caller: Writing, project_id: ById) -> Response:
    """Delete a project with its drafts and framings, and stop what is being made of it; clips and reels stay."""

    def command(connection: sqlite3.Connection) -> Json:
        projects.remove(connection, project_id, caller.now)
        jobs.cancel_about(connection, project_id, ["framing", "overlay", "preview"])
        return None

    caller.write(command, lambda _connection, _answer: None)
    caller.services.open_jobs.start(caller.user)
    caller.settle()
    return Response(status_code=204)


def _told(card: Card) -> dict[str, object]:
    project = card.project
    return {
        "id": project.id,
        "title": project.title,
        "aspect": project.aspect,
        "clip_count": project.clip_count,
        "framed_count": card.framed_count,
        "cover": _cover(card.first, project.aspect) if card.first else None,
        "athlete_id": project.athlete_id,
        "automatic": project.automatic,
        "reel_id": project.reel_id,
        "made": tuple(sorted(card.made)),
        "changed_clips": card.changed_clips,
        "revision": project.revision,
        "created_at": project.created_at,
        "updated_at": project.updated_at,
    }


def _becomes(connection: sqlite3.Connection, draft: Framing) -> str | None:
    """Return the job that makes the AI picture of the same edit, while it has not ended."""
    alike = jobs.like(connection, draft.project_id, "framing", draft.made_of, draft=False)
    return next((job.id for job in alike if job.state == "queued"), None)


def _cover(clip: EditClip, aspect: Aspect) -> CoverOut:
    middle = (clip.span.in_pts + clip.span.out_pts) // 2
    crop = clip.crops.get(aspect)
    cx, cy, h = value_at(crop.keys, middle) if crop else (0.0, 0.0, 0.0)
    return CoverOut(
        source_id=clip.source_id,
        time_base=terms(clip.time_base),
        pts=middle,
        crop=(cx, cy, h) if crop else None,
        rotation_deg=clip.rotation_deg,
    )


def _steps(document: EditDocument, made: Mapping[Made, str]) -> tuple[StepOut, ...]:
    closed = obstacles(document, made)
    return tuple(
        StepOut(
            step=step,
            open=step not in closed,
            reason=closed[step].reason if step in closed else None,
            clips=closed[step].clips if step in closed else (),
        )
        for step in STEPS
    )


def _begun(connection: sqlite3.Connection, asked: NewProject) -> EditDocument:
    """Return the edit of a project to be. Raises NotFound, NoClips, BadField."""
    shown = _ordered(connection, _chosen(connection, asked), asked)
    places = [uuid_of(content_hash([asked.id, clip.id, number])) for number, clip in enumerate(shown)]
    document = begin(shown, places, asked.aspect or settings.get(connection).aspect)
    return document if asked.title is None else replace(document, title=_title(asked.title))


def _chosen(connection: sqlite3.Connection, asked: NewProject) -> Sequence[Marked]:
    """Return the clips of a project to be. Raises NotFound, NoClips, BadField."""
    if asked.game_id is not None:
        games.get(connection, asked.game_id)
    if asked.clip_ids is not None:
        found, least = clips.several(connection, asked.clip_ids), asked.minimum_rating or 1
        if any(one.game_id != (asked.game_id or one.game_id) for one in found):
            raise BadField("/clip_ids", "has a clip of another game")
        return [one for one in found if one.clip.rating >= least]
    if asked.game_id is None:
        raise BadField("/clip_ids", "is missing; or name a game_id")
    least = asked.minimum_rating or settings.get(connection).minimum_rating
    found = list(every_clip(connection, asked.game_id, least))
    if not found:
        raise NoClips(f"This game has no clip rated {least} or higher.", minimum_rating=least)
    if len(found) > MOST_CLIPS:
        raise BadField("/minimum_rating", f"gives {len(found)} clips; a project takes {MOST_CLIPS}")
    return found


def _ordered(connection: sqlite3.Connection, chosen: Sequence[Marked], asked: NewProject) -> list[Clip]:
    """Return clips in the order that is asked for: by time is by match, half and moment."""
    if asked.order == "best":
        return best_first(one.clip for one in chosen)
    if asked.order == "given":
        return [one.clip for one in chosen]
    dates = {game_id: games.get(connection, game_id) for game_id in {one.game_id for one in chosen}}

    def place(one: Marked) -> tuple[str, str, int, int]:
        game = dates[one.game_id]
        return game.match_date or game.created_at, one.game_id, one.part, one.clip.span.in_pts

    return [one.clip for one in sorted(chosen, key=place)]


def _require_same(connection: sqlite3.Connection, asked: NewProject, document: EditDocument) -> None:
    """Raise AlreadyExists unless the project under this id shows the same: it was asked for twice, under two keys."""
    shown = [(clip.id, clip.clip_id) for clip in edits.get(connection, asked.id).clips]
    if shown != [(clip.id, clip.clip_id) for clip in document.clips]:
        raise AlreadyExists("There is another project under this id.", id=asked.id)


def _change_edit(connection: sqlite3.Connection, project_id: str, asked: ProjectChange, caller: Caller) -> None:
    """Save what a change says of the edit, upon what is there now."""
    places = _places(connection, project_id, asked.use_new_boundaries)
    document = edits.get(connection, project_id)
    title = document.title if asked.title is None else _title(asked.title)
    shown = tuple(_renewed(connection, clip) if clip.id in places else clip for clip in document.clips)
    edits.save(connection, project_id, replace(document, title=title, clips=shown), caller.now)


def _title(text: str) -> str:
    return Value(text, "/title").text(MOST_TITLE)


def _renewed(connection: sqlite3.Connection, clip: EditClip) -> EditClip:
    return with_new_boundaries(clip, clips.get(connection, clip.clip_id or "").clip)


def _places(connection: sqlite3.Connection, project_id: str, asked: Collection[str]) -> Collection[str]:
    """Return places in an edit. Raises NotFound for one that it has not."""
    there = {clip.id for clip in edits.get(connection, project_id).clips} if asked else set[str]()
    if absent := next((place for place in asked if place not in there), None):
        raise missing("clip", absent)
    return asked
