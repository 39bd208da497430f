"""Somebody at a browser: a profile of their own, and an eye on what the page complains of."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect

from tests.house.source import CHECKOUT

DESK: Final = (1440, 900)
PHONE: Final = (390, 844)
PATIENCE_MS: Final = 30_000
"""For what a worker does first: on a busy machine its process alone takes seconds to start."""

_AXE: Final = CHECKOUT / "web/node_modules/axe-core/axe.min.js"
_DROP: Final = """async ([files]) => {
  const data = new DataTransfer();
  for (const { name, type, base64 } of files) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], name, { type }));
  }
  for (const kind of ["dragenter", "dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}"""


@dataclass
class Visitor:
    """A browser with one page. `complaints` are its errors: a test that expects some takes them out."""

    context: BrowserContext
    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str = "/") -> None:
        """Go to an address of the editor."""
        self.page.goto(self.url + path)

    def add_game(self, opponent: str, *files: Path) -> None:
        """Add a game by the form."""
        self.page.get_by_role("button", name="Add game").first.click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("Opponent").fill(opponent)
        if files:
            dialog.get_by_label("Video files").set_input_files(list(files))
        dialog.get_by_role("button", name="Add game").click()
        expect(dialog).to_be_hidden(timeout=PATIENCE_MS)

    def drop(self, *files: Path) -> None:
        """Drop small files onto the page."""
        said = [{"name": file.name, "type": "video/mp4", "base64": _base64(file)} for file in files]
        self.page.evaluate(_DROP, [said])

    def faults(self) -> list[str]:
        """Return what axe-core holds against the page as it is, serious and critical."""
        self.page.evaluate(_AXE.read_text("utf-8"))
        found: list[dict[str, Any]] = self.page.evaluate("axe.run().then(({ violations }) => violations)")
        grave = [one for one in found if one["impact"] in {"serious", "critical"}]
        return [f"{one['id']}: {json.dumps([node['html'] for node in one['nodes']])}" for one in grave]

    def forgive(self, *words: str) -> None:
        """Forget the complaints that say one of these: what the test itself brought about."""
        self.complaints = [one for one in self.complaints if not any(word in one for word in words)]


@contextmanager
def visiting(
    browser: Browser,
    url: str,
    size: tuple[int, int] = DESK,
    scheme: Literal["dark", "light"] = "dark",
    *,
    touch: bool = False,
    moves: bool = False,
) -> Generator[Visitor]:
    """Give somebody whom this service has never seen; `moves`: they did not ask for less motion."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        has_touch=touch,
        is_mobile=touch,
        reduced_motion="no-preference" if moves else "reduce",
        locale="en-GB",
    )
    try:
        page = context.new_page()
        visitor = Visitor(context, page, url)
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda said: _note(visitor, said))
        page.on("pageerror", lambda error: visitor.complaints.append(_text(error)))
        page.on(
            "filechooser", lambda _: None
        )  # asked for from the start: Playwright does not wait until it is told of them
        yield visitor
    finally:
        context.close()


def sized(page: Page) -> Sequence[int]:
    """Return how wide the page is, and how much of it is seen."""
    return page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")


def _note(visitor: Visitor, said: ConsoleMessage) -> None:
    if said.type == "error":
        visitor.complaints.append(f"{said.text} ({said.location.get('url', '')})")


def _text(error: Error) -> str:
    return f"{error.name}: {error.message}"


def _base64(file: Path) -> str:
    return b64encode(file.read_bytes()).decode()
