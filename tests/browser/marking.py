"""What the tests of Annotate do with their hands, and how they look at what came of it."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.journeys.parent import Parent

SAVED: Final = re.compile(r"Saved \d\d?:\d\d")


def clips_of(parent: Parent, game: str) -> list[dict[str, Any]]:
    """Return a game's clips as the service has them."""
    return parent.gets(f"/api/games/{game}/clips")["items"]


def span_of(clip: dict[str, Any]) -> tuple[float, float]:
    """Return where a clip begins and ends, in seconds."""
    n, d = clip["time_base"]
    return clip["in_pts"] * n / d, clip["out_pts"] * n / d


def line(page: Page, name: str) -> Locator:
    """Return a clip's line in the list, by what is said in it."""
    return page.get_by_role("list", name="Clips").get_by_role("button", name=re.compile(name))


def saved(page: Page) -> None:
    """Wait until everything is saved."""
    expect(page.get_by_text(SAVED)).to_be_visible()


def clock(page: Page) -> Locator:
    """Return what says where the playhead is."""
    return page.locator("time").first


def go_to(page: Page, at_s: int) -> None:
    """Go to a moment by keys: five seconds each, then one."""
    page.get_by_role("slider", name="Playhead").press("Home")
    for _ in range(at_s // 5):
        page.keyboard.press("Control+ArrowRight")
    for _ in range(at_s % 5):
        page.keyboard.press("Shift+ArrowRight")
    expect(clock(page)).to_have_text(f"{at_s // 60}:{at_s % 60:02d}.00")


def opened(page: Page) -> None:
    """Wait until a game is open and its first picture stands."""
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()
    expect(page.get_by_text("The picture is coming")).to_have_count(0)


SEEN: Final = """() => {
  const stacked = [...document.querySelectorAll("main video")];
  const seen = stacked.find(({ style }) => style.zIndex === "1") ?? stacked[0];
  return seen && { width: seen.videoWidth, height: seen.videoHeight, at_s: seen.currentTime, paused: seen.paused,
                   src: seen.src, settled: !seen.seeking && seen.readyState > 1 };
}"""


def seen(page: Page) -> dict[str, Any]:
    """Return what the video that is seen says of itself, once it stands still or plays."""
    stands = page.wait_for_function(f"() => {{ const seen = ({SEEN})(); return seen?.settled ? seen : null; }}")
    return stands.json_value()


def stands_at(page: Page, at_s: float, within_s: float = 0.05) -> dict[str, Any]:
    """Wait until the video that is seen has come to a moment; return what it says of itself.

    Between two of several seeks that wait for each other it stands still, too, and somewhere else.
    """
    there = (
        f"([at, within]) => {{ const seen = ({SEEN})(); return seen?.settled && Math.abs(seen.at_s - at) <= within; }}"
    )
    with suppress(PlaywrightTimeout):
        page.wait_for_function(there, arg=[at_s, within_s])
    picture = seen(page)
    assert picture["at_s"] == pytest.approx(at_s, abs=within_s)
    return picture
