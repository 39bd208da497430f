"""Cut a large picture into bands of rows that a network does one by one, so that memory stays bounded."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Band:
    """Rows [top, bottom) of the picture, made from rows [above, below), which hold all that matters to them."""

    top: int
    bottom: int
    above: int
    below: int


def bands(height: int, width: int, reach: int, most_pixels: int) -> tuple[Band, ...]:
    """Cut `height` × `width` into bands of about equal height, overlapping by what a network of this `reach` sees.

    A band takes at most `most_pixels` where the overlap leaves room for that. The cut follows from the picture's size
    alone: the sums of a band round otherwise than those of the whole, and the same picture must give the same bytes.
    """
    if height * width <= most_pixels:
        return (Band(0, height, 0, height),)
    rows = max(most_pixels // width - 2 * reach, reach)
    count = -(-height // rows)
    edges = [height * k // count for k in range(count + 1)]
    return tuple(Band(top, bottom, max(top - reach, 0), min(bottom + reach, height)) for top, bottom in pairwise(edges))
