"""One job from start to end on this machine: run it beside the terminal, stop it on Ctrl-C, deliver what it made."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

from jobs.ports import Record, Store
from jobs.run import Result, run
from jobs.spec import Spec
from jobs.tools import Tools
from local.console import Console
from local.folder import FULL
from reel import keys
from reel.errors import Cancelled, IllegalMove, Internal, Json, OutputUnwritable, ReelError, StorageFull, from_envelope

_STOPPED = "Stopped. What was rendered is kept: the next run goes on from there."
_HEARD_S = 0.2  # how soon Ctrl-C is heard where the system gave the signal to another thread, which wakes nobody
_STOP_S = 1.0  # a cancelled job has stopped by then; one that has not is in a single network call, and is left


def do(spec: Spec, tools: Tools, console: Console) -> dict[str, Json]:
    """Run a job and return its value. Raises what it failed with; Cancelled after Ctrl-C."""
    tools.ledger.create(Record(job=spec.job, user=spec.user, kind=spec.kind))
    ended: list[Result | ReelError] = []
    over = threading.Event()  # and not the thread's join: once interrupted, Python 3.11 takes the thread for ended
    threading.Thread(target=_run, args=(spec, tools, ended, over), name="job", daemon=True).start()
    try:
        while not over.wait(_HEARD_S):
            pass
    except KeyboardInterrupt:
        console.doing("Stopping")
        with suppress(IllegalMove):  # it has just ended by itself
            tools.ledger.move(spec.job, "cancel")
        over.wait(_STOP_S)
        if not ended:
            raise Cancelled(_STOPPED) from None
    for key in (keys.result(spec.user, spec.job), keys.segment_list(spec.user, spec.job)):
        tools.store.delete(key)  # nobody asks for it again: here a job ends with its process
    if not ended:
        raise Internal("The job ended without a word.")
    if isinstance(ended[0], ReelError):
        raise ended[0]
    if ended[0].outcome == "cancelled":
        raise Cancelled(_STOPPED)
    if ended[0].error is not None:
        raise from_envelope(ended[0].error)
    return cast("dict[str, Json]", ended[0].value)


def require_writable(output: Path, *sources: Path) -> None:
    """Make sure, before any work, that `output` can be written and is none of the sources. Raises OutputUnwritable."""
    folder = output.parent
    try:
        if not folder.is_dir():
            raise OutputUnwritable(f"There is no folder {folder}.")
        if output.is_dir():
            raise OutputUnwritable(f"{output} is a folder.")
        if output.exists() and not output.is_file():
            raise OutputUnwritable(f"{output} is no ordinary file.")
        if output.exists() and any(_is(source, output) for source in sources):
            raise OutputUnwritable(f"{output} is the input itself; it would be lost.")
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as fault:
        raise _named(fault, output) from fault


@contextmanager
def arriving(output: Path) -> Generator[Path]:
    """Give a free name beside `output`; what stands there in the end becomes `output`, whole or not at all.

    Raises OutputUnwritable and StorageFull.
    """
    partial = output.with_name(f".reel-{secrets.token_hex(8)}{output.suffix}")
    try:
        yield partial
        partial.replace(output)
    except OSError as fault:
        raise _named(fault, output) from fault
    finally:
        partial.unlink(missing_ok=True)


def deliver(key: str, store: Store, output: Path) -> None:
    """Move an object to `output`, whole or not at all."""
    try:
        with store.open(key) as made, arriving(output) as partial:
            shutil.copyfile(cast("Path", made), partial)
    finally:
        store.delete(key)


def _run(spec: Spec, tools: Tools, ended: list[Result | ReelError], over: threading.Event) -> None:
    try:
        ended.append(run(spec, tools))
    except ReelError as fault:  # the result itself could not be written
        ended.append(fault)
    finally:
        over.set()


def _is(source: Path, output: Path) -> bool:
    try:
        return output.samefile(source)
    except OSError:
        return False  # whoever reads the source says what is wrong with it


def _named(fault: OSError, output: Path) -> ReelError:
    if fault.errno in FULL:
        return StorageFull(f"The disk is full: {output} was not written.")
    return OutputUnwritable(f"{output} cannot be written: {fault.strerror}.")
