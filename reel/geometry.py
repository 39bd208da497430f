"""Space: sizes, shapes and windows in the displayed picture, whose origin is the top left corner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import cos, floor, radians, sin
from types import MappingProxyType
from typing import Literal, TypeAlias

from reel.timing import half_up

Aspect: TypeAlias = Literal["9:16", "16:9", "1:1", "4:5"]


@dataclass(frozen=True, slots=True)
class Size:
    """A picture's width and height in pixels."""

    width: int
    height: int


OUTPUT_SIZES: Mapping[Aspect, Size] = MappingProxyType(
    {"9:16": Size(1080, 1920), "16:9": Size(1920, 1080), "1:1": Size(1080, 1080), "4:5": Size(1080, 1350)}
)


@dataclass(frozen=True, slots=True)
class PixelRect:
    """An upright rectangle of whole pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PixelWindow:
    """A window in pixels and fractions of one: its centre, its size, and its turn (clockwise) about its centre."""

    cx: float
    cy: float
    width: float
    height: float
    rotation_deg: float = 0.0

    def bounds(self) -> tuple[float, float, float, float]:
        """Return (x0, y0, x1, y1) of the upright box around it."""
        width, height = turned_extent(self.width, self.height, self.rotation_deg)
        return self.cx - width / 2, self.cy - height / 2, self.cx + width / 2, self.cy + height / 2

    def rounded(self) -> PixelWindow:
        """Return it on a grid of 1/16 px, finer than a resize can show: the form that hashes cover."""
        return PixelWindow(
            _sixteenth(self.cx),
            _sixteenth(self.cy),
            _sixteenth(self.width),
            _sixteenth(self.height),
            self.rotation_deg,
        )


@dataclass(frozen=True, slots=True)
class Window:
    """A window in parts of the displayed picture: its centre, its size, and its turn (clockwise) about its centre.

    It is turned in pixels, not in parts of the picture, so it stays a rectangle.
    """

    cx: float
    cy: float
    w: float
    h: float
    rotation_deg: float = 0.0

    def to_pixels(self, size: Size) -> PixelWindow:
        """Return it in the pixels of a picture of `size`."""
        return PixelWindow(
            self.cx * size.width,
            self.cy * size.height,
            self.w * size.width,
            self.h * size.height,
            self.rotation_deg,
        )


def ratio(aspect: Aspect) -> Fraction:
    """Return width over height."""
    size = OUTPUT_SIZES[aspect]
    return Fraction(size.width, size.height)


def turned_extent(width: float, height: float, rotation_deg: float) -> tuple[float, float]:
    """Return width and height of the upright box around a rectangle turned by `rotation_deg`."""
    across, along = abs(sin(radians(rotation_deg))), abs(cos(radians(rotation_deg)))
    return width * along + height * across, width * across + height * along


def displayed_size(coded: Size, quarter_turns: int, sample_aspect: Fraction) -> Size:
    """Return the size at which a picture is shown.

    `sample_aspect` is a sample's width over its height, 0 if the file does not say: the width follows it, the height
    stays. `quarter_turns` come after, in either direction.
    """
    width = max(1, half_up(coded.width * (sample_aspect or Fraction(1))))
    return Size(coded.height, width) if quarter_turns % 2 else Size(width, coded.height)


def even(pixels: int) -> int:
    """Return the even number at or below `pixels`, at least 2: what 4:2:0 asks of an output's sides."""
    return max(2, pixels - pixels % 2)


def _sixteenth(pixels: float) -> float:
    return floor(pixels * 16 + 0.5) / 16
