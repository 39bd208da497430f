"""Workers in processes of their own: killed, stopped, let go of, silent; and what holds them."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest

from jobs.ports import Record
from jobs.spec import FramingSpec, SourceRef
from local.lanes import Lane
from local.programs import REPLACE_ME, STOPPED, Process, Program, scrubbed
from local.sweeper import STALE_S
from local.workers import FIRST_WAIT_S, Workers
from media.synth import Match, write
from reel import keys
from reel.geometry import Size
from tests.jobs.homes import USER, Clock, clip, framing, uuid
from tests.local.working import Place, preview, until

JOB = uuid(1)
FRAMES = 3  # of each clip, so few that each is a segment: the first clip's are there when the network has its fourth


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.gate.touch()
    return place


@pytest.fixture
def source(place: Place) -> SourceRef:
    """A second of a match, 96×54, ten frames a second."""
    path = place.folder / "match.mp4"
    write(Match(size=Size(96, 54), rate=Fraction(10), duration_s=Fraction(1), players=2), path)
    body = path.read_bytes()
    place.store.put("ann/games/one.mp4", body)
    return SourceRef(id="one", key="ann/games/one.mp4", sha256=hashlib.sha256(body).hexdigest())


def two_clips(source: SourceRef) -> FramingSpec:
    return framing([source], clip(0, 300, id="a"), clip(500, 800, id="b"), draft=False)


def segments(place: Place) -> list[str]:
    return list(place.store.keys(f"{USER}/segments/"))


def value(place: Place) -> dict[str, object]:
    return json.loads(place.store.read(keys.result(USER, JOB)))["value"]


def has_ended(record: Record) -> bool:
    return record.state in {"result", "failed", "cancelled"}


def test_after_a_kill_the_next_worker_goes_on(place: Place, source: SourceRef):
    place.dispatch.submit(two_clips(source))
    with place.process(free=FRAMES) as process:
        until(place.met.exists)
        assert place.presence.is_there("one")
        place.sweeper.sweep()
        assert place.record().state == "running"
        process.kill()
        process.wait(30)
    assert place.record().state == "running"
    assert not place.presence.is_there("one")
    assert len(segments(place)) == FRAMES
    place.sweeper.sweep()
    found = place.queue.place(JOB)
    assert found
    assert (found.record.state, found.owner, found.faults.infra) == ("queued", None, 1)
    place.gate.unlink()
    assert place.worker("heavy", "two").one()
    assert place.outcome() == ("done", None)
    assert (value(place)["rendered_frames"], value(place)["reused_frames"]) == (FRAMES, FRAMES)
    assert place.record().attempt == 2


@pytest.mark.parametrize("how", ["stop", "let go"])
def test_a_worker_that_is_stopped_gives_its_job_back(place: Place, source: SourceRef, how: str):
    """Asked to, or because whoever held it was killed."""
    place.dispatch.submit(two_clips(source))
    with place.process(free=FRAMES) as process:
        until(place.met.exists)
        process.stop() if how == "stop" else process._leash.close()
        until(lambda: process.ended() is not None)
        assert process.ended() == STOPPED
    found = place.queue.place(JOB)
    assert found
    assert (found.record.state, found.record.attempt, found.owner, found.faults.infra) == ("queued", 1, None, 0)
    assert (len(segments(place)), place.store.exists(keys.result(USER, JOB))) == (FRAMES, False)
    assert [path for path in place.scratch.iterdir() if path.suffix != ".ini"] == []
    assert not place.presence.is_there("one")


def test_memory_has_a_limit(place: Place, source: SourceRef):
    if not sys.platform.startswith("linux"):
        return  # macOS knows no such limit
    place.dispatch.submit(two_clips(source))
    with place.process(memory_bytes=2 << 30) as process:
        until(lambda: process.ended() is not None)
        assert process.ended() == REPLACE_ME
    found = place.queue.place(JOB)
    assert found
    assert (found.record.state, found.faults.resource, found.faults.infra) == ("queued", 1, 0)


def test_no_secret_reaches_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("R2_SECRET_ACCESS_KEY", "of nobody")
    write_down = "import json, os, sys; open('seen', 'w').write(json.dumps([dict(os.environ), sys.stdin.readline()]))"
    process = Process(Program([sys.executable, "-c", write_down], scrubbed(tmp_path), tmp_path, b"told\n"))
    process.wait(30)
    environment, told = json.loads((tmp_path / "seen").read_text())
    assert "of nobody" not in json.dumps(environment)
    assert environment.keys() - {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"} == scrubbed(tmp_path).keys()
    assert (told, process.ended()) == ("told\n", 0)


# What holds them


@contextmanager
def held(place: Place, lanes: dict[Lane, int], free: int = 0) -> Iterator[Workers]:
    with Workers(lambda lane, name: place.program(lane, name, free), place.sweeper, lanes) as workers:
        yield workers


def test_workers_are_held_replaced_and_stopped(place: Place, source: SourceRef):
    place.dispatch.submit(two_clips(source))
    place.dispatch.submit(preview(source, 2))
    with held(place, {"heavy": 1, "light": 1}, free=FRAMES) as workers:
        until(lambda: has_ended(place.record(2)))  # the render, which stands at the gate, keeps nothing light waiting
        until(place.met.exists)
        (killed,) = [name for name in workers.pids() if name.startswith("heavy")]
        os.kill(workers.pids()[killed], signal.SIGKILL)
        until(lambda: place.record().attempt == 2)
        assert killed not in workers.pids()
        place.dispatch.submit(preview(source, 3))
        until(lambda: has_ended(place.record(3)))
        assert place.dispatch.read(JOB).record.state == "running"
        pids = list(workers.pids().values())
        assert len(pids) == 2
    assert (place.outcome(2), place.outcome(3)) == (("done", None), ("done", None))
    assert place.record().state == "queued", "it goes on when they are started again"
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    place.gate.unlink()
    assert place.worker("heavy").one()
    assert (place.outcome(), place.record().attempt) == (("done", None), 3)
    assert [*(place.folder / "workers").iterdir()] == []


def test_a_worker_that_is_silent_is_replaced(place: Place, source: SourceRef):
    place.dispatch.submit(two_clips(source))
    with held(place, {"heavy": 1}, free=FRAMES) as workers:
        until(place.met.exists)
        (silent,) = workers.pids().items()
        os.kill(silent[1], signal.SIGSTOP)
        with place.file.writing() as connection:
            connection.execute("update jobs set heartbeat_s = heartbeat_s - ?", [STALE_S])
        until(lambda: silent[0] not in workers.pids())
        place.gate.unlink()
        until(lambda: has_ended(place.record()))
    assert place.outcome() == ("done", None)
    assert value(place)["reused_frames"] == FRAMES


def test_a_program_that_crashes_at_once_is_not_started_over_and_over(place: Place, caplog: pytest.LogCaptureFixture):
    clock, begun = Clock(), place.folder / "begun"
    crash = Program(
        [sys.executable, "-c", f"open({str(begun)!r}, 'a').write('x'); raise SystemExit(3)"], {}, place.folder
    )

    def starts() -> int:
        return len(begun.read_text()) if begun.exists() else 0

    with Workers(lambda lane, name: crash, place.sweeper, {"heavy": 1}, clock):
        for number in range(1, 4):
            until(lambda: sum("ended with 3" in each.getMessage() for each in caplog.records) == number)  # noqa: B023
            assert starts() == number
            clock.now_s += FIRST_WAIT_S * 2 ** (number - 1)
        until(lambda: starts() == 4)


def test_a_program_that_is_not_there_is_said(place: Place, caplog: pytest.LogCaptureFixture):
    absent = Program([str(place.folder / "none")], {}, place.folder)
    with Workers(lambda lane, name: absent, place.sweeper, {"heavy": 1}):
        until(lambda: "no worker could be started" in caplog.text)
