"""Preview frames and estimates over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.endpoints.filming import Person, Reels
from tests.endpoints.making import FRAME, FRAMES, Eager, Maker, Slow, staffed
from tests.endpoints.stage import code_of, uuid


@pytest.fixture
def maker(mia: Person, reels: Reels) -> Maker:
    """Somebody whose workers begin at once."""
    made = Maker(mia).begin(reels).frame()
    workshop = made.stage.workshop
    return made.on(staffed(made.stage, Eager(workshop.objects, workshop.scratch)))


def asked(maker: Maker, **more: Any) -> dict[str, Any]:
    clip = maker.edit()["clips"][0]
    return {"clip": clip["id"], "pts": clip["in_pts"] + 2 * FRAME} | more


def test_a_frame_is_rendered_while_one_waits(maker: Maker) -> None:
    answer = maker.browser.post(f"{maker.path}/preview-frame", asked(maker))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["job"]["kind"], body["job"]["state"], body["job"]["project_id"]) == ("preview", "done", maker.project)
    assert body["media"] == body["job"]["media"] == f"/api/media/preview/{body['job']['id']}"
    picture, headers = maker.person.fetched(body["media"])
    assert (picture[:4], headers["content-type"]) == (b"\x89PNG", "image/png")
    assert int.from_bytes(picture[16:20]) == int.from_bytes(picture[20:24]) == 1080

    draft = maker.browser.post(f"{maker.path}/preview-frame", asked(maker, draft=True)).json()
    assert draft["job"]["draft"]
    assert maker.person.fetched(draft["media"])[0] != picture


def test_another_shape_can_be_looked_at(maker: Maker) -> None:
    answer = maker.browser.post(f"{maker.path}/preview-frame", asked(maker, aspect="16:9", draft=True)).json()
    picture = maker.person.fetched(answer["media"])[0]
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (1920, 1080)


def test_after_twenty_seconds_the_job_is_answered(maker: Maker) -> None:
    workshop = Slow(maker.stage.workshop.objects, maker.stage.workshop.scratch, clock=maker.stage.clock)
    slow = maker.on(staffed(maker.stage, workshop))
    answer = slow.browser.post(f"{maker.path}/preview-frame", asked(maker), key="k")
    assert answer.status_code == 202
    body = answer.json()
    assert (body["job"]["state"], body["media"]) == ("queued", f"/api/media/preview/{body['job']['id']}")
    assert workshop.looked < 10
    again = slow.browser.post(f"{maker.path}/preview-frame", asked(maker), key="k")
    assert again.json()["job"]["id"] == body["job"]["id"]  # P3
    workshop.work()
    assert slow.browser.post(f"{maker.path}/preview-frame", asked(maker), key="k").status_code == 200
    assert maker.person.fetched(body["media"])[0][:4] == b"\x89PNG"


def test_a_preview_that_fails_says_why(maker: Maker) -> None:
    maker.stage.services.objects.clear(f"{maker.person.user}/games/")
    answer = maker.browser.post(f"{maker.path}/preview-frame", asked(maker))
    assert (answer.status_code, code_of(answer)) == (410, "source_gone")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"clip": uuid(99)}, 404, "not_found"),
        ({"clip": "x"}, 422, "bad_field"),
        ({"pts": -5}, 422, "clip_outside_source"),
        ({"pts": 2**40}, 422, "clip_outside_source"),
        ({"pts": 1.5}, 422, "bad_field"),
        ({"aspect": "2:1"}, 422, "bad_field"),
        ({"draft": "yes"}, 422, "bad_field"),
        ({"more": 1}, 422, "bad_field"),
    ],
)
def test_a_frame_that_is_not_there(maker: Maker, change: dict[str, Any], status: int, code: str) -> None:
    answer = maker.browser.post(f"{maker.path}/preview-frame", asked(maker) | change)
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert maker.browser.get("/api/jobs", active=1).json()["items"] == []


def test_p9_no_frame_of_anothers_project(maker: Maker) -> None:
    stranger = maker.stage.browser()
    assert stranger.post(f"{maker.path}/preview-frame", asked(maker)).status_code == 404


def test_previews_are_paused_with_exports(maker: Maker) -> None:
    paused = maker.on(maker.stage.with_policy(exports_open=lambda: False))
    answer = paused.browser.post(f"{maker.path}/preview-frame", asked(maker))
    assert (answer.status_code, code_of(answer)) == (503, "exports_paused")


def estimate(maker: Maker) -> dict[str, Any]:
    answer = maker.browser.get(f"{maker.path}/estimate")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_estimate_says_what_will_be_and_what_is_not_known(maker: Maker) -> None:
    said = estimate(maker)
    (clip,) = said.pop("clips")
    times = 1080 / (0.9 * 108)
    share = 1 - 1 / times**2
    assert clip["enlargement"] == pytest.approx(times)
    assert clip["made_share"] == pytest.approx(share)
    assert (clip["look"], clip["frames"], clip["rendered"]) == ("natural", FRAMES, False)
    assert said.pop("made_share") == pytest.approx(share)
    assert said.pop("duration_s") == said.pop("reel_duration_s") == pytest.approx(FRAMES / 25)
    assert said == {
        "price_credits": None,
        "size_px": [1080, 1080],
        "rate": [25, 1],
        "frames": FRAMES,
        "frames_to_render": FRAMES,
        "rendering_s": None,  # none was rendered here yet
    }


def test_after_one_export_it_is_known_how_fast_that_goes(maker: Maker) -> None:
    maker.exported()
    assert estimate(maker)["frames_to_render"] == 0
    assert estimate(maker)["rendering_s"] == 0
    maker.frame(0.45)
    said = estimate(maker)
    assert said["frames_to_render"] == FRAMES
    assert said["rendering_s"] > 0
    edit = maker.edit()
    edit["clips"][0]["look"] = "crisp"
    maker.saved(edit)
    assert estimate(maker)["rendering_s"] is None  # that look was never measured


def test_the_tightest_moment_of_a_crop_decides(maker: Maker) -> None:
    edit = maker.edit()
    keys = edit["clips"][0]["crops"]["1:1"]["keys"]
    keys.append(keys[0] | {"id": uuid(650), "pts": keys[0]["pts"] + FRAME, "h": 0.5})
    maker.saved(edit)
    assert estimate(maker)["clips"][0]["enlargement"] == pytest.approx(1080 / 54)


def test_a_crop_of_nothing_is_estimated_all_the_same(maker: Maker) -> None:
    edit = maker.edit()
    edit["clips"][0]["crops"]["1:1"]["keys"][0]["h"] = 5e-324
    maker.saved(edit)
    assert estimate(maker)["clips"][0]["enlargement"] == 1080


def test_an_edit_without_bounds_is_estimated_and_not_exported(maker: Maker) -> None:
    edit = maker.edit()
    edit["clips"][0] |= {"time_base": [2**31 - 1, 1], "out_pts": 2**53 - 1}
    maker.saved(edit)
    assert estimate(maker)["duration_s"] > 1e24
    answer = maker.export()
    assert (answer.status_code, code_of(answer)) == (422, "clip_outside_source")
    assert answer.json()["details"]["source_duration_s"] == 6


def test_an_estimate_of_little(mia: Person, reels: Reels) -> None:
    mia.browser.post("/api/projects", {"id": uuid(500), "clip_ids": []})
    empty = estimate(Maker(mia))
    assert (empty["duration_s"], empty["frames"], empty["made_share"], empty["clips"]) == (0, None, None, [])
    source = mia.bring(reels.film())
    mia.mark(source, 20, 0, 1)
    mia.browser.post("/api/projects", {"id": uuid(501), "clip_ids": [uuid(20)]})
    unknown = estimate(Maker(mia, uuid(501)))
    assert (unknown["duration_s"], unknown["rate"], unknown["frames"], unknown["rendering_s"]) == (1, None, None, None)
    assert (unknown["clips"][0]["enlargement"], unknown["clips"][0]["frames"]) == (None, None)
    assert mia.browser.get(f"/api/projects/{uuid(999)}/estimate").status_code == 404
