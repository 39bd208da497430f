"""Sessions over HTTP: guests, devices, links and recovery codes."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree

import pytest

from reel import keys
from reel.errors import NotFound
from storage.logins import CODE_BYTES, clear_old, code_as_meant, code_of
from storage.sessions import DAY_S, digest_of
from tests.endpoints.belongings import token_of, user_of
from tests.endpoints.stage import HOST, ORIGIN, Browser, Stage, uuid
from tests.endpoints.stage import code_of as error_of

GAME = {"id": uuid(1), "opponent": "Rovers"}


def add_game(browser: Browser) -> None:
    assert browser.post("/api/games", GAME).status_code == 201


def make_link(browser: Browser) -> str:
    answer = browser.post("/api/session/links")
    assert answer.status_code == 201
    return answer.json()["url"].partition("#")[2]


def join(browser: Browser, token: str, key: str | None = None, **more: Any) -> Any:
    return browser.post("/api/session/join", {"token": token, **more}, key=key)


def test_a_browser_is_nobody_then_a_guest_then_nobody_again(browser: Browser) -> None:
    assert browser.get("/api/session").json() == {"user": None, "device_id": None, "recoverable": False}
    add_game(browser)
    session = browser.get("/api/session").json()
    assert session["user"]["guest"] is True
    assert session["user"]["since"].startswith("20")
    assert user_of(browser) not in browser.client.get("/api/session").text

    gone = browser.delete("/api/session")
    assert gone.status_code == 204
    assert "Max-Age=0" in gone.headers["set-cookie"]
    assert browser.get("/api/session").json()["user"] is None
    assert browser.get("/api/games").json()["items"] == []
    assert browser.delete("/api/session").status_code == 204


def test_signing_out_ends_the_session_itself_and_not_only_the_cookie(browser: Browser, stage: Stage) -> None:
    add_game(browser)
    token = token_of(browser)
    browser.delete("/api/session")
    stolen = stage.browser()
    stolen.client.cookies.set("reel_session", token or "")
    assert stolen.get("/api/session").json()["user"] is None


def test_a_link_lets_one_more_device_in(browser: Browser, stage: Stage) -> None:
    add_game(browser)
    answer = browser.post("/api/session/links").json()
    assert re.fullmatch(rf"{ORIGIN}/join#[\w-]{{22}}", answer["url"])
    picture = ElementTree.fromstring(answer["qr_svg"])
    assert picture.tag.endswith("svg")

    phone = stage.browser()
    headers = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605 Version/19.0 Safari/604.1"}
    entered = phone.post("/api/session/join", {"token": answer["url"].partition("#")[2]}, **headers)
    assert entered.status_code == 200
    assert entered.json()["device_id"] != browser.get("/api/session").json()["device_id"]
    assert phone.get(f"/api/games/{uuid(1)}").json()["opponent"] == "Rovers"

    devices = browser.get("/api/session/devices").json()["items"]
    assert [(device["name"], device["this"]) for device in devices] == [("Safari on iPhone", False), ("", True)]
    assert browser.delete(f"/api/session/devices/{devices[0]['id']}").status_code == 204
    assert phone.get("/api/session").json()["user"] is None
    assert error_of(browser.delete(f"/api/session/devices/{devices[0]['id']}")) == "not_found"


def test_devices_come_in_pages(browser: Browser, stage: Stage) -> None:
    for _ in range(3):
        join(stage.browser(), make_link(browser))
    first = browser.get("/api/session/devices", limit=3).json()
    rest = browser.get("/api/session/devices", limit=3, after=first["next"]).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 1, None)
    assert len({device["id"] for device in first["items"] + rest["items"]}) == 4
    assert error_of(browser.get("/api/session/devices", after="nonsense")) == "bad_field"
    assert stage.browser().get("/api/session/devices").json() == {"items": [], "next": None}


def test_of_two_devices_that_open_a_link_at_once_one_gets_in(browser: Browser, stage: Stage) -> None:
    phones = [stage.browser() for _ in range(4)]
    for _ in range(2):
        token = make_link(browser)
        for phone in phones:
            phone.client.cookies.clear()
        with ThreadPoolExecutor(len(phones)) as pool:
            answers = list(pool.map(lambda phone, token=token: join(phone, token), phones))
        assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403]
        inside = [phone.get("/api/session").json()["user"] is not None for phone in phones]
        assert inside == [answer.status_code == 200 for answer in answers]


def test_an_answer_that_was_lost_is_asked_for_again_by_the_same_attempt_alone(browser: Browser, stage: Stage) -> None:
    token, phone = make_link(browser), stage.browser()
    assert join(phone, token, key="attempt-1").status_code == 200
    phone.client.cookies.clear()
    assert join(phone, token, key="attempt-1").status_code == 200
    assert phone.get("/api/session").json()["user"] is not None
    assert error_of(join(stage.browser(), token, key="attempt-2")) == "link_unusable"


def test_wrong_used_and_old_links_are_answered_alike(browser: Browser, stage: Stage) -> None:
    used, old = make_link(browser), make_link(browser)
    code = browser.post("/api/account/recovery-code").json()["code"]
    join(stage.browser(), used)
    early = join(stage.browser(), make_link(browser))
    assert early.status_code == 200
    stage.clock.ahead_s = 601
    answers = [
        *(join(stage.browser(), token) for token in (used, old, "x" * 22, "", "\x00", "é", code, "../../etc/passwd")),
        *(
            stage.browser().post("/api/session/recover", {"code": tried})
            for tried in ("", "x", "0" * 28, old, code[:-1])
        ),
    ]
    assert {answer.status_code for answer in answers} == {403}
    bodies = [answer.json() | {"request_id": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies)
    assert {frozenset(answer.headers) for answer in answers} == {frozenset(answers[0].headers)}
    assert all("set-cookie" not in answer.headers for answer in answers)


def test_a_link_from_a_clock_that_was_ahead_opens_nothing(browser: Browser, stage: Stage) -> None:
    stage.clock.ahead_s = 3600
    token = make_link(browser)
    stage.clock.ahead_s = 0
    assert error_of(join(stage.browser(), token)) == "link_unusable"


def test_a_browser_with_games_is_asked_before_it_leaves_them(browser: Browser, stage: Stage) -> None:
    token, other = make_link(browser), stage.browser()
    add_game(other)
    stopped = join(other, token)
    assert (stopped.status_code, error_of(stopped)) == (409, "account_not_empty")
    assert stopped.json()["details"] == {"games": 1, "projects": 0, "reels": 0}
    assert len(other.get("/api/games").json()["items"]) == 1
    assert join(other, token, leave_behind=True).status_code == 200
    assert other.get("/api/games").json()["items"] == []


def test_a_guest_with_nothing_is_not_asked(browser: Browser, stage: Stage) -> None:
    other = stage.browser()
    add_game(other)
    other.delete(f"/api/games/{uuid(1)}")
    assert join(other, make_link(browser)).status_code == 200


def test_a_recovery_code_gets_everything_back_as_often_as_needed(browser: Browser, stage: Stage) -> None:
    add_game(browser)
    code = browser.post("/api/account/recovery-code").json()["code"]
    assert browser.get("/api/session").json()["recoverable"] is True
    browser.delete("/api/session")
    typed = (
        code,
        code.lower(),
        code.replace("-", " "),
        f" {code.replace('-', '')} ".replace("0", "O").replace("1", "l"),
    )
    for one in typed:
        found = stage.browser()
        assert found.post("/api/session/recover", {"code": one}).status_code == 200
        assert found.get(f"/api/games/{uuid(1)}").status_code == 200


def test_a_new_recovery_code_replaces_the_one_before(browser: Browser, stage: Stage) -> None:
    add_game(browser)
    first, same = (browser.post("/api/account/recovery-code", key="k").json()["code"] for _ in range(2))
    assert first == same
    second = browser.post("/api/account/recovery-code").json()["code"]
    assert error_of(stage.browser().post("/api/session/recover", {"code": first})) == "link_unusable"
    assert stage.browser().post("/api/session/recover", {"code": second}).status_code == 200


def test_a_browser_with_games_is_asked_before_it_recovers_others(browser: Browser, stage: Stage) -> None:
    code = browser.post("/api/account/recovery-code").json()["code"]
    other = stage.browser()
    add_game(other)
    assert error_of(other.post("/api/session/recover", {"code": code})) == "account_not_empty"
    assert other.post("/api/session/recover", {"code": code, "leave_behind": True}).status_code == 200


@pytest.mark.parametrize("byte", [0, 1, 0x5A, 0xFF])
def test_a_code_is_read_as_it_was_made(byte: int) -> None:
    code = code_of(bytes([byte]) * 32)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}", code)
    assert code_as_meant(code) == code.replace("-", "")
    assert code_of(bytes([byte]) * CODE_BYTES) == code


def test_a_ticket_is_for_who_has_a_session_and_asks_from_a_page_of_ours(browser: Browser) -> None:
    nobody = browser.post("/api/ws-ticket")
    assert (nobody.status_code, error_of(nobody)) == (403, "refused")
    add_game(browser)
    ticket = browser.post("/api/ws-ticket")
    assert ticket.status_code == 201
    expected = {"ticket": f"ticket-of-{user_of(browser)}", "url": f"ws://{HOST}/ws", "protocol": "reel.v1"}
    assert ticket.json() == expected
    assert error_of(browser.client.post("/api/ws-ticket")) == "wrong_origin"


def test_a_device_that_comes_by_stays_signed_in_for_good(browser: Browser, stage: Stage) -> None:
    add_game(browser)
    for week in range(0, 33, 4):
        stage.clock.ahead_s = week * 7 * DAY_S
        assert browser.get("/api/session").json()["user"] is not None
        assert browser.get(f"/api/games/{uuid(1)}").status_code == 200
    assert len(browser.get("/api/session/devices").json()["items"]) == 1


def test_a_session_that_is_not_used_ends(browser: Browser, stage: Stage) -> None:
    add_game(browser)
    stage.clock.ahead_s = 31 * DAY_S
    assert browser.get("/api/session").json()["user"] is None


def test_a_token_ends_after_ninety_days_though_it_is_used(browser: Browser, stage: Stage) -> None:
    add_game(browser)
    for day in range(0, 90, 10):
        stage.clock.ahead_s = day * DAY_S
        assert browser.get(f"/api/games/{uuid(1)}").status_code == 200
    stage.clock.ahead_s = 90.1 * DAY_S
    assert browser.get(f"/api/games/{uuid(1)}").status_code == 404


def test_a_successor_that_never_arrived_ends_nothing(browser: Browser, stage: Stage) -> None:
    add_game(browser)
    stage.clock.ahead_s = 10 * DAY_S
    assert browser.get("/api/session").json()["user"] is not None
    stage.clock.ahead_s = 35 * DAY_S
    held = token_of(browser)
    assert "set-cookie" in browser.get("/api/session").headers
    browser.client.cookies.clear()
    browser.client.cookies.set("reel_session", held or "")
    stage.clock.ahead_s = 50 * DAY_S
    assert browser.get("/api/session").json()["user"] is not None  # and gets another one
    assert len(browser.get("/api/session/devices").json()["items"]) == 1
    stage.clock.ahead_s += 2 * 3600
    browser.client.cookies.clear()
    browser.client.cookies.set("reel_session", held or "")
    assert browser.get("/api/session").json()["user"] is None  # its successor came, an hour and more ago


def test_a_clock_that_jumps_loses_no_session(browser: Browser, stage: Stage) -> None:
    add_game(browser)
    for ahead_s in (20 * DAY_S, -20 * DAY_S, 400 * DAY_S, -4000 * DAY_S, 0):
        stage.clock.ahead_s = ahead_s
        browser.get("/api/games")
    assert browser.get(f"/api/games/{uuid(1)}").status_code == 200


def test_old_links_are_cleared_and_codes_stay(browser: Browser, stage: Stage) -> None:
    objects = stage.services.objects
    used, token = make_link(browser), make_link(browser)
    code = browser.post("/api/account/recovery-code").json()["code"]
    join(stage.browser(), used)
    now_s = stage.clock.time_s()
    clear_old(objects, now_s)
    assert objects.exists(keys.login(digest_of(token)))
    assert clear_old(objects, now_s + 2 * DAY_S) >= 2
    for gone in (keys.login(digest_of(token)), keys.login(digest_of(used)), keys.login_used(digest_of(used))):
        with pytest.raises(NotFound):
            objects.read(gone)
    assert stage.browser().post("/api/session/recover", {"code": code}).status_code == 200
