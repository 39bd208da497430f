"""The landing page, as it is built: light, whole without a script, the same to whoever cannot see or not drag."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitor import DESK, PHONE, visiting
from tests.house.source import CHECKOUT

MOST_SCRIPT_BYTES: Final = 50_000
MOST_BYTES: Final = 1_200_000
"""Of all that the page loads, its reel included."""
LANDING: Final = CHECKOUT / "web/landing"


@pytest.fixture(scope="module")
def site(editor: Path) -> Iterator[str]:
    """The page's folder as its host serves it: at the root of a site of its own, with the headers of its _headers."""
    folder = editor / "landing"
    headers = [line.strip().split(": ", 1) for line in (folder / "_headers").read_text().splitlines()[1:]]

    class Pages(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, directory=str(folder), **more)

        def end_headers(self) -> None:
            for name, value in headers:
                if name != "Strict-Transport-Security":
                    self.send_header(name, value)
            super().end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_it_is_whole_at_every_size(
    chromium: Browser, site: str, size: tuple[int, int], scheme: Literal["dark", "light"]
):
    with visiting(chromium, site, size, scheme, touch=size == PHONE) as visitor:
        visitor.go()
        page = visitor.page
        expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
        expect(page.get_by_role("link", name="Try the demo").first).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") == size[0], "nothing sticks out"
        assert visitor.faults() == []
        small = page.evaluate(
            "[...document.querySelectorAll('main a, nav a, button, input')].filter((one) => one.offsetParent)"
            ".map((one) => one.getBoundingClientRect()).filter((box) => box.height < 44 || box.width < 44).length"
        )
        assert small == 0, "what one can press is large enough for a thumb"
        assert visitor.complaints == []


def test_the_reel_can_be_stopped_and_the_two_pictures_compared_by_keys(chromium: Browser, site: str):
    with visiting(chromium, site, moves=True) as visitor:
        visitor.go()
        page = visitor.page
        reel = page.locator("video")
        reel.evaluate(
            "(video) => new Promise((played) => video.addEventListener('timeupdate', played, { once: true }))"
        )
        assert reel.evaluate("(video) => video.muted && video.loop")
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_role("button", name="Play")).to_be_visible()
        assert reel.evaluate("(video) => video.paused")
        line = page.get_by_role("slider")
        line.focus()
        shown = page.locator(".slider .before")
        before = shown.evaluate("(picture) => getComputedStyle(picture).clipPath")
        page.keyboard.press("Home")
        assert line.input_value() == "0"
        assert shown.evaluate("(picture) => getComputedStyle(picture).clipPath") != before
        assert visitor.complaints == []


def test_without_a_script_it_says_and_shows_all(chromium: Browser, site: str):
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(site)
    for heading in ("Close up, and still sharp", "From the touchline to the reel", "Delete means delete"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.locator(".slider .before")).to_be_visible()
    expect(page.get_by_role("slider")).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)
    context.close()


def test_nothing_moves_for_who_wants_it_still(chromium: Browser, site: str):
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(site)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert page.locator("video").evaluate("(video) => video.paused")
    context.close()


def test_it_asks_no_other_site_and_weighs_little(chromium: Browser, site: str):
    with visiting(chromium, site) as visitor:
        asked: list[str] = []
        visitor.page.on("request", lambda request: asked.append(request.url))
        visitor.go()
        visitor.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        visitor.page.wait_for_load_state("networkidle")
        assert [url for url in asked if not url.startswith((site, "data:"))] == []
        assert visitor.context.cookies() == []
        assert visitor.complaints == []


def test_its_weight_is_kept(editor: Path):
    files = {path.name: path for path in (editor / "landing").iterdir()}
    assert sum(path.stat().st_size for path in files.values()) <= MOST_BYTES
    scripts = sum(len(gzip.compress(path.read_bytes())) for name, path in files.items() if name.endswith(".js"))
    assert 0 < scripts <= MOST_SCRIPT_BYTES
    text = files["index.html"].read_text("utf-8")
    named = set(re.findall(r'(?:src|href|poster)="([\w.]+\.\w+)"', text))
    assert named <= files.keys()
    assert {path.name for path in LANDING.glob("*.[jm]p*")} <= named


def test_its_colours_are_the_editor_s():
    tokens = dict(re.findall(r"(--[\w-]+): (.+);", (CHECKOUT / "web/src/look/tokens.css").read_text("utf-8")))
    ours = dict(re.findall(r"^  (--[a-z-]+): (.+);", (LANDING / "landing.css").read_text("utf-8"), re.MULTILINE))
    ours.pop("--shown")
    assert len(ours) >= 10
    assert {name: value for name, value in ours.items() if tokens.get(name) != value} == {}
