"""The gallery over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.endpoints.filming import Person, Reels, frames_in
from tests.endpoints.making import FRAMES, Maker
from tests.endpoints.stage import code_of, uuid


@pytest.fixture
def maker(mia: Person, reels: Reels) -> Maker:
    """Somebody with a finished reel."""
    made = Maker(mia).begin(reels).frame()
    made.exported(draft_will_do=True)
    made.exported("overlay", draft_will_do=True)
    made.work()
    return made


def reel_of(maker: Maker) -> dict[str, Any]:
    (reel,) = maker.browser.get("/api/reels").json()["items"]
    return reel


def test_a_newer_export_stands_beside_the_older(maker: Maker) -> None:
    first = reel_of(maker)
    path = f"/api/reels/{first['id']}"
    assert maker.browser.get(path).json() == first
    assert first["newest"]["duration_s"] == pytest.approx(FRAMES / 25)
    edit = maker.edit()
    maker.saved(edit | {"cards": [{"id": uuid(710), "text": "The end", "duration_s": 0.5}], "title": "Spring"})
    (second,) = maker.exported("overlay", draft_will_do=True)
    assert reel_of(maker) == first  # until it is there, nothing changes
    maker.work()
    reel = reel_of(maker)
    assert (reel["id"], reel["version_count"], reel["name"]) == (first["id"], 2, "Spring")
    versions = maker.browser.get(f"{path}/versions").json()
    assert [(one["version"], one["job_id"] == second) for one in versions["items"]] == [(2, True), (1, False)]
    assert versions["items"][1] == first["newest"]
    lengths = [frames_in(maker.person.fetched(f"/api/media/reel/{reel['id']}", version=n)[0]) for n in (1, 2)]
    assert lengths == [FRAMES, FRAMES + 13]
    page = maker.browser.get(f"{path}/versions", limit=1).json()
    assert maker.browser.get(f"{path}/versions", limit=1, after=page["next"]).json()["items"] == versions["items"][1:]


def test_a_newer_export_that_fails_leaves_the_older(maker: Maker) -> None:
    first = reel_of(maker)
    maker.light()
    (second,) = maker.exported("overlay", draft_will_do=True)
    maker.stage.services.objects.clear(f"{maker.person.user}/games/")
    maker.work()
    assert maker.job(second)["state"] == "failed"
    assert reel_of(maker) == first
    assert frames_in(maker.person.fetched(first["media"])[0]) == FRAMES


def test_a_reel_is_renamed_and_deleted_and_made_again(maker: Maker) -> None:
    reel = reel_of(maker)
    path = f"/api/reels/{reel['id']}"
    named = maker.browser.patch(path, {"revision": 1, "name": " Mia, spring "}).json()
    assert (named["name"], named["revision"]) == ("Mia, spring", 2)
    stale = maker.browser.patch(path, {"revision": 1, "name": "Autumn"})
    assert (stale.status_code, code_of(stale)) == (409, "stale_revision")
    assert stale.json()["details"]["current"]["name"] == "Mia, spring"
    assert maker.browser.patch(path, {"revision": 2, "name": ""}).json()["name"] == reel["newest"]["title"]
    for body in ({"revision": 3}, {"revision": 3, "name": "x" * 121}, {"revision": 3, "name": "a\u0000"}):
        wrong = maker.browser.patch(path, body)
        assert (wrong.status_code, code_of(wrong)) == (422, "bad_field")

    assert maker.browser.delete(path).status_code == 204
    for gone in (path, f"{path}/versions"):
        assert maker.browser.get(gone).status_code == 404
    assert maker.card()["reel_id"] is None
    maker.exported("overlay", draft_will_do=True)
    maker.work()
    assert (reel_of(maker)["id"] != reel["id"], reel_of(maker)["version_count"]) == (True, 1)


def test_deleting_a_reel_stops_the_version_that_is_being_made(maker: Maker) -> None:
    reel = reel_of(maker)
    maker.light()
    (second,) = maker.exported("overlay", draft_will_do=True)
    maker.browser.delete(f"/api/reels/{reel['id']}")
    maker.work()
    assert maker.job(second)["state"] == "cancelled"
    assert maker.browser.get("/api/reels").json()["items"] == []


def test_a_reel_outlives_its_project_and_its_game(maker: Maker) -> None:
    reel = reel_of(maker)
    maker.browser.delete(maker.path)
    maker.browser.delete(f"/api/games/{maker.person.game}")
    left = reel_of(maker)
    assert (left["project_id"], left["newest"]) == (None, reel["newest"])
    assert frames_in(maker.person.fetched(left["media"])[0]) == FRAMES


def test_p9_the_reels_of_another_are_not_there(maker: Maker) -> None:
    path = f"/api/reels/{reel_of(maker)['id']}"
    stranger = maker.stage.browser()
    assert stranger.get("/api/reels").json()["items"] == []
    for answer in (
        stranger.get(path),
        stranger.get(f"{path}/versions"),
        stranger.patch(path, {"revision": 1, "name": "Mine"}),
        stranger.delete(path),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert reel_of(maker)["revision"] == 1
