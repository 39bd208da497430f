"""A reel's cover picture: one of its own frames, small."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from media.colour import to_rgb
from media.decode import frames
from media.open import Footage
from media.probe import probe
from reel.timing import Span, half_up

WIDEST_PX = 720
JPEG_QUALITY = 85


def poster(footage: Footage, number: int, rate: Fraction) -> bytes:
    """Return frame `number` of a video of ours, which runs at `rate`, as a JPEG. Raises SourceUnreadable."""
    source = probe(footage, tail=False)
    pts = source.span.in_pts + half_up(number / (rate * source.time_base))
    picture = to_rgb(next(frames(footage, source, Span(pts, pts + 1))), source.colour)
    height, width = picture.shape[:2]
    small_width = min(width, WIDEST_PX)
    small = cv2.resize(picture, (small_width, round(height * small_width / width)), interpolation=cv2.INTER_AREA)
    return jpeg(small, JPEG_QUALITY)


def jpeg(picture: np.ndarray, quality: int) -> bytes:
    """Return an RGB picture as a JPEG."""
    _, body = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return body.tobytes()
