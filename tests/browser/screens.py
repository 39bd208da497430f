"""Pictures of every screen for docs/screens, of synthesised matches alone: `python -m tests.browser.screens [NAME …]`.

Each at a desk and on a phone, small enough to be kept. A screen more is a line of SCREENS.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from media.synth import demo_match, write
from reel.geometry import Size
from storage.ids import uuid7
from tests.browser.conftest import NAMES
from tests.browser.marking import go_to, line, opened
from tests.browser.visitor import DESK, PATIENCE_MS, PHONE, visiting
from tests.house.source import CHECKOUT
from tests.journeys.parent import Parent
from tests.local.service import serving

FOLDER: Final = CHECKOUT / "docs/screens"
MOST_BYTES: Final = 80_000
QUALITIES: Final = (82, 72, 60, 45)
OPPONENTS: Final = ("FC Tigers", "Northside Rovers", "Harbour United")


def standing(page: Page) -> None:
    """Wait until a screen stands: nothing of it is still loading."""
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def a_clip_chosen(page: Page) -> None:
    """The best clip of the demo, in the middle of its play."""
    opened(page)
    go_to(page, 31)
    if page.get_by_role("tab", name="Clips").is_visible():
        page.get_by_role("tab", name="Clips").click()
    line(page, "the second goal").click()
    page.keyboard.press("Shift+ArrowRight")
    page.evaluate("document.activeElement.blur()")
    standing(page)


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen: the name of its pictures, its address (with {game} and {project}), and what is done on it first."""

    name: str
    path: str
    prepare: Callable[[Page], None] = standing


SCREENS: Final = (
    Screen("games", "/"),
    Screen("annotate", "/games/{game}", a_clip_chosen),
    Screen("projects", "/projects"),
)


def main(wanted: list[str]) -> None:
    """Make the pictures of the screens that are named, of all if none is."""
    environment = {**os.environ, "PYTHON": sys.executable}
    subprocess.run([CHECKOUT / "run", "build"], env=environment, check=True)
    program = next(filter(None, map(shutil.which, NAMES)))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, serving(Path(folder) / "home") as service, sync_playwright() as playwright:
        parent = Parent(service.url)
        ids = _filled(parent, Path(folder))
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        for screen in SCREENS:
            if not wanted or screen.name in wanted:
                _take(browser, service.url, parent, screen, ids)
        browser.close()
        parent.close()


def _filled(parent: Parent, folder: Path) -> Mapping[str, str]:
    """Give the parent the demo game and a few others; return the ids that addresses name."""
    demo = parent.asks("POST", "/api/games/demo", {})
    for seed, opponent in enumerate(OPPONENTS, 7):
        film = folder / f"{seed}.mp4"
        write(replace(demo_match(), size=Size(640, 360), rate=Fraction(2), duration_s=Fraction(24), seed=seed), film)
        game = uuid7()
        said = {"id": game, "opponent": opponent, "match_date": f"2026-05-{3 * seed - 4}", "venue": "home"}
        parent.asks("POST", "/api/games", said)
        source = parent.brings(game, film)
        for number in range(seed % 4):
            parent.marks(source, 1 + number, 3, rating=2 + number, tags=["Pass"])
    parent.waits_for([demo["job"]])
    game = demo["game"]["id"]
    clips = parent.gets(f"/api/games/{game}/clips")["items"]
    return {"game": game, "project": parent.begins_project([clip["id"] for clip in clips])}


def _take(browser: Browser, url: str, parent: Parent, screen: Screen, ids: Mapping[str, str]) -> None:
    for kind, size, touch in (("desk", DESK, False), ("phone", PHONE, True)):
        with visiting(browser, url, size, touch=touch) as visitor:
            visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": url}])
            visitor.go(screen.path.format(**ids))
            screen.prepare(visitor.page)
            shown = visitor.page.get_by_role("main")
            expect(shown).not_to_contain_text("Loading", timeout=PATIENCE_MS)
            path = FOLDER / f"{screen.name}-{kind}.webp"
            path.write_bytes(_small(visitor.page.screenshot()))
            sys.stdout.write(f"{path.relative_to(CHECKOUT)}: {path.stat().st_size / 1000:.0f} kB\n")


def _small(png: bytes) -> bytes:
    """Return a picture as WebP, as good as it may be in so many bytes."""
    with Image.open(BytesIO(png)) as picture:
        tries = (_webp(picture.convert("RGB"), quality) for quality in QUALITIES)
        return next((made for made in tries if len(made) <= MOST_BYTES), _webp(picture.convert("RGB"), QUALITIES[-1]))


def _webp(picture: Image.Image, quality: int) -> bytes:
    made = BytesIO()
    picture.save(made, "WEBP", quality=quality, method=6)
    return made.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
