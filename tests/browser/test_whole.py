"""The whole journey, as a family goes it: from a match on the disk, or the demo game, to a reel that others watch."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Download, Page, expect

from bench import ring
from reel.geometry import Size
from tests.browser.conftest import Visit
from tests.browser.hands import drag, follow_progress, middle, progress_said
from tests.browser.marking import go_to, line, opened, saved
from tests.browser.visitor import PATIENCE_MS, PHONE, Visitor
from tests.journeys.finished import finished

pytestmark = pytest.mark.timeout(1500)  # a game is filmed, a network works

MATCH: Final = "09_derived_match_1080p25_70s_audio.mp4"
WORKER_MS: Final = 420_000  # a network on a busy processor
ON_TO_OVERLAY: Final = re.compile("Overlay, on the draft|On to Overlay")


@pytest.mark.footage
def test_from_a_match_to_a_link_that_is_taken_back(visitor: Visitor, visit: Visit, footage_dir: Path, tmp_path: Path):
    page = visitor.page
    visitor.go()
    visitor.add_game("FC Tigers", footage_dir / MATCH)
    page.get_by_role("button", name="Mark clips").click()
    marks(page, 20, "Through ball")
    marks(page, 40, "The save")
    page.get_by_role("button", name="Make a reel of these").click()
    expect(page.get_by_text("0 of 2")).to_be_visible()
    page.get_by_label("Title of the reel").fill("Mia, spring")
    page.get_by_role("button", name="Frame the clips").click()

    frames_two_clips(page)
    follow_progress(page)
    page.get_by_role("button", name="Frame it").click()
    steps = page.get_by_role("navigation", name="Steps of the reel")
    expect(steps.get_by_role("link", name="Overlay")).to_be_visible(timeout=WORKER_MS)  # on the draft already
    expect(page.get_by_text("Framed as it stands")).to_be_visible(timeout=WORKER_MS)
    for said in progress_said(page).values():
        assert said == sorted(said), "it never goes back"
    assert max(progress_said(page)["Framing"]) > 0, "it was seen to get on"

    page.get_by_role("link", name="On to Overlay").click()
    expect(page.locator(ring.CANVAS)).to_have_attribute("data-frame", "0")
    page.mouse.click(*middle(page.get_by_test_id("press")))
    expect(page.get_by_role("button", name="Undo: Add spotlight")).to_be_visible()
    saved(page)
    page.get_by_role("button", name="Make reel", exact=True).click()
    expect(page.get_by_text("The reel is made.")).to_be_visible(timeout=WORKER_MS)
    assert visitor.faults() == []

    page.get_by_role("link", name="Gallery").first.click()
    card = page.get_by_role("article", name="Mia, spring")
    expect(card).to_contain_text("0:02 · 9:16")
    card.get_by_role("link", name="Mia, spring").click()
    made = finished(taken(page, "Mia, spring.mp4", tmp_path))
    assert (made.size, made.rate, made.frames) == (Size(1080, 1920), 25, 50)
    assert made.chapters == (("Through ball", 0, 1), ("The save", 1, 2))
    shared_and_taken_back(page, visit)


def test_from_the_demo_game_to_a_reel_on_the_disk(visitor: Visitor, tmp_path: Path):
    """The shortest way that a parent has: the best clip has a project already, and the draft will do."""
    page = visitor.page
    visitor.go()
    page.get_by_role("button", name="Try it with a demo game").click()
    page.get_by_role("link", name="Demo game").click()
    line(page, "the second goal").click(timeout=20 * PATIENCE_MS)  # filming it takes a while
    page.get_by_role("navigation", name="Reels with this clip").get_by_role("link").first.click()
    page.get_by_role("button", name="Frame the clips").click()
    page.get_by_role("button", name="Default for all").click()
    page.get_by_role("button", name="Frame it").click()
    page.get_by_role("link", name=ON_TO_OVERLAY).click(timeout=WORKER_MS)
    expect(page.locator(ring.CANVAS)).to_have_attribute("data-frame", "0")
    page.mouse.click(*middle(page.get_by_test_id("press")))
    expect(page.get_by_role("button", name="Undo: Add spotlight")).to_be_visible()
    page.get_by_role("button", name="Other ways to make it").click()
    page.get_by_role("menuitem", name="Make it of the draft").click()
    page.get_by_role("link", name="See it").click(timeout=WORKER_MS)
    made = finished(taken(page, "The run and the second goal.mp4", tmp_path))
    assert (made.size, made.frames) == (Size(1080, 1920), 5 * made.rate)
    assert made.chapters == (("The run and the second goal", 0, 5),)
    stop_all(visitor)


def marks(page: Page, at_s: int, notes: str) -> None:
    """Mark a second of a game, and say what is in it."""
    opened(page)
    go_to(page, at_s)
    page.keyboard.press("n")
    for label, moment_s in (("Starts", at_s), ("Ends", at_s + 1)):
        page.get_by_label(label, exact=True).fill(f"0:{moment_s}")
        page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Notes").fill(notes)
    page.get_by_role("textbox", name="Notes").blur()
    saved(page)
    page.keyboard.press("Escape")


def frames_two_clips(page: Page) -> None:
    """Frame the first clip by dragging, the second by pasting; undo that, load the page anew, and do it again."""
    crop, keys = (
        page.get_by_role("slider", name="Crop", exact=True),
        page.get_by_role("group", name="Keyframes").get_by_role("button"),
    )
    expect(page.get_by_text("The picture is coming")).to_have_count(0)
    drag(page, middle(crop), (-60, 0))
    drag(page, middle(page.get_by_test_id("corner-se")), (-170, -300))  # small: little for the network to do
    expect(keys).to_have_count(1)
    page.keyboard.press("Control+c")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name=re.compile("The save"))).to_have_attribute("aria-current", "true")
    page.keyboard.press("Control+v")
    expect(keys).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(keys).to_have_count(0)
    saved(page)
    page.reload()
    page.get_by_role("button", name="Redo: Paste crop").click()
    expect(page.get_by_role("button", name="Frame it")).not_to_have_attribute("aria-disabled", "true")
    saved(page)


def taken(page: Page, name: str, folder: Path) -> Path:
    """Download the reel that the page shows."""
    with page.expect_download() as saving:
        page.get_by_role("button", name="Download", exact=True).click()
    download: Download = saving.value
    assert download.suggested_filename == name
    download.save_as(folder / name)
    return folder / name


def shared_and_taken_back(page: Page, visit: Visit) -> None:
    """Give a stranger the link to the reel that the page shows; then revoke it."""
    page.get_by_role("button", name="Make a link").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Make the link").click()
    link = dialog.get_by_label("Link", exact=True).input_value()
    dialog.get_by_role("button", name="Done").click()
    stranger = visit(PHONE, touch=True)
    stranger.page.goto(link)
    film = stranger.page.locator("video")
    film.evaluate(
        "(film) => film.readyState >= 1 || new Promise((seen) => film.addEventListener('loadedmetadata', seen))"
    )
    assert film.evaluate("(film) => [film.videoWidth, film.videoHeight, film.duration]") == [
        1080,
        1920,
        pytest.approx(2, abs=0.05),
    ]
    page.get_by_role("button", name=re.compile("^Revoke the link")).click()
    dialog.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.locator("#links")).to_contain_text("Revoked on")
    answer = stranger.page.goto(link)
    assert answer
    assert answer.status == 410
    expect(stranger.page.get_by_role("heading", name="This link is closed")).to_be_visible()
    stranger.forgive("410")


def stop_all(visitor: Visitor) -> None:
    """Cancel what is still under way: the AI picture, for which nobody waits here."""
    asked = visitor.context.request
    for job in asked.get(f"{visitor.url}/api/jobs?active=1").json()["items"]:
        asked.delete(f"{visitor.url}/api/jobs/{job['id']}", headers={"Origin": visitor.url})
