"""The crop: the window that a clip shows of its source, authored as centre and height, its width from the aspect."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Literal, TypeAlias

from reel.errors import BadField, CropOutsidePicture
from reel.geometry import Aspect, Size, Window, ratio, turned_extent
from reel.keyframes import Ease, require_order, value_at

By: TypeAlias = Literal["hand", "track"]

DEFAULT_KEY_ID = "00000000-0000-7000-8000-000000000000"  # a UUIDv7 of the year 1970: no client makes it
TOLERANCE_PX = 0.5  # how far an authored crop may reach outside: the editor's own rounding
SMALLEST_PX = 16  # the lowest crop, in source pixels: below it there is no picture to enlarge


@dataclass(frozen=True, slots=True)
class CropKey:
    """An authored crop at one moment: centre and height in parts of the displayed picture."""

    id: str
    pts: int
    cx: float
    cy: float
    h: float
    ease: Ease = "smooth"
    by: By = "hand"

    @property
    def values(self) -> tuple[float, float, float]:
        """What is interpolated: cx, cy, h."""
        return self.cx, self.cy, self.h


@dataclass(frozen=True, slots=True)
class Crop:
    """A clip's crop for one aspect; `framed` once a person set it or agreed to the default."""

    framed: bool
    keys: tuple[CropKey, ...]


def default_crop(aspect: Aspect, source: Size, pts: int = 0, rotation_deg: float = 0.0) -> Crop:
    """Return the largest crop of the aspect around the centre."""
    height_px = _tallest_px(turned_extent(float(ratio(aspect)), 1.0, rotation_deg), source)
    return Crop(framed=False, keys=(CropKey(DEFAULT_KEY_ID, pts, 0.5, 0.5, height_px / source.height),))


def crop_at(crop: Crop, pts: float | Fraction, aspect: Aspect, source: Size, rotation_deg: float = 0.0) -> Window:
    """Return the window shown at `pts`, of exactly the aspect in pixels and inside the picture, turned or not.

    Where the keyframes lead outside, the window is made smaller until it fits, then moved inside.
    Raises KeyframesOutOfOrder, BadField if there is no keyframe.
    """
    cx, cy, h = value_at(crop.keys, pts)
    shape = float(ratio(aspect))
    extent = turned_extent(shape, 1.0, rotation_deg)  # of the box around a window one pixel high
    height_px = min(h * source.height, _tallest_px(extent, source))
    return Window(
        _inside(cx, height_px * extent[0] / source.width),
        _inside(cy, height_px * extent[1] / source.height),
        height_px * shape / source.width,
        height_px / source.height,
        rotation_deg,
    )


def validate(crop: Crop, aspect: Aspect, source: Size, rotation_deg: float = 0.0) -> None:
    """Hold the authored keyframes to the rules; fields are pointers into the crop.

    Raises BadField (no keyframe, not a number, lower than 16 px), KeyframesOutOfOrder, CropOutsidePicture (by more than
    half a pixel).
    """
    require_order(crop.keys)
    shape = float(ratio(aspect))
    for index, key in enumerate(crop.keys):
        for name, value in zip(("cx", "cy", "h"), key.values, strict=True):
            if not isfinite(value):
                raise BadField(f"/keys/{index}/{name}", "This is not a number.")
        if key.h * source.height < SMALLEST_PX:
            raise BadField(f"/keys/{index}/h", f"A crop is at least {SMALLEST_PX} pixels of the source high.")
        window = Window(key.cx, key.cy, key.h * source.height * shape / source.width, key.h, rotation_deg)
        x0, y0, x1, y1 = window.to_pixels(source).bounds()
        outside_px = max(-x0, -y0, x1 - source.width, y1 - source.height)
        if outside_px > TOLERANCE_PX:
            raise CropOutsidePicture(field=f"/keys/{index}", outside_px=outside_px)


def enlargement(window: Window, source: Size, output: Size) -> float:
    """Return how many output pixels one source pixel becomes, along a side."""
    return output.height / (window.h * source.height)


def made_share(enlargement: float) -> float:
    """Return the part of the output's pixels that the network makes: 1 - 1/e², 0 where nothing is enlarged."""
    return max(0.0, 1.0 - 1.0 / enlargement**2)


def _tallest_px(extent: tuple[float, float], source: Size) -> float:
    """Return the largest factor by which a box of `extent` still fits into the source."""
    return min(source.width / extent[0], source.height / extent[1])


def _inside(centre: float, extent: float) -> float:
    """Move a centre until `extent` around it, at most 1, lies in 0..1."""
    return min(max(centre, extent / 2), 1.0 - extent / 2)
