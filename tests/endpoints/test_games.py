"""Games over HTTP."""

from __future__ import annotations

import pytest

from tests.endpoints.stage import Browser, Stage, code_of, uuid

GAME = {"id": uuid(1), "opponent": "FC Tigers", "match_date": "2026-05-17", "venue": "home"}


def test_a_game_is_added_read_changed_and_deleted(browser: Browser) -> None:
    added = browser.post("/api/games", GAME)
    assert added.status_code == 201
    assert added.json() | GAME == added.json()
    assert browser.get("/api/games").json() == {"items": [added.json()], "next": None}

    changed = browser.patch(f"/api/games/{uuid(1)}", {"revision": 1, "venue": None})
    assert (changed.status_code, changed.json()["venue"], changed.json()["revision"]) == (200, None, 2)
    assert changed.json()["opponent"] == "FC Tigers"

    assert browser.delete(f"/api/games/{uuid(1)}").status_code == 204
    gone = browser.get(f"/api/games/{uuid(1)}")
    assert (gone.status_code, code_of(gone)) == (404, "not_found")


def test_a_first_visit_shows_nothing_and_leaves_nothing(browser: Browser, stage: Stage) -> None:
    answer = browser.get("/api/games")
    assert answer.json() == {"items": [], "next": None}
    assert "set-cookie" not in answer.headers
    assert not list(stage.services.objects.keys("nobody/"))


def test_the_same_key_twice_is_one_game(browser: Browser) -> None:
    first, again = (browser.post("/api/games", GAME, key="k1") for _ in range(2))
    assert (first.json(), first.status_code) == (again.json(), again.status_code)
    other = browser.post("/api/games", GAME | {"opponent": "Lions"}, key="k1")
    assert (other.status_code, code_of(other)) == (422, "idempotency_key_reused")


def test_a_stale_change_is_told_the_current_state(browser: Browser) -> None:
    browser.post("/api/games", GAME)
    browser.patch(f"/api/games/{uuid(1)}", {"revision": 1, "opponent": "Lions"})
    stale = browser.patch(f"/api/games/{uuid(1)}", {"revision": 1, "opponent": "Bears"})
    assert (stale.status_code, code_of(stale)) == (409, "stale_revision")
    assert stale.json()["details"]["current"]["opponent"] == "Lions"


def test_another_browser_sees_none_of_it(browser: Browser, stage: Stage) -> None:
    browser.post("/api/games", GAME)
    stranger = stage.browser()
    assert stranger.get(f"/api/games/{uuid(1)}").status_code == 404
    assert stranger.delete(f"/api/games/{uuid(1)}").status_code == 404
    assert browser.get(f"/api/games/{uuid(1)}").status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/id"),
        ({"id": "../x"}, "/id"),
        (GAME | {"opponent": 5}, "/opponent"),
        (GAME | {"opponent": "x" * 81}, "/opponent"),
        (GAME | {"match_date": "17.05.2026"}, "/match_date"),
        (GAME | {"venue": "moon"}, "/venue"),
        (GAME | {"more": 1}, "/more"),
        ([], ""),
    ],
)
def test_wrong_values_are_named(browser: Browser, body: object, field: str) -> None:
    answer = browser.post("/api/games", body)
    assert (answer.status_code, code_of(answer)) == (422, "bad_field")
    assert answer.json()["details"]["field"] == field


def test_lists_come_in_pages(browser: Browser) -> None:
    for number in range(5):
        browser.post("/api/games", {"id": uuid(number), "match_date": f"2026-05-{number + 1:02}"})
    first = browser.get("/api/games", limit=3).json()
    rest = browser.get("/api/games", limit=3, after=first["next"]).json()
    assert [game["id"] for game in first["items"] + rest["items"]] == [uuid(n) for n in (4, 3, 2, 1, 0)]
    assert rest["next"] is None
    assert code_of(browser.get("/api/games", after="nonsense")) == "bad_field"
