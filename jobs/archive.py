"""Archive: objects of a user in one zip, as they are: footage does not get smaller. What is gone is told in a list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from jobs.ports import Store
from jobs.spec import ArchiveMember, ArchiveSpec, Frozen
from jobs.tools import Report, Tools
from media.open import Footage
from media.packets import size_of
from reel import keys
from reel.errors import BadField, NotFound

MISSING: Final = "missing.txt"
"""The name of the list of what was not there any more."""

_BLOCK_BYTES: Final = 4 * 2**20
_LONGEST: Final = 200  # characters of one part of a name: with four bytes each still a file's everywhere
_DATE: Final = (1980, 1, 1, 0, 0, 0)  # no wall clock enters a file
_PLAIN: Final = 0o644 << 16  # readable, where it is unpacked


class Archived(Frozen):
    """An archive: where it lies, how many files are in it, and the names of those that were not there any more."""

    key: str
    files: int
    size_bytes: int
    missing: tuple[str, ...]


def archive(spec: ArchiveSpec, tools: Tools, report: Report) -> Archived:
    """Write the zip, a block at a time; progress counts files. Raises BadField, Cancelled."""
    for number, member in enumerate(spec.members):
        if not member.key.startswith(keys.user_prefix(spec.user)):
            raise BadField(f"/members/{number}/key", "is somebody else's")
    report(phase="packing", total=len(spec.members))
    missing: list[str] = []
    with TemporaryDirectory(dir=tools.scratch) as folder:
        path = Path(folder, "archive.zip")
        with ZipFile(path, "w", ZIP_STORED, allowZip64=True) as packed:
            named = list(_named(spec.members))
            for number, (name, member) in enumerate(named, 1):
                if not _packed(packed, name, member.key, tools.store, report):
                    missing.append(name)
                report(done=number)
            if missing:
                body = "These files were not there any more:\n" + "".join(f"{name}\n" for name in missing)
                packed.writestr(_info(MISSING), body)
        size_bytes = path.stat().st_size
        report(phase="storing")
        tools.store.put_file(spec.output_key, path)
    return Archived(key=spec.output_key, files=len(named) - len(missing), size_bytes=size_bytes, missing=tuple(missing))


def _packed(packed: ZipFile, name: str, key: str, store: Store, report: Report) -> bool:
    """Copy an object into the zip; False if it is not there."""
    try:
        with store.open(key) as footage:
            info = _info(name)
            info.file_size = size_of(footage)
            with packed.open(info, "w", force_zip64=True) as file:
                for block in _blocks(footage):
                    file.write(block)
                    report()
    except NotFound:
        return False
    return True


def _blocks(footage: Footage) -> Iterator[bytes]:
    if isinstance(footage, Path):
        with footage.open("rb") as file:
            yield from _read(file)
    else:
        yield from _read(footage)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK_BYTES):
        yield block


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, _DATE)
    info.external_attr = _PLAIN
    return info


def _named(members: tuple[ArchiveMember, ...]) -> Iterator[tuple[str, ArchiveMember]]:
    """Give each member a name that every system can unpack, none twice: "a.mp4", "a (2).mp4"."""
    taken = {MISSING}
    for member in members:
        name = wanted = _safe(member.name)
        number = 1
        while name.casefold() in taken:
            number += 1
            stem, dot, ext = wanted.rpartition(".") if "." in wanted.rpartition("/")[2] else (wanted, "", "")
            name = f"{stem} ({number}){dot}{ext}"
        taken.add(name.casefold())
        yield name, member


def _safe(name: str) -> str:
    """Return a relative name of plain parts: whatever a person called something, it stays in the folder."""
    parts = (_part(part) for part in name.replace("\\", "/").split("/"))
    return "/".join(part for part in parts if part) or "file"


def _part(part: str) -> str:
    encodable = part.encode(errors="replace").decode()
    plain = "".join("_" if ord(each) < 32 or each in '<>:"|?*\x7f' else each for each in encodable).strip(". ")
    stem, dot, ext = plain.rpartition(".")
    return stem[: _LONGEST - len(ext)] + dot + ext if stem and len(ext) < 10 else plain[:_LONGEST]
