"""Pictures for people: a frame before and after, side by side."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

_GAP_PX = 8


def side_by_side(before: bytes, after: bytes, output: Path) -> None:
    """Write two PNG of one size beside each other to a PNG, whole or not at all."""
    pictures = [Image.open(BytesIO(body)) for body in (before, after)]
    width, height = pictures[0].size
    both = Image.new("RGB", (2 * width + _GAP_PX, height), "white")
    for place, picture in enumerate(pictures):
        both.paste(picture, (place * (width + _GAP_PX), 0))
    partial = output.with_name(f".{output.name}.partial")
    try:
        both.save(partial, format="PNG")
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)
