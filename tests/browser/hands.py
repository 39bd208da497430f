"""What a person's hands do at a page, and an eye on what it says meanwhile of how far something is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import cv2
import numpy as np
from playwright.sync_api import Locator, Page

Point = tuple[float, float]

_FOLLOW: Final = """() => {
  const said = window.saidProgress = {};
  const look = () => {
    for (const bar of document.querySelectorAll("[role=progressbar][aria-valuenow]")) {
      const line = said[bar.ariaLabel] ??= [];
      const now = Number(bar.ariaValueNow);
      if (line.at(-1) !== now) line.push(now);
    }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def middle(shown: Locator) -> Point:
    """Return where the middle of something is on the page."""
    shown.scroll_into_view_if_needed()
    box = shown.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: Point, by: Point) -> None:
    """Drag by the mouse."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + by[0], start[1] + by[1], steps=6)
    page.mouse.up()


def tab_to(page: Page, wanted: Locator, most: int = 80) -> None:
    """Press the Tab key until something has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("the Tab key never came there")


def finger(page: Page, start: Point, by: Point) -> None:
    """Drag by a finger: Playwright has taps only."""
    session = page.context.new_cdp_session(page)
    for number in range(7):
        point = {"x": start[0] + by[0] * number / 6, "y": start[1] + by[1] * number / 6}
        kind = "touchMove" if number else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def camera(shown: Locator) -> str:
    """Return what a QR code on the screen says, as a camera sees it."""
    taken: Any = cv2.imdecode(np.frombuffer(shown.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    said, *_ = cv2.QRCodeDetector().detectAndDecode(np.pad(taken, 16, constant_values=255))
    return said


def follow_progress(page: Page) -> None:
    """Begin to write down what every progress bar says, by its name; for as long as the page is not loaded anew."""
    page.evaluate(_FOLLOW)


def progress_said(page: Page) -> Mapping[str, list[int]]:
    """Return what each bar has said since: percents, one after another."""
    return page.evaluate("window.saidProgress")
