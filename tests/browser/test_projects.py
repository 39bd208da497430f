"""Projects as a parent uses them: from clips to a reel in its order, moved by mouse, key and finger, in two tabs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from storage.ids import uuid7
from tests.browser.conftest import Visit
from tests.browser.marking import clips_of, line, opened, saved
from tests.browser.visitor import PHONE, Visitor, sized
from tests.journeys.parent import Parent
from tests.local.service import Service

CLIPS = (("Far corner", 4, "Goal"), ("Through ball", 5, "Assist"), ("First touch", 3, "Control"))

Opens = Callable[..., Visitor]


@pytest.fixture(scope="module")
def game(parent: Parent, films: Callable[[str, int, int], Path]) -> str:
    """A match with three clips, the best in the middle."""
    game = parent.adds_game("FC Tigers")
    assert parent.brings(game, films("projects.mp4", 40, 0))["state"] == "ready"
    marks(parent, game)
    return game


@pytest.fixture
def opens(visit: Visit, parent: Parent, service: Service) -> Opens:
    """What opens an address in a browser of the parent's."""

    def come(path: str, *arguments: object, **more: object) -> Visitor:
        visitor = visit(*arguments, **more)
        visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
        visitor.go(path)
        return visitor

    return come


@pytest.fixture
def project(parent: Parent, game: str) -> str:
    """A project of the three clips, by the match."""
    project = uuid7()
    ids = [clip["id"] for clip in clips_of(parent, game)]
    parent.asks("POST", "/api/projects", {"id": project, "clip_ids": ids, "title": "Spring"})
    return project


def marks(parent: Parent, game: str) -> None:
    (source,) = parent.gets(f"/api/games/{game}")["sources"]
    numerator, ticks = source["facts"]["time_base"]
    assert numerator == 1
    for number, (notes, rating, tag) in enumerate(CLIPS):
        span = {"in_pts": (2 + 10 * number) * ticks, "out_pts": (8 + 10 * number) * ticks}
        clip = {"id": uuid7(), "source_id": source["id"], "time_base": [1, ticks], **span}
        parent.asks("POST", f"/api/games/{game}/clips", clip | {"rating": rating, "tags": [tag], "notes": notes})


def edit_of(parent: Parent, project: str) -> dict[str, Any]:
    return parent.gets(f"/api/projects/{project}/edit")


def order_of(parent: Parent, project: str) -> list[str]:
    """Return the clips of a project by their notes, as the service has them."""
    games = parent.gets("/api/games")["items"]
    names = {clip["id"]: clip["notes"] for game in games for clip in clips_of(parent, game["id"])}
    return [names[clip["clip_id"]] for clip in edit_of(parent, project)["clips"]]


def rows(page: Page) -> Locator:
    return page.get_by_role("list", name="Clips in their order").get_by_role("listitem")


def stands(page: Page, *names: str) -> None:
    """Wait until the clips stand in an order."""
    expect(rows(page).get_by_role("heading")).to_have_text([re.compile(name) for name in names])


def grip(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(f"^Move {name}"))


def sizes_well(visitor: Visitor) -> None:
    width, seen = sized(visitor.page)
    assert width == seen, "nothing lies beside the screen"
    assert visitor.faults() == []


def test_a_project_is_made_of_chosen_clips_named_and_deleted(opens: Opens, parent: Parent, game: str) -> None:
    visitor = opens("/projects")
    page = visitor.page
    own = page.get_by_role("article", name="Through ball")  # the clip of five stars begins one by itself
    expect(own).to_contain_text("By itself")
    expect(own).to_contain_text("9:16 · 1 clip · Not framed yet")

    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name=re.compile("First touch")).check()
    dialog.get_by_role("checkbox", name=re.compile("Far corner")).check()
    dialog.get_by_role("radio", name="4:5, portrait").click()
    assert visitor.faults() == []
    dialog.get_by_role("button", name="Begin with 2 clips").click()
    stands(page, "First touch", "Far corner")
    expect(page.get_by_role("radio", name="4:5, portrait")).to_be_checked()
    project = page.url.rpartition("/")[2]
    assert edit_of(parent, project)["aspect"] == "4:5"

    page.get_by_label("Title of the reel").fill("  Mia, spring ")
    saved(page)
    assert edit_of(parent, project)["title"] == "Mia, spring"
    expect(page).to_have_title(re.compile("Mia, spring"))
    page.get_by_role("link", name="Back to the projects").click()
    card = page.get_by_role("article", name="Mia, spring")
    card.get_by_role("button", name="More for Mia, spring").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_label("Title").fill("Mia, summer")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="More for Mia, summer").click()
    page.get_by_role("menuitem", name="Delete project").click()
    sizes_well(visitor)
    page.get_by_role("button", name="Delete project").click()
    expect(page.get_by_text("Mia, summer is deleted", exact=True)).to_be_visible()
    expect(page.get_by_role("article", name="Mia, summer")).to_have_count(0)
    parent.asks("GET", f"/api/projects/{project}", wanted=(404,))
    assert len(clips_of(parent, game)) == 3, "the clips stay"


def test_clips_are_put_in_order_by_mouse_key_and_number(opens: Opens, parent: Parent, project: str) -> None:
    visitor = opens(f"/projects/{project}", scheme="light")
    page = visitor.page
    stands(page, "Far corner", "Through ball", "First touch")
    held, last = grip(page, "Far corner").bounding_box(), rows(page).nth(2).bounding_box()
    assert held
    assert last
    page.mouse.move(held["x"] + 10, held["y"] + 10)
    page.mouse.down()
    page.mouse.move(held["x"] + 10, last["y"] + last["height"], steps=6)
    stands(page, "Far corner", "Through ball", "First touch")  # nothing is changed until it is let go
    page.mouse.up()
    stands(page, "Through ball", "First touch", "Far corner")
    saved(page)
    assert order_of(parent, project) == ["Through ball", "First touch", "Far corner"]

    page.mouse.move(held["x"] + 10, held["y"] + 10)
    page.mouse.down()
    page.mouse.move(held["x"] + 10, last["y"] + last["height"], steps=6)
    page.keyboard.press("Escape")
    page.mouse.up()
    stands(page, "Through ball", "First touch", "Far corner")

    grip(page, "Far corner").press("ArrowUp")
    expect(page.get_by_text("Far corner: place 2 of 3")).to_be_attached()
    page.keyboard.press("ArrowUp")
    stands(page, "Far corner", "Through ball", "First touch")
    saved(page)
    assert order_of(parent, project) == ["Far corner", "Through ball", "First touch"]
    page.keyboard.press("Control+z")  # both steps at once: the key was not let go of for anything else
    stands(page, "Through ball", "First touch", "Far corner")

    page.get_by_role("button", name="More for Through ball").click()
    page.get_by_role("menuitem", name="Move to place").click()
    page.get_by_label("Place, 1 to 3").fill("2")
    page.keyboard.press("Enter")
    stands(page, "First touch", "Through ball", "Far corner")
    page.get_by_role("button", name="Best first", exact=True).click()
    stands(page, "Through ball", "Far corner", "First touch")
    saved(page)
    assert order_of(parent, project) == ["Through ball", "Far corner", "First touch"]
    sizes_well(visitor)


def test_undo_and_redo_outlive_a_reload_and_a_network_that_is_gone(opens: Opens, parent: Parent, project: str) -> None:
    visitor = opens("/projects")
    page = visitor.page
    visitor.page.get_by_role("link", name="Spring").first.click()
    grip(page, "First touch").press("Home")
    stands(page, "First touch", "Far corner", "Through ball")
    page.keyboard.press("Delete")
    stands(page, "Far corner", "Through ball")
    page.get_by_role("radio", name="16:9, wide").click()
    saved(page)
    assert order_of(parent, project) == ["Far corner", "Through ball"]

    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    stands(page, "First touch", "Far corner", "Through ball")
    saved(page)
    page.reload()
    stands(page, "First touch", "Far corner", "Through ball")
    page.get_by_role("button", name="Redo: Remove clip").click()
    stands(page, "Far corner", "Through ball")
    page.get_by_role("button", name="Redo: Shape").click()
    expect(page.get_by_role("radio", name="16:9, wide")).to_be_checked()
    saved(page)
    assert edit_of(parent, project)["aspect"] == "16:9"

    visitor.context.set_offline(True)
    page.get_by_role("radio", name="1:1, square").click()
    expect(page.get_by_text("Kept here: 1 change to save")).to_be_visible()
    page.get_by_role("link", name="Back to the projects").click()  # it goes out from whatever screen
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    visitor.context.set_offline(False)
    comes(page, lambda: edit_of(parent, project)["aspect"] == "1:1")
    visitor.forgive("ERR_INTERNET_DISCONNECTED")


def comes(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait until something is so at the service."""
    for _ in range(100):
        if is_so():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came")


def test_a_clip_is_changed_in_annotate_and_the_reel_asks_which_it_keeps(
    opens: Opens, parent: Parent, game: str, project: str
) -> None:
    visitor = opens(f"/projects/{project}")
    page = visitor.page
    first, second = rows(page).nth(0), rows(page).nth(1)
    first.get_by_role("button", name="Edit in Annotate").click()
    opened(page)
    expect(page.get_by_label("Starts", exact=True)).to_have_value("0:02.00")
    page.get_by_label("Ends", exact=True).fill("0:06")
    page.keyboard.press("Enter")
    saved(page)
    line(page, "Through ball").click()
    reels = page.get_by_role("navigation", name="Reels with this clip")
    expect(reels.get_by_role("link", name="Through ball")).to_be_visible()  # that of its own
    page.get_by_label("Ends", exact=True).fill("0:16")
    page.keyboard.press("Enter")
    saved(page)

    page.get_by_role("link", name="Back to the reel").click()
    expect(first).to_contain_text("4.0 s now, here 6.0 s")
    sizes_well(visitor)
    first.get_by_role("button", name="Use the new").click()
    expect(first).not_to_contain_text("changed in Annotate")
    second.get_by_role("button", name="Keep", exact=True).click()
    expect(second).not_to_contain_text("changed in Annotate")
    saved(page)
    page.reload()
    expect(rows(page).nth(2)).to_be_visible()
    expect(page.get_by_text("changed in Annotate")).to_have_count(0)
    assert lengths_s(parent, project) == [4, 6, 6]
    page.keyboard.press("Control+z")
    saved(page)
    assert lengths_s(parent, project) == [6, 6, 6]
    for clip in clips_of(parent, game):  # as they were, for the others
        ticks = clip["time_base"][1]
        body = {"revision": clip["revision"], "in_pts": clip["in_pts"], "out_pts": clip["in_pts"] + 6 * ticks}
        parent.asks("PATCH", f"/api/clips/{clip['id']}", body)


def lengths_s(parent: Parent, project: str) -> list[float]:
    clips = edit_of(parent, project)["clips"]
    return [(clip["out_pts"] - clip["in_pts"]) / clip["time_base"][1] for clip in clips]


def test_from_annotate_to_a_reel_of_the_clips_that_are_shown(opens: Opens, parent: Parent, game: str) -> None:
    page = opens(f"/games/{game}").page
    opened(page)
    page.get_by_role("button", name="Order: By time").click()
    page.get_by_role("menuitemcheckbox", name="Best first").click()
    page.get_by_role("button", name="Make a reel of these").click()
    stands(page, "Through ball", "Far corner", "First touch")
    project = page.url.rpartition("/")[2]
    assert order_of(parent, project) == ["Through ball", "Far corner", "First touch"]
    page.get_by_role("link", name="Annotate").click()
    opened(page)
    line(page, "Through ball").click()
    own = page.get_by_role("navigation", name="Reels with this clip").get_by_role("link", name="Through ball")
    own.click()
    stands(page, "Through ball")


def test_two_tabs_that_change_the_same_ask_and_both_answers_hold(opens: Opens, parent: Parent, project: str) -> None:
    visitor = opens(f"/projects/{project}")
    page = visitor.page
    stands(page, "Far corner", "Through ball", "First touch")
    there(parent, project, lambda edit: edit | {"title": "Theirs"})
    grip(page, "First touch").press("Home")  # another part: both are kept
    saved(page)
    expect(page.get_by_label("Title of the reel")).to_have_value("Theirs")
    assert order_of(parent, project) == ["First touch", "Far corner", "Through ball"]

    there(parent, project, lambda edit: edit | {"aspect": "1:1"})
    page.get_by_role("radio", name="16:9, wide").click()
    banner = page.get_by_role("region", name=re.compile("This project was changed"))
    expect(banner).to_contain_text("Both changed the shape.")
    sizes_well(visitor)
    banner.get_by_role("button", name="Load theirs").click()
    expect(page.get_by_role("radio", name="1:1, square")).to_be_checked()
    expect(banner).to_have_count(0)

    there(parent, project, lambda edit: edit | {"aspect": "4:5"})
    page.get_by_role("radio", name="9:16, upright").click()
    banner.get_by_role("button", name="Keep mine as a copy").click()
    expect(page.get_by_label("Title of the reel")).to_have_value("Theirs (copy)")
    stands(page, "First touch", "Far corner", "Through ball")
    copy = page.url.rpartition("/")[2]
    assert copy != project
    assert (edit_of(parent, copy)["aspect"], edit_of(parent, project)["aspect"]) == ("9:16", "4:5")
    page.get_by_role("button", name="Best first", exact=True).click()
    saved(page)
    assert order_of(parent, copy) == ["Through ball", "Far corner", "First touch"]

    parent.asks("DELETE", f"/api/projects/{copy}")
    page.get_by_role("radio", name="1:1, square").click()
    gone = page.get_by_role("region", name="This project was deleted elsewhere.")
    gone.get_by_role("button", name="Keep mine as a copy").click()
    expect(gone).to_have_count(0)
    stands(page, "Through ball", "Far corner", "First touch")
    assert edit_of(parent, page.url.rpartition("/")[2])["aspect"] == "1:1"
    visitor.forgive("409", "404")


def there(parent: Parent, project: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Somebody changes the project on another device."""
    parent.asks("PUT", f"/api/projects/{project}/edit", change(edit_of(parent, project)))


def test_by_touch_on_a_phone(opens: Opens, parent: Parent, project: str) -> None:
    visitor = opens(f"/projects/{project}", PHONE, touch=True)
    page = visitor.page
    stands(page, "Far corner", "Through ball", "First touch")
    sizes_well(visitor)
    held, last = grip(page, "Far corner").bounding_box(), rows(page).nth(2).bounding_box()
    assert held
    assert last
    finger = visitor.context.new_cdp_session(page)
    x, y = held["x"] + 10, held["y"] + 20
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 7):
        to = y + (last["y"] + last["height"] - y) * step / 6
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": to}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    stands(page, "Through ball", "First touch", "Far corner")
    saved(page)
    assert order_of(parent, project) == ["Through ball", "First touch", "Far corner"]

    page.get_by_role("button", name="Add clips").tap()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("First touch").tap()
    sizes_well(visitor)
    dialog.get_by_role("button", name="Add 1 clip").tap()
    stands(page, "Through ball", "First touch", "Far corner", "First touch")
    page.get_by_role("button", name="More for First touch, place 4").tap()
    page.get_by_role("menuitem", name="Remove from the reel").tap()
    stands(page, "Through ball", "First touch", "Far corner")
    expect(page.get_by_role("complementary", name="The reel")).to_contain_text("0:18")
    visitor.go("/projects")
    expect(page.get_by_role("article").first).to_be_visible()
    sizes_well(visitor)


def test_nothing_yet_a_game_that_is_gone_and_a_project_that_is_gone(
    visitor: Visitor, service: Service, films: Callable[[str, int, int], Path]
) -> None:
    page = visitor.page
    visitor.go("/projects")
    expect(page.get_by_role("heading", name="Reels begin with clips")).to_be_visible()
    sizes_well(visitor)
    parent = Parent(service.url)
    game = parent.adds_game()
    parent.brings(game, films("gone_from_a_project.mp4", 40, 0))
    marks(parent, game)
    project = uuid7()
    ids = [clip["id"] for clip in clips_of(parent, game)]
    parent.asks("POST", "/api/projects", {"id": project, "clip_ids": ids})
    parent.asks("DELETE", f"/api/games/{game}")
    visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
    visitor.go(f"/projects/{project}")
    expect(page.get_by_role("region", name="The game of this project was deleted.")).to_be_visible()
    expect(rows(page)).to_have_count(3)
    sizes_well(visitor)
    parent.asks("DELETE", f"/api/projects/{project}")
    page.reload()
    expect(page.get_by_role("heading", name="This project is not here")).to_be_visible()
    sizes_well(visitor)
    visitor.forgive("404")
    parent.close()
