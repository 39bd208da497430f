"""Open jobs: accepted once, executed, settled once, whatever dies in between and whoever comes next."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pytest

from jobs.memory import MemoryDispatch, MemoryStore
from jobs.run import Result
from jobs.spec import FramingSpec, Frozen, OverlaySpec, Spec
from reel import keys
from reel.errors import (
    AlreadyExists,
    AnswerLost,
    Internal,
    Json,
    NotAVideo,
    ReelError,
    StaleRevision,
    StoreUnavailable,
)
from storage import clips, framings, jobs, projects, reels, sources
from storage.clock import Clock
from storage.memory import MemoryBucket
from storage.open_jobs import OpenJobs
from storage.operations import Operation
from storage.schema import MIGRATIONS
from storage.userdb import Manner, UserDatabases
from tests.reel.edits import clip, uuid
from tests.storage.ended import (
    framed,
    framing_spec,
    ingest_spec,
    ingested,
    overlaid,
    overlay_spec,
    preview_spec,
    previewed,
)
from tests.storage.tables import FRAME, FRAMES, USER, game, project, provisional, source

PROJECT, REEL = uuid(40), uuid(50)
DRAFT, FRAMING, OVERLAY = uuid(1), uuid(2), uuid(3)
BEGAN_S = 1_779_000_000.0


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Fault:
    """What goes wrong at the nth thing that the process does with the world outside."""

    at: int
    what: Literal["killed before", "killed after", "away", "answer lost"]
    count: int = 0

    @property
    def came(self) -> bool:
        return self.count > self.at

    def around(self, do: Callable[[], Any], *, write: bool) -> Any:
        self.count += 1
        hit = self.count - 1 == self.at
        if hit and self.what == "killed before":
            raise Killed
        if hit and (self.what == "away" or (self.what == "answer lost" and not write)):
            raise StoreUnavailable
        done = do()
        if hit and self.what == "killed after":
            raise Killed
        if hit and self.what == "answer lost":
            raise AnswerLost
        return done


class Faulty:
    """A store, a bucket or a dispatch, as a process sees it in which something goes wrong."""

    WRITES = frozenset({"put", "delete", "replace", "submit", "cancel"})

    def __init__(self, inner: Any, fault: Fault | None) -> None:
        self._inner, self._fault = inner, fault

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        fault = self._fault
        if fault is None:
            return method
        return lambda *values, **named: fault.around(
            lambda: list(found) if name == "keys" and (found := method(*values)) else method(*values, **named),
            write=name in self.WRITES,
        )


class Wound(Clock):
    """A clock that is set by hand, and that waiting takes no time on."""

    def __init__(self) -> None:
        self.now_s = BEGAN_S

    def time_s(self) -> float:
        return self.now_s

    def steady_s(self) -> float:
        return self.now_s

    def sleep(self, wait_s: float) -> None:
        self.now_s += wait_s


@dataclass
class World:
    """What outlives a process. The ledger may be lost too."""

    folder: Path
    store: MemoryStore = field(default_factory=MemoryStore)
    bucket: MemoryBucket = field(default_factory=MemoryBucket)
    clock: Wound = field(default_factory=Wound)
    dispatch: MemoryDispatch = field(default_factory=MemoryDispatch)
    processes: int = 0
    executed: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.dispatch.store = self.store

    def process(self, fault: Fault | None = None) -> OpenJobs:
        """Begin a process that has seen nothing yet."""
        self.processes += 1
        bucket: Any = Faulty(self.bucket, fault)
        manner = Manner(pace_s=0.0, clock=self.clock, seed=1)
        databases = UserDatabases(bucket, MIGRATIONS, self.folder / str(self.processes), manner)
        store: Any = Faulty(self.store, fault)
        dispatch: Any = Faulty(self.dispatch, fault)
        return OpenJobs(databases, store, dispatch, self.clock)

    def lose_the_ledger(self) -> None:
        self.dispatch = MemoryDispatch(self.store)

    def work(self, outcomes: dict[str, ReelError | Frozen] | None = None) -> None:
        """Let workers execute what they were handed, each job once."""
        for job, spec in list(self.dispatch.submitted.items()):
            record = self.dispatch.read(job).record
            if record.state == "queued":
                self.dispatch.ledger.claim(job)
                self.executed.append(job)
                told = (outcomes or {}).get(job) or made_by(spec)
                failed = isinstance(told, ReelError)
                self.commit(spec, Result(job, "failed", error=told.envelope()) if failed else done(job, told))
                self.dispatch.ledger.move(job, "fail" if failed else "commit")

    def commit(self, spec: Spec, result: Result) -> None:
        body = {"job": spec.job, "outcome": result.outcome, "value": result.value, "error": result.error}
        try:
            self.store.put(keys.result(spec.user, spec.job), json.dumps(body).encode(), create_only=True)
        except AlreadyExists:
            return

    def read(self, query: Callable[[sqlite3.Connection], Any], user: str = USER) -> Any:
        return self.process().databases.read(user, query)

    def write(self, command: Callable[[sqlite3.Connection], Any], user: str = USER) -> None:
        """Write as a request does."""

        def quiet(connection: sqlite3.Connection) -> Json:
            command(connection)
            return None

        self.process().databases.write(user, Operation(f"w{self.processes}", "", "POST /api/x"), quiet)

    def job(self, job: str) -> jobs.Job:
        return self.read(lambda connection: jobs.get(connection, job))

    @property
    def noted(self) -> list[str]:
        return [key.removeprefix("_active/").removesuffix(".json") for key in self.store.keys("_active/")]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.write(lambda connection: project(connection, 40, clip(900)))
    return made


def done(job: str, value: Frozen) -> Result:
    return Result(job, "done", value=value.model_dump(mode="json"))


def made_by(spec: Spec) -> Frozen:
    """Return what a job makes."""
    match spec:
        case FramingSpec():
            return framed(draft=spec.draft)
        case OverlaySpec():
            return overlaid(draft=spec.framing.draft)
        case _:
            return previewed()


def rows_of_an_export(connection: sqlite3.Connection) -> Json:
    """Add a draft, the framing, and the reel that waits for it."""
    now = "2026-05-17T06:40:00.000Z"
    jobs.add(connection, framing_spec(1, PROJECT, draft=True), now, made_of="h")
    jobs.add(connection, framing_spec(2, PROJECT), now, made_of="h", price_credits=5)
    reel_id, version = projects.next_version(connection, PROJECT, REEL)
    spec = overlay_spec(3, PROJECT, reel_id, version).model_copy(update={"framing": framing_spec(2, PROJECT)})
    jobs.add(connection, spec, now, made_of="r", waits_for=FRAMING)
    return None


def export(process: OpenJobs) -> None:
    """Ask for all three, as a request does."""
    with process.opening(USER, [DRAFT, FRAMING, OVERLAY]):
        process.databases.write(USER, Operation("export", "", "POST /api/x"), rows_of_an_export)


def brought_to_an_end(world: World, outcomes: dict[str, ReelError | Frozen] | None = None) -> None:
    """Let a home go on for as long as it takes."""
    for _ in range(4):
        world.clock.now_s += 61
        world.process().see_to_all()
        world.work(outcomes)
    world.clock.now_s += 601  # by now nothing that got no row is about to
    world.process().see_to_all()


def states(world: World) -> dict[str, str]:
    return {job.id: job.state for job in world.read(jobs.page).items}


def test_a_reel_waits_for_its_framing_and_is_made_then(world: World):
    process = world.process()
    export(process)
    assert set(world.dispatch.submitted) == {DRAFT, FRAMING}
    assert world.job(FRAMING).call_id == f"memory-{FRAMING}"
    assert (world.job(OVERLAY).waits_for, world.job(OVERLAY).call_id) == (FRAMING, None)
    assert process.settle(USER) == 0
    world.work()
    assert process.settle(USER) == 2
    assert set(world.dispatch.submitted) == {DRAFT, FRAMING, OVERLAY}
    assert world.job(OVERLAY).call_id == f"memory-{OVERLAY}"
    world.work()
    assert process.settle(USER) == 1
    assert process.settle(USER) == 0
    assert set(states(world).values()) == {"done"}
    assert world.read(lambda connection: reels.get(connection, REEL)).newest.job_id == OVERLAY
    assert world.noted == []


@pytest.mark.parametrize("what", ["killed before", "killed after", "away", "answer lost"])
@pytest.mark.parametrize("ledger", ["kept", "lost"])
def test_p1_p2_p8_an_accepted_export_ends_once_whatever_dies(
    tmp_path: Path, what: Literal["killed before", "killed after", "away", "answer lost"], ledger: str
):
    at = 0
    while True:
        world = World(tmp_path / str(at))
        world.write(lambda connection: project(connection, 40, clip(900)))
        fault = Fault(at, what)
        answered = carried_out(world, fault)
        if ledger == "lost":
            world.lose_the_ledger()
        brought_to_an_end(world)
        check_ended_once(world, answered=answered)
        if not fault.came:
            assert (at > 30, answered) == (True, True)
            return
        at += 1


def carried_out(world: World, fault: Fault) -> bool:
    """Export, work and settle in a process in which a fault comes; return whether the export was answered."""
    process, answered = world.process(fault), False
    try:
        export(process)
        answered = True
        for _ in range(3):
            world.work()
            process.settle(USER)
            process.see_to_all()
    except (Killed, ReelError):
        pass
    return answered


def check_ended_once(world: World, *, answered: bool) -> None:
    found = states(world)
    assert found == ({DRAFT: "done", FRAMING: "done", OVERLAY: "done"} if answered or found else {})
    if found:
        made = [world.read(lambda connection, job=job: framings.get(connection, job)) for job in (DRAFT, FRAMING)]
        assert [one.draft for one in made] == [True, False]
        reel = world.read(lambda connection: reels.get(connection, REEL))
        assert (reel.version_count, reel.newest.version, reel.newest.job_id) == (1, 1, OVERLAY)
    assert world.noted == []
    count = world.read(lambda connection: connection.execute("SELECT count(*) FROM framings").fetchone()[0])
    assert count == (2 if found else 0)


@pytest.mark.parametrize("what", ["killed before", "killed after", "away", "answer lost"])
def test_p4_a_cancelled_export_makes_nothing_whatever_dies(
    tmp_path: Path, what: Literal["killed before", "killed after", "away", "answer lost"]
):
    at = 0
    while True:
        world = World(tmp_path / str(at))
        world.write(lambda connection: project(connection, 40, clip(900)))
        export(world.process())
        world.write(lambda connection: [jobs.cancel(connection, job) for job in (DRAFT, FRAMING, OVERLAY)])
        fault = Fault(at, what)
        process = world.process(fault)
        try:
            process.start(USER)
            process.settle(USER)
        except (Killed, ReelError):
            pass
        if at % 2:
            world.lose_the_ledger()
        brought_to_an_end(world)
        assert set(states(world).values()) == {"cancelled"}
        assert (world.executed, world.noted) == ([], [])
        assert world.read(reels.page).items == ()
        if not fault.came:
            assert at > 8
            return
        at += 1


def test_a_second_request_for_what_is_there_leaves_nothing_on_the_list(world: World):
    with world.process().opening(USER, [uuid(8)]):
        pass
    assert world.noted == [uuid(8)]
    world.process().see_to_all()
    assert world.noted == [uuid(8)]
    world.clock.now_s += 601
    world.process().see_to_all()
    assert world.noted == []


def test_a_request_that_is_refused_leaves_nothing_on_the_list(world: World):
    with pytest.raises(StaleRevision), world.process().opening(USER, [uuid(8)]):
        raise StaleRevision
    assert world.noted == []


def test_p1_a_job_that_nobody_was_handed_is_handed_over_within_two_minutes(world: World):
    process = world.process()
    process.note(USER, [DRAFT, FRAMING, OVERLAY])
    world.write(rows_of_an_export)
    process.see_to_all()
    assert world.dispatch.submitted == {}  # whoever made the rows is just about to
    world.clock.now_s += 61
    world.process().see_to_all()
    assert set(world.dispatch.submitted) == {DRAFT, FRAMING}


def test_a_clock_that_jumped_back_keeps_no_job_waiting(world: World):
    world.process().note(USER, [DRAFT, FRAMING, OVERLAY])
    world.write(rows_of_an_export)
    world.clock.now_s -= 86_400
    world.process().see_to_all()
    assert set(world.dispatch.submitted) == {DRAFT, FRAMING}


def test_a_wiped_ledger_loses_nothing(world: World):
    export(world.process())
    world.work()
    world.lose_the_ledger()
    assert world.process().settle(USER) == 2  # their results stand
    world.lose_the_ledger()
    assert world.process().settle(USER) == 0
    assert set(world.dispatch.submitted) == {OVERLAY}
    brought_to_an_end(world)
    assert set(states(world).values()) == {"done"}


@pytest.mark.parametrize(
    ("ended", "state", "message"),
    [
        (NotAVideo("This half is no video."), "failed", "waited for failed: This half is no video."),
        (None, "cancelled", "waited for was cancelled"),
    ],
)
def test_a_reel_whose_framing_is_not_made_fails_and_says_why(
    world: World, ended: ReelError | None, state: str, message: str
):
    export(world.process())
    if ended is None:
        world.write(lambda connection: jobs.cancel(connection, FRAMING))
    else:
        world.work({FRAMING: ended})
    assert world.process().settle(USER) == (2 if ended is None else 3)
    overlay = world.job(OVERLAY)
    assert (world.job(FRAMING).state, overlay.state) == (state, "failed")
    assert overlay.error is not None
    assert overlay.error["code"] == "step_closed"
    assert message in str(overlay.error["message"])
    world.clock.now_s += 61
    world.process().see_to_all()
    assert OVERLAY not in world.dispatch.submitted


def test_a_reel_that_waits_can_be_cancelled_alone(world: World):
    export(world.process())
    world.write(lambda connection: jobs.cancel(connection, OVERLAY))
    assert world.process().settle(USER) == 1
    assert world.job(OVERLAY).state == "cancelled"
    brought_to_an_end(world)
    assert states(world) == {DRAFT: "done", FRAMING: "done", OVERLAY: "cancelled"}


def test_p4_a_cancel_that_comes_too_late_changes_nothing(world: World):
    export(world.process())
    world.work()
    world.write(lambda connection: jobs.cancel(connection, FRAMING))
    brought_to_an_end(world)
    assert states(world) == {DRAFT: "done", FRAMING: "done", OVERLAY: "done"}


def test_results_fold_in_twice_and_in_any_order_to_the_same_rows(world: World):
    export(world.process())
    one, other = world.process(), world.process()
    world.work()
    assert one.settle(USER) == 2
    version = world.bucket.fetch(keys.database(USER))
    assert other.settle(USER) == 0
    assert other.see_to_all() == 0
    assert world.bucket.fetch(keys.database(USER)) == version  # nothing to say, nothing written
    world.work()
    assert world.process().see_to_all() == 1
    check_ended_once(world, answered=True)


def test_of_two_that_settle_at_once_one_writes(world: World):
    """The second has looked before the first wrote."""
    export(world.process())
    world.work()
    other = world.process()
    rows = other.databases.read(USER, jobs.opened)
    ended = [look for row in rows if not isinstance(look := other._look(USER, row), str | None)]
    assert world.process().settle(USER) == 2
    before = world.bucket.fetch(keys.database(USER))
    assert other._fold(USER, rows, ended, None) == 0
    assert world.bucket.fetch(keys.database(USER)) == before


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"job": "x", "outcome": "done", "value": {}}'])
def test_a_result_that_cannot_be_read_is_a_failure(world: World, body: bytes):
    export(world.process())
    world.store.put(keys.result(USER, DRAFT), body)
    world.dispatch.ledger.claim(DRAFT)
    world.dispatch.ledger.move(DRAFT, "commit")
    assert world.process().settle(USER) == 1
    error = world.job(DRAFT).error
    assert error is not None
    assert (world.job(DRAFT).state, error["code"]) == ("failed", "internal")


def test_a_job_that_ended_in_the_ledger_alone_ends_as_that_says(world: World):
    export(world.process())
    world.dispatch.ledger.move(DRAFT, "fail", Internal("It broke.").envelope())
    assert world.process().settle(USER) == 1
    error = world.job(DRAFT).error
    assert error is not None
    assert (world.job(DRAFT).state, error["message"]) == ("failed", "It broke.")
    assert json.loads(world.store.read(keys.result(USER, DRAFT)))["outcome"] == "failed"


def test_a_user_who_is_gone_leaves_nothing_on_the_list(world: World):
    export(world.process())
    world.work()
    for key in list(world.bucket.keys(f"{USER}/")):
        world.bucket.delete(key)
    world.clock.now_s += 601
    assert world.process().see_to_all() == 0
    assert world.noted == []
    assert list(world.bucket.keys(f"{USER}/")) == []


def test_a_job_whose_row_is_gone_is_forgotten(world: World):
    export(world.process())
    world.work()
    world.write(lambda connection: connection.execute("DELETE FROM jobs"))
    world.clock.now_s += 601
    assert world.process().see_to_all() == 0
    assert (world.noted, world.read(lambda connection: framings.newest(connection, PROJECT, draft=True))) == ([], None)


def test_a_user_whose_database_is_damaged_keeps_nobody_waiting(world: World):
    export(world.process())
    world.work()
    world.process().note("adam", [uuid(9)])
    world.bucket.put(keys.database("adam"), b"no database")
    world.process().note("zoe", [uuid(10)])
    world.bucket.put(keys.database("zoe"), b"no database")
    assert world.process().see_to_all() == 2
    assert set(world.noted) == {OVERLAY, uuid(9), uuid(10)}


def test_clips_that_were_marked_before_are_snapped_when_ingest_settles(world: World):
    found: list[sources.Source] = []

    def uploaded(connection: sqlite3.Connection) -> None:
        found[:] = [source(connection, 10, game(connection))]
        clips.add(connection, provisional(20, found[0].id), "2026-05-17T06:40:00Z")
        jobs.add(connection, ingest_spec(4, found[0]), "2026-05-17T06:40:00Z")

    world.process().note(USER, [uuid(4)])
    world.write(uploaded)
    world.process().start(USER)
    ptsmap = {"step": [FRAME, 1], "runs": [len(FRAMES), 0]}
    world.store.put(keys.ptsmap(USER, found[0].game_id, found[0].id), json.dumps(ptsmap).encode())
    world.work({uuid(4): ingested()})
    assert world.process().settle(USER) == 1
    kept = world.read(lambda connection: clips.get(connection, uuid(20)))
    assert (kept.provisional, kept.clip.span.in_pts % FRAME, kept.clip.span.out_pts % FRAME) == (False, 0, 0)


def test_a_preview_is_handed_over_once_and_its_call_is_not_noted(world: World):
    process = world.process()
    with process.opening(USER, [uuid(5)]):
        world.write(lambda connection: jobs.add(connection, preview_spec(5, uuid(10)), "2026-05-17T06:40:00Z"))
    assert set(world.dispatch.submitted) == {uuid(5)}
    version = world.bucket.fetch(keys.database(USER))
    process.start(USER)
    assert world.bucket.fetch(keys.database(USER)) == version
    world.work()
    assert process.settle(USER) == 1
    assert world.job(uuid(5)).value is not None


def test_with_nothing_open_settling_is_one_request(world: World):
    process = world.process(fault := Fault(10**6, "away"))
    process.settle(USER)
    assert fault.count == 1


def test_a_job_is_accepted_though_the_ledger_is_away(world: World):
    class Away(MemoryDispatch):
        def submit(self, spec: Spec) -> str:
            raise StoreUnavailable

    process = replace(world.process(), dispatch=Away())
    export(process)
    assert states(world) == dict.fromkeys((DRAFT, FRAMING, OVERLAY), "queued")
    brought_to_an_end(world)
    assert set(states(world).values()) == {"done"}
