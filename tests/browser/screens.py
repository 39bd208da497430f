"""Pictures of every screen for docs/screens, of synthesised matches alone: `python -m tests.browser.screens [NAME …]`.

Each at a desk and on a phone, small enough to be kept. A screen more is a line of SCREENS.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

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


def a_moment_in(page: Page) -> None:
    """An editing screen of the project, a second into its play."""
    opened(page)
    page.get_by_role("slider", name="Playhead").press("Shift+ArrowRight")
    page.evaluate("document.activeElement.blur()")
    pictured(page, 0.9)


def pictured(page: Page, at_least_s: float = 0.0) -> None:
    """Wait until a film shows a picture, and nothing is still loading; a film itself may be fetched for long."""
    page.wait_for_function(STILL, arg=at_least_s)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.wait_for_timeout(SETTLES_MS)


STILL: Final = """(from) => [...document.querySelectorAll("main video")].some(
  (video) => !video.seeking && video.readyState > 1 && video.currentTime >= from)"""
SETTLES_MS: Final = 2_000
"""What is drawn beside a film, of other pictures of it: nothing tells of it."""


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
    Screen("framing", "/projects/{project}/framing", a_moment_in),
    Screen("overlay", "/projects/{project}/overlay", a_moment_in),
    Screen("gallery", "/gallery"),
    Screen("reel", "/gallery/{reel}", pictured),
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
    (source,) = parent.gets(f"/api/games/{game}/sources")["items"]
    hero = _hero(folder)
    best = sorted(clips, key=lambda clip: -clip["rating"])
    for number, title in ((1, "The second goal"), (len(best), "Mia, spring")):
        project = parent.begins_project([clip["id"] for clip in best[:number]], title=title)
        parent.edits(project, _followed(hero, source["facts"]["in_pts"]))
        draft, framing = parent.exports(project, "framing")
        parent.asks("DELETE", f"/api/jobs/{framing['id']}")  # a draft is enough to be looked at, and takes seconds
        parent.waits_for([draft])
        parent.waits_for(parent.exports(project, "overlay", draft_will_do=True))
    return {"game": game, "project": project, "reel": parent.gets("/api/reels")["items"][0]["id"]}


Walk = Sequence[tuple[float, float, float]]
"""Seconds of the demo, and where its hero is: (x, y) in parts of the picture."""


def _hero(folder: Path) -> Walk:
    """Return where the demo's hero is, from filming it again, small."""
    truth = write(replace(demo_match(), size=Size(320, 180), rate=Fraction(5), audio=False), folder / "small.mp4")
    return [(float(at), x, y) for at, x, y in truth.hero_path()]


def _followed(hero: Walk, begins: int) -> Callable[[dict[str, Any]], None]:
    """Return a change that keeps crop and spotlight of every clip on the hero; `begins`: the demo's first pts."""

    def change(edit: dict[str, Any]) -> None:
        for clip in edit["clips"]:
            n, d = clip["time_base"]
            first, last = ((clip[edge] - begins) * n / d for edge in ("in_pts", "out_pts"))
            seen = [(begins + round(at * d / n), x, y) for at, x, y in hero if first <= at < last]
            crops = [(pts, _inside(x, CROP_HEIGHT * 81 / 256), _inside(y, CROP_HEIGHT)) for pts, x, y in seen[::4]]
            clip["crops"]["9:16"] = {
                "framed": True,
                "keys": [_key(pts, cx=x, cy=y, h=CROP_HEIGHT, by="hand") for pts, x, y in crops],
            }
            keys = [_key(pts, x=x, y=y, rx=0.045, ry=0.09) for pts, x, y in seen[::2]]
            lit = {
                "id": uuid7(),
                "in_pts": clip["in_pts"],
                "out_pts": min(clip["in_pts"] + 2 * d // n, clip["out_pts"]),
            }
            clip["spotlights"] = [lit | {"keys": keys, "colour": "yellow"}]

    return change


CROP_HEIGHT: Final = 0.62
"""Of the picture; its width is 81/256 of that in a 16:9 picture."""


def _inside(middle: float, extent: float) -> float:
    return min(max(middle, extent / 2), 1 - extent / 2)


def _key(pts: int, **said: Any) -> dict[str, Any]:
    return {"id": uuid7(), "pts": pts, "ease": "smooth", **said}


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
