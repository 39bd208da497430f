"""Athletes over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.endpoints.stage import Browser, code_of, uuid

MIA = {"id": uuid(1), "name": "Mia Berger", "shirt_number": 10}


def test_an_athlete_is_added_read_changed_and_removed(browser: Browser) -> None:
    added = browser.post("/api/athletes", MIA)
    assert added.status_code == 201
    assert added.json() | MIA == added.json()
    assert browser.get("/api/athletes").json() == {"items": [added.json()], "next": None}
    assert browser.get(f"/api/athletes/{uuid(1)}").json() == added.json()

    changed = browser.patch(f"/api/athletes/{uuid(1)}", {"revision": 1, "shirt_number": None})
    assert (changed.json()["name"], changed.json()["shirt_number"], changed.json()["revision"]) == (
        "Mia Berger",
        None,
        2,
    )
    stale = browser.patch(f"/api/athletes/{uuid(1)}", {"revision": 1, "name": "Lena"})
    assert (stale.status_code, code_of(stale)) == (409, "stale_revision")
    assert stale.json()["details"]["current"]["revision"] == 2

    assert browser.delete(f"/api/athletes/{uuid(1)}").status_code == 204
    assert code_of(browser.get(f"/api/athletes/{uuid(1)}")) == "not_found"


def test_the_same_athlete_twice_is_one_and_another_is_refused(browser: Browser) -> None:
    assert browser.post("/api/athletes", MIA).json() == browser.post("/api/athletes", MIA).json()
    other = browser.post("/api/athletes", MIA | {"name": "Lena"})
    assert (other.status_code, code_of(other)) == (409, "already_exists")


def test_athletes_come_in_pages(browser: Browser) -> None:
    for number in range(3):
        browser.post("/api/athletes", {"id": uuid(number), "name": f"P{number}"})
    first = browser.get("/api/athletes", limit=2).json()
    rest = browser.get("/api/athletes", limit=2, after=first["next"]).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["P0", "P1", "P2"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "/name"),
        ({"name": "   "}, "/name"),
        ({"name": "a\x00b"}, "/name"),
        ({"name": "x" * 61}, "/name"),
        ({"name": None}, "/name"),
        ({"shirt_number": -1}, "/shirt_number"),
        ({"shirt_number": 1.5}, "/shirt_number"),
        ({"shirt_number": True}, "/shirt_number"),
        ({"id": "ABCDEF00-0000-7000-8000-000000000000"}, "/id"),
        ({"more": 1}, "/more"),
    ],
)
def test_wrong_values_are_named(browser: Browser, change: dict[str, Any], field: str) -> None:
    answer = browser.post("/api/athletes", MIA | change)
    assert (answer.status_code, code_of(answer)) == (422, "bad_field")
    assert answer.json()["details"]["field"] == field
