"""The AI picture takes the draft's place segment by segment: what is on the screen in Overlay while it is being made.

The first clip shows the whole picture, which needs no network: its segments come soon. The second needs one, and lasts:
so its last segment is not there while these tests look.
"""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, Route, expect

from bench import ring
from media.colour import OUTPUT, to_rgb
from media.decode import all_frames
from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.journeys.parent import Parent, framed
from tests.local.service import Service

pytestmark = pytest.mark.footage

MATCH: Final = "09_derived_match_1080p25_70s_audio.mp4"
RATE: Final = 25
SOON, LATER = (6.0, 3.0), (20.0, 15.0)
"""The clips: when each begins, and how many seconds it lasts."""
LAST: Final = round((SOON[1] + LATER[1]) * RATE) - 1
WORKER_MS: Final = 420_000

_PICTURE: Final = """() => {
  const video = [...document.querySelectorAll("video")].find((one) => one.style.zIndex === "1");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas.toDataURL("image/png");
}"""
_WATCH: Final = """([rate, begins]) => {
  const canvas = document.querySelector("[data-testid=overlay]");
  const watch = { samples: [], films: new Map(), ends: false };
  window.segmentWatch = watch;
  const follow = (video) => {
    const digest = video.src.split("/").at(-1);
    const film = { begin: begins[digest] ?? 0, is_segment: digest in begins, shown: -1 };
    watch.films.set(video, film);
    const told = (_now, { mediaTime }) => {
      film.shown = film.begin + Math.floor((mediaTime + 0.002) * rate);
      video.requestVideoFrameCallback(told);
    };
    video.requestVideoFrameCallback(told);
  };
  const look = () => {
    if (watch.ends) return;
    for (const video of document.querySelectorAll("video")) if (!watch.films.has(video)) follow(video);
    const seen = [...watch.films].find(([video]) => video.isConnected && video.style.zIndex === "1")?.[1];
    if (seen && seen.shown >= 0) watch.samples.push([seen.shown, Number(canvas.dataset.frame), seen.is_segment]);
    requestAnimationFrame(look);
  };
  look();
}"""
_HEARD: Final = """() => [...document.querySelectorAll("video")].map(
  (one) => [one.src.includes("/draft/"), one.muted, one.paused])"""
_CAME: Final = "(least) => window.segmentWatch.samples.some(([shown]) => shown >= least)"
_END: Final = "() => { window.segmentWatch.ends = true; return window.segmentWatch.samples; }"

Picture = NDArray[np.float32]
"""RGB, (H, W, 3), 0..255."""
Segment = dict[str, Any]


@dataclass(frozen=True)
class Halfway:
    """A project whose framing was stopped halfway; `card` is what the service said of it while it was at work."""

    project: str
    framing: str
    segments: tuple[Segment, ...]
    card: dict[str, Any]

    def at(self, frame: int) -> Segment:
        """Return the segment that a frame lies in."""
        return next(one for one in self.segments if 0 <= frame - one["begin_frame"] < one["frames"])


@pytest.fixture(scope="module")
def halfway(parent: Parent, footage_dir: Path) -> Halfway:
    """Two clips; all of the first one's segments are there."""
    source = parent.brings(parent.adds_game(), footage_dir / MATCH)
    project = parent.begins_project([parent.marks(source, *clip) for clip in (SOON, LATER)], aspect="16:9")
    parent.edits(project, whole_and_close)
    draft, framing = parent.exports(project, "framing")
    assert parent.waits_for([draft])[0]["state"] == "done"
    ends = round(SOON[1] * RATE)

    def comes(found: list[Segment]) -> bool:
        return len(found) > 0 and all(one["media"] for one in found if one["begin_frame"] < ends)

    found = parent.until(lambda: segments(parent, framing["id"]), comes)
    card = parent.gets(f"/api/projects/{project}")
    assert card["draft"]["becomes"] == framing["id"]
    stop(parent)
    assert not found[-1]["media"]
    return Halfway(project, framing["id"], tuple(found), card)


def whole_and_close(edit: dict[str, Any]) -> None:
    """Frame the first clip whole; of the second leave so much away that a network works on nearly all of it."""
    framed((0, 0.5, 0.5, 1.0), aspect="16:9")(edit)
    edit["clips"][1]["crops"]["16:9"]["keys"][0]["h"] = 0.9


def segments(parent: Parent, framing: str) -> list[Segment]:
    return parent.gets(f"/api/jobs/{framing}/segments")["items"]


def stop(parent: Parent) -> None:
    """Stop whatever is at work."""
    jobs = parent.gets("/api/jobs?active=1")["items"]
    for job in jobs:
        parent.asks("DELETE", f"/api/jobs/{job['id']}")
    parent.waits_for(jobs)


@pytest.fixture
def comer(visit: Visit, parent: Parent, service: Service) -> Visitor:
    """A browser of the parent's."""
    visitor = visit()
    visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
    return visitor


def opened(comer: Visitor, project: str) -> Page:
    comer.go(f"/projects/{project}/overlay")
    seen(comer.page, 0)
    return comer.page


def seen(page: Page, frame: int) -> None:
    """Wait until a frame is on the screen, with what belongs on it."""
    expect(page.locator(ring.CANVAS)).to_have_attribute("data-frame", str(frame))


def shows(page: Page, part: str) -> None:
    """Wait until the video on the screen is one whose address has this in it."""
    page.wait_for_function(
        "(part) => [...document.querySelectorAll('video')].find((one) => one.style.zIndex === '1')?.src.includes(part)",
        arg=part,
    )


def step(page: Page, frames: int) -> None:
    """Step so many frames on; each is on the screen before the next is asked for."""
    at = ring.frame_of(page)
    for number in range(1, frames + 1):
        page.keyboard.press("ArrowRight")
        seen(page, at + number)


def on_screen(page: Page) -> Picture:
    url: str = page.evaluate(_PICTURE)
    picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")
    return np.asarray(picture, np.float32)


def picture(path: Path, number: int) -> Picture:
    """Return a frame of a video."""
    frame = next(islice(all_frames(path), number, None))
    return to_rgb(frame, OUTPUT).astype(np.float32)


def apart(one: Picture, other: Picture) -> float:
    """Return how far two pictures are apart, in levels, on the mean."""
    return float(np.abs(one - other).mean())


def test_each_segment_is_seen_as_soon_as_it_is_there(
    comer: Visitor, parent: Parent, halfway: Halfway, tmp_path: Path
) -> None:
    draft = parent.downloads(f"/api/media/draft/{halfway.project}", tmp_path / "draft.mp4")
    _, framing = parent.exports(halfway.project, "framing")  # what was made of it before is there at once
    page = opened(comer, halfway.project)
    said = page.get_by_role("status").filter(has_text="AI picture:")
    expect(said).to_have_text(re.compile(rf"^AI picture: \d+ of {len(halfway.segments)} segments"))

    shows(page, halfway.at(0)["media"])
    step(page, halfway.at(0)["frames"] + 1)  # over the border of the first two
    frame = ring.frame_of(page)
    here = halfway.at(frame)
    shows(page, here["media"])
    own = parent.downloads(here["media"], tmp_path / "segment.mp4")
    sharp, soft = picture(own, frame - here["begin_frame"]), picture(draft, frame)
    found = on_screen(page)
    assert apart(found, sharp) < 1.0, "what browsers and we make of the same bytes"
    assert apart(found, soft) > 2.0
    assert comer.faults() == []

    for _ in range(4):
        page.keyboard.press("Control+ArrowRight")
    seen(page, LAST)
    shows(page, "/draft/")
    last = picture(draft, LAST)
    page.wait_for_function("() => !document.querySelector('video').seeking")
    assert apart(on_screen(page), last) < 1.0

    page.get_by_role("button", name="Make reel", exact=True).click()
    expect(page.get_by_text("The reel waits for the AI picture", exact=True).first).to_be_visible()
    expect(page.get_by_role("region", name="The reel").get_by_text("Waits for the AI picture.")).to_be_visible()
    assert [job["waits_for"] for job in parent.gets("/api/jobs?active=1")["items"] if job["kind"] == "overlay"] == [
        framing["id"]
    ]
    stop(parent)
    expect(said).to_have_count(0)
    page.keyboard.press("Control+ArrowLeft")
    seen(page, LAST - 5 * RATE)
    for _ in range(3):
        page.keyboard.press("Control+ArrowLeft")
    seen(page, 0)
    shows(page, "/draft/")


def test_the_ring_keeps_with_the_picture_over_the_borders(comer: Visitor, halfway: Halfway) -> None:
    """Played, and scrubbed, over the segments of the first clip and into the draft: never more than a frame apart."""
    page = comer.page
    card = f"**/api/projects/{halfway.project}"
    page.route(card, lambda route: held(route, halfway.card))  # as long as it says so, the framing is at work
    opened(comer, halfway.project)
    shows(page, halfway.at(0)["media"])
    begins = {one["media"].rpartition("/")[2]: one["begin_frame"] for one in halfway.segments if one["media"]}
    page.evaluate(_WATCH, [RATE, begins])
    page.keyboard.press("Space")
    page.wait_for_function(_CAME, arg=round(SOON[1] * RATE) + 5, timeout=WORKER_MS)
    sounds = (
        "[...document.querySelectorAll('video')].map((one) => [one.src.includes('/draft/'), one.muted, one.paused])"
    )
    heard: list[list[bool]] = page.evaluate(sounds)
    assert [one for one in heard if one[0]] == [[True, False, False]], "the draft plays on, with its sound"
    assert all(muted for is_draft, muted, _ in heard if not is_draft)
    page.get_by_role("button", name="Pause", exact=True).click()
    strip = page.get_by_test_id("detail").bounding_box()
    assert strip
    page.mouse.move(strip["x"] + 200, strip["y"] + 10)
    page.mouse.down()
    for part in range(40):
        page.mouse.move(strip["x"] + 200 - 4 * part, strip["y"] + 10)
        page.wait_for_timeout(20)
    page.mouse.up()
    shows(page, "/segment/")
    samples: list[tuple[int, int, bool]] = page.evaluate(_END)
    assert max(abs(shown - drawn) for shown, drawn, _ in samples) <= 1
    assert len({shown for shown, _, _ in samples}) >= 20
    assert {is_segment for *_, is_segment in samples} == {True, False}


def held(route: Route, card: dict[str, Any]) -> None:
    """Answer with what was answered then."""
    route.fulfill(json=card)
