"""A project whose game was deleted: Overlay stands on what was framed, and says why no reel can be made of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from bench import ring
from tests.browser.conftest import Visit
from tests.journeys.parent import Parent, framed
from tests.local.service import Service


def test_overlay_stands_on_what_was_framed(visit: Visit, service: Service, films: Callable[[str, int], Path]) -> None:
    parent = Parent(service.url)
    game = parent.adds_game()
    source = parent.brings(game, films("deleted.mp4", 4))
    project = parent.begins_project([parent.marks(source, 1.0, 1.5)], aspect="1:1")
    parent.edits(project, framed((0, 0.5, 0.5, 1.0), aspect="1:1"))
    draft, framing = parent.exports(project, "framing")
    parent.asks("DELETE", f"/api/jobs/{framing['id']}")
    assert parent.waits_for([draft, framing])[0]["state"] == "done"
    parent.asks("DELETE", f"/api/games/{game}")

    visitor = visit()
    visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
    page = visitor.page
    visitor.go(f"/projects/{project}/overlay")
    expect(page.locator(ring.CANVAS)).to_have_attribute("data-frame", "0")
    expect(page.get_by_text("The game of this project was deleted.")).to_be_visible()
    expect(page.get_by_text("Draft", exact=True)).to_be_visible()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
    expect(page.get_by_role("button", name="Add spotlight").first).to_be_disabled()
    expect(page.get_by_role("button", name="Make reel", exact=True)).to_be_disabled()
    assert visitor.faults() == []
    page.get_by_role("button", name="Other ways to make it").click()
    page.get_by_role("menuitem", name="Make it of the draft").click()
    expect(page.get_by_text("The original footage is no longer there.").first).to_be_visible()
    visitor.forgive("410 (Gone)")
    parent.close()
