"""The gallery as a family uses it: a finished reel is watched, renamed, saved, made small, shared and deleted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from media.probe import probe
from reel.geometry import Size
from storage.ids import uuid7
from tests.browser.conftest import Visit
from tests.browser.visitor import PATIENCE_MS, PHONE, Visitor, sized
from tests.journeys.parent import Parent, framed
from tests.local.service import Service

Opens = Callable[..., Visitor]

SHARES_FILES = """
navigator.canShare = () => true;
navigator.share = async ({ files: [file] }) => {
  document.body.dataset.shared = `${file.name} ${file.type} ${file.size}`;
};
"""
"""A device that shares files, which this Chromium does not: what it is given is all that is looked at."""


@pytest.fixture(scope="module")
def project(parent: Parent, films: Callable[..., Path]) -> str:
    """A project of one second, of whose draft a reel was made."""
    athlete = uuid7()
    parent.asks("POST", "/api/athletes", {"id": athlete, "name": "Mia Berger"})
    source = parent.brings(parent.adds_game(), films("gallery.mp4", 4))
    project = parent.begins_project([parent.marks(source, 1.0, 1.0)], athlete_id=athlete)
    parent.edits(project, framed((0, 0.5, 0.5, 0.9)))
    draft, framing = parent.exports(project, "framing")
    parent.asks("DELETE", f"/api/jobs/{framing['id']}")
    parent.waits_for([draft])
    made_again(parent, project, "First")
    return project


@pytest.fixture
def reel(parent: Parent, project: str) -> dict[str, Any]:
    """Its reel as it is now."""
    return next(one for one in parent.gets("/api/reels")["items"] if one["project_id"] == project)


@pytest.fixture
def opens(visit: Visit, parent: Parent, service: Service) -> Opens:
    """What opens an address in a browser of the parent's."""

    def come(path: str, *arguments: object, **more: object) -> Visitor:
        visitor = visit(*arguments, **more)
        visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
        visitor.go(path)
        return visitor

    return come


def made_again(parent: Parent, project: str, title: str) -> None:
    def change(edit: dict[str, Any]) -> None:
        edit["title"] = title

    parent.edits(project, change)
    jobs = parent.exports(project, "overlay", draft_will_do=True)
    assert [job["state"] for job in parent.waits_for(jobs)] == ["done"]


def plays(page: Page) -> None:
    """Wait until the page's film has a picture."""
    film = page.locator("main video")
    expect(film).to_be_visible()
    film.evaluate("(film) => film.readyState >= 2 || new Promise((seen) => film.addEventListener('loadeddata', seen))")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_an_empty_gallery_says_how_reels_come_here(visit: Visit, scheme: Literal["dark", "light"]):
    visitor = visit(scheme=scheme)
    visitor.go("/gallery")
    expect(visitor.page.get_by_role("heading", name="No reels yet")).to_be_visible()
    expect(visitor.page).to_have_title("Gallery · Reel Ballers")
    assert visitor.faults() == []
    visitor.go(f"/gallery/{uuid7()}")
    expect(visitor.page.get_by_role("heading", name="This reel is gone")).to_be_visible()
    assert visitor.faults() == []
    visitor.forgive("404")


def test_a_reel_is_found_watched_renamed_and_saved(opens: Opens, parent: Parent, project: str, tmp_path: Path):
    visitor = opens("/gallery")
    page = visitor.page
    card = page.get_by_role("article", name="First")
    expect(card).to_contain_text("0:01 · 9:16")
    expect(card).to_contain_text("Draft")
    assert visitor.faults() == []
    card.get_by_role("link", name="First").click()
    plays(page)
    page.get_by_role("button", name="More for this reel").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Mia: her spring")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Mia: her spring")).to_be_visible()

    made_again(parent, project, "Second")  # as from another device
    page.reload()
    expect(page.get_by_role("heading", name="Mia: her spring")).to_be_visible()
    page.get_by_role("button", name="Watch version 1").click()
    plays(page)
    expect(page.locator("main video")).to_have_attribute("src", re.compile("version=1"))
    with page.expect_download() as saving:
        page.get_by_role("button", name="Download", exact=True).click()
    assert saving.value.suggested_filename == "Mia her spring.mp4"
    saved = tmp_path / "saved.mp4"
    saving.value.save_as(saved)
    source = probe(saved)
    assert (source.codec, source.displayed, source.sound is not None) == ("h264", Size(1080, 1920), True)
    with page.expect_download() as saving:
        page.get_by_role("button", name="Download version 1").click()
    assert saving.value.suggested_filename == "Mia her spring.mp4"
    assert visitor.faults() == []
    page.get_by_role("button", name="Open the project").click()
    expect(page).to_have_url(re.compile(f"/projects/{project}$"))


def test_a_small_copy_is_made_and_saved(opens: Opens, reel: dict[str, Any], tmp_path: Path):
    page = opens(f"/gallery/{reel['id']}").page
    page.get_by_role("button", name="Make a small copy").click()
    small = page.get_by_role("button", name=re.compile("Small copy .* 720 lines"))
    expect(small).to_be_visible(timeout=4 * PATIENCE_MS)
    with page.expect_download() as saving:
        small.click()
    assert saving.value.suggested_filename.endswith("(small).mp4")
    saved = tmp_path / "small.mp4"
    saving.value.save_as(saved)
    assert probe(saved).displayed == Size(720, 1280)
    assert saved.stat().st_size <= 16_000_000


def test_a_reel_is_shared_watched_by_a_stranger_on_a_phone_and_taken_back(
    opens: Opens, visit: Visit, parent: Parent, reel: dict[str, Any]
):
    visitor = opens(f"/gallery/{reel['id']}")
    page = visitor.page
    page.get_by_role("button", name="Make a link").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name on the page")).to_have_value("Mia")  # the first name alone
    dialog.get_by_role("radio", name="A week").click()
    dialog.get_by_role("switch", name="May be saved").click()
    assert visitor.faults() == []
    dialog.get_by_role("button", name="Make the link").click()
    expect(dialog.get_by_role("img", name="QR code of the link")).to_be_visible()
    link = dialog.get_by_label("Link", exact=True).input_value()
    assert visitor.faults() == []
    dialog.get_by_role("button", name="Done").click()
    links = page.locator("#links")
    expect(links).to_contain_text("Shows “Mia”, may be saved")
    expect(links).to_contain_text("Not watched yet")

    stranger = visit(PHONE, touch=True)
    answer = stranger.page.goto(link)
    assert answer is not None
    assert answer.headers["x-robots-tag"].startswith("noindex")
    expect(stranger.page.get_by_role("heading", name="Mia’s reel")).to_be_visible()
    plays(stranger.page)
    wide, seen = sized(stranger.page)
    assert wide <= seen
    assert stranger.faults() == []
    assert stranger.context.cookies() == []
    with stranger.page.expect_download() as saving:
        stranger.page.get_by_role("link", name="Save video").tap()
    assert saving.value.suggested_filename == "Mia.mp4"

    page.reload()
    expect(links).to_contain_text("Watched once, last on")
    page.get_by_role("button", name=re.compile("^Revoke the link")).click()
    dialog.get_by_role("button", name="Revoke", exact=True).click()
    expect(links).to_contain_text("Revoked on")
    assert visitor.faults() == []
    refused(stranger, link, 410, "This link is closed")
    refused(stranger, f"{link[:-4]}AAAA", 404, "Nothing here")

    soon = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    asked = {"id": uuid7(), "expires_at": soon}
    short = parent.asks("POST", f"/api/reels/{reel['id']}/shares", asked)["url"]
    parent.until(lambda: stranger.context.request.get(short).status, lambda status: status == 410)
    refused(stranger, short, 410, "This link is closed")
    stranger.forgive("410", "404")


def test_on_a_phone_every_part_is_within_reach_and_a_reel_is_deleted(
    opens: Opens, parent: Parent, reel: dict[str, Any], tmp_path: Path
):
    visitor = opens("/gallery", PHONE, "light", touch=True)
    page = visitor.page
    card = page.get_by_role("article", name=reel["name"])
    expect(card).to_be_visible()
    assert sized(page)[0] <= sized(page)[1]
    assert visitor.faults() == []
    card.get_by_role("link", name=reel["name"]).tap()
    plays(page)
    assert sized(page)[0] <= sized(page)[1]
    assert visitor.faults() == []
    page.add_init_script(SHARES_FILES)
    page.reload()
    page.get_by_role("button", name="Save to phone").tap()
    film = parent.downloads(f"/api/media/reel/{reel['id']}", tmp_path / "film.mp4")
    handed = f"{reel['name'].replace(':', '')}.mp4 video/mp4 {film.stat().st_size}"
    expect(page.locator("body")).to_have_attribute("data-shared", handed)
    page.get_by_role("button", name="More for this reel").tap()
    page.get_by_role("menuitem", name="Delete reel").tap()
    expect(page.get_by_role("dialog")).to_contain_text("for good. The project and its footage stay.")
    page.get_by_role("dialog").get_by_role("button", name="Delete reel").tap()
    expect(page.get_by_role("heading", name="No reels yet")).to_be_visible()
    assert parent.gets("/api/reels")["items"] == []
    assert parent.gets(f"/api/projects/{reel['project_id']}")["id"] == reel["project_id"]


def refused(stranger: Visitor, link: str, status: int, heading: str) -> None:
    """Go to a link that does not open, and see a page that says so."""
    answer = stranger.page.goto(link)
    assert answer is not None
    assert answer.status == status
    expect(stranger.page.get_by_role("heading", name=heading)).to_be_visible()
    assert sized(stranger.page)[0] <= sized(stranger.page)[1]
    assert stranger.faults() == []
