"""The people of synthesised footage: runners with limbs, kits and numbers, drawn from a posed skeleton."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np

from media.synth_play import Person

Colour: TypeAlias = tuple[float, float, float]  # blue, green, red

HEIGHT_M = 1.82
CANVAS_M = (1.7, 2.2)  # width and height of a figure's picture; the feet stand FOOT_M above its lower edge
FOOT_M = 0.22
SUPERSAMPLE = 2
HEADINGS, STRIDES, EFFORTS = 20, 12, 3  # as finely as a pose is told apart
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
HAIRS: tuple[Colour, ...] = ((24, 26, 30), (30, 44, 66), (44, 84, 128), (90, 160, 200), (20, 20, 22))


def kit_of(person: Person, index: int) -> Kit:
    """Return what the person with this place in the line-up wears."""
    shirt, shorts, socks, ink = SHIRTS[f"{person.side} keeper" if person.keeper else person.side]
    return Kit(shirt, shorts, socks, ink, SKINS[index * 7 % 5], HAIRS[index * 3 % 5])


def figure_of(person: Person, index: int, heading: float, stride: float, speed: float, metre_px: float) -> Figure:
    """Return the picture of a person at `metre_px` pixels a metre; poses are told apart HEADINGS × STRIDES × EFFORTS."""
    effort = min(EFFORTS - 1, int(speed / 2.6 + 0.4))
    return _figure(
        kit_of(person, index),
        person.number,
        int(round(heading / (2 * np.pi) * HEADINGS)) % HEADINGS,
        int(round(stride / (2 * np.pi) * STRIDES)) % STRIDES if effort else 0,
        effort,
        metre_px,
    )


@lru_cache(maxsize=20000)
def _figure(kit: Kit, number: int, heading: int, stride: int, effort: int, metre_px: float) -> Figure:
    scale = metre_px * SUPERSAMPLE
    width, height = (int(np.ceil(side * metre_px)) for side in CANVAS_M)
    canvas = np.zeros((height * SUPERSAMPLE, width * SUPERSAMPLE, 4), np.uint8)
    foot = np.array([width / 2, height - FOOT_M * metre_px])
    turn = heading * 2 * np.pi / HEADINGS
    _Drawing(canvas, foot * SUPERSAMPLE, scale, turn).person(kit, number, stride * 2 * np.pi / STRIDES, effort)
    picture = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    drawn = cv2.boundingRect((picture[..., 3] > 100).astype(np.uint8))
    box = (float(drawn[0]), float(drawn[1]), float(drawn[0] + drawn[2]), float(drawn[1] + drawn[3]))
    return Figure(picture, (float(foot[0]), float(foot[1])), box)


class _Drawing:
    """One figure being drawn. Body space is forward, left, up in metres; the far parts are drawn first."""

    def __init__(self, canvas: np.ndarray, foot: np.ndarray, scale: float, heading: float) -> None:
        self.canvas = canvas
        self.foot = foot
        self.scale = scale
        self.cos, self.sin = float(np.cos(heading)), float(np.sin(heading))

    def person(self, kit: Kit, number: int, stride: float, effort: int) -> None:
        """Draw legs, trunk, arms and head of a runner whose left leg is at `stride`."""
        swing, lean = (0.06, 0.42, 0.78)[effort], (0.0, 0.05, 0.14)[effort]
        bounce = (0.0, 0.03, 0.05)[effort] * abs(np.sin(stride))
        hip, chest = np.array([0.0, 0.0, 0.9 + bounce]), np.array([lean, 0.0, 1.43 + bounce])
        left, right = (self._leg(hip, side, stride + turn, swing) for side, turn in ((0.1, 0.0), (-0.1, np.pi)))
        arms = [self._arm(chest, side, stride + turn, swing) for side, turn in ((0.21, np.pi), (-0.21, 0.0))]
        far, near = (0, 1) if self._depth((0, 1, 0)) > 0 else (1, 0)
        legs = (left, right)
        self._draw_arm(arms[far], kit)
        self._draw_leg(legs[far], kit, 0.86)
        self._draw_leg(legs[near], kit, 1.0)
        self._trunk(hip, chest, kit, number)
        if self.sin > 0:  # running away: the head hides behind the shoulders' line
            self._head(chest, lean, kit)
            self._draw_arm(arms[near], kit)
        else:
            self._draw_arm(arms[near], kit)
            self._head(chest, lean, kit)

    def _leg(self, hip: np.ndarray, side: float, phase: float, swing: float) -> list[np.ndarray]:
        thigh = swing * np.sin(phase) + 0.12 * swing
        knee_bend = 0.06 + 1.75 * swing * max(0.0, float(np.cos(phase))) + 0.25 * swing
        top = hip + (0, side, 0)
        knee = top + 0.44 * np.array([np.sin(thigh), 0, -np.cos(thigh)])
        ankle = knee + 0.43 * np.array([np.sin(thigh - knee_bend), 0, -np.cos(thigh - knee_bend)])
        toe = ankle + (0.17 * np.cos(thigh - knee_bend), 0, 0.17 * np.sin(thigh - knee_bend) - 0.03)
        return [top, knee, ankle, toe]

    def _arm(self, chest: np.ndarray, side: float, phase: float, swing: float) -> list[np.ndarray]:
        upper = 0.9 * swing * np.sin(phase) - 0.1
        bend = 0.2 + 1.5 * swing
        shoulder = chest + (0, side, -0.02)
        elbow = shoulder + 0.3 * np.array([np.sin(upper), 0.18 * np.sign(side), -np.cos(upper)])
        hand = elbow + 0.27 * np.array([np.sin(upper + bend), -0.1 * np.sign(side), -np.cos(upper + bend)])
        return [shoulder, elbow, hand]

    def _draw_leg(self, joints: list[np.ndarray], kit: Kit, light: float) -> None:
        hip, knee, ankle, toe = joints
        self._limb(ankle, toe, 0.085, (32, 30, 30), light)
        self._limb(knee, ankle, 0.1, kit.socks, light)
        self._limb(hip, knee, 0.13, kit.skin, light)
        self._limb(hip + (0, 0, 0.04), hip + (knee - hip) * 0.68, 0.2, kit.shorts, light)

    def _draw_arm(self, joints: list[np.ndarray], kit: Kit) -> None:
        shoulder, elbow, hand = joints
        self._limb(elbow, hand, 0.075, kit.skin, 1.0)
        self._limb(shoulder, elbow, 0.085, kit.skin, 0.95)
        self._limb(shoulder, shoulder + (elbow - shoulder) * 0.75, 0.125, kit.shirt, 0.93)

    def _trunk(self, hip: np.ndarray, chest: np.ndarray, kit: Kit, number: int) -> None:
        wide = [chest + (0, 0.21, 0.03), chest + (0, -0.21, 0.03), hip + (0, -0.16, 0.05), hip + (0, 0.16, 0.05)]
        outline = [np.array(self._at(point)) for point in wide]
        waist = self._at(hip + (0, 0, 0.02))
        self._limb(hip + (0, 0.06, 0), hip + (0, -0.06, 0), 0.26, kit.shorts, 0.97)
        self._limb(chest + (0, 0, -0.08), hip + (0, 0, 0.12), 0.25, kit.shirt, 0.97)
        cv2.fillPoly(self.canvas, [np.array(outline, np.int32)], _ink(kit.shirt, 0.97))
        self._limb(wide[0] - (0, 0.06, 0.05), wide[1] + (0, 0.06, -0.05), 0.16, kit.shirt, 1.0)
        lit = (chest + hip) / 2 + (0, 0, 0.06)
        self._limb(lit + (0, 0, 0.2), lit - (0, 0, 0.14), 0.12, kit.shirt, 1.07, shift=-0.05)
        if number and abs(self.sin) > 0.3:
            self._number(number, (np.array(self._at(chest)) + waist) / 2, kit.print)

    def _number(self, number: int, middle: np.ndarray, ink: Colour) -> None:
        """Print the number on the side of the shirt that is turned to the camera, as narrow as it is turned away."""
        tall = 0.27 if self.sin > 0 else 0.2
        glyphs = _glyphs(str(number))
        height = max(1, round(tall * self.scale))
        aspect = glyphs.shape[1] / glyphs.shape[0] * min(1.0, abs(self.sin) * 1.05)
        mask = cv2.resize(glyphs, (max(1, round(height * aspect)), height), interpolation=cv2.INTER_AREA)
        top = round(float(middle[1]) - height / 2 - 0.06 * self.scale)
        left = round(float(middle[0]) - mask.shape[1] / 2)
        self.canvas[top : top + height, left : left + mask.shape[1]][mask > 110] = _ink(ink, 1.0)

    def _head(self, chest: np.ndarray, lean: float, kit: Kit) -> None:
        centre = chest + (0.05 + 0.3 * lean, 0, 0.27)
        self._limb(chest + (0, 0, 0.02), centre, 0.11, kit.skin, 0.85)
        self._limb(centre - (0, 0, 0.035), centre + (0, 0, 0.035), 0.2, kit.skin, 1.0)
        back = 0.055
        crown = centre + (-back, 0, 0.07)
        self._limb(crown - (0.03, 0, 0.02), crown + (0.07, 0, 0.015), 0.17, kit.hair, 1.0)
        if self.sin > 0.2:
            self._limb(centre - (0.06, 0, 0.05), centre + (-0.06, 0, 0.06), 0.19, kit.hair, 1.0)

    def _limb(
        self, start: np.ndarray, end: np.ndarray, thick: float, colour: Colour, light: float, shift: float = 0.0
    ) -> None:
        """Draw a rounded bar with its sunny side: the light comes from the upper left."""
        a, b = self._at(start), self._at(end)
        aside = int(shift * self.scale)
        a, b = (a[0] + aside, a[1]), (b[0] + aside, b[1])
        width = max(1, int(thick * self.scale))
        if not shift:
            cv2.line(self.canvas, a, b, _ink(colour, 0.8 * light), width)
            width, step = max(1, int(width * 0.72)), -max(1, int(width * 0.12))
            a, b = (a[0] + step, a[1] + step // 2), (b[0] + step, b[1] + step // 2)
        cv2.line(self.canvas, a, b, _ink(colour, light), width)

    def _at(self, point: np.ndarray) -> tuple[int, int]:
        forward, left, up = (float(value) for value in point)
        across = forward * self.cos - left * self.sin
        away = forward * self.sin + left * self.cos
        x = self.foot[0] + across * self.scale
        y = self.foot[1] - (up + away * LOOK_DOWN) * self.scale
        return int(round(float(x))), int(round(float(y)))

    def _depth(self, point: tuple[float, float, float]) -> float:
        return point[0] * self.sin + point[1] * self.cos


@lru_cache(maxsize=128)
def _glyphs(text: str) -> np.ndarray:
    """Return a number as a tight mask, 0 or 255."""
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, 3.0, 6)
    mask = np.zeros((height + below + 20, width + 40), np.uint8)
    cv2.putText(mask, text, (20, height + 10), cv2.FONT_HERSHEY_DUPLEX, 3.0, 255, 6, cv2.LINE_AA)
    x, y, width, height = cv2.boundingRect(mask)
    return mask[y : y + height, x : x + width]


def _ink(colour: Colour, light: float) -> tuple[float, float, float, float]:
    blue, green, red = (min(255.0, part * light) for part in colour)
    return blue, green, red, 255.0
