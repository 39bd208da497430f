"""A great deal at once: forty spotlights on one clip, a reel of ten minutes, an export beside another."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench import ring
from storage.ids import uuid7
from tests.browser.conftest import Visit
from tests.browser.marking import SAVED
from tests.browser.visitor import PATIENCE_MS
from tests.journeys.parent import Parent, framed
from tests.local.service import Service

pytestmark = pytest.mark.footage

PEOPLE = "07_intel_people_768x432_10fps_139s.mp4"
RATE = 10
MANY = 40
LASTS_S = 21
BOTH = (("Long", 60), ("Short", 1))

Edit = dict[str, Any]


@pytest.fixture(scope="module")
def source(parent: Parent, footage_dir: Path) -> dict[str, Any]:
    return parent.brings(parent.adds_game("Much"), footage_dir / PEOPLE)


def forty(edit: Edit) -> None:
    """Put a spotlight of half a second after the other, each further to the right than the one before."""
    (clip,) = edit["clips"]
    n, d = clip["time_base"]
    half = d // n // 2
    for number in range(MANY):
        begin = clip["in_pts"] + number * half
        key = {"id": uuid7(), "pts": begin, "x": 0.4 + 0.005 * number, "y": 0.5, "rx": 0.06, "ry": 0.12}
        clip["spotlights"].append({"id": uuid7(), "in_pts": begin, "out_pts": begin + half, "keys": [key]})


def comes(page: Page, number: int) -> None:
    """Choose a spotlight by its place in the lane, and go on two frames: with the first it only begins to fade in."""
    spans(page).nth(number).press("Enter")
    seen(page, number * RATE // 2)
    page.mouse.click(2, 2)  # away from the lane, in which the arrows move the spotlight
    for frame in (1, 2):
        page.keyboard.press("ArrowRight")
        seen(page, number * RATE // 2 + frame)


def seen(page: Page, frame: int) -> None:
    expect(page.locator(ring.CANVAS)).to_have_attribute("data-frame", str(frame))


def spans(page: Page) -> Any:
    return page.get_by_role("group", name="Spotlights").get_by_role("button", name=re.compile("^Spotlight"))


def test_forty_spotlights_are_each_within_reach(visit: Visit, parent: Parent, source: dict[str, Any], service: Service):
    project = parent.begins_project([parent.marks(source, 20, LASTS_S)])
    parent.edits(project, framed((0, 0.5, 0.5, 0.9)))
    parent.edits(project, forty)
    draft, framing = parent.exports(project, "framing")
    parent.asks("DELETE", f"/api/jobs/{framing['id']}")
    assert parent.waits_for([draft])[0]["state"] == "done"
    visitor = visit()
    visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
    visitor.go(f"/projects/{project}/overlay")
    page = visitor.page
    seen(page, 0)
    expect(spans(page)).to_have_count(MANY)
    across = []
    for number in (0, 19, MANY - 1):
        comes(page, number)
        ellipse = ring.ellipse_of(page)
        assert ellipse
        across.append(ellipse[0])
    assert across == sorted(across)
    assert len(set(across)) == len(across), "each stands where it was put"
    page.get_by_role("button", name="Delete the spotlight").click()
    expect(spans(page)).to_have_count(MANY - 1)
    kept = partial(parent.gets, f"/api/projects/{project}/edit")
    parent.until(kept, lambda edit: len(edit["clips"][0]["spotlights"]) == MANY - 1)
    page.get_by_role("button", name="Undo: Delete spotlight").click()
    expect(spans(page)).to_have_count(MANY)
    parent.until(kept, lambda edit: len(edit["clips"][0]["spotlights"]) == MANY)
    assert visitor.faults() == []


def test_a_reel_of_ten_minutes_is_framed_like_any_other(
    visit: Visit, parent: Parent, source: dict[str, Any], service: Service
):
    project = parent.begins_project([parent.marks(source, 60 * (n % 2), 60, name=f"Minute {n}") for n in range(1, 11)])
    visitor = visit()
    visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
    visitor.go(f"/projects/{project}/framing")
    page = visitor.page
    page.get_by_role("button", name="Default for all").click()
    expect(page.get_by_test_id("estimate")).to_contain_text("10:00 of reel")
    expect(page.get_by_text("10 of 10 framed")).to_be_visible()
    expect(page.get_by_role("button", name="Frame it", exact=True)).to_be_enabled()
    page.get_by_role("button", name=re.compile("Minute 10")).click()
    last = parent.gets(f"/api/projects/{project}/edit")["clips"][9]
    expect(page.get_by_test_id("result")).to_have_attribute("data-pts", str(last["in_pts"]))
    expect(page.get_by_text(SAVED)).to_be_visible()
    assert visitor.faults() == []


def test_an_export_comes_to_its_draft_while_another_is_at_work(
    visit: Visit, parent: Parent, source: dict[str, Any], service: Service
):
    long, short = (parent.begins_project([parent.marks(source, 30, lasts_s)], title=name) for name, lasts_s in BOTH)
    parent.edits(long, framed((0, 0.5, 0.5, 0.9)))
    _, at_work = parent.exports(long, "framing")
    state = partial(parent.gets, f"/api/jobs/{at_work['id']}")
    parent.until(state, lambda job: job["state"] == "running")
    visitor = visit()
    visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
    visitor.go(f"/projects/{short}/framing")
    page = visitor.page
    page.get_by_role("button", name="Default for all").click()
    page.get_by_role("button", name="Frame it", exact=True).click()
    expect(page.get_by_role("link", name="Overlay, on the draft")).to_be_visible(timeout=4 * PATIENCE_MS)
    assert state()["state"] == "running", "nobody waits for the other's reel to open Overlay"
    page.get_by_role("button", name="2 under way").click()
    tray = page.get_by_role("dialog", name="Under way")
    expect(tray).to_contain_text("Framing: waiting for its turn")
    first = tray.get_by_role("listitem").filter(has_text="Rendering")
    first.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Framed as it stands")).to_be_visible(timeout=8 * PATIENCE_MS)
    assert state()["state"] == "cancelled"
    assert visitor.faults() == []
