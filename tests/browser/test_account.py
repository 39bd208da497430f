"""The account as a guest uses it: kept by a code, on two devices, taken away whole, deleted."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import PATIENCE_MS, PHONE, Visitor, sized


def part(page: Page, title: str):
    return page.get_by_role("region", name=title, exact=True)


def with_game(visitor: Visitor, opponent: str) -> Page:
    """Become somebody: add a game without footage, and go to the account."""
    visitor.go()
    visitor.add_game(opponent)
    expect(visitor.page.get_by_role("article", name=opponent)).to_be_visible()
    visitor.go("/account")
    expect(visitor.page.get_by_role("heading", name="You are a guest")).to_be_visible()
    return visitor.page


def coded(page: Page, button: str = "Make a recovery code") -> str:
    """Make a recovery code, keep it, and return it."""
    page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Show the code").click()
    code = dialog.get_by_role("status").inner_text()
    assert re.fullmatch(r"([0-9A-Z]{4}-){6}[0-9A-Z]{4}", code)
    expect(dialog.get_by_role("button", name="Done")).to_have_attribute("aria-disabled", "true")
    dialog.get_by_role("checkbox", name="I have kept it").check()
    return code


def test_a_recovery_code_brings_everything_to_another_browser(visitor: Visitor, visit: Visit):
    page = with_game(visitor, "FC Kept")
    assert visitor.faults() == []
    code = coded(page)
    assert visitor.faults() == []
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    expect(page.get_by_text("A recovery code gets this account back.")).to_be_visible()

    second = visit(PHONE, "light", touch=True)
    second.go()
    second.page.get_by_role("link", name="Been here before? Enter a recovery code").tap()
    field = second.page.get_by_label("Recovery code", exact=True)
    field.fill("0000-0000")
    second.page.get_by_role("button", name="Come in").tap()
    expect(second.page.get_by_role("alert")).to_contain_text("wrong")
    assert sized(second.page)[0] <= sized(second.page)[1]
    assert second.faults() == []
    second.forgive("403")
    field.fill(code.lower().replace("-", " "))
    second.page.get_by_role("button", name="Come in").tap()
    expect(second.page.get_by_role("article", name="FC Kept")).to_be_visible()

    page.reload()
    devices = part(page, "Devices").get_by_role("listitem")
    expect(devices).to_have_count(2)
    devices.filter(has_not_text="this one").get_by_role("button").click()
    expect(devices).to_have_count(1)
    # Another process may remember it for half a minute; this one does not.
    second.go()
    expect(second.page.get_by_role("heading", name="Drop a match here")).to_be_visible()


def test_who_would_lose_everything_by_coming_in_or_going_out_is_warned(visitor: Visitor, visit: Visit):
    page = with_game(visitor, "FC Alone")
    part(page, "Devices").get_by_role("button", name="Sign out").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Games, clips and reels would be lost.")
    assert visitor.faults() == []
    code = coded(dialog.page)
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_contain_text("Your recovery code, or another device, brings you back.")

    other = visit()
    theirs = with_game(other, "FC Theirs")
    theirs.get_by_label("Recovery code", exact=True).fill(code)
    theirs.get_by_role("button", name="Come in").click()
    expect(theirs.get_by_text("What is on this device would be left behind, for good.")).to_be_visible()
    assert other.faults() == []
    other.forgive("409")
    theirs.get_by_role("button", name="Leave it and come in").click()
    expect(theirs.get_by_role("article", name="FC Alone")).to_be_visible()

    dialog.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Drop a match here")).to_be_visible()
    assert visitor.context.cookies() == []


def test_athletes_and_settings_are_kept(visitor: Visitor):
    page = with_game(visitor, "FC Settings")
    page.get_by_role("button", name="Add athlete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Mia Berger")
    dialog.get_by_label("Shirt number").fill("10")
    dialog.get_by_role("button", name="Save").click()
    athletes = part(page, "Athletes")
    expect(athletes).to_contain_text("Mia Berger · number 10")
    page.get_by_role("button", name="Edit Mia Berger").click()
    dialog.get_by_label("Name").fill("Mia B.")
    dialog.get_by_role("button", name="Save").click()
    expect(athletes).to_contain_text("Mia B. · number 10")
    expect(dialog).to_be_hidden()
    page.get_by_label("A clip begins before the press").fill("5.5")
    page.get_by_label("A clip begins before the press").press("Enter")
    page.get_by_role("radio", name="1:1").click()
    expect(page.get_by_role("radio", name="1:1")).to_be_checked()
    page.get_by_label("A clip ends after the press").fill("59")
    page.get_by_label("A clip ends after the press").press("Enter")
    expect(page.get_by_text("It was not saved.")).to_be_visible()  # together they are more than a minute
    visitor.forgive("422")
    page.reload()
    expect(page.get_by_label("A clip begins before the press")).to_have_value("5.5")
    expect(page.get_by_label("A clip ends after the press")).to_have_value("2")
    expect(page.get_by_role("radio", name="1:1")).to_be_checked()
    page.get_by_role("button", name="Delete Mia B.").click()
    dialog.get_by_role("button", name="Delete athlete").click()
    expect(athletes).not_to_contain_text("Mia")
    assert visitor.faults() == []


def test_everything_is_taken_away_and_then_deleted(visitor: Visitor, tmp_path: Path):
    page = with_game(visitor, "FC Taken")
    page.get_by_role("button", name="Pack everything").click()
    ready = page.get_by_role("link", name="Download the archive")
    expect(ready).to_be_visible(timeout=4 * PATIENCE_MS)
    with page.expect_download() as saving:
        ready.click()
    assert saving.value.suggested_filename == "Reel Ballers.zip"
    archive = tmp_path / "all.zip"
    saving.value.save_as(archive)
    with ZipFile(BytesIO(archive.read_bytes())) as packed:
        assert "FC Taken" in packed.read("account.json").decode()

    page.get_by_role("button", name="Delete the account").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 game, 0 clips, 0 projects, 0 reels, all footage, all share links, all devices")
    remove = dialog.get_by_role("button", name="Delete everything")
    expect(remove).to_have_attribute("aria-disabled", "true")
    assert visitor.faults() == []
    dialog.get_by_label("Type “delete”").fill("delete")
    remove.click()
    expect(page.get_by_role("heading", name="Drop a match here")).to_be_visible()
    assert visitor.context.cookies() == []
    visitor.go("/account")
    expect(page.get_by_role("heading", name="Enter a recovery code")).to_be_visible()
    expect(page.get_by_role("heading", name="You are a guest")).to_be_hidden()
