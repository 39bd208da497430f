"""How instant the editor is, and how soon there is a reel: in a real Chromium on the real match, before the service."""

from __future__ import annotations

import gzip
import json
import shutil
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from bench import first_reel, preview
from bench.footage import MATCH, Benched, Missing
from bench.machine import machine_factor
from bench.up import CHECKOUT, up
from bench.visitor import COOKIE, Visitor

ASSETS: Final = CHECKOUT / "web/out/assets"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
GAME, SOURCE = "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"
CLIP: Final = "01890a5d-ac96-774b-bcce-b302099a8059"
TICKS_PER_S: Final = 12_800
BEGIN_S, END_S = 20, 30
LASTS_S: Final = 70
STEPS: Final = 30
STEP_EVERY_MS: Final = 100
VISITS: Final = 3
DRAG_MOVES: Final = 120
WAIT_S: Final = 120.0
RATE: Final = 25

_FIRST_FRAME: Final = """() => new Promise((resolve) => {
  const look = () => {
    const video = document.querySelector("video");
    if (video && video.readyState >= 2 && video.videoWidth > 0) resolve(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})"""
"""From the page's beginning until a picture is there, in ms."""

_STEP: Final = """(key) => new Promise((resolve) => {
  const began = performance.now();
  let open = true;
  setTimeout(() => resolve(1000), 1000); // no picture came
  for (const video of document.querySelectorAll("video")) {
    video.requestVideoFrameCallback(() => {
      if (open) resolve(performance.now() - began);
      open = false;
    });
  }
  window.dispatchEvent(new KeyboardEvent("keydown", { key, code: key, bubbles: true, cancelable: true }));
})"""
"""From a key until the next picture is on the screen, in ms."""

_COUNT: Final = """() => {
  window.__shown = 0;
  for (const video of document.querySelectorAll("video")) {
    const count = () => { window.__shown += 1; video.requestVideoFrameCallback(count); };
    video.requestVideoFrameCallback(count);
  }
}"""
_KEPT: Final = """() => new Promise((resolve) => {
  const saves = () => Object.entries(localStorage).filter(([key]) => key.startsWith("reel.saves.")).join();
  const [before, began] = [saves(), performance.now()];
  const look = () => saves() === before ? setTimeout(look, 1) : resolve(performance.now() - began);
  window.dispatchEvent(new KeyboardEvent("keydown", { key: "n", code: "KeyN", bubbles: true, cancelable: true }));
  look();
})"""
"""From a key that marks a clip until a reload would not lose it, in ms."""


def measure(benched: Benched) -> dict[str, object]:
    """Return the bench's line. Raises Missing without Chromium, the footage or a built editor (./run build)."""
    film = benched.footage(MATCH)
    if not ASSETS.is_dir():
        raise Missing(f"{ASSETS} is missing: ./run build makes it.")
    with TemporaryDirectory() as folder, up(Path(folder)) as service, _chromium() as browser:
        quick = _instant(browser, service.url, film) | {"machine_factor": round(machine_factor(), 2)}
        print(json.dumps(quick), file=sys.stderr, flush=True)  # the rest takes as long as the network does
        return quick | _reel(browser, service.url, film)


def _instant(browser: Browser, url: str, film: Path) -> dict[str, object]:
    """Measure how soon the editor answers, on a match that is there, with a clip and its window."""
    visitor = Visitor(url)
    _bring(visitor, film)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": COOKIE, "value": visitor.cookie, "url": url}])
    page = context.new_page()
    first_ms = []
    for _ in range(VISITS):
        page.goto(f"{url}/games/{GAME}")
        first_ms.append(page.evaluate(_FIRST_FRAME))
    scripts = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    _choose(page)
    steps_ms = [_stepped(page, "ArrowRight" if number % 3 else "ArrowLeft") for number in range(STEPS)]
    ratio = _dragged(page) / _played(page)
    kept_ms = page.evaluate(_KEPT)
    context.close()
    return {
        "step_p90_ms": round(quantiles(steps_ms, n=10)[-1], 1),
        "drag_fps_ratio": round(ratio, 2),
        "first_frame_ms": round(median(first_ms)),
        "js_kb_gz": round(sum(_weighed(name) for name in scripts if name.endswith(".js")) / 1000, 1),
        "refresh_loss_ms": round(kept_ms),
    }


def _reel(browser: Browser, url: str, film: Path) -> dict[str, object]:
    """Measure the way to a first reel, for somebody whom the service has never seen; and what is drawn on it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(url)
    made = first_reel.make(page, film)
    visitor = Visitor(url, next(one.get("value", "") for one in context.cookies() if one.get("name") == COOKIE))
    context.close()
    drawn = preview.measure(browser, visitor, made.project, RATE, _until)
    return {"first_reel_s": round(made.took_s), "first_reel_clicks": made.clicks} | drawn


@contextmanager
def _chromium() -> Generator[Browser]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise Missing("There is no Chromium: install it, as with apt-get install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


def _bring(visitor: Visitor, film: Path) -> None:
    """Upload the match, have it looked over, mark a clip, and have its window made."""
    body = film.read_bytes()
    visitor.post("/api/games", {"id": GAME, "opponent": "FC Tigers"})
    said = {
        "id": SOURCE,
        "part": 1,
        "name": film.name,
        "size_bytes": len(body),
        "fingerprint": sha256(body).hexdigest(),
    }
    upload = visitor.post(f"/api/games/{GAME}/uploads", said)["upload"]
    numbers = list(range(1, upload["part_count"] + 1))
    for part in visitor.post(f"/api/uploads/{SOURCE}/parts", {"parts": numbers})["parts"]:
        start = (part["part"] - 1) * upload["part_bytes"]
        address = urlsplit(part["url"])
        connection = HTTPConnection(address.netloc, timeout=120)
        connection.request("PUT", f"{address.path}?{address.query}", body[start : start + part["size_bytes"]])
        connection.getresponse().read()
        connection.close()
    visitor.post(f"/api/uploads/{SOURCE}/complete", {})
    _until(lambda: visitor.get(f"/api/sources/{SOURCE}")["state"] == "ready")
    span = {"time_base": [1, TICKS_PER_S], "in_pts": BEGIN_S * TICKS_PER_S, "out_pts": END_S * TICKS_PER_S}
    visitor.post(f"/api/games/{GAME}/clips", {"id": CLIP, "source_id": SOURCE, **span})
    window = f"/api/media/window/{SOURCE}?in_pts={span['in_pts']}&out_pts={span['out_pts']}"
    _until(lambda: visitor.ask("GET", window)[0] != 202)


def _choose(page: Page) -> None:
    """Choose the clip, and wait until its window is there and has shown a picture."""
    page.get_by_role("list", name="Clips").get_by_role("button").first.click()
    _until(lambda: _glanced(page))
    page.wait_for_timeout(500)


def _glanced(page: Page) -> bool:
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    return bool(page.evaluate("[...document.querySelectorAll('video')].some((v) => v.src.includes('/window/'))"))


def _stepped(page: Page, key: str) -> float:
    """Return how long a step takes, each after the one before has been seen."""
    page.wait_for_timeout(STEP_EVERY_MS)
    return page.evaluate(_STEP, key)


def _dragged(page: Page) -> float:
    """Return how many pictures a second are shown while an edge is dragged."""
    box = page.get_by_test_id("detail").bounding_box()
    assert box
    x, y = box["x"] + END_S / LASTS_S * box["width"] - 2, box["y"] + 34
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(_COUNT)
    began_s = time.perf_counter()
    for move in range(DRAG_MOVES):
        page.mouse.move(x - (move if move < DRAG_MOVES / 2 else DRAG_MOVES - move), y)
        page.wait_for_timeout(10)
    took_s = time.perf_counter() - began_s
    shown = page.evaluate("window.__shown")
    page.keyboard.press("Escape")
    page.mouse.up()
    return shown / took_s


def _played(page: Page) -> float:
    """Return how many pictures a second plain playback shows."""
    page.reload()
    page.evaluate(_FIRST_FRAME)
    page.keyboard.press("Space")
    page.wait_for_timeout(500)
    page.evaluate(_COUNT)
    began_s = time.perf_counter()
    page.wait_for_timeout(2000)
    shown = page.evaluate("window.__shown") / (time.perf_counter() - began_s)
    page.keyboard.press("Space")
    return shown


def _weighed(url: str) -> int:
    return len(gzip.compress((ASSETS / Path(urlsplit(url).path).name).read_bytes(), 9))


def _until(holds: Any) -> None:
    ends_s = time.monotonic() + WAIT_S
    while not holds():
        if time.monotonic() > ends_s:
            raise RuntimeError("What the bench waits for never came.")
        time.sleep(0.1)
