"""Annotate as a parent uses it, on real footage: marked by key and touch, dragged, undone, offline, in two tabs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from media.probe import probe
from tests.browser.conftest import Visit
from tests.browser.marking import clips_of, clock, go_to, line, opened, saved, span_of
from tests.browser.visitor import PATIENCE_MS, PHONE, Visitor, sized
from tests.journeys.parent import Parent
from tests.local.service import Service

pytestmark = pytest.mark.footage

MATCH = "09_derived_match_1080p25_70s_audio.mp4"
LASTS_S = 70
NEAR_S = 0.15  # two pixels of the detail strip

Opens = Callable[..., Visitor]


@pytest.fixture(scope="module")
def game(parent: Parent, footage_dir: Path) -> str:
    """The real match, looked over."""
    game = parent.adds_game()
    assert parent.brings(game, footage_dir / MATCH)["state"] == "ready"
    return game


@pytest.fixture
def opens(visit: Visit, parent: Parent, game: str, service: Service) -> Opens:
    """What opens the match, with no clip in it, in a browser of the parent's."""
    for clip in clips_of(parent, game):
        parent.asks("DELETE", f"/api/clips/{clip['id']}")

    def come(*arguments: object, **more: object) -> Visitor:
        visitor = visit(*arguments, **more)
        visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
        visitor.go(f"/games/{game}")
        opened(visitor.page)
        return visitor

    return come


def at(page: Page, at_s: float) -> tuple[float, float]:
    """Return where a moment is on the detail strip, which shows the whole match: in the middle of the first lane."""
    box = page.get_by_test_id("detail").bounding_box()
    assert box
    return box["x"] + 1 + at_s / LASTS_S * (box["width"] - 2), box["y"] + 34


def test_five_clips_by_keyboard(opens: Opens, parent: Parent, game: str) -> None:
    visitor = opens(scheme="light")
    page = visitor.page
    for number, at_s in enumerate((10, 20, 31, 44, 60)):
        go_to(page, at_s)
        page.keyboard.press("n")
        page.keyboard.press(str(number + 1))
        page.keyboard.press(f"Shift+{number + 1}")
        saved(page)
    expect(line(page, "Brilliant Chance Creation")).to_be_visible()
    saved(page)
    made = clips_of(parent, game)
    assert [span_of(clip) for clip in made] == [(at_s - 8, at_s + 2) for at_s in (10, 20, 31, 44, 60)]
    assert [clip["rating"] for clip in made] == [1, 2, 3, 4, 5]
    assert [clip["tags"] for clip in made] == [["Goal"], ["Assist"], ["Dribble"], ["Pass"], ["Chance Creation"]]
    assert len(made[-1]["projects"]) == 1, "five stars begin a project"
    assert visitor.faults() == []
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Tag Chance Creation")
    assert visitor.faults() == []


def test_frames_are_stepped_to_and_fro(opens: Opens) -> None:
    page = opens().page
    go_to(page, 12)
    for key, said in (("ArrowRight", "0:12.04"), ("ArrowRight", "0:12.08"), ("ArrowLeft", "0:12.04")):
        page.keyboard.press(key)
        expect(clock(page)).to_have_text(said)
    page.wait_for_function("() => { const v = document.querySelector('video'); return !v.seeking && v.readyState > 1 }")
    assert page.evaluate("document.querySelector('video').currentTime") == pytest.approx(12.06)  # the frame's middle
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('video').currentTime > 12.5")
    page.keyboard.press("Space")
    assert page.evaluate("document.querySelector('video').paused")


def test_an_edge_is_dragged_undone_and_done_again_after_a_reload(opens: Opens, parent: Parent, game: str) -> None:
    visitor = opens()
    page = visitor.page
    go_to(page, 30)
    page.keyboard.press("n")
    saved(page)
    x, y = at(page, 32)
    page.mouse.move(x - 2, y)
    page.mouse.down()
    page.mouse.move(at(page, 36)[0] - 2, y, steps=6)
    page.mouse.up()
    expect(page.get_by_role("button", name="Undo: Move edge")).to_be_visible()
    saved(page)
    dragged = span_of(clips_of(parent, game)[0])
    assert dragged == (22, pytest.approx(36, abs=NEAR_S))

    page.keyboard.press("Control+z")
    expect(page.get_by_label("Ends", exact=True)).to_have_value("0:32.00")
    page.reload()
    line(page, "Good Clip").click()
    expect(page.get_by_label("Ends", exact=True)).to_have_value("0:32.00")
    page.get_by_role("button", name="Redo: Move edge").click()
    saved(page)
    assert span_of(clips_of(parent, game)[0]) == dragged
    assert visitor.faults() == []


def test_a_drag_that_is_broken_off_changes_nothing(opens: Opens) -> None:
    page = opens().page
    go_to(page, 30)
    page.keyboard.press("n")
    saved(page)
    x, y = at(page, 27)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(at(page, 50)[0], y, steps=4)
    expect(page.get_by_label("Ends", exact=True)).not_to_have_value("0:32.00")
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.get_by_label("Ends", exact=True)).to_have_value("0:32.00")


def test_offline_it_goes_on_and_nothing_is_lost(opens: Opens, parent: Parent, game: str) -> None:
    visitor = opens()
    page = visitor.page
    go_to(page, 20)
    visitor.context.set_offline(True)
    page.keyboard.press("n")
    page.keyboard.press("5")
    page.get_by_label("Notes").fill("Marked on the train")
    expect(page.get_by_text(re.compile("Kept here: \\d+ changes? to save"))).to_be_visible()
    assert clips_of(parent, game) == []
    visitor.context.set_offline(False)
    saved(page)
    (made,) = clips_of(parent, game)
    assert (made["rating"], made["notes"]) == (5, "Marked on the train")
    visitor.forgive("ERR_INTERNET_DISCONNECTED")


def test_what_was_changed_in_two_tabs_asks_which_stays(opens: Opens, parent: Parent, game: str) -> None:
    visitor = opens()
    page = visitor.page
    go_to(page, 20)
    page.keyboard.press("n")
    saved(page)
    (made,) = clips_of(parent, game)
    for mine, theirs, press, stays in ((1, 2, "Load theirs", 2), (5, 3, "Keep mine", 5)):
        (made,) = clips_of(parent, game)
        parent.asks("PATCH", f"/api/clips/{made['id']}", {"revision": made["revision"], "rating": theirs})
        page.keyboard.press(str(mine))
        page.get_by_role("button", name=press).click()
        saved(page)
        assert clips_of(parent, game)[0]["rating"] == stays
        expect(page.get_by_role("radio", name=re.compile(f"^{stays},"))).to_be_checked()
    visitor.forgive("409")


def test_a_clip_list_goes_out_and_comes_in(opens: Opens, parent: Parent, game: str, tmp_path: Path) -> None:
    visitor = opens()
    page = visitor.page
    go_to(page, 20)
    page.keyboard.press("n")
    page.keyboard.press("Shift+1")
    page.get_by_label("Notes").fill("هدف 🎉")
    saved(page)
    more = page.get_by_role("button", name="More for the clips")
    with page.expect_download() as loading:
        more.click()
        page.get_by_role("menuitem", name="Save the clip list").click()
    path = tmp_path / "clips.tsv"
    loading.value.save_as(path)
    before = clips_of(parent, game)
    assert "0:12.000\t4\tGoal\t\t10\tهدف 🎉" in path.read_text("utf-8")

    line(page, "هدف").click()
    page.keyboard.press("Delete")
    expect(line(page, "هدف")).to_have_count(0)
    saved(page)
    page.get_by_label("Clip list").set_input_files(path)
    expect(line(page, "هدف")).to_be_visible()
    after = clips_of(parent, game)
    assert [(span_of(one), one["tags"], one["notes"]) for one in after] == [
        (span_of(one), one["tags"], one["notes"]) for one in before
    ]

    path.write_text("start_time\tclip_duration\n0:10\t999\nlater\t5\n", "utf-8")
    page.get_by_label("Clip list").set_input_files(path)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    expect(dialog).to_contain_text("Line 3")
    assert visitor.faults() == []
    visitor.forgive("422")


def test_five_clips_by_touch_on_a_phone(opens: Opens, parent: Parent, game: str) -> None:
    visitor = opens(PHONE, touch=True)
    page = visitor.page
    width, seen = sized(page)
    assert width == seen, "nothing lies beside the screen"
    strip = page.get_by_test_id("detail").bounding_box()
    assert strip
    for at_s in (12, 24, 36, 48, 60):
        page.touchscreen.tap(strip["x"] + at_s / LASTS_S * strip["width"], strip["y"] + 10)
        page.get_by_role("button", name="Add clip").tap()
        page.get_by_role("button", name="Save", exact=True).tap()
        saved(page)
    page.get_by_role("tab", name="Clips 5").tap()
    expect(page.get_by_role("list", name="Clips").get_by_role("button")).to_have_count(5)
    assert visitor.faults() == []
    made = clips_of(parent, game)
    assert [clip["tags"] for clip in made] == [["Save"]] * 5
    assert [span_of(clip)[1] for clip in made] == pytest.approx([14, 26, 38, 50, 62], abs=0.5)


def test_a_game_without_footage_and_one_that_is_gone(visitor: Visitor, service: Service) -> None:
    parent = Parent(service.url)
    game = parent.adds_game()
    visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
    visitor.go(f"/games/{game}")
    expect(visitor.page.get_by_text("This game has no footage yet")).to_be_visible()
    assert visitor.faults() == []
    parent.asks("DELETE", f"/api/games/{game}")
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", name="This game is not here")).to_be_visible()
    assert visitor.faults() == []
    visitor.forgive("404")
    parent.close()


def test_a_clip_and_the_annotated_video_are_downloaded(opens: Opens, tmp_path: Path) -> None:
    visitor = opens()
    page = visitor.page
    go_to(page, 20)
    page.keyboard.press("n")
    page.keyboard.press("i")
    page.get_by_label("Name", exact=True).fill("The header")
    saved(page)
    page.get_by_role("button", name="More for this clip").click()
    with page.expect_download(timeout=3 * PATIENCE_MS) as loading:
        page.get_by_role("menuitem", name="Download this clip").click()
    assert loading.value.suggested_filename == "The header.mp4"
    assert lasts_s(loading.value, tmp_path / "raw.mp4") == pytest.approx(2, abs=0.05)

    page.get_by_role("button", name="More for the clips").click()
    page.get_by_role("menuitem", name="Annotated video").click()
    dialog = page.get_by_role("dialog", name="Annotated video")
    dialog.get_by_role("radio", name="Brilliant").click()
    expect(dialog.get_by_role("button", name="Make video of 0 clips")).to_be_disabled()
    dialog.get_by_role("radio", name="Good").click()
    assert visitor.faults() == []
    dialog.get_by_role("button", name="Make video of 1 clip").click()
    told = page.get_by_role("listitem").filter(has_text="The annotated video is ready")
    expect(told).to_be_visible(timeout=4 * PATIENCE_MS)
    with page.expect_download() as loading:
        told.get_by_role("button", name="Download").click()
    assert lasts_s(loading.value, tmp_path / "annotated.mp4") == pytest.approx(2, abs=0.1)
    page.reload()
    page.get_by_role("button", name="More for the clips").click()
    page.get_by_role("menuitem", name="Annotated video").click()
    expect(dialog).to_contain_text("The last one")
    assert visitor.faults() == []
    with page.expect_download() as loading:
        dialog.get_by_role("button", name="Download").click()
    assert loading.value.suggested_filename.endswith(".mp4")


def lasts_s(download: Download, path: Path) -> float:
    """Save what was downloaded; return how long it lasts."""
    download.save_as(path)
    return float(probe(path).duration_s)
