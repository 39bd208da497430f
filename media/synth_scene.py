"""A frame of synthesised footage: the camera's view of the ground, the people and the ball, and where each stands."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import cv2
import numpy as np

from media.synth_people import Figure, figure_of
from media.synth_pitch import Camera, Ground
from media.synth_play import Moment, Person
from reel.geometry import Size

BALL_RADIUS_M = 0.17  # half as large again as a real one, so that a child's eye finds it too
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
        self.ground = Ground(self.camera, seed)
        nearest = float(self.camera.scale(0.0))
        self.levels = [nearest, nearest / 2]  # pixels a metre at which figures are drawn and kept

    def draw(self, moment: Moment) -> tuple[np.ndarray, Seen]:
        """Return the frame (height × width × 3, BGR) and where everything stands in it."""
        offset = self.camera.offset(moment.aim)
        picture = self.ground.view(offset)
        order = np.argsort(-moment.xy[:, 1])
        feet = self.camera.project(np.column_stack([moment.xy, np.zeros(len(moment.xy))])) - offset
        scales = np.asarray(self.camera.scale(moment.xy[:, 1]))
        boxes: list[tuple[float, float, float, float]] = [(0.0, 0.0, 0.0, 0.0)] * len(self.people)
        figures: list[tuple[Figure, float]] = []
        for index, person in enumerate(self.people):
            level = next((level for level in reversed(self.levels) if level >= scales[index]), self.levels[0])
            figure = figure_of(
                person, index, moment.heading[index], moment.stride[index], moment.speed[index], level
            )
            zoom = float(scales[index]) / level
            figures.append((figure, zoom))
            left, top = feet[index] - np.array(figure.foot) * zoom
            x0, y0, x1, y1 = (edge * zoom for edge in figure.box)
            boxes[index] = (float(left + x0), float(top + y0), float(left + x1), float(top + y1))
            _shadow(picture, figure, feet[index], zoom)
        ball_drawn = False
        for index in order:
            if not ball_drawn and moment.xy[index, 1] < moment.ball[1]:
                self._ball(picture, moment.ball, offset)
                ball_drawn = True
            figure, zoom = figures[index]
            _stand(picture, figure, feet[index], zoom)
        if not ball_drawn:
            self._ball(picture, moment.ball, offset)
        ball = self.camera.project(moment.ball + (0, 0, BALL_RADIUS_M)) - offset
        radius = BALL_RADIUS_M * float(self.camera.scale(moment.ball[1]))
        camera_xy = (float(offset[0]), float(offset[1]))
        return picture, Seen(camera_xy, (float(ball[0]), float(ball[1]), radius), tuple(boxes))

    def _ball(self, picture: np.ndarray, ball: np.ndarray, offset: np.ndarray) -> None:
        radius = BALL_RADIUS_M * float(self.camera.scale(ball[1]))
        x, y = self.camera.project(ball + (0, 0, BALL_RADIUS_M)) - offset
        ground = self.camera.project(np.array([ball[0] + 0.5 * ball[2] + 0.12, ball[1], 0.0])) - offset
        if not (-50 < x < picture.shape[1] + 50):
            return
        _ellipse(picture, ground[0], ground[1], radius * 1.1, radius * 0.5, (30, 66, 44))
        for reach, shift, colour in ((1.0, 0.0, (120, 128, 126)), (0.86, -0.12, (246, 248, 248))):
            _ellipse(picture, x + shift * radius, y + shift * radius, radius * reach, radius * reach, colour)
        turn = ball[0] * 2.2
        _ellipse(
            picture, x + 0.4 * radius * np.cos(turn), y + 0.35 * radius * np.sin(turn), radius * 0.3, radius * 0.3,
            (60, 60, 60),
        )


def _stand(picture: np.ndarray, figure: Figure, foot: np.ndarray, zoom: float) -> None:
    """Lay a figure over the picture with its feet at `foot`."""
    matrix = np.array([[zoom, 0, 0.0], [0, zoom, 0.0]])
    matrix[:, 2] = foot - np.array(figure.foot) * zoom + (zoom - 1) / 2
    height, width = figure.picture.shape[:2]
    place = _place(picture, matrix @ np.array([[0, width], [0, height], [1, 1]]))
    if place is None:
        return
    rows, columns = place
    matrix[:, 2] -= (columns.start, rows.start)
    size = (columns.stop - columns.start, rows.stop - rows.start)
    patch = cv2.warpAffine(figure.picture, matrix, size, flags=cv2.INTER_LINEAR)
    under = picture[rows, columns]
    clear = cv2.cvtColor(255 - patch[..., 3], cv2.COLOR_GRAY2BGR)
    picture[rows, columns] = cv2.add(cv2.multiply(under, clear, scale=1 / 255), patch[..., :3])


def _shadow(picture: np.ndarray, figure: Figure, foot: np.ndarray, zoom: float) -> None:
    """Lay the figure's shadow on the grass: its outline, flat, to the right and away from the camera."""
    x, y = figure.foot
    matrix = np.array([[zoom, -0.55 * zoom, 0.0], [0, 0.26 * zoom, 0.0]])
    matrix[:, 2] = foot - matrix[:, :2] @ (x, y - 0.02 * figure.picture.shape[0])
    height, width = figure.picture.shape[:2]
    corners = matrix @ np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]])
    place = _place(picture, corners)
    if place is None:
        return
    rows, columns = place
    matrix[:, 2] -= (columns.start, rows.start)
    size = (columns.stop - columns.start, rows.stop - rows.start)
    cover = cv2.warpAffine(np.ascontiguousarray(figure.picture[..., 3]), matrix, size, flags=cv2.INTER_LINEAR)
    cover = cv2.blur(cover, (3, 3))
    light = cv2.cvtColor(cv2.subtract(255, cv2.multiply(cover, SHADOW)), cv2.COLOR_GRAY2BGR)
    picture[rows, columns] = cv2.multiply(picture[rows, columns], light, scale=1 / 255)


def _place(picture: np.ndarray, corners: np.ndarray) -> tuple[slice, slice] | None:
    """Return the rows and columns that corners (2 × n pixels) span inside the picture, with a pixel around."""
    height, width = picture.shape[:2]
    x0, x1 = max(0, floor(corners[0].min()) - 1), min(width, ceil(corners[0].max()) + 2)
    y0, y1 = max(0, floor(corners[1].min()) - 1), min(height, ceil(corners[1].max()) + 2)
    return (slice(y0, y1), slice(x0, x1)) if x0 < x1 and y0 < y1 else None


def _ellipse(
    picture: np.ndarray, x: float, y: float, rx: float, ry: float, colour: tuple[int, int, int]
) -> None:
    centre = (int(round(x * 16)), int(round(y * 16)))
    axes = (max(8, int(round(rx * 16))), max(8, int(round(ry * 16))))
    cv2.ellipse(picture, centre, axes, 0, 0, 360, colour, -1, cv2.LINE_AA, 4)
