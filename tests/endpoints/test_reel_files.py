"""A reel's files over HTTP: the copy for messengers, and what else there is to download."""

from __future__ import annotations

import pytest

from reel import keys
from tests.endpoints.belongings import IDS, settled_in, user_of
from tests.endpoints.filming import Person, Reels, frames_in
from tests.endpoints.making import FRAMES, Maker
from tests.endpoints.stage import Browser, code_of, uuid

REEL = f"/api/reels/{IDS['reel_id']}"


@pytest.fixture
def maker(mia: Person, reels: Reels) -> Maker:
    """Somebody with a finished reel."""
    made = Maker(mia).begin(reels).frame()
    made.exported(draft_will_do=True)
    made.exported("overlay", draft_will_do=True)
    made.work()
    return made


def test_a_small_copy_is_made_once_and_goes_with_its_reel(maker: Maker) -> None:
    (reel,) = maker.browser.get("/api/reels").json()["items"]
    assert reel["small_copy"] is None
    path = f"/api/reels/{reel['id']}"
    begun = maker.browser.post(f"{path}/small-copy")
    assert begun.status_code == 202, begun.text
    job = begun.json()["job"]
    assert (job["kind"], job["reel_id"], job["version"], begun.json()["small_copy"]) == (
        "small_copy",
        reel["id"],
        1,
        None,
    )
    again = maker.browser.post(f"{path}/small-copy")
    assert (again.status_code, again.json()["job"]["id"]) == (202, job["id"])  # the same job, not another one
    assert maker.browser.get(begun.json()["media"]).status_code == 404
    maker.work()
    copy = maker.browser.get(path).json()["small_copy"]
    assert maker.job(job["id"])["state"] == "done"
    assert maker.browser.get("/api/reels").json()["items"][0]["small_copy"] == copy
    assert (copy["version"], copy["width_px"], copy["height_px"]) == (1, 720, 720)
    body, name = maker.person.fetched(copy["media"])
    assert len(body) == copy["size_bytes"] <= 16_000_000
    assert frames_in(body) == FRAMES
    there = maker.browser.post(f"{path}/small-copy")
    assert (there.status_code, there.json()["small_copy"], there.json()["job"]) == (200, copy, None)
    saved = maker.browser.get(copy["media"], download=True)
    assert "%28small%29.mp4" in saved.headers["location"] or "(small).mp4" in saved.headers["location"]
    assert name

    user, objects = maker.person.user, maker.stage.services.objects
    assert objects.exists(keys.small_copy(user, reel["id"], 1))
    assert maker.browser.delete(path).status_code == 204
    asked = maker.stage.services.databases.read(
        user, lambda connection: [key for (key,) in connection.execute("SELECT key FROM removals")]
    )
    assert keys.small_copy(user, reel["id"], 1) in asked or not objects.exists(keys.small_copy(user, reel["id"], 1))


def test_a_copy_of_a_reel_that_went_meanwhile_is_removed(maker: Maker) -> None:
    (reel,) = maker.browser.get("/api/reels").json()["items"]
    job = maker.browser.post(f"/api/reels/{reel['id']}/small-copy").json()["job"]["id"]
    maker.browser.delete(f"/api/reels/{reel['id']}")
    maker.work()
    assert maker.job(job)["state"] == "cancelled"
    assert maker.browser.post(f"/api/reels/{reel['id']}/small-copy").status_code == 404


def test_what_else_there_is_is_listed(browser: Browser) -> None:
    settled_in(browser)
    items = browser.get(f"{REEL}/files").json()["items"]
    assert {(one["kind"], one["media"].rpartition("/")[2] == IDS["clip_id"]) for one in items} == {
        ("working_video", False),
        ("raw_clip", True),
        ("download", False),
    }
    for one in items:
        assert browser.get(one["media"], download=True).status_code == 302
    assert browser.delete(f"/api/projects/{IDS['project_id']}").status_code == 204
    assert browser.get(f"{REEL}/files").json()["items"] == []


@pytest.mark.parametrize("path", ["small-copy", "files"])
def test_somebody_elses_reel_is_none(browser: Browser, path: str) -> None:
    settled_in(browser)
    stranger = browser.stage.browser()
    for reel in (IDS["reel_id"], uuid(99)):
        asked = stranger.post if path == "small-copy" else stranger.get
        answer = asked(f"/api/reels/{reel}/{path}")
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert browser.post("/api/reels/no-id/small-copy").status_code == 422
    assert user_of(browser)
