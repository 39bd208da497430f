"""The front door, in a checkout of its own whose folder has a space in its name and whose requirements are empty."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.house.source import CHECKOUT

SHOW_ARGUMENTS = "import os, sys\nprint(sys.argv[1:], *filter(None, [os.environ.get('DATA_DIR')]))\n"

# A Python of Debian without its package python3-venv: everything works, but there is no ensurepip.
WITHOUT_ENSUREPIP = f"""#!/bin/sh
if [ "$1" = -V ]; then exec "{sys.executable}" -V; fi
exec "{sys.executable}" -c 'import sys; sys.modules["ensurepip"] = None; exec(sys.argv[2])' "$@"
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of ./run with a `local` that shows its arguments."""
    folder = tmp_path_factory.mktemp("a checkout")
    shutil.copy(CHECKOUT / "run", folder)
    (folder / "requirements").mkdir()
    (folder / "requirements/local.txt").write_text("# nothing\n")
    (folder / "local").mkdir()
    (folder / "local/__main__.py").write_text(SHOW_ARGUMENTS)
    return folder


def run(checkout: Path, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run ./run from the folder above the checkout, with the Python of these tests unless `env` says otherwise."""
    environment = {**os.environ, "PYTHON": sys.executable, "DATA_DIR": "", **(env or {})}
    command = [str(checkout / "run"), *arguments]
    return subprocess.run(command, cwd=checkout.parent, env=environment, capture_output=True, text=True, check=False)


def executable(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_help_sets_nothing_up(checkout: Path) -> None:
    shown = run(checkout, "help")
    assert shown.returncode == 0
    assert "./run SUBCOMMAND" in shown.stdout


@pytest.mark.parametrize("arguments", [(), ("no-such",)])
def test_an_unknown_subcommand_gets_the_usage(checkout: Path, arguments: tuple[str, ...]) -> None:
    refused = run(checkout, *arguments)
    assert refused.returncode == 2
    assert "Usage:" in refused.stderr
    assert refused.stdout == ""


def test_a_python_that_is_too_old_is_named(checkout: Path, tmp_path: Path) -> None:
    old = executable(tmp_path / "old python", "#!/bin/sh\nexit 1\n")
    refused = run(checkout, "demo", env={"PYTHON": str(old)})
    assert refused.returncode == 1
    assert f"Python 3.11 or newer is needed and none of these is one: {old}" in refused.stderr


def test_without_ensurepip_it_says_what_to_install(tmp_path: Path, checkout: Path) -> None:
    bare = shutil.copytree(checkout, tmp_path / "bare", ignore=shutil.ignore_patterns(".venv*"))
    python = executable(tmp_path / "python", WITHOUT_ENSUREPIP)
    executable(tmp_path / "id", "#!/bin/sh\necho 1000\n")  # nobody who may install packages
    refused = run(bare, "demo", env={"PYTHON": str(python), "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert refused.returncode == 1
    assert f"python3.{sys.version_info.minor}-venv" in refused.stderr
    assert not (bare / ".venv").exists()


def test_it_sets_up_once_and_mends_what_was_cut_short(checkout: Path) -> None:
    first = [subprocess.Popen([str(checkout / "run"), "demo"], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = "".join(process.communicate()[1] for process in first)
    assert [process.returncode for process in first] == [0, 0]
    assert said.count("Making .venv") == 1, said

    again = run(checkout, "demo", "--json", env={"GAME": "my game.mp4", "CLIPS": "/clips.tsv"})
    assert again.stderr == ""
    assert again.stdout == f"['demo', '--game', '{checkout.parent}/my game.mp4', '--clips', '/clips.tsv', '--json']\n"

    served = run(checkout, "up", "--lan", env={"DATA_DIR": "my data"})
    assert served.stdout == f"['up', '--lan'] {checkout.parent}/my data\n"

    (checkout / ".venv.setup").write_text("unfinished\n")
    mended = run(checkout, "demo")
    assert mended.returncode == 0
    assert "Making .venv" in mended.stderr

    (checkout / "requirements/local.txt").write_text("# changed\n")
    assert "Installing requirements/local.txt" in run(checkout, "demo").stderr
    assert run(checkout, "demo").stderr == ""
