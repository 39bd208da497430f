"""What the terminal says: progress and notes on stderr for a person, or JSON lines on stdout for a machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console as RichConsole
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

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
        """Say something in passing."""
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
    """JSON lines on stdout, the last of them the result or the error's envelope; notes on stderr."""

    def note(self, text: str) -> None:
        """See Console."""
        print(text, file=sys.stderr, flush=True)

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
        print(json.dumps(fields, ensure_ascii=False), flush=True)


class HumanConsole:
    """A progress bar while a job runs; a sentence at the end."""

    def __init__(self) -> None:
        self._rich = RichConsole(stderr=True, highlight=False, soft_wrap=True)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
            console=self._rich,
            transient=True,
        )
        self._task = self._bar.add_task("Starting", total=None, speed="")

    @contextmanager
    def live(self) -> Generator[None]:
        """Take the bar away at the end; the first progress of a job puts it up."""
        try:
            yield
        finally:
            self._take_away()

    def note(self, text: str) -> None:
        """See Console."""
        self._rich.print(text, markup=False)

    def announce(self, record: Record) -> None:
        """See Console."""
        progress = record.progress
        if record.state == "running" and not self._bar.live.is_started:
            self._bar.start()
        self._bar.update(
            self._task,
            description=_PHASES.get(progress.phase, progress.phase.capitalize()),
            completed=progress.done,
            total=progress.total or None,
            speed=f"{progress.fps:.1f} frames/s" if progress.fps else "",
        )

    def result(self, fields: dict[str, Json], text: str) -> None:  # noqa: ARG002 - a person reads the text
        """See Console."""
        self._take_away()
        print(text, flush=True)

    def fault(self, error: ReelError) -> None:
        """See Console."""
        self._rich.print(error.message, markup=False, style="red")

    def _take_away(self) -> None:
        if self._bar.live.is_started:
            self._bar.stop()
