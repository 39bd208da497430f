"""Beginning jobs: each request's once, found again whatever dies in between, and handed over when its row stands."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from endpoints.caller import Caller
from jobs.spec import IngestSpec, Spec
from reel.errors import Conflict, Json
from reel.keys import content_hash, uuid_of
from reel.refusals import ExportsPaused, QuotaExceeded
from storage import jobs, sources
from storage.jobs import Job
from storage.operations import applied_before

Plan: TypeAlias = Callable[[sqlite3.Connection], Sequence[Spec]]
"""Says which jobs a request asks for, or raises why there can be none. It only reads."""
Prepare: TypeAlias = Callable[[sqlite3.Connection], None]

EXPORTS: Final = ("framing", "overlay", "compile", "extract", "archive", "trim", "small_copy")
"""What counts as a running export. What the editor needs to work at all does not."""

OF_FOOTAGE: Final = ("ingest", "extract", "compile", "window", "trim", "demo")
"""What is of no use to anybody once its footage is deleted. Framings fail by themselves: their project is still there.
"""


def job_id(caller: Caller, what: str = "") -> str:
    """Return the id of a job that this request asks for: the same when it comes again, and nobody else's."""
    operation = caller.operation
    return uuid_of(content_hash([caller.owner(), operation.id, operation.fingerprint.hex(), what]))


def begin(
    caller: Caller,
    plan: Plan,
    *,
    game_id: str | None = None,
    prepare: Prepare | None = None,
) -> tuple[Job, ...]:
    """Begin the jobs that `plan` says, once; the same request again gets the same jobs.

    `prepare` writes what they need, in the same transaction; `game_id` is the game of a compile. Raises what both do.
    """

    def wanted(connection: sqlite3.Connection) -> Sequence[Spec]:
        return () if applied_before(connection, caller.operation) else plan(connection)

    noted = [spec.job for spec in caller.read(wanted)]

    def command(connection: sqlite3.Connection) -> Json:
        if prepare:
            prepare(connection)
        specs = plan(connection)
        if not {spec.job for spec in specs} <= set(noted):
            raise Conflict("This changed just now. Try it again.")
        return {"jobs": [jobs.add(connection, spec, caller.now, game_id=game_id).id for spec in specs]}

    def shown(connection: sqlite3.Connection, answer: Json) -> tuple[Job, ...]:
        assert isinstance(answer, dict)
        ids = answer["jobs"]
        assert isinstance(ids, list)
        return tuple(jobs.get(connection, str(job)) for job in ids)

    with caller.services.open_jobs.opening(caller.owner(), noted):
        return caller.write(command, shown)


def ingest_id(user: str, source_id: str) -> str:
    """Return the id of the job that first looks a source over: it begins once, whoever completes the upload."""
    return uuid_of(content_hash([user, "ingest", source_id]))


def ingest_spec(source: sources.Source, user: str, job: str, *, accept_truncated: bool = False) -> IngestSpec:
    """Return the job that looks a source over. Raises SourceGone while its bytes are not there."""
    # What was accepted short is probed anew: where it ends is for the job to say.
    ref = sources.ref(source, user).model_copy(update={"usable_until_pts": None})
    return IngestSpec(user=user, job=job, game=source.game_id, source=ref, accept_truncated=accept_truncated)


def enter_export(caller: Caller) -> None:
    """Let one more export in. Raises ExportsPaused, TooManyRequests."""
    if not caller.services.policy.exports_open():
        raise ExportsPaused
    caller.limiter.take("exports", caller.who)


def require_running_room(connection: sqlite3.Connection, caller: Caller) -> None:
    """Raise QuotaExceeded while as many exports run as this home lets one person have."""
    most = caller.services.policy.most_running_exports
    if most is not None and (running := jobs.open_count(connection, EXPORTS)) >= most:
        raise QuotaExceeded(
            f"{running} exports are running already. Wait for one, or cancel it.", running=running, most=most
        )
