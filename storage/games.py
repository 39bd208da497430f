"""Games: the matches that were filmed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, TypeAlias, get_args

from reel import keys
from reel.errors import AlreadyExists, BadField
from reel.fields import Field
from reel.keys import checked_uuid
from storage import clips, removals, sources
from storage.pages import LAST_TEXT, Page, checked_limit, page_of, place
from storage.rows import one, stale

Venue: TypeAlias = Literal["home", "away", "tournament"]

MOST_OPPONENT: Final = 80  # characters

_SELECT: Final = "SELECT id, opponent, match_date, venue, demo, revision, created_at, updated_at, listed_on FROM games"


@dataclass(frozen=True, slots=True)
class Game:
    """A match. `match_date` is YYYY-MM-DD without a zone; a video dropped without a word has none, and no venue."""

    id: str
    opponent: str = ""
    match_date: str | None = None
    venue: Venue | None = None
    demo: bool = False
    revision: int = 1
    created_at: str = ""
    updated_at: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A game as its list shows it."""

    game: Game
    sources: tuple[sources.Source, ...]
    clip_count: int


def add(connection: sqlite3.Connection, game: Game, now: str) -> Game:
    """Add a game. Raises AlreadyExists, BadField."""
    said = _checked(game)
    added = connection.execute(
        "INSERT INTO games (opponent, match_date, venue, listed_on, updated_at, id, demo, revision, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT DO NOTHING",
        (*said, game.match_date or now[:10], now, checked_uuid(game.id), game.demo, now),
    ).rowcount
    if not added:
        raise AlreadyExists("There is a game under this id already.", id=game.id)
    return get(connection, game.id)


def get(connection: sqlite3.Connection, game_id: str) -> Game:
    """Return a game. Raises NotFound."""
    return _game(one(connection, f"{_SELECT} WHERE id = ?", (game_id,), "game", game_id))


def page(connection: sqlite3.Connection, after: str | None = None, limit: int = 50) -> Page[Card]:
    """Return games by match date, the newest first; one without a date stands by the day it came. Raises BadField."""
    query = f"{_SELECT} WHERE (listed_on, id) < (?, ?) ORDER BY listed_on DESC, id DESC LIMIT ?"
    rows = connection.execute(query, (*place(after, (LAST_TEXT, LAST_TEXT)), checked_limit(limit) + 1)).fetchall()
    found = page_of(rows, limit, lambda row: (row[-1], row[0]))
    return found.of(_cards(connection, [_game(row) for row in found.items]))


def card(connection: sqlite3.Connection, game_id: str) -> Card:
    """Return one game as its list shows it. Raises NotFound."""
    return _cards(connection, [get(connection, game_id)])[0]


def change(connection: sqlite3.Connection, game: Game, now: str) -> Game:
    """Save what is said about a game; `revision` is the one that the client saw.

    Raises NotFound, StaleRevision, BadField.
    """
    said, current = _checked(game), get(connection, game.id)
    if current.revision != game.revision:
        stale(current)
    connection.execute(
        "UPDATE games SET opponent = ?, match_date = ?, venue = ?, listed_on = ?, updated_at = ?,"
        " revision = revision + 1 WHERE id = ?",
        (*said, game.match_date or current.created_at[:10], now, game.id),
    )
    return get(connection, game.id)


def remove(connection: sqlite3.Connection, game_id: str, user: str, now: str) -> None:
    """Remove a game with its footage, its clips and what was extracted of them; projects and reels stay.

    Raises NotFound.
    """
    get(connection, game_id)
    footage = [keys.source_prefix(user, game_id, one.id) for one in sources.of_games(connection, [game_id])[game_id]]
    query = (
        "SELECT DISTINCT key FROM raw_clips JOIN clips ON clips.id = clip_id JOIN sources ON sources.id = source_id"
        " WHERE game_id = ?"
    )
    extracted = [key for (key,) in connection.execute(query, (game_id,))]
    removals.ask(connection, [*footage, *extracted], now)
    connection.execute("DELETE FROM games WHERE id = ?", (game_id,))


def _cards(connection: sqlite3.Connection, games: Sequence[Game]) -> tuple[Card, ...]:
    ids = [game.id for game in games]
    footage, marked = sources.of_games(connection, ids), clips.counts(connection, ids)
    return tuple(Card(game, footage[game.id], marked[game.id]) for game in games)


def _checked(game: Game) -> Sequence[Any]:
    opponent = Field(game.opponent.strip(), "/opponent").text(MOST_OPPONENT)
    venue = None if game.venue is None else Field(game.venue, "/venue").choice(get_args(Venue))
    return opponent, _date(game.match_date), venue


def _date(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise BadField("/match_date", "has to be a date like 2026-05-17")
    return text


def _game(row: Sequence[Any]) -> Game:
    game_id, opponent, match_date, venue, demo, revision, created_at, updated_at, _ = row
    return Game(game_id, opponent, match_date, venue, bool(demo), revision, created_at, updated_at)
