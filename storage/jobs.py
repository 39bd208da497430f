"""Jobs: what was asked to be made. How far one is stands in the ledger; how it ended comes here when it settles.

A row is queued until its result is folded in, or cancelling from the moment that the person stopped it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
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
    SmallCopySpec,
    Spec,
    TrimSpec,
    WindowSpec,
)
from reel.errors import AlreadyExists, Json
from reel.keys import checked_uuid
from storage import sources
from storage.costs import NOTHING, Cost, cost_of
from storage.pages import LAST_TEXT, Page, checked_limit, page_of, place
from storage.rows import AMONG, array, dumped, loaded, missing, one

State: TypeAlias = Literal["queued", "cancelling", "done", "cancelled", "failed"]
Outcome: TypeAlias = Literal["done", "cancelled", "failed"]

_SPECS: Final[TypeAdapter[Spec]] = TypeAdapter(Spec)
_SELECT: Final = (
    "SELECT id, kind, state, game_id, source_id, clip_id, project_id, reel_id, version, draft, made_of, price_credits,"
    " call_id, waits_for, value, error, created_at, settled_at FROM jobs"
)


@dataclass(frozen=True, slots=True)
class Job:
    """A job without its spec. `made_of` is the hash of what it shows; `value` is what it made of a preview, a window
    and a smaller source, and of every job what it has cost, where that is counted.

    `waits_for` is the job whose result it is made of, where that was under way when it was asked for.

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
    waits_for: str | None
    value: Mapping[str, Json] | None
    error: Mapping[str, Json] | None
    created_at: str
    settled_at: str | None

    @property
    def cost(self) -> Cost | None:
        """What it has cost; nothing if nobody was given it, None where that is not counted, or not yet."""
        if self.settled_at is None:
            return None
        return cost_of(self.value) or (NOTHING if self.call_id is None else None)


@dataclass(frozen=True, slots=True)
class Open:
    """A job that has not settled. `awaited` is how the job that it waits for stands, None once that is forgotten."""

    id: str
    kind: str
    state: State
    game_id: str | None
    source_id: str | None
    call_id: str | None
    created_at: str
    waits_for: str | None
    awaited: State | None
    awaited_error: Mapping[str, Json] | None

    @property
    def waits(self) -> bool:
        """Whether it waits for another job, or for one that will never be what it waited for."""
        return self.waits_for is not None and self.awaited != "done"


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
    waits_for: str | None = None,
) -> Job:
    """Add a job; one that is there already under this id with the same spec is returned as it is.

    `made_of` is the hash of what a framing or an overlay shows, from reel.project; the game is said of a compile, the
    project of a preview; an overlay `waits_for` the framing that it is made of while that is under way. Raises
    AlreadyExists, and for an ingest whose source or bytes are not there NotFound and SourceGone.
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
        " price_credits, waits_for, spec, created_at) VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(spec.job, spec.kind, about.game_id, about.source_id, about.clip_id, about.project_id, about.reel_id),
            *(about.version, about.draft, made_of or None, price_credits, waits_for, body, now),
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


def several(connection: sqlite3.Connection, job_ids: Collection[str]) -> tuple[Job, ...]:
    """Return jobs in the order of their ids as given. Raises NotFound for the first that is not there."""
    rows = connection.execute(f"{_SELECT} WHERE id {AMONG}", (array(job_ids),))
    found = {job.id: job for job in map(_job, rows)}
    if absent := next((job_id for job_id in job_ids if job_id not in found), None):
        raise missing("job", absent)
    return tuple(found[job_id] for job_id in job_ids)


def like(connection: sqlite3.Connection, project_id: str, kind: str, made_of: str, *, draft: bool) -> tuple[Job, ...]:
    """Return the jobs of a project that make the same, or have, the newest first; none that was stopped or failed."""
    query = (
        f"{_SELECT} WHERE project_id = ? AND kind = ? AND made_of = ? AND draft = ? AND state IN ('queued', 'done')"
        " ORDER BY created_at DESC, id DESC"
    )
    return tuple(map(_job, connection.execute(query, (project_id, kind, made_of, draft))))


def opened(connection: sqlite3.Connection) -> tuple[Open, ...]:
    """Return all jobs that have not settled, the oldest first: what a read may find ended meanwhile."""
    query = (
        "SELECT jobs.id, jobs.kind, jobs.state, jobs.game_id, jobs.source_id, jobs.call_id, jobs.created_at,"
        " jobs.waits_for, awaited.state, awaited.error FROM jobs LEFT JOIN jobs AS awaited"
        " ON awaited.id = jobs.waits_for WHERE jobs.settled_at IS NULL ORDER BY jobs.created_at, jobs.id"
    )
    return tuple(Open(*[*row[:-1], loaded(row[-1])]) for row in connection.execute(query))


def settled_among(connection: sqlite3.Connection, job_ids: Collection[str]) -> Mapping[str, bool]:
    """Return, for those of several jobs that there are, whether they have settled."""
    query = "SELECT id, settled_at IS NOT NULL FROM jobs WHERE id IN (SELECT value FROM json_each(?))"
    return {job_id: bool(settled) for job_id, settled in connection.execute(query, (array(job_ids),))}


def open_ids(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the ids of all jobs that have not settled, the oldest first: what a read may find ended meanwhile."""
    query = "SELECT id FROM jobs WHERE settled_at IS NULL ORDER BY created_at, id"
    return tuple(job_id for (job_id,) in connection.execute(query))


def open_count(connection: sqlite3.Connection, kinds: Sequence[str]) -> int:
    """Return how many jobs of some kinds run or are to: what a quota of running exports is held to; drafts are none."""
    query = (
        "SELECT count(*) FROM jobs WHERE settled_at IS NULL AND state = 'queued' AND draft = 0"
        " AND kind IN (SELECT value FROM json_each(?))"
    )
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


def cancel_about(connection: sqlite3.Connection, name: str, kinds: Collection[str], keep: Collection[str] = ()) -> None:
    """Ask for the jobs of some kinds to be stopped that are about a project, a reel, a source or a game.

    But for those to `keep`.
    """
    query = (
        "UPDATE jobs SET state = 'cancelling' WHERE state = 'queued' AND ? IN (project_id, reel_id, source_id, game_id)"
        " AND kind IN (SELECT value FROM json_each(?)) AND id NOT IN (SELECT value FROM json_each(?))"
    )
    connection.execute(query, (name, array(kinds), array(keep)))


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
        case SmallCopySpec():
            return _About(reel_id=spec.reel, version=spec.version)
        case ArchiveSpec():
            return _About()


def _job(row: Sequence[Any]) -> Job:
    *about, draft, made_of, price, call_id, waits_for, value, error, created_at, settled_at = row
    told = (made_of, price, call_id, waits_for, loaded(value), loaded(error), created_at, settled_at)
    return Job(*[*about, bool(draft), *told])
