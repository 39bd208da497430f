"""The small copy: a version of a reel that a messenger takes, of at most 16 MB."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from jobs.spec import Frozen, SmallCopySpec
from jobs.tools import Report, Tools
from media.probe import probe
from media.small_copy import write_small_copy

BLOCK_BYTES: Final = 4 << 20


class SmallCopied(Frozen):
    """A small copy: where it lies, how large it is, and of which size its picture is: a long reel has fewer lines."""

    key: str
    size_bytes: int
    size_px: tuple[int, int]


def small_copy(spec: SmallCopySpec, tools: Tools, report: Report) -> SmallCopied:
    """Encode a finished version again, small. Raises NotFound (it is gone), BadInput (it is too long), Cancelled."""
    report(phase="checking")
    with TemporaryDirectory(dir=tools.scratch) as folder:
        path = Path(folder, "small.mp4")
        with tools.store.open(spec.source_key) as footage:
            film = footage if isinstance(footage, Path) else _fetched(footage, Path(folder, "film.mp4"), report)
            made = write_small_copy(path, film, probe(film), partial(_told, report))
        report(phase="storing")
        tools.store.put_file(spec.output_key, path)
    return SmallCopied(key=spec.output_key, size_bytes=made.size_bytes, size_px=(made.size.width, made.size.height))


def _fetched(footage: BinaryIO, film: Path, report: Report) -> Path:
    """Bring a film of a bucket here: ffmpeg reads files."""
    with film.open("wb") as file:
        while block := footage.read(BLOCK_BYTES):
            file.write(block)
            report()
    return film


def _told(report: Report, done: int, total: int) -> None:
    report(phase="encoding", done=done, total=total)
