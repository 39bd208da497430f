"""Pictures of one size: a camera that was turned, or a recorder that saved on pixels, changes it in the middle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from av.video.frame import VideoFrame

from media.graph import filtered
from reel.geometry import Size

# Encoders round sides to multiples of 8 or 16: no reason for a black line.
SAME_SHAPE = 0.03


def fitted(pictures: Iterable[VideoFrame], size: Size) -> Iterator[VideoFrame]:
    """Bring what is not of `size` into it: as large as it can be, in the middle, on black."""
    for coded, alike in groupby(pictures, lambda picture: Size(picture.width, picture.height)):
        if coded == size:
            yield from alike
            continue
        yield from filtered(alike, *_filters(coded, size))


def _filters(coded: Size, size: Size) -> list[tuple[str, str]]:
    sides = f"{size.width}:{size.height}"
    if abs(coded.width * size.height / (coded.height * size.width) - 1) < SAME_SHAPE:
        return [("scale", f"{sides}:flags=bicubic")]
    return [("scale", f"{sides}:flags=bicubic:force_original_aspect_ratio=decrease"), ("pad", f"{sides}:-1:-1:black")]
