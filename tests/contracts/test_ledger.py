"""The contract of Ledger, held over every implementation."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from jobs.memory import MemoryLedger
from jobs.ports import Ledger, Progress, Record
from jobs.state import Event
from local.ledger import SqliteLedger
from local.ledger_file import LedgerFile
from reel.errors import IllegalMove, NotFound

LEDGERS: dict[str, Callable[[Path], Ledger]] = {
    "memory": lambda folder: MemoryLedger(),
    "sqlite": lambda folder: SqliteLedger(LedgerFile(folder / "jobs.sqlite")),
}
OF_MODAL = ("dict", "modal") if os.environ.get("MODAL_TOKEN_ID") else ("dict",)  # tests/contracts/conftest.py has them
JOB = Record(job="job", user="user", kind="framing")


@pytest.fixture(params=[*LEDGERS, *OF_MODAL])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Ledger:
    if request.param in OF_MODAL:
        return request.getfixturevalue(f"ledger_of_{request.param}")
    return LEDGERS[request.param](tmp_path)


@pytest.fixture
def running(ledger: Ledger) -> Ledger:
    ledger.create(JOB)
    ledger.claim("job")
    return ledger


def test_a_job_is_created_once(ledger: Ledger):
    assert ledger.create(JOB)
    assert ledger.read("job") == JOB
    assert not ledger.create(Record(job="job", user="another", kind="ingest", state="done"))
    assert ledger.read("job") == JOB
    assert ledger.create(Record(job="second", user="user", kind="ingest"))
    assert ledger.read("job") == JOB


def test_a_fresh_job_waits(ledger: Ledger):
    assert (JOB.state, JOB.attempt, JOB.progress, JOB.error) == ("queued", 0, Progress("queued"), None)


@pytest.mark.parametrize(
    "use",
    [
        lambda ledger: ledger.read("none"),
        lambda ledger: ledger.claim("none"),
        lambda ledger: ledger.move("none", "cancel"),
        lambda ledger: ledger.beat("none", 1, 0.0, Progress("rendering")),
    ],
)
def test_a_job_that_is_not_there_is_said(ledger: Ledger, use: Callable[[Ledger], Record]):
    ledger.create(JOB)
    with pytest.raises(NotFound) as caught:
        use(ledger)
    assert caught.value.details == {"job": "none"}


def test_each_claim_is_an_attempt_of_its_own(ledger: Ledger):
    ledger.create(JOB)
    first, second = ledger.claim("job"), ledger.claim("job")
    assert [(record.attempt, record.state) for record in (first, second)] == [(1, "running"), (2, "running")]
    assert ledger.read("job") == second


def test_claims_at_once_are_told_apart(ledger: Ledger):
    ledger.create(JOB)
    start = Barrier(8)

    def claim(_: int) -> list[int]:
        start.wait()
        return [ledger.claim("job").attempt for _ in range(25)]

    with ThreadPoolExecutor(8) as pool:
        attempts = [attempt for found in pool.map(claim, range(8)) for attempt in found]
    assert sorted(attempts) == list(range(1, 201))
    assert ledger.read("job").attempt == 200


def test_creating_at_once_succeeds_once(ledger: Ledger):
    start = Barrier(8)

    def create(number: int) -> bool:
        start.wait()
        return ledger.create(Record(job="job", user=f"user-{number}", kind="framing"))

    with ThreadPoolExecutor(8) as pool:
        created = list(pool.map(create, range(8)))
    assert created.count(True) == 1
    assert ledger.read("job").user == f"user-{created.index(True)}"


@pytest.mark.parametrize(
    ("events", "state"),
    [
        (["commit", "settle"], "done"),
        (["commit", "commit", "settle", "settle"], "done"),
        (["cancel", "stop"], "cancelled"),
        (["cancel", "commit", "settle"], "done"),  # what was committed stays
        (["commit", "cancel", "settle"], "done"),
        (["cancel", "cancel", "fail"], "failed"),
        (["fail"], "failed"),
    ],
)
def test_a_job_goes_from_state_to_state(running: Ledger, events: list[Event], state: str):
    for event in events:
        moved = running.move("job", event)
        assert running.read("job") == moved
    assert running.read("job").state == state


@pytest.mark.parametrize("event", ["claim", "stop", "settle", "commit"])
def test_what_cannot_be_changes_nothing(ledger: Ledger, event: Event):
    ledger.create(JOB)
    ledger.move("job", "fail", {"code": "internal"})
    before = ledger.read("job")
    with pytest.raises(IllegalMove):
        ledger.move("job", event)
    with pytest.raises(IllegalMove):
        ledger.claim("job")
    assert ledger.read("job") == before


def test_the_reason_is_kept(running: Ledger):
    assert running.move("job", "cancel").error is None
    failed = running.move("job", "fail", {"code": "out_of_memory", "message": "No."})
    assert failed.error == running.read("job").error == {"code": "out_of_memory", "message": "No."}


def test_a_beat_notes_progress(running: Ledger):
    progress = Progress("rendering", 3, 10, 1.5, 4.0)
    beaten = running.beat("job", 1, 12.5, progress)
    assert (beaten.progress, beaten.heartbeat_s, beaten.state) == (progress, 12.5, "running")
    assert running.read("job") == beaten


def test_an_older_attempt_is_not_heard(running: Ledger):
    running.claim("job")
    newest = running.beat("job", 2, 20.0, Progress("rendering", 1, 10))
    assert running.beat("job", 1, 30.0, Progress("rendering", 9, 10)) == newest
    assert running.read("job") == newest


@pytest.mark.parametrize("event", ["cancel", "commit", "stop"])
def test_a_late_beat_undoes_no_move(running: Ledger, event: Event):
    moved = running.move("job", event)
    assert running.beat("job", 1, 5.0, Progress("rendering", 1, 2)).state == moved.state


def test_a_new_attempt_begins_with_the_last_one_s_progress_in_sight(running: Ledger):
    running.beat("job", 1, 5.0, Progress("rendering", 7, 10))
    assert running.claim("job").progress == Progress("rendering", 7, 10)


def test_jobs_do_not_touch_each_other(running: Ledger):
    running.create(Record(job="other", user="user", kind="framing"))
    running.move("job", "fail", {"code": "internal"})
    assert running.read("other").state == "queued"


def test_what_is_written_comes_back_as_it_was(ledger: Ledger):
    error = {"code": "internal", "message": "Ä “quoted” line\n", "details": {"list": [1, 2.5, None, True]}}
    whole = Record("one", "ann", "preview", "running", 3, Progress("rendering", 5, 10, 0.1, 1e9), error, 12.000001)
    assert ledger.create(whole)
    assert ledger.read("one") == whole


@pytest.mark.parametrize("event", ["stop", "fail"])
def test_a_job_that_ended_hears_no_beat(ledger: Ledger, event: Event) -> None:
    ledger.create(Record(job="late", user="ann", kind="framing"))
    attempt = ledger.claim("late").attempt
    ended = ledger.move("late", event)
    assert ledger.beat("late", attempt, 99.0, Progress("rendering", 5, 9)) == ended
    assert ledger.read("late") == ended


def test_each_change_is_counted(ledger: Ledger):
    ledger.create(JOB)
    seen = [ledger.read("job")]
    seen.append(ledger.claim("job"))
    seen.append(ledger.beat("job", 1, 1.0, Progress("rendering", 1, 10)))
    seen.append(ledger.claim("job"))
    seen.append(ledger.move("job", "cancel"))
    seen.append(ledger.move("job", "stop"))
    assert [record.seq for record in seen] == [0, 1, 2, 3, 4, 5]
    assert ledger.read("job") == seen[-1]


def test_what_changes_nothing_is_not_counted(running: Ledger):
    before = running.claim("job")
    running.create(Record(job="job", user="another", kind="ingest"))
    running.beat("job", 1, 5.0, Progress("rendering", 9, 10))  # of an older attempt
    with pytest.raises(IllegalMove):
        running.move("job", "settle")
    assert running.read("job") == before
