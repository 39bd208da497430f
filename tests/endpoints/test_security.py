"""Who gets in, and what gets out: cookies, fixation, foreign sites, rates, secrets, strangers, a store that is away."""

from __future__ import annotations

import logging
import socket
from contextlib import closing
from dataclasses import replace

import pytest

from endpoints.policy import Rates
from reel import keys
from storage.endpoint import Endpoint
from storage.logins import code_as_meant
from storage.objects import Objects
from storage.schema import MIGRATIONS
from storage.sessions import DAY_S, Sessions
from storage.userdb import Manner, UserDatabases
from tests.endpoints.belongings import IDS, settled_in, token_of
from tests.endpoints.stage import HOST, ORIGIN, Browser, Stage, code_of, uuid

TIGHT = Rates(reads=(5, 60), writes=(5, 60), exports=(2, 60), new_guests=(2, 60), sign_ins=(3, 60))
WRITES = (
    ("POST", "/api/session/links"),
    ("POST", "/api/session/join"),
    ("POST", "/api/session/recover"),
    ("DELETE", "/api/session"),
    ("DELETE", f"/api/session/devices/{uuid(1)}"),
    ("POST", "/api/account/recovery-code"),
    ("PATCH", "/api/account"),
    ("DELETE", "/api/account"),
    ("POST", "/api/ws-ticket"),
    ("POST", "/api/athletes"),
    ("POST", f"/api/reels/{uuid(1)}/shares"),
    ("DELETE", f"/api/shares/{uuid(1)}"),
)


def cookie_of(browser: Browser) -> dict[str, str]:
    """Return the attributes of the cookie that a first write sets, by their names in lower case."""
    answer = browser.post("/api/games", {"id": uuid(1)})
    (header,) = answer.headers.get_list("set-cookie")
    parts = [part.strip().partition("=") for part in header.split(";")]
    return {"": parts[0][0]} | {name.lower(): value for name, _, value in parts[1:]}


def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(browser: Browser, stage: Stage) -> None:
    attributes = {"": "reel_session", "path": "/", "max-age": "7776000", "httponly": "", "samesite": "Lax"}
    assert cookie_of(browser) == attributes
    safe = stage.with_policy(secure_cookie=True).browser()
    cookie = cookie_of(safe)
    assert cookie[""] == "__Host-reel_session"
    assert {"secure", "httponly", "samesite"} <= cookie.keys()
    assert "domain" not in cookie
    assert safe.get("/api/games").headers["strict-transport-security"].startswith("max-age=31536000")
    assert "strict-transport-security" not in browser.get("/api/games").headers


def test_a_planted_token_becomes_no_session(browser: Browser, stage: Stage) -> None:
    browser.client.cookies.set("reel_session", "planted")
    browser.post("/api/games", {"id": uuid(1)})
    held = {cookie.value for cookie in browser.client.cookies.jar}
    assert any(stage.services.sessions.of(token) for token in held - {"planted"})
    assert stage.services.sessions.of("planted") is None


def test_signing_in_gives_a_fresh_token_and_ends_the_one_before(browser: Browser, stage: Stage) -> None:
    link = browser.post("/api/session/links").json()["url"].partition("#")[2]
    other = stage.browser()
    other.post("/api/games", {"id": uuid(1)})
    planted = token_of(other)
    other.post("/api/session/join", {"token": link, "leave_behind": True})
    assert token_of(other) not in {planted, token_of(browser)}
    assert stage.services.sessions.of(planted) is None


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_another_site_does_nothing_in_the_person_s_name(browser: Browser, method: str, path: str) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = browser.client.request(method, path, headers=headers)
        assert (answer.status_code, code_of(answer)) == (403, "wrong_origin")
    form = browser.client.request(method, path, data={"token": "x"}, headers={"Origin": ORIGIN})
    assert form.status_code == 415


def test_tries_of_links_and_codes_are_counted_together(stage: Stage) -> None:
    tight = stage.with_policy(rates=TIGHT).browser()
    said = [tight.post("/api/session/join", {"token": str(n)}).status_code for n in range(2)]
    said += [tight.post("/api/session/recover", {"code": str(n)}).status_code for n in range(2)]
    assert said == [403, 403, 403, 429]
    last = tight.post("/api/session/recover", {"code": "0"})
    assert code_of(last) == "too_many_requests"
    assert 1 <= int(last.headers["retry-after"]) <= 60


def test_reads_writes_and_new_guests_are_counted(stage: Stage) -> None:
    tight = stage.with_policy(rates=TIGHT)
    reader = tight.browser()
    assert [reader.get("/api/athletes").status_code for _ in range(6)] == [200] * 5 + [429]
    writer = tight.browser()
    asked = [{"id": uuid(n), "name": "Mia"} for n in range(7)]
    assert [writer.post("/api/athletes", one).status_code for one in asked] == [201] * 6 + [429]
    crowd = tight.browser()
    entered: list[int] = []
    for number in range(3):
        crowd.client.cookies.clear()
        entered.append(crowd.post("/api/athletes", {"id": uuid(number), "name": "Mia"}).status_code)
    assert entered == [201, 429, 429], "the writer was the first new guest of two"


def test_secrets_are_nowhere_but_with_who_holds_them(
    browser: Browser, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpcore2", "httpx2"):
        caplog.set_level(logging.WARNING, name)  # the test's own browser
    user = settled_in(browser)
    share = browser.post(f"/api/reels/{IDS['reel_id']}/shares", {"id": uuid(1)}).json()["url"].rpartition("/")[2]
    code = browser.post("/api/account/recovery-code").json()["code"]
    links = [browser.post("/api/session/links").json()["url"].partition("#")[2] for _ in range(2)]
    phone = stage.browser()
    phone.post("/api/session/join", {"token": links[0]})
    stage.browser().post("/api/session/recover", {"code": code})
    stage.browser().get(f"/s/{share}")
    stage.clock.ahead_s = 40 * DAY_S
    stage.browser().get(f"/s/{share}/video")
    secrets = [share, code, code_as_meant(code), *links, token_of(browser), token_of(phone)]
    for logger in ("endpoints", "storage"):
        logging.getLogger(logger).warning("listening")
    assert "listening" in caplog.text
    logged = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    store = stage.services.objects
    objects = {key: store.read(key) for prefix in (keys.user_prefix(user), "_") for key in store.keys(prefix)}
    assert len(objects) > 20
    for secret in secrets:
        assert secret is not None
        assert secret not in logged
        assert [key for key, body in objects.items() if secret in key or secret.encode() in body] == []


def test_a_slow_page_is_logged_by_its_route_and_not_by_its_token(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("endpoints.front.SLOW_S", -1.0)
    caplog.set_level(logging.WARNING)
    for tail in ("", "/video", "/download"):
        browser.get(f"/s/a-secret-token{tail}")
        assert f"[SLOW REQUEST] GET /s/{{token}}{tail} - total" in caplog.text
    assert "a-secret-token" not in caplog.text


def test_a_store_that_is_away_is_said_so(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with closing(Objects(Endpoint(url, "b", "id", "secret"))) as nowhere:
            cache, clock = tmp_path_factory.mktemp("cache"), stage.clock
            manner = Manner(pace_s=0.0, shown=str, clock=clock)
            services = replace(
                stage.services,
                objects=nowhere,
                databases=UserDatabases(nowhere, MIGRATIONS, cache, manner),
                sessions=Sessions(nowhere, clock),
            )
            away = Stage(services, stage.workshop, clock).browser()
            away.client.cookies.set("reel_session", "x" * 43)
            answers = [
                away.get("/api/session"),
                away.post("/api/session/join", {"token": "x"}),
                away.client.get("/s/x", headers={"Accept": "application/json"}),
            ]
            page = away.get("/s/x")
    for answer in answers:
        assert (answer.status_code, code_of(answer)) == (503, "store_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        assert "set-cookie" not in answer.headers
    assert (page.status_code, page.headers["retry-after"]) == (503, answers[0].headers["retry-after"])
    assert page.headers["content-type"].startswith("text/html")


def test_another_name_for_this_machine_gets_no_link(browser: Browser) -> None:
    answer = browser.client.post("/api/session/links", headers={"Host": "evil.example", "Origin": ORIGIN})
    assert (answer.status_code, code_of(answer)) == (403, "wrong_origin")


def test_a_link_names_this_machine_as_other_devices_reach_it(stage: Stage) -> None:
    home = stage.with_policy(hosts=frozenset({HOST, "127.0.0.1:8000", "192.168.1.5:8000"})).browser()
    assert home.post("/api/session/links").json()["url"].startswith("http://192.168.1.5:8000/join#")
    cloud = stage.with_policy(
        hosts=frozenset({"app.example"}), secure_cookie=True, origins=frozenset({"https://app.example"})
    )
    answer = cloud.browser().client.post("/api/session/links", headers={"Host": "app.example"})
    assert answer.json()["url"].startswith("https://app.example/join#")
