"""A file that is moved or changed while it plays: the server's stands in for it, or it is said what happened."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.marking import clock, go_to, opened, saved, seen, stands_at
from tests.browser.test_footage import MATCH, hold_part
from tests.browser.visitor import PATIENCE_MS, Visitor

pytestmark = pytest.mark.footage

NOT_BLOB = "() => [...document.querySelectorAll('main video')].some(({ src }) => src && !src.startsWith('blob:'))"


@pytest.fixture
def film(footage_dir: Path, tmp_path: Path) -> Path:
    """A match that can be taken away."""
    return Path(shutil.copy(footage_dir / MATCH, tmp_path / "taken_away.mp4"))


def marked(page: Page) -> None:
    """Open the game that was just added; mark a clip in the file itself."""
    page.get_by_role("button", name="Mark clips").click()
    opened(page)
    go_to(page, 10)
    assert stands_at(page, 10)["src"].startswith("blob:")
    page.keyboard.press("n")
    saved(page)


def test_taken_away_while_it_is_sent_it_is_said_and_chosen_again(
    visitor: Visitor, film: Path, footage_dir: Path
) -> None:
    page = visitor.page
    held = hold_part(page, 2)
    visitor.go()
    visitor.add_game("Taken away", film)
    marked(page)
    film.unlink()
    said = page.get_by_role("main").get_by_text("“taken_away.mp4” was moved, changed or taken out.")
    expect(said).to_be_visible()
    go_to(page, 60)
    expect(clock(page)).to_have_text("1:00.00")
    page.keyboard.press("n")
    saved(page)
    expect(page.get_by_role("list", name="Clips").get_by_role("button")).to_have_count(2)
    assert visitor.faults() == []

    shutil.copy(footage_dir / MATCH, film)
    for route in held:
        route.abort()
    page.unroute("**/*partNumber=*")
    page.get_by_role("link", name="See the upload").click()
    again = page.get_by_label("Choose taken_away.mp4 again")
    again.set_input_files(film)
    expect(page.get_by_role("button", name="Nothing under way")).to_be_visible(timeout=4 * PATIENCE_MS)
    visitor.forgive("ERR_", "blob:")


def test_taken_away_after_it_was_sent_the_server_s_plays(visitor: Visitor, film: Path) -> None:
    page = visitor.page
    visitor.go()
    visitor.add_game("Sent whole", film)
    with page.expect_response(re.compile("/ptsmap"), timeout=4 * PATIENCE_MS):  # from then on it was looked over
        marked(page)
    film.unlink()
    go_to(page, 60)
    page.wait_for_function(NOT_BLOB, timeout=4 * PATIENCE_MS)
    assert not stands_at(page, 60)["src"].startswith("blob:")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => [...document.querySelectorAll('main video')].some(({ paused }) => !paused)")
    assert seen(page)["width"] == 1920
    visitor.forgive("ERR_", "blob:")
