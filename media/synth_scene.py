"""A frame of synthesised footage: the camera's view of the ground, the people and the ball, and where each stands."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import cv2
import numpy as np

from media.synth_people import Figure, figure_of
from media.synth_pitch import Camera, ground_of
from media.synth_play import Moment, Person
from reel.geometry import Size

BALL_RADIUS_M = 0.16  # half as large again as a real one, so that it is found in a small crop
SHADOW = 0.5  # of the light is taken


@dataclass(frozen=True, slots=True)
class Seen:
    """Where everything stands in one frame, in pixels of the displayed picture; boxes may reach outside of it."""

    camera_xy: tuple[float, float]
    ball_xyr: tuple[float, float, float]
    boxes_xyxy: tuple[tuple[float, float, float, float], ...]


class Scene:
    """A pitch of one size with its people."""

    def __init__(self, size: Size, people: tuple[Person, ...], seed: int) -> None:
        self.camera = Camera(size)
        self.people = people
        self.ground = ground_of(size, seed)
        near = float(self.camera.scale(0.0))
        self.levels = (near / 2, near)  # pixels a metre at which figures are drawn and kept; shown at most that large

    def draw(self, moment: Moment) -> tuple[np.ndarray, Seen]:
        """Return the frame (height × width × 3, BGR) and where everything stands in it."""
        offset = self.camera.offset(moment.aim)
        picture = self.ground.view(offset)
        standing = [self._person(index, moment, offset) for index in range(len(self.people))]
        for one in standing:
            _lay_shadow(picture, one)
        ball = self._ball(moment.ball, offset)
        _lay_ball_shadow(picture, self._ground_of(moment.ball, offset), ball[2])
        far_first = np.argsort(-moment.xy[:, 1]).tolist()
        behind = [index for index in far_first if moment.xy[index, 1] >= moment.ball[1]]
        for index in behind:
            _lay_figure(picture, standing[index])
        _lay_ball(picture, ball, float(moment.ball[0]))
        for index in far_first[len(behind) :]:
            _lay_figure(picture, standing[index])
        camera_xy = (float(offset[0]), float(offset[1]))
        return picture, Seen(camera_xy, ball, tuple(one.box_xyxy for one in standing))

    def _person(self, index: int, moment: Moment, offset: np.ndarray) -> _Standing:
        x, y = moment.xy[index].tolist()
        scale = float(self.camera.scale(y))
        level = next((level for level in self.levels if level >= scale), self.levels[-1])
        heading, stride, speed = (float(of[index]) for of in (moment.heading, moment.stride, moment.speed))
        figure = figure_of(self.people[index], index, heading, stride, speed, level)
        foot = self.camera.project(np.array([x, y, 0.0])) - offset
        return _Standing(figure, float(foot[0]), float(foot[1]), scale / level)

    def _ball(self, ball: np.ndarray, offset: np.ndarray) -> tuple[float, float, float]:
        """Return the ball's middle and radius."""
        x, y = (self.camera.project(np.array([ball[0], ball[1], ball[2] + BALL_RADIUS_M])) - offset).tolist()
        return x, y, BALL_RADIUS_M * float(self.camera.scale(ball[1]))

    def _ground_of(self, ball: np.ndarray, offset: np.ndarray) -> tuple[float, float]:
        """Return where the ball's shadow falls."""
        x, y = (self.camera.project(np.array([ball[0] + 0.5 * ball[2] + 0.12, ball[1], 0.0])) - offset).tolist()
        return x, y


@dataclass(frozen=True, slots=True)
class _Standing:
    """A figure with its place: where its feet are, and how large it is shown."""

    figure: Figure
    x: float
    y: float
    zoom: float

    @property
    def box_xyxy(self) -> tuple[float, float, float, float]:
        left, top = self.x - self.figure.foot[0] * self.zoom, self.y - self.figure.foot[1] * self.zoom
        x0, y0, x1, y1 = (edge * self.zoom for edge in self.figure.box)
        return left + x0, top + y0, left + x1, top + y1


def _lay_figure(picture: np.ndarray, one: _Standing) -> None:
    """Lay a figure over the picture."""
    matrix = np.array([[one.zoom, 0.0, 0.0], [0.0, one.zoom, 0.0]])
    matrix[:, 2] = (one.x, one.y) - matrix[:, :2] @ one.figure.foot + (one.zoom - 1) / 2
    laid = _warped(picture, one.figure.picture, matrix)
    if laid is None:
        return
    under, patch = laid
    clear = cv2.cvtColor(255 - patch[..., 3], cv2.COLOR_GRAY2BGR)
    under[:] = cv2.add(cv2.multiply(under, clear, scale=1 / 255), patch[..., :3])


def _lay_shadow(picture: np.ndarray, one: _Standing) -> None:
    """Lay a figure's shadow on the grass: its outline, flat, to the right and away from the camera."""
    matrix = np.array([[one.zoom, -0.55 * one.zoom, 0.0], [0.0, 0.26 * one.zoom, 0.0]])
    matrix[:, 2] = (one.x, one.y) - matrix[:, :2] @ one.figure.foot
    laid = _warped(picture, one.figure.cover, matrix)
    if laid is None:
        return
    under, cover = laid
    dark = cv2.convertScaleAbs(cv2.blur(cover, (3, 3)), alpha=SHADOW)
    light = cv2.cvtColor(255 - dark, cv2.COLOR_GRAY2BGR)
    under[:] = cv2.multiply(under, light, scale=1 / 255)


def _warped(picture: np.ndarray, patch: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the part of `picture` that `patch` falls on under `matrix`, and the patch as it falls there."""
    height, width = patch.shape[:2]
    x, y = matrix @ np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]])
    left, right = max(0, floor(x.min()) - 1), min(picture.shape[1], ceil(x.max()) + 2)
    top, bottom = max(0, floor(y.min()) - 1), min(picture.shape[0], ceil(y.max()) + 2)
    if left >= right or top >= bottom:
        return None
    local = matrix - np.array([[0, 0, left], [0, 0, top]])
    falls = cv2.warpAffine(patch, local, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    return picture[top:bottom, left:right], falls


def _lay_ball(picture: np.ndarray, ball: tuple[float, float, float], rolled_m: float) -> None:
    """Draw the ball: a rim, a bright side, and a dark patch that shows it rolling."""
    x, y, radius = ball
    turn = rolled_m * 2.2
    _ellipse(picture, x, y, radius, radius, (120, 128, 126))
    _ellipse(picture, x - 0.12 * radius, y - 0.12 * radius, 0.86 * radius, 0.86 * radius, (246, 248, 248))
    patch_x, patch_y = x + 0.4 * radius * np.cos(turn), y + 0.35 * radius * np.sin(turn)
    _ellipse(picture, patch_x, patch_y, 0.3 * radius, 0.3 * radius, (60, 60, 60))


def _lay_ball_shadow(picture: np.ndarray, at: tuple[float, float], radius: float) -> None:
    _ellipse(picture, *at, 1.1 * radius, 0.5 * radius, (30, 66, 44))


def _ellipse(picture: np.ndarray, x: float, y: float, rx: float, ry: float, colour: tuple[int, int, int]) -> None:
    """Draw a filled ellipse to a sixteenth of a pixel; far outside the picture OpenCV's numbers would overflow."""
    if -100 < x < picture.shape[1] + 100 and -100 < y < picture.shape[0] + 100:
        centre = (round(x * 16), round(y * 16))
        cv2.ellipse(picture, centre, (round(rx * 16), round(ry * 16)), 0, 0, 360, colour, -1, cv2.LINE_AA, 4)
