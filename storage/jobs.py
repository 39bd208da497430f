"""Jobs: what was asked to be made. How far one is stands in the ledger; how it ended comes here when it settles.

A row is queued until its result is folded in, or cancelling from the moment that the person stopped it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from pydantic import TypeAdapter

from jobs.spec import (
    ArchiveSpec,
    CompileSpec,
    DemoSpec,
    ExtractSpec,
    FramingSpec,
    IngestSpec,
    OverlaySpec,
    PreviewSpec,
    Spec,
    TrimSpec,
    WindowSpec,
)
from reel.errors import AlreadyExists, Json
from reel.keys import checked_uuid
from storage import sources
from storage.pages import LAST_TEXT, Page, checked_limit, page_of, place
from storage.rows import array, dumped, loaded, missing, one

State: TypeAlias = Literal["queued", "cancelling", "done", "cancelled", "failed"]
Outcome: TypeAlias = Literal["done", "cancelled", "failed"]

_SPECS: Final[TypeAdapter[Spec]] = TypeAdapter(Spec)
_SELECT: Final = (
    "SELECT id, kind, state, game_id, source_id, clip_id, project_id, reel_id, version, draft, made_of, price_credits,"
    " call_id, value, error, created_at, settled_at FROM jobs"
)


@dataclass(frozen=True, slots=True)
class Job:
    """A job without its spec. `made_of` is the hash of what it shows; `value` is said of a preview alone.

    What else is null is not its kind's: a framing is of a project, an ingest of a source.
    """

    id: str
    kind: str
    state: State
    game_id: str | None
    source_id: str | None
    clip_id: str | None
    project_id: str | None
    reel_id: str | None
    version: int | None
    draft: bool
    made_of: str | None
    price_credits: int
    call_id: str | None
    value: Mapping[str, Json] | None
    error: Mapping[str, Json] | None
    created_at: str
    settled_at: str | None


@dataclass(frozen=True, slots=True)
class _About:
    """What a spec is about."""

    game_id: str | None = None
    source_id: str | None = None
    clip_id: str | None = None
    project_id: str | None = None
    reel_id: str | None = None
    version: int | None = None
    draft: bool = False


def add(
    connection: sqlite3.Connection,
    spec: Spec,
    now: str,
    *,
    made_of: str = "",
    price_credits: int = 0,
    game_id: str | None = None,
    project_id: str | None = None,
) -> Job:
    """Add a job; one that is there already under this id with the same spec is returned as it is.

    `made_of` is the hash of what a framing or an overlay shows, from reel.project; the game is said of a compile, the
    project of a preview. Raises AlreadyExists, and for an ingest whose source or bytes are not there NotFound and
    SourceGone.
    """
    body, about = dumped(spec.model_dump(mode="json")), _about(spec, game_id, project_id)
    before = connection.execute("SELECT spec FROM jobs WHERE id = ?", (checked_uuid(spec.job),)).fetchone()
    if before is not None:
        if before[0] != body:
            raise AlreadyExists("There is another job under this id.", id=spec.job)
        return get(connection, spec.job)
    if isinstance(spec, IngestSpec):
        sources.ingesting(connection, spec.source.id, spec.job, now)
    connection.execute(
        "INSERT INTO jobs (id, kind, state, game_id, source_id, clip_id, project_id, reel_id, version, draft, made_of,"
        " price_credits, spec, created_at) VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(spec.job, spec.kind, about.game_id, about.source_id, about.clip_id, about.project_id, about.reel_id),
            *(about.version, about.draft, made_of or None, price_credits, body, now),
        ),
    )
    return get(connection, spec.job)


def get(connection: sqlite3.Connection, job_id: str) -> Job:
    """Return a job. Raises NotFound."""
    return _job(one(connection, f"{_SELECT} WHERE id = ?", (job_id,), "job", job_id))


def spec_of(connection: sqlite3.Connection, job_id: str) -> Spec:
    """Return a job's spec. Raises NotFound."""
    (body,) = one(connection, "SELECT spec FROM jobs WHERE id = ?", (job_id,), "job", job_id)
    return _SPECS.validate_json(body)


def page(
    connection: sqlite3.Connection, after: str | None = None, limit: int = 50, *, active: bool = False
) -> Page[Job]:
    """Return jobs, the newest first; with `active` those that have not settled. Raises BadField."""
    query = (
        f"{_SELECT} WHERE (created_at, id) < (?, ?) AND (NOT ? OR settled_at IS NULL)"
        " ORDER BY created_at DESC, id DESC LIMIT ?"
    )
    values = (*place(after, (LAST_TEXT, LAST_TEXT)), active, checked_limit(limit) + 1)
    rows = connection.execute(query, values).fetchall()
    return page_of([_job(row) for row in rows], limit, lambda job: (job.created_at, job.id))


def open_ids(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the ids of all jobs that have not settled, the oldest first: what a read may find ended meanwhile."""
    query = "SELECT id FROM jobs WHERE settled_at IS NULL ORDER BY created_at, id"
    return tuple(job_id for (job_id,) in connection.execute(query))


def open_count(connection: sqlite3.Connection, kinds: Sequence[str]) -> int:
    """Return how many jobs of some kinds have not settled: what a quota of running exports is held to."""
    query = "SELECT count(*) FROM jobs WHERE settled_at IS NULL AND kind IN (SELECT value FROM json_each(?))"
    return connection.execute(query, (array(kinds),)).fetchone()[0]


def dispatched(connection: sqlite3.Connection, job_id: str, call_id: str) -> None:
    """Note the call that a job was handed to. Raises NotFound."""
    if not connection.execute("UPDATE jobs SET call_id = ? WHERE id = ?", (call_id, job_id)).rowcount:
        raise missing("job", job_id)


def cancel(connection: sqlite3.Connection, job_id: str) -> Job:
    """Ask for a job to be stopped; one that has ended stays as it is. In the end its result decides.

    Raises NotFound.
    """
    connection.execute("UPDATE jobs SET state = 'cancelling' WHERE id = ? AND state = 'queued'", (job_id,))
    return get(connection, job_id)


def end(
    connection: sqlite3.Connection,
    job_id: str,
    outcome: Outcome,
    now: str,
    *,
    value: Mapping[str, Json] | None = None,
    error: Mapping[str, Json] | None = None,
) -> bool:
    """Note how a job ended; False, changing nothing, if it has ended before or there is none."""
    told = [None if part is None else dumped(part) for part in (value, error)]
    query = "UPDATE jobs SET state = ?, value = ?, error = ?, settled_at = ? WHERE id = ? AND settled_at IS NULL"
    return connection.execute(query, (outcome, *told, now, job_id)).rowcount == 1


def forget(connection: sqlite3.Connection, before: str) -> int:
    """Forget jobs that settled before a moment, but those whose framing a reel may still be made of; return how many.

    A result that is folded in once more finds no row, and changes nothing.
    """
    query = "DELETE FROM jobs WHERE settled_at < ? AND id NOT IN (SELECT job_id FROM framings)"
    return connection.execute(query, (before,)).rowcount


def _about(spec: Spec, game_id: str | None, project_id: str | None) -> _About:
    match spec:
        case FramingSpec():
            return _About(project_id=spec.project, draft=spec.draft)
        case OverlaySpec():
            framing = spec.framing
            return _About(project_id=framing.project, reel_id=spec.reel, version=spec.version, draft=framing.draft)
        case IngestSpec():
            return _About(game_id=spec.game, source_id=spec.source.id)
        case ExtractSpec():
            return _About(source_id=spec.source.id, clip_id=spec.clip)
        case CompileSpec():
            return _About(game_id=game_id)
        case PreviewSpec():
            return _About(project_id=project_id, source_id=spec.source.id, draft=spec.draft)
        case DemoSpec():
            return _About(game_id=spec.game)
        case WindowSpec() | TrimSpec():
            return _About(game_id=spec.game, source_id=spec.source.id)
        case ArchiveSpec():
            return _About()


def _job(row: Sequence[Any]) -> Job:
    *about, draft, made_of, price, call_id, value, error, created_at, settled_at = row
    told = (made_of, price, call_id, loaded(value), loaded(error), created_at, settled_at)
    return Job(*[*about, bool(draft), *told])
