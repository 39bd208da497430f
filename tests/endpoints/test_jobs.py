"""Jobs over HTTP: what they say of themselves, and how they are cancelled at every state."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from jobs.memory import MemoryLedger
from jobs.ports import Progress, Record, Standing
from reel import keys
from reel.errors import Lost, NotFound, StoreUnavailable
from tests.endpoints.filming import Person, Reels
from tests.endpoints.making import FRAMES, Maker, staffed
from tests.endpoints.stage import Workshop, code_of, uuid
from tests.storage.test_costs import COST


@pytest.fixture
def maker(mia: Person, reels: Reels) -> Maker:
    return Maker(mia).begin(reels).frame()


def states(maker: Maker, *asked: str) -> list[str]:
    return [maker.job(job)["state"] for job in asked]


def test_jobs_are_listed_the_newest_first_and_those_under_way_alone(maker: Maker) -> None:
    draft, framing = maker.exported()
    maker.work(draft)
    every = maker.browser.get("/api/jobs").json()["items"]
    assert [(job["kind"], job["state"]) for job in every] == [
        ("framing", "queued"),
        ("framing", "done"),
        ("ingest", "done"),
    ]
    assert [job["id"] for job in maker.browser.get("/api/jobs", active=1).json()["items"]] == [framing]
    first = maker.browser.get("/api/jobs", limit=2).json()
    rest = maker.browser.get("/api/jobs", limit=2, after=first["next"]).json()
    assert (first["items"] + rest["items"], rest["next"]) == (every, None)


def test_a_job_says_all_that_is_known_of_it(maker: Maker) -> None:
    _, framing = maker.exported()
    ledger = maker.stage.workshop.ledger
    ledger.claim(framing)
    ledger.beat(framing, 1, 0.0, Progress("rendering", 40, 100, 12.5, 4.8))
    job = maker.job(framing)
    assert job["progress"] == {"phase": "rendering", "done": 40, "total": 100, "fps": 12.5, "eta_s": 4.8}
    assert (job["state"], job["attempt"], job["seq"], job["stale"]) == ("running", 1, 2, False)
    assert (job["project_id"], job["draft"], job["call_id"]) == (maker.project, False, f"stage-{framing}")
    assert (job["game_id"], job["reel_id"], job["waits_for"], job["media"]) == (None, None, None, None)
    call = maker.browser.get(f"/api/jobs/{framing}/modal-status").json()
    assert call == {
        "call_id": f"stage-{framing}",
        "home": "local",
        "known": True,
        "state": "running",
        "attempt": 1,
        "heartbeat_age_s": None,
        "stale": False,
    }


def test_what_a_job_has_cost_is_told_where_money_is_shown(maker: Maker) -> None:
    draft, framing = maker.exported()
    maker.work(draft)
    key = keys.result(maker.person.user, framing)
    ended = {"job": framing, "outcome": "failed", "value": {"cost": COST}, "error": Lost(attempts=3).envelope()}
    maker.stage.services.objects.put(key, json.dumps(ended).encode())
    maker.stage.workshop.ledger.move(framing, "cancel")
    assert maker.job(framing)["state"] == "failed"
    assert [maker.job(job)["cost"] for job in (draft, framing)] == [None, None], "one machine shows no money"

    paid = maker.on(maker.stage.with_policy(shows_money=True))
    assert paid.job(framing)["cost"] == COST
    assert paid.job(draft)["cost"] is None, "nobody has counted"
    maker.exported()
    (overlay,) = maker.exported("overlay")
    assert paid.job(overlay)["cost"] is None, "it has not ended"
    maker.browser.delete(f"/api/jobs/{overlay}")
    assert paid.job(overlay)["cost"] == {"dollars": 0, "prices_of": None, "containers": []}, "nobody was given it"


def test_a_worker_that_is_not_heard_any_more_is_stale(maker: Maker) -> None:
    class Unheard(Workshop):
        def read(self, job: str) -> Standing:
            return Standing(super().read(job).record, float("inf"), stale=True)

    _, framing = maker.exported()
    workshop = maker.stage.workshop
    unheard = maker.on(staffed(maker.stage, Unheard(workshop.objects, workshop.scratch, workshop.ledger)))
    job = unheard.job(framing)
    assert (job["stale"], job["heartbeat_age_s"], job["state"]) == (True, None, "queued")
    assert unheard.browser.get(f"/api/jobs/{framing}/modal-status").json()["stale"] is True


@pytest.mark.parametrize("fault", [NotFound, StoreUnavailable])
def test_p7_with_the_ledger_gone_jobs_are_still_told(maker: Maker, fault: type[Exception]) -> None:
    class Gone(Workshop):
        def read(self, job: str) -> Standing:
            raise fault

    draft, framing = maker.exported()
    maker.work(draft)
    workshop = maker.stage.workshop
    gone = maker.on(staffed(maker.stage, Gone(workshop.objects, workshop.scratch, workshop.ledger, workshop.specs)))
    job = gone.job(framing)
    assert (job["state"], job["progress"], job["attempt"]) == ("queued", None, 0)
    call = gone.browser.get(f"/api/jobs/{framing}/modal-status").json()
    assert (call["known"], call["state"]) == (False, "queued")
    assert states(maker, draft) == ["done"]


def test_p4_a_job_that_waits_is_cancelled_at_once(maker: Maker) -> None:
    draft, framing = maker.exported()
    answer = maker.browser.delete(f"/api/jobs/{framing}")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    maker.work()
    assert states(maker, draft, framing) == ["done", "cancelled"]
    assert maker.card()["framing"] is None
    assert maker.job(framing)["error"]["code"] == "cancelled"
    assert maker.browser.delete(f"/api/jobs/{framing}").json()["state"] == "cancelled"  # again is fine


def test_p4_a_job_that_runs_is_stopped(maker: Maker) -> None:
    _, framing = maker.exported()
    cancelled: list[dict[str, Any]] = []

    class Interrupted(MemoryLedger):
        def beat(self, job: str, attempt: int, now_s: float, progress: Progress) -> Record:
            if progress.phase == "rendering" and job == framing and not cancelled:
                cancelled.append(maker.on(maker.stage).browser.delete(f"/api/jobs/{job}").json())
            return MemoryLedger.beat(self, job, attempt, now_s, progress)

    maker.stage.workshop.ledger = Interrupted(maker.stage.workshop.ledger._records)
    maker.work(framing)
    assert cancelled[0]["state"] == "cancelling"
    assert states(maker, framing) == ["cancelled"]
    assert maker.card()["framing"] is None


def test_p4_a_cancel_that_races_the_end_is_done_or_cancelled_and_nothing_else(maker: Maker) -> None:
    draft, framing = maker.exported()
    late = list[dict[str, Any]]()

    class TooLate(MemoryLedger):
        def move(self, job: str, event: Any, error: Any = None) -> Record:
            moved = MemoryLedger.move(self, job, event, error)
            if event == "commit" and job == framing and not late:
                late.append(maker.on(maker.stage).browser.delete(f"/api/jobs/{job}").json())
            return moved

    maker.stage.workshop.ledger = TooLate(maker.stage.workshop.ledger._records)
    maker.work()
    assert late[0]["state"] == "done"  # its result stood already
    assert states(maker, draft, framing) == ["done", "done"]
    assert maker.card()["framing"]["frames"] == FRAMES
    assert maker.browser.delete(f"/api/jobs/{framing}").json()["state"] == "done"


def test_p4_a_reel_that_waits_is_cancelled_though_nobody_was_handed_it(maker: Maker) -> None:
    maker.exported()
    (overlay,) = maker.exported("overlay")
    answer = maker.browser.delete(f"/api/jobs/{overlay}")
    assert answer.json()["state"] == "cancelled"
    maker.work()
    assert overlay not in maker.stage.workshop.handed_over
    assert maker.browser.get("/api/reels").json()["items"] == []
    again = maker.exported("overlay")
    assert again != [overlay]


def test_a_cancel_survives_a_dispatch_that_is_away(maker: Maker) -> None:
    class Away(Workshop):
        def cancel(self, job: str) -> Record:
            raise StoreUnavailable

    _, framing = maker.exported()
    workshop = maker.stage.workshop
    away = maker.on(staffed(maker.stage, Away(workshop.objects, workshop.scratch, workshop.ledger, workshop.specs)))
    assert away.browser.delete(f"/api/jobs/{framing}").json()["state"] == "cancelling"
    assert maker.job(framing)["state"] == "cancelled"  # whoever reads next tells the workers


@pytest.mark.parametrize("job", [uuid(999), "x", "%00"])
def test_a_job_that_is_not_there(maker: Maker, job: str) -> None:
    for answer in (
        maker.browser.get(f"/api/jobs/{job}"),
        maker.browser.delete(f"/api/jobs/{job}"),
        maker.browser.get(f"/api/jobs/{job}/modal-status"),
    ):
        assert (answer.status_code, code_of(answer)) in {(404, "not_found"), (422, "bad_field")}
        assert (answer.status_code == 404) == (job == uuid(999))


def test_a_read_with_nothing_open_asks_the_store_once(maker: Maker) -> None:
    answer = maker.browser.get("/api/jobs")
    assert 'desc="1 requests"' in answer.headers["server-timing"]
    nobody = maker.stage.browser().get("/api/jobs")
    assert 'desc="1 requests"' in nobody.headers["server-timing"]


def test_a_read_goes_on_while_the_store_takes_no_writes(maker: Maker) -> None:
    draft, _ = maker.exported()
    maker.stage.workshop.work(draft)

    class ReadOnly:
        def __getattr__(self, name: str) -> Any:
            return getattr(maker.stage.services.databases, name)

        def write(self, *_: object, **__: object) -> Any:
            raise StoreUnavailable

    full: Any = ReadOnly()
    services = maker.stage.services
    open_jobs = replace(services.open_jobs, databases=full)
    reading = maker.on(replace(maker.stage, services=replace(services, open_jobs=open_jobs)))
    assert reading.job(draft)["state"] == "running"  # it is over; that it is cannot be noted yet
    assert maker.job(draft)["state"] == "done"
