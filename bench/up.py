"""The whole service as `./run up` starts it, over a folder of its own: what is measured from outside."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.programs import scrubbed
from storage.endpoint import Endpoint

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Up:
    """A service that runs."""

    url: str
    pid: int

    @property
    def rss_mb(self) -> float:
        """The most memory that the API's process has held, in MiB; without its store and workers."""
        return _held_mb(self.pid)

    @property
    def store_rss_mb(self) -> float:
        """The most that the embedded store has held."""
        return max(_held_mb(pid) for pid in _children(self.pid) if "store" in _words(pid))


@contextmanager
def up(folder: Path, bucket: Endpoint | None = None) -> Iterator[Up]:
    """Serve `folder` at a free port until the block ends; with a bucket, that is where users' objects are."""
    environment = scrubbed(folder) | {"DATA_DIR": str(folder), "PORT": "0"} | _settings(bucket)
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "up", "--json"],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    try:
        yield Up(json.loads(process.stdout.readline())["url"], process.pid)
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def import_s(module: str) -> float:
    """Return how long a fresh process takes to have a module: what a cold start waits for."""
    return _run_s(f"import {module}") - _run_s("pass")


def _run_s(program: str) -> float:
    began_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, check=True)
    return time.perf_counter() - began_s


def _settings(bucket: Endpoint | None) -> dict[str, str]:
    if bucket is None:
        return {}
    return {
        "R2_ENDPOINT_URL": bucket.url,
        "R2_BUCKET_NAME": bucket.bucket,
        "R2_ACCESS_KEY_ID": bucket.access_key_id,
        "R2_SECRET_ACCESS_KEY": bucket.secret_access_key,
    }


def _held_mb(pid: int) -> float:
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 2**10


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in found for child in path.read_text().split()]


def _words(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
