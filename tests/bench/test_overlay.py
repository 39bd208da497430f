"""What the overlay bench compares does the same work: every frame of the video, and a spotlight where one is due."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.overlay import covered, transcode
from media.decode import all_frames
from tests.media.footage import numbers_of
from tests.media.working import COUNT, ENCODING, parameters, payloads, shown, working_video


def test_a_plain_transcode_has_every_frame_at_the_same_settings(tmp_path: Path):
    base, plain = working_video(tmp_path / "base.mp4"), tmp_path / "plain.mp4"
    transcode(plain, base, ENCODING)
    assert numbers_of(all_frames(plain)) == list(range(COUNT))
    assert parameters(plain) == parameters(base)
    assert payloads(plain) != payloads(base)


def test_a_spotlight_lies_on_what_is_covered(tmp_path: Path):
    base, made = working_video(tmp_path / "base.mp4"), tmp_path / "made.mp4"
    assert covered(made, base, ENCODING, range(45, 50)).reencoded_frames == 30
    apart = [np.abs(a.astype(int) - b).mean() for a, b in zip(shown(base), shown(made), strict=True)]
    assert [number for number, distance in enumerate(apart) if distance > 3] == list(range(45, 50))
