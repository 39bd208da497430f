"""The command line in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local.terminal import Run, in_process


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A home of the test's own: tests are run in any order, and what one rendered another would find."""
    return tmp_path / "home"


@pytest.fixture
def run(data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """What runs a command in this process."""
    return in_process(data_dir, monkeypatch, capsys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for outputs, in which an older reel lies: it has to outlive whatever does not end."""
    path = tmp_path / "out"
    path.mkdir()
    (path / "reel.mp4").write_bytes(b"an older reel")
    return path
