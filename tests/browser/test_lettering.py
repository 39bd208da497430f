"""Texts of any script look in the preview as in the reel: the browser has the fonts that the export draws with.

A card in letters that Inter has not, in both directions and with emoji, is drawn on the preview's canvas, and exported;
then both are compared: where each line's ink begins and ends, and the pictures all over.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from bench import ring
from tests.browser.conftest import Visit
from tests.journeys.parent import Parent, framed
from tests.local.service import Service

pytestmark = pytest.mark.footage

MATCH: Final = "09_derived_match_1080p25_70s_audio.mp4"
WORKER_MS: Final = 420_000
TEXT: Final = "ليلى 7\nМия 🏆 ⚽\n足球 축구\nगोल! เก่ง"
FONTS: Final = ("arabic", "emoji", "cjk", "devanagari", "thai")
"""Those of the files that the text needs."""
_LOADED: Final = """(count) => document.fonts.status === "loaded" && count <= [...document.fonts].filter(
  ({ family, status }) => family.includes("Reel scripts") && status === "loaded").length"""
BRIGHT: Final = 120.0
"""The ground of a card is darker, its letters and most of its emoji are lighter."""

NEAR_PX: Final = 3
"""How far apart a line's ink may begin and end: each draws the bold strokes of a font of one weight in its own way."""

Box = tuple[int, int, int, int]


@pytest.fixture(scope="module")
def project(parent: Parent, footage_dir: Path) -> str:
    """A clip of a second, as a draft, with a card before it."""
    source = parent.brings(parent.adds_game(), footage_dir / MATCH)
    project = parent.begins_project([parent.marks(source, 5.0, 1.0)], aspect="16:9")
    parent.edits(project, framed((0, 0.5, 0.5, 1.0), aspect="16:9"))
    parent.edits(project, titled)
    parent.waits_for(parent.exports(project, "framing"))
    return project


def titled(edit: dict[str, Any]) -> None:
    card = {"id": "0197a1b2-0000-7000-8000-000000000001", "text": TEXT, "before": edit["clips"][0]["id"]}
    edit["cards"] = [card | {"duration_s": 1.0}]


def test_a_card_of_any_script_is_laid_out_as_it_is_exported(
    visit: Visit, parent: Parent, service: Service, project: str, tmp_path: Path
) -> None:
    visitor = visit((2700, 1500))  # so large that the canvas has the output's pixels
    visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
    page = visitor.page
    fetched: list[str] = []
    page.on("request", lambda asked: fetched.append(asked.url))
    visitor.go(f"/projects/{project}/framing")
    expect(page.get_by_role("heading").first).to_be_visible()
    assert not [url for url in fetched if "noto" in url], "nobody waits for fonts that nothing is written in"
    visitor.go(f"/projects/{project}/overlay")
    expect(page.locator(ring.CANVAS)).to_have_attribute("data-frame", "0")
    page.get_by_role("tab", name="Texts").click()
    page.get_by_role("textbox", name="Text before clip 1").focus()
    page.wait_for_function(_LOADED, arg=len(FONTS))
    asked = {url.rpartition("/")[2] for url in fetched if "noto" in url}
    assert len(asked) == len(FONTS), asked
    assert all(any(name in url for url in asked) for name in FONTS), "those that something is written in, and no other"
    shown = ring.canvas_of(page)
    assert shown[..., 3].min() == 1.0, "while it is written the text fills the picture"
    page.get_by_role("button", name="Make reel", exact=True).click()
    expect(page.get_by_text("The reel is made.")).to_be_visible(timeout=WORKER_MS)
    reel = parent.gets(f"/api/projects/{project}")["reel_id"]
    made = ring.luma(ring.picture(parent.downloads(f"/api/media/reel/{reel}", tmp_path / "reel.mp4"), 12))
    previewed = ring.luma(ring.laid_over(shown, np.zeros((*made.shape, 3), np.float32)))
    theirs, ours = lines(made), lines(previewed)
    assert len(theirs) == 1 + len(TEXT.splitlines()), "a bar of the accent, and the lines"
    assert len(ours) == len(theirs)
    for one, other in zip(theirs, ours, strict=True):
        assert max(abs(a - b) for a, b in zip(one, other, strict=True)) <= NEAR_PX, (one, other)
    assert float(np.abs(made - previewed).mean()) < 3.0


def lines(picture: NDArray[Any]) -> list[Box]:
    """Return the box of each line's ink: left, top, right, bottom."""
    ink = picture > BRIGHT
    rows = np.flatnonzero(ink.any(axis=1))
    found: list[Box] = []
    for _, group in groupby(enumerate(rows), lambda pair: pair[1] - pair[0]):
        band = [int(row) for _, row in group]
        columns = np.flatnonzero(ink[band[0] : band[-1] + 1].any(axis=0))
        found.append((int(columns[0]), band[0], int(columns[-1]), band[-1]))
    return found
