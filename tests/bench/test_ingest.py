"""The bench of ingest, on footage of a second: when each phase ended, and that a proxy was made where it counts."""

from __future__ import annotations

from fractions import Fraction
from itertools import count
from pathlib import Path

import pytest

from bench import ingest
from bench.footage import Benched, Missing
from media.synth import Match, write
from reel.geometry import Size


def filmed(folder: Path, name: str, codec: str) -> None:
    match = Match(size=Size(192, 108), duration_s=Fraction(1), players=2, codec=codec)  # pyright: ignore[reportArgumentType]
    write(match, folder / name)


def test_the_line_says_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filmed(tmp_path, ingest.MATCH, "h264")
    filmed(tmp_path, ingest.HEVC, "hevc")
    monkeypatch.setattr(ingest, "TURNS", 1)
    line = ingest.measure(Benched(media_dir=tmp_path, weights_dir=tmp_path))
    assert list(line) == ["x_realtime_h264", "x_realtime_hevc", "editable_after_s"]
    assert all(isinstance(value, float) and value > 0 for value in line.values())


def test_a_clip_can_be_marked_before_the_proxy_is_made(tmp_path: Path) -> None:
    filmed(tmp_path, ingest.HEVC, "hevc")
    ended_s = ingest._ended_s(tmp_path / ingest.HEVC)
    assert list(ended_s) == ["checking", "indexing", "picturing", "listening", "copying", "joining"]
    assert list(ended_s.values()) == sorted(ended_s.values())


def test_phases_end_when_the_next_begins() -> None:
    ticks = count()
    phases = ingest.Phases(clock=lambda: float(next(ticks)))
    phases(phase="checking")
    phases(done=5)
    phases(phase="indexing", total=9)
    phases.end()
    assert phases.ended_s == {"checking": 1.0, "indexing": 2.0}


def test_footage_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="REEL_MEDIA_DIR"):
        ingest.measure(Benched(media_dir=tmp_path, weights_dir=tmp_path))
