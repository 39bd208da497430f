"""The places at the left of a desk and above a phone: beside what they open, and leaving the picture its room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Locator, expect

from tests.browser.conftest import Visit
from tests.browser.marking import opened
from tests.browser.visitor import DESK, PHONE, Visitor, sized
from tests.journeys.parent import Parent, framed
from tests.local.service import Service

PICTURE_SHARE = 0.55
"""Of a desk's height, on every editing screen."""
EDITING = ("/games/{game}", "/projects/{project}/framing", "/projects/{project}/overlay")

Opens = Callable[..., Visitor]


@pytest.fixture(scope="module")
def ids(parent: Parent, films: Callable[..., Path]) -> dict[str, str]:
    """A game, and a project of it as a draft."""
    game = parent.adds_game("FC Tigers")
    source = parent.brings(game, films("rail.mp4", 4))
    project = parent.begins_project([parent.marks(source, 1.0, 1.0)])
    parent.edits(project, framed((0, 0.5, 0.5, 0.9)))
    draft, framing = parent.exports(project, "framing")
    parent.asks("DELETE", f"/api/jobs/{framing['id']}")
    parent.waits_for([draft])
    return {"game": game, "project": project}


@pytest.fixture
def opens(visit: Visit, parent: Parent, service: Service) -> Opens:
    """What opens an address in a browser of the parent's."""

    def come(path: str, *arguments: object, **more: object) -> Visitor:
        visitor = visit(*arguments, **more)
        visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
        visitor.go(path)
        return visitor

    return come


def box_of(shown: Locator) -> FloatRect:
    expect(shown).to_be_visible()
    box = shown.bounding_box()
    assert box
    return box


def assert_inside(box: FloatRect, size: tuple[int, int]) -> None:
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= size[0]
    assert box["y"] + box["height"] <= size[1]


def test_what_the_rail_opens_lies_beside_it(opens: Opens) -> None:
    visitor = opens("/")
    page = visitor.page
    rail = box_of(page.get_by_role("banner"))
    assert (rail["x"], rail["y"], rail["height"]) == (0, 0, DESK[1])
    assert 72 <= rail["width"] <= 80
    opened_by = {"Nothing under way": page.get_by_role("dialog", name="Under way"), "Menu": page.get_by_role("menu")}
    for button, shown in opened_by.items():
        page.get_by_role("button", name=button, exact=True).click()
        box = box_of(shown)
        assert box["x"] >= rail["width"]
        assert_inside(box, DESK)
        page.keyboard.press("Escape")
    assert visitor.faults() == []


def test_the_place_of_a_game_is_games(opens: Opens, ids: dict[str, str]) -> None:
    places = opens("/games/{game}".format(**ids)).page.get_by_role("navigation", name="Places")
    expect(places.get_by_role("link", name="Games")).to_have_attribute("aria-current", "page")
    places.get_by_role("link", name="Projects").click()
    expect(places.get_by_role("link", name="Projects")).to_have_attribute("aria-current", "page")
    expect(places.locator("[aria-current]")).to_have_count(1)


def test_on_a_phone_every_place_is_named_above_the_screen(opens: Opens) -> None:
    visitor = opens("/", PHONE, touch=True)
    page = visitor.page
    places = page.get_by_role("navigation", name="Places").get_by_role("link")
    expect(places).to_have_text(["Games", "Projects", "Gallery", "Account"])
    for place in places.all():
        box = box_of(place)
        assert_inside(box, PHONE)
        assert min(box["width"], box["height"]) >= 44
    assert_inside(box_of(page.get_by_role("button", name="Menu", exact=True)), PHONE)
    assert sized(page)[0] <= PHONE[0]


@pytest.mark.parametrize("path", EDITING)
def test_the_picture_has_most_of_the_height(opens: Opens, ids: dict[str, str], path: str) -> None:
    page = opens(path.format(**ids)).page
    opened(page)
    stage = page.locator("main video").first.locator("xpath=..")
    assert box_of(stage)["height"] >= PICTURE_SHARE * DESK[1]
    wide, seen = sized(page)
    assert wide <= seen
