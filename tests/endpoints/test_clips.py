"""Clips over HTTP, before and after their footage was looked over, and the projects that they earn."""

from __future__ import annotations

import pytest

from tests.endpoints.filming import Person, Reels
from tests.endpoints.stage import Stage, code_of, uuid


def test_a_clip_is_marked_changed_listed_and_deleted(mia: Person, reels: Reels) -> None:
    source = mia.footage(reels.film())
    added = mia.mark(source, 20, 1, 3, tags=["Goal", "Assist", "Goal"])
    assert added.status_code == 201
    clip = added.json()
    assert (clip["in_pts"], clip["out_pts"], clip["time_base"]) == (12800, 38400, [1, 12800])
    assert (clip["rating"], clip["tags"], clip["shown_name"]) == (4, ["Goal", "Assist"], "Good Goal and Assist")
    assert (clip["provisional"], clip["projects"], clip["revision"]) == (False, [], 1)
    assert mia.mark(source, 20, 1, 3, tags=["Goal", "Assist"]).json() == clip

    path = f"/api/clips/{uuid(20)}"
    changed = mia.browser.patch(path, {"revision": 1, "notes": "Far corner", "out_pts": 51200}).json()
    assert (changed["shown_name"], changed["out_pts"], changed["rating"], changed["revision"]) == (
        "Far corner",
        51200,
        4,
        2,
    )
    stale = mia.browser.patch(path, {"revision": 1, "rating": 1})
    assert (stale.status_code, code_of(stale)) == (409, "stale_revision")
    assert stale.json()["details"]["current"]["revision"] == 2
    assert mia.browser.get(path).json() == changed
    assert mia.browser.get(f"/api/games/{mia.game}/clips").json() == {"items": [changed], "next": None}
    assert mia.browser.get(f"/api/games/{mia.game}").json()["clip_count"] == 1
    assert mia.browser.delete(path).status_code == 204
    assert code_of(mia.browser.delete(path)) == "not_found"
    assert code_of(mia.browser.get(path)) == "not_found"


def test_clips_are_listed_by_time_or_the_best_first_and_filtered(mia: Person, reels: Reels) -> None:
    source = mia.footage(reels.film())
    for number, (in_s, rating, tag) in enumerate([(3, 2, "Pass"), (1, 4, "Goal"), (2, 5, "Goal")], 20):
        mia.mark(source, number, in_s, in_s + 1.5, rating=rating, tags=[tag])
    path = f"/api/games/{mia.game}/clips"

    def listed(**query: object) -> list[str]:
        found, after = [], None
        while True:
            page = mia.browser.get(path, limit=1, **query | ({"after": after} if after else {})).json()
            found += [clip["id"] for clip in page["items"]]
            if (after := page["next"]) is None:
                return found

    assert listed() == [uuid(21), uuid(22), uuid(20)]
    assert listed(order="best") == [uuid(22), uuid(21), uuid(20)]
    assert listed(minimum_rating=4) == [uuid(21), uuid(22)]
    assert listed(tag="Pass") == [uuid(20)]
    for wrong in ({"order": "worst"}, {"minimum_rating": 0}, {"after": "x"}, {"limit": 1000}):
        answer = mia.browser.get(path, **wrong)
        assert (answer.status_code, code_of(answer)) == (422, "bad_field")


def test_a_clip_that_was_marked_while_the_upload_ran_stands_on_frames_afterwards(mia: Person, reels: Reels) -> None:
    film = reels.film()
    begun = mia.begin(film).json()
    marked = mia.mark(begun["source"], 20, 1.013, 3.021, rating=5).json()
    assert (marked["provisional"], marked["time_base"], marked["in_pts"]) == (True, [1, 90_000], 91_170)
    assert len(marked["projects"]) == 1
    wrong_clock = mia.browser.patch(
        f"/api/clips/{uuid(20)}", {"revision": 1, "time_base": [1, 12800], "in_pts": 0, "out_pts": 25600}
    )
    assert (wrong_clock.status_code, wrong_clock.json()["details"]["field"]) == (422, "/time_base")

    mia.send(begun["upload"], film.read_bytes())
    mia.browser.post(f"/api/uploads/{uuid(10)}/complete")
    mia.work()
    (clip,) = mia.browser.get(f"/api/games/{mia.game}/clips").json()["items"]
    assert (clip["provisional"], clip["time_base"], clip["in_pts"], clip["out_pts"]) == (
        False,
        [1, 12800],
        25 * 512,
        76 * 512,  # 3.021 s is nearer to 3.04 s than to 3.00 s
    )


def test_a_clip_that_comes_late_from_the_offline_queue_is_brought_onto_frames_too(mia: Person, reels: Reels) -> None:
    source = mia.footage(reels.film())
    body = {"id": uuid(20), "source_id": source["id"], "time_base": [1, 90_000], "in_pts": 91_170, "out_pts": 271_890}
    for _ in range(2):
        clip = mia.browser.post(f"/api/games/{mia.game}/clips", body)
        assert clip.status_code == 201
        assert (clip.json()["time_base"], clip.json()["in_pts"]) == ([1, 12800], 25 * 512)
        assert clip.json()["out_pts"] == 76 * 512
    again = mia.browser.patch(f"/api/clips/{uuid(20)}", {"revision": 1, "time_base": [1, 1000], "in_pts": 2013})
    assert (again.json()["in_pts"], again.json()["out_pts"]) == (50 * 512, 76 * 512)


def test_five_stars_begin_a_project_once(mia: Person, reels: Reels) -> None:
    source = mia.footage(reels.film())
    (project,) = mia.mark(source, 20, 1, 3, rating=5, notes="The run").json()["projects"]
    mia.mark(source, 20, 1, 3, rating=5, notes="The run")
    path = f"/api/clips/{uuid(20)}"
    lowered = mia.browser.patch(path, {"revision": 1, "rating": 2}).json()
    assert lowered["projects"] == [project]
    assert mia.browser.patch(path, {"revision": 2, "rating": 5}).json()["projects"] == [project]

    plain = mia.mark(source, 21, 2, 4).json()
    raised = mia.browser.patch(f"/api/clips/{uuid(21)}", {"revision": 1, "rating": 5}).json()
    assert (plain["projects"], len(raised["projects"])) == ([], 1)
    assert raised["projects"] != [project]


def test_a_clip_in_the_wrong_place_is_refused(mia: Person, reels: Reels, stage: Stage) -> None:
    source = mia.footage(reels.film())
    mia.add_game(uuid(2))
    path = f"/api/games/{mia.game}/clips"
    clip = mia.mark(source, 20, 1, 3).json()
    body = {"source_id": source["id"], "time_base": [1, 12800], "in_pts": 0, "out_pts": 25600}
    other_game = mia.browser.post(f"/api/games/{uuid(2)}/clips", body | {"id": uuid(21)})
    assert (other_game.status_code, other_game.json()["details"]["field"]) == (422, "/source_id")
    taken = mia.browser.post(path, body | {"id": clip["id"]})
    assert (taken.status_code, code_of(taken)) == (409, "already_exists")
    stranger = Person(stage.browser(), uuid(3))
    for answer in (
        stranger.browser.get(path),
        stranger.browser.post(path, body | {"id": uuid(22)}),
        stranger.browser.post(f"/api/games/{uuid(3)}/clips", body | {"id": uuid(22)}),
        stranger.browser.patch(f"/api/clips/{clip['id']}", {"revision": 1, "rating": 1}),
        stranger.browser.delete(f"/api/clips/{clip['id']}"),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"in_pts": 25600, "out_pts": 25600}, "empty_span", None),
        ({"out_pts": 12800 * 100}, "clip_outside_source", None),
        ({"in_pts": -5}, "clip_outside_source", None),
        ({"out_pts": 6400}, "clip_length_out_of_range", None),
        ({"in_pts": 0.5}, "bad_field", "/in_pts"),
        ({"in_pts": 2**60}, "bad_field", "/in_pts"),
        ({"time_base": [0, 1]}, "bad_field", "/time_base/0"),
        ({"time_base": [1, 12800, 3]}, "bad_field", "/time_base"),
        ({"rating": 6}, "bad_field", "/rating"),
        ({"rating": "5"}, "bad_field", "/rating"),
        ({"tags": ["a,b"]}, "bad_field", "/tags/0"),
        ({"tags": ["x"] * 21}, "bad_field", "/tags"),
        ({"tags": "Goal"}, "bad_field", "/tags"),
        ({"name": "x" * 81}, "bad_field", "/name"),
        ({"notes": "x" * 281}, "bad_field", "/notes"),
        ({"notes": "a\x00b"}, "bad_field", "/notes"),
        ({"id": "../../x"}, "bad_field", "/id"),
        ({"colour": "red"}, "bad_field", "/colour"),
    ],
)
def test_wrong_values_of_a_clip_are_named(
    mia: Person, reels: Reels, change: dict[str, object], code: str, field: str | None
) -> None:
    source = mia.footage(reels.film())
    body = {"id": uuid(20), "source_id": source["id"], "time_base": [1, 12800], "in_pts": 0, "out_pts": 25600}
    answer = mia.browser.post(f"/api/games/{mia.game}/clips", body | change)
    assert (answer.status_code, code_of(answer)) == (422, code)
    assert field is None or answer.json()["details"]["field"] == field
