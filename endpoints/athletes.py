"""Athletes: the players that an account makes reels of."""

from __future__ import annotations

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from endpoints.caller import Reading, Writing
from endpoints.errors import errors
from endpoints.models import USUAL_LIMIT, After, Asked, Id, Limit, Listed, Moment, PathId, Revision, Shown
from reel.errors import AlreadyExists, Json
from storage import athletes
from storage.athletes import MOST_NAME, MOST_NUMBER, Athlete

router = APIRouter(tags=["account"])

Name = Annotated[str, Field(min_length=1, max_length=MOST_NAME, examples=["Mia"])]
ShirtNumber = Annotated[int, Field(ge=0, le=MOST_NUMBER, examples=[10])]


class AthleteOut(Shown):
    """A player."""

    id: Id
    name: str
    shirt_number: int | None
    revision: Revision
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, athlete: Athlete) -> AthleteOut:
        """Return an athlete as the API says them."""
        return cls(
            id=athlete.id,
            name=athlete.name,
            shirt_number=athlete.shirt_number,
            revision=athlete.revision,
            created_at=athlete.created_at,
            updated_at=athlete.updated_at,
        )


class NewAthlete(Asked):
    """A player to be listed."""

    id: Id
    name: Name
    shirt_number: ShirtNumber | None = None


class AthleteChange(Asked):
    """What is to be different; what is left out stays."""

    revision: Revision
    name: Name | None = None
    shirt_number: ShirtNumber | None = None


@router.get("/api/athletes", summary="List athletes")
def list_athletes(caller: Reading, after: After = None, limit: Limit = USUAL_LIMIT) -> Listed[AthleteOut]:
    """Return athletes, those added first first."""
    page = caller.read(lambda connection: athletes.page(connection, after, limit))
    return Listed[AthleteOut](items=tuple(AthleteOut.of(athlete) for athlete in page.items), next=page.next)


@router.post("/api/athletes", summary="Add an athlete", status_code=201, responses=errors(409))
def add_athlete(caller: Writing, asked: NewAthlete) -> AthleteOut:
    """Add an athlete under the client's id. The same once more is answered as the first time."""
    athlete = Athlete(asked.id, asked.name, asked.shirt_number)

    def command(connection: sqlite3.Connection) -> Json:
        there = athletes.add(connection, athlete, caller.now)
        if (there.name, there.shirt_number) != (athlete.name.strip(), athlete.shirt_number):
            raise AlreadyExists("There is another athlete under this id.", id=athlete.id)
        return {"id": athlete.id}

    return caller.write(command, _shown)


@router.get("/api/athletes/{athlete_id}", summary="Read an athlete", responses=errors(404))
def read_athlete(caller: Reading, athlete_id: PathId) -> AthleteOut:
    """Return one athlete."""
    return AthleteOut.of(caller.read(lambda connection: athletes.get(connection, athlete_id)))


@router.patch("/api/athletes/{athlete_id}", summary="Change an athlete", responses=errors(404, 409))
def change_athlete(caller: Writing, athlete_id: PathId, asked: AthleteChange) -> AthleteOut:
    """Change what is said about an athlete. Stale: 409 with the current one."""
    said = asked.model_dump(exclude_unset=True)

    def command(connection: sqlite3.Connection) -> Json:
        there = athletes.get(connection, athlete_id)
        name = asked.name if asked.name is not None else there.name
        number = asked.shirt_number if "shirt_number" in said else there.shirt_number
        athletes.change(connection, Athlete(athlete_id, name, number, asked.revision), caller.now)
        return {"id": athlete_id}

    return caller.write(command, _shown)


@router.delete("/api/athletes/{athlete_id}", summary="Remove an athlete", status_code=204, responses=errors(404))
def remove_athlete(caller: Writing, athlete_id: PathId) -> Response:
    """Remove an athlete; their projects stay, as nobody's."""

    def command(connection: sqlite3.Connection) -> Json:
        athletes.remove(connection, athlete_id)
        return None

    caller.write(command, lambda _connection, _answer: None)
    return Response(status_code=204)


def _shown(connection: sqlite3.Connection, answer: Json) -> AthleteOut:
    assert isinstance(answer, dict)
    return AthleteOut.of(athletes.get(connection, str(answer["id"])))
