"""A worker in this process, on a clock that stands still: real jobs, and what becomes of those that fail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from threading import Event

import pytest

from jobs.retries import Patience
from jobs.spec import FramingSpec, SourceRef
from local.folder import FolderStore
from media.synth import Match, write
from reel import keys
from reel.errors import AnswerLost, FfmpegFailed, OutOfMemory, ReelError, StorageFull, StoreUnavailable
from reel.geometry import Size
from tests.jobs.homes import USER, Clock, clip, framing, uuid
from tests.local.working import Place, preview

JOB = uuid(1)
KEY = "ann/games/one.mp4"


@pytest.fixture(scope="module")
def match(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of a match, 96×54, ten frames a second."""
    path = tmp_path_factory.mktemp("match") / "match.mp4"
    write(Match(size=Size(96, 54), rate=Fraction(10), duration_s=Fraction(1), players=2), path)
    return path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def place(tmp_path: Path, clock: Clock) -> Place:
    return Place(tmp_path, clock)


@pytest.fixture
def source(match: Path, place: Place) -> SourceRef:
    body = match.read_bytes()
    place.store.put(KEY, body)
    return SourceRef(id="one", key=KEY, sha256=hashlib.sha256(body).hexdigest())


def final(source: SourceRef, job: int = 1) -> FramingSpec:
    return framing([source], clip(0, 300), job=job, draft=False)


def failing(place: Place, *errors: ReelError) -> list[int]:
    """Let the network raise these errors, one in each of its first calls; return the list of its calls."""
    left, calls = list(errors), []

    def meanwhile() -> None:
        calls.append(1)
        if left:
            raise left.pop(0)

    place.network.meanwhile = meanwhile
    return calls


# Jobs that end


def test_a_preview_is_made(place: Place, source: SourceRef):
    place.dispatch.submit(preview(source))
    worker = place.worker()
    assert [worker.one(), worker.one()] == [True, False]
    assert place.outcome() == ("done", None)
    assert (place.record().state, place.record().attempt) == ("result", 1)
    assert place.queue.place(JOB) is None
    assert next(place.store.keys(f"{USER}/previews/"))
    assert [told.state for told in place.announce.told][-1] == "result"
    assert not worker.worn


def test_a_lane_s_worker_leaves_other_lanes_alone(place: Place, source: SourceRef):
    place.dispatch.submit(framing([source], clip(0, 300)))
    assert [place.worker(lane).one() for lane in ("heavy", "intake", "light")] == [False, False, True]
    assert place.outcome() == ("done", None)


def test_bad_input_is_never_tried_again(place: Place, source: SourceRef):
    place.dispatch.submit(preview(source, 1, pts=90_000))
    place.dispatch.submit(preview(source.model_copy(update={"key": "ann/games/none.mp4"}), 2))
    worker = place.worker()
    assert [worker.one(), worker.one(), worker.one()] == [True, True, False]
    assert [place.outcome(1), place.outcome(2)] == [("failed", "clip_outside_source"), ("failed", "source_gone")]
    assert [place.record(1).state, place.record(2).attempt] == ["failed", 1]
    ended = [told for told in place.announce.told if told.state == "failed"]
    assert ended == [place.record(1), place.record(2)]


def test_a_job_that_this_release_cannot_read_fails_with_a_reason(place: Place, source: SourceRef):
    place.dispatch.submit(preview(source))
    with place.file.writing() as connection:
        connection.execute("""update queue set spec = '{"kind": "of tomorrow"}'""")
    worker = place.worker()
    assert [worker.one() for _ in range(5)] == [True] * 4 + [False]
    assert place.outcome() == ("failed", "internal")
    assert place.record().state == "failed"


def test_a_job_that_has_a_result_is_not_made_again(place: Place, source: SourceRef):
    """The ledger was lost, and the job handed in anew."""
    place.store.put(
        keys.result(USER, JOB), b'{"job": "%s", "outcome": "done", "value": {"key": "k"}, "error": null}' % JOB.encode()
    )
    place.dispatch.submit(preview(source))
    assert place.worker().one()
    assert place.record().state == "result"
    assert list(place.store.keys(f"{USER}/previews/")) == []


def test_cancelled_just_before_it_began(place: Place, source: SourceRef):
    place.dispatch.submit(preview(source))
    worker = place.worker()
    taking = worker.queue.take

    class Late:
        """A queue whose job is cancelled in the moment that it is taken."""

        def __getattr__(self, name: str):
            return getattr(place.queue, name)

        def take(self, *given):
            found = taking(*given)
            place.ledger.move(JOB, "cancel")
            return found

    worker.queue = Late()  # type: ignore[assignment]
    assert worker.one()
    assert place.outcome() == ("cancelled", "cancelled")
    assert place.queue.place(JOB) is None


# Jobs that are tried again


def test_what_is_ours_is_tried_three_times_more_and_goes_on_from_its_segments(
    place: Place, source: SourceRef, clock: Clock
):
    place.patience = Patience(infra_s=(1.0, 10.0, 60.0))
    failing(place, *[FfmpegFailed("ffmpeg failed: no")] * 3)
    place.dispatch.submit(final(source))
    worker = place.worker("heavy")
    for wait_s in (1.0, 10.0, 60.0):
        assert worker.one()
        record = place.record()
        assert (record.state, record.progress.phase, record.error) == ("queued", "retry", None)
        assert not place.store.exists(keys.result(USER, JOB))
        clock.now_s += wait_s - 0.1
        assert not worker.one()
        clock.now_s += 0.1
    assert worker.one()
    assert place.outcome() == ("done", None)
    assert place.record().attempt == 4
    assert place.smaller == [False] * 4


def test_after_the_last_attempt_the_error_is_the_result(place: Place, source: SourceRef):
    calls = failing(place, *[FfmpegFailed("ffmpeg failed: no")] * 9)
    place.dispatch.submit(final(source))
    worker = place.worker("heavy")
    assert [worker.one() for _ in range(5)] == [True] * 4 + [False]
    assert place.outcome() == ("failed", "ffmpeg_failed")
    assert place.record().error == {
        "code": "ffmpeg_failed",
        "message": "ffmpeg failed: no",
        "details": {},
        "request_id": None,
    }
    assert len(calls) == 4


@pytest.mark.parametrize("fault", [OutOfMemory, StorageFull])
@pytest.mark.parametrize(("times", "ends"), [(1, "done"), (2, "failed")])
def test_what_was_too_large_is_tried_once_more_and_smaller(
    place: Place, source: SourceRef, fault: type[ReelError], times: int, ends: str
):
    failing(place, *[fault()] * times)
    place.dispatch.submit(final(source))
    worker = place.worker("heavy")
    assert [worker.one() for _ in range(3)] == [True, True, False]
    assert place.smaller == [False, True]
    assert place.outcome() == (ends, None if ends == "done" else fault.code)
    assert worker.worn == (fault is OutOfMemory), "its memory goes back with the process"


class Away(FolderStore):
    """A store that can be down, for all or for writing."""

    down: tuple[str, ...] = ()
    fault: type[ReelError] = StoreUnavailable

    def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
        self._answer("put")
        super().put(key, body, create_only=create_only)

    def put_file(self, key: str, path: Path, *, create_only: bool = False) -> None:
        self._answer("put_file")
        super().put_file(key, path, create_only=create_only)

    def exists(self, key: str) -> bool:
        self._answer("exists")
        return super().exists(key)

    def _answer(self, method: str) -> None:
        if method in self.down:
            raise self.fault


@pytest.mark.parametrize(
    ("fault", "down"),
    [
        (StoreUnavailable, ("exists", "put", "put_file")),
        (StoreUnavailable, ("put", "put_file")),
        (AnswerLost, ("put",)),
        (StorageFull, ("put", "put_file")),
        (StorageFull, ("put",)),
    ],
)
def test_a_store_that_is_down_makes_a_job_wait(
    place: Place,
    source: SourceRef,
    clock: Clock,
    tmp_path: Path,
    down: tuple[str, ...],
    fault: type[ReelError],
):
    """For longer than any count of attempts, and whatever of it is down."""
    place.patience = Patience(infra_s=(), store_s=(2.0, 30.0))
    store = place.store = Away(tmp_path / "objects")
    store.down, store.fault = down, fault
    place.dispatch.submit(final(source))
    worker = place.worker("heavy")
    for turn in range(4):
        clock.now_s += 40
        assert worker.one()
        assert place.record().state == "queued"
        phase = "retry" if (fault, turn) == (StorageFull, 0) else "storage_retry"  # it is full while it works
        assert place.record().progress.phase == phase
        assert not worker.one(), "it waits a while"
    store.down = ()
    clock.now_s += 40
    assert worker.one()
    assert place.outcome() == ("done", None)


# Jobs that have to stop


@pytest.fixture
def inside(place: Place):
    """Let the network stay inside its first call until the test is over; set once it is there."""
    there, leave = Event(), Event()

    def meanwhile() -> None:
        there.set()
        leave.wait(60)

    place.network.meanwhile = meanwhile
    yield there
    leave.set()


def test_a_job_is_cancelled_while_its_network_runs(place: Place, source: SourceRef, inside: Event):
    place.dispatch.submit(final(source))
    worker = place.worker("heavy", look_s=0.01)
    with place.presence.shown("one"), ThreadPoolExecutor(1) as pool:
        running = pool.submit(worker.one)
        assert inside.wait(60)
        assert place.dispatch.cancel(JOB).state == "cancelling"
        assert running.result(60)
    assert place.outcome() == ("cancelled", "cancelled")
    assert place.record().state == "cancelled"
    assert [*place.scratch.iterdir()] == []
    assert not worker.worn


def test_a_worker_that_is_told_to_stop_gives_its_job_back(place: Place, source: SourceRef, inside: Event):
    place.dispatch.submit(final(source))
    worker = place.worker("heavy", look_s=0.01)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(worker.work)
        assert inside.wait(60)
        worker.stopping.set()
        running.result(60)
    record = place.record()
    assert (record.state, record.attempt, record.error) == ("queued", 1, None)
    assert not place.store.exists(keys.result(USER, JOB))
    found = place.queue.place(JOB)
    assert found
    assert (found.owner, found.faults.infra) == (None, 0)
    place.network.meanwhile = lambda: None
    assert place.worker("heavy", "two").one()
    assert (place.outcome(), place.record().attempt) == (("done", None), 2)


def test_an_attempt_that_hangs_is_ended_at_its_wall(place: Place, source: SourceRef, clock: Clock, inside: Event):
    place.dispatch.submit(final(source))
    worker = place.worker("heavy", look_s=0.01, wall_s=100.0)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(worker.one)
        assert inside.wait(60)
        clock.now_s += 101
        assert running.result(60)
    assert place.outcome() == ("failed", "media_timeout")
    assert place.record().state == "failed"


def stubborn(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> tuple[Event, Event]:
    """Let a framing be a call that reports nothing and does not end; return what says that it began, and ends it."""
    there, leave = Event(), Event()

    def body(*given: object) -> None:
        there.set()
        leave.wait(60)
        raise AssertionError

    monkeypatch.setattr("jobs.run.BODIES", {"framing": body})
    return there, leave


@pytest.mark.parametrize("why", ["cancel", "stop", "overdue"])
def test_a_body_that_does_not_stop_is_left_behind(
    place: Place, source: SourceRef, clock: Clock, monkeypatch: pytest.MonkeyPatch, why: str
):
    there, leave = stubborn(monkeypatch, clock)
    place.dispatch.submit(final(source))
    worker = place.worker("heavy", look_s=0.01, grace_s=0.0, wall_s=100.0)
    tell: dict[str, Callable[[], object]] = {
        "cancel": lambda: place.ledger.move(JOB, "cancel"),
        "stop": worker.stopping.set,
        "overdue": lambda: setattr(clock, "now_s", clock.now_s + 101),
    }
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(worker.one)
        assert there.wait(60)
        tell[why]()
        assert running.result(60)
    assert worker.worn, "the process has to end"
    assert place.record().state == {"cancel": "cancelled", "stop": "queued", "overdue": "failed"}[why]
    before = place.record()
    leave.set()
    assert place.store.exists(keys.result(USER, JOB)) == (why != "stop")
    assert place.record() == before


def test_what_was_taken_away_from_a_worker_is_not_its_to_end(place: Place, source: SourceRef, clock: Clock):
    """It was silent for too long, and goes on: the newer attempt is heard, and neither its failure nor its return."""
    there, leave = Event(), Event()

    def meanwhile() -> None:
        there.set()
        leave.wait(60)
        raise FfmpegFailed

    place.network.meanwhile = meanwhile
    place.dispatch.submit(final(source))
    worker = place.worker("heavy", look_s=0.01, grace_s=1e9)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(worker.one)
        assert there.wait(60)
        place.sweeper.sweep()  # it does not live: nobody holds its name
        assert place.record().state == "queued"
        assert place.queue.take("heavy", "two", clock())
        place.ledger.claim(JOB)
        leave.set()
        assert running.result(60)
    found = place.queue.place(JOB)
    assert found
    assert (found.owner, found.record.state, found.record.attempt, found.faults.infra) == ("two", "running", 2, 1)
    assert not place.store.exists(keys.result(USER, JOB))


def test_a_worker_waits_for_a_ledger_that_is_away(place: Place, source: SourceRef, caplog: pytest.LogCaptureFixture):
    place.dispatch.submit(preview(source))
    worker = place.worker(look_s=0.01)
    take, times = place.queue.take, []

    class Flaky:
        """A queue that is away twice."""

        def __getattr__(self, name: str):
            return getattr(place.queue, name)

        def take(self, *given):
            times.append(1)
            if len(times) < 3:
                raise StoreUnavailable
            if len(times) > 3:
                worker.stopping.set()
            return take(*given)

    worker.queue = Flaky()  # type: ignore[assignment]
    worker.work()
    assert place.outcome() == ("done", None)
    assert len(caplog.records) == 2
