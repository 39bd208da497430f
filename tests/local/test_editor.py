"""The editor's files over HTTP: the page at every address of its own, and nothing that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from endpoints.editor import Editor

PAGE = "<!doctype html><title>Reel Ballers</title>"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A build: one page, one asset, one icon; and a secret beside it."""
    folder = tmp_path / "out"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "assets/index-1a2b.js").write_text("export {}")
    (folder / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


def browser_of(folder: Path) -> TestClient:
    return TestClient(Editor(folder, PlainTextResponse("the API"), lambda host: (f"http://store.{host}", "ws://live")))


@pytest.fixture
def browser(built: Path) -> TestClient:
    return browser_of(built)


@pytest.mark.parametrize("path", ["/", "/games/0197", "/join", "/index.html", "/assets", "/apiary", "/nothing.js"])
def test_every_address_of_its_own_is_the_page(browser: TestClient, path: str):
    shown = browser.get(path)
    assert (shown.status_code, shown.text) == (200, PAGE)
    assert shown.headers["cache-control"] == "no-cache"
    assert "script-src 'self';" in shown.headers["content-security-policy"]


def test_the_page_may_load_its_own_scripts_and_reach_the_store(browser: TestClient):
    policy = dict(part.split(" ", 1) for part in browser.get("/").headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self' ws://live http://store.testserver"
    assert policy["media-src"] == "'self' blob: http://store.testserver"
    assert policy["frame-ancestors"] == "'none'"


def test_assets_are_kept_for_good_and_other_files_are_asked_for_again(browser: TestClient):
    script = browser.get("/assets/index-1a2b.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in script.headers["cache-control"]
    icon = browser.get("/icon.svg")
    assert icon.headers["content-type"] == "image/svg+xml"
    assert icon.headers["cache-control"] == "no-cache"
    assert browser.get("/icon.svg", headers={"If-None-Match": icon.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    "name", ["index-old.js", "../../secret.txt", "%2e%2e/%2e%2e/secret.txt", "..%2f..%2fsecret.txt"]
)
def test_an_asset_that_is_missing_is_never_the_page(browser: TestClient, name: str):
    missing = browser.get(f"/assets/{name}")
    assert "secret" not in missing.text
    assert missing.status_code == 404 or missing.text == PAGE  # httpx itself resolves plain dots
    assert browser.get("/assets/index-old.js").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/api", "/api/games", "/api/none", "/s/token"])
def test_the_api_has_its_own_addresses(browser: TestClient, path: str):
    assert browser.get(path).text == "the API"
    assert browser.post(path).text == "the API"


def test_nobody_writes_to_it(browser: TestClient):
    refused = browser.post("/games/0197")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


def test_without_a_build_the_page_says_so(tmp_path: Path):
    browser = browser_of(tmp_path / "none")
    shown = browser.get("/")
    assert shown.status_code == 200
    assert "The editor is not here" in shown.text
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert browser.get("/games/0197").status_code == 404
    assert browser.get("/api/games").text == "the API"
