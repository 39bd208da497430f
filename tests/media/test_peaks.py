"""The audio energy: each level is that of its twentieth of a second after the first picture."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media import ffmpeg
from media.peaks import PER_S, peaks_json
from media.probe import probe
from media.synth import Match, write
from reel.geometry import Size
from tests.media.footage import numbered

SIZE = Size(96, 64)


def levels(path: Path) -> list[int]:
    body = peaks_json(path, probe(path), lambda _: None)
    assert body is not None
    document = json.loads(body)
    assert (document["schema"], document["per_s"], document["floor_db"]) == (1, PER_S, -60)
    return document["levels"]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".ts"])
def test_beeps_stand_out_where_they_are(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"match{suffix}"
    codec = {".webm": "vp9", ".ts": "mpeg2video"}.get(suffix, "h264")
    write(Match(size=SIZE, duration_s=Fraction(3), codec=codec), path)  # pyright: ignore[reportArgumentType]
    found = levels(path)
    assert 59 <= len(found) <= 61
    assert [place for place, level in enumerate(found) if level > 208] == [20, 40]
    assert 40 < np.median(found) < 140  # the crowd's murmur


@pytest.mark.parametrize(("volume_db", "level"), [(0, 242), (-20, 157), (-40, 72), (-80, 0)])
def test_the_scale_is_in_decibels(tmp_path: Path, volume_db: int, level: int) -> None:
    """A sine at full scale has −3 dB of energy; 60 dB are 255 levels."""
    sine = (
        "-f",
        "lavfi",
        "-i",
        f"sine=frequency=440:duration=2,volume={volume_db + 18.0618}dB,volume=1:precision=float",
    )
    path = numbered(tmp_path / "tone.mkv", "-c:a", "pcm_f32le", sound=sine)
    assert levels(path)[5:30] == pytest.approx([level] * 25, abs=1)


def test_late_sound_is_late(tmp_path: Path) -> None:
    early = tmp_path / "match.mp4"
    write(Match(size=SIZE, duration_s=Fraction(2)), early)
    late = tmp_path / "late.mp4"
    second = ["-itsoffset", "0.5", *ffmpeg.reading(early), "-map", "0:v", "-map", "1:a", "-c", "copy", f"file:{late}"]
    ffmpeg.run([*ffmpeg.reading(early), *second])
    found = levels(late)
    assert [place for place, level in enumerate(found) if level > 208] == [30]
    assert found[:9] == [0] * 9


def test_no_sound_no_peaks(tmp_path: Path) -> None:
    path = numbered(tmp_path / "silent.mp4")
    assert peaks_json(path, probe(path), lambda _: None) is None


def test_progress_counts_seconds(tmp_path: Path) -> None:
    path = tmp_path / "match.mp4"
    write(Match(size=SIZE, duration_s=Fraction(3)), path)
    told: list[int] = []
    peaks_json(path, probe(path), told.append)
    assert told == [1, 2, 3]


def test_damaged_sound_is_silent_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "match.mp4"
    write(Match(size=SIZE, duration_s=Fraction(3)), path)
    source = probe(path)
    body = bytearray(path.read_bytes())
    middle = len(body) * 2 // 3
    body[middle : middle + 2000] = bytes(2000)
    path.write_bytes(body)
    assert peaks_json(path, source, lambda _: None) is not None


@pytest.mark.footage
def test_real_footage(footage_dir: Path) -> None:
    found = levels(next(footage_dir.glob("10_*.mov")))
    assert len(found) in range(158, 162)
    assert min(found[1:-2]) > 0
