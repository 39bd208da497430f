"""Exports over HTTP, end to end: draft, framing, overlay, reel; executed by the one way any job is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jobs.memory import MemoryLedger
from jobs.ports import Progress, Record
from reel import keys
from reel.errors import Json, StoreUnavailable
from storage import jobs
from storage import reels as reel_rows
from storage.operations import Operation
from tests.endpoints.filming import Person, Reels, frames_in
from tests.endpoints.making import FRAMES, Maker
from tests.endpoints.stage import code_of, uuid


@pytest.fixture
def maker(mia: Person) -> Maker:
    return Maker(mia)


def noted(maker: Maker) -> list[str]:
    """Return what is listed as open of this person's."""
    objects, user = maker.stage.services.objects, maker.person.user.encode()
    return [key for key in objects.keys("_active/") if user in objects.read(key)]


def rendered(maker: Maker, job: str) -> int:
    """Return how many frames a framing rendered, as its result says."""
    body = json.loads(maker.stage.services.objects.read(keys.result(maker.person.user, job)))
    return body["value"]["rendered_frames"]


def steps(maker: Maker) -> dict[str, Any]:
    return {step["step"]: step for step in maker.card()["steps"]}


def test_one_clip_becomes_a_reel(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame().light()
    answer = maker.export()
    assert answer.status_code == 202
    draft, framing = answer.json()["jobs"]
    assert [(job["kind"], job["state"], job["draft"]) for job in (draft, framing)] == [
        ("framing", "queued", True),
        ("framing", "queued", False),
    ]
    assert [job["call_id"] for job in (draft, framing)] == [f"stage-{job['id']}" for job in (draft, framing)]
    assert maker.stage.workshop.handed_over[-2:] == [draft["id"], framing["id"]]

    maker.work(draft["id"])  # seconds, and Overlay opens on it
    opened = steps(maker)
    assert opened["overlay"]["open"]
    assert opened["overlay_export"]["reason"] == "Only a draft is there: the reel waits for the AI picture."
    assert maker.job(draft["id"])["state"] == "done"
    card = maker.card()
    assert (card["draft"]["frames"], card["draft"]["shown"][0]["frame_count"]) == (FRAMES, FRAMES)
    assert frames_in(maker.person.fetched(card["draft"]["media"])[0]) == FRAMES

    maker.work(framing["id"])
    assert steps(maker)["overlay_export"]["open"]
    (overlay,) = maker.exported("overlay")
    assert maker.job(overlay)["waits_for"] is None
    maker.work()
    done = maker.job(overlay)
    assert (done["state"], done["version"], done["error"]) == ("done", 1, None)
    (reel,) = maker.browser.get("/api/reels").json()["items"]
    assert (reel["project_id"], reel["newest"]["frames"], reel["newest"]["draft"]) == (maker.project, FRAMES, False)
    body, headers = maker.person.fetched(reel["media"])
    assert (frames_in(body), headers["content-type"]) == (FRAMES, "video/mp4")
    assert steps(maker)["gallery"]["open"]
    assert maker.card()["out_of_date"] == []
    assert noted(maker) == []


def test_changing_one_clip_of_three_renders_one(maker: Maker, reels: Reels) -> None:
    maker.begin(reels, 3).frame()
    _, first = maker.exported()
    maker.work()
    assert (rendered(maker, first), maker.card()["framing"]["frames"]) == (3 * FRAMES, 3 * FRAMES)
    edit = maker.edit()
    edit["clips"][1]["crops"]["1:1"]["keys"][0]["cx"] = 0.4
    maker.saved(edit)
    assert maker.card()["out_of_date"] == ["draft", "framing"]
    estimate = maker.browser.get(f"{maker.path}/estimate").json()
    assert [clip["rendered"] for clip in estimate["clips"]] == [True, False, True]
    assert (estimate["frames"], estimate["frames_to_render"]) == (3 * FRAMES, FRAMES)
    _, second = maker.exported()
    maker.work()
    assert rendered(maker, second) == FRAMES
    (overlay,) = maker.exported("overlay")
    maker.work()
    assert maker.browser.get("/api/reels").json()["items"][0]["newest"]["frames"] == 3 * FRAMES
    assert maker.job(overlay)["state"] == "done"


def test_an_unchanged_project_is_not_made_again(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    asked = maker.exported()
    assert maker.exported() == asked  # under way
    maker.work()
    assert maker.exported() == asked  # done
    (overlay,) = maker.exported("overlay")
    assert maker.exported("overlay") == [overlay]
    maker.work()
    assert maker.exported("overlay") == [overlay]
    assert maker.stage.workshop.specs == {}
    assert len(maker.browser.get("/api/jobs").json()["items"]) == 4  # with the ingest

    edit = maker.edit()
    edit["title"] = "Another title"
    maker.saved(edit)
    assert maker.exported() == asked  # a title is written into the reel alone
    (again,) = maker.exported("overlay")
    assert again != overlay
    maker.work()
    assert maker.job(again)["version"] == 2


def test_a_framing_again_after_its_clip_came_back_renders_nothing(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame(0.5)
    maker.exported()
    maker.work()
    maker.frame(0.45)
    maker.exported()
    maker.work()
    maker.frame(0.5)
    _, again = maker.exported()
    maker.work()
    assert rendered(maker, again) == 0


def test_a_newer_state_supersedes_the_framing_under_way(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    old = maker.exported()
    (waiting,) = maker.exported("overlay")
    maker.frame(0.45)
    new = maker.exported()
    assert set(old).isdisjoint(new)
    maker.work()
    assert [maker.job(job)["state"] for job in old] == ["cancelled", "cancelled"]
    assert [maker.job(job)["state"] for job in new] == ["done", "done"]
    failed = maker.job(waiting)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "step_closed")
    assert "was cancelled" in failed["error"]["message"]


def test_an_overlay_waits_for_the_framing_that_is_being_made(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame().light()
    draft, framing = maker.exported()
    answer = maker.export("overlay").json()["jobs"][0]
    assert (answer["state"], answer["waits_for"], answer["call_id"]) == ("queued", framing, None)
    overlay = answer["id"]
    assert overlay not in maker.stage.workshop.handed_over
    maker.work(draft)
    assert maker.job(overlay)["state"] == "queued"
    assert overlay not in maker.stage.workshop.handed_over
    maker.work(framing)
    listed = maker.browser.get("/api/jobs", active=1).json()["items"]  # a read settles, and hands it over
    assert [(job["id"], job["waits_for"]) for job in listed] == [(overlay, framing)]
    assert maker.stage.workshop.handed_over[-1] == overlay
    maker.work()
    assert maker.job(overlay)["state"] == "done"


def test_cancelling_the_framing_fails_the_overlay_that_waits(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    _, framing = maker.exported()
    (overlay,) = maker.exported("overlay")
    maker.browser.delete(f"/api/jobs/{framing}")
    maker.work()
    assert maker.job(framing)["state"] == "cancelled"
    assert maker.job(overlay)["state"] == "failed"
    assert maker.browser.get("/api/reels").json()["items"] == []


def test_a_draft_may_stand_as_the_result(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame().light()
    draft, framing = maker.exported()
    maker.work(draft)
    maker.browser.delete(f"/api/jobs/{framing}")
    closed = maker.export("overlay")
    assert (closed.status_code, code_of(closed)) == (409, "step_closed")
    assert closed.json()["message"] == "Only a draft is there: the reel waits for the AI picture."
    (overlay,) = maker.exported("overlay", draft_will_do=True)
    assert maker.job(overlay)["draft"]
    maker.work()
    (reel,) = maker.browser.get("/api/reels").json()["items"]
    assert (reel["newest"]["draft"], reel["newest"]["frames"]) == (True, FRAMES)


def test_a_reel_of_a_draft_waits_for_the_draft(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    draft, _ = maker.exported()
    (overlay,) = maker.exported("overlay", draft_will_do=True)
    assert maker.job(overlay)["waits_for"] == draft
    maker.work(draft)
    maker.browser.get("/api/jobs")
    assert maker.stage.workshop.handed_over[-1] == overlay


def test_what_is_missing_is_said(maker: Maker, reels: Reels) -> None:
    maker.begin(reels, 2)
    places = [clip["id"] for clip in maker.edit()["clips"]]
    unframed = maker.export()
    assert (unframed.status_code, code_of(unframed)) == (409, "clips_not_framed")
    assert unframed.json()["details"]["clips"] == places
    assert unframed.json()["message"] == "2 clips have no 1:1 crop yet: set it or use the default crop."
    never = maker.export("overlay")
    assert (code_of(never), never.json()["message"]) == ("step_closed", "Export the framing first.")
    assert noted(maker) == []

    maker.exported(use_default_crops=True)
    maker.work()
    maker.frame(0.45)
    old = maker.export("overlay")
    assert old.status_code == 409
    assert old.json()["message"] == "The framing was changed since it was exported: export it again."

    edit = maker.edit()
    edit["clips"] = []
    maker.saved(edit)
    assert [code_of(maker.export(stage)) for stage in ("framing", "overlay")] == ["no_clips", "no_clips"]
    gone = maker.browser.post(f"/api/projects/{uuid(999)}/exports", {"stage": "framing"})
    assert (gone.status_code, code_of(gone)) == (404, "not_found")


@pytest.mark.parametrize("body", [{}, {"stage": "upload"}, {"stage": "framing", "draft_will_do": 1}, {"stage": None}])
def test_wrong_values_are_named(maker: Maker, body: Any) -> None:
    answer = maker.browser.post(f"{maker.path}/exports", body)
    assert (answer.status_code, code_of(answer)) == (422, "bad_field")


def test_footage_that_is_not_ready_yet_is_said(maker: Maker, reels: Reels) -> None:
    maker.source = maker.person.bring(reels.film())  # uploaded, and not looked over
    assert maker.person.mark(maker.source, 20, 0, 1).status_code == 201
    maker.browser.post("/api/projects", {"id": maker.project, "clip_ids": [uuid(20)]})
    place = maker.edit()["clips"][0]["id"]
    answer = maker.export(use_default_crops=True)
    assert (answer.status_code, code_of(answer)) == (409, "step_closed")
    assert answer.json()["details"] == {"source": maker.source["id"], "clips": [place]}
    maker.work()
    assert maker.export(use_default_crops=True).status_code == 202


def test_p3_the_same_key_is_the_same_job(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    first = maker.export(key="k").json()["jobs"]
    maker.frame(0.45)  # even though the project has changed since
    again = maker.export(key="k")
    assert again.status_code == 202
    assert [job["id"] for job in again.json()["jobs"]] == [job["id"] for job in first]
    other = maker.export("overlay", key="k")
    assert (other.status_code, code_of(other)) == (422, "idempotency_key_reused")
    maker.work()
    assert [job["id"] for job in maker.export(key="k").json()["jobs"]] == [job["id"] for job in first]
    assert maker.stage.workshop.handed_over.count(first[1]["id"]) == 1


def test_p9_the_exports_of_another_are_not_there(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    _, framing = maker.exported()
    stranger = maker.stage.browser()
    for answer in (
        stranger.get(f"/api/jobs/{framing}"),
        stranger.delete(f"/api/jobs/{framing}"),
        stranger.get(f"/api/jobs/{framing}/modal-status"),
        stranger.post(f"{maker.path}/exports", {"stage": "framing"}),
        stranger.get(f"{maker.path}/estimate"),
        stranger.put(f"{maker.path}/edit", maker.edit()),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert stranger.get("/api/jobs").json()["items"] == []
    assert maker.job(framing)["state"] == "queued"


def test_a_deleted_game_takes_its_jobs_down_and_leaves_the_reel(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    maker.exported()
    maker.work()
    maker.exported("overlay")
    maker.work()
    maker.frame(0.45)
    draft, framing = maker.exported()
    assert maker.browser.delete(f"/api/games/{maker.person.game}").status_code == 204
    objects = maker.stage.services.objects
    objects.clear(f"{maker.person.user}/games/")  # as tidying does
    maker.work()
    for job in (draft, framing):
        ended = maker.job(job)
        assert (ended["state"], ended["error"]["code"]) == ("failed", "source_gone")
    (reel,) = maker.browser.get("/api/reels").json()["items"]
    assert frames_in(maker.person.fetched(reel["media"])[0]) == FRAMES
    gone = maker.export()
    assert (gone.status_code, code_of(gone)) == (410, "source_gone")
    assert noted(maker) == []


def test_deleting_a_project_stops_what_is_made_of_it(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    asked = [*maker.exported(), *maker.exported("overlay")]
    assert maker.browser.delete(maker.path).status_code == 204
    maker.work()
    assert {maker.job(job)["state"] for job in asked} <= {"cancelled", "failed"}
    assert maker.job(asked[1])["state"] == "cancelled"
    assert maker.browser.get("/api/reels").json()["items"] == []


def test_p8_a_wiped_ledger_loses_no_export(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    draft, framing = maker.exported()
    (overlay,) = maker.exported("overlay")
    maker.work(draft)
    workshop = maker.stage.workshop
    workshop.ledger, workshop.specs = type(workshop.ledger)(), {}
    assert maker.job(draft)["state"] == "done"  # its result stands
    assert workshop.handed_over.count(framing) == 2
    workshop.ledger, workshop.specs = type(workshop.ledger)(), {}
    maker.stage.services.open_jobs.settle(maker.person.user)
    maker.work()
    assert [maker.job(job)["state"] for job in (framing, overlay)] == ["done", "done"]
    assert maker.browser.get("/api/reels").json()["items"][0]["version_count"] == 1


def test_p1_what_was_accepted_is_made_though_the_api_died_before_it_handed_it_over(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    workshop = maker.stage.workshop
    handed_over = list(workshop.handed_over)

    def dead(_spec: object) -> str:
        raise StoreUnavailable

    workshop.submit = dead  # type: ignore[method-assign]
    answer = maker.export()
    assert answer.status_code == 202  # it is durable: whoever comes by hands it over
    del workshop.submit  # type: ignore[attr-defined]
    assert workshop.handed_over == handed_over
    maker.stage.services.open_jobs.settle(maker.person.user)
    assert workshop.handed_over == handed_over
    maker.stage.clock.ahead_s += 61
    maker.stage.services.open_jobs.settle(maker.person.user)
    maker.work()
    assert [maker.job(job["id"])["state"] for job in answer.json()["jobs"]] == ["done", "done"]


def test_p2_settling_again_makes_no_second_version(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    maker.exported()
    maker.work()
    (overlay,) = maker.exported("overlay")
    maker.work()
    services, user = maker.stage.services, maker.person.user

    def opened_again(connection: Any) -> Json:
        connection.execute("UPDATE jobs SET settled_at = NULL, state = 'queued'")
        return None

    services.databases.write(user, Operation("again", "", "test"), opened_again)
    assert services.open_jobs.settle(user) == 4
    versions = services.databases.read(user, lambda at: reel_rows.versions(at, maker.job(overlay)["reel_id"]))
    assert [version.job_id for version in versions.items] == [overlay]


def test_exports_can_be_paused_and_are_counted(maker: Maker, reels: Reels) -> None:
    maker.begin(reels, 2).frame()
    paused = maker.on(maker.stage.with_policy(exports_open=lambda: False)).export()
    assert (paused.status_code, code_of(paused)) == (503, "exports_paused")
    assert paused.headers["retry-after"]
    rates = maker.stage.services.policy.rates
    few = maker.on(maker.stage.with_policy(rates=type(rates)(None, None, exports=(1, 60))))
    assert few.export().status_code == 202
    often = few.export()
    assert (often.status_code, code_of(often)) == (429, "too_many_requests")
    one = maker.on(maker.stage.with_policy(most_running_exports=1))
    assert one.export().status_code == 202  # the same again is no second one
    full = one.export("overlay")
    assert (full.status_code, code_of(full)) == (403, "quota_exceeded")
    maker.frame(0.45)
    assert one.export().status_code == 202  # it takes the other's place
    maker.work()
    assert one.export("overlay").status_code == 202


def test_money_is_shown_where_there_is_any(maker: Maker, reels: Reels) -> None:
    maker.begin(reels, 3).frame()
    cloud = maker.on(maker.stage.with_policy(shows_money=True))
    estimate = cloud.browser.get(f"{maker.path}/estimate").json()
    assert estimate["price_credits"] == 1  # of 0.6 s
    draft, framing = cloud.export().json()["jobs"]
    assert (draft["price_credits"], framing["price_credits"]) == (0, 1)
    assert maker.job(framing["id"])["price_credits"] is None
    assert maker.browser.get(f"{maker.path}/estimate").json()["price_credits"] is None


def test_p5_p6_progress_only_grows_and_is_there_for_whoever_comes(maker: Maker, reels: Reels) -> None:
    """A browser that comes back in the middle reads the same as one that stayed."""
    maker.begin(reels).frame()
    _, framing = maker.exported()
    told: list[dict[str, Any]] = []

    class Watched(MemoryLedger):
        def beat(self, job: str, attempt: int, now_s: float, progress: Progress) -> Record:
            record = MemoryLedger.beat(self, job, attempt, now_s, progress)
            told.append(maker.on(maker.stage).job(job))
            return record

    maker.stage.workshop.ledger = Watched(maker.stage.workshop.ledger._records)
    maker.work(framing)
    running = [job for job in told if job["id"] == framing]
    assert {job["state"] for job in running} == {"running"}
    assert {job["attempt"] for job in running} == {1}
    seqs = [job["seq"] for job in running]
    assert seqs == sorted(seqs)
    assert len(set(seqs)) == len(seqs)
    rendering = [job["progress"]["done"] for job in running if job["progress"]["phase"] == "rendering"]
    assert rendering == sorted(rendering)
    assert running[-1]["progress"]["total"] == FRAMES
    ended = maker.job(framing)
    assert (ended["state"], ended["progress"]) == ("done", None)


def test_a_clip_of_another_name_gives_the_reel_another_chapter(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    asked = maker.exported()
    maker.work()
    (first,) = maker.exported("overlay")
    maker.work()
    maker.browser.patch(f"/api/clips/{uuid(20)}", {"revision": 1, "name": "Far corner"})
    assert maker.exported() == asked
    (second,) = maker.exported("overlay")
    assert second != first
    spec: Any = maker.stage.workshop.specs[second]
    assert [clip.name for clip in spec.clips] == ["Far corner"]


def test_a_place_that_was_taken_out_and_put_back_needs_no_new_framing(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    maker.exported()
    maker.work()
    edit = maker.edit()
    edit["clips"][0] |= {"id": uuid(888), "revision": 0}
    maker.saved(edit)
    assert maker.card()["out_of_date"] == []
    (overlay,) = maker.exported("overlay")
    maker.work()
    assert maker.job(overlay)["state"] == "done"


def test_jobs_rows_are_kept_with_what_they_are_made_of(maker: Maker, reels: Reels) -> None:
    maker.begin(reels).frame()
    _, framing = maker.exported()
    (overlay,) = maker.exported("overlay")

    def rows(connection: Any) -> list[Any]:
        return [jobs.get(connection, job) for job in (framing, overlay)]

    framed, drawn = maker.stage.services.databases.read(maker.person.user, rows)
    assert framed.made_of
    assert drawn.made_of
    assert framed.made_of != drawn.made_of
    assert (framed.price_credits, drawn.price_credits) == (1, 0)
