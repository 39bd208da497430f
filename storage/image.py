"""The bytes of a user's database: a whole SQLite file, and in the store its sha256 after it.

SQLite goes by the number of pages in the file's header, so that an object opens in any SQLite tool as it lies there,
while one that was cut short or changed is noticed before a row of it is believed. It is not compressed: at 5 MB zlib's
fastest level takes 105 ms of the 300 ms that a write may last, all the rest of the work here 20 ms.
"""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Final

from reel.errors import SnapshotDamaged

APPLICATION_ID: Final = 0x5265656C  # "Reel", at its place in the header of every database of ours
_MAGIC = b"SQLite format 3\0"
_MARK = b"\nreel sha256 "
_TRAILER_BYTES = len(_MARK) + 64 + 1
_HEADER_BYTES = 100


def seal(image: bytes) -> bytes:
    """Return what is written to the store: the image and its digest."""
    return b"".join((image, _MARK, digest(image).encode(), b"\n"))


def unseal(body: bytes, key: str) -> bytes:
    """Return the image of a body that was read from the store. Raises SnapshotDamaged for all that is none of ours."""
    image, trailer = body[:-_TRAILER_BYTES], body[-_TRAILER_BYTES:]
    if trailer != b"".join((_MARK, digest(image).encode(), b"\n")) or not _is_ours(image):
        raise SnapshotDamaged(key=key)
    return image


def digest(image: bytes) -> str:
    """Return the sha256 of an image, in hexadecimal."""
    return hashlib.sha256(image).hexdigest()


def schema_of(image: bytes) -> int:
    """Return how many migrations an image has seen: its PRAGMA user_version."""
    return int.from_bytes(image[60:64], "big")


def open_private(image: bytes) -> sqlite3.Connection:
    """Open a copy in memory, in autocommit, foreign keys on; of no bytes an empty one. Whoever opens it closes it."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    if image:
        connection.deserialize(image)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _is_ours(image: bytes) -> bool:
    """Say whether the header is that of a whole database of ours, and not in WAL mode, which cannot be deserialized."""
    if len(image) < _HEADER_BYTES or not image.startswith(_MAGIC) or image[18:20] != b"\1\1":
        return False
    page_bytes = int.from_bytes(image[16:18], "big")
    pages = int.from_bytes(image[28:32], "big")
    return len(image) == page_bytes * pages and int.from_bytes(image[68:72], "big") == APPLICATION_ID
