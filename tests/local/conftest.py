"""The command line in this process, and a small game to run it on."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from media.synth import Match, write
from reel.geometry import Size
from tests.local.terminal import Run, in_process

CLIPS = "start_time\tclip_duration\trating\tclip_name\n0:01\t1\t3\tFirst\n0:03\t1\t5\tSecond\n0:05\t1\t4\tThird\n"


@pytest.fixture(scope="session")
def game(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of a match, 192×108, five frames a second."""
    path = tmp_path_factory.mktemp("game") / "game.mp4"
    write(Match(size=Size(192, 108), rate=Fraction(5), duration_s=Fraction(8), players=6), path)
    return path


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """A clip list of three clips of a second each, rated 3, 5 and 4."""
    path = tmp_path / "clips.tsv"
    path.write_text(CLIPS)
    return path


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """What runs a command in this process, in a home of its own."""
    return in_process(tmp_path / "data", monkeypatch, capsys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for outputs, in which an older reel lies: it has to outlive every refusal."""
    path = tmp_path / "out"
    path.mkdir()
    (path / "reel.mp4").write_bytes(b"an older reel")
    return path
