"""Clips: what someone marked in a game, with a rating, tags and notes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field

from endpoints.caller import Caller, Settled, Writing
from endpoints.errors import errors
from endpoints.frames import Frames
from endpoints.models import (
    USUAL_LIMIT,
    After,
    Asked,
    Id,
    Limit,
    Listed,
    Moment,
    PathId,
    Pts,
    Rational,
    Revision,
    Shown,
    terms,
)
from reel.annotation import DEFAULT_RATING, MOST_NAME, MOST_NOTES, MOST_TAG, MOST_TAGS, Clip
from reel.errors import BadField, Json, NotFound
from reel.timing import Span, rescale
from storage import automatic, clips, games, sources
from storage.clips import Marked
from storage.frame_times import FrameTimes
from storage.sources import Source

router = APIRouter(tags=["clips"])

Stars = Annotated[int, Field(ge=1, le=5, description="1 is ??, 5 is !!", examples=[5])]
Tag = Annotated[str, Field(pattern=r"^[^,\x00-\x1f]*[^,\s][^,\x00-\x1f]*$", max_length=MOST_TAG, examples=["Goal"])]
Tags = Annotated[tuple[Tag, ...], Field(max_length=MOST_TAGS, strict=False, examples=[["Goal", "Assist"]])]
Name = Annotated[str, Field(max_length=MOST_NAME, description='"" leaves the naming to the notes, rating and tags')]
Notes = Annotated[str, Field(max_length=MOST_NOTES, examples=["Turned two and hit the far corner"])]


class ClipOut(Shown):
    """A clip. `shown_name` is what it is called; `provisional`: marked before its footage was looked over.

    `projects` are those that show it: the one of its own too, if it has five stars.
    """

    id: Id
    game_id: Id
    source_id: Id
    part: int
    time_base: Rational
    in_pts: Pts
    out_pts: Pts
    provisional: bool
    rating: Stars
    tags: tuple[str, ...]
    name: str
    shown_name: str
    notes: str
    projects: tuple[Id, ...]
    revision: Revision
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, marked: Marked, projects: Sequence[str]) -> ClipOut:
        """Return a clip as the API says it."""
        clip = marked.clip
        return cls(
            id=clip.id,
            game_id=marked.game_id,
            source_id=clip.source_id,
            part=marked.part,
            time_base=terms(clip.time_base),
            in_pts=clip.span.in_pts,
            out_pts=clip.span.out_pts,
            provisional=marked.provisional,
            rating=clip.rating,
            tags=clip.tags,
            name=clip.name,
            shown_name=clip.shown_name,
            notes=clip.notes,
            projects=tuple(projects),
            revision=marked.revision,
            created_at=marked.created_at,
            updated_at=marked.updated_at,
        )


class NewClip(Asked):
    """A clip to be: [in_pts, out_pts) of a source, 1 to 60 s of it.

    `time_base` is the source's, or [1, 90000] while it has not been looked over; then the clip is brought onto a frame
    when it has.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01970d3c-8f5e-7a10-9c3b-2f6d1e4a5b6c",
                    "source_id": "01970d3a-1b2c-7d4e-8f50-61a2b3c4d5e6",
                    "time_base": [1, 90000],
                    "in_pts": 67_608_000,
                    "out_pts": 68_508_000,
                    "rating": 5,
                    "tags": ["Goal", "Dribble"],
                    "notes": "Turned two and hit the far corner",
                }
            ]
        }
    )

    id: Id
    source_id: Id
    time_base: Rational
    in_pts: Pts
    out_pts: Pts
    rating: Stars = DEFAULT_RATING
    tags: Tags = ()
    name: Name = ""
    notes: Notes = ""


class ClipChange(Asked):
    """What is to be different; left out or null stays. New boundaries are on the clip's clock unless one is said."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 1, "rating": 5, "out_pts": 68_598_000}]})

    revision: Revision
    source_id: Id | None = None
    time_base: Rational | None = None
    in_pts: Pts | None = None
    out_pts: Pts | None = None
    rating: Stars | None = None
    tags: Tags | None = None
    name: Name | None = None
    notes: Notes | None = None


@router.get("/api/games/{game_id}/clips", summary="List clips", responses=errors(404))
def list_clips(
    caller: Settled,
    game_id: PathId,
    after: After = None,
    limit: Limit = USUAL_LIMIT,
    order: Annotated[Literal["time", "best"], Query(description="by the game's time, or the best first")] = "time",
    minimum_rating: Annotated[int, Query(ge=1, le=5)] = 1,
    tag: Annotated[str | None, Query(min_length=1, max_length=MOST_TAG, description="those with this tag")] = None,
) -> Listed[ClipOut]:
    """Return the clips of a game. A page's `next` is good for the same order and filters."""

    def query(connection: sqlite3.Connection) -> Listed[ClipOut]:
        games.get(connection, game_id)
        page = clips.page(connection, game_id, after, limit, order=order, minimum_rating=minimum_rating, tag=tag)
        return Listed[ClipOut](items=several_shown(connection, page.items), next=page.next)

    return caller.read(query)


@router.post("/api/games/{game_id}/clips", summary="Add a clip", status_code=201, responses=errors(404, 409))
def add_clip(caller: Writing, frames: Frames, game_id: PathId, asked: NewClip) -> ClipOut:
    """Add a clip under the client's id. The same once more is answered as the first time.

    Five stars begin a project of its own.
    """
    clip = Clip(
        id=asked.id,
        source_id=asked.source_id,
        time_base=Fraction(*asked.time_base),
        span=Span(asked.in_pts, asked.out_pts),
        rating=asked.rating,
        tags=tuple(dict.fromkeys(asked.tags)),
        name=asked.name.strip(),
        notes=asked.notes.strip(),
    )

    def clip_of(connection: sqlite3.Connection) -> Clip:
        games.get(connection, game_id)
        if sources.get(connection, clip.source_id).game_id != game_id:
            raise BadField("/source_id", "is a source of another game")
        return clip

    def save(connection: sqlite3.Connection, clip: Clip, frame_pts: Sequence[int]) -> None:
        before = _found(connection, clip.id)
        marked = clips.add(connection, clip, caller.now, frame_pts)
        automatic.begin_earned(connection, marked.clip, caller.now, before)

    return _saved(caller, frames, clip_of, save)


@router.get("/api/clips/{clip_id}", summary="Read a clip", responses=errors(404))
def read_clip(caller: Settled, clip_id: PathId) -> ClipOut:
    """Return one clip: the current one, where a change of it was stale."""
    return caller.read(lambda connection: _shown(connection, {"id": clip_id}))


@router.patch("/api/clips/{clip_id}", summary="Change a clip", responses=errors(404, 409))
def change_clip(caller: Writing, frames: Frames, clip_id: PathId, asked: ClipChange) -> ClipOut:
    """Change a clip. Raised to five stars it gets a project of its own; lowered, it keeps it. Stale: 409."""

    def clip_of(connection: sqlite3.Connection) -> Clip:
        return _changed(clips.get(connection, clip_id).clip, asked)

    def save(connection: sqlite3.Connection, clip: Clip, frame_pts: Sequence[int]) -> None:
        before = clips.get(connection, clip_id).clip
        marked = clips.change(connection, clip, asked.revision, caller.now, frame_pts)
        automatic.begin_earned(connection, marked.clip, caller.now, before)

    return _saved(caller, frames, clip_of, save)


@router.delete("/api/clips/{clip_id}", summary="Delete a clip", status_code=204, responses=errors(404))
def delete_clip(caller: Writing, clip_id: PathId) -> Response:
    """Delete a clip; projects keep what they show of it."""

    def command(connection: sqlite3.Connection) -> Json:
        clips.remove(connection, clip_id, caller.now)
        return None

    caller.write(command, lambda _connection, _answer: None)
    return Response(status_code=204)


class _FramesWanted(Exception):
    """The clip is on another clock than its source: the frames that it is to be brought onto are wanted."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source


_ClipOf: TypeAlias = Callable[[sqlite3.Connection], Clip]
_Save: TypeAlias = Callable[[sqlite3.Connection, Clip, Sequence[int]], None]


def _saved(caller: Caller, frames: FrameTimes, clip_of: _ClipOf, save: _Save) -> ClipOut:
    """Save a clip and return it. Its source's frame times are read when they are needed, between two tries."""

    def command(connection: sqlite3.Connection, frame_pts: Sequence[int] | None = None) -> Json:
        clip = clip_of(connection)
        source = sources.get(connection, clip.source_id)
        if frame_pts is None and source.facts is not None and source.facts.time_base != clip.time_base:
            raise _FramesWanted(source)
        save(connection, clip, frame_pts or ())
        return {"id": clip.id}

    try:
        return caller.write(command, _shown)
    except _FramesWanted as wanted:
        frame_pts = frames.of(wanted.source, caller.user)
    return caller.write(lambda connection: command(connection, frame_pts), _shown)


def _shown(connection: sqlite3.Connection, answer: Json) -> ClipOut:
    assert isinstance(answer, dict)
    return several_shown(connection, [clips.get(connection, str(answer["id"]))])[0]


def several_shown(connection: sqlite3.Connection, marked: Sequence[Marked]) -> tuple[ClipOut, ...]:
    """Return clips as the API says them."""
    shown_in = automatic.shown_in(connection, [one.clip.id for one in marked])
    return tuple(ClipOut.of(one, shown_in[one.clip.id]) for one in marked)


def _found(connection: sqlite3.Connection, clip_id: str) -> Clip | None:
    try:
        return clips.get(connection, clip_id).clip
    except NotFound:
        return None


def _changed(before: Clip, asked: ClipChange) -> Clip:
    base = Fraction(*asked.time_base) if asked.time_base else before.time_base
    in_pts = rescale(before.span.in_pts, before.time_base, base) if asked.in_pts is None else asked.in_pts
    out_pts = rescale(before.span.out_pts, before.time_base, base) if asked.out_pts is None else asked.out_pts
    return Clip(
        id=before.id,
        source_id=asked.source_id or before.source_id,
        time_base=base,
        span=Span(in_pts, out_pts),
        rating=asked.rating or before.rating,
        tags=before.tags if asked.tags is None else tuple(dict.fromkeys(asked.tags)),
        name=before.name if asked.name is None else asked.name.strip(),
        notes=before.notes if asked.notes is None else asked.notes.strip(),
    )
