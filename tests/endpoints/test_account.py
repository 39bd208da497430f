"""The account over HTTP: what it holds, its settings, and its end."""

from __future__ import annotations

import json
import sqlite3
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from jobs.spec import ArchiveSpec
from reel import keys
from storage import jobs, reels
from storage.operations import Operation
from storage.takeout import takeout
from tests.endpoints.belongings import IDS, NOW, settled_in, token_of, user_of
from tests.endpoints.stage import Browser, Stage, code_of, uuid


def test_the_account_says_what_it_holds_and_may_hold(stage: Stage) -> None:
    browser = stage.with_policy(quota_bytes=20_000_000_000, most_running_exports=3).browser()
    empty = browser.get("/api/account")
    assert "set-cookie" not in empty.headers
    assert (empty.json()["usage"]["games"], empty.json()["stored"]["total_bytes"]) == (0, 0)
    settled_in(browser)
    account = browser.get("/api/account").json()
    held = {"games": 1, "clips": 1, "projects": 1, "reels": 1, "open_jobs": 1, "footage_bytes": 3000}
    assert account["usage"] == held
    assert account["quota"] == {"footage_bytes": 20_000_000_000, "running_exports": 3}
    stored = account["stored"]
    assert stored["total_bytes"] == sum(size for name, size in stored.items() if name != "total_bytes")
    user, reel = user_of(browser), IDS["reel_id"]
    reels = (keys.final_video(user, reel, 1), keys.small_copy(user, reel, 1))
    assert stored["reels_bytes"] == sum(stage.services.objects.head(key).size_bytes for key in reels)


def test_settings_are_changed_one_by_one(browser: Browser) -> None:
    first = browser.get("/api/account").json()["settings"]
    assert (first["lead_ms"], first["lag_ms"], first["look"], first["revision"]) == (8000, 2000, None, 0)
    changed = browser.patch("/api/account", {"settings": {"revision": 0, "look": "natural", "own_tags": ["Nutmeg"]}})
    assert changed.status_code == 200
    assert changed.json() == first | {"look": "natural", "own_tags": ["Nutmeg"], "revision": 1}
    times = {"Goal": {"lead_ms": 12000, "lag_ms": 3000}}
    again = browser.patch("/api/account", {"settings": {"revision": 1, "tag_times": times, "look": None}})
    assert again.json() == changed.json() | {"look": None, "tag_times": times, "revision": 2}
    assert browser.get("/api/account").json()["settings"] == again.json()

    stale = browser.patch("/api/account", {"settings": {"revision": 1, "theme": "dark"}})
    assert (stale.status_code, code_of(stale)) == (409, "stale_revision")
    assert stale.json()["details"]["current"] == again.json()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lead_ms": -1}, "/settings/lead_ms"),
        ({"lead_ms": "8000"}, "/settings/lead_ms"),
        ({"theme": "pink"}, "/settings/theme"),
        ({"own_tags": ["a,b"]}, "/settings/own_tags/0"),
        ({"own_tags": ["x"] * 101}, "/settings/own_tags"),
        ({"tag_times": {"Goal": {"lead_ms": 1}}}, "/settings/tag_times/Goal/lag_ms"),
        ({"minimum_rating": 6}, "/settings/minimum_rating"),
        ({"user": "u1"}, "/settings/user"),
        ({"revision": True}, "/settings/revision"),
    ],
)
def test_wrong_settings_are_named(browser: Browser, change: dict[str, Any], field: str) -> None:
    answer = browser.patch("/api/account", {"settings": {"revision": 0} | change})
    assert (answer.status_code, code_of(answer)) == (422, "bad_field")
    assert answer.json()["details"]["field"] == field


def test_a_new_clip_may_not_be_set_longer_than_clips_are(browser: Browser) -> None:
    answer = browser.patch("/api/account", {"settings": {"revision": 0, "lead_ms": 50_000, "lag_ms": 50_000}})
    assert (answer.status_code, code_of(answer)) == (422, "clip_length_out_of_range")
    assert answer.json()["details"]["field"] == "/settings/lead_ms"


def test_everything_a_person_made_is_taken_along(browser: Browser, stage: Stage) -> None:
    user = settled_in(browser)
    taken = stage.services.databases.read(user, lambda connection: takeout(connection, user, NOW))
    text = json.dumps(taken.document)
    for said in ("Mia Berger", "Rovers", "From the left", "2026-05-16", IDS["clip_id"], IDS["reel_id"], '"dark"'):
        assert said in text
    assert user not in text
    (game,) = taken.document["games"]
    assert game["clip_lists"][IDS["source_id"]].splitlines()[1] == "0:10.000\t5\tGoal\t\t5\tFrom the left"
    assert taken.document["projects"][0]["edit"]["clips"][0]["in_pts"] == 128_000
    assert [member.name for member in taken.reels] == ["reels/Mia Berger v Rovers v1.mp4"]
    assert [member.name for member in taken.originals] == ["footage/2026-05-16 Rovers/1 half.mp4"]
    members = (*taken.reels, *taken.clip_lists, *taken.originals)
    assert all(stage.services.objects.exists(member.key) for member in members)


def test_a_name_is_no_path(browser: Browser, stage: Stage) -> None:
    user = settled_in(browser)

    def renaming(connection: sqlite3.Connection) -> None:
        reels.rename(connection, IDS["reel_id"], "../../a:b\\c", 1, NOW)

    stage.services.databases.write(user, Operation("renamed", "", "test"), renaming)
    taken = stage.services.databases.read(user, lambda connection: takeout(connection, user, NOW))
    assert [member.name for member in taken.reels] == ["reels/_.._a_b_c v1.mp4"]


def test_an_account_is_deleted_on_all_devices(browser: Browser, stage: Stage) -> None:
    user, held = settled_in(browser), token_of(browser)
    link = browser.post("/api/session/links").json()["url"].partition("#")[2]
    phone = stage.browser()
    assert phone.post("/api/session/join", {"token": link}).status_code == 200
    code = browser.post("/api/account/recovery-code").json()["code"]
    unused = browser.post("/api/session/links").json()["url"].partition("#")[2]

    kept = browser.client.request("DELETE", "/api/account", json={"confirm": "yes"})
    assert (kept.status_code, code_of(kept)) == (422, "bad_field")
    assert phone.get(f"/api/games/{IDS['game_id']}").status_code == 200

    gone = browser.client.request("DELETE", "/api/account", json={"confirm": "delete"})
    assert gone.status_code == 204
    assert not list(stage.services.objects.keys(keys.user_prefix(user)))
    assert phone.get("/api/session").json()["user"] is None
    for way in (
        stage.browser().post("/api/session/recover", {"code": code}),
        stage.browser().post("/api/session/join", {"token": unused}),
    ):
        assert (way.status_code, code_of(way)) == (403, "link_unusable")
    thief = stage.browser()
    thief.client.cookies.set("reel_session", held or "")
    assert thief.get("/api/session").json()["user"] is None

    browser.post("/api/games", {"id": uuid(1)})
    assert user_of(browser) != user
    assert browser.client.request("DELETE", "/api/account", json={"confirm": "delete"}).status_code == 204
    assert stage.browser().client.request("DELETE", "/api/account", json={"confirm": "delete"}).status_code == 204


def test_everything_is_packed_into_one_archive(browser: Browser, stage: Stage) -> None:
    user = settled_in(browser)
    free_the_way(stage, user)
    first, same = (browser.post("/api/account/export", {"originals": True}, key="all") for _ in range(2))
    assert (first.status_code, same.status_code) == (202, 202)
    job = first.json()
    assert (job["kind"], job["id"]) == ("archive", same.json()["id"])
    another = browser.post("/api/account/export", {})
    assert (another.status_code, code_of(another)) == (403, "quota_exceeded")

    (result,) = stage.workshop.work(job["id"])
    assert result.outcome == "done"
    stage.services.open_jobs.settle(user)
    with ZipFile(BytesIO(stage.services.objects.read(keys.download(user, job["id"], "zip")))) as packed:
        assert set(packed.namelist()) == {
            *("account.json", "clip lists/Rovers.tsv", "reels/Mia Berger v Rovers v1.mp4"),
            "footage/2026-05-16 Rovers/1 half.mp4",
        }
        assert json.loads(packed.read("account.json"))["athletes"][0]["name"] == "Mia Berger"
        final = keys.final_video(user, IDS["reel_id"], 1)
        assert packed.read("reels/Mia Berger v Rovers v1.mp4") == b"the bytes of " + final.encode()
    assert browser.post("/api/account/export", {}).status_code == 202


def test_footage_is_only_packed_when_it_is_asked_for(browser: Browser, stage: Stage) -> None:
    user = settled_in(browser)
    free_the_way(stage, user)
    job = browser.post("/api/account/export", {}).json()["id"]
    spec = stage.workshop.specs[job]
    assert isinstance(spec, ArchiveSpec)
    assert [member.name for member in spec.members] == [
        *("account.json", "clip lists/Rovers.tsv", "reels/Mia Berger v Rovers v1.mp4")
    ]


def free_the_way(stage: Stage, user: str) -> None:
    """End the archive that a person with one of everything has open."""

    def ended(connection: sqlite3.Connection) -> None:
        assert jobs.end(connection, IDS["job_id"], "cancelled", NOW)

    stage.services.databases.write(user, Operation("ended", "", "test"), ended)
