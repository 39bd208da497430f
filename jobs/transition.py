"""A transition: the overlapping ends of two clips, already finished, blended frame by frame. No network runs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from jobs.spec import TransitionSpec
from media.colour import OUTPUT, Pixels, Planes, to_planes
from media.decode import all_frames
from media.encode import Encoding, video_sink
from media.open import Footage
from reel.errors import SourceUnreadable
from reel.geometry import Size

_BLACK = (16, 128, 128)


def render_transition(spec: TransitionSpec, outgoing: Footage, incoming: Footage, path: Path) -> None:
    """Write the transition from two segments' files to `path`. Raises SourceUnreadable if one is not as long."""
    encoding = Encoding(Size(*spec.output_px), Fraction(*spec.rate), spec.encoder.preset, spec.encoder.crf)
    pairs = zip(all_frames(outgoing), all_frames(incoming), strict=True)
    with video_sink(path, encoding) as sink:
        for before, after in pairs:
            share = (sink.count + 0.5) / spec.frame_count
            sink.write(_blend(spec, to_planes(before, OUTPUT), to_planes(after, OUTPUT), share))
    if sink.count != spec.frame_count:
        raise SourceUnreadable("A segment of a transition is not as long as it has to be.")


def _blend(spec: TransitionSpec, before: Planes, after: Planes, share: float) -> Planes:
    if spec.kind == "dissolve":
        return _each(before, after, share)
    if share < 0.5:
        return _each(before, _black(before), 2 * share)
    return _each(_black(after), after, 2 * share - 1)


def _each(before: Planes, after: Planes, share: float) -> Planes:
    return Planes(_mixed(before.y, after.y, share), _mixed(before.u, after.u, share), _mixed(before.v, after.v, share))


def _mixed(before: Pixels, after: Pixels, share: float) -> Pixels:
    return np.rint(before * np.float32(1 - share) + after * np.float32(share)).astype(np.uint8)


def _black(like: Planes) -> Planes:
    y, u, v = (np.full_like(p, level) for p, level in zip((like.y, like.u, like.v), _BLACK, strict=True))
    return Planes(y, u, v)
