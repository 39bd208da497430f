"""The command line as a person or a program runs it, and what every refusal of it has to be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from local.__main__ import main
from tests.house.source import CHECKOUT

REFUSED, CANCELLED = 2, 130
BUCKET = ("R2_ENDPOINT_URL", "R2_BUCKET_NAME", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY")
SETTINGS = ("REEL_WEIGHTS_DIR", "PORT", *BUCKET)
ENVELOPE = {"code", "message", "details", "request_id"}


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """All of stdout, each line of which has to be JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        """The last line of stdout: the result, or the error's envelope."""
        return self.lines[-1]


Run: TypeAlias = Callable[..., Outcome]


def in_process(data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command here, with its objects in `data_dir` and no other setting."""
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return run


def command(*arguments: object) -> list[str]:
    """Return the argv of the command line as a process of its own."""
    return [sys.executable, "-m", "local", *(os.fsdecode(str(argument)) for argument in arguments)]


def settings(data_dir: Path, **more: str) -> Mapping[str, str]:
    """Return the environment of such a process: this one's, and no setting but these."""
    bare = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return bare | {"DATA_DIR": str(data_dir)} | more


def in_a_process(data_dir: Path, *arguments: object, **more: str) -> Outcome:
    """Run a command as a process of its own, in the checkout."""
    ended = subprocess.run(
        command(*arguments), cwd=CHECKOUT, env=settings(data_dir, **more), capture_output=True, text=True, check=False
    )
    return Outcome(ended.returncode, ended.stdout, ended.stderr)


def assert_refused(run: Run, code: str, *arguments: object, exit_code: int = REFUSED) -> dict[str, Any]:
    """Hold a refusal to what is promised, to a person and to a machine; return the machine's envelope.

    A person gets one readable line on stderr, a machine the envelope as the last line of stdout.
    """
    told = run(*arguments)
    assert told.code == exit_code, told
    assert told.out == ""
    assert len(told.err.splitlines()) == 1, told.err
    assert told.err.strip().isprintable()
    shown = run(*arguments, "--json")
    assert shown.code == exit_code, shown
    assert set(shown.last) == ENVELOPE
    assert shown.last["code"] == code, shown.last
    assert shown.last["message"] == told.err.rstrip("\n")
    assert "Traceback" not in shown.err
    return shown.last


def listing(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, hidden ones too, with what is in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
