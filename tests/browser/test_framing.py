"""Framing as a parent uses it, on real footage: by mouse, keyboard and touch; and what is seen against what is made."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, expect

from storage.ids import uuid7
from tests.browser.conftest import Visit
from tests.browser.hands import drag, tab_to
from tests.browser.visitor import PHONE, Visitor, sized
from tests.journeys.parent import Parent
from tests.local.service import Service

pytestmark = pytest.mark.footage

MATCH = "09_derived_match_1080p25_70s_audio.mp4"
SAVED = re.compile(r"Saved \d\d?:\d\d")
SPANS = ((10, 4), (24, 6), (40, 5))
SIZE = (1920, 1080)
LONG_MS = 240_000  # for what a network makes

Opens = Callable[..., Visitor]


@pytest.fixture(scope="module")
def source(parent: Parent, footage_dir: Path) -> dict[str, Any]:
    """The real match, looked over."""
    source = parent.brings(parent.adds_game(), footage_dir / MATCH)
    assert source["state"] == "ready"
    return source


@pytest.fixture(scope="module")
def clips(parent: Parent, source: dict[str, Any]) -> list[str]:
    return [parent.marks(source, *span, rating=4, name=f"Play {n}") for n, span in enumerate(SPANS, 1)]


@pytest.fixture
def project(parent: Parent, clips: list[str]) -> str:
    return parent.begins_project(clips)


@pytest.fixture
def opens(visit: Visit, parent: Parent, project: str, service: Service) -> Opens:
    """What opens the project's framing in a browser of the parent's."""

    def come(*arguments: object, of: str = project, **more: object) -> Visitor:
        visitor = visit(*arguments, **more)
        signed_in(visitor, parent, service)
        visitor.go(f"/projects/{of}/framing")
        expect(crop(visitor.page)).to_be_visible()
        expect(visitor.page.get_by_text("The picture is coming")).to_have_count(0)
        return visitor

    return come


def signed_in(visitor: Visitor, parent: Parent, service: Service) -> None:
    visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])


def pictured(page: Page, pts: int | None = None) -> None:
    """Wait until the result shows a picture, that of a moment if one is named."""
    result = page.get_by_test_id("result")
    expect(result).to_have_attribute("data-pts", re.compile(r"^\d+$") if pts is None else str(pts))


def saved(page: Page) -> None:
    expect(page.get_by_text(SAVED)).to_be_visible()


def crop(page: Page) -> Locator:
    return page.get_by_role("slider", name="Crop", exact=True)


def keyframes(page: Page) -> Locator:
    return page.get_by_role("group", name="Keyframes").get_by_role("button")


def keys_of(parent: Parent, project: str, place: int, aspect: str = "9:16") -> list[dict[str, Any]]:
    clip = parent.gets(f"/api/projects/{project}/edit")["clips"][place]
    return clip["crops"].get(aspect, {"keys": []})["keys"]


def middle(box: Locator) -> tuple[float, float]:
    found = box.bounding_box()
    assert found
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


def test_a_crop_is_dragged_copied_undone_and_done_again_after_a_reload(
    opens: Opens, parent: Parent, project: str, clips: list[str]
) -> None:
    assert clips
    visitor = opens()
    page = visitor.page
    px = SIZE[0] / (page.get_by_test_id("source").bounding_box() or {"width": 1})["width"]  # of the source, in one here
    drag(page, middle(crop(page)), (-100, 0))
    expect(keyframes(page)).to_have_count(1)
    page.keyboard.press("Shift+ArrowRight")
    drag(page, middle(page.get_by_test_id("corner-se")), (-60, -90))
    expect(keyframes(page)).to_have_count(2)
    saved(page)
    first, second = keys_of(parent, project, 0)
    assert first["cx"] * SIZE[0] == pytest.approx(SIZE[0] / 2 - 100 * px, abs=2)
    assert (first["h"], first["by"]) == (1, "hand")
    assert second["h"] < 0.9
    assert (second["cy"] - second["h"] / 2) * SIZE[1] == pytest.approx(0, abs=1), "the corner across stands still"

    page.keyboard.press("Control+c")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name=re.compile("Play 2"))).to_have_attribute("aria-current", "true")
    page.keyboard.press("Control+v")
    expect(keyframes(page)).to_have_count(1)
    saved(page)
    (pasted,) = keys_of(parent, project, 1)
    assert [pasted[name] for name in ("cx", "cy", "h")] == [second[name] for name in ("cx", "cy", "h")]
    assert visitor.faults() == []

    page.keyboard.press("Control+z")
    expect(keyframes(page)).to_have_count(0)
    saved(page)
    assert keys_of(parent, project, 1) == []
    page.reload()
    pictured(page)
    page.get_by_role("button", name="Redo: Paste crop").click()
    saved(page)
    expect(page.get_by_role("button", name=re.compile("Play 2")).get_by_text("framed", exact=True)).to_have_count(1)
    assert keys_of(parent, project, 1) == [pasted]


def test_keyframes_speeds_and_edges_move_in_time(opens: Opens, parent: Parent, project: str) -> None:
    visitor = opens()
    page = visitor.page
    page.keyboard.press("p")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("p")
    expect(keyframes(page)).to_have_count(2)
    lanes = page.get_by_test_id("lanes").bounding_box()
    assert lanes
    second = lanes["width"] / 14  # the lane shows five seconds on each side of a clip of four
    drag(page, middle(keyframes(page).last), (second, 0))
    expect(page.get_by_role("button", name="Undo: Move keyframe")).to_be_visible()
    saved(page)
    one, other = keys_of(parent, project, 0)
    assert (other["pts"] - one["pts"]) / 12800 == pytest.approx(3, abs=0.1)
    page.keyboard.press("[")
    expect(page.locator("time").first).to_have_text("0:10.00")
    page.get_by_role("radio", name="Linear").click()
    page.keyboard.press("s")
    page.get_by_role("tab", name="Time").click()
    page.get_by_label("Speed, ×").fill("0.25")
    page.keyboard.press("Enter")
    drag(page, middle(page.get_by_role("slider", name=re.compile("^Speed 0.25×.*: end"))), (second / 2, 0))
    page.get_by_label("Ends", exact=True).fill("0:13.6")
    page.keyboard.press("Enter")
    page.get_by_role("tab", name="Picture and sound").click()
    page.get_by_label("Degrees").fill("-4")
    page.keyboard.press("Enter")
    page.get_by_role("switch", name="Sound").click()
    page.get_by_role("radio", name="Crisp").click()
    expect(page.get_by_role("button", name="Undo: Look crisp")).to_be_visible()
    saved(page)
    (clip, *_) = parent.gets(f"/api/projects/{project}/edit")["clips"]
    assert clip["crops"]["9:16"]["keys"][0]["ease"] == "linear"
    (speed,) = clip["speeds"]
    assert speed["rate"] == [1, 4]
    assert (speed["out_pts"] - speed["in_pts"]) / 12800 == pytest.approx(2, abs=0.1)
    assert clip["out_pts"] == 13.6 * 12800
    assert (clip["rotation_deg"], clip["audio"], clip["look"]) == (-4, False, "crisp")
    assert visitor.faults() == []


def test_a_crop_that_is_too_small_is_refused_with_a_word(opens: Opens, parent: Parent, project: str) -> None:
    page = opens().page
    page.get_by_label("Height, px").fill("100")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("A crop is at least 64 px on its shorter side")
    assert keys_of(parent, project, 0) == []
    page.get_by_label("Height, px").fill("400")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_test_id("meter")).to_have_text("4.8×: AI makes 96 % of these pixels")
    page.get_by_role("radio", name=re.compile("16:9")).first.click()
    expect(page.get_by_test_id("meter")).to_have_text("The camera made all of these pixels")
    saved(page)
    assert [key["h"] for key in keys_of(parent, project, 0)] == [pytest.approx(400 / 1080)]
    assert keys_of(parent, project, 0, "16:9") == []


def test_all_is_framed_by_keyboard_alone_drafted_and_framed_to_its_end(
    opens: Opens, parent: Parent, source: dict[str, Any]
) -> None:
    short = [parent.marks(source, at_s, 1, rating=4, name=f"Short {at_s}") for at_s in (50, 55)]
    project = parent.begins_project(short, aspect="16:9")
    visitor = opens(of=project)
    page = visitor.page
    button = page.get_by_role("button", name="Frame it")
    tab_to(page, button)
    expect(page.get_by_role("tooltip")).to_have_text("2 clips have no 16:9 crop yet: Short 50, Short 55.")
    page.keyboard.press("Enter")
    assert [job for job in parent.gets("/api/jobs?active=1")["items"] if job["kind"] == "framing"] == []
    page.keyboard.press("d")
    page.keyboard.press("ArrowDown")
    tab_to(page, button)
    expect(page.get_by_role("tooltip")).to_have_text("One clip has no 16:9 crop yet: Short 55.")
    tab_to(page, crop(page))
    for _ in range(30):  # a small crop, of which the network has little to enlarge
        page.keyboard.press("+")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    expect(page.get_by_test_id("estimate")).to_contain_text("2.0 s of reel")
    saved(page)
    expect(page.get_by_role("button", name="Overlay")).to_have_attribute("aria-disabled", "true")
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("link", name="Overlay, on the draft").or_(page.get_by_role("link", name="On to Overlay"))
    ).to_be_visible(timeout=LONG_MS)
    steps = page.get_by_role("navigation", name="Steps of the reel")
    expect(steps.get_by_role("link", name="Overlay")).to_be_visible()
    assert visitor.faults() == []
    expect(page.get_by_role("link", name="On to Overlay")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("Framed as it stands")).to_be_visible()
    assert parent.gets(f"/api/projects/{project}")["framing"]["frames"] == 50


def test_one_real_frame_before_and_after(opens: Opens, parent: Parent, source: dict[str, Any]) -> None:
    project = parent.begins_project([parent.marks(source, 60, 1, rating=4)])
    visitor = opens(of=project)
    page = visitor.page
    page.keyboard.press("b")
    edge = page.get_by_role("slider", name="Edge between before and after")
    expect(edge).to_have_attribute("aria-valuenow", "50", timeout=LONG_MS)
    tab_to(page, edge)
    page.keyboard.press("ArrowRight")
    expect(edge).to_have_attribute("aria-valuenow", "52")
    assert visitor.faults() == []
    page.keyboard.press("Escape")
    expect(edge).to_have_count(0)


def test_framed_by_touch_on_a_phone(opens: Opens, parent: Parent, project: str) -> None:
    visitor = opens(PHONE, touch=True)
    page = visitor.page
    width, seen = sized(page)
    assert width == seen, "nothing lies beside the screen"
    touch = Touch(page)
    touch.drag(middle(crop(page)), (-60, 0))
    expect(keyframes(page)).to_have_count(1)
    saved(page)
    (moved,) = keys_of(parent, project, 0)
    assert moved["cx"] < 0.4
    x, y = middle(crop(page))
    touch.pinch((x, y), 20, 50)
    saved(page)
    expect(page.get_by_role("button", name="Undo: Resize crop")).to_be_visible()
    saved(page)
    (smaller,) = keys_of(parent, project, 0)
    assert smaller["h"] == pytest.approx(20 / 50, abs=0.05)
    page.get_by_role("button", name="Result").tap()
    expect(page.get_by_test_id("result")).to_be_visible()
    pictured(page)
    page.get_by_role("button", name="Default for the other 2").tap()
    expect(page.get_by_role("button", name="Frame it")).not_to_have_attribute("aria-disabled", "true")
    saved(page)
    assert visitor.faults() == []


def test_what_was_changed_in_annotate_is_asked_about(opens: Opens, parent: Parent, source: dict[str, Any]) -> None:
    clip = parent.marks(source, 20, 3, rating=4, name="Longer")
    project = parent.begins_project([clip])
    marked = next(one for one in parent.gets(f"/api/games/{source['game_id']}/clips")["items"] if one["id"] == clip)
    after = {"revision": marked["revision"], "out_pts": marked["out_pts"] + 12800}
    parent.asks("PATCH", f"/api/clips/{clip}", after)
    page = opens(of=project).page
    page.get_by_role("button", name="More for clip 1").click()
    page.get_by_role("menuitem", name="Edit in Annotate").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Longer")
    page.get_by_role("link", name="Back to Framing").click()
    expect(page.get_by_text("Longer begins or ends elsewhere since it was framed.")).to_be_visible()
    page.get_by_role("button", name="Use the new").click()
    expect(page.get_by_text("begins or ends elsewhere")).to_have_count(0)
    page.get_by_role("tab", name="Time").click()
    expect(page.get_by_label("Ends", exact=True)).to_have_value("0:24.00")


def test_a_project_whose_game_was_deleted_and_one_that_is_gone(
    visitor: Visitor, service: Service, films: Callable[..., Path]
) -> None:
    parent = Parent(service.url)
    game = parent.adds_game()
    source = parent.brings(game, films("gone.mp4", 4))
    project = parent.begins_project([parent.marks(source, 0, 2, rating=4)])
    parent.asks("DELETE", f"/api/games/{game}")
    signed_in(visitor, parent, service)
    visitor.go(f"/projects/{project}/framing")
    expect(visitor.page.get_by_text("The footage of this clip is gone")).to_be_visible()
    assert visitor.faults() == []
    visitor.go(f"/projects/{uuid7()}/framing")
    expect(visitor.page.get_by_role("heading", name="This project is not here")).to_be_visible()
    visitor.forgive("404")
    parent.close()


def test_what_is_seen_is_what_is_made(
    chromium: Browser, parent: Parent, project: str, service: Service, tmp_path: Path
) -> None:
    """Hold the result's canvas against the frame that the service renders: where the edges lie, to a part of a pixel.

    The canvas is taken at three device pixels a CSS pixel and brought to the output's size; in 15 patches all over the
    picture phase correlation says how far its structures lie from those of the render. The window is so high that the
    canvas has whole pixels: a screenshot has no others.
    """

    def panned(document: dict[str, Any], deg: float) -> None:
        clip = document["clips"][0]
        ways = ((0, 0.35, 0.45, 0.7), (3, 0.6, 0.5, 0.55))
        keys = [
            {
                "id": uuid7(),
                "pts": clip["in_pts"] + at_s * 12800,
                "cx": cx,
                "cy": cy,
                "h": h,
                "ease": "smooth",
                "by": "hand",
            }
            for at_s, cx, cy, h in ways
        ]
        clip |= {"crops": {"9:16": {"framed": True, "keys": keys}}, "rotation_deg": deg}

    for deg in (0.0, 5.0):
        clip = parent.edits(project, lambda document, deg=deg: panned(document, deg))["clips"][0]
        context = chromium.new_context(viewport={"width": 1440, "height": 894}, device_scale_factor=3)
        context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
        page = context.new_page()
        page.goto(f"{service.url}/projects/{project}/framing")
        pictured(page, clip["in_pts"])
        page.keyboard.press("Shift+ArrowRight")
        pts = clip["in_pts"] + 12800
        pictured(page, pts)
        asked = {"clip": clip["id"], "pts": pts, "draft": True}
        made = parent.asks("POST", f"/api/projects/{project}/preview-frame", asked)
        parent.waits_for([made["job"]])
        rendered = read(parent.downloads(made["media"], tmp_path / f"{deg}.png").read_bytes())
        seen = resized(still(page), rendered)
        context.close()
        offs = offsets(seen, rendered)
        assert len(offs) >= 8, "there is enough in the picture to hold on to"
        assert max(np.hypot(*off) for off in offs) <= 1, offs
        shifted = np.roll(rendered, 3, axis=1)
        assert all(abs(dx - 3) < 1 for dx, _ in offsets(rendered, shifted)), "it would be noticed"


Grey = NDArray[np.float32]


def read(png: bytes) -> Grey:
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return picture.astype(np.float32)


def still(page: Page) -> Grey:
    """Return the result's canvas once it rests: the sharp picture has come in place of the quick one."""
    result, before = page.get_by_test_id("result"), b""
    box = result.bounding_box()
    assert box
    sides = box["x"], box["y"], box["width"], box["height"]
    assert all(float(side).is_integer() for side in sides), f"a screenshot would hold what is beside it: {box}"
    while (now := result.screenshot(scale="device")) != before:
        before = now
    return read(now)


def resized(picture: Grey, like: Grey) -> Grey:
    height, width = like.shape
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def offsets(one: Grey, other: Grey) -> list[tuple[float, float]]:
    """Return how far the patches of two pictures lie apart, in pixels: of those that have enough structure to say."""
    side, found = 320, []
    window = cv2.createHanningWindow((side, side), cv2.CV_32F)
    height, width = one.shape
    for y in np.linspace(8, height - side - 8, 5, dtype=int):
        for x in np.linspace(8, width - side - 8, 3, dtype=int):
            a, b = (cv2.GaussianBlur(picture[y : y + side, x : x + side], (0, 0), 2) for picture in (one, other))
            off, response = cv2.phaseCorrelate(a, b, window)
            if response > 0.3:
                found.append(off)
    return found


class Touch:
    """Fingers: Playwright has taps only."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def drag(self, start: tuple[float, float], by: tuple[float, float]) -> None:
        steps = [(start[0] + by[0] * n / 6, start[1] + by[1] * n / 6) for n in range(7)]
        self._fingers([[point] for point in steps])

    def pinch(self, about: tuple[float, float], from_px: float, to_px: float) -> None:
        reaches = [from_px + (to_px - from_px) * n / 6 for n in range(7)]
        self._fingers([[(about[0] - reach, about[1]), (about[0] + reach, about[1])] for reach in reaches])

    def _fingers(self, moments: list[list[tuple[float, float]]]) -> None:
        for number, points in enumerate(moments):
            kind = "touchMove" if number else "touchStart"
            said = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)]
            self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": said})
        self._session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
