"""The games screen as a parent uses it: a match comes in, through cuts, by keyboard, on a phone; faults are named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.cards import TWO_PARTS, Films, card, ready
from tests.browser.conftest import Visit
from tests.browser.marking import go_to, line, opened, saved
from tests.browser.visitor import PATIENCE_MS, PHONE, Visitor, sized


def choose(page: Page, line: str) -> None:
    """Open the menu whose button has the focus, and take a line by its first letter."""
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press(line[0].lower())
    expect(page.get_by_role("menuitem", name=line)).to_be_focused()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_a_first_visit_says_what_to_do(visit: Visit, scheme: Literal["dark", "light"]):
    visitor = visit(scheme=scheme)
    visitor.go()
    expect(visitor.page.get_by_role("heading", name="Drop a match here")).to_be_visible()
    expect(visitor.page).to_have_title("Games · Reel Ballers")
    assert visitor.faults() == []
    assert visitor.context.cookies() == []  # nobody is anybody before their first write


def test_two_halves_upload_side_by_side_and_are_one_game(visitor: Visitor, films: Films):
    visitor.go()
    visitor.add_game("FC Tigers", films("second 2.mp4", 3), films("first 1.mp4", 2))
    ready(visitor.page, "FC Tigers")
    expect(card(visitor.page, "FC Tigers")).to_contain_text("0:05 · 2 halves · No clips yet")
    assert visitor.faults() == []
    visitor.page.reload()
    expect(card(visitor.page, "FC Tigers")).to_contain_text("2 halves")


def test_an_upload_goes_on_through_cuts_of_the_network(visitor: Visitor, films: Films):
    lost = 0

    def cut(route: Route) -> None:
        nonlocal lost
        if route.request.method == "PUT" and lost < 2:
            lost += 1
            route.abort("connectionreset")
        else:
            route.continue_()

    visitor.page.route("**/*partNumber=*", cut)
    visitor.go()
    visitor.add_game("Through cuts", films("cut.mp4", 2, TWO_PARTS))
    ready(visitor.page, "Through cuts")
    assert lost == 2
    visitor.forgive("ERR_CONNECTION_RESET")


def test_an_upload_cut_by_a_reload_is_gone_on_with(visitor: Visitor, films: Films):
    film, sent = films("reload.mp4", 2, TWO_PARTS), []
    held: list[Route] = []

    def hold(route: Route) -> None:
        number = route.request.url.partition("partNumber=")[2].partition("&")[0]
        if route.request.method != "PUT":
            route.continue_()
        elif number == "2" and not held:
            held.append(route)  # it never arrives
        else:
            sent.append(number)
            route.continue_()

    visitor.page.route("**/*partNumber=*", hold)
    visitor.go()
    visitor.add_game("Cut off", film)
    expect(card(visitor.page, "Cut off").get_by_role("progressbar")).to_have_attribute(
        "aria-valuetext", f"{16 * 2**20} of {film.stat().st_size}"
    )
    visitor.page.reload()
    expect(card(visitor.page, "Cut off")).to_contain_text("Waiting for its file")

    again = card(visitor.page, "Cut off").get_by_label(f"Choose {film.name} again")
    again.set_input_files(films("another.mp4", 2))
    expect(card(visitor.page, "Cut off")).to_contain_text("“another.mp4” is another file")
    again.set_input_files(film)
    ready(visitor.page, "Cut off")
    assert sent == ["1", "2"]  # what had arrived was not sent again


def test_an_upload_that_could_not_begin_is_begun_again(visitor: Visitor, films: Films):
    page = visitor.page
    page.route(re.compile("/api/games/[^/]+/uploads$"), lambda route: route.abort("connectionreset"))
    visitor.go()
    visitor.add_game("At last", films("begun again.mp4", 2))
    expect(card(page, "At last")).to_contain_text("Reel Ballers does not answer.")
    assert visitor.faults() == []
    page.unroute(re.compile("/api/games/[^/]+/uploads$"))
    card(page, "At last").get_by_role("button", name="Try again").click()
    ready(page, "At last")
    visitor.forgive("ERR_CONNECTION_RESET")


def test_files_that_cannot_be_used_are_named(visitor: Visitor, films: Films, tmp_path: Path):
    notes, whole = tmp_path / "notes.pdf", films("truncated.mp4", 12)
    notes.write_bytes(b"%PDF")
    playlist = tmp_path / "list.mp4"
    playlist.write_text("#EXTM3U\n#EXT-X-VERSION:3\nsegment.ts\n")
    visitor.go()
    visitor.page.get_by_role("button", name="Add game").click()
    visitor.page.get_by_label("Video files").set_input_files([notes, playlist])
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog).to_contain_text("“notes.pdf” is not a video that can be used here")
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    visitor.drop(films("another.mp4", 2))  # onto the page, while the dialog is open: it is of this game
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    dialog.get_by_role("button", name="Leave another.mp4 out").click()
    assert visitor.faults() == []
    dialog.get_by_label("Opponent").fill("Refused")
    dialog.get_by_role("button", name="Add game").click()
    fault = card(visitor.page, "Refused").get_by_role("alert")
    expect(fault).to_contain_text("“list.mp4”: This is a playlist, not a video", timeout=2 * PATIENCE_MS)

    with visitor.page.expect_file_chooser() as choosing:
        fault.get_by_role("button", name="Choose another file").click()
    choosing.value.set_files(whole)
    ready(visitor.page, "Refused")


def test_a_file_that_ends_early_is_used_as_far_as_it_goes(visitor: Visitor, films: Films, tmp_path: Path):
    whole = films("whole.mp4", 12).read_bytes()
    short = tmp_path / "short.mp4"
    short.write_bytes(_index_first(whole)[: len(whole) * 3 // 4])
    visitor.go()
    visitor.add_game("Ends early", short)
    fault = card(visitor.page, "Ends early").get_by_role("alert")
    expect(fault).to_contain_text("“short.mp4” ends early at 0:0", timeout=2 * PATIENCE_MS)
    fault.get_by_role("button", name="Use the first").click()
    ready(visitor.page, "Ends early")


def test_the_same_file_is_not_sent_twice(visitor: Visitor, films: Films):
    visitor.go()
    visitor.add_game("Once", films("same.mp4", 2))
    ready(visitor.page, "Once")
    visitor.add_game("Twice", films("same.mp4", 2))
    expect(visitor.page.get_by_text("“same.mp4” is already in Once", exact=True)).to_be_visible()


def test_a_short_phone_video_becomes_a_clip_and_a_project(visitor: Visitor, films: Films):
    visitor.go()
    expect(visitor.page.get_by_role("heading", name="Drop a match here")).to_be_visible()
    visitor.drop(films("IMG_0042.mp4", 3))
    expect(visitor.page.get_by_text("A clip and its project are made", exact=True)).to_be_visible()
    expect(visitor.page.get_by_role("article")).to_contain_text("1 clip")
    assert len(visitor.page.request.get(f"{visitor.url}/api/projects").json()["items"]) == 1


def test_the_demo_game_is_filmed_while_one_goes_elsewhere(visitor: Visitor):
    visitor.go()
    visitor.page.get_by_role("button", name="Try it with a demo game").click()
    expect(card(visitor.page, "Demo game")).to_contain_text("Filming", timeout=2 * PATIENCE_MS)
    visitor.page.reload()
    visitor.page.get_by_role("button", name="1 under way").click()
    tray = visitor.page.get_by_role("dialog", name="Under way")
    expect(tray).to_contain_text("Demo game · ", timeout=2 * PATIENCE_MS)
    assert visitor.faults() == []
    tray.get_by_role("button", name="Cancel").click()
    expect(tray).to_contain_text("Filming the demo game: cancelled", timeout=2 * PATIENCE_MS)


def test_a_game_comes_and_goes_by_keyboard(visitor: Visitor):
    visitor.go()
    page = visitor.page
    expect(page.get_by_role("heading", name="Drop a match here")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_label("Opponent")).to_be_focused()
    page.keyboard.type("Nadia? United")  # "n" and "?" are letters here
    page.keyboard.press("Enter")
    expect(card(page, "Nadia? United")).to_contain_text("No clips yet")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Add game")
    assert visitor.faults() == []
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Nadia? United").focus()
    page.keyboard.press("Tab")
    choose(page, "Edit game")
    page.get_by_role("dialog", name="Edit game").wait_for()
    page.keyboard.type("Rovers")
    page.keyboard.press("Enter")
    expect(card(page, "Rovers")).to_be_visible()
    expect(page.get_by_role("button", name="More for Rovers")).to_be_focused()
    choose(page, "Delete game")
    page.get_by_role("dialog", name="Delete Rovers?").wait_for()
    assert visitor.faults() == []
    page.get_by_role("button", name="Delete game").press("Enter")
    expect(page.get_by_role("heading", name="Drop a match here")).to_be_visible()


def test_from_a_file_to_a_marked_clip_without_a_mouse(visitor: Visitor, films: Films):
    page = visitor.page
    visitor.go()
    expect(page.get_by_role("heading", name="Drop a match here")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("By keyboard")
    tab_to(page, "Choose video files")
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Enter")
    choosing.value.set_files(films("keyboard.mp4", 62))
    expect(page.get_by_text("keyboard.mp4")).to_be_visible()
    tab_to(page, "Add game")
    page.keyboard.press("Enter")
    expect(card(page, "By keyboard")).to_be_visible()
    tab_to(page, "By keyboard")
    page.keyboard.press("Enter")
    opened(page)
    go_to(page, 20)
    tab_to(page, "Add clip")
    page.keyboard.press("Enter")
    saved(page)
    tab_to(page, "5, Brilliant", "4, Good")
    page.keyboard.press("ArrowRight")
    tab_to(page, "Goal")
    page.keyboard.press("Space")
    tab_to(page, "Notes")
    page.keyboard.type("Lob? 1 - 0")
    expect(line(page, "Lob")).to_be_visible()
    tab_to(page, "More for the clips")
    with page.expect_download() as loading:
        choose(page, "Save the clip list")
    assert loading.value.suggested_filename.endswith(".tsv")
    assert visitor.faults() == []
    visitor.forgive("409")  # put onto the footage's frames between a change here and its save: nobody is asked


def tab_to(page: Page, *names: str) -> None:
    """Go on by the Tab key until something of one of these names has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) in names:
            return
    raise AssertionError(f"The Tab key never comes to {' or '.join(names)}")


FOCUSED = """() => {
  const { ariaLabel, labels, textContent } = document.activeElement;
  return ariaLabel ?? (labels?.length ? labels[0].textContent : textContent).trim();
}"""


def test_it_all_goes_on_a_phone(visit: Visit, films: Films):
    visitor = visit(PHONE, touch=True)
    visitor.go()
    visitor.page.get_by_role("button", name="Add game").tap()
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_label("Opponent").fill("رجال النور ⚽ The Very Long Name of an Athletic Club in the Second League")
    dialog.get_by_role("radio", name="Away").tap()
    dialog.get_by_label("Video files").set_input_files(films("phone.mp4", 2))
    assert visitor.faults() == []
    dialog.get_by_role("button", name="Add game").tap()
    ready(visitor.page, "رجال النور")
    width, seen = sized(visitor.page)
    assert width <= seen
    assert visitor.faults() == []


def _index_first(film: bytes) -> bytes:
    """Return an mp4 whose index comes before its footage, so that what is cut off is footage. Ours has it there."""
    assert film.index(b"moov") < film.index(b"mdat")
    return film
