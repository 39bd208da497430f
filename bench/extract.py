"""A clip whose middle is copied against the same clip encoded anew: thirty seconds, cut in the middle of GOPs.

Both take turns, and each turn's ratio is taken within it. Where the machine is busy with other work, the ratio of the
processors' time says more than that of the clock's.
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from av.video.frame import VideoFrame

from bench.footage import MATCH, Benched
from bench.turns import Took, took
from media.cut import extract
from media.decode import all_frames, frames
from media.probe import Source, probe
from media.remade import Remade
from media.seams import checksums
from reel.timing import Span, to_pts

FIRST, END = 275, 1025  # each in the middle of a GOP of 50
TURNS = 3


def measure(benched: Benched) -> dict[str, object]:
    """Return the bench's line: the median turn's ratio, and whether every frame is the source's own."""
    footage = benched.footage(MATCH)
    source = probe(footage, tail=False)
    span = Span(*(to_pts(number / source.rate, source.time_base) for number in (FIRST, END)))
    turns: list[tuple[Took, Took]] = []
    with TemporaryDirectory() as folder:
        smart, anew = Path(folder) / "smart.mp4", Path(folder) / "anew.mp4"
        for _ in range(TURNS):
            partly = took(lambda: extract(smart, footage, source, span))
            whole = took(lambda: extract(anew, footage, source, span, copying=False))
            turns.append((partly, whole))
        done = extract(smart, footage, source, span)
        is_exact = exact(smart, footage, source, span, done)
        sizes = [path.stat().st_size for path in (smart, anew)]
    ratios = [partly.wall_s / whole.wall_s for partly, whole in turns]
    return {
        "smart_vs_reencode": round(median(ratios), 3),
        "frame_exact": is_exact,
        "spread": round(max(ratios) - min(ratios), 3),
        "smart_cpu": round(median(partly.cpu_s / whole.cpu_s for partly, whole in turns), 3),
        "reencoded": f"{done.reencoded_frames} of {done.frames}",
        "size_vs_reencode": round(sizes[0] / sizes[1], 2),
    }


def exact(path: Path, footage: Path, source: Source, span: Span, done: Remade) -> bool:
    """Say whether a clip shows the source's frames one by one: those copied to the last level, the others nearly.

    Nearly: each is more like its own than like the one before, and so is its own.
    """
    alike, last = list[bool](), None
    for pair in zip_longest(all_frames(path), frames(footage, source, span)):
        if None in pair:
            return False
        alike.append(len(set(checksums(pair))) == 1)
        if not alike[-1] and last is not None:
            own = _apart(*pair)
            if own >= _apart(pair[0], last[1]) or own >= _apart(last[0], pair[1]):
                return False
        last = pair
    return len(alike) == done.frames and sum(alike) >= done.copied_frames > 0


def _apart(one: VideoFrame, other: VideoFrame) -> float:
    return float(np.abs(one.to_ndarray().astype(np.int16) - other.to_ndarray()).mean())
