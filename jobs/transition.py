"""A transition: the edges of two clips, already finished, blended where they overlap. No network runs."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import chain, repeat, zip_longest
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from jobs.pieces import TransitionSpec
from jobs.tools import Report
from media.colour import OUTPUT, Pixels, Planes, to_planes
from media.decode import all_frames
from media.encode import Encoding, video_sink
from media.open import Footage
from reel.geometry import Size

_BLACK = (16, 128, 128)


def render_transition(
    spec: TransitionSpec, outgoing: Iterable[Footage], incoming: Iterable[Footage], path: Path, report: Report
) -> None:
    """Write the transition to `path` from its segments' files; report each frame as one more done. Raises Cancelled."""
    encoding = Encoding(Size(*spec.output_px), Fraction(*spec.rate), spec.encoder.preset, spec.encoder.crf)
    going = chain.from_iterable(all_frames(segment) for segment in outgoing)
    coming = chain(repeat(None, spec.before), chain.from_iterable(all_frames(segment) for segment in incoming))
    with video_sink(path, encoding) as sink:
        for before, after in zip_longest(going, coming):
            share = (sink.count - spec.before + 0.5) / spec.overlap
            sink.write(_blend(spec, before, after, share))
            report(done=sink.count)


def _blend(spec: TransitionSpec, before: VideoFrame | None, after: VideoFrame | None, share: float) -> Planes:
    if before is None or after is None:
        alone = after if before is None else before
        assert alone is not None
        return to_planes(alone, OUTPUT)
    going, coming = to_planes(before, OUTPUT), to_planes(after, OUTPUT)
    if spec.kind == "dissolve":
        return _each(going, coming, share)
    if share < 0.5:
        return _each(going, _black(going), 2 * share)
    return _each(_black(coming), coming, 2 * share - 1)


def _each(before: Planes, after: Planes, share: float) -> Planes:
    return Planes(_mixed(before.y, after.y, share), _mixed(before.u, after.u, share), _mixed(before.v, after.v, share))


def _mixed(before: Pixels, after: Pixels, share: float) -> Pixels:
    return np.rint(before * np.float32(1 - share) + after * np.float32(share)).astype(np.uint8)


def _black(like: Planes) -> Planes:
    y, u, v = (np.full_like(p, level) for p, level in zip((like.y, like.u, like.v), _BLACK, strict=True))
    return Planes(y, u, v)
