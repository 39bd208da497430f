"""The banner of the annotated export, in numbers: how large its parts are in a picture of any size."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

from reel.geometry import Size

TEXT: Final = 0.025  # of the picture's mean side, √(width · height): 36 px in 1080p, upright or not
LEAST_TEXT_PX: Final = 9.0  # below it no letter is read
NAME: Final = 1.18  # of the text's size, as all below
BADGE: Final = 2.1
PADDING: Final = 0.62
BORDER: Final = 0.13
RADIUS: Final = 0.55
MARGIN: Final = 0.035  # of the picture's shorter side: what a television or a phone's corner may hide
WIDEST: Final = 46.0  # of the text's size: longer lines are hard to follow
TALLEST: Final = 0.6  # of the picture's height, with its margin: only the longest notes in the smallest picture
SHRINKS: Final = (1.0, 0.92, 0.85, 0.78, 0.72)  # of the text's size, tried in turn until all of it fits


@dataclass(frozen=True, slots=True)
class BannerLayout:
    """The sizes of a banner's parts in pixels."""

    text_px: float
    name_px: float
    badge_px: float
    padding_px: float
    border_px: float
    radius_px: float
    margin_px: float
    width_px: float
    tallest_px: float


def banner_layout(picture: Size, shrink: float = 1.0) -> BannerLayout:
    """Return the layout for a picture; `shrink` is one of SHRINKS, and stops at LEAST_TEXT_PX."""
    text = max(sqrt(picture.width * picture.height) * TEXT * shrink, LEAST_TEXT_PX)
    margin = min(picture.width, picture.height) * MARGIN
    return BannerLayout(
        text_px=text,
        name_px=text * NAME,
        badge_px=text * BADGE,
        padding_px=text * PADDING,
        border_px=max(text * BORDER, 1.5),
        radius_px=text * RADIUS,
        margin_px=margin,
        width_px=min(picture.width - 2 * margin, text / shrink * WIDEST),
        tallest_px=max(picture.height * TALLEST - margin, 0.0),
    )
