"""What goes wrong around a person: the service is killed, there is no relay, a game goes, two tabs disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, WebSocketRoute, expect

from tests.browser.cards import TWO_PARTS, Films, ready
from tests.browser.conftest import Visit
from tests.browser.marking import clips_of, go_to, line, opened, saved
from tests.browser.visitor import PATIENCE_MS, Visitor, visiting
from tests.journeys.parent import Parent
from tests.local.service import Service, serving

MINUTE_S = 62  # longer than a single play


@pytest.fixture
def parent(service: Service) -> Iterator[Parent]:
    """Somebody with an account."""
    parent = Parent(service.url)
    yield parent
    parent.close()


def come(visitor: Visitor, parent: Parent, path: str) -> None:
    """Come to a page in a browser of the parent's."""
    visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": visitor.url}])
    visitor.go(path)


def test_a_service_that_is_killed_and_comes_back_has_lost_nothing(
    editor: Path, chromium: Browser, films: Films, tmp_path: Path
) -> None:
    assert editor
    home, film, held = tmp_path / "home", films("killed.mp4", MINUTE_S, TWO_PARTS), []

    def hold(route: Route) -> None:
        if route.request.method == "PUT" and "partNumber=2" in route.request.url and not held:
            held.append(route)
        else:
            route.continue_()

    with serving(home) as first, visiting(chromium, first.url) as visitor:
        page, port = visitor.page, str(first.port)
        page.route("**/*partNumber=*", hold)
        visitor.go()
        visitor.add_game("Killed", film)
        page.get_by_role("button", name="Mark clips").click()
        opened(page)
        go_to(page, 20)
        page.keyboard.press("n")
        saved(page)
        page.wait_for_function("() => document.querySelector('header button[aria-label=\"1 under way\"]')")
        first.kill("api")
        held.pop().continue_()
        held.append(held)  # what comes now goes through
        go_to(page, 40)
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        page.keyboard.press("5")
        expect(page.get_by_role("region", name="Reel Ballers does not answer.")).to_be_visible()
        expect(page.get_by_text(re.compile(r"Kept here: \d changes? to save"))).to_be_visible()
        page.get_by_role("button", name="1 under way").click()
        expect(page.get_by_role("dialog", name="Under way")).to_contain_text("Waiting for the network")
        assert visitor.faults() == []
        page.keyboard.press("Escape")
        with serving(home, PORT=port) as second:
            assert second.url == first.url
            expect(page.get_by_role("region", name="Reel Ballers does not answer.")).to_be_hidden()
            saved(page)
            expect(page.get_by_role("button", name="Nothing under way")).to_be_visible(timeout=4 * PATIENCE_MS)
            game = page.url.rpartition("/")[2]
            clips = page.request.get(f"{second.url}/api/games/{game}/clips").json()["items"]
            assert sorted(clip["rating"] for clip in clips) == [4, 5]
            page.goto(second.url)
            ready(page, "Killed")


def test_without_a_relay_no_socket_is_opened_and_work_is_followed_all_the_same(visitor: Visitor, films: Films) -> None:
    page, sockets = visitor.page, []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    none = {"ticket": "", "url": "", "protocol": "reel.v1"}
    page.route("**/api/ws-ticket", lambda route: route.fulfill(status=201, json=none))
    visitor.go()
    visitor.add_game("Unheard", films("unheard.mp4", 2))
    expect(page.get_by_role("button", name="1 under way")).to_be_visible()
    told = page.get_by_role("region", name="Notifications").get_by_text("The footage is ready", exact=True)
    expect(told).to_be_visible(timeout=2 * PATIENCE_MS)
    ready(page, "Unheard")
    assert sockets == []


def test_what_is_made_is_followed_over_screens_and_a_reload_with_the_relay_down(visitor: Visitor) -> None:
    page, tried = visitor.page, []

    def down(socket: WebSocketRoute) -> None:
        tried.append(socket.url)
        socket.close(code=1011)

    page.route_web_socket("**/ws**", down)
    visitor.go()
    page.get_by_role("button", name="Try it with a demo game").click()
    button, tray = page.get_by_role("button", name="1 under way"), page.get_by_role("dialog", name="Under way")
    button.click()
    expect(tray).to_contain_text(re.compile(r"Demo game · \d+ of \d+"), timeout=2 * PATIENCE_MS)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Demo game").click()
    expect(page.get_by_role("main").get_by_text("Filming the demo game", exact=True)).to_be_visible()
    expect(button).to_be_visible()
    assert visitor.faults() == []
    page.reload()
    button.click()
    expect(tray).to_contain_text(re.compile(r"Demo game · \d+ of \d+"), timeout=2 * PATIENCE_MS)
    assert tried, "it wanted to listen"
    tray.get_by_role("button", name="Cancel").click()
    expect(tray).to_contain_text("Filming the demo game: cancelled", timeout=2 * PATIENCE_MS)


def test_who_is_elsewhere_is_told_when_it_is_done(visitor: Visitor, films: Films) -> None:
    page = visitor.page
    visitor.context.grant_permissions(["notifications"], origin=visitor.url)
    page.add_init_script(TELLS)
    visitor.go()
    page.get_by_role("button", name="Nothing under way").click()
    page.get_by_role("switch", name="Tell me when it is done").click()
    expect(page.get_by_role("switch", name="Tell me when it is done")).to_be_checked()
    assert visitor.faults() == []
    page.keyboard.press("Escape")
    visitor.add_game("Told of", films("told.mp4", 2))
    page.evaluate("away(true)")
    expect(page).to_have_title("(1) Games · Reel Ballers", timeout=4 * PATIENCE_MS)
    assert page.evaluate("told") == [["The footage is ready", "Told of"]]
    page.evaluate("away(false)")
    expect(page).to_have_title("Games · Reel Ballers")


def test_the_demo_game_is_filmed_and_then_like_any_other(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go()
    page.get_by_role("button", name="Try it with a demo game").click()
    page.get_by_role("link", name="Demo game").click()
    expect(page.get_by_role("main").get_by_text("Filming the demo game", exact=True)).to_be_visible()
    expect(page.get_by_role("main").get_by_text("Filming the demo game", exact=True)).to_be_hidden(
        timeout=20 * PATIENCE_MS
    )
    opened(page)
    expect(page.get_by_role("list", name="Clips").get_by_role("button")).to_have_count(4)
    line(page, "the second goal").dblclick()
    page.wait_for_function("() => [...document.querySelectorAll('main video')].some((video) => !video.paused)")
    assert visitor.faults() == []


TELLS = """
  window.told = [];
  const Real = window.Notification;
  window.Notification = class extends Real {
    constructor(title, more) { super(title, more); told.push([title, more.body]); }
  };
  let gone = false;
  Object.defineProperty(document, "hidden", { get: () => gone });
  Object.defineProperty(document, "visibilityState", { get: () => (gone ? "hidden" : "visible") });
  window.away = (is) => { gone = is; document.dispatchEvent(new Event("visibilitychange")); };
"""


@pytest.fixture
def game(parent: Parent, films: Films) -> str:
    """A match of a minute, looked over."""
    game = parent.adds_game("Disagreed on")
    assert parent.brings(game, films("disagreed.mp4", MINUTE_S))["state"] == "ready"
    return game


def test_two_tabs_that_disagree_ask_which_stays(visit: Visit, parent: Parent, game: str) -> None:
    visitor = visit()
    first = visitor.page
    come(visitor, parent, f"/games/{game}")
    opened(first)
    go_to(first, 20)
    first.keyboard.press("n")
    saved(first)
    second = visitor.context.new_page()
    second.goto(first.url)
    opened(second)
    for press, mine, theirs, stays in (("Load theirs", 1, 5, 5), ("Keep mine", 2, 3, 2)):
        first.route("**/api/clips/**", lambda route: route.abort("connectionreset"))  # this tab's network hangs
        line(first, "Clip").click()
        first.keyboard.press(str(mine))
        expect(first.get_by_text(re.compile("Kept here: 1 change"))).to_be_visible()
        line(second, "Clip").click()
        second.keyboard.press(str(theirs))
        saved(second)
        first.unroute("**/api/clips/**")
        expect(first.get_by_text("was changed in another tab or on another device")).to_be_visible()
        assert visitor.faults() == []
        first.get_by_role("button", name=press).click()
        saved(first)
        for page in (first, second):
            expect(page.get_by_role("radio", name=re.compile(f"^{stays},"))).to_be_checked()
        assert clips_of(parent, game)[0]["rating"] == stays
    visitor.forgive("409", "ERR_CONNECTION_RESET")


def test_a_game_that_is_deleted_while_it_is_open_says_so(visit: Visit, parent: Parent, game: str) -> None:
    visitor = visit()
    page = visitor.page
    come(visitor, parent, f"/games/{game}")
    opened(page)
    parent.asks("DELETE", f"/api/games/{game}")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="This game is not here")).to_be_visible()
    assert visitor.faults() == []
    page.get_by_role("link", name="To the games").click()
    expect(page.get_by_role("heading", name="Drop a match here")).to_be_visible()
    visitor.forgive("404")


def test_a_screen_of_a_build_that_is_gone_offers_the_new_one_and_keeps_what_was_done(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go()
    visitor.add_game("Before the deploy")
    page.route(re.compile("/assets/screen-"), lambda route: route.fulfill(status=404, body=""))
    page.get_by_role("link", name="Before the deploy").click()
    expect(page.get_by_role("heading", name="This page is older than the service")).to_be_visible()
    assert visitor.faults() == []
    page.unroute(re.compile("/assets/screen-"))
    page.get_by_role("main").get_by_role("button", name="Reload").click()
    expect(page.get_by_text("This game has no footage yet")).to_be_visible()
    visitor.forgive("404", "dynamically imported module")
