"""Athletes: the players that an account makes reels of."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reel.fields import Field
from reel.keys import checked_uuid
from storage.pages import Page, checked_limit, page_of, place
from storage.rows import one, stale

MOST_NAME: Final = 60  # characters, as a player's label in an edit
MOST_NUMBER: Final = 999

_SELECT: Final = "SELECT id, name, shirt_number, revision, created_at, updated_at FROM athletes"


@dataclass(frozen=True, slots=True)
class Athlete:
    """A player. The name is as the family calls them; what a share shows is decided there."""

    id: str
    name: str
    shirt_number: int | None = None
    revision: int = 1
    created_at: str = ""
    updated_at: str = ""


def add(connection: sqlite3.Connection, athlete: Athlete, now: str) -> Athlete:
    """Add an athlete; one that is there already under this id stays as it is. Raises BadField."""
    checked_uuid(athlete.id)
    connection.execute(
        "INSERT INTO athletes (id, name, shirt_number, revision, created_at, updated_at) VALUES (?, ?, ?, 1, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (athlete.id, *_checked(athlete), now, now),
    )
    return get(connection, athlete.id)


def get(connection: sqlite3.Connection, athlete_id: str) -> Athlete:
    """Return an athlete. Raises NotFound."""
    return Athlete(*one(connection, f"{_SELECT} WHERE id = ?", (athlete_id,), "athlete", athlete_id))


def page(connection: sqlite3.Connection, after: str | None = None, limit: int = 50) -> Page[Athlete]:
    """Return athletes, those added first first. Raises BadField."""
    query = f"{_SELECT} WHERE (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ?"
    rows = connection.execute(query, (*place(after, ("", "")), checked_limit(limit) + 1)).fetchall()
    return page_of([Athlete(*row) for row in rows], limit, lambda athlete: (athlete.created_at, athlete.id))


def change(connection: sqlite3.Connection, athlete: Athlete, now: str) -> Athlete:
    """Save an athlete anew; `revision` is the one that the client saw. Raises NotFound, StaleRevision, BadField."""
    changed = connection.execute(
        "UPDATE athletes SET name = ?, shirt_number = ?, revision = revision + 1, updated_at = ?"
        " WHERE id = ? AND revision = ?",
        (*_checked(athlete), now, athlete.id, athlete.revision),
    ).rowcount
    return get(connection, athlete.id) if changed else stale(get(connection, athlete.id))


def remove(connection: sqlite3.Connection, athlete_id: str) -> None:
    """Remove an athlete; their projects stay, as nobody's. Raises NotFound."""
    get(connection, athlete_id)
    connection.execute("DELETE FROM athletes WHERE id = ?", (athlete_id,))


def _checked(athlete: Athlete) -> Sequence[Any]:
    name = Field(athlete.name.strip(), "/name").text(MOST_NAME)
    if not name:
        raise Field(name, "/name").wrong("is empty")
    number = athlete.shirt_number
    return name, None if number is None else Field(number, "/shirt_number").integer(0, MOST_NUMBER)
