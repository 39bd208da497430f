"""The command line in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local.terminal import Run, in_process


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all tests of a file: what was rendered once is there."""
    return tmp_path_factory.mktemp("home")


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
