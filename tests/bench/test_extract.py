"""The bench's eye: a clip is exact only if every frame of it is the source's own."""

from __future__ import annotations

from pathlib import Path

from bench.extract import exact
from media import ffmpeg
from media.cut import extract
from media.probe import probe
from media.remade import Remade
from reel.timing import Span
from tests.media.footage import B_FRAMES, numbered

STEP = 512  # ticks of a frame at 25 a second


def frame_span(first: int, end: int) -> Span:
    return Span(first * STEP, end * STEP)


def test_a_right_clip_is_exact_and_a_wrong_one_is_not(tmp_path: Path):
    footage, path = numbered(tmp_path / "source.mp4", *B_FRAMES), tmp_path / "clip.mp4"
    source = probe(footage)
    done = extract(path, footage, source, frame_span(5, 40))
    assert exact(path, footage, source, frame_span(5, 40), done)
    for wrong in (frame_span(6, 41), frame_span(4, 39), frame_span(5, 41), frame_span(5, 39)):
        assert not exact(path, footage, source, wrong, done)
    assert not exact(path, footage, source, frame_span(5, 40), Remade(36, 11))


def test_what_was_encoded_anew_does_not_pass_for_copied(tmp_path: Path):
    footage, path = numbered(tmp_path / "source.mp4", *B_FRAMES), tmp_path / "clip.mp4"
    source = probe(footage)
    extract(path, footage, source, frame_span(5, 40), copying=False)
    assert not exact(path, footage, source, frame_span(5, 40), Remade(35, 11))


def test_frames_that_changed_places_are_seen(tmp_path: Path):
    footage, path = numbered(tmp_path / "source.mp4", *B_FRAMES), tmp_path / "clip.mp4"
    source = probe(footage)
    shuffled = tmp_path / "shuffled.mp4"
    extract(path, footage, source, frame_span(5, 40), copying=False)
    ffmpeg.run(["-i", f"file:{path}", "-vf", "shuffleframes=0 1 2 4 3", *B_FRAMES, f"file:{shuffled}"])
    assert not exact(shuffled, footage, source, frame_span(5, 40), Remade(35, 34))
