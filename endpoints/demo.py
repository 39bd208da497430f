"""The demo game: a match to try everything on, with no upload."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from fastapi import APIRouter

from endpoints.begin import begin, job_id
from endpoints.caller import Caller, Writing
from endpoints.errors import errors
from endpoints.games import GameOut
from endpoints.jobs import JobOut, shown_job, shown_jobs
from endpoints.models import Shown
from jobs.spec import DemoSpec
from reel.errors import Conflict
from reel.keys import content_hash, uuid_of
from storage import demos, games
from storage.games import Card, Game
from storage.jobs import Job

router = APIRouter(tags=["games"])

OPPONENT = "Demo game"


class DemoOut(Shown):
    """The demo game, and the job that films it; null once that is forgotten."""

    game: GameOut
    job: JobOut | None


@router.post("/api/games/demo", summary="Add the demo game", status_code=202, responses=errors(409))
def add_demo(caller: Writing) -> DemoOut:
    """Add a game whose footage is filmed here: half a minute's work, then it is like any other, with clips marked.

    There is one at a time: asked for again, it is answered with the one that is there.
    """
    caller.settle()
    there = _there(caller)
    if there:
        return there
    caller.limiter.take("exports", caller.who)
    try:
        (job,) = begin(caller, lambda connection: _plan(connection, caller), prepare=lambda c: _prepare(c, caller))
    except Conflict:  # another tab was faster
        there = _there(caller)
        if there is None:
            raise
        return there
    card = caller.read(lambda connection: games.card(connection, job.game_id or ""))
    return DemoOut(game=GameOut.of(card), job=shown_job(caller, job.id))


def _there(caller: Caller) -> DemoOut | None:
    standing = caller.read(_standing)
    if standing is None:
        return None
    card, job = standing
    return DemoOut(game=GameOut.of(card), job=shown_jobs(caller, [job])[0] if job else None)


def _standing(connection: sqlite3.Connection) -> tuple[Card, Job | None] | None:
    """Return the demo game that is there or on its way; None if there is none, or it could not be filmed."""
    game_id = demos.game_of(connection)
    if game_id is None:
        return None
    card, job = games.card(connection, game_id), demos.job_of(connection, game_id)
    if not card.sources and (job is None or job.state in {"failed", "cancelled"}):
        return None
    return card, job


def _plan(connection: sqlite3.Connection, caller: Caller) -> Sequence[DemoSpec]:
    game_id = demos.game_of(connection) or _fresh_game(caller)
    job = job_id(caller)
    source = uuid_of(content_hash(["demo source", job]))
    return [DemoSpec(user=caller.owner(), job=job, game=game_id, source=source)]


def _prepare(connection: sqlite3.Connection, caller: Caller) -> None:
    """Add the game, unless one is left of a try that failed. Raises Conflict if there is a demo game by now."""
    if _standing(connection):
        raise Conflict("There is a demo game already.")
    if demos.game_of(connection) is None:
        game = Game(_fresh_game(caller), OPPONENT, caller.now[:10], "home", demo=True)
        games.add(connection, game, caller.now)


def _fresh_game(caller: Caller) -> str:
    return uuid_of(content_hash(["demo game", job_id(caller)]))
