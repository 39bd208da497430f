"""The only subprocess for media: the pinned ffmpeg binary of imageio-ffmpeg, behind limits."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from media.open import FORMATS
from reel.errors import FfmpegFailed, MediaTimeout

# Decodes 8192×4352 in 10 bits; a 560 kB PNG that asks for 615 MB is stopped by max_pixels long before.
MAX_PIXELS = 40_000_000
MAX_ALLOC_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """What one ffmpeg may take before it is killed."""

    wall_s: float = 600.0
    memory_bytes: int = 12 << 30  # address space, of which threads reserve far more than they use
    cpu_s: int = 3600


def reading(path: Path, *options: str) -> list[str]:
    """Return the arguments that read `path`, with the lists that keep a hostile file from reaching out."""
    whitelists = ["-protocol_whitelist", "file,pipe", "-format_whitelist", FORMATS]
    return [*whitelists, "-max_pixels", str(MAX_PIXELS), *options, "-i", f"file:{path.resolve()}"]


def run(arguments: Sequence[str], *, stdin: bytes = b"", limits: Limits | None = None) -> bytes:
    """Run ffmpeg to its end; return what it wrote to stdout.

    Raises FfmpegFailed (with the tail of its own words) and MediaTimeout.
    """
    with running(arguments, limits=limits) as process:
        stdout, _ = process.communicate(stdin)
        return stdout


@contextmanager
def running(arguments: Sequence[str], *, limits: Limits | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Start ffmpeg with stdin and stdout as pipes; wait for it, or kill its whole group, on leaving.

    Raises FfmpegFailed and MediaTimeout on leaving, unless the body itself raised anything but the BrokenPipeError of
    writing to an ffmpeg that is gone.
    """
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="reel-ffmpeg-") as folder, tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            command(arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            cwd=folder,
            env={"LC_ALL": "C", "HOME": folder, "TMPDIR": folder},
            process_group=0,
        )
        _limit(process.pid, limits)
        overdue, deaf = threading.Event(), False
        timer = threading.Timer(limits.wall_s, _expire, (process, overdue))
        timer.start()
        try:
            yield process
            _drain(process)
        except BrokenPipeError:
            deaf = True
            process.wait()  # the timer's kill, or an end of its own: what is raised below says which
        finally:
            timer.cancel()
            _kill(process)
        if overdue.is_set():
            raise MediaTimeout(limit_s=limits.wall_s)
        if process.returncode or deaf:
            words.seek(0)
            raise _failure(words.read().decode(errors="replace").strip(), process.returncode)


def command(arguments: Sequence[str]) -> list[str]:
    """Return the whole argv: the pinned binary, its habits and `arguments`."""
    habits = ["-nostdin", "-hide_banner", "-v", "error", "-max_alloc", str(MAX_ALLOC_BYTES)]
    return [imageio_ffmpeg.get_ffmpeg_exe(), *habits, *arguments]


def _failure(said: str, exit_code: int) -> FfmpegFailed:
    """Name what went wrong: ffmpeg says the cause first and what followed from it after."""
    cause = re.sub(r"^\[[^]]*\] ", "", said.partition("\n")[0]) or f"it ended with exit code {exit_code}"
    return FfmpegFailed(f"ffmpeg failed: {cause}", stderr=said[-2000:], exit_code=exit_code)


def _limit(pid: int, limits: Limits) -> None:
    """Set the kernel's limits from outside: a preexec hook is unsafe beside threads. Not on macOS."""
    if not hasattr(resource, "prlimit"):
        return
    try:
        resource.prlimit(pid, resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
        resource.prlimit(pid, resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 5))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
    except ProcessLookupError:
        return  # it has ended already; its exit code says why


def _drain(process: subprocess.Popen[bytes]) -> None:
    """Close what the body left open and wait for the end."""
    for pipe in (process.stdin, process.stdout):
        if pipe and not pipe.closed:
            pipe.close()
    process.wait()


def _expire(process: subprocess.Popen[bytes], overdue: threading.Event) -> None:
    overdue.set()
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole group when it still runs, so that no child of it stays behind."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout):
        if pipe and not pipe.closed:
            try:
                pipe.close()
            except BrokenPipeError:
                continue  # unflushed input for a process that is gone
    process.wait()
