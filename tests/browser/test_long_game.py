"""A whole day's football: four hours of footage and five hundred clips, looked through as quickly as ten."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from media import ffmpeg
from media.synth import Match, write
from reel.geometry import Size
from tests.browser.conftest import Visit
from tests.browser.marking import clock, line, opened, saved, stands_at
from tests.browser.visitor import PATIENCE_MS, PHONE, Visitor
from tests.journeys.parent import Parent

MINUTES = 240
CLIPS = 500
FEW = 60  # lines that stand in the page, however many there are


@pytest.fixture(scope="module")
def game(parent: Parent, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A game of four hours, a frame a second: a minute of it, over and over."""
    folder = tmp_path_factory.mktemp("long")
    minute, long = folder / "minute.mp4", folder / "four hours.mp4"
    write(Match(size=Size(160, 90), rate=Fraction(1), duration_s=Fraction(60), players=2), minute)
    ffmpeg.run(["-stream_loop", str(MINUTES - 1), "-i", str(minute), "-an", "-c", "copy", str(long)])
    game = parent.adds_game("Four hours")
    assert parent.brings(game, long)["state"] == "ready"
    return game


@pytest.fixture(scope="module")
def clip_list(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five hundred clips, half a minute apart."""
    path = tmp_path_factory.mktemp("lists") / "clips.tsv"
    rows = [f"{20 + 28 * n}\t{1 + n % 5}\tGoal\tNumber {n}\t8\t\n" for n in range(CLIPS)]
    path.write_text("start_time\trating\ttags\tclip_name\tclip_duration\tnotes\n" + "".join(rows), "utf-8")
    return path


def come(visitor: Visitor, parent: Parent, game: str) -> Page:
    """Open the game in a browser of the parent's."""
    visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": visitor.url}])
    visitor.go(f"/games/{game}")
    opened(visitor.page)
    return visitor.page


def lines(page: Page) -> dict[str, Any]:
    """Return how many lines the list has, how many of them stand in the page, and the numbers of these."""
    return page.evaluate(
        """() => {
          const all = [...document.querySelectorAll("ul[aria-label=Clips] > li")];
          const numbers = all.map((one) => Number(one.getAttribute("aria-posinset")));
          return { all: Number(all[0].getAttribute("aria-setsize")), there: all.length, first: numbers[0],
                   last: numbers.at(-1) };
        }"""
    )


def test_five_hundred_clips_in_four_hours(visit: Visit, parent: Parent, game: str, clip_list: Path) -> None:
    visitor = visit()
    page = come(visitor, parent, game)
    page.get_by_label("Clip list").set_input_files(clip_list)
    expect(page.get_by_text("500 clips added", exact=True)).to_be_visible(timeout=2 * PATIENCE_MS)
    assert parent.gets(f"/api/games/{game}")["clip_count"] == CLIPS
    expect(line(page, "Number 0")).to_be_visible()
    assert (lines(page)["all"], lines(page)["there"] <= FEW) == (CLIPS, True)

    line(page, "Number 0").focus()
    page.keyboard.press("End")
    expect(line(page, "Number 499")).to_be_visible()
    expect(clock(page)).to_have_text("3:53:12.00")
    stands_at(page, 13992.5)
    assert lines(page)["there"] <= FEW
    page.get_by_role("list", name="Clips").evaluate("(list) => { list.parentElement.scrollTop = 13_000; }")
    expect(line(page, "Number 255")).to_be_visible()

    detail = page.get_by_test_id("detail")
    detail.hover()
    page.mouse.wheel(900, 0)
    page.keyboard.press("0")
    page.keyboard.press("Escape")
    before = detail.screenshot()
    for _ in range(4):
        page.keyboard.press("+")
    assert detail.screenshot() != before
    page.get_by_role("slider", name="Playhead").press("End")
    expect(clock(page)).to_have_text("3:59:59.00")
    page.keyboard.press("n")
    saved(page)
    expect(page.get_by_label("Ends", exact=True)).to_have_value("4:00:00.00")
    page.get_by_role("searchbox").fill("number 41")
    expect(page.get_by_text("11 of 501")).to_be_visible()
    assert visitor.faults() == []


def test_a_flick_of_the_finger_goes_on_and_comes_to_rest(visit: Visit, parent: Parent, game: str) -> None:
    visitor = visit(PHONE, touch=True, moves=True)
    page = come(visitor, parent, game)
    box = page.get_by_test_id("detail").bounding_box()
    assert box
    fingers = page.context.new_cdp_session(page)
    y = box["y"] + 10

    began_s = time.time()

    def touch(kind: str, at_ms: int, *xs: float) -> None:
        """Touch at a time of the finger's own: how quick it is must not hang on how busy the machine is."""
        said = {"type": kind, "touchPoints": [{"x": x, "y": y} for x in xs], "timestamp": began_s + at_ms / 1000}
        fingers.send("Input.dispatchTouchEvent", said)

    touch("touchStart", 0, 300)
    for at_ms in range(10, 90, 10):
        touch("touchMove", at_ms, 300 - 2 * at_ms)
    held = page.evaluate(f"({LOOKED_AT})()")
    assert held != "0%", "it went with the finger"
    touch("touchEnd", 90)
    page.wait_for_function(f"(held) => ({LOOKED_AT})() !== held", arg=held)
    page.wait_for_function(RESTS)
    expect(clock(page)).to_have_text("0:00.00")


LOOKED_AT = """() => document.querySelector("section[aria-label=Timeline] [aria-hidden] > div").style.left"""
RESTS = f"""async () => {{
  const before = ({LOOKED_AT})();
  for (let frame = 0; frame < 12; frame += 1) await new Promise(requestAnimationFrame);
  return ({LOOKED_AT})() === before;
}}"""
