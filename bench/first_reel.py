"""From an empty Games screen to a finished reel on the disk, by the shortest way that a parent has; clicks counted."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Locator, Page

CLIP_S: Final = 5
MARKED_AT_S: Final = (8, 20, 32, 44, 56)
WAIT_MS: Final = 60_000
WORKER_MS: Final = 3_600_000  # what the network takes is what is measured
MOST_LEAD_S: Final = 30  # the slider's end
AFTER_S: Final = 2  # what a clip holds after the press, unless somebody changed it

_COMES_TO: Final = """(at_s) => {
  const stacked = [...document.querySelectorAll("main video")];
  const seen = stacked.find(({ style }) => style.zIndex === "1") ?? stacked[0];
  return seen && seen.currentTime >= at_s;
}"""


@dataclass
class Hand:
    """A hand at a page, which counts what it does: each click, each key with those held with it, each drag."""

    page: Page
    done: list[str] = field(default_factory=list[str])

    def click(self, wanted: Locator, within_ms: float = WAIT_MS) -> None:
        """Click something, once it is there."""
        wanted.click(timeout=within_ms)
        self.done.append(f"click {wanted}")

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)
        self.done.append(f"press {key}")

    def drag(self, thing: Locator, to_x: float) -> None:
        """Drag something left or right."""
        box = thing.bounding_box()
        assert box
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + box["width"] / 2, y)
        self.page.mouse.down()
        self.page.mouse.move(to_x, y, steps=8)
        self.page.mouse.up()
        self.done.append(f"drag {thing}")


@dataclass(frozen=True, slots=True)
class FirstReel:
    """How a first reel came about."""

    took_s: float
    clicks: int
    project: str


def make(page: Page, film: Path) -> FirstReel:
    """Make a reel of five clips of a match, natural, by the editor alone; the page is on Games, where nothing is yet.

    Raises RuntimeError where the reel is not what it has to be, and Playwright's errors where the way is blocked.
    """
    hand = Hand(page)
    page.set_default_timeout(WAIT_MS)
    adding = page.get_by_role("button", name="Add game").first
    adding.wait_for()
    began_s = time.perf_counter()

    def behind(part: str) -> float:
        took_s = time.perf_counter() - began_s
        print(f"{part} after {took_s:.1f} s and {len(hand.done)} clicks", file=sys.stderr, flush=True)
        return took_s

    hand.click(adding)
    dialog = page.get_by_role("dialog")
    with page.expect_file_chooser() as choosing:
        hand.click(dialog.get_by_role("button", name="Choose video files"))
    choosing.value.set_files(film)
    hand.done.append("choose the file, in the system's own window")
    hand.click(dialog.get_by_role("button", name="Add game"))
    hand.click(page.get_by_role("button", name="Mark clips"))
    behind("added")
    _shorten(hand)
    _mark(hand)
    behind("marked")
    hand.click(page.get_by_role("button", name="Make a reel of these"))
    hand.click(page.get_by_role("button", name="Frame the clips"))
    project = page.url.split("/")[-2]
    hand.click(page.get_by_role("button", name="Default for all"), WORKER_MS)  # once the match is looked over
    hand.click(page.get_by_role("button", name="Frame it"))
    hand.click(page.get_by_role("link", name="Overlay, on the draft"), WORKER_MS)
    behind("drafted")
    _place(hand)
    hand.click(page.get_by_role("button", name="Make reel", exact=True))
    hand.click(page.get_by_role("link", name="See it"), WORKER_MS)
    behind("made")
    with page.expect_download() as saving:
        hand.click(page.get_by_role("button", name="Download", exact=True))
    if not saving.value.path().stat().st_size:
        raise RuntimeError("The reel that was downloaded is empty.")
    return FirstReel(behind("downloaded"), len(hand.done), project)


def _shorten(hand: Hand) -> None:
    """Say that a clip is to begin three seconds before the press: with the two after it, it has five."""
    page = hand.page
    hand.click(page.get_by_role("button", name="How much a new clip holds").first)
    dialog = page.get_by_role("dialog")
    lead = dialog.get_by_role("slider", name="Before the playhead")
    track = lead.locator("xpath=../..").bounding_box()
    assert track
    lead_s = CLIP_S - AFTER_S
    hand.drag(lead, track["x"] + lead_s / MOST_LEAD_S * track["width"])
    page.wait_for_function(
        "([slider, ms]) => slider.ariaValueNow === String(ms)", arg=[lead.element_handle(), lead_s * 1000]
    )
    hand.click(dialog.get_by_role("button", name="Done"))


def _mark(hand: Hand) -> None:
    """Play the match, and press the key whenever something happens."""
    hand.press("Space")
    for at_s in MARKED_AT_S:
        hand.page.wait_for_function(_COMES_TO, arg=at_s, timeout=WORKER_MS)
        hand.press("n")
    clips = hand.page.get_by_role("list", name="Clips").get_by_role("button")
    clips.nth(len(MARKED_AT_S) - 1).wait_for()
    if [f"{CLIP_S}.0 s" in said for said in clips.all_inner_texts()] != [True] * len(MARKED_AT_S):
        raise RuntimeError(f"The clips are others than were meant: {clips.all_inner_texts()}")


def _place(hand: Hand) -> None:
    """Click the player: the first clip begins with a spotlight."""
    page = hand.page
    page.wait_for_selector("[data-testid=overlay][data-frame='0']", timeout=WORKER_MS)
    hand.click(page.get_by_test_id("press"))
    page.get_by_role("button", name="Undo: Add spotlight").wait_for()
