"""The second half by other ways: by keys alone, on two devices, and with the service killed meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from bench import ring
from tests.browser.conftest import Visit
from tests.browser.hands import camera, finger, follow_progress, middle, progress_said, tab_to
from tests.browser.visitor import PHONE, Visitor, sized, visiting
from tests.journeys.finished import finished
from tests.journeys.parent import Parent
from tests.local.service import serving

pytestmark = [pytest.mark.footage, pytest.mark.timeout(1500)]  # a network works meanwhile

MATCH: Final = "09_derived_match_1080p25_70s_audio.mp4"
WORKER_MS: Final = 420_000  # a network on a busy processor
SAVED: Final = re.compile(r"Saved \d\d?:\d\d")
ON_TO_OVERLAY: Final = re.compile("Overlay, on the draft|On to Overlay")
HELD: Final = 38  # frames: a second and a half
AWAY: Final = "Reel Ballers does not answer."


@pytest.fixture
def wide(parent: Parent, footage_dir: Path) -> Callable[[str], str]:
    """What begins a project of a second at 16:9: its whole picture is as large as the reel and needs no network."""

    def begin(title: str) -> str:
        known = parent.gets("/api/games")["items"]
        source = known[0]["sources"][0] if known else parent.brings(parent.adds_game(), footage_dir / MATCH)
        whole = parent.source(source["game_id"], source["id"]) if known else source
        return parent.begins_project([parent.marks(whole, 20, 1, rating=4)], aspect="16:9", title=title)

    return begin


def come(visitor: Visitor, parent: Parent, path: str) -> Page:
    """Come to a page in a browser of the parent's."""
    visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": visitor.url}])
    visitor.go(path)
    return visitor.page


def test_by_keys_alone_from_the_crop_to_the_download(
    visitor: Visitor, parent: Parent, wide: Callable[[str], str], tmp_path: Path
) -> None:
    project = wide("By keys")
    page = come(visitor, parent, f"/projects/{project}/framing")
    expect(page.get_by_role("slider", name="Crop", exact=True)).to_be_visible()
    page.keyboard.press("d")
    frame = page.get_by_role("button", name="Frame it")
    expect(frame).not_to_have_attribute("aria-disabled", "true")
    tab_to(page, frame)
    page.keyboard.press("Enter")
    on = page.get_by_role("link", name=ON_TO_OVERLAY)
    expect(on).to_be_visible(timeout=WORKER_MS)
    tab_to(page, on)
    page.keyboard.press("Enter")
    expect(page.locator(ring.CANVAS)).to_have_attribute("data-frame", "0")
    page.keyboard.press("n")
    spot = page.get_by_test_id("spotlight")
    tab_to(page, spot)
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_role("button", name="Undo: Move spotlight")).to_be_visible()
    expect(page.get_by_text(SAVED)).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Make reel", exact=True))
    page.keyboard.press("Enter")
    see = page.get_by_role("link", name="See it")
    expect(see).to_be_visible(timeout=WORKER_MS)
    tab_to(page, see)
    page.keyboard.press("Enter")
    download = page.get_by_role("button", name="Download", exact=True)
    expect(download).to_be_visible()
    tab_to(page, download)
    with page.expect_download() as saving:
        page.keyboard.press("Enter")
    saving.value.save_as(tmp_path / "reel.mp4")
    assert finished(tmp_path / "reel.mp4").frames == 25 + HELD, "the play is held before it begins, as is usual at 16:9"
    (spotlight,) = parent.gets(f"/api/projects/{project}/edit")["clips"][0]["spotlights"]
    assert spotlight["keys"][0]["x"] > 0.5


def test_begun_at_a_desk_and_finished_by_touch_on_a_phone_that_came_in_by_its_camera(
    visitor: Visitor, visit: Visit, parent: Parent, wide: Callable[[str], str]
) -> None:
    wide("On two devices")
    desk = come(visitor, parent, "/")
    desk.get_by_role("button", name="Menu").click()
    desk.get_by_role("menuitem", name="Use another device").click()
    code = desk.get_by_role("img", name="QR code of the link")
    expect(code).to_be_visible()

    phone = visit(PHONE, touch=True)
    page = phone.page
    page.goto(camera(code))
    expect(page.get_by_role("article", name="FC Tigers")).to_be_visible()
    page.get_by_role("link", name="Projects").tap()
    page.get_by_role("link", name="On two devices").tap()
    page.get_by_role("button", name="Frame the clips").tap()
    expect(page.get_by_text("The picture is coming")).to_have_count(0)
    page.get_by_role("button", name="Default for all").tap()
    fits(phone)
    page.get_by_role("button", name="Frame it").tap()
    on = page.get_by_role("link", name=ON_TO_OVERLAY)
    expect(on).to_be_visible(timeout=WORKER_MS)
    on.tap()
    expect(page.locator(ring.CANVAS)).to_have_attribute("data-frame", "0")
    page.touchscreen.tap(*middle(page.get_by_test_id("press")))
    expect(page.get_by_role("button", name="Undo: Add spotlight")).to_be_visible()
    finger(page, middle(page.get_by_test_id("spotlight")), (40, 0))
    expect(page.get_by_role("button", name="Undo: Move spotlight")).to_be_visible()
    fits(phone)
    page.get_by_role("button", name="Make reel", exact=True).tap()
    see = page.get_by_role("link", name="See it")
    expect(see).to_be_visible(timeout=WORKER_MS)
    page.get_by_role("link", name="Gallery").tap()
    page.get_by_role("article", name="On two devices").get_by_role("link", name="On two devices").tap()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Download", exact=True).tap()
    assert saving.value.suggested_filename == "On two devices.mp4"
    fits(phone)

    desk.keyboard.press("Escape")
    desk.get_by_role("link", name="Gallery").click()
    expect(desk.get_by_role("article", name="On two devices")).to_contain_text(" · 16:9")


def fits(visitor: Visitor) -> None:
    """Nothing lies beside the screen, and nothing of it is hard to reach."""
    width, seen = sized(visitor.page)
    assert width == seen
    assert visitor.faults() == []


def test_an_export_goes_on_where_it_was_after_the_service_was_killed(
    editor: Path, chromium: Browser, footage_dir: Path, tmp_path: Path
) -> None:
    """A second, enlarged as far as the default crop needs: long enough that it is in the middle when it is seen."""
    assert editor
    home = tmp_path / "home"
    with serving(home) as first, visiting(chromium, first.url) as visitor:
        parent, port = Parent(first.url), str(first.port)
        source = parent.brings(parent.adds_game(), footage_dir / MATCH)
        project = parent.begins_project([parent.marks(source, 20, 1, rating=4)])
        page = come(visitor, parent, f"/projects/{project}/framing")
        page.get_by_role("button", name="Default for all").click()
        follow_progress(page)
        page.get_by_role("button", name="Frame it").click()
        page.wait_for_function("() => window.saidProgress.Framing?.at(-1) > 0", timeout=WORKER_MS)
        first.kill("api")
        expect(page.get_by_role("region", name=AWAY)).to_be_visible()
        assert visitor.faults() == []
        with serving(home, PORT=port) as second:
            assert second.url == first.url
            expect(page.get_by_role("region", name=AWAY)).to_be_hidden()
            expect(page.get_by_text("Framed as it stands")).to_be_visible(timeout=2 * WORKER_MS)
            jobs = [job for job in parent.gets("/api/jobs")["items"] if job["kind"] == "framing"]
            assert {(job["draft"], job["state"]) for job in jobs} == {(True, "done"), (False, "done")}
            assert len(jobs) == 2, "nothing was begun twice"
            assert parent.gets(f"/api/projects/{project}")["framing"]["frames"] == 25
            assert max(progress_said(page)["Framing"]) > 0
        parent.close()
