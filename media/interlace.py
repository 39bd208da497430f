"""Interlaced footage: a picture holds two fields, of two moments, and each becomes a picture (decision 0021).

A picture's first field is shown at its pts, its second half a picture later. So the times of all fields follow from
the packets alone, and each field's time from its own picture alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain, pairwise

from av.video.frame import VideoFrame

from media.graph import filtered
from reel.timing import half_up

# Above this, packets hold single fields: no camera films 50 interlaced pictures a second.
FASTEST_RATE = 30


def field_clock(rate: Fraction, time_base: Fraction) -> tuple[Fraction, int]:
    """Return the rate of the fields, and how many ticks one is shown, where packets come at `rate`.

    A clock whose ticks are whole pictures cannot tell fields apart: then the rate stays and a field has 0 ticks.
    """
    fields = rate if rate > FASTEST_RATE else 2 * rate
    if 2 / (fields * time_base) < 2:
        return rate, 0
    return fields, half_up(1 / (fields * time_base))


def field_times(times: Iterable[int], field_pts: int) -> Iterator[int]:
    """Iterate when each field is shown, given the pts of the packets, which hold two fields each, or one."""
    for at, following in pairwise(chain(times, (None,))):
        assert at is not None
        yield at
        if field_pts and (following is None or 2 * (following - at) > 3 * field_pts):
            yield at + field_pts


def deinterlaced(pictures: Iterable[VideoFrame], field_pts: int) -> Iterator[VideoFrame]:
    """Make a whole picture of each field, or of each picture if a field has no time of its own.

    ffmpeg's bwdif: it looks at the picture before and the one after, and changes none that is not interlaced.
    """
    waiting: deque[int] = deque()
    shown = 0
    options = f"mode={'send_field' if field_pts else 'send_frame'}:parity=auto:deint=interlaced"
    for picture in filtered(_noted(pictures, waiting), ("bwdif", options)):
        assert picture.pts is not None
        assert picture.time_base is not None
        coded_base = 2 * picture.time_base  # the filter halves the ticks
        first = bool(waiting) and picture.pts == 2 * waiting[0]
        shown = waiting.popleft() if first else shown
        picture.pts, picture.time_base = shown + (0 if first else field_pts), coded_base
        yield picture


def _noted(pictures: Iterable[VideoFrame], pts: deque[int]) -> Iterator[VideoFrame]:
    for picture in pictures:
        assert picture.pts is not None
        pts.append(picture.pts)
        yield picture
