"""One job from start to end on this machine: run it beside the terminal, stop it on Ctrl-C, deliver what it made."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import cast

from jobs.ports import Record
from jobs.run import Result, run
from jobs.spec import Spec
from jobs.tools import Tools
from local.console import Console
from reel import keys
from reel.errors import Cancelled, Json, OutputUnwritable, from_envelope

_STOP_S = 1.0  # a cancelled job has stopped by then; one that has not is in a single network call, and is left


def do(spec: Spec, tools: Tools, console: Console) -> dict[str, Json]:
    """Run a job and return its value. Raises what it failed with; Cancelled after Ctrl-C."""
    tools.ledger.create(Record(job=spec.job, user=spec.user, kind=spec.kind))
    ended: list[Result] = []
    worker = threading.Thread(target=lambda: ended.append(run(spec, tools)), name="job", daemon=True)
    worker.start()
    try:
        while worker.is_alive():
            worker.join(0.2)
    except KeyboardInterrupt:
        console.note("Stopping")
        tools.ledger.move(spec.job, "cancel")
        worker.join(_STOP_S)
        if not ended:
            raise Cancelled from None
    result = ended[0]
    if result.error is not None:
        raise from_envelope(result.error)
    return cast("dict[str, Json]", result.value)


def require_writable(output: Path, *sources: Path) -> None:
    """Make sure, before any work, that `output` can be written and is none of the sources. Raises OutputUnwritable."""
    folder = output.parent
    if not folder.is_dir():
        raise OutputUnwritable(f"There is no folder {folder}.")
    if output.is_dir():
        raise OutputUnwritable(f"{output} is a folder.")
    if any(output.exists() and source.exists() and output.samefile(source) for source in sources):
        raise OutputUnwritable(f"{output} is the input itself; it would be lost.")
    try:
        handle, probe = tempfile.mkstemp(prefix=f".{output.name}.", dir=folder)
    except OSError as fault:
        raise OutputUnwritable(f"{folder} cannot be written: {fault.strerror}.") from fault
    os.close(handle)
    Path(probe).unlink()


def deliver(spec: Spec, key: str, tools: Tools, output: Path) -> None:
    """Copy an object to `output`, whole or not at all, and drop what the job leaves in the store beside segments."""
    handle, name = tempfile.mkstemp(prefix=f".{output.name}.", dir=output.parent)
    os.close(handle)
    partial = Path(name)
    try:
        with tools.store.open(key) as made:
            shutil.copyfile(cast("Path", made), partial)
        partial.chmod(0o644)
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)
    tools.store.delete(key)
    tools.store.delete(keys.result(spec.user, spec.job))
