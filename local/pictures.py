"""Pictures for people: a frame before and after, side by side."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

_GAP_PX = 8


def side_by_side(before: bytes, after: bytes, path: Path) -> None:
    """Write two PNG of one size beside each other to a PNG."""
    pictures = [Image.open(BytesIO(body)) for body in (before, after)]
    width, height = pictures[0].size
    both = Image.new("RGB", (2 * width + _GAP_PX, height), "white")
    for place, picture in enumerate(pictures):
        both.paste(picture, (place * (width + _GAP_PX), 0))
    both.save(path, format="PNG")
