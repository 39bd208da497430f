"""The cards of games, as the tests look at them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import PATIENCE_MS

Films = Callable[..., Path]
"""What films a match: by its name, how many seconds, and how many bytes it has at the least."""

TWO_PARTS: Final = 17 * 2**20  # a part of an upload has 16 MiB


def card(page: Page, title: str) -> Locator:
    """Return a game's card."""
    return page.get_by_role("article", name=title)


def ready(page: Page, title: str) -> None:
    """Wait until a game's footage is looked over: then nothing is left to say of it."""
    expect(card(page, title).get_by_role("progressbar")).to_have_count(0, timeout=4 * PATIENCE_MS)
    expect(card(page, title)).to_contain_text(re.compile(r"\d:\d\d"))
