"""The queue: what is handed in, whose turn it is, what is cancelled, and what is seen to when workers die."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.memory import MemoryStore
from jobs.ports import Progress
from jobs.retries import Again, Faults, Patience, again
from jobs.spec import CompileSpec, ExtractSpec, IngestSpec, OverlaySpec, SourceRef, Spec
from local.lanes import Lane, lane_of
from local.sweeper import STALE_S
from reel import keys
from reel.errors import NotFound, ReelError, StoreUnavailable, by_code
from tests.jobs.homes import USER, Clock, clip, framing, uuid
from tests.local.working import Place, preview

SOURCE = SourceRef(id="one", key="ann/games/one.mp4", sha256="a" * 64)
JOB = uuid(1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def place(tmp_path: Path, clock: Clock) -> Place:
    return Place(tmp_path, clock)


def taken(place: Place, lane: Lane = "light", worker: str = "one") -> str | None:
    found = place.queue.take(lane, worker, place.clock())
    return found.job if found else None


def begin(place: Place, worker: str = "one") -> None:
    """Let a worker begin the job, without living."""
    assert taken(place, worker=worker) == JOB
    place.ledger.claim(JOB)


def result(place: Place, body: bytes) -> None:
    place.store.put(keys.result(USER, JOB), body)


# Lanes and turns


def specs() -> list[tuple[Spec, Lane]]:
    draft, final = framing([SOURCE], clip(0, 400)), framing([SOURCE], clip(0, 400), draft=False)
    about: dict[str, Any] = {"user": USER, "job": JOB}
    return [
        (preview(SOURCE), "light"),
        (draft, "light"),
        (ExtractSpec(**about, clip=uuid(2), source=SOURCE, time_base=(1, 1000), in_pts=0, out_pts=9), "light"),
        (OverlaySpec(**about, reel=uuid(3), version=1, framing=draft, clips=()), "light"),
        (OverlaySpec(**about, reel=uuid(3), version=1, framing=final, clips=()), "heavy"),
        (final, "heavy"),
        (CompileSpec(**about, sources=(SOURCE,), clips=()), "heavy"),
        (IngestSpec(**about, game=uuid(4), source=SOURCE), "intake"),
    ]


@pytest.mark.parametrize(("spec", "lane"), specs(), ids=lambda each: getattr(each, "kind", each))
def test_a_job_waits_in_its_lane(place: Place, spec: Spec, lane: Lane):
    assert lane_of(spec) == lane
    assert place.dispatch.submit(spec) == f"local-{JOB}"
    others: list[Lane] = [each for each in ("heavy", "intake", "light", "window") if each != lane]
    assert [taken(place, each) for each in others] == [None] * len(others)
    found = place.queue.take(lane, "one", 0.0)
    assert found
    assert type(spec).model_validate_json(found.spec) == spec


def test_users_take_turns_and_each_one_s_oldest_comes_first(place: Place):
    order = [("ann", 1), ("ann", 2), ("ann", 3), ("bob", 4), ("cem", 5), ("bob", 6)]
    for user, number in order:
        place.dispatch.submit(preview(SOURCE, number, user))
    assert [taken(place) for _ in order] == [uuid(number) for number in (1, 4, 5, 2, 6, 3)]
    place.dispatch.submit(preview(SOURCE, 7, "ann"))
    place.dispatch.submit(preview(SOURCE, 8, "dan"))  # who comes for the first time is not served last
    assert [taken(place) for _ in range(3)] == [uuid(8), uuid(7), None]


def test_a_turn_in_one_lane_is_none_in_another(place: Place):
    for number, user in ((1, "ann"), (2, "bob")):
        place.dispatch.submit(framing([SOURCE], clip(0, 400), job=number, draft=False, user=user))
        place.dispatch.submit(preview(SOURCE, number + 10, user))
    assert [taken(place, "heavy"), taken(place, "light")] == [uuid(1), uuid(11)]


def test_a_job_is_handed_in_once(place: Place):
    assert [place.dispatch.submit(preview(SOURCE)) for _ in range(3)] == [f"local-{JOB}"] * 3
    assert [taken(place), taken(place)] == [JOB, None]
    place.dispatch.submit(preview(SOURCE))
    assert taken(place) is None, "someone has it"
    place.queue.close(JOB, "done", None)
    place.dispatch.submit(preview(SOURCE))
    assert taken(place) is None, "it has ended"
    assert place.record().state == "result"


def test_a_job_that_is_put_off_waits_and_lets_others_go_first(place: Place, clock: Clock):
    for number in (1, 2):
        place.dispatch.submit(preview(SOURCE, number))
    begin(place)
    assert place.queue.give_back(JOB, "one", Again(10.0, "retry", Faults(1)), clock())
    assert [taken(place), taken(place)] == [uuid(2), None]
    clock.now_s += 9.9
    assert taken(place) is None
    clock.now_s += 0.1
    assert taken(place) == JOB


def test_a_clock_that_began_anew_hides_no_job(place: Place, clock: Clock):
    clock.now_s = 1e7
    place.dispatch.submit(preview(SOURCE))
    begin(place)
    place.queue.give_back(JOB, "one", Again(60.0, "retry", Faults(1)), clock())
    clock.now_s = 5.0  # the machine was started again
    assert taken(place) == JOB
    assert not place.dispatch.read(JOB).stale


def test_nobody_gives_back_what_another_has(place: Place):
    place.dispatch.submit(preview(SOURCE))
    begin(place)
    assert place.queue.give_back(JOB, "two", Again(0.0, "retry", Faults(1)), 0.0) is None
    assert (place.record().state, taken(place)) == ("running", None)


def test_a_ledger_that_was_lost_is_filled_again(place: Place, tmp_path: Path):
    place.dispatch.submit(preview(SOURCE))
    place.file.close()
    for path in tmp_path.glob("jobs.sqlite*"):
        path.unlink()
    found = Place(tmp_path)
    with pytest.raises(NotFound):
        found.dispatch.read(JOB)
    assert found.dispatch.submit(preview(SOURCE)) == f"local-{JOB}"
    assert taken(found) == JOB


# How it stands


def test_a_job_that_waits_has_no_heart(place: Place):
    with pytest.raises(NotFound):
        place.dispatch.read(JOB)
    place.dispatch.submit(preview(SOURCE))
    standing = place.dispatch.read(JOB)
    assert (standing.record.state, standing.heartbeat_age_s, standing.stale) == ("queued", None, False)


def test_the_age_of_the_last_beat_is_told(place: Place, clock: Clock):
    place.dispatch.submit(preview(SOURCE))
    with place.presence.shown("one"):
        begin(place)
        clock.now_s += 7
        assert place.dispatch.read(JOB).heartbeat_age_s == 7
        place.ledger.beat(JOB, 1, clock(), Progress("rendering"))
        clock.now_s += 2
        standing = place.dispatch.read(JOB)
    assert (standing.heartbeat_age_s, standing.stale, standing.record.attempt) == (2, False, 1)


def test_a_read_finds_a_job_whose_worker_is_silent(place: Place, clock: Clock):
    """However broken the sweeper is."""
    place.dispatch.submit(preview(SOURCE))
    with place.presence.shown("one"):
        begin(place)
        clock.now_s += STALE_S - 0.1
        assert place.dispatch.read(JOB).record.state == "running"
        assert place.sweeper.sweep() == []
        clock.now_s += 0.1
        standing = place.dispatch.read(JOB)
    assert (standing.record.state, standing.record.progress.phase) == ("queued", "retry")
    assert taken(place, worker="two") == JOB


def test_the_sweeper_names_who_is_silent(place: Place, clock: Clock):
    place.dispatch.submit(preview(SOURCE))
    with place.presence.shown("one"):
        begin(place)
        clock.now_s += STALE_S
        assert place.sweeper.sweep() == ["one"]
        assert place.sweeper.sweep() == []
    assert taken(place, worker="two") == JOB


# Cancelling


def test_a_waiting_job_is_cancelled_at_once(place: Place):
    place.dispatch.submit(preview(SOURCE))
    assert place.dispatch.cancel(JOB).state == "cancelled"
    assert place.outcome() == ("cancelled", "cancelled")
    assert taken(place) is None
    assert place.dispatch.cancel(JOB).state == "cancelled"
    place.dispatch.submit(preview(SOURCE))
    assert taken(place) is None


def test_a_job_that_waits_for_another_attempt_is_cancelled_at_once(place: Place):
    place.dispatch.submit(preview(SOURCE))
    begin(place)
    place.queue.give_back(JOB, "one", Again(60.0, "storage_retry", Faults()), place.clock())
    assert place.dispatch.cancel(JOB).state == "cancelled"
    assert place.outcome() == ("cancelled", "cancelled")


def test_a_worker_that_lives_stops_its_job_itself(place: Place):
    place.dispatch.submit(preview(SOURCE))
    with place.presence.shown("one"):
        begin(place)
        assert place.dispatch.cancel(JOB).state == "cancelling"
        assert not place.store.exists(keys.result(USER, JOB))
    assert place.dispatch.read(JOB).record.state == "cancelled", "and one that died is spoken for"
    assert place.outcome() == ("cancelled", "cancelled")


def test_what_was_committed_is_not_cancelled(place: Place):
    place.dispatch.submit(preview(SOURCE))
    begin(place)
    result(place, b'{"job": "%s", "outcome": "done", "value": {"key": "k"}, "error": null}' % JOB.encode())
    assert place.dispatch.cancel(JOB).state == "result"
    assert place.dispatch.cancel(JOB).state == "result"
    assert place.outcome() == ("done", None)


# What the dead left


def test_a_job_that_was_taken_and_not_begun_goes_on_without_a_fault(place: Place):
    place.dispatch.submit(preview(SOURCE))
    for _ in range(10):
        assert taken(place, worker="dead") == JOB
        place.sweeper.sweep()
    assert place.record().attempt == 0


def test_a_job_whose_workers_die_again_and_again_is_lost(place: Place, clock: Clock):
    place.patience = Patience(infra_s=(1.0, 10.0, 60.0))
    place.dispatch.submit(preview(SOURCE))
    for wait_s in (1.0, 10.0, 60.0):
        begin(place, "dead")
        place.sweeper.sweep()
        assert place.record().state == "queued"
        clock.now_s += wait_s - 0.5
        assert taken(place) is None
        clock.now_s += 0.5
    begin(place, "dead")
    place.sweeper.sweep()
    record = place.record()
    assert (record.state, record.attempt) == ("failed", 4)
    assert record.error
    assert (record.error["code"], record.error["details"]) == ("lost", {"attempts": 4})
    assert place.outcome() == ("failed", "lost")
    assert [told.state for told in place.announce.told][-1] == "failed"


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (b'{"job": "%s", "outcome": "done", "value": {"key": "k"}, "error": null}', "result"),
        (b'{"job": "%s", "outcome": "failed", "value": null, "error": {"code": "no_clips"}}', "failed"),
        (b'{"job": "%s", "outcome": "cancelled", "value": null, "error": {"code": "cancelled"}}', "cancelled"),
        (b"{", "failed"),
    ],
)
def test_the_result_decides(place: Place, body: bytes, state: str):
    """The worker died after its commit, before it told the ledger."""
    place.dispatch.submit(preview(SOURCE))
    begin(place, "dead")
    result(place, body % JOB.encode() if b"%" in body else body)
    place.sweeper.sweep()
    assert place.record().state == state
    assert taken(place) is None
    assert place.queue.place(JOB) is None


def test_a_job_that_the_ledger_ended_without_a_result_gets_one(place: Place):
    place.dispatch.submit(preview(SOURCE))
    begin(place, "dead")
    place.ledger.move(JOB, "commit")
    place.sweeper.sweep()
    assert place.outcome() == ("failed", "internal")
    assert place.record().state == "failed"


class Away(MemoryStore):
    """A store that can be down."""

    down = True

    def exists(self, key: str) -> bool:
        if self.down:
            raise StoreUnavailable
        return super().exists(key)


def test_while_the_store_is_down_everything_waits(tmp_path: Path, clock: Clock):
    place, store = Place(tmp_path, clock), Away()
    place.store = store
    for number in (1, 2):
        place.dispatch.submit(preview(SOURCE, number))
    begin(place, "dead")
    with pytest.raises(StoreUnavailable):
        place.sweeper.sweep()
    assert place.dispatch.read(JOB).record.state == "running"
    assert place.dispatch.cancel(uuid(2)).state == "cancelled"
    store.down = False
    place.sweeper.sweep()
    assert place.record().state == "queued"
    assert place.outcome(2) == ("cancelled", "cancelled")


# Classes of errors


@pytest.mark.parametrize("code", by_code())
def test_each_class_of_errors_is_tried_again_as_often_as_it_may_help(code: str):
    patience, faults, tries = Patience(store_most_s=0.0), Faults(), 0
    while next_time := again(code, faults, 0.0, patience):
        faults, tries = next_time.faults, tries + 1
    assert tries == {"never": 0, "once_smaller": 1, "backoff": 3}[by_code()[code].retry]


def test_faults_of_one_class_do_not_use_up_another_s(place: Place):
    patience = Patience()
    first = again("out_of_memory", Faults(infra=3), 0.0, patience)
    assert first
    assert again("out_of_memory", first.faults, 0.0, patience) is None
    assert again("ffmpeg_failed", first.faults, 0.0, patience) is None
    assert again("lost", Faults(resource=1), 0.0, patience)


def test_a_store_that_is_away_is_waited_for_and_costs_no_attempt():
    patience, faults, now_s, waits = Patience(), Faults(infra=3), 100.0, []
    while next_time := again("store_unavailable", faults, now_s, patience):
        assert (next_time.phase, next_time.faults.infra) == ("storage_retry", 3)
        faults, now_s = next_time.faults, now_s + next_time.wait_s
        waits.append(next_time.wait_s)
    assert waits[:6] == [2.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    assert now_s - 100.0 == pytest.approx(patience.store_most_s, abs=15)


def test_a_code_of_another_release_is_not_tried_again():
    assert ReelError.retry == "never"
    assert again("unheard_of", Faults(), 0.0, Patience()) is None
