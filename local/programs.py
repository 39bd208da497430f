"""Our own programs, started as processes of their own: with an environment that holds no secret, on a leash.

The leash is the program's standard input: it is told there what it has to know, and when it ends nobody needs it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

STOPPED, REPLACE_ME = 0, 75
"""How a program says that it ended as it was told to, or that a fresh process is wanted (EX_TEMPFAIL)."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is started where. `told` comes first on its standard input; secrets go there and nowhere else."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    told: bytes = b""


def scrubbed(folder: Path) -> dict[str, str]:
    """Return an environment that holds no more than a program needs: what it leaves behind is left in `folder`."""
    return {"LC_ALL": "C.UTF-8", "PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder)}


class Process:
    """A program that runs. Ctrl-C in the terminal does not reach it."""

    def __init__(self, program: Program) -> None:
        """Start it. Raises OSError."""
        self._process = subprocess.Popen(
            program.arguments,
            stdin=subprocess.PIPE,
            env=dict(program.environment),
            cwd=program.folder,
            process_group=0,
        )
        assert self._process.stdin
        self._leash = self._process.stdin
        with suppress(BrokenPipeError):  # it has ended already; its exit code says how
            self._leash.write(program.told)
            self._leash.flush()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ended(self) -> int | None:
        """Return the exit code, or None while it runs."""
        code = self._process.poll()
        if code is not None:
            self._let_go()
        return code

    def stop(self) -> None:
        """Ask it to end."""
        self._process.terminate()
        self._let_go()

    def kill(self) -> None:
        """End it."""
        self._process.kill()

    def wait(self, timeout_s: float) -> None:
        """Wait until it has ended, and no longer than `timeout_s`; then kill it."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._let_go()

    def _let_go(self) -> None:
        with suppress(BrokenPipeError):
            self._leash.close()
