"""How any job is executed: its states, its progress, its end. Bodies here do as little as shows it."""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import av.error
import pytest

from jobs.memory import MemoryLedger, MemoryStore
from jobs.ports import Progress, Record
from jobs.run import ANNOUNCE_S, Result, read_result
from jobs.spec import FramingSpec, Frozen, SourceRef
from jobs.state import Event as Move
from jobs.tools import Report, Tools
from reel import keys
from reel.errors import AnswerLost, Cancelled, ClipOutsideSource, IllegalMove, Json, StorageFull, StoreUnavailable
from tests.jobs.homes import USER, Clock, Enlarger, Home, clip, framing, uuid
from tests.media.footage import numbered

JOB = uuid(1)
SPEC = framing([SourceRef(id="one", key="ann/games/one.mp4", sha256="a" * 64)], clip(0, 400))


class Made(Frozen):
    """What the bodies of these tests return."""

    number: int = 7


Body = Callable[[FramingSpec, Tools, Report], Made]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, clock=Clock())


@pytest.fixture
def body(monkeypatch: pytest.MonkeyPatch) -> Callable[[Body], None]:
    """Let a framing be something that the test can watch."""

    def replace(one: Body) -> None:
        monkeypatch.setattr("jobs.run.BODIES", {"framing": one})

    return replace


def raising(error: Exception) -> Body:
    def fail(spec: FramingSpec, tools: Tools, report: Report) -> Made:
        raise error

    return fail


def committed(home: Home) -> dict[str, Any]:
    return json.loads(home.store.read(keys.result(USER, JOB)))


# How it ends


def test_a_job_that_is_done(home: Home, body: Callable[[Body], None]) -> None:
    body(lambda spec, tools, report: Made(number=len(spec.clips)))
    result = home.run(SPEC)
    assert result == Result(JOB, "done", {"number": 1}) == read_result(SPEC, home.tools)
    assert committed(home) == {"job": JOB, "outcome": "done", "value": {"number": 1}, "error": None}
    record = home.ledger.read(JOB)
    assert (record.state, record.attempt, record.user, record.kind) == ("result", 1, USER, "framing")
    assert [told.state for told in home.announce.told] == ["running", "result"]


@pytest.mark.parametrize(
    ("surprise", "code"),
    [
        (ClipOutsideSource(clip="a"), "clip_outside_source"),
        (StorageFull(), "storage_full"),
        (OSError(errno.ENOSPC, "No space left on device"), "storage_full"),
        (OSError(errno.EDQUOT, "Quota exceeded"), "storage_full"),
        (av.error.OSError(errno.ENOSPC, "No space left on device"), "storage_full"),
        (MemoryError(), "out_of_memory"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "out_of_memory"),
        (av.error.MemoryError(errno.ENOMEM, "Cannot allocate memory"), "out_of_memory"),
    ],
    ids=repr,
)
def test_a_failure_has_a_name(
    home: Home, body: Callable[[Body], None], surprise: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    body(raising(surprise))
    result = home.run(SPEC)
    assert (result.outcome, result.value) == ("failed", None)
    assert result.error is not None
    assert result.error["code"] == code
    assert result.error.keys() == {"code", "message", "details", "request_id"}
    assert committed(home)["error"] == result.error == home.ledger.read(JOB).error
    assert home.ledger.read(JOB).state == "failed"
    assert caplog.records == []


def test_a_surprise_is_internal_and_stands_in_the_log(
    home: Home, body: Callable[[Body], None], caplog: pytest.LogCaptureFixture
) -> None:
    body(raising(ZeroDivisionError("x" * 1000)))
    with caplog.at_level(logging.ERROR):
        result = home.run(SPEC)
    assert result.error is not None
    assert (result.error["code"], result.error["details"]) == ("internal", {"reason": "x" * 500})
    assert "ZeroDivisionError" in str(result.error["message"])
    (logged,) = caplog.records
    assert JOB in logged.getMessage()
    assert logged.exc_info is not None


def test_a_job_that_ended_is_not_run_again(home: Home, body: Callable[[Body], None]) -> None:
    body(raising(ClipOutsideSource()))
    first = home.run(SPEC)
    body(lambda spec, tools, report: Made())
    assert home.run(SPEC) == first
    elsewhere = Home(home.scratch, home.store)
    assert elsewhere.run(SPEC) == first, "the result decides, not the ledger"


# Attempts


def test_an_attempt_after_one_that_died_counts_on(home: Home, body: Callable[[Body], None]) -> None:
    body(lambda spec, tools, report: Made())
    home.ledger.create(Record(job=JOB, user=USER, kind="framing"))
    home.ledger.claim(JOB)
    assert home.run(SPEC).outcome == "done"
    assert home.ledger.read(JOB).attempt == 2


@pytest.mark.parametrize("ends", [("done", "done"), ("done", "failed"), ("failed", "failed")])
def test_of_two_attempts_at_once_one_commits_and_both_say_so(
    home: Home, body: Callable[[Body], None], ends: tuple[str, str]
) -> None:
    together, numbers = Barrier(2), iter(range(2))

    def meet(spec: FramingSpec, tools: Tools, report: Report) -> Made:
        number = next(numbers)
        together.wait(10)
        if ends[number] == "failed":
            raise ClipOutsideSource(attempt=number)
        return Made(number=number)

    body(meet)
    with ThreadPoolExecutor(2) as pool:
        first, second = (each.result() for each in [pool.submit(home.run, SPEC) for _ in range(2)])
    assert first == second == read_result(SPEC, home.tools)
    assert home.ledger.read(JOB).state == {"done": "result", "failed": "failed"}[first.outcome]


def test_a_job_may_end_while_it_is_claimed(home: Home, body: Callable[[Body], None]) -> None:
    runs: list[int] = []

    class Slow(MemoryLedger):
        """A ledger that is so slow that the job is over before it answers."""

        def claim(self, job: str) -> Record:
            Home(home.scratch, home.store, self._quick()).run(SPEC)
            return super().claim(job)

        def _quick(self) -> MemoryLedger:
            return MemoryLedger(self._records, self._lock)

    def count(spec: FramingSpec, tools: Tools, report: Report) -> Made:
        runs.append(1)
        return Made()

    body(count)
    home.ledger = Slow()
    assert home.run(SPEC) == Result(JOB, "done", {"number": 7})
    assert runs == [1]


def test_a_ledger_that_closed_a_job_without_a_result_is_believed(home: Home, body: Callable[[Body], None]) -> None:
    body(lambda spec, tools, report: Made())
    home.ledger.create(Record(job=JOB, user=USER, kind="framing"))
    home.ledger.move(JOB, "fail")
    with pytest.raises(IllegalMove):
        home.run(SPEC)


def test_a_result_that_cannot_be_stored_leaves_the_job_to_the_next_attempt(
    home: Home, body: Callable[[Body], None]
) -> None:
    class Full(MemoryStore):
        """A store that takes nothing."""

        def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
            raise StorageFull(key=key)

    body(lambda spec, tools, report: Made())
    full = Home(home.scratch, Full(), home.ledger)
    with pytest.raises(StorageFull):
        full.run(SPEC)
    assert home.ledger.read(JOB).state == "running"
    assert home.run(SPEC).outcome == "done"
    assert home.ledger.read(JOB).attempt == 2


@pytest.mark.parametrize("applied", [True, False])
def test_a_result_whose_answer_was_lost_is_asked_for_again(
    home: Home, body: Callable[[Body], None], applied: bool
) -> None:
    class Forgetful(MemoryStore):
        """A store whose first answer gets lost, with what was asked done or not."""

        answered = False

        def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
            if self.answered or applied:
                super().put(key, body, create_only=create_only)
            if not self.answered:
                self.answered = True
                raise AnswerLost(key=key)

    body(lambda spec, tools, report: Made())
    forgetful = Home(home.scratch, Forgetful(), home.ledger)
    assert forgetful.run(SPEC).outcome == "done"
    assert committed(forgetful)["outcome"] == "done"
    assert home.ledger.read(JOB).state == "result"


# Cancelling


@pytest.mark.parametrize("moves", [("cancel",), ("claim", "cancel")])
def test_cancelled_before_it_began_it_ends_so(
    home: Home, body: Callable[[Body], None], moves: tuple[Move, ...]
) -> None:
    """While it waited, or in an attempt that died before it noticed."""
    body(raising(AssertionError()))
    home.ledger.create(Record(job=JOB, user=USER, kind="framing"))
    for move in moves:
        home.ledger.move(JOB, move)
    result = home.run(SPEC)
    assert (result.outcome, result.value, committed(home)["outcome"]) == ("cancelled", None, "cancelled")
    assert home.ledger.read(JOB).state == "cancelled"


def test_cancelled_while_it_runs(home: Home, body: Callable[[Body], None]) -> None:
    def work(spec: FramingSpec, tools: Tools, report: Report) -> Made:
        report(phase="rendering", done=0, total=2)
        tools.ledger.move(spec.job, "cancel")
        report(done=1)
        raise AssertionError("it went on")

    body(work)
    result = home.run(SPEC)
    assert (result.outcome, result.error) == ("cancelled", Cancelled().envelope())
    assert home.ledger.read(JOB).state == "cancelled"


def test_what_was_committed_stays(home: Home, body: Callable[[Body], None]) -> None:
    def too_late(spec: FramingSpec, tools: Tools, report: Report) -> Made:
        tools.ledger.move(spec.job, "cancel")
        return Made()

    body(too_late)
    assert home.run(SPEC).outcome == "done"
    assert home.ledger.read(JOB).state == "result"


def test_a_framing_is_cancelled_while_its_network_runs(tmp_path: Path) -> None:
    """It ends while the network is still inside a call, and nothing half-made is left of it."""
    leave, left = Event(), Event()
    home = Home(tmp_path / "scratch")
    home.scratch.mkdir()

    def meanwhile() -> None:
        if len(home.network.seen) == 3:
            home.ledger.move(JOB, "cancel")
            leave.wait(30)
            left.set()

    home.network = Enlarger(meanwhile=meanwhile)
    spec = framing([home.adopt(numbered(tmp_path / "one.mp4", frames=20))], clip(0, 800), draft=False)
    result = home.run(spec)
    assert (result.outcome, left.is_set()) == ("cancelled", False)
    assert [*home.scratch.iterdir()] == []
    assert home.segments() == {}
    assert not home.store.exists(spec.output_key)
    leave.set()
    assert left.wait(30)
    assert len(home.network.seen) == 3, "it was not asked again"


# Progress


def test_progress_counts_frames_and_never_goes_back(home: Home, body: Callable[[Body], None]) -> None:
    clock = home.clock
    assert isinstance(clock, Clock)

    def work(spec: FramingSpec, tools: Tools, report: Report) -> Made:
        report(phase="planning")
        clock.now_s += 3
        report(phase="rendering", done=40, total=100)
        for done in (41, 45, 50, 44, 60):
            clock.now_s += 1
            report(done=done)
        clock.now_s += 1
        report(phase="joining")
        clock.now_s += 1
        report()
        return Made()

    body(work)
    home.run(SPEC)
    told = [record.progress for record in home.announce.told if record.state == "running"]
    assert told[:-1] == [
        Progress("planning"),
        Progress("rendering", 40, 100),  # what was there already is done, but says nothing of the pace
        Progress("rendering", 41, 100, 1.0, 59.0),
        Progress("rendering", 45, 100, 2.5, 22.0),
        Progress("rendering", 50, 100, 10 / 3, 15.0),
        Progress("rendering", 50, 100, 2.5, 20.0),
        Progress("rendering", 60, 100, 4.0, 10.0),
        Progress("joining", 60, 100),
        Progress("joining", 60, 100),
    ]
    assert home.announce.told[-1].progress == told[-1], "the last of it stays in the ledger"


def test_a_phase_that_names_a_total_counts_anew(home: Home, body: Callable[[Body], None]) -> None:
    def work(spec: FramingSpec, tools: Tools, report: Report) -> Made:
        report(phase="indexing", done=9, total=9)
        report(phase="listening", total=4)
        return Made()

    body(work)
    home.run(SPEC)
    assert [record.progress.done for record in home.announce.told[:2]] == [9, 0]


def test_nobody_is_told_more_often_than_need_be(home: Home, body: Callable[[Body], None]) -> None:
    clock = home.clock
    assert isinstance(clock, Clock)

    def work(spec: FramingSpec, tools: Tools, report: Report) -> Made:
        report(phase="rendering", total=1000)
        for done in range(1000):
            clock.now_s += 0.01
            report(done=done)
        return Made()

    body(work)
    home.run(SPEC)
    beats = [record.heartbeat_s for record in home.announce.told if record.state == "running"]
    assert len(beats) == 1 + round(10 / ANNOUNCE_S)
    assert all(after - before >= ANNOUNCE_S - 1e-9 for before, after in pairwise(beats[:-1]))


def test_a_framing_s_progress_never_goes_back(tmp_path: Path) -> None:
    class Ticking(Clock):
        """A clock that goes on by itself, so that all is told."""

        def __call__(self) -> float:
            self.now_s += 1
            return self.now_s

    home = Home(tmp_path, clock=Ticking())
    source = home.adopt(numbered(tmp_path / "one.mp4", frames=20))
    home.done(framing([source], clip(0, 240), clip(400, 640, transition_in="fade")))
    told = [record.progress for record in home.announce.told]
    assert list(dict.fromkeys(each.phase for each in told)) == ["planning", "rendering", "joining"]
    assert all(before.done <= after.done for before, after in pairwise(told))
    assert next(each.total for each in told if each.phase != "planning") == told[-1].total == told[-1].done == 15
    assert all(each.fps and each.fps > 0 for each in told if each.phase == "rendering" and each.done)


def test_the_heart_beats_while_the_body_is_busy(
    home: Home, body: Callable[[Body], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    third = Event()

    class Heard(MemoryLedger):
        beats = 0

        def beat(self, job: str, attempt: int, now_s: float, progress: Progress) -> Record:
            self.beats += 1
            if self.beats == 3:
                third.set()
            return super().beat(job, attempt, now_s, progress)

    def busy(spec: FramingSpec, tools: Tools, report: Report) -> Made:
        assert third.wait(30)  # without a single report
        return Made()

    monkeypatch.setattr("jobs.run.HEARTBEAT_S", 0.01)
    home.ledger = Heard()
    body(busy)
    assert home.run(SPEC).outcome == "done"


# A ledger is a cache


class Away(MemoryLedger):
    """A ledger that a job was begun in and that then went away."""

    def beat(self, job: str, attempt: int, now_s: float, progress: Progress) -> Record:
        raise StoreUnavailable

    def move(self, job: str, event: Move, error: dict[str, Json] | None = None) -> Record:
        raise StoreUnavailable

    def read(self, job: str) -> Record:
        if self._records and self._records[job].attempt:
            raise StoreUnavailable
        return super().read(job)


def test_a_ledger_that_is_away_loses_nothing(home: Home, body: Callable[[Body], None]) -> None:
    def work(spec: FramingSpec, tools: Tools, report: Report) -> Made:
        report(phase="rendering", total=2)
        report(done=2)
        return Made()

    body(work)
    home.ledger = Away()
    assert home.run(SPEC) == Result(JOB, "done", {"number": 7}) == read_result(SPEC, home.tools)


def test_a_ledger_that_forgot_the_job_loses_nothing(home: Home, body: Callable[[Body], None]) -> None:
    ledger = MemoryLedger()

    def work(spec: FramingSpec, tools: Tools, report: Report) -> Made:
        ledger._records.clear()
        report(phase="rendering", done=1, total=2)
        return Made()

    body(work)
    home.ledger = ledger
    assert home.run(SPEC).outcome == "done"
