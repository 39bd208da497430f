"""The demo game, and making room by keeping only the clips."""

from __future__ import annotations

from fractions import Fraction

import pytest

from jobs import demo
from media.synth import Match
from tests.endpoints.filming import SIZE, Person, Reels, frames_in
from tests.endpoints.stage import Browser, code_of, uuid


@pytest.fixture
def small_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    match = Match(size=SIZE, rate=Fraction(5), duration_s=Fraction(36), players=2, flash_every_s=None)
    monkeypatch.setattr(demo, "demo_match", lambda: match)


@pytest.mark.usefixtures("small_demo")
def test_the_demo_game_is_filmed_once(browser: Browser) -> None:
    asked = browser.post("/api/games/demo")
    assert asked.status_code == 202
    game, job = asked.json()["game"], asked.json()["job"]
    assert (game["demo"], game["sources"], job["kind"]) == (True, [], "demo")
    again = browser.post("/api/games/demo").json()
    assert (again["game"]["id"], again["job"]["id"]) == (game["id"], job["id"])

    mia = Person(browser, game["id"])
    mia.work()
    (source,) = browser.get(f"/api/games/{game['id']}/sources").json()["items"]
    assert (source["state"], source["facts"]["frames"]) == ("ready", 180)
    found = browser.get(f"/api/games/{game['id']}/clips").json()["items"]
    assert [len(clip["projects"]) for clip in found] == [0, 0, 0, 1]
    assert browser.post("/api/games/demo").json()["game"]["id"] == game["id"]
    assert len(browser.get("/api/games").json()["items"]) == 1

    browser.delete(f"/api/games/{game['id']}")
    assert browser.post("/api/games/demo").json()["game"]["id"] != game["id"]


@pytest.mark.usefixtures("small_demo")
def test_a_demo_that_could_not_be_filmed_is_begun_again(browser: Browser) -> None:
    first = browser.post("/api/games/demo", key="k").json()
    browser.delete(f"/api/jobs/{first['job']['id']}")
    Person(browser, first["game"]["id"]).work()
    assert browser.get(f"/api/jobs/{first['job']['id']}").json()["state"] == "cancelled"
    assert browser.post("/api/games/demo", key="k").json()["job"]["id"] == first["job"]["id"]
    again = browser.post("/api/games/demo").json()
    assert (again["game"]["id"], again["job"]["state"]) == (first["game"]["id"], "queued")
    assert again["job"]["id"] != first["job"]["id"]


def test_keeping_only_the_clips_makes_room_and_loses_none_of_them(mia: Person, reels: Reels) -> None:
    film = reels.film("half.mp4", duration_s=Fraction(60), flash_every_s=None)
    source = mia.footage(film)
    path = f"/api/games/{mia.game}/keep-only-clips"
    for answer in (mia.browser.get(path), mia.browser.post(path)):
        assert (answer.status_code, code_of(answer)) == (422, "no_clips")
    clip = mia.mark(source, 20, 30, 32).json()
    told = mia.browser.get(path).json()
    assert [each["source_id"] for each in told["sources"]] == [source["id"]]
    assert 0.4 < told["freed_bytes"] / source["size_bytes"] < 0.8

    begun = mia.browser.post(path, key="k")
    assert begun.status_code == 202
    assert begun.json()["sources"][0]["job"]["kind"] == "trim"
    busy = mia.browser.post(path)
    assert (busy.status_code, code_of(busy)) == (409, "conflict")
    mia.work()
    (smaller,) = mia.browser.get(f"/api/games/{mia.game}/sources").json()["items"]
    assert (smaller["state"], smaller["facts"]["time_base"]) == ("ready", source["facts"]["time_base"])
    assert smaller["size_bytes"] < source["size_bytes"] * 0.6
    freed = mia.browser.post(path, key="k").json()["freed_bytes"]
    assert freed == source["size_bytes"] - smaller["size_bytes"]

    (kept,) = mia.browser.get(f"/api/games/{mia.game}/clips").json()["items"]
    assert (kept["id"], kept["in_pts"], kept["out_pts"]) == (clip["id"], clip["in_pts"], clip["out_pts"])
    mia.browser.post(f"/api/clips/{uuid(20)}/extract")
    mia.work()
    assert frames_in(mia.fetched(f"/api/media/raw_clip/{uuid(20)}")[0]) == 50
