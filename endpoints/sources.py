"""Sources: the footage of a game, part by part."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field, JsonValue

from endpoints.begin import OF_FOOTAGE, begin, ingest_spec, job_id
from endpoints.caller import Caller, Settled, Writing
from endpoints.errors import errors
from endpoints.models import Id, Listed, Moment, PathId, Pts, Rational, Revision, Shown, SizePx, terms
from jobs.spec import IngestSpec, Spec
from reel.errors import Conflict, Json, NotFound, SourceTruncated
from storage import games, jobs, sources
from storage.sources import Facts, Source

router = APIRouter(tags=["sources"])


class FactsOut(Shown):
    """What was found when the footage was looked over. A span is half-open, in pts of `time_base`."""

    codec: str
    size_px: SizePx
    time_base: Rational
    in_pts: Pts
    out_pts: Pts
    rate: Rational
    frames: int
    constant_rate: bool
    hdr: bool
    sound: bool
    proxy: Annotated[bool, Field(description="whether there is a proxy to play instead of the original")]
    sprite: Annotated[dict[str, JsonValue], Field(description="{tile_px, columns, pts} of the sprite sheet")]

    @classmethod
    def of(cls, facts: Facts) -> FactsOut:
        """Return facts as the API says them."""
        return cls(
            codec=facts.codec,
            size_px=(facts.width_px, facts.height_px),
            time_base=terms(facts.time_base),
            in_pts=facts.span.in_pts,
            out_pts=facts.span.out_pts,
            rate=terms(facts.rate),
            frames=facts.frames,
            constant_rate=facts.constant_rate,
            hdr=facts.hdr,
            sound=facts.sound,
            proxy=facts.proxy,
            sprite=dict(facts.sprite),
        )


class SourceOut(Shown):
    """One part of a game. `facts` is null until it was looked over; `error` says why it could not be used.

    `plays` is the kind of media that a browser plays of it, from /api/media/{kind}/{id}; null while there is none. A
    proxy's frames stand at a constant rate: which of the source's each one shows follows from the ptsmap.
    """

    id: Id
    game_id: Id
    part: int
    name: str
    size_bytes: int
    fingerprint: str
    state: Annotated[
        Literal["expected", "uploading", "ingesting", "ready", "failed", "refused"],
        Field(
            description="`expected`: no bytes, none on the way. `failed`: the bytes are there, and looking them over"
            " may be tried again. `refused`: they were no footage and are gone; another file may take the place, and"
            " takes over what was marked",
        ),
    ]
    ingest_job: Id | None
    error: dict[str, JsonValue] | None
    usable_until_pts: Pts | None
    facts: FactsOut | None
    plays: Literal["original", "proxy"] | None
    revision: Revision
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, source: Source) -> SourceOut:
        """Return a source as the API says it."""
        return cls(
            id=source.id,
            game_id=source.game_id,
            part=source.part,
            name=source.name,
            size_bytes=source.size_bytes,
            fingerprint=source.fingerprint,
            state=source.state,
            ingest_job=source.ingest_job,
            error=dict(source.error) if source.error else None,
            usable_until_pts=source.usable_until_pts,
            facts=FactsOut.of(source.facts) if source.facts else None,
            plays=_plays(source),
            revision=source.revision,
            created_at=source.created_at,
            updated_at=source.updated_at,
        )


@router.get("/api/games/{game_id}/sources", summary="List a game's footage", responses=errors(404))
def list_sources(caller: Settled, game_id: PathId) -> Listed[SourceOut]:
    """Return the sources of a game in the order of their parts: never more than a few."""
    card = caller.read(lambda connection: games.card(connection, game_id))
    return Listed[SourceOut](items=tuple(SourceOut.of(source) for source in card.sources), next=None)


@router.get("/api/sources/{source_id}", summary="Read a source", responses=errors(404))
def read_source(caller: Settled, source_id: PathId) -> SourceOut:
    """Return one part of a game."""
    return SourceOut.of(caller.read(lambda connection: sources.get(connection, source_id)))


@router.post(
    "/api/sources/{source_id}/accept-truncated",
    summary="Use a file that ends early",
    status_code=202,
    responses=errors(404, 409, 410),
)
def accept_truncated(caller: Writing, source_id: PathId) -> SourceOut:
    """Look a source over once more and use what is there of it. Only where `error` is `source_truncated`; else 409."""

    def plan(connection: sqlite3.Connection) -> Sequence[Spec]:
        source = sources.get(connection, source_id)
        if source.state != "failed" or (source.error or {}).get("code") != SourceTruncated.code:
            raise Conflict("This footage does not end early.", id=source_id, state=source.state)
        spec = ingest_spec(source, caller.owner(), job_id(caller), accept_truncated=True)
        return [spec]

    return _looked_over(caller, source_id, plan)


@router.post(
    "/api/sources/{source_id}/ingest",
    summary="Look a source over again",
    status_code=202,
    responses=errors(404, 409, 410),
)
def ingest_again(caller: Writing, source_id: PathId) -> SourceOut:
    """Look a source over once more. Only where its `state` is `failed`; else 409."""

    def plan(connection: sqlite3.Connection) -> Sequence[Spec]:
        source = sources.get(connection, source_id)
        if source.state != "failed":
            raise Conflict("This footage is not in want of that.", id=source_id, state=source.state)
        accepted = _was_accepted(connection, source)
        return [ingest_spec(source, caller.owner(), job_id(caller), accept_truncated=accepted)]

    return _looked_over(caller, source_id, plan)


@router.post("/api/sources/{source_id}/discard", summary="Make room for another file", responses=errors(404, 409))
def discard_source(caller: Writing, source_id: PathId) -> SourceOut:
    """Give up a file that could not be used: its bytes go, what was marked in it waits for another file.

    Only where its `state` is `failed`; else 409.
    """

    def command(connection: sqlite3.Connection) -> Json:
        sources.discard(connection, source_id, caller.owner(), caller.now)
        return {"id": source_id}

    caller.settle()
    return caller.write(command, lambda connection, _answer: SourceOut.of(sources.get(connection, source_id)))


@router.delete("/api/sources/{source_id}", summary="Remove a source", status_code=204, responses=errors(404))
def delete_source(caller: Writing, source_id: PathId) -> Response:
    """Remove one part of a game with its footage and the clips that were marked in it; projects and reels stay."""

    def command(connection: sqlite3.Connection) -> Json:
        jobs.cancel_about(connection, source_id, OF_FOOTAGE)
        sources.remove(connection, source_id, caller.owner(), caller.now)
        return None

    caller.write(command, lambda _connection, _answer: None)
    caller.services.open_jobs.start(caller.user)
    return Response(status_code=204)


def _looked_over(caller: Caller, source_id: str, plan: Callable[[sqlite3.Connection], Sequence[Spec]]) -> SourceOut:
    caller.settle()
    begin(caller, plan)
    return SourceOut.of(caller.read(lambda connection: sources.get(connection, source_id)))


def _was_accepted(connection: sqlite3.Connection, source: Source) -> bool:
    """Say whether the job that failed was to take the source as short as it is."""
    try:
        spec = jobs.spec_of(connection, source.ingest_job or "")
    except NotFound:  # it is forgotten after a while
        return source.usable_until_pts is not None
    return isinstance(spec, IngestSpec) and spec.accept_truncated


def _plays(source: Source) -> Literal["original", "proxy"] | None:
    if source.state != "ready" or source.facts is None:
        return None
    return "proxy" if source.facts.proxy else "original"
