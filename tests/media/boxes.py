"""The boxes of an mp4, to write what no encoder here does: edit lists, and what a phone says of its picture."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts"}
STSD_HEAD = 8  # bytes before the entries

Edit: TypeAlias = tuple[Fraction, Fraction]  # how long, and from where in the film, in s


def box(kind: bytes, body: bytes) -> bytes:
    """Return a box."""
    return struct.pack(">I", len(body) + 8) + kind + body


def boxes(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Iterate (kind, body) of boxes that stand one behind the other."""
    at = 0
    while at < len(body):
        size = struct.unpack(">I", body[at : at + 4])[0]
        yield body[at + 4 : at + 8], body[at + 8 : at + size]
        at += size


def rebuilt(body: bytes, change: Callable[[bytes, bytes], bytes]) -> bytes:
    """Return boxes with the bodies that `change` makes of theirs, from the innermost outwards."""
    made: list[bytes] = []
    for kind, inner in boxes(body):
        walked = rebuilt(inner, change) if kind in HOLDERS else inner
        made.append(box(kind, change(kind, walked)))
    return b"".join(made)


def with_edits(source: Path, path: Path, edits: Sequence[Edit]) -> Path:
    """Copy an mp4 whose index stands at its end, with `edits` where every track has one of its own."""
    body = source.read_bytes()
    moov = next(inner for kind, inner in boxes(body) if kind == b"moov")
    movie_scale = _scale(next(inner for kind, inner in boxes(moov) if kind == b"mvhd"))

    def edited(kind: bytes, inner: bytes) -> bytes:
        if kind != b"trak":
            return inner
        scale = _scale(_within(inner, b"mdia", b"mdhd"))
        begin = struct.unpack(">i", _within(inner, b"edts", b"elst")[12:16])[0]  # what comes before it is run-up
        entries = [
            struct.pack(">IiI", round(lasts * movie_scale), begin + round(since * scale), 1 << 16)
            for lasts, since in edits
        ]
        elst = box(b"elst", struct.pack(">II", 0, len(edits)) + b"".join(entries))
        return b"".join(box(*((b"edts", elst) if each[0] == b"edts" else each)) for each in boxes(inner))

    path.write_bytes(rebuilt(body, edited))
    return path


def with_entry_box(source: Path, path: Path, name: bytes, added: bytes) -> Path:
    """Copy an mp4 whose index stands at its end; call the picture's sample entry `name` and add a box to it."""

    def described(kind: bytes, inner: bytes) -> bytes:
        entry = inner[STSD_HEAD:]
        if kind != b"stsd" or entry[4:8] not in {b"hvc1", b"hev1"}:
            return inner
        return inner[:STSD_HEAD] + box(name, entry[8:] + added)

    path.write_bytes(rebuilt(source.read_bytes(), described))
    return path


def _within(body: bytes, *kinds: bytes) -> bytes:
    for wanted in kinds:
        body = next(inner for kind, inner in boxes(body) if kind == wanted)
    return body


def _scale(header: bytes) -> int:
    return struct.unpack(">I", header[12:16])[0]
