"""What stands around every screen: the way in for a second device, the banners, addresses where nothing is."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import PATIENCE_MS, Visitor


def test_a_second_device_comes_in_by_a_link_once(visitor: Visitor, visit: Visit):
    visitor.go()
    visitor.add_game("Of the first device")
    visitor.page.get_by_role("button", name="Menu").click()
    visitor.page.get_by_role("menuitem", name="Use another device").click()
    expect(visitor.page.get_by_role("img", name="QR code of the link")).to_be_visible()
    assert visitor.faults() == []
    link = visitor.context.request.post(
        f"{visitor.url}/api/session/links", headers={"Origin": visitor.url, "Content-Type": "application/json"}
    ).json()["url"]

    second = visit()
    second.page.goto(link)
    expect(second.page.get_by_role("article", name="Of the first device")).to_be_visible()

    third = visit()
    third.page.goto(link)
    expect(third.page.get_by_role("heading", name="This link does not open")).to_be_visible()
    assert third.page.url == f"{third.url}/join"
    assert third.faults() == []
    third.forgive("403")


def test_it_says_that_there_is_no_network_until_there_is(visitor: Visitor):
    visitor.go()
    visitor.add_game("Kept")
    visitor.context.set_offline(True)
    visitor.page.get_by_role("button", name="Add game").click()
    visitor.page.get_by_role("dialog").get_by_role("button", name="Add game").click()
    expect(visitor.page.get_by_role("dialog")).to_contain_text("It was not added.")
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.get_by_role("region", name="No network.")).to_be_visible()
    assert visitor.faults() == []
    visitor.context.set_offline(False)
    expect(visitor.page.get_by_role("region", name="No network.")).to_be_hidden(timeout=PATIENCE_MS)
    visitor.forgive("ERR_INTERNET_DISCONNECTED")


def test_an_address_where_nothing_is_leads_back(visitor: Visitor):
    visitor.go("/nothing/here")
    expect(visitor.page.get_by_role("heading", name="There is nothing at this address")).to_be_visible()
    assert visitor.faults() == []
    visitor.page.get_by_role("link", name="To the games").click()
    expect(visitor.page.get_by_role("heading", name="Games")).to_be_visible()


def test_a_page_of_an_older_build_offers_to_load_the_new_one(visitor: Visitor):
    visitor.page.route("**/assets/screen-*.js", lambda route: route.fulfill(status=404, body=""))
    visitor.go()
    expect(visitor.page.get_by_role("heading", name="This page is older than the service")).to_be_visible()
    assert visitor.faults() == []
    visitor.page.unroute("**/assets/screen-*.js")
    visitor.page.get_by_role("main").get_by_role("button", name="Reload").click()
    expect(visitor.page.get_by_role("heading", name="Games")).to_be_visible()
    visitor.forgive("404", "dynamically imported module")


def test_dark_and_light_are_remembered(visitor: Visitor):
    visitor.go()
    visitor.page.get_by_role("button", name="Menu").click()
    visitor.page.get_by_role("menuitemcheckbox", name="Light").click()
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    assert visitor.page.evaluate(ground) == "rgb(238, 243, 240)"
    visitor.page.reload()
    assert visitor.page.evaluate(ground) == "rgb(238, 243, 240)"
