"""How fast the embedded object store takes and gives a large object, and what memory that takes, beside moto's.

Through the product's own client, so that signing and hashing at both ends are counted, and to the disk: an object
stands there when it is acknowledged. moto keeps it in memory and checks no signature.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.footage import Benched
from bench.served import serve_embedded, serve_moto, served
from storage.objects import Objects
from storage.reader import BLOCK_BYTES

SIZE_MB = 500
KEY = "dev-local/large"


def measure(_: Benched) -> dict[str, object]:
    """Return the bench's line, in megabytes (10⁶) a second."""
    body = os.urandom(10**6) * SIZE_MB
    ours, moto = (_measured(serve, body) for serve in (serve_embedded, serve_moto))
    return {**ours, **{f"moto_{name}": value for name, value in moto.items()}}


def _measured(serve: Callable[[Connection, Path], None], body: bytes) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        scratch = Path(folder, "scratch")
        scratch.write_bytes(body)
        with served(serve, Path(folder, "objectstore")) as store, closing(Objects(store.endpoint)) as objects:
            put_s = _seconds(lambda: objects.put(KEY, body))
            get_s = _seconds(lambda: _read_through(objects, body))
            objects.delete(KEY)
            multipart_s = _seconds(lambda: objects.put_file(KEY, scratch))
            _check(objects.read_range(KEY, len(body) - 10**6, len(body)), body[-(10**6) :])
    speeds = {"put_mb_s": put_s, "get_mb_s": get_s, "multipart_mb_s": multipart_s}
    return {**{name: round(SIZE_MB / took_s, 1) for name, took_s in speeds.items()}, "rss_mb": round(store.rss_mb, 1)}


def _seconds(work: Callable[[], object]) -> float:
    begun_s = time.perf_counter()
    work()
    return time.perf_counter() - begun_s


def _read_through(objects: Objects, body: bytes) -> None:
    """Read the object as a job reads footage: in ranges, the next one on its way while this one is looked at."""
    with objects.open(KEY) as reader:
        for place in range(0, len(body), BLOCK_BYTES):
            _check(reader.read(BLOCK_BYTES), body[place : place + BLOCK_BYTES])


def _check(got: bytes, body: bytes) -> None:
    if got != body:
        raise AssertionError("what was read is not what was written")
