"""What every request goes through, whatever it asks for."""

from __future__ import annotations

import json

import pytest

from tests.endpoints.stage import ORIGIN, Browser, code_of, uuid


def test_every_answer_says_how_long_it_took_and_is_kept_nowhere(browser: Browser) -> None:
    answer = browser.get("/api/games")
    assert "total;dur=" in answer.headers["server-timing"]
    assert "store;dur=" in answer.headers["server-timing"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site", "Origin": ""}],
)
def test_another_site_writes_nothing(browser: Browser, headers: dict[str, str]) -> None:
    answer = browser.client.post("/api/games", json={"id": uuid(1)}, headers=headers)
    assert (answer.status_code, code_of(answer)) == (403, "wrong_origin")
    assert browser.get("/api/games").json()["items"] == []


def test_another_name_for_this_machine_is_not_served(browser: Browser) -> None:
    answer = browser.client.get("/api/games", headers={"Host": "rebound.example"})
    assert (answer.status_code, code_of(answer)) == (403, "wrong_origin")


def test_a_program_without_a_browser_may_write(browser: Browser) -> None:
    assert browser.client.post("/api/games", json={"id": uuid(1)}).status_code == 201


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{" * 1000, "application/json", 422, "bad_field"),
        (b"[" * 100_000 + b"]" * 100_000, "application/json", 422, "bad_field"),
        (b'{"id": NaN}', "application/json", 422, "bad_field"),
        (b"\xff\xfe", "application/json", 422, "bad_field"),
        (b"1" * 5000, "application/json", 422, "bad_field"),
        (json.dumps({"id": "x" * 10_000_000}).encode(), "application/json", 413, "body_too_large"),
        (b"<a/>", "text/xml", 415, "unsupported_media_type"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"{}", "", 415, "unsupported_media_type"),
    ],
)
def test_bodies_that_are_none(browser: Browser, body: bytes, kind: str, status: int, code: str) -> None:
    answer = browser.client.post("/api/games", content=body, headers={"Origin": ORIGIN, "Content-Type": kind})
    assert (answer.status_code, code_of(answer)) == (status, code)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "not_found"),
        ("GET", "/api/games/../../etc/passwd", 404, "not_found"),
        ("GET", "/api/games/%00", 422, "bad_field"),
        ("GET", "/api/games/%2e%2e%2fx", 404, "not_found"),
        ("DELETE", "/api/games", 405, "method_not_allowed"),
    ],
)
def test_addresses_that_are_none(browser: Browser, method: str, path: str, status: int, code: str) -> None:
    answer = browser.client.request(method, path, headers={"Origin": ORIGIN})
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_a_key_that_is_none_is_named(browser: Browser) -> None:
    answer = browser.post("/api/games", {"id": uuid(1)}, key="not a key")
    assert (answer.status_code, code_of(answer)) == (422, "bad_field")
