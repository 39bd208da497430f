"""Transitions: two finished edges, blended where they overlap, as they are where they do not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from jobs.pieces import FINAL, TransitionSpec
from jobs.transition import render_transition
from media.colour import Planes
from media.encode import Encoding, video_sink
from reel.errors import Cancelled
from reel.geometry import Size
from tests.jobs.homes import luma, shown_frames, told_nobody

SIDE = 64
DARK, LIGHT = 60, 180


def flat(path: Path, level: int, count: int) -> Path:
    """Write a segment of one grey."""
    planes = Planes(*(np.full((side, side), of, np.uint8) for side, of in ((SIDE, level), (32, 128), (32, 128))))
    with video_sink(path, Encoding(Size(SIDE, SIDE), Fraction(25))) as sink:
        for _ in range(count):
            sink.write(planes)
    return path


def spec(kind: str, before: int, overlap: int, after: int) -> TransitionSpec:
    fields = {"kind": kind, "outgoing": ("a" * 64,), "incoming": ("b" * 64,), "output_px": (SIDE, SIDE)}
    shared = {"before": before, "overlap": overlap, "after": after, "rate": (25, 1), "encoder": FINAL}
    return TransitionSpec.model_validate(fields | shared)


def levels(folder: Path, part: TransitionSpec, outgoing: list[int], incoming: list[int]) -> list[float]:
    """Render a transition of dark segments of the given lengths to light ones; return each frame's mean luma."""
    going = [flat(folder / f"out{n}.mp4", DARK, count) for n, count in enumerate(outgoing)]
    coming = [flat(folder / f"in{n}.mp4", LIGHT, count) for n, count in enumerate(incoming)]
    render_transition(part, going, coming, folder / "between.mp4", told_nobody)
    return [float(luma(frame).mean()) for frame in shown_frames(folder / "between.mp4")]


def test_a_dissolve_goes_straight_from_one_to_the_other(tmp_path: Path) -> None:
    seen = levels(tmp_path, spec("dissolve", 0, 12, 0), [12], [12])
    assert seen == pytest.approx([DARK + (LIGHT - DARK) * (n + 0.5) / 12 for n in range(12)], abs=2)


def test_a_fade_goes_through_black(tmp_path: Path) -> None:
    seen = levels(tmp_path, spec("fade", 0, 12, 0), [12], [12])
    out = [DARK + (16 - DARK) * (n + 0.5) / 6 for n in range(6)]
    come = [16 + (LIGHT - 16) * (n + 0.5) / 6 for n in range(6)]
    assert seen == pytest.approx([*out, *come], abs=2)


@pytest.mark.parametrize("kind", ["fade", "dissolve"])
def test_what_does_not_overlap_stays(tmp_path: Path, kind: str) -> None:
    """An edge is half a second; beside a shorter clip a part of it is shown as it is. One may be in two segments."""
    seen = levels(tmp_path, spec(kind, 9, 4, 6), [12, 1], [10])
    assert len(seen) == 19
    assert seen[:9] == pytest.approx([DARK] * 9, abs=2)
    assert seen[13:] == pytest.approx([LIGHT] * 6, abs=2)
    assert max(np.abs(np.diff(seen[9:13]))) > 20


def test_it_can_be_cancelled_at_every_frame(tmp_path: Path) -> None:
    told: list[int | None] = []

    def stop(*, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
        told.append(done)
        if done == 3:
            raise Cancelled

    going, coming = ([flat(tmp_path / f"{level}.mp4", level, 12)] for level in (DARK, LIGHT))
    with pytest.raises(Cancelled):
        render_transition(spec("fade", 0, 12, 0), going, coming, tmp_path / "between.mp4", stop)
    assert told == [1, 2, 3]
