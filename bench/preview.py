"""What is drawn on the picture: how it keeps with it on the screen, and how near the finished reel comes to it."""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

from bench import ring
from bench.visitor import COOKIE, Visitor

DESK: Final = (1440, 900)
OUTPUT_LARGE: Final = (1700, 2254)  # so that the canvas has the output's pixels
LEAST_SAMPLES: Final = 100
LEAST_RAYS: Final = 30
FRAME: Final = 12  # the spotlight has come in by then
ENDED: Final = frozenset({"done", "failed", "cancelled"})

Waits = Callable[[Callable[[], bool]], None]


def measure(browser: Browser, visitor: Visitor, project: str, rate: int, waits: Waits) -> dict[str, object]:
    """Return how the ring keeps with the picture and the reel with the preview, on a project that has its AI picture.

    Puts a spotlight that moves over the whole first clip, and makes the reel again. Raises RuntimeError where there
    is too little to measure.
    """
    _light(visitor, project)
    page = _opened(browser, visitor, project, DESK)
    kept = ring.kept_throughout(page, rate)
    page.context.close()
    if kept.frames < LEAST_SAMPLES:
        raise RuntimeError(f"Only {kept.frames} frames were seen.")
    page = _opened(browser, visitor, project, OUTPUT_LARGE)
    for number in range(1, FRAME + 1):
        page.keyboard.press("ArrowRight")
        _stands(page, number)
    canvas, ellipse = ring.canvas_of(page), ring.ellipse_of(page)
    page.context.close()
    if not ellipse:
        raise RuntimeError("The preview shows no spotlight.")
    jobs = visitor.post(f"/api/projects/{project}/exports", {"stage": "overlay"})["jobs"]
    waits(lambda: all(visitor.get(f"/api/jobs/{job['id']}")["state"] in ENDED for job in jobs))
    with TemporaryDirectory() as folder:
        reel = visitor.get(f"/api/projects/{project}")["reel_id"]
        made = ring.picture(_fetched(visitor, f"/api/media/reel/{reel}", Path(folder, "reel.mp4")), FRAME)
        clean = ring.picture(_fetched(visitor, f"/api/media/working_video/{project}", Path(folder, "bare.mp4")), FRAME)
    exported, previewed = (ring.luma(one) - ring.luma(clean) for one in (made, ring.laid_over(canvas, clean)))
    off_px = ring.apart(exported, previewed, ellipse)
    if len(off_px) < 2 * LEAST_RAYS:
        raise RuntimeError("The spotlight's edges do not stand out.")
    return {"ring_lag_frames_max": kept.worst, "preview_edge_px_max": round(max(off_px), 2)}


def _light(visitor: Visitor, project: str) -> None:
    """Put one spotlight on the first clip, as long as it and on the move."""
    edit: dict[str, Any] = visitor.get(f"/api/projects/{project}/edit")
    clip = edit["clips"][0]
    begin, end = clip["in_pts"], clip["out_pts"]
    ways = ((begin, 0.44), (begin + (end - begin) // 4, 0.5), (end - 1, 0.54))
    keys = [
        {"id": f"0197a1b2-0000-7000-8000-00000000000{number}", "pts": pts, "x": x, "y": 0.5, "rx": 0.07, "ry": 0.14}
        for number, (pts, x) in enumerate(ways, 1)
    ]
    span = {"id": "0197a1b2-0000-7000-8000-0000000000ff", "in_pts": begin, "out_pts": end}
    clip.update(spotlights=[span | {"keys": keys, "colour": "yellow"}], freeze_s=0.0)
    status, said = visitor.ask("PUT", f"/api/projects/{project}/edit", edit)
    if status >= 400:
        raise RuntimeError(f"The spotlight was not taken: {status} {said}")


def _opened(browser: Browser, visitor: Visitor, project: str, size: tuple[int, int]) -> Page:
    """Open a project's Overlay in a window of its own, and wait for its first picture."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.add_cookies([{"name": COOKIE, "value": visitor.cookie, "url": visitor.url}])
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{visitor.url}/projects/{project}/overlay")
    _stands(page, 0)
    return page


def _stands(page: Page, frame: int) -> None:
    page.wait_for_selector(f"{ring.CANVAS}[data-frame='{frame}']")


def _fetched(visitor: Visitor, path: str, to: Path) -> Path:
    address = urlsplit(visitor.location(path))
    connection = HTTPConnection(address.netloc, timeout=120)
    connection.request("GET", f"{address.path}?{address.query}")
    to.write_bytes(connection.getresponse().read())
    connection.close()
    return to
