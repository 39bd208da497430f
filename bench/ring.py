"""What lies on the picture, measured: whether it keeps with the picture, and where its edges are.

The overlay's canvas says which frame it was drawn for (`data-frame`). Which frame is on the screen, says an observer of
its own: requestVideoFrameCallback on the video element, at the video's rate. Both are read before each paint.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import cos, hypot, radians, sin
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import CDPSession, Page

from media.colour import OUTPUT, to_rgb
from media.decode import all_frames

Picture = NDArray[np.float32]
"""Luma, (H, W), or RGB, (H, W, 3), 0..255."""

CANVAS: Final = "[data-testid=overlay]"
SLOW_BYTES_PER_S: Final = 300_000  # a third of what the framed video needs to play on

_BEGIN: Final = """(rate) => {
  const canvas = document.querySelector("[data-testid=overlay]");
  const watch = { samples: [], video: null, shown: -1, ends: false };
  window.ringWatch = watch;
  const follow = (video) => {
    watch.video = video;
    const told = (_now, { mediaTime }) => {
      if (watch.video !== video) return;
      watch.shown = Math.floor((mediaTime + 0.002) * rate);
      video.requestVideoFrameCallback(told);
    };
    video.requestVideoFrameCallback(told);
  };
  const look = () => {
    if (watch.ends) return;
    const video = document.querySelector("video");
    if (video && video !== watch.video) follow(video);
    if (watch.shown >= 0) watch.samples.push([watch.shown, Number(canvas.dataset.frame)]);
    requestAnimationFrame(look);
  };
  look();
}"""
_SEEN: Final = """(frames) => {
  const { samples } = window.ringWatch;
  return samples.filter(([shown], at) => at === 0 || shown !== samples[at - 1][0]).length >= frames;
}"""
_END: Final = "() => { window.ringWatch.ends = true; return window.ringWatch.samples; }"


@dataclass(frozen=True)
class Kept:
    """How the canvas kept with the picture: of each frame that came on the screen, how far it was off at the worst."""

    lags: tuple[int, ...]

    @property
    def frames(self) -> int:
        """How many frames were seen on the screen."""
        return len(self.lags)

    @property
    def worst(self) -> int:
        """By how many frames it was off at most."""
        return max(self.lags, default=0)

    def __add__(self, other: Kept) -> Kept:
        return Kept(self.lags + other.lags)


def watch(page: Page, rate: float) -> None:
    """Begin to watch a page of the overlay screen, whose framed video has `rate` frames a second."""
    page.evaluate(_BEGIN, rate)


def until(page: Page, frames: int) -> None:
    """Wait until so many frames came on the screen since the watch began."""
    page.wait_for_function(_SEEN, arg=frames)


def kept(page: Page) -> Kept:
    """End the watch; return how canvas and picture kept together. One lag for each frame that came on the screen."""
    samples: list[list[int]] = page.evaluate(_END)
    lags: list[int] = []
    before: int | None = None
    for shown, drawn in samples:
        off = abs(shown - drawn)
        if shown == before:
            lags[-1] = max(lags[-1], off)
        else:
            lags.append(off)
        before = shown
    return Kept(tuple(lags))


def kept_throughout(page: Page, rate: float) -> Kept:
    """Watch a page of the overlay screen, whose first clip is spotlit, through all that can part ring and picture.

    It is played, played at twice the speed, scrubbed, and played anew while what it reads comes slowly.
    """
    return _played(page, rate, 40) + _hurried(page, rate, 30) + _scrubbed(page, rate, 5) + _starved(page, rate, 25)


def _played(page: Page, rate: float, frames: int) -> Kept:
    page.keyboard.press("m")
    watch(page, rate)
    page.keyboard.press("\\")  # over and over, for as long as it takes
    until(page, frames)
    return kept(page)


def _hurried(page: Page, rate: float, frames: int) -> Kept:
    page.get_by_role("button", name="Speed 1×").click()
    page.get_by_role("menuitemcheckbox", name="2×").click()
    watch(page, rate)
    until(page, frames)
    found = kept(page)
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("button", name="Loop the spotlight").click()
    return found


def _scrubbed(page: Page, rate: float, frames: int) -> Kept:
    strip = page.get_by_test_id("detail").bounding_box()
    assert strip
    watch(page, rate)
    page.mouse.move(strip["x"] + 10, strip["y"] + 10)
    page.mouse.down()
    for part in range(1, 40):
        page.mouse.move(strip["x"] + 10 + part * 12, strip["y"] + 10)
        page.wait_for_timeout(20)
    until(page, frames)
    page.mouse.up()
    return kept(page)


def _starved(page: Page, rate: float, frames: int) -> Kept:
    throttle(page, SLOW_BYTES_PER_S)
    page.reload()
    page.wait_for_selector(f"{CANVAS}[data-frame='0']")
    page.keyboard.press("m")
    watch(page, rate)
    page.keyboard.press("\\")
    until(page, frames)
    throttle(page, None)
    return kept(page)


def throttle(page: Page, bytes_per_s: float | None) -> CDPSession:
    """Let everything that the page reads come so slowly; None for as fast as it comes."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    through = -1 if bytes_per_s is None else bytes_per_s
    asked = {"offline": False, "latency": 40 if bytes_per_s else 0, "downloadThroughput": through}
    session.send("Network.emulateNetworkConditions", {**asked, "uploadThroughput": -1})
    return session


# What is drawn


def frame_of(page: Page) -> int:
    """Return the frame that the canvas was drawn for."""
    return int(page.locator(CANVAS).get_attribute("data-frame") or -1)


def ellipse_of(page: Page) -> tuple[float, float, float, float, float, float] | None:
    """Return the spotlight that is drawn: x, y, rx, ry in pixels of the output, degrees, opacity; None without one."""
    said = page.locator(CANVAS).get_attribute("data-ellipse")
    if not said:
        return None
    x, y, rx, ry, rotation_deg, opacity = map(float, said.split())
    return x, y, rx, ry, rotation_deg, opacity


def canvas_of(page: Page) -> NDArray[np.float32]:
    """Return what is drawn on the canvas, (H, W, 4), 0..1, not premultiplied."""
    url: str = page.locator(CANVAS).evaluate("canvas => canvas.toDataURL('image/png')")
    picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGBA")
    return np.asarray(np.asarray(picture, np.float32) / 255, np.float32)


def laid_over(canvas: NDArray[np.float32], rgb: NDArray[Any]) -> NDArray[np.float32]:
    """Return a picture, (H, W, 3), 0..255, with the canvas over it, brought to the picture's size."""
    height, width = rgb.shape[:2]
    premultiplied = np.dstack([canvas[..., :3] * canvas[..., 3:], canvas[..., 3:]])
    planes = [
        Image.fromarray(premultiplied[..., part]).resize((width, height), Image.Resampling.BILINEAR)
        for part in range(4)
    ]
    over = np.dstack([np.asarray(plane, np.float32) for plane in planes])
    return np.asarray(over[..., :3] * 255 + rgb * (1 - over[..., 3:]), np.float32)


def luma(rgb: NDArray[Any]) -> Picture:
    """Return the luma of full-range RGB."""
    return np.asarray(rgb @ np.array([0.2126, 0.7152, 0.0722]), np.float32)


# Where its edges are


def picture(path: Path, number: int) -> Picture:
    """Return a frame of a video of ours as RGB, (H, W, 3), 0..255."""
    frame = next(islice(all_frames(path), number, None))
    return np.asarray(to_rgb(frame, OUTPUT), np.float32)


def apart(exported: Picture, previewed: Picture, ellipse: Sequence[float]) -> tuple[float, ...]:
    """Return how far the stroke's edges of two drawings lie apart, in pixels: two for each ray that has both.

    Both are by how much a drawing made each pixel of the bare frame lighter.
    """
    theirs, ours = edges(exported, ellipse), edges(previewed, ellipse)
    rays = theirs.keys() & ours.keys()
    return tuple(abs(a - b) for ray in rays for a, b in zip(theirs[ray], ours[ray], strict=True))


def edges(
    changed: Picture, ellipse: Sequence[float], every_deg: int = 10, reach_px: float = 24.0
) -> dict[int, tuple[float, float]]:
    """Return where the stroke begins and ends on rays from the ellipse's centre, in pixels from the centre, by degrees.

    `changed` is by how much the drawing made each pixel lighter. An edge is where it has risen to half of the ray's
    highest, found between two samples a quarter of a pixel apart. Rays that leave the picture, and those on which the
    stroke does not stand out, are left out.
    """
    x, y, rx, ry, rotation_deg = ellipse[:5]
    turn = radians(rotation_deg)
    found: dict[int, tuple[float, float]] = {}
    for angle in range(0, 360, every_deg):
        u, v = rx * cos(radians(angle)), ry * sin(radians(angle))
        dx, dy = u * cos(turn) - v * sin(turn), u * sin(turn) + v * cos(turn)
        away = hypot(dx, dy)
        at = np.arange(max(away - reach_px, 1.0), away + reach_px, 0.25)
        columns, rows = x + at * dx / away - 0.5, y + at * dy / away - 0.5
        inside = (columns >= 0) & (columns < changed.shape[1] - 1) & (rows >= 0) & (rows < changed.shape[0] - 1)
        if not inside.all():
            continue
        levels = _between(changed, columns, rows)
        peak = int(levels.argmax())
        if levels[peak] < 40:
            continue
        half = levels[peak] / 2
        found[angle] = _crossing(at, levels, peak, -1, half), _crossing(at, levels, peak, 1, half)
    return found


def _between(picture: Picture, columns: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.float64]:
    left, top = np.floor(columns).astype(int), np.floor(rows).astype(int)
    across, down = columns - left, rows - top
    upper = picture[top, left] * (1 - across) + picture[top, left + 1] * across
    lower = picture[top + 1, left] * (1 - across) + picture[top + 1, left + 1] * across
    return np.asarray(upper * (1 - down) + lower * down, np.float64)


def _crossing(at: NDArray[Any], levels: NDArray[Any], peak: int, step: int, half: float) -> float:
    number = peak
    while 0 < number < len(levels) - 1 and levels[number] > half:
        number += step
    inner = number - step
    rise = levels[inner] - levels[number]
    share = 0.0 if rise == 0 else (levels[inner] - half) / rise
    return float(at[inner] + share * (at[number] - at[inner]))
