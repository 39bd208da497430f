"""Overlay as a parent uses it, on real footage: placed by mouse, keys and touch, looped, undone; made into a reel."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from bench import ring
from tests.browser.conftest import Visit
from tests.browser.visitor import PHONE, Visitor, sized
from tests.journeys.parent import Parent, framed
from tests.local.service import Service

pytestmark = pytest.mark.footage

MATCH = "09_derived_match_1080p25_70s_audio.mp4"
RATE = 25
SECOND = 12_800  # ticks of the match
CLIPS = ((5.0, 4.0), (20.0, 3.0))
SAVED = re.compile(r"Saved \d\d?:\d\d")
WORKER_MS = 420_000  # a network on a busy processor
NEAR = 0.01  # of the source's picture: a few pixels of the screen

Opens = Callable[..., Visitor]
Edit = dict[str, Any]


@pytest.fixture(scope="module")
def source(parent: Parent, footage_dir: Path) -> dict[str, Any]:
    """The real match, looked over."""
    source = parent.brings(parent.adds_game(), footage_dir / MATCH)
    assert source["state"] == "ready"
    return source


@pytest.fixture(scope="module")
def project(parent: Parent, source: dict[str, Any]) -> str:
    """Two clips whose crop pans and is turned a little, as a draft: the AI picture is not waited for."""
    project = parent.begins_project([parent.marks(source, at_s, lasts_s) for at_s, lasts_s in CLIPS])
    parent.edits(project, panning)
    draft, framing = parent.exports(project, "framing")
    parent.asks("DELETE", f"/api/jobs/{framing['id']}")
    assert parent.waits_for([draft])[0]["state"] == "done"
    return project


@pytest.fixture
def opens(visit: Visit, parent: Parent, service: Service) -> Opens:
    """What opens a project's Overlay in a browser of the parent's, its first picture on the screen."""

    def come(project: str, *arguments: object, **more: object) -> Visitor:
        visitor = visit(*arguments, **more)
        visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
        visitor.go(f"/projects/{project}/overlay")
        seen(visitor.page, 0)
        return visitor

    return come


@pytest.fixture
def bare(parent: Parent, project: str) -> str:
    """The project with nothing on it."""
    parent.edits(project, cleared)
    return project


def panning(edit: Edit) -> None:
    """Frame every clip: a crop that pans to the right, a little turned."""
    framed((0, 0.40, 0.5, 0.7), (3 * SECOND, 0.52, 0.5, 0.7))(edit)
    for clip in edit["clips"]:
        clip["rotation_deg"] = 3.0


def cleared(edit: Edit) -> None:
    edit["cards"] = []
    for clip in edit["clips"]:
        clip.update(spotlights=[], label="", freeze_s=0.0)


def lit(edit: Edit, **look: Any) -> None:
    """Put a spotlight that moves over the whole of the first clip."""
    clip = edit["clips"][0]
    begin, end = clip["in_pts"], clip["out_pts"]
    keys = [
        {"id": f"0197a1b2-0000-7000-8000-00000000000{n}", "pts": pts, "x": x, "y": 0.5, "rx": 0.07, "ry": 0.14}
        for n, (pts, x) in enumerate(((begin, 0.40), (begin + SECOND, 0.46), (end - 1, 0.50)), 1)
    ]
    span = {"id": "0197a1b2-0000-7000-8000-0000000000ff", "in_pts": begin, "out_pts": end}
    clip["spotlights"] = [span | {"keys": keys, "colour": "yellow"} | look]


def spotlights(parent: Parent, project: str, clip: int = 0) -> list[dict[str, Any]]:
    return parent.gets(f"/api/projects/{project}/edit")["clips"][clip]["spotlights"]


def saved(page: Page) -> None:
    expect(page.get_by_text(SAVED)).to_be_visible()


def seen(page: Page, frame: int) -> None:
    """Wait until a frame is on the screen, with what belongs on it."""
    expect(page.locator(ring.CANVAS)).to_have_attribute("data-frame", str(frame))


def step(page: Page, frames: int) -> None:
    """Step so many frames on; each is on the screen before the next is asked for."""
    at = ring.frame_of(page)
    for number in range(1, frames + 1):
        page.keyboard.press("ArrowRight")
        seen(page, at + number)


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where a part of the picture is on the page."""
    box = page.get_by_test_id("press").bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def middle(page: Page) -> tuple[float, float]:
    """Return where the spotlight's middle is on the page."""
    box = page.get_by_test_id("spotlight").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, begin: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*begin)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()


def test_placed_dragged_undone_and_done_again_after_a_reload(opens: Opens, parent: Parent, bare: str) -> None:
    visitor = opens(bare)
    page = visitor.page
    page.mouse.click(*at(page, 0.5, 0.5))
    saved(page)
    (placed,) = spotlights(parent, bare)
    clip = parent.gets(f"/api/projects/{bare}/edit")["clips"][0]
    assert placed["in_pts"] == clip["in_pts"]
    assert placed["out_pts"] == clip["in_pts"] + 2 * SECOND, "the first two seconds"
    (key,) = placed["keys"]
    assert key == {**key, "pts": clip["in_pts"], "rx": 0.06, "ry": 0.12}
    assert (key["x"], key["y"]) == (pytest.approx(0.40, abs=NEAR), pytest.approx(0.5, abs=NEAR)), "the crop's middle"

    step(page, 20)
    drag(page, middle(page), at(page, 0.6, 0.5))
    expect(page.get_by_role("button", name="Undo: Move spotlight")).to_be_visible()
    right, box = page.locator("[data-side=right]"), page.get_by_test_id("press").bounding_box()
    handle = right.bounding_box()
    assert handle
    assert box
    drag(page, (handle["x"] + 6, handle["y"] + 6), (handle["x"] + 6 + 0.1 * box["width"], handle["y"] + 6))
    saved(page)
    (dragged,) = spotlights(parent, bare)
    first, second = dragged["keys"]
    assert first == key, "what was placed before stays"
    assert second["pts"] == clip["in_pts"] + 20 * SECOND // RATE
    assert second["rx"] == pytest.approx(0.06 + 0.1 * 9 / 16 * 0.7, abs=NEAR)
    assert second["ry"] == pytest.approx(0.12)
    assert visitor.faults() == []

    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    saved(page)
    assert spotlights(parent, bare) == [placed]
    page.reload()
    seen(page, 0)
    page.get_by_role("button", name="Redo: Move spotlight").click()
    page.get_by_role("button", name="Redo: Resize spotlight").click()
    saved(page)
    assert spotlights(parent, bare) == [dragged]

    page.keyboard.press("\\")  # it plays, over and over
    page.wait_for_function("() => document.querySelector('video').currentTime > 1.8")
    page.wait_for_function("() => document.querySelector('video').currentTime < 0.5")
    assert not page.evaluate("document.querySelector('video').paused")


def test_by_keys_and_numbers_alone(opens: Opens, parent: Parent, bare: str) -> None:
    page = opens(bare).page
    page.keyboard.press("n")
    spot = page.get_by_test_id("spotlight")
    spot.focus()
    page.keyboard.press("Shift+ArrowRight")  # 20 pixels of 1080 × 1920
    page.keyboard.press("Alt+ArrowUp")
    saved(page)
    (key,) = spotlights(parent, bare)[0]["keys"]
    assert key["ry"] == pytest.approx(0.12 + 2 * 0.7 / 1920, abs=1e-4)
    assert key["x"] > 0.40
    page.keyboard.press("Escape")
    page.locator("body").click(position={"x": 5, "y": 5})
    step(page, 5)
    page.keyboard.press("p")
    page.get_by_label("Across %").fill("47.5")
    page.get_by_label("Across %").press("Enter")
    page.get_by_label("Across %").blur()
    page.keyboard.press("Control+c")
    step(page, 5)
    page.keyboard.press("Control+v")
    page.keyboard.press("[")
    seen(page, 5)
    page.keyboard.press("Delete")
    page.keyboard.press("o")  # here it would end too soon: half a second stays
    saved(page)
    (region,) = spotlights(parent, bare)
    assert [round(one["x"], 3) for one in region["keys"]] == [round(key["x"], 3), 0.475]
    assert region["out_pts"] - region["in_pts"] == SECOND // 2
    page.keyboard.press(".")
    seen(page, int(CLIPS[0][1] * RATE))
    page.get_by_role("radio", name="On the ground").wait_for(state="hidden")  # the second clip has none yet
    page.keyboard.press("n")
    page.get_by_role("radio", name="On the ground").press("Enter")
    page.get_by_role("radio", name=re.compile("^Pink, contrast")).press("Space")
    page.get_by_role("switch", name="Fill").press("Space")
    saved(page)
    (second,) = spotlights(parent, bare, 1)
    assert (second["shape"], second["colour"], second["fill"]) == ("ground", "pink", True)


def test_by_touch(opens: Opens, parent: Parent, bare: str) -> None:
    visitor = opens(bare, PHONE, touch=True)
    page = visitor.page
    page.touchscreen.tap(*at(page, 0.5, 0.5))
    saved(page)
    (before,) = spotlights(parent, bare)
    (x, y), (to_x, to_y) = middle(page), at(page, 0.7, 0.4)
    fingers = page.context.new_cdp_session(page)
    for kind, part in (("touchStart", 0.0), ("touchMove", 0.5), ("touchMove", 1.0), ("touchEnd", None)):
        points = [] if part is None else [{"x": x + part * (to_x - x), "y": y + part * (to_y - y)}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page.get_by_role("button", name="Undo: Move spotlight")).to_be_visible()
    saved(page)
    (after,) = spotlights(parent, bare)
    assert len(after["keys"]) == 1
    assert after["keys"][0]["x"] > before["keys"][0]["x"] + 0.03
    assert after["keys"][0]["y"] < before["keys"][0]["y"] - 0.05
    scrolls, shown = sized(page)
    assert scrolls == shown
    assert visitor.faults() == []


def test_texts_and_names_are_shown_as_they_are_written(opens: Opens, parent: Parent, bare: str) -> None:
    visitor = opens(bare)
    page = visitor.page
    page.get_by_role("tab", name="Clip").click()
    page.get_by_label("Player's name").fill("Mia")
    page.get_by_role("tab", name="Texts").click()
    page.get_by_role("button", name="Before this clip").click()
    page.get_by_role("textbox", name="Text before clip 1").fill("FC Tigers\n3 : 1")
    drawn = ring.canvas_of(page)
    assert drawn[..., 3].min() == 1.0, "while it is written the text fills the picture"
    saved(page)
    edit = parent.gets(f"/api/projects/{bare}/edit")
    assert edit["clips"][0]["label"] == "Mia"
    (card,) = edit["cards"]
    assert (card["text"], card["before"], card["duration_s"]) == ("FC Tigers\n3 : 1", edit["clips"][0]["id"], 3.0)
    assert visitor.faults() == []
    page.get_by_role("tab", name="Spotlight").click()
    page.get_by_role("button", name="Play", exact=True).click()  # the reel begins with the text, the play waits for it
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    assert ring.canvas_of(page)[..., 3].min() == 1.0
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
    assert ring.canvas_of(page)[..., 3].min() < 1.0


def test_outside_the_crop_after_framing_anew(opens: Opens, parent: Parent, source: dict[str, Any]) -> None:
    project = parent.begins_project([parent.marks(source, 30.0, 2.0)])
    parent.edits(project, framed((0, 0.3, 0.5, 0.7)))
    first = parent.exports(project, "framing")
    parent.asks("DELETE", f"/api/jobs/{first[1]['id']}")
    parent.waits_for(first[:1])
    page = opens(project).page
    page.mouse.click(*at(page, 0.5, 0.5))
    saved(page)
    parent.edits(project, framed((0, 0.8, 0.5, 0.7)))
    page.reload()
    expect(page.get_by_text("The framing was changed since this picture was made.")).to_be_visible()
    page.get_by_role("button", name="Make the picture anew").click()
    changed = page.get_by_text("The framing was changed since this picture was made.")
    expect(changed).to_have_count(0, timeout=WORKER_MS)
    lane = page.get_by_role("group", name="Spotlights")
    expect(lane.get_by_role("button", name=re.compile("outside the crop"))).to_be_visible()
    expect(page.get_by_text("This player is outside the crop.")).to_be_visible()
    for job in parent.gets("/api/jobs?active=1")["items"]:
        parent.asks("DELETE", f"/api/jobs/{job['id']}")


def test_the_ai_picture_takes_the_draft_s_place(opens: Opens, parent: Parent, source: dict[str, Any]) -> None:
    """The whole picture at 16:9 needs no network: so the framing comes soon, once the screen stands on the draft."""
    project = parent.begins_project([parent.marks(source, 50.0, 1.0)], aspect="16:9")
    parent.edits(project, framed((0, 0.5, 0.5, 1.0), aspect="16:9"))
    draft, framing = parent.exports(project, "framing")
    parent.asks("DELETE", f"/api/jobs/{framing['id']}")
    parent.waits_for([draft, framing])
    page = opens(project).page
    expect(page.get_by_text("Draft", exact=True)).to_be_visible()
    step(page, 10)
    was = page.evaluate("document.querySelector('video').src")
    _, framing = parent.exports(project, "framing")
    expect(page.get_by_text("Draft", exact=True)).to_have_count(0, timeout=WORKER_MS)
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    seen(page, 10)
    now = page.evaluate("document.querySelector('video').src")
    assert (was.rpartition("/")[2], now.rpartition("/")[2]) == (draft["id"], framing["id"])
    assert page.evaluate("document.querySelector('video').currentTime") == pytest.approx(10.5 / RATE)
    page.get_by_role("button", name="Make reel").click()
    expect(page.get_by_text("The reel is made.")).to_be_visible(timeout=WORKER_MS)


def test_the_reel_is_what_was_seen(opens: Opens, parent: Parent, bare: str, tmp_path: Path) -> None:
    """Preview equals export.

    The overlay is opened so large that its canvas has the output's pixels. A frame of the draft, with the canvas laid
    over it, and the same frame of the finished reel: both less the bare frame are what was drawn. On 36 rays from the
    spotlight's middle the stroke's two edges, at half height, lie within a pixel; and the pictures are alike all over.
    """
    parent.edits(bare, lit)
    page = opens(bare, (1700, 2254)).page
    step(page, 12)
    canvas, ellipse = ring.canvas_of(page), ring.ellipse_of(page)
    assert ellipse
    assert ellipse[5] == 1.0, "the spotlight is there in full"
    assert canvas.shape[0] == pytest.approx(1920, rel=0.03)
    page.get_by_role("button", name="Other ways to make it").click()
    page.get_by_role("menuitem", name="Make it of the draft").click()
    expect(page.get_by_text("The reel is made.")).to_be_visible(timeout=WORKER_MS)
    expect(page.get_by_role("link", name="See it")).to_be_visible()

    reel = parent.gets(f"/api/projects/{bare}")["reel_id"]
    made = ring.picture(parent.downloads(f"/api/media/reel/{reel}", tmp_path / "reel.mp4"), 12)
    clean = ring.picture(parent.downloads(f"/api/media/draft/{bare}", tmp_path / "draft.mp4"), 12)
    preview = ring.laid_over(canvas, clean)
    exported, previewed = (ring.luma(one) - ring.luma(clean) for one in (made, preview))
    off_px = ring.apart(exported, previewed, ellipse)
    assert len(off_px) >= 2 * 30, "on 30 rays, the stroke's two edges"
    assert max(off_px) <= 1.0
    assert float(np.abs(ring.luma(made) - ring.luma(preview)).mean()) < 3.0
    far = np.abs(exported - previewed)[: int(ellipse[1] - 2 * ellipse[3])]
    assert float(far.mean()) < 3.0, "it is as dark outside"


NOTE_HOLDS = """() => {
  const canvas = document.querySelector("[data-testid=overlay]");
  const video = document.querySelector("video");
  window.holds = [];
  const note = () => {
    const opacity = Number(canvas.dataset.ellipse.split(" ").at(-1));
    window.holds.push([Number(canvas.dataset.frame), opacity, video.paused, performance.now()]);
  };
  new MutationObserver(note).observe(canvas, { attributes: true, attributeFilter: ["data-frame", "data-ellipse"] });
}"""


def test_a_freeze_frame_holds_the_play_with_the_marker_in_full(opens: Opens, parent: Parent, bare: str) -> None:
    held_s = 1.5

    def frozen(edit: Edit) -> None:
        lit(edit)
        clip = edit["clips"][0]
        clip["freeze_s"] = held_s
        (region,) = clip["spotlights"]
        region["in_pts"] += SECOND
        region["keys"] = [key for key in region["keys"] if key["pts"] >= region["in_pts"]]

    parent.edits(bare, frozen)
    page = opens(bare).page
    step(page, 20)
    page.evaluate(NOTE_HOLDS)
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('video').currentTime > 1.8")
    page.get_by_role("button", name="Pause", exact=True).click()
    notes: list[tuple[int, float, bool, float]] = page.evaluate("window.holds")
    at = next(number for number, (_, opacity, *_) in enumerate(notes) if opacity > 0)
    frame, opacity, _, began_ms = notes[at]
    assert opacity == 1.0, "it does not fade in: the marker is there in full before the play goes on"
    assert RATE <= frame <= RATE + 2
    went_on = next(note for note in notes[at:] if note[0] != frame)
    assert went_on[0] > frame
    assert went_on[3] - began_ms >= 1000 * held_s * 0.95
    assert [opacity for _, opacity, *_ in notes[at:]] == [1.0] * len(notes[at:]), "nor does it fade in once more"


def test_the_ring_keeps_with_the_picture(opens: Opens, parent: Parent, bare: str) -> None:
    """At most a frame apart: played, at twice the speed, scrubbed, and with pictures that come slowly."""
    parent.edits(bare, lit)
    page = opens(bare).page
    kept = ring.kept_throughout(page, RATE)
    assert kept.frames >= 100
    assert kept.worst <= 1
