"""Sources: the footage of a game, part by part."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field, JsonValue

from endpoints.caller import Reading
from endpoints.errors import errors
from endpoints.models import Id, Listed, Moment, PathId, Pts, Rational, Revision, Shown, terms
from storage import games
from storage.sources import Facts, Source

router = APIRouter(tags=["sources"])


class FactsOut(Shown):
    """What was found when the footage was looked over. A span is half-open, in pts of `time_base`."""

    codec: str
    size_px: tuple[int, int]
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
    """One part of a game. `facts` is null until it was looked over; `error` says why it could not be used."""

    id: Id
    game_id: Id
    part: int
    name: str
    size_bytes: int
    fingerprint: str
    state: Literal["expected", "uploading", "ingesting", "ready", "failed", "refused"]
    ingest_job: Id | None
    error: dict[str, JsonValue] | None
    usable_until_pts: Pts | None
    facts: FactsOut | None
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
            revision=source.revision,
            created_at=source.created_at,
            updated_at=source.updated_at,
        )


@router.get("/api/games/{game_id}/sources", summary="List a game's footage", responses=errors(404))
def list_sources(caller: Reading, game_id: PathId) -> Listed[SourceOut]:
    """Return the sources of a game in the order of their parts: never more than a few."""
    card = caller.read(lambda connection: games.card(connection, game_id))
    return Listed[SourceOut](items=tuple(SourceOut.of(source) for source in card.sources), next=None)
