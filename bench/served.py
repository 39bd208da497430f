"""Object stores in processes of their own, which say in the end how much memory they took.

Imports nothing but what it serves: a process that is measured begins here.
"""

from __future__ import annotations

import logging
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from storage.endpoint import Endpoint


@dataclass(slots=True)
class Served:
    """A store that runs; `rss_mb`, the most memory that its process held, is known once it has ended."""

    endpoint: Endpoint
    rss_mb: float = 0.0


@contextmanager
def served(serve: Callable[[Connection, Path], None], folder: Path) -> Iterator[Served]:
    """Run one of the `serve_…` below over a folder."""
    fresh = get_context("spawn")  # nothing of this process's memory is in the new one
    ours, theirs = fresh.Pipe()
    process = fresh.Process(target=serve, args=(theirs, folder), daemon=True)
    process.start()
    theirs.close()  # or nobody would hear that the process died
    store = Served(ours.recv())
    try:
        yield store
    finally:
        ours.send("stop")
        store.rss_mb = ours.recv()
        process.kill()  # it has said all: nothing of it is worth waiting for
        process.join()


def serve_embedded(pipe: Connection, folder: Path) -> None:
    """Serve the embedded store until told to stop."""
    from local.objectstore import local_endpoint, running

    with running(folder, local_endpoint(folder, 0)) as endpoint:
        _until_told(pipe, endpoint)


def serve_paced(pipe: Connection, folder: Path) -> None:
    """Serve the embedded store with R2's pace, one write a second for one key, until told to stop."""
    from local.objectstore import Rules, local_endpoint, running

    with running(folder, local_endpoint(folder, 0), Rules(one_write_a_second=True)) as endpoint:
        _until_told(pipe, endpoint)


def serve_moto(pipe: Connection, _: Path) -> None:
    """Serve moto, with one bucket, until told to stop."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = Endpoint(f"http://{host}:{port}", "bench", "moto", "moto")
    connection = HTTPConnection(host, port)
    connection.request("PUT", f"/{endpoint.bucket}")
    connection.getresponse().close()
    connection.close()
    _until_told(pipe, endpoint)
    server.stop()


def _until_told(pipe: Connection, endpoint: Endpoint) -> None:
    pipe.send(endpoint)
    pipe.recv()
    pipe.send(_most_memory_mb())


def _most_memory_mb() -> float:
    status = Path("/proc/self/status")
    if status.exists():  # where there is one, getrusage counts the process that this one was forked from, too
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
