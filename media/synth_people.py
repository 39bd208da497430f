"""The people of synthesised footage: runners with limbs, kits and numbers, drawn from a posed skeleton."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, pi, sin
from typing import TypeAlias

import cv2
import numpy as np

from media.synth_play import Person

Colour: TypeAlias = tuple[float, float, float]  # blue, green, red
Point: TypeAlias = tuple[float, float, float]  # forward, left, up, metres

CANVAS_M = (1.7, 2.2)  # width and height of a figure's picture; the feet stand FOOT_M above its lower edge
FOOT_M = 0.22
SUPERSAMPLE = 2
HEADINGS, STRIDES, EFFORTS = 16, 10, 3  # as finely as a pose is told apart
LOOK_DOWN = 0.28  # how much higher a foot stands for each metre that it is farther away


@dataclass(frozen=True, slots=True)
class Kit:
    """What someone wears and looks like."""

    shirt: Colour
    shorts: Colour
    socks: Colour
    print: Colour
    skin: Colour
    hair: Colour


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawn figure: blue, green, red and cover, the colours multiplied by the cover, uint8."""

    picture: np.ndarray
    cover: np.ndarray  # the picture's last channel alone
    foot: tuple[float, float]  # where it stands, pixels of the picture
    box: tuple[float, float, float, float]  # around what is drawn


SHIRTS: dict[str, tuple[Colour, Colour, Colour, Colour]] = {
    "home": ((36, 34, 196), (236, 236, 238), (40, 36, 190), (245, 245, 245)),
    "away": ((238, 238, 236), (110, 48, 28), (236, 234, 232), (96, 36, 20)),
    "referee": ((30, 30, 32), (26, 26, 28), (30, 30, 30), (30, 30, 32)),
    "home keeper": ((60, 200, 235), (40, 40, 40), (60, 200, 235), (30, 30, 30)),
    "away keeper": ((170, 170, 40), (60, 50, 20), (170, 170, 40), (245, 245, 245)),
}
SKINS: tuple[Colour, ...] = ((150, 178, 222), (120, 152, 204), (92, 122, 176), (62, 84, 130), (46, 62, 96))
BOOTS: Colour = (32, 30, 30)
HAIRS: tuple[Colour, ...] = ((24, 26, 30), (30, 44, 66), (44, 84, 128), (90, 160, 200), (20, 20, 22))


def kit_of(person: Person, index: int) -> Kit:
    """Return what the person with this place in the line-up wears."""
    shirt, shorts, socks, ink = SHIRTS[f"{person.side} keeper" if person.keeper else person.side]
    return Kit(shirt, shorts, socks, ink, SKINS[index * 7 % 5], HAIRS[index * 3 % 5])


def figure_of(person: Person, index: int, heading: float, stride: float, speed: float, metre_px: float) -> Figure:
    """Return the picture of a person at `metre_px` pixels a metre, in the nearest of the poses told apart."""
    effort = min(EFFORTS - 1, int(speed / 2.6 + 0.4))
    turn = round(heading / (2 * pi) * HEADINGS) % HEADINGS
    step = round(stride / (2 * pi) * STRIDES) % STRIDES if effort else 0
    return _figure(kit_of(person, index), person.number, turn, step, effort, metre_px)


@lru_cache(maxsize=20000)
def _figure(kit: Kit, number: int, heading: int, stride: int, effort: int, metre_px: float) -> Figure:
    width, height = (ceil(side * metre_px) for side in CANVAS_M)
    foot = (width / 2, height - FOOT_M * metre_px)
    drawing = _Drawing(width, height, foot, metre_px, heading * 2 * pi / HEADINGS)
    drawing.person(kit, number, stride * 2 * pi / STRIDES, effort)
    picture = cv2.resize(drawing.canvas, (width, height), interpolation=cv2.INTER_AREA)
    cover = np.ascontiguousarray(picture[..., 3])
    x, y, wide, tall = cv2.boundingRect((cover > 100).astype(np.uint8))
    return Figure(picture, cover, foot, (float(x), float(y), float(x + wide), float(y + tall)))


class _Drawing:
    """One figure being drawn. Body space is forward, left, up in metres; what is farther away is drawn first."""

    def __init__(self, width: int, height: int, foot: tuple[float, float], metre_px: float, heading: float) -> None:
        self.canvas = np.zeros((height * SUPERSAMPLE, width * SUPERSAMPLE, 4), np.uint8)
        self.foot_x, self.foot_y = (part * SUPERSAMPLE for part in foot)
        self.scale = metre_px * SUPERSAMPLE
        self.cos, self.sin = cos(heading), sin(heading)  # sin > 0 runs away from the camera and shows its back

    def person(self, kit: Kit, number: int, stride: float, effort: int) -> None:
        """Draw legs, trunk, arms and head of a runner whose left leg is at `stride`."""
        swing, lean, bounce = ((0.06, 0.0, 0.0), (0.42, 0.05, 0.03), (0.78, 0.14, 0.05))[effort]
        rise = bounce * abs(sin(stride))
        hip, chest = (0.0, 0.0, 0.9 + rise), (lean, 0.0, 1.43 + rise)
        left, right = 1, -1
        far, near = (left, right) if self.cos > 0 else (right, left)
        phase = {left: stride, right: stride + pi}
        self._arm(chest, far, phase[near], swing, kit)
        self._leg(hip, far, phase[far], swing, kit, 0.86)
        self._leg(hip, near, phase[near], swing, kit, 1.0)
        self._trunk(hip, chest, kit, number)
        self._head(chest, lean, kit)
        self._arm(chest, near, phase[far], swing, kit)

    def _leg(self, hip: Point, side: int, phase: float, swing: float, kit: Kit, light: float) -> None:
        """Draw a leg: it swings from the hip, and the knee bends while it comes forward."""
        thigh = swing * sin(phase) + 0.12 * swing
        shin = thigh - 0.06 - 1.75 * swing * max(0.0, cos(phase)) - 0.25 * swing
        top = _by(hip, left=0.1 * side)
        knee = _by(top, 0.44 * sin(thigh), 0, -0.44 * cos(thigh))
        ankle = _by(knee, 0.43 * sin(shin), 0, -0.43 * cos(shin))
        toe = _by(ankle, 0.17 * cos(shin), 0, 0.17 * sin(shin) - 0.03)
        self._limb(ankle, toe, 0.085, BOOTS, light)
        self._limb(knee, ankle, 0.1, kit.socks, light)
        self._limb(top, knee, 0.13, kit.skin, light)
        hem = _by(top, 0.3 * sin(thigh), 0, -0.3 * cos(thigh))
        self._limb(_by(top, up=0.04), hem, 0.2, kit.shorts, light)

    def _arm(self, chest: Point, side: int, phase: float, swing: float, kit: Kit) -> None:
        """Draw an arm: it swings with the other side's leg, bent the more the faster."""
        upper = 0.9 * swing * sin(phase) - 0.1
        lower = upper + 0.2 + 1.5 * swing
        shoulder = _by(chest, left=0.21 * side, up=-0.02)
        elbow = _by(shoulder, 0.3 * sin(upper), 0.054 * side, -0.3 * cos(upper))
        hand = _by(elbow, 0.27 * sin(lower), -0.027 * side, -0.27 * cos(lower))
        sleeve = _by(shoulder, 0.22 * sin(upper), 0.04 * side, -0.22 * cos(upper))
        self._limb(elbow, hand, 0.075, kit.skin, 1.0)
        self._limb(shoulder, elbow, 0.085, kit.skin, 0.95)
        self._limb(shoulder, sleeve, 0.125, kit.shirt, 0.93)

    def _trunk(self, hip: Point, chest: Point, kit: Kit, number: int) -> None:
        shoulders = _by(chest, left=0.21, up=0.03), _by(chest, left=-0.21, up=0.03)
        waist = _by(hip, left=-0.16, up=0.05), _by(hip, left=0.16, up=0.05)
        self._limb(_by(hip, left=0.06), _by(hip, left=-0.06), 0.26, kit.shorts, 0.97)
        self._limb(_by(chest, up=-0.08), _by(hip, up=0.12), 0.25, kit.shirt, 0.97)
        outline = np.array([self._at(point) for point in (*shoulders, *waist)], np.int32)
        cv2.fillPoly(self.canvas, [outline], _ink(kit.shirt, 0.97))
        self._limb(_by(chest, left=0.15, up=-0.02), _by(chest, left=-0.15, up=-0.02), 0.16, kit.shirt, 1.0)
        if number and abs(self.sin) > 0.3:
            self._number(number, _by(hip, chest[0] / 2, 0, 0.28), kit.print)

    def _number(self, number: int, middle: Point, ink: Colour) -> None:
        """Print the number on the side of the shirt that is turned to the camera, as narrow as it is turned away."""
        glyphs = _glyphs(str(number))
        height = max(1, round((0.27 if self.sin > 0 else 0.2) * self.scale))
        width = max(1, round(height * glyphs.shape[1] / glyphs.shape[0] * min(1.0, abs(self.sin) * 1.05)))
        mask = cv2.resize(glyphs, (width, height), interpolation=cv2.INTER_AREA)
        x, y = self._at(middle)
        top, left = y - height // 2 - round(0.06 * self.scale), x - width // 2
        self.canvas[top : top + height, left : left + width][mask > 110] = _ink(ink, 1.0)

    def _head(self, chest: Point, lean: float, kit: Kit) -> None:
        middle = _by(chest, 0.05 + 0.3 * lean, 0, 0.27)
        crown = _by(middle, -0.055, 0, 0.07)
        self._limb(_by(chest, up=0.02), middle, 0.11, kit.skin, 0.85)
        self._limb(_by(middle, up=-0.035), _by(middle, up=0.035), 0.2, kit.skin, 1.0)
        self._limb(_by(crown, -0.03, 0, -0.02), _by(crown, 0.07, 0, 0.015), 0.17, kit.hair, 1.0)
        if self.sin > 0.2:
            self._limb(_by(middle, -0.06, 0, -0.05), _by(middle, -0.06, 0, 0.06), 0.19, kit.hair, 1.0)

    def _limb(self, start: Point, end: Point, thick: float, colour: Colour, light: float) -> None:
        """Draw a rounded bar with its sunny side: the light comes from the upper left."""
        (ax, ay), (bx, by) = self._at(start), self._at(end)
        width = max(1, int(thick * self.scale))
        cv2.line(self.canvas, (ax, ay), (bx, by), _ink(colour, 0.8 * light), width)
        x, y = max(1, int(width * 0.12)), max(1, int(width * 0.12)) // 2
        cv2.line(self.canvas, (ax - x, ay - y), (bx - x, by - y), _ink(colour, light), max(1, int(width * 0.72)))

    def _at(self, point: Point) -> tuple[int, int]:
        forward, left, up = point
        across = forward * self.cos - left * self.sin
        away = forward * self.sin + left * self.cos
        return round(self.foot_x + across * self.scale), round(self.foot_y - (up + away * LOOK_DOWN) * self.scale)


def _by(point: Point, forward: float = 0.0, left: float = 0.0, up: float = 0.0) -> Point:
    """Return a point moved in body space."""
    return point[0] + forward, point[1] + left, point[2] + up


@lru_cache(maxsize=128)
def _glyphs(text: str) -> np.ndarray:
    """Return a number as a tight mask, 0 or 255."""
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, 3.0, 6)
    mask = np.zeros((height + below + 20, width + 40), np.uint8)
    cv2.putText(mask, text, (20, height + 10), cv2.FONT_HERSHEY_DUPLEX, 3.0, 255, 6, cv2.LINE_AA)
    x, y, width, height = cv2.boundingRect(mask)
    return mask[y : y + height, x : x + width]


def _ink(colour: Colour, light: float) -> tuple[float, float, float, float]:
    """Return an opaque colour; OpenCV clips what is brighter than white."""
    blue, green, red = colour
    return blue * light, green * light, red * light, 255.0
