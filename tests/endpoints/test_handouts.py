"""Raw clips and annotated exports over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.endpoints.filming import Person, Reels, frames_in
from tests.endpoints.stage import Stage, code_of, uuid


def test_a_clip_is_extracted_and_then_it_is_there(mia: Person, reels: Reels) -> None:
    source = mia.footage(reels.film())
    mia.mark(source, 20, 1.2, 3.2, notes="Häuser / Tor?")
    path = f"/api/clips/{uuid(20)}/extract"
    asked = mia.browser.post(path)
    assert (asked.status_code, asked.json()["ready"]) == (202, False)
    assert (asked.json()["job"]["kind"], asked.json()["job"]["clip_id"]) == ("extract", uuid(20))
    assert mia.browser.post(path).json()["job"]["id"] == asked.json()["job"]["id"]
    assert code_of(mia.browser.get(f"/api/media/raw_clip/{uuid(20)}")) == "not_found"

    mia.work()
    again = mia.browser.post(path)
    assert (again.status_code, again.json()["ready"], again.json()["job"]) == (200, True, None)
    body, headers = mia.fetched(again.json()["media"], download=1)
    assert frames_in(body) == 50
    assert headers["content-type"] == "video/mp4"
    assert headers["content-disposition"].endswith("filename*=UTF-8''H%C3%A4user%20Tor.mp4")

    mia.browser.patch(f"/api/clips/{uuid(20)}", {"revision": 1, "out_pts": 6 * 12800})
    assert mia.browser.post(path).status_code == 202
    mia.work()
    assert frames_in(mia.fetched(again.json()["media"])[0]) == 120


def test_an_annotated_export_has_the_clips_that_were_asked_for(mia: Person, reels: Reels) -> None:
    first = mia.footage(reels.film())
    second = mia.footage(reels.film("second.mp4", seed=2), 11, part=2)
    mia.mark(first, 20, 3, 4, rating=4, name="B")
    mia.mark(first, 21, 1, 2, rating=3, name="A")
    mia.mark(second, 22, 1, 2, rating=5, name="C")
    path = f"/api/games/{mia.game}/exports"

    def exported(**asked: Any) -> tuple[str, dict[str, Any]]:
        """Make an export; return its clip list's names and what was answered."""
        answer = mia.browser.post(path, asked)
        assert answer.status_code == 202, answer.text
        mia.work()
        rows = mia.fetched(answer.json()["clip_list"])[0].decode().splitlines()[1:]
        return "".join(row.split("\t")[3] for row in rows), answer.json()

    names, told = exported()
    assert (names, told["clip_count"], told["job"]["kind"]) == ("BC", 2, "compile")
    body, headers = mia.fetched(told["media"], download=True)
    assert frames_in(body) == 50
    assert headers["content-disposition"].endswith("filename*=UTF-8''Rovers%202026-05-16.mp4")
    assert exported(minimum_rating=1, order="best", title="Mia")[0] == "CBA"
    given = [uuid(22), uuid(21)]
    assert [exported(clip_ids=given, order=order)[0] for order in ("given", "time")] == ["CA", "AC"]

    none = mia.browser.post(path, {"clip_ids": [uuid(99)]})
    assert (none.status_code, code_of(none)) == (404, "not_found")
    mia.add_game(uuid(2))
    nothing = mia.browser.post(f"/api/games/{uuid(2)}/exports", {})
    assert (nothing.status_code, code_of(nothing)) == (422, "no_clips")
    elsewhere = mia.browser.post(f"/api/games/{uuid(2)}/exports", {"clip_ids": given})
    assert (elsewhere.status_code, elsewhere.json()["details"]["field"]) == (422, "/clip_ids")


def test_the_same_key_is_the_same_export(mia: Person, reels: Reels) -> None:
    source = mia.footage(reels.film())
    mia.mark(source, 20, 1, 2)
    path = f"/api/games/{mia.game}/exports"
    first, again = (mia.browser.post(path, {}, key="k") for _ in range(2))
    assert first.json()["job"]["id"] == again.json()["job"]["id"]
    assert len(mia.browser.get("/api/jobs", active=1).json()["items"]) == 1
    other = mia.browser.post(path, {"minimum_rating": 1}, key="k")
    assert (other.status_code, code_of(other)) == (422, "idempotency_key_reused")


def test_footage_that_is_not_there_is_told(mia: Person, reels: Reels) -> None:
    begun = mia.begin(reels.film()).json()
    mia.mark(begun["source"], 20, 1, 3)
    for path, body in ((f"/api/clips/{uuid(20)}/extract", None), (f"/api/games/{mia.game}/exports", {})):
        answer = mia.browser.post(path, body)
        assert (answer.status_code, code_of(answer)) == (410, "source_gone")
    mia.send(begun["upload"], reels.film().read_bytes())
    mia.browser.post(f"/api/uploads/{uuid(10)}/complete")
    answer = mia.browser.post(f"/api/clips/{uuid(20)}/extract")
    assert (answer.status_code, code_of(answer)) == (409, "conflict")


def test_exports_have_limits(stage: Stage, reels: Reels, monkeypatch: pytest.MonkeyPatch) -> None:
    is_open = True
    limited = stage.with_policy(most_running_exports=1, exports_open=lambda: is_open)
    mia = Person(limited.browser())
    source = mia.footage(reels.film())
    mia.mark(source, 20, 1, 2)
    mia.mark(source, 21, 2, 3)
    assert mia.browser.post(f"/api/clips/{uuid(20)}/extract").status_code == 202
    for path, body in ((f"/api/clips/{uuid(21)}/extract", None), (f"/api/games/{mia.game}/exports", {})):
        full = mia.browser.post(path, body)
        assert (full.status_code, code_of(full)) == (403, "quota_exceeded")
    mia.work()
    assert mia.browser.post(f"/api/games/{mia.game}/exports", {}).status_code == 202
    is_open = False
    paused = mia.browser.post(f"/api/games/{mia.game}/exports", {})
    assert (paused.status_code, code_of(paused)) == (503, "exports_paused")
    assert paused.headers["retry-after"]


@pytest.mark.parametrize(
    "body",
    [
        {"minimum_rating": 0},
        {"clip_ids": []},
        {"clip_ids": ["x"]},
        {"order": "odd"},
        {"title": 5},
        {"title": "a\nb"},
        {"user": "a"},
    ],
)
def test_wrong_wishes_for_an_export_are_named(mia: Person, body: dict[str, object]) -> None:
    answer = mia.browser.post(f"/api/games/{mia.game}/exports", body)
    assert (answer.status_code, code_of(answer)) == (422, "bad_field")
