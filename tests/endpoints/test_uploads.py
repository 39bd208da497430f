"""Footage over HTTP: uploads in parts, cut and resumed, and what becomes of a file that is none."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from endpoints.caller import moment
from storage.tidy import tidy_user
from tests.endpoints.filming import Person, Reels
from tests.endpoints.stage import Stage, code_of, uuid


def test_a_file_is_uploaded_looked_over_and_played(mia: Person, reels: Reels) -> None:
    film = reels.film()
    begun = mia.begin(film)
    assert (begun.status_code, begun.json()["how"]) == (201, "new")
    upload = begun.json()["upload"]
    assert (upload["part_count"], upload["arrived_parts"], upload["arrived_bytes"]) == (1, [], 0)
    assert begun.json()["source"]["state"] == "uploading"

    mia.send(upload, film.read_bytes())
    there = mia.browser.get(f"/api/uploads/{upload['id']}").json()
    assert (there["arrived_parts"], there["arrived_bytes"]) == ([1], film.stat().st_size)
    source = mia.browser.post(f"/api/uploads/{upload['id']}/complete").json()
    assert (source["state"], source["facts"], source["plays"]) == ("ingesting", None, None)
    assert source["ingest_job"] in mia.browser.stage.workshop.handed_over

    mia.work()
    (ready,) = mia.browser.get(f"/api/games/{mia.game}/sources").json()["items"]
    assert (ready["state"], ready["plays"], ready["facts"]["frames"]) == ("ready", "original", 150)
    body, headers = mia.fetched(f"/api/media/original/{source['id']}")
    assert body == film.read_bytes()
    assert headers["content-type"] == "video/mp4"


def test_an_upload_goes_on_after_a_cut_where_it_was(mia: Person, reels: Reels) -> None:
    film = reels.padded("three parts.mp4", 2)
    upload = mia.begin(film).json()["upload"]
    assert upload["part_count"] == 3
    mia.send(upload, film.read_bytes(), [2])

    again = mia.begin(film, number=11)  # after a reload, under a new id
    assert (again.status_code, again.json()["how"]) == (200, "resumed")
    resumed = again.json()["upload"]
    assert (resumed["id"], resumed["arrived_parts"]) == (upload["id"], [2])
    early = mia.browser.post(f"/api/uploads/{upload['id']}/complete")
    assert (early.status_code, code_of(early)) == (422, "bad_field")
    assert early.json()["details"]["missing"] == [1, 3]

    mia.send(resumed, film.read_bytes())
    assert mia.browser.post(f"/api/uploads/{upload['id']}/complete").json()["state"] == "ingesting"
    assert mia.browser.get("/api/uploads").json() == {"items": [], "next": None}
    mia.work()
    assert mia.browser.get(f"/api/sources/{upload['id']}").json()["state"] == "ready"


def test_two_uploads_at_once_are_two_halves(mia: Person, reels: Reels) -> None:
    first, second = reels.film(), reels.film("second.mp4", seed=2)
    one, two = mia.begin(first).json()["upload"], mia.begin(second, 11, part=2).json()["upload"]
    listed = mia.browser.get("/api/uploads", limit=1).json()
    assert [each["id"] for each in listed["items"]] == [one["id"]]
    rest = mia.browser.get("/api/uploads", after=listed["next"]).json()
    assert [each["id"] for each in rest["items"]] == [two["id"]]
    mia.send(two, second.read_bytes())
    mia.send(one, first.read_bytes())
    for each in (two, one):
        assert mia.browser.post(f"/api/uploads/{each['id']}/complete").status_code == 200
    mia.work()
    sources = mia.browser.get(f"/api/games/{mia.game}/sources").json()["items"]
    assert [(each["part"], each["state"]) for each in sources] == [(1, "ready"), (2, "ready")]


def test_completing_twice_and_from_two_tabs_is_completing_once(mia: Person, reels: Reels) -> None:
    film = reels.film()
    upload = mia.begin(film).json()["upload"]
    mia.send(upload, film.read_bytes())
    path = f"/api/uploads/{upload['id']}/complete"
    answers = [mia.browser.post(path, key=key) for key in ("a", "a", "b")]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.json()["ingest_job"] for answer in answers}) == 1
    assert mia.browser.stage.workshop.handed_over.count(answers[0].json()["ingest_job"]) == 1
    later = mia.browser.post(f"/api/uploads/{upload['id']}/parts", {"parts": [1]})
    assert (later.status_code, code_of(later)) == (404, "not_found")
    whole = mia.browser.get(f"/api/uploads/{upload['id']}").json()
    assert whole["completed_at"]
    assert whole["arrived_bytes"] == film.stat().st_size


def test_the_same_file_is_never_sent_twice(mia: Person, reels: Reels) -> None:
    source = mia.footage(reels.film())
    again = mia.begin(reels.film(), number=11, part=2)
    assert (again.status_code, again.json()["how"], again.json()["upload"]) == (200, "already", None)
    assert again.json()["source"]["id"] == source["id"]


def test_an_upload_that_is_given_up_leaves_room_for_another_and_its_clips(mia: Person, reels: Reels) -> None:
    film = reels.padded("two parts.mp4", 1)
    begun = mia.begin(film).json()
    mia.send(begun["upload"], film.read_bytes(), [1])
    assert mia.mark(begun["source"], 20, 1, 3).status_code == 201
    path = f"/api/uploads/{begun['upload']['id']}"
    assert [mia.browser.delete(path, key="same").status_code for _ in range(2)] == [204, 204]
    for answer in (mia.browser.get(path), mia.browser.post(f"{path}/complete"), mia.browser.delete(path)):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert not list(mia.browser.stage.services.objects.uploads(f"{mia.user}/"))

    source = mia.footage(reels.film(), number=11)
    (clip,) = mia.browser.get(f"/api/games/{mia.game}/clips").json()["items"]
    assert (clip["source_id"], clip["provisional"], clip["time_base"]) == (source["id"], False, [1, 12800])


def test_a_complete_upload_is_not_given_up(mia: Person, reels: Reels) -> None:
    source = mia.bring(reels.film())
    answer = mia.browser.delete(f"/api/uploads/{source['id']}")
    assert (answer.status_code, code_of(answer)) == (409, "conflict")


def test_a_part_of_the_wrong_length_is_not_taken(mia: Person, reels: Reels) -> None:
    film = reels.film()
    upload = mia.begin(film).json()["upload"]
    answer = mia.browser.post(f"/api/uploads/{upload['id']}/parts", {"parts": [1]})
    (part,) = answer.json()["parts"]
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(part["url"], film.read_bytes() + b"more", method="PUT"))
    refused.value.close()
    completed = mia.browser.post(f"/api/uploads/{upload['id']}/complete")
    assert (completed.status_code, completed.json()["details"]["missing"]) == (422, [1])


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"part": 9}, 422, "bad_field"),
        ({"name": "match.exe"}, 422, "bad_field"),
        ({"name": "../../match.mp4\x00"}, 422, "bad_field"),
        ({"size_bytes": 0}, 422, "source_empty"),
        ({"size_bytes": 20 * 10**9 + 1}, 422, "source_too_big"),
        ({"size_bytes": "5"}, 422, "bad_field"),
        ({"size_bytes": 2**70}, 422, "bad_field"),
        ({"fingerprint": "ABC"}, 422, "bad_field"),
        ({"content_type": "text/html; charset=utf-8"}, 422, "bad_field"),
        ({"user": "u1"}, 422, "bad_field"),
    ],
)
def test_wrong_wishes_are_refused_before_anything_is_begun(
    mia: Person, reels: Reels, change: dict[str, object], status: int, code: str
) -> None:
    answer = mia.browser.post(f"/api/games/{mia.game}/uploads", mia.wanted(reels.film()) | change)
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert not list(mia.browser.stage.services.objects.uploads(f"{mia.user}/"))


@pytest.mark.parametrize("parts", [[], [0], [2], [1] * 21, ["1"], None])
def test_only_parts_that_there_are_get_an_address(mia: Person, reels: Reels, parts: object) -> None:
    upload = mia.begin(reels.film()).json()["upload"]
    answer = mia.browser.post(f"/api/uploads/{upload['id']}/parts", {"parts": parts})
    assert (answer.status_code, code_of(answer)) == (422, "bad_field")


def test_a_quota_is_held_to(stage: Stage, reels: Reels) -> None:
    size_bytes = reels.film().stat().st_size
    mia = Person(stage.with_policy(quota_bytes=size_bytes + 1000).browser())
    mia.footage(reels.film())
    refused = mia.begin(reels.film("second.mp4", seed=2), 11, part=2)
    assert (refused.status_code, code_of(refused)) == (403, "quota_exceeded")
    assert refused.json()["details"]["used_bytes"] == size_bytes
    assert mia.begin(reels.film(), 12).json()["how"] == "already"
    assert not list(stage.services.objects.uploads(f"{mia.user}/"))


def test_nobody_else_sees_an_upload(mia: Person, reels: Reels, stage: Stage) -> None:
    upload = mia.begin(reels.film()).json()["upload"]
    other = Person(stage.browser(), uuid(2))
    for answer in (
        other.browser.get(f"/api/uploads/{upload['id']}"),
        other.browser.post(f"/api/uploads/{upload['id']}/parts", {"parts": [1]}),
        other.browser.post(f"/api/uploads/{upload['id']}/complete"),
        other.browser.delete(f"/api/uploads/{upload['id']}"),
        other.browser.post(f"/api/games/{mia.game}/uploads", other.wanted(reels.film())),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert other.browser.get("/api/uploads").json()["items"] == []
    assert other.begin(reels.film()).json()["how"] == "new"


def bad_files(folder: Path) -> Iterator[tuple[str, bytes, str]]:
    """Yield files that are no footage: their name, their bytes, and what is wrong with them."""
    manifest = b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period/></MPD>'
    yield "dash.mp4", manifest, "playlist_not_video"
    yield "list.mp4", b"#EXTM3U\n#EXT-X-VERSION:3\nhttp://10.0.0.1/secret.ts\n", "playlist_not_video"
    yield "text.mp4", b"This is a letter to the coach. " * 50, "not_a_video"
    yield "noise.mp4", bytes(range(256)) * 64, "source_unreadable"
    yield "half.mp4", (folder / "match.mp4").read_bytes()[:2000], "source_unreadable"


def test_a_bad_file_is_named_and_removed_and_the_game_is_there_to_try_again(mia: Person, reels: Reels) -> None:
    film = reels.film()
    for number, (name, body, code) in enumerate(bad_files(film.parent), 30):
        path = film.parent / f"bad-{name}"
        path.write_bytes(body)
        source = mia.footage(path, number)
        assert (source["state"], source["error"]["code"]) == ("refused", code), name
        assert source["error"]["message"]
        gone = mia.browser.get(f"/api/media/original/{source['id']}")
        assert (gone.status_code, code_of(gone)) == (410, "source_gone")
    ready = mia.footage(film, 40)
    assert ready["state"] == "ready"
    services = mia.browser.stage.services
    tidy_user(services.databases, services.objects, mia.user, moment(services.clock.time_s()))
    kept = {key.split("/")[3] for key in services.objects.keys(f"{mia.user}/games/")}
    assert kept == {ready["id"]}


def test_a_file_that_ends_early_may_be_used_as_it_is(mia: Person, reels: Reels) -> None:
    whole = reels.film("whole.mkv")
    cut = whole.with_name("cut.mkv")
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 4])
    source = mia.footage(cut)
    assert (source["state"], source["error"]["code"]) == ("failed", "source_truncated")
    assert 1 < source["error"]["details"]["usable_s"] < 6
    retried = mia.browser.post(f"/api/sources/{source['id']}/ingest")
    assert retried.status_code == 202
    mia.work()
    assert mia.browser.get(f"/api/sources/{source['id']}").json()["error"]["code"] == "source_truncated"

    path = f"/api/sources/{source['id']}/accept-truncated"
    accepted = [mia.browser.post(path, key="same") for _ in range(2)]
    assert [(answer.status_code, answer.json()["state"]) for answer in accepted] == [(202, "ingesting")] * 2
    assert accepted[0].json()["ingest_job"] == accepted[1].json()["ingest_job"]
    mia.work()
    ready = mia.browser.get(f"/api/sources/{source['id']}").json()
    assert (ready["state"], ready["usable_until_pts"]) == ("ready", ready["facts"]["out_pts"])
    again = mia.browser.post(path)
    assert (again.status_code, code_of(again)) == (409, "conflict")
    assert code_of(mia.browser.post(f"/api/sources/{source['id']}/ingest")) == "conflict"


def test_a_file_that_ends_early_may_be_replaced_and_its_clips_stay(mia: Person, reels: Reels) -> None:
    whole = reels.film("whole.mkv")
    cut = whole.with_name("cut.mkv")
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 4])
    source = mia.footage(cut)
    mia.mark(source, 20, 1, 3)
    taken = mia.begin(whole, 11)
    assert (taken.status_code, code_of(taken)) == (409, "already_exists")
    path = f"/api/sources/{source['id']}/discard"
    assert [mia.browser.post(path, key="same").json()["state"] for _ in range(2)] == ["refused", "refused"]
    assert code_of(mia.browser.post(path)) == "conflict"
    other = mia.footage(whole, 11)
    (clip,) = mia.browser.get(f"/api/games/{mia.game}/clips").json()["items"]
    assert (other["state"], clip["source_id"], clip["provisional"]) == ("ready", other["id"], False)


def test_a_game_that_is_deleted_stops_what_is_made_of_it(mia: Person, reels: Reels) -> None:
    source = mia.footage(reels.film())
    mia.mark(source, 20, 1, 3)
    mia.browser.post(f"/api/clips/{uuid(20)}/extract")
    mia.browser.post(f"/api/games/{mia.game}/exports", {})
    mia.bring(reels.film("second.mp4", seed=2), 11, part=2)
    assert mia.browser.delete(f"/api/games/{mia.game}").status_code == 204
    mia.work()
    told = mia.browser.get("/api/jobs").json()["items"]
    assert {
        job["kind"]: job["state"] for job in told if job["source_id"] != source["id"] or job["kind"] == "extract"
    } == {
        "extract": "cancelled",
        "compile": "cancelled",
        "ingest": "cancelled",
    }
    assert mia.browser.get("/api/jobs", active=1).json()["items"] == []


def test_two_tabs_that_complete_at_the_same_moment_begin_one_job(mia: Person, reels: Reels) -> None:
    upload = mia.begin(reels.film()).json()["upload"]
    mia.send(upload, reels.film().read_bytes())
    with ThreadPoolExecutor(4) as tabs:
        asked = [tabs.submit(mia.browser.post, f"/api/uploads/{upload['id']}/complete") for _ in range(4)]
    assert [tab.result().status_code for tab in asked] == [200] * 4
    assert len({tab.result().json()["ingest_job"] for tab in asked}) == 1
    mia.work()
    assert mia.browser.get(f"/api/sources/{upload['id']}").json()["state"] == "ready"


def test_a_source_is_removed_with_its_clips(mia: Person, reels: Reels) -> None:
    source = mia.footage(reels.film())
    mia.mark(source, 20, 1, 3)
    assert mia.browser.delete(f"/api/sources/{source['id']}").status_code == 204
    assert mia.browser.get(f"/api/games/{mia.game}").json()["sources"] == []
    assert mia.browser.get(f"/api/games/{mia.game}/clips").json()["items"] == []
    assert code_of(mia.browser.delete(f"/api/sources/{source['id']}")) == "not_found"


def test_what_browsers_do_not_play_gets_a_proxy(mia: Person, reels: Reels) -> None:
    source = mia.footage(reels.film("vfr.mov", codec="hevc", drops_frames=True))
    assert (source["state"], source["plays"], source["facts"]["constant_rate"]) == ("ready", "proxy", False)
    body, headers = mia.fetched(f"/api/media/proxy/{source['id']}")
    assert headers["content-type"] == "video/mp4"
    assert body[4:8] == b"ftyp"
