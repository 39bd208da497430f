"""Clip lists: all clips of a game as tab-separated text, out and in. Times run on over the parts of the game."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from endpoints.caller import Settled, Writing
from endpoints.errors import errors
from endpoints.file_names import file_name
from endpoints.frames import Frames
from endpoints.front import TSV
from endpoints.game_time import Part, part_at, parts_of, row_in_game, span_of
from endpoints.models import PathId, Shown
from reel.annotation import Clip
from reel.errors import ClipLengthOutOfRange, ClipOutsideSource, Conflict, Json, TsvDamaged
from reel.keys import content_hash, uuid_of
from reel.tsv import TsvRow, read_tsv_bytes, write_tsv
from storage import automatic, clips, games
from storage.clips import Marked
from storage.games import Game
from storage.pages import MOST
from storage.presign import disposition

router = APIRouter(tags=["clips"])

_EXAMPLE: Final = (
    "start_time\trating\ttags\tclip_name\tclip_duration\tnotes\n"
    "12:31.200\t5\tGoal,Dribble\tThe second one\t10\tTurned two and hit the far corner\n"
)
_LIST: Final[dict[str, Any]] = {TSV: {"schema": {"type": "string"}, "example": _EXAMPLE}}
_FAULTS_SHOWN: Final = 3


async def whole_body(request: Request) -> bytes:
    """Return a request's body."""
    return await request.body()


class ImportOut(Shown):
    """What came of a list: how many clips it added, and how many of its rows were there already."""

    added: Annotated[int, Field(examples=[12])]
    already: Annotated[int, Field(examples=[0])]


@router.get(
    "/api/games/{game_id}/clips.tsv",
    summary="Write a clip list",
    response_class=Response,
    responses={200: {"content": _LIST, "description": "The clips in the order of the game"}, **errors(404, 409)},
)
def write_clip_list(
    caller: Settled, game_id: PathId, minimum_rating: Annotated[int, Query(ge=1, le=5)] = 1
) -> Response:
    """Return all clips of a game as tab-separated text, under a download's name.

    `start_time` counts from the first shown frame of the first part and runs on over the others. 409 while a part that
    clips stand behind is not there: nobody knows how long it is.
    """

    def query(connection: sqlite3.Connection) -> tuple[Game, str]:
        card = games.card(connection, game_id)
        parts = {part.source.id: part for part in parts_of(card.sources)}
        marked = every_clip(connection, game_id, minimum_rating)
        return card.game, write_tsv(row_in_game(one.clip, parts[one.clip.source_id]) for one in marked)

    game, text = caller.read(query)
    name = file_name(f"{game.opponent or 'Game'} {game.match_date or ''}", "tsv")
    headers = {"Content-Disposition": disposition(name), "Cache-Control": "no-store"}
    return Response(text, media_type=TSV, headers=headers)


@router.post(
    "/api/games/{game_id}/clips.tsv",
    summary="Read a clip list",
    responses=errors(404, 409),
    openapi_extra={"requestBody": {"required": True, "content": _LIST}},
)
def read_clip_list(
    caller: Writing, frames: Frames, game_id: PathId, body: Annotated[bytes, Depends(whole_body)]
) -> ImportOut:
    """Add the clips of a list: all of them, or none and 422 `tsv_damaged` with every fault by its line.

    Columns: start_time, clip_duration, and if you like rating, tags, clip_name, notes. Each clip is brought onto the
    frames of its part. A list that comes again adds nothing, nor does a row that says what a clip there says.
    """
    rows = read_tsv_bytes(body)
    caller.settle()
    card = caller.read(lambda connection: games.card(connection, game_id))
    parts = parts_of(card.sources)
    if not parts and rows:
        raise Conflict("This game has no footage yet.", id=game_id)
    placed = [part_at(row.start_s, parts) for row in rows]
    frame_pts = {part.source.id: frames.of(part.source, caller.user) for part in placed}
    wanted = _clips_of(rows, placed, frame_pts, body)

    def command(connection: sqlite3.Connection) -> Json:
        if games.card(connection, game_id).sources != card.sources:
            raise Conflict("The footage of this game changed just now. Try it again.", id=game_id)
        there = [one.clip for one in every_clip(connection, game_id)]
        known, said = {clip.id for clip in there}, {_said(clip) for clip in there}
        new = {clip.id: clip for clip in wanted if clip.id not in known and _said(clip) not in said}
        for marked in clips.add_several(connection, tuple(new.values()), caller.now):
            automatic.begin_earned(connection, marked.clip, caller.now)
        return {"added": len(new), "already": len(wanted) - len(new)}

    return caller.write(command, lambda _connection, answer: ImportOut.model_validate(answer))


def every_clip(connection: sqlite3.Connection, game_id: str, minimum_rating: int = 1) -> Iterator[Marked]:
    """Iterate all clips of a game in the order of its time."""
    after: str | None = None
    while True:
        page = clips.page(connection, game_id, after, MOST, minimum_rating=minimum_rating)
        yield from page.items
        if (after := page.next) is None:
            return


def _clips_of(
    rows: Sequence[TsvRow], placed: Sequence[Part], frame_pts: dict[str, Sequence[int]], body: bytes
) -> list[Clip]:
    """Return the clips that rows mark. Raises TsvDamaged with all that cannot be, each by its line."""
    found: list[Clip] = []
    faults: list[dict[str, Json]] = []
    for number, (row, part) in enumerate(zip(rows, placed, strict=True)):
        try:
            found.append(_clip(row, part, frame_pts[part.source.id]))
        except (ClipOutsideSource, ClipLengthOutOfRange) as fault:
            faults.append({"line": _lines(body)[number + 1], "column": "start_time", "message": fault.message})
    if faults:
        told = [f"line {fault['line']}: {fault['message']}" for fault in faults[:_FAULTS_SHOWN]]
        more = [f"and {len(faults) - len(told)} more"] if len(faults) > len(told) else []
        count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise TsvDamaged(f"The clip list has {count}: {'; '.join([*told, *more])}", lines=[*faults])
    return found


def _clip(row: TsvRow, part: Part, frame_pts: Sequence[int]) -> Clip:
    """Return the clip of a row; its id follows from all that it says."""
    source = part.source
    facts, _ = part.known()
    span = span_of(row, part, frame_pts)
    said = [source.id, facts.time_base, span.in_pts, span.out_pts, row.rating, row.tags, row.name, row.notes]
    return Clip(
        id=uuid_of(content_hash(["clip list", *said])),
        source_id=source.id,
        time_base=facts.time_base,
        span=span,
        rating=row.rating,
        tags=row.tags,
        name=row.name,
        notes=row.notes,
    )


def _said(clip: Clip) -> tuple[object, ...]:
    """Return what a clip says, as far as a list can tell: on one line."""
    told = (" ".join(text.split()) for text in (*clip.tags, clip.name, clip.notes))
    return (clip.source_id, clip.time_base, clip.span, clip.rating, *told)


def _lines(body: bytes) -> list[int]:
    """Return the numbers of the lines that the header and the rows stand on; blank ones are none (reel.tsv)."""
    text = body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    return [number for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1) if line.strip()]
