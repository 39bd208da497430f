"""Jobs: what was asked to be made, how far each is, and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import isfinite
from typing import Annotated, Final, Literal, cast

from fastapi import APIRouter, Query
from pydantic import Field, JsonValue

from endpoints.caller import Caller, Settled, Writing
from endpoints.errors import errors
from endpoints.models import USUAL_LIMIT, After, Id, Limit, Listed, Moment, Shown
from endpoints.named import ById
from jobs.ports import Progress, Standing
from jobs.state import State as LedgerState
from reel.errors import NotFound, StorageFull, StoreUnavailable
from storage import jobs
from storage.costs import Container, Cost
from storage.jobs import Job

router = APIRouter(tags=["jobs"])

Kind = Literal[
    "framing",
    "preview",
    "ingest",
    "overlay",
    "extract",
    "compile",
    "demo",
    "window",
    "trim",
    "archive",
    "small_copy",
]
State = Literal["queued", "running", "cancelling", "done", "cancelled", "failed"]

_BY_THE_LEDGER: Final[dict[LedgerState, State]] = {"queued": "queued", "cancelling": "cancelling"}
"""How a job is told that has not settled; in every other state of the ledger somebody is at it, or just was."""


class ProgressOut(Shown):
    """Frames done of frames in all, as a worker counted them. `fps` and `eta_s` are null until they are measured."""

    phase: Annotated[str, Field(examples=["rendering"])]
    done: int
    total: int
    fps: float | None
    eta_s: float | None

    @classmethod
    def of(cls, progress: Progress) -> ProgressOut:
        """Return progress as the API says it."""
        return cls(
            phase=progress.phase, done=progress.done, total=progress.total, fps=progress.fps, eta_s=progress.eta_s
        )


class ContainerOut(Shown):
    """What one container has taken for a job: until it began, if it was fresh, its work, and the wait after it."""

    machine: Annotated[str, Field(examples=["framing"])]
    start_s: float
    work_s: float
    tail_s: float
    cores: float
    memory_gib: float
    gpu: Annotated[str | None, Field(examples=["T4"])]
    dollars: float

    @classmethod
    def of(cls, container: Container) -> ContainerOut:
        """Return a container as the API says it."""
        return cls(
            machine=container.machine,
            start_s=container.start_s,
            work_s=container.work_s,
            tail_s=container.tail_s,
            cores=container.cores,
            memory_gib=container.memory_gib,
            gpu=container.gpu,
            dollars=container.dollars,
        )


class CostOut(Shown):
    """What a job has cost its home, by the prices of a month; the containers that had a hand in it."""

    dollars: float
    prices_of: Annotated[str | None, Field(examples=["2026-07"])]
    containers: tuple[ContainerOut, ...]

    @classmethod
    def of(cls, cost: Cost) -> CostOut:
        """Return a cost as the API says it."""
        containers = tuple(ContainerOut.of(container) for container in cost.containers)
        return cls(dollars=cost.dollars, prices_of=cost.prices_of, containers=containers)


class JobOut(Shown):
    """A job. What else is null is not its kind's: a framing is of a project, an ingest of a source.

    While it is open `progress`, `attempt` and `seq` are the worker's: of two answers the one with the higher
    (attempt, seq) is the newer. `heartbeat_age_s` is null while nobody works on it; `stale`: nothing was heard for too
    long, and it will be tried again.
    """

    id: Id
    kind: Kind
    state: State
    draft: bool
    game_id: Id | None
    source_id: Id | None
    clip_id: Id | None
    project_id: Id | None
    reel_id: Id | None
    version: int | None
    waits_for: Annotated[Id | None, Field(description="the framing that this reel is made of once that is done")]
    progress: ProgressOut | None
    attempt: int
    seq: int
    call_id: str | None
    heartbeat_age_s: float | None
    stale: bool
    price_credits: Annotated[int | None, Field(description="charged when it is done; null where nothing costs")]
    cost: Annotated[CostOut | None, Field(description="null until it has ended, and where nothing costs")]
    error: Annotated[dict[str, JsonValue] | None, Field(description="why it failed, as an error of the API")]
    media: Annotated[
        str | None, Field(description="where a finished preview is", examples=["/api/media/preview/0197…"])
    ]
    created_at: Moment
    settled_at: Moment | None

    @classmethod
    def of(cls, job: Job, standing: Standing | None, *, shows_money: bool) -> JobOut:
        """Return a job as the API says it; `standing` is how it stands in the ledger, None if that is not known."""
        record = standing.record if standing and job.settled_at is None else None
        age_s = standing.heartbeat_age_s if standing and record else None
        return cls(
            id=job.id,
            kind=cast("Kind", job.kind),
            state=_state(job, record.state if record else None),
            draft=job.draft,
            game_id=job.game_id,
            source_id=job.source_id,
            clip_id=job.clip_id,
            project_id=job.project_id,
            reel_id=job.reel_id,
            version=job.version,
            waits_for=job.waits_for,
            progress=ProgressOut.of(record.progress) if record else None,
            attempt=record.attempt if record else 0,
            seq=record.seq if record else 0,
            call_id=job.call_id,
            heartbeat_age_s=age_s if age_s is not None and isfinite(age_s) else None,
            stale=bool(standing and record and standing.stale),
            price_credits=job.price_credits if shows_money else None,
            cost=CostOut.of(job.cost) if shows_money and job.cost else None,
            error=dict(job.error) if job.error else None,
            media=f"/api/media/preview/{job.id}" if job.kind == "preview" and job.state == "done" else None,
            created_at=job.created_at,
            settled_at=job.settled_at,
        )


class CallOut(Shown):
    """What the workers' side says of a job. `known` is false where it was never handed over, or is forgotten there."""

    call_id: str | None
    home: Literal["local", "cloud"]
    known: bool
    state: Annotated[
        Literal["queued", "running", "cancelling", "result", "done", "cancelled", "failed"],
        Field(description="the workers' word while they know it, else the database's"),
    ]
    attempt: int
    heartbeat_age_s: float | None
    stale: bool


Active = Annotated[bool, Query(description="only those that have not ended")]


@router.get("/api/jobs", summary="List jobs")
def list_jobs(
    caller: Settled, active: Active = False, after: After = None, limit: Limit = USUAL_LIMIT
) -> Listed[JobOut]:
    """Return jobs, the newest first: what a page polls while live progress does not reach it."""
    page = caller.read(lambda connection: jobs.page(connection, after, limit, active=active))
    return Listed[JobOut](items=shown_jobs(caller, page.items), next=page.next)


@router.get("/api/jobs/{id}", summary="Read a job", responses=errors(404))
def read_job(caller: Settled, job_id: ById) -> JobOut:
    """Return one job: how far it is, or how it ended."""
    return shown_job(caller, job_id)


@router.delete("/api/jobs/{id}", summary="Cancel a job", responses=errors(404))
def cancel_job(caller: Writing, job_id: ById) -> JobOut:
    """Stop a job: at once if nobody has begun it, else within a second or so.

    One that has ended stays as it ended: which of the two it is, its result says. A reel that waits for a framing that
    was cancelled fails and says so. Nothing is charged for a job that was cancelled.
    """
    caller.write(lambda connection: {"state": jobs.cancel(connection, job_id).state}, lambda _connection, _answer: None)
    caller.services.open_jobs.start(caller.user)
    caller.settle()
    return shown_job(caller, job_id)


@router.get("/api/jobs/{id}/modal-status", summary="Ask the workers about a job", responses=errors(404))
def read_call(caller: Settled, job_id: ById) -> CallOut:
    """Return what the workers' side says: the call on Modal in the cloud, this machine's queue at home."""
    job = caller.read(lambda connection: jobs.get(connection, job_id))
    standing = _standing(caller, job_id)
    age_s = standing.heartbeat_age_s if standing else None
    return CallOut(
        call_id=job.call_id,
        home=caller.services.policy.home,
        known=standing is not None,
        state=standing.record.state if standing else job.state,
        attempt=standing.record.attempt if standing else 0,
        heartbeat_age_s=age_s if age_s is not None and isfinite(age_s) else None,
        stale=bool(standing and standing.stale),
    )


def shown_jobs(caller: Caller, found: Sequence[Job]) -> tuple[JobOut, ...]:
    """Return jobs as the API says them, the open ones with how they stand just now."""
    money = caller.services.policy.shows_money
    standings = {job.id: _standing(caller, job.id) for job in found if job.settled_at is None}
    return tuple(JobOut.of(job, standings.get(job.id), shows_money=money) for job in found)


def shown_job(caller: Caller, job_id: str) -> JobOut:
    """Return one job as the API says it. Raises NotFound."""
    return shown_jobs(caller, [caller.read(lambda connection: jobs.get(connection, job_id))])[0]


def jobs_by_id(caller: Caller, job_ids: Collection[str]) -> tuple[JobOut, ...]:
    """Return jobs in the order of their ids. Raises NotFound."""
    return shown_jobs(caller, caller.read(lambda connection: jobs.several(connection, job_ids)))


def _standing(caller: Caller, job_id: str) -> Standing | None:
    """Return how a job stands; None where the ledger has lost it, or is away: it is a cache."""
    try:
        return caller.services.dispatch.read(job_id)
    except (NotFound, StoreUnavailable, StorageFull):
        return None


def _state(job: Job, told: LedgerState | None) -> State:
    if job.state != "queued" or told is None:
        return job.state
    return _BY_THE_LEDGER.get(told, "running")
