"""The ground of synthesised footage: one wide picture of pitch, goals and crowd, of which a camera shows a part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil

import cv2
import numpy as np

from media.synth_people import SKINS
from media.synth_play import GOAL_HALF_WIDTH_M, GOAL_HEIGHT_M, LENGTH_M, WIDTH_M
from reel.geometry import Size

# The camera stands above the middle of the near touchline and looks straight across. It pans by moving its window over
# one wide picture by whole pixels, as the panorama cameras of club grounds do: nothing turns, warps or is resampled.
CAMERA_BACK_M, CAMERA_UP_M = 32.0, 13.0
FOCAL_PX = 2400.0  # for a picture of 720 lines
FAR_LINE_PX = 165.0  # where the far touchline stands in it when the camera looks there
TILT = 0.2  # how far the window follows the play towards the camera
REACH_M = 43.0  # how far left and right of the middle of the pitch the camera ever looks


@dataclass(frozen=True, slots=True)
class Camera:
    """The projection for one size of picture."""

    size: Size

    @property
    def px(self) -> float:
        """Return what a pixel of a 720-line picture is in pixels of this one."""
        return self.size.height / 720.0

    def scale(self, y: np.ndarray | float) -> np.ndarray:
        """Return pixels per metre at a distance of `y` metres behind the near touchline."""
        return FOCAL_PX * self.px / (np.asarray(y, float) + CAMERA_BACK_M)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Return (…, 2) pixels for (…, 3) metres x, y, height; x = 0 is the middle of the pitch.

        Pixels count from the top of the picture when the camera looks at the far touchline.
        """
        scale = self.scale(points[..., 1])
        return np.stack([points[..., 0] * scale, self.horizon + (CAMERA_UP_M - points[..., 2]) * scale], axis=-1)

    def offset(self, aim: np.ndarray) -> np.ndarray:
        """Return the window's top left corner, in whole pixels, when the camera looks at `aim` (x, y in metres)."""
        x, y = self.project(np.array([aim[0], min(max(aim[1], 0.0), WIDTH_M), 0.0]))
        left = min(max(float(x), -self.reach), self.reach) - self.size.width / 2
        return np.round([left, TILT * (float(y) - FAR_LINE_PX * self.px)])

    @property
    def horizon(self) -> float:
        """Return where everything infinitely far away stands."""
        return FAR_LINE_PX * self.px - CAMERA_UP_M * float(self.scale(WIDTH_M))

    @property
    def reach(self) -> float:
        """Return how far the window's middle moves to either side."""
        return REACH_M * float(self.scale(WIDTH_M / 2))

    @property
    def sink(self) -> float:
        """Return how far the window moves down."""
        return TILT * CAMERA_UP_M * float(self.scale(0.0) - self.scale(WIDTH_M))


@lru_cache(maxsize=2)
def ground_of(size: Size, seed: int) -> Ground:
    """Return the wide picture for one size, drawn once."""
    return Ground(Camera(size), seed)


class Ground:
    """The wide picture; `view` cuts the camera's window out of it."""

    def __init__(self, camera: Camera, seed: int) -> None:
        self.camera = camera
        self.left = -ceil(camera.size.width / 2 + camera.reach + 2)
        self._rng = np.random.default_rng([seed, 3])
        self._grain = self._rng.standard_normal((256, 256)).astype(np.float32)
        self.picture = self._grass(camera.size.height + ceil(camera.sink + 2), -2 * self.left)
        self._lines()
        self._background()
        for side in (-1.0, 1.0):
            self._goal(side)

    def view(self, offset: np.ndarray) -> np.ndarray:
        """Return the window whose top left corner is `offset`: height × width × 3, BGR."""
        x, y = int(offset[0]) - self.left, int(offset[1])
        return self.picture[y : y + self.camera.size.height, x : x + self.camera.size.width].copy()

    def _place(self, *points: tuple[float, float, float]) -> np.ndarray:
        """Return where points in metres stand in the wide picture, in pixels."""
        return self.camera.project(np.array(points)) - (self.left, 0)

    def _metre(self, y: float) -> float:
        """Return the pixels of a metre in the wide picture."""
        return float(self.camera.scale(y))

    def _grass(self, height: int, width: int) -> np.ndarray:
        """Return mown stripes, patches and blades; detail that would be finer than a pixel far away is left out."""
        down = np.maximum(np.arange(height) + 0.5 - self.camera.horizon, 1.0)
        soft = self._patches(np.linspace(down[0], down[-1], height // 2), width // 2)
        near = np.clip(down / down[-1], 0.25, 1.0).astype(np.float32)
        blades = 0.7 * cv2.GaussianBlur(self._grain, (3, 3), 0.6)
        blades += 1.5 * cv2.GaussianBlur(self._grain, (1, 7), 0.01, sigmaY=1.0 + 0.5 * self.camera.px)
        picture = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
        return self._textured(picture, blades, 0.035 + 0.06 * near)

    def _patches(self, down: np.ndarray, width: int) -> np.ndarray:
        """Return the grass without its blades, float BGR, for rows `down` pixels under the horizon."""
        distance = CAMERA_UP_M * FOCAL_PX * self.camera.px / down
        across = np.linspace(self.left, -self.left, width)
        x = (across * (distance / FOCAL_PX / self.camera.px)[:, None]).astype(np.float32)
        y = np.broadcast_to((distance - CAMERA_BACK_M).astype(np.float32)[:, None], x.shape)
        light = 1.0 + 0.075 * np.clip(np.sin(x * np.float32(np.pi / 5.25)) * 8, -1, 1)
        for wavelength, strength in ((14.0, 0.03), (3.0, 0.03), (0.9, 0.05)):
            visible = np.clip(wavelength * down / distance / 4.0 - 1.0, 0, 1).astype(np.float32)[:, None]
            light += strength * visible * self._cloud(x / wavelength, y / wavelength)
        dry = 0.5 + 0.5 * self._cloud(x / 9.0 + 3.7, y / 9.0 + 1.3)
        colour = np.array(GRASS, np.float32) + dry[..., None] * np.array([4.0, 0.0, 11.0], np.float32)
        depth = (0.9 + 0.16 * np.clip(down / down[-1], 0, 1)).astype(np.float32)
        return colour * (light * depth[:, None])[..., None]

    def _cloud(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return smooth noise in −1..1 whose bumps are about one unit wide: a random tile, repeated every 64 units."""
        tile = self._rng.uniform(-1, 1, (64, 64)).astype(np.float32)
        return cv2.remap(tile, x % 64, y % 64, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)

    def _textured(self, picture: np.ndarray, grain: np.ndarray, strength: np.ndarray) -> np.ndarray:
        """Return a picture whose light varies by a repeated `grain`, `strength` to each row; uint8."""
        rows = np.empty(picture.shape, np.uint8)
        wide = np.tile(grain, (1, picture.shape[1] // grain.shape[1] + 1))[:, : picture.shape[1]]
        for top in range(0, len(picture), len(grain)):  # in bands that stay in the processor's cache
            band = picture[top : top + len(grain)].astype(np.float32)
            light = 1.0 + wide[: len(band)] * strength[top : top + len(band), None]
            rows[top : top + len(band)] = cv2.convertScaleAbs(cv2.multiply(band, cv2.merge([light] * 3)))
        return rows

    def _lines(self) -> None:
        """Paint the markings of the laws of the game, 12 cm wide."""
        paint = np.zeros(self.picture.shape[:2], np.uint8)
        half, middle = LENGTH_M / 2, WIDTH_M / 2
        self._stroke(paint, [(-half, 0), (half, 0), (half, WIDTH_M), (-half, WIDTH_M), (-half, 0)])
        self._stroke(paint, [(0, 0), (0, WIDTH_M)])
        turn = np.linspace(0, 2 * np.pi, 97)
        self._stroke(paint, [(9.15 * np.cos(a), middle + 9.15 * np.sin(a)) for a in turn])
        self._spot(paint, 0, middle)
        for side in (-1, 1):
            for depth, reach in ((16.5, 20.16), (5.5, 9.16)):
                front = side * (half - depth)
                near, far = middle - reach, middle + reach
                self._stroke(paint, [(side * half, near), (front, near), (front, far), (side * half, far)])
            self._spot(paint, side * (half - 11), middle)
            arc = np.linspace(-0.926, 0.926, 33)
            self._stroke(paint, [(side * (half - 11 - 9.15 * np.cos(a)), middle + 9.15 * np.sin(a)) for a in arc])
            for corner, inward in ((0.0, 1), (WIDTH_M, -1)):
                bend = np.linspace(0, np.pi / 2, 9)
                self._stroke(paint, [(side * (half - np.cos(a)), corner + inward * np.sin(a)) for a in bend])
        painted = np.nonzero(paint)
        cover = paint[painted].astype(np.float32) / 255 * self._rng.uniform(0.62, 0.92, len(painted[0]))
        grass = self.picture[painted]
        self.picture[painted] = grass + (CHALK - grass) * cover[:, None]

    def _stroke(self, paint: np.ndarray, points: list[tuple[float, float]]) -> None:
        for (ax, ay), (bx, by) in pairwise(points):
            along = np.array([bx - ax, by - ay])
            along *= 0.06 / max(1e-9, float(np.hypot(*along)))
            u, v = along
            corners = [
                (ax - u - v, ay - v + u, 0),
                (bx + u - v, by + v + u, 0),
                (bx + u + v, by + v - u, 0),
                (ax - u + v, ay - v - u, 0),
            ]
            _fill(paint, self._place(*corners), (255,))

    def _spot(self, paint: np.ndarray, x: float, y: float) -> None:
        turn = np.linspace(0, 2 * np.pi, 17)
        _fill(paint, self._place(*[(x + 0.14 * np.cos(a), y + 0.14 * np.sin(a), 0) for a in turn]), (255,))

    def _goal(self, side: float) -> None:
        """Draw posts, bar and net."""
        line, middle, back = side * LENGTH_M / 2, WIDTH_M / 2, side * (LENGTH_M / 2 + 2.0)
        near, far = middle - GOAL_HALF_WIDTH_M, middle + GOAL_HALF_WIDTH_M
        net = np.zeros(self.picture.shape[:2], np.uint8)
        for y in np.linspace(near, far, 31):
            self._wire(net, (line, y, GOAL_HEIGHT_M), (line + side * 0.8, y, GOAL_HEIGHT_M), (back, y, 0))
        for share in np.linspace(0, 1, 12):
            height, x = GOAL_HEIGHT_M * (1 - share), line + side * (0.8 + 1.2 * share)
            self._wire(net, (line, near, height), (x, near, height), (x, far, height), (line, far, height))
        knots = np.nonzero(net)
        grass = self.picture[knots]
        self.picture[knots] = grass + (NET - grass) * (0.45 / 255 * net[knots])[:, None]
        frame = self._place((line, near, 0), (line, near, GOAL_HEIGHT_M), (line, far, GOAL_HEIGHT_M), (line, far, 0))
        thick = max(1, round(0.13 * self._metre(middle)))
        _polyline(self.picture, frame + 1, (130, 140, 140), thick)
        _polyline(self.picture, frame, (244, 246, 246), thick)

    def _wire(self, net: np.ndarray, *points: tuple[float, float, float]) -> None:
        _polyline(net, self._place(*points), (255,), 1)

    def _background(self) -> None:
        """Draw what stands behind the far touchline, far to near: sky, trees, people, boards."""
        reach = 0.56 * self.picture.shape[1] / self._metre(WIDTH_M + 20)
        top = int(self._place((0, WIDTH_M + 9.0, 0))[0, 1])
        self.picture[:top] = np.linspace((222, 208, 190), (232, 224, 214), top)[:, None].astype(np.uint8)
        wood = self._place((0, WIDTH_M + 34, 5.0))[0, 1]
        self.picture[max(0, int(wood)) : top] = tuple(0.42 * part for part in LEAVES)
        for distance, dark, tall in ((34.0, 0.72, 9.0), (24.0, 0.86, 6.0), (13.0, 1.0, 3.4)):
            for x in np.arange(-reach, reach, 2.3):
                self._tree(x + self._rng.uniform(-1.0, 1.0), WIDTH_M + distance, dark, tall)
        leaves = cv2.GaussianBlur(self._grain, (3, 3), 0.8)
        self.picture[:top] = self._textured(self.picture[:top], leaves, np.full(top, 0.22, np.float32))
        for x in np.arange(-reach, reach, 0.62):
            if self._rng.uniform() < 0.8:
                self._spectator(x + self._rng.uniform(-0.25, 0.25), WIDTH_M + self._rng.uniform(6.2, 8.0))
        self._boards(reach)

    def _tree(self, x: float, y: float, dark: float, tall: float) -> None:
        """Draw a crown that reaches down to the ground: dark blobs below, light ones above."""
        count = 44
        up = np.sort(self._rng.uniform(0.0, 1.0, count))
        spread = 1.5 * np.sqrt(1.02 - up**3)
        aside = x + self._rng.normal(0, 0.7, count) * spread
        centres = self._place(*zip(aside, np.full(count, y), up * tall * self._rng.uniform(0.8, 1.15), strict=True))
        radii = self._metre(y) * self._rng.uniform(0.22, 0.6, count)
        light = dark * self._rng.uniform(0.8, 1.15) * (0.5 + 0.6 * up + self._rng.uniform(-0.12, 0.12, count))
        for (left, top), radius, level in zip(_sixteenths(centres), np.round(radii * 16), light, strict=True):
            colour = tuple(part * level for part in LEAVES)
            cv2.circle(self.picture, (int(left), int(top)), int(radius), colour, -1, cv2.LINE_AA, 4)

    def _spectator(self, x: float, y: float) -> None:
        metre = self._metre(y)
        tall = self._rng.uniform(1.35, 1.85)
        foot, neck, face, head = self._place((x, y, 0.5), (x, y, tall - 0.24), (x, y, tall - 0.05), (x, y, tall))
        shade = self._rng.uniform(0.6, 1.0)
        coat = COATS[int(self._rng.integers(len(COATS)))]
        body = np.array([foot, neck])
        _polyline(self.picture, body, tuple(shade * part for part in coat), max(1, round(0.4 * metre)))
        skin = SKINS[int(self._rng.integers(len(SKINS)))]
        _disc(self.picture, head, max(1.0, 0.125 * metre), tuple(int(self._rng.uniform(20, 90)) for _ in range(3)))
        _disc(self.picture, face, max(0.7, 0.1 * metre), tuple(0.85 * part for part in skin))

    def _boards(self, reach: float) -> None:
        """Draw the advertising boards, six metres each."""
        y = WIDTH_M + 5.0
        for index, x in enumerate(np.arange(-reach, reach, 6.0)):
            back, ink, words = BOARDS[index % len(BOARDS)]
            corners = self._place((x, y, 0.95), (x + 5.9, y, 0.95), (x + 5.9, y, 0), (x, y, 0))
            _fill(self.picture, corners, back)
            width, height = corners[2] - corners[0]
            (long, tall), _ = cv2.getTextSize(words, cv2.FONT_HERSHEY_DUPLEX, 1.0, 2)
            letter = min(0.86 * width / long, 0.62 * height / tall)
            at = corners[3] + ((width - long * letter) / 2, -(height - tall * letter) / 2)
            where = (round(float(at[0])), round(float(at[1])))
            cv2.putText(self.picture, words, where, cv2.FONT_HERSHEY_DUPLEX, letter, ink, 2, cv2.LINE_AA)
            shade = self._place((x, y, 0), (x + 6, y, 0), (x + 6, y - 0.5, 0), (x, y - 0.5, 0))
            _fill(self.picture, shade, (34, 74, 48))


GRASS = (50.0, 132.0, 84.0)
CHALK = np.array([226.0, 236.0, 232.0])
NET = np.array([220.0, 226.0, 226.0])
LEAVES = (38.0, 86.0, 60.0)
COATS = (
    *((60, 50, 46), (96, 60, 40), (40, 40, 150), (170, 160, 150), (120, 90, 30), (50, 110, 60)),
    *((30, 30, 34), (150, 120, 60), (70, 150, 190), (205, 205, 205), (110, 50, 110), (60, 60, 90)),
)
BOARDS = (
    ((120, 52, 20), (240, 240, 240), "REEL BALLERS"),
    ((236, 236, 236), (60, 130, 30), "HOME OF THE HAWKS"),
    ((40, 40, 190), (240, 240, 240), "FAIR PLAY"),
    ((60, 120, 24), (230, 240, 240), "PLAY . LEARN . SHINE"),
    ((32, 32, 32), (80, 200, 240), "WEEKEND LEAGUE"),
)


def _fill(picture: np.ndarray, corners: np.ndarray, colour: tuple[int, ...]) -> None:
    cv2.fillPoly(picture, [_sixteenths(corners)], colour, cv2.LINE_AA, 4)


def _polyline(picture: np.ndarray, points: np.ndarray, colour: tuple[float, ...], thick: int) -> None:
    cv2.polylines(picture, [_sixteenths(points)], False, colour, thick, cv2.LINE_AA, 4)


def _disc(picture: np.ndarray, centre: np.ndarray, radius: float, colour: tuple[float, ...]) -> None:
    x, y = _sixteenths(centre)
    cv2.circle(picture, (int(x), int(y)), round(float(radius) * 16), colour, -1, cv2.LINE_AA, 4)


def _sixteenths(points: np.ndarray) -> np.ndarray:
    """Return points in sixteenths of a pixel, as OpenCV's `shift=4` takes them."""
    return np.round(points * 16).astype(np.int32)
