"""What the terminal says: progress and notes on stderr for a person, or JSON lines on stdout for a machine."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Protocol

from rich.console import Console as RichConsole
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from jobs.ports import Progress as Done
from jobs.ports import Record
from reel.errors import Json, ReelError

_PHASES = {
    "starting": "Starting",
    "queued": "Waiting",
    "planning": "Planning",
    "rendering": "Rendering",
    "joining": "Putting it together",
}


class Console(Protocol):
    """Where a command says what it has to say."""

    def note(self, text: str) -> None:
        """Say something that has to be known."""
        ...

    def doing(self, text: str) -> None:
        """Say what takes a moment just now; of no interest once it is over."""
        ...

    def announce(self, record: Record) -> None:
        """Show a job's progress."""
        ...

    def result(self, fields: dict[str, Json], text: str) -> None:
        """Say how it ended: `fields` to a machine, `text` to a person."""
        ...

    def fault(self, error: ReelError) -> None:
        """Say what is wrong."""
        ...


class MachineConsole:
    """JSON lines on stdout, the last of them the result or the error's envelope; the rest on stderr."""

    def note(self, text: str) -> None:
        """See Console."""
        print(_one_line(text), file=sys.stderr, flush=True)

    def doing(self, text: str) -> None:
        """See Console."""
        self.note(text)

    def announce(self, record: Record) -> None:
        """See Console."""
        progress = record.progress
        self._line(
            {
                "state": record.state,
                "phase": progress.phase,
                "done": progress.done,
                "total": progress.total,
                "fps": progress.fps,
                "eta_s": progress.eta_s,
            }
        )

    def result(self, fields: dict[str, Json], text: str) -> None:  # noqa: ARG002 - a machine reads fields
        """See Console."""
        self._line(fields)

    def fault(self, error: ReelError) -> None:
        """See Console."""
        self._line(error.envelope())

    def _line(self, fields: dict[str, Json]) -> None:
        _print(json.dumps(fields))  # in ASCII, whatever the terminal's encoding is


class HumanConsole:
    """A progress bar while a job runs, where there is a terminal; a sentence at the end."""

    def __init__(self) -> None:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # as stderr: a file's name may be text in no encoding
        self._rich = RichConsole(stderr=True, highlight=False, soft_wrap=True)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[so_far]}", markup=False),
            console=self._rich,
            transient=True,
            disable=not self._rich.is_terminal,
        )
        self._task: tuple[TaskID, str] | None = None

    @contextmanager
    def live(self) -> Generator[None]:
        """Take the bar away at the end; the first thing that takes a moment puts it up."""
        try:
            yield
        finally:
            self._take_away()

    def note(self, text: str) -> None:
        """See Console."""
        self._rich.print(_one_line(text), markup=False)

    def doing(self, text: str) -> None:
        """See Console."""
        self._show(_one_line(text), 0, 0, "")

    def announce(self, record: Record) -> None:
        """See Console."""
        progress = record.progress
        if record.state == "running":
            what = _PHASES.get(progress.phase, progress.phase.capitalize())
            self._show(what, progress.done, progress.total, _so_far(progress))

    def result(self, fields: dict[str, Json], text: str) -> None:  # noqa: ARG002 - a person reads the text
        """See Console."""
        self._take_away()
        _print(text)

    def fault(self, error: ReelError) -> None:
        """See Console."""
        self._rich.print(_one_line(error.message), markup=False, style="red")

    def _show(self, what: str, done: int, total: int, so_far: str) -> None:
        if self._task is None or self._task[1] != what:  # a bar of its own, or it would be full from the one before
            self._forget()
            self._task = self._bar.add_task(what, total=None, so_far=""), what
        self._bar.update(self._task[0], completed=done, total=total or None, so_far=so_far)
        if not self._bar.live.is_started:
            self._bar.start()

    def _take_away(self) -> None:
        if self._bar.live.is_started:
            self._bar.stop()
        self._forget()

    def _forget(self) -> None:
        if self._task is not None:
            self._bar.remove_task(self._task[0])
            self._task = None


def _so_far(progress: Done) -> str:
    if progress.total < 2:
        return ""
    told = [f"{progress.done} of {progress.total} frames"]
    if progress.fps:
        told.append(f"{progress.fps:.1f} a second")
    if progress.eta_s:
        minutes, seconds = divmod(round(progress.eta_s), 60)
        told.append(f"{minutes}:{seconds:02} left")
    return ", ".join(told)


def _one_line(text: str) -> str:
    """Return `text` without what would break its line or speak to the terminal: names of files come from anywhere."""
    return "".join(character if character.isprintable() else "�" for character in text)


def _print(text: str) -> None:
    """Print to stdout. When nobody reads it any more, the work goes on in silence."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
