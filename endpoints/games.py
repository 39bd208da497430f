"""Games: the matches that were filmed."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field, JsonValue

from endpoints.begin import OF_FOOTAGE
from endpoints.caller import Settled, Writing
from endpoints.errors import errors
from endpoints.models import USUAL_LIMIT, After, Asked, Id, Limit, Listed, Moment, PathId, Revision, Shown
from endpoints.sources import SourceOut
from reel.errors import AlreadyExists, Json
from storage import games, jobs
from storage.games import MOST_OPPONENT, Card, Game, Venue

router = APIRouter(tags=["games"])

Opponent = Annotated[str, Field(max_length=MOST_OPPONENT, examples=["FC Tigers"])]
MatchDate = Annotated[str, Field(description="YYYY-MM-DD, without a zone", examples=["2026-05-17"])]


class GameOut(Shown):
    """A game as its card shows it."""

    id: Id
    opponent: str
    match_date: MatchDate | None
    venue: Literal["home", "away", "tournament"] | None
    demo: bool
    sources: tuple[SourceOut, ...]
    clip_count: int
    revision: Revision
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, card: Card) -> GameOut:
        """Return a card as the API says it."""
        game = card.game
        return cls(
            id=game.id,
            opponent=game.opponent,
            match_date=game.match_date,
            venue=game.venue,
            demo=game.demo,
            sources=tuple(SourceOut.of(source) for source in card.sources),
            clip_count=card.clip_count,
            revision=game.revision,
            created_at=game.created_at,
            updated_at=game.updated_at,
        )


class NewGame(Asked):
    """A game to be."""

    id: Id
    opponent: Opponent = ""
    match_date: MatchDate | None = None
    venue: Venue | None = None


class GameChange(Asked):
    """What is to be different; what is left out stays."""

    revision: Revision
    opponent: Opponent | None = None
    match_date: MatchDate | None = None
    venue: Venue | None = None


@router.get("/api/games", summary="List games")
def list_games(caller: Settled, after: After = None, limit: Limit = USUAL_LIMIT) -> Listed[GameOut]:
    """Return games by match date, the newest first."""
    page = caller.read(lambda connection: games.page(connection, after, limit))
    return Listed[GameOut](items=tuple(GameOut.of(card) for card in page.items), next=page.next)


@router.post("/api/games", summary="Add a game", status_code=201, responses=errors(409))
def add_game(caller: Writing, asked: NewGame) -> GameOut:
    """Add a game under the client's id. The same once more is answered as the first time."""
    game = Game(asked.id, asked.opponent, asked.match_date, asked.venue)

    def command(connection: sqlite3.Connection) -> Json:
        try:
            games.add(connection, game, caller.now)
        except AlreadyExists:
            _require_same(connection, game)
        return {"id": game.id}

    return caller.write(command, _shown)


@router.get("/api/games/{game_id}", summary="Read a game", responses=errors(404))
def read_game(caller: Settled, game_id: PathId) -> GameOut:
    """Return one game."""
    return GameOut.of(caller.read(lambda connection: games.card(connection, game_id)))


@router.patch("/api/games/{game_id}", summary="Change a game", responses=errors(404, 409))
def change_game(caller: Writing, game_id: PathId, asked: GameChange) -> GameOut:
    """Change what is said about a game. Stale: 409 with the current one."""
    said: Mapping[str, JsonValue] = asked.model_dump(exclude_unset=True)

    def command(connection: sqlite3.Connection) -> Json:
        there = games.get(connection, game_id)
        changed = Game(
            there.id,
            asked.opponent if asked.opponent is not None else there.opponent,
            asked.match_date if "match_date" in said else there.match_date,
            asked.venue if "venue" in said else there.venue,
            demo=there.demo,
            revision=asked.revision,
        )
        games.change(connection, changed, caller.now)
        return {"id": game_id}

    return caller.write(command, _shown)


@router.delete("/api/games/{game_id}", summary="Delete a game", status_code=204, responses=errors(404))
def delete_game(caller: Writing, game_id: PathId) -> Response:
    """Delete a game with its footage and its clips; projects and reels stay. What is made of it is stopped."""

    def command(connection: sqlite3.Connection) -> Json:
        for name in (game_id, *(source.id for source in games.card(connection, game_id).sources)):
            jobs.cancel_about(connection, name, OF_FOOTAGE)
        games.remove(connection, game_id, caller.owner(), caller.now)
        return None

    caller.write(command, lambda _connection, _answer: None)
    caller.services.open_jobs.start(caller.user)
    return Response(status_code=204)


def _shown(connection: sqlite3.Connection, answer: Json) -> GameOut:
    assert isinstance(answer, dict)
    return GameOut.of(games.card(connection, str(answer["id"])))


def _require_same(connection: sqlite3.Connection, game: Game) -> None:
    """Raise AlreadyExists unless the game under this id says the same: it was asked for twice, under two keys."""
    there = games.get(connection, game.id)
    if (there.opponent, there.match_date, there.venue) != (game.opponent.strip(), game.match_date, game.venue):
        raise AlreadyExists("There is another game under this id.", id=game.id)
