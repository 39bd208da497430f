"""The sound of a reel: whole samples at exactly the frames where the pictures stand, silence under what is put in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import numpy as np

from jobs.clip import Footing
from jobs.plan import Plan
from jobs.timeline import Gap
from media.sound import JOIN_S, RATE, Placed, Samples, clip_sound, sample_at, silence
from reel.speed import Piece
from reel.timing import half_up

_RAMP = half_up(JOIN_S * RATE)


def soundtrack(plan: Plan) -> Iterator[Placed]:
    """Iterate each clip's sound as it is wanted; where one clip gives way to another, so do their sounds."""
    for clip in plan.clips:
        span = clip.first_frame, clip.frame_count
        yield placed_sound(
            clip.footing, clip.pieces, span, plan.rate, sounds=clip.clip.audio, overlaps=(clip.lead, clip.trail)
        )


def placed_sound(
    footing: Footing,
    pieces: Sequence[Piece],
    span: tuple[int, int],
    rate: Fraction,
    *,
    sounds: bool = True,
    overlaps: tuple[int, int] = (0, 0),
) -> Placed:
    """Cut out the sound of a clip that stands at `span`, its first frame and how many; silence where it has none.

    `overlaps` are the frames that it shares with its neighbours.
    """
    first, frame_count = span
    start = sample_at(first, rate)
    count = sample_at(first + frame_count, rate) - start
    heard = sounds and footing.source.sound is not None
    return Placed(
        start,
        clip_sound(footing.footage, pieces, footing.source.time_base, count) if heard else silence(count),
        fade_in=max(_RAMP, sample_at(overlaps[0], rate)),
        fade_out=max(_RAMP, sample_at(overlaps[1], rate)),
    )


def with_gaps(blocks: Iterable[Samples], gaps: Sequence[Gap], rate: Fraction) -> Iterator[Samples]:
    """Iterate a sound with silence where `gaps`, in order, put frames in, ramped at the edges as every cut is.

    What comes after a gap begins with the first sample of its frame.
    """
    edges, at, begin = _edges(gaps, rate), 0, None
    for block in blocks:
        while edges and edges[0][0] <= at + len(block):
            edge, silent = edges.pop(0)
            head, block = block[: edge - at], block[edge - at :]
            yield _ramped(head, at, begin, edge)
            yield silence(silent)
            at = begin = edge
        yield _ramped(block, at, begin, edges[0][0] if edges else None)
        at += len(block)
    for edge, silent in edges:
        yield silence(edge - at + silent)
        at = edge


def _edges(gaps: Sequence[Gap], rate: Fraction) -> list[tuple[int, int]]:
    """Return where each gap cuts the sound, and how many samples of silence it takes."""
    edges: list[tuple[int, int]] = []
    frames = samples = 0
    for gap in gaps:
        edge = sample_at(gap.before, rate)
        frames += gap.count
        edges.append((edge, sample_at(gap.before + frames, rate) - edge - samples))
        samples += edges[-1][1]
    return edges


def _ramped(block: Samples, at: int, begin: int | None, end: int | None) -> Samples:
    """Let a block, which begins at `at`, come in after `begin` and go out before `end`."""
    from_begin = _RAMP if begin is None else at - begin
    to_end = _RAMP if end is None else end - at - len(block)
    if from_begin >= _RAMP and to_end >= _RAMP:
        return block
    index = np.arange(len(block))
    come = np.minimum((from_begin + index) / _RAMP, 1)
    go = np.minimum((to_end + len(block) - index) / _RAMP, 1)
    return (block * (come * go)[:, None]).astype(np.float32)
