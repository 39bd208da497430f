"""The embedded store in processes of its own, which can be killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.objectstore import local_endpoint
from storage.endpoint import Endpoint

SERVE = """
import resource, sys
from pathlib import Path
from local.objectstore import local_endpoint, serve
folder, port, most_bytes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
if most_bytes:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
serve(folder, local_endpoint(folder, port), ready=lambda: print("ready", flush=True))
"""


@contextmanager
def served_by_a_process(
    folder: Path, port: int, most_bytes: int = 0
) -> Iterator[tuple[Endpoint, subprocess.Popen[str]]]:
    """Serve a folder in a process; its files can grow to `most_bytes`, if that is not 0. Killed -9 at the end."""
    arguments = [sys.executable, "-c", SERVE, str(folder), str(port), str(most_bytes)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        assert process.stdout.readline() == "ready\n"
        yield local_endpoint(folder, port), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
