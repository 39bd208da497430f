"""Projects over HTTP: how they begin, what they say of themselves, and clips whose boundaries were changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.endpoints.filming import Person, Reels
from tests.endpoints.stage import Browser, code_of, uuid

PROJECT = uuid(500)
PATH = f"/api/projects/{PROJECT}"


@pytest.fixture
def marked(mia: Person, reels: Reels) -> Person:
    """Somebody with three clips: the best in the middle."""
    source = mia.footage(reels.film())
    for number, (in_s, rating) in enumerate([(3, 3), (1, 4), (2, 5)], 20):
        assert mia.mark(source, number, in_s, in_s + 1, rating=rating, tags=["Goal"]).status_code == 201
    return mia


def shown(browser: Browser, project: str = PROJECT) -> list[str]:
    return [clip["clip_id"] for clip in browser.get(f"/api/projects/{project}/edit").json()["clips"]]


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        ({"clip_ids": [uuid(22), uuid(20), uuid(21)]}, [22, 20, 21]),
        ({"clip_ids": [uuid(22), uuid(20), uuid(21)], "order": "time"}, [21, 22, 20]),
        ({"clip_ids": [uuid(20), uuid(21), uuid(22)], "order": "best"}, [22, 21, 20]),
        ({"clip_ids": [uuid(20), uuid(20)]}, [20, 20]),
        ({"clip_ids": []}, []),
        ({"game_id": uuid(1)}, [21, 22]),
        ({"game_id": uuid(1), "minimum_rating": 3, "order": "best"}, [22, 21, 20]),
        ({"game_id": uuid(1), "clip_ids": [uuid(20), uuid(22)], "minimum_rating": 5}, [22]),
    ],
)
def test_a_project_begins_with_the_clips_asked_for(marked: Person, asked: dict[str, Any], order: list[int]) -> None:
    answer = marked.browser.post("/api/projects", {"id": PROJECT, **asked})
    assert answer.status_code == 201
    assert shown(marked.browser) == [uuid(number) for number in order]
    assert (answer.json()["clip_count"], answer.json()["automatic"]) == (len(order), False)
    places = [clip["id"] for clip in marked.browser.get(f"{PATH}/edit").json()["clips"]]
    assert len(set(places)) == len(order)


def test_a_project_is_read_changed_and_deleted(marked: Person) -> None:
    browser = marked.browser
    browser.post("/api/athletes", {"id": uuid(7), "name": "Mia", "shirt_number": 10})
    browser.patch("/api/account", {"settings": {"revision": 0, "aspect": "16:9"}})
    added = browser.post("/api/projects", {"id": PROJECT, "clip_ids": [uuid(20)], "athlete_id": uuid(7)}).json()
    assert (added["title"], added["aspect"], added["athlete_id"]) == ("Interesting Goal", "16:9", uuid(7))
    assert (added["made"], added["draft"], added["framing"], added["changed_clips"]) == ([], None, None, [])
    assert browser.get(PATH).json() == added
    listed = browser.get("/api/projects").json()["items"]
    assert [project["id"] for project in listed][:1] == [PROJECT]
    assert [project["automatic"] for project in listed] == [False, True]  # the clip of five stars has its own
    assert listed[0] == {name: added[name] for name in listed[0]}

    steps = {step["step"]: (step["open"], step["reason"], step["clips"]) for step in added["steps"]}
    edit = browser.get(f"{PATH}/edit").json()
    [clip] = edit["clips"]
    place = clip["id"]
    middle = (clip["in_pts"] + clip["out_pts"]) // 2
    cover = {"source_id": clip["source_id"], "time_base": clip["time_base"], "pts": middle, "rotation_deg": 0}
    assert (added["framed_count"], added["cover"]) == (0, {**cover, "crop": None})
    assert steps == {
        "framing": (True, None, []),
        "framing_export": (False, "One clip has no 16:9 crop yet: set it or use the default crop.", [place]),
        "overlay": (False, "Export the framing first.", []),
        "overlay_export": (False, "Export the framing first.", []),
        "gallery": (False, "No reel is finished yet.", []),
    }

    key = {"pts": clip["in_pts"], "cx": 0.4, "cy": 0.5, "h": 0.5}
    clip["crops"] = {"16:9": {"keys": [key, {**key, "pts": clip["out_pts"], "cx": 0.6}]}}
    browser.put(f"{PATH}/edit", edit)
    framed = browser.get("/api/projects").json()["items"][0]
    assert (framed["framed_count"], framed["cover"]) == (1, {**cover, "crop": pytest.approx([0.5, 0.5, 0.5])})

    changed = browser.patch(PATH, {"revision": 1, "athlete_id": None, "title": "Spring"}).json()
    assert (changed["athlete_id"], changed["title"], changed["revision"]) == (None, "Spring", 2)
    stale = browser.patch(PATH, {"revision": 1, "title": "Autumn"})
    assert (stale.status_code, code_of(stale)) == (409, "stale_revision")
    assert stale.json()["details"]["current"]["title"] == "Spring"

    assert browser.delete(PATH).status_code == 204
    assert [browser.get(path).status_code for path in (PATH, f"{PATH}/edit", f"{PATH}/estimate")] == [404, 404, 404]
    assert len(browser.get(f"/api/games/{marked.game}/clips").json()["items"]) == 3  # they stay


def test_the_same_project_twice_is_one_and_another_is_refused(marked: Person) -> None:
    body = {"id": PROJECT, "clip_ids": [uuid(20)]}
    first, again = (marked.browser.post("/api/projects", body) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    other = marked.browser.post("/api/projects", body | {"clip_ids": [uuid(21)]})
    assert (other.status_code, code_of(other)) == (409, "already_exists")


def test_boundaries_that_changed_are_taken_over_or_kept(marked: Person) -> None:
    browser = marked.browser
    browser.post("/api/projects", {"id": PROJECT, "clip_ids": [uuid(20), uuid(21)]})
    edit = browser.get(f"{PATH}/edit").json()
    first, second = (clip["id"] for clip in edit["clips"])
    was = [(clip["in_pts"], clip["out_pts"]) for clip in edit["clips"]]
    key = {"pts": was[0][0], "x": 0.5, "y": 0.5}
    edit["clips"][0]["spotlights"] = [{"in_pts": was[0][0], "out_pts": was[0][0] + 12800, "keys": [key]}]
    browser.put(f"{PATH}/edit", edit)
    for number in (20, 21):
        clip = {"revision": 1, "in_pts": was[number - 20][0] + 12800, "out_pts": was[number - 20][1] + 12800}
        assert browser.patch(f"/api/clips/{uuid(number)}", clip).status_code == 200
    assert browser.get(PATH).json()["changed_clips"] == sorted([first, second])
    assert browser.get("/api/projects").json()["items"][0]["changed_clips"] == sorted([first, second])

    answered = browser.patch(PATH, {"revision": 1, "use_new_boundaries": [first], "keep_boundaries": [second]})
    assert answered.status_code == 200
    assert answered.json()["changed_clips"] == []
    there = browser.get(f"{PATH}/edit").json()["clips"]
    assert (there[0]["in_pts"], there[0]["out_pts"]) == (was[0][0] + 12800, was[0][1] + 12800)
    assert there[0]["spotlights"] == []  # no moment of it is left
    assert (there[1]["in_pts"], there[1]["out_pts"]) == was[1]
    for change in ({"use_new_boundaries": [uuid(99)]}, {"keep_boundaries": [uuid(99)]}):
        absent = browser.patch(PATH, {"revision": 1, **change})
        assert (absent.status_code, code_of(absent)) == (404, "not_found")


def test_a_clip_that_was_deleted_has_no_boundaries_to_take_over(marked: Person) -> None:
    browser = marked.browser
    browser.post("/api/projects", {"id": PROJECT, "clip_ids": [uuid(20)]})
    (place,) = (clip["id"] for clip in browser.get(f"{PATH}/edit").json()["clips"])
    browser.delete(f"/api/clips/{uuid(20)}")
    assert shown(browser) == [uuid(20)]  # a project keeps what it shows
    gone = browser.patch(PATH, {"revision": 1, "use_new_boundaries": [place]})
    assert (gone.status_code, code_of(gone)) == (404, "not_found")
    assert browser.patch(PATH, {"revision": 1, "keep_boundaries": [place]}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"id": PROJECT}, 422, "bad_field"),
        ({"id": "x", "clip_ids": []}, 422, "bad_field"),
        ({"id": PROJECT, "clip_ids": [uuid(99)]}, 404, "not_found"),
        ({"id": PROJECT, "clip_ids": [uuid(20)], "athlete_id": uuid(99)}, 404, "not_found"),
        ({"id": PROJECT, "clip_ids": "all"}, 422, "bad_field"),
        ({"id": PROJECT, "clip_ids": [uuid(20)] * 201}, 422, "bad_field"),
        ({"id": PROJECT, "clip_ids": [], "order": "worst"}, 422, "bad_field"),
        ({"id": PROJECT, "clip_ids": [], "aspect": "2:1"}, 422, "bad_field"),
        ({"id": PROJECT, "clip_ids": [], "title": "x" * 121}, 422, "bad_field"),
        ({"id": PROJECT, "clip_ids": [], "title": "a\u0007"}, 422, "bad_field"),
        ({"id": PROJECT, "clip_ids": [], "more": 1}, 422, "bad_field"),
        ({"id": PROJECT, "game_id": uuid(99)}, 404, "not_found"),
        ({"id": PROJECT, "game_id": uuid(1), "minimum_rating": 6}, 422, "bad_field"),
        ({"id": PROJECT, "game_id": uuid(2), "minimum_rating": 1}, 422, "no_clips"),
        ({"id": PROJECT, "game_id": uuid(2), "clip_ids": [uuid(20)]}, 422, "bad_field"),
    ],
)
def test_a_project_that_cannot_be_is_refused(marked: Person, body: dict[str, Any], status: int, code: str) -> None:
    marked.add_game(uuid(2))
    answer = marked.browser.post("/api/projects", body)
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert marked.browser.get(PATH).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"revision": "1"}, {"revision": 1, "title": 5}, {"revision": 1, "title": "a\n"}, {"revision": -1}]
)
def test_a_change_that_cannot_be_is_refused(marked: Person, body: dict[str, Any]) -> None:
    marked.browser.post("/api/projects", {"id": PROJECT, "clip_ids": []})
    answer = marked.browser.patch(PATH, body)
    assert (answer.status_code, code_of(answer)) == (422, "bad_field")


def test_projects_come_in_pages(marked: Person) -> None:
    for number in range(5):
        marked.browser.post("/api/projects", {"id": uuid(600 + number), "clip_ids": []})
    first = marked.browser.get("/api/projects", limit=4).json()
    rest = marked.browser.get("/api/projects", limit=4, after=first["next"]).json()
    found = [project["id"] for project in first["items"] + rest["items"]]
    assert (len(found), len(set(found)), rest["next"]) == (6, 6, None)
    assert code_of(marked.browser.get("/api/projects", after="nonsense")) == "bad_field"


def test_p9_another_sees_and_touches_none_of_it(marked: Person) -> None:
    marked.browser.post("/api/projects", {"id": PROJECT, "clip_ids": [uuid(20)]})
    stranger = marked.browser.stage.browser()
    assert stranger.get("/api/projects").json()["items"] == []
    assert stranger.patch(PATH, {"revision": 1, "title": "Mine"}).status_code == 404
    assert stranger.delete(PATH).status_code == 404
    assert stranger.post("/api/projects", {"id": PROJECT, "clip_ids": [uuid(20)]}).status_code == 404
    assert marked.browser.get(PATH).json()["revision"] == 1
