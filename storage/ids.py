"""Fresh ids: UUIDv7, which sort by the time they were made (RFC 9562, 5.7), in one process also within a moment."""

from __future__ import annotations

import secrets
import time
from threading import Lock
from uuid import UUID

_lock = Lock()
_newest = 0  # the first 60 bits of the last one: milliseconds and, in 12 bits, a count (6.2, method 1)


def uuid7() -> str:
    """Return a new id in canonical text, greater than all that this process made before."""
    global _newest  # noqa: PLW0603 - what no two threads may be given
    with _lock:
        _newest = max(time.time_ns() // 1_000_000 << 12 | secrets.randbits(11), _newest + 1)
        first = _newest
    value = (first >> 12 << 80) | (0x7 << 76) | ((first & 0xFFF) << 64) | (0b10 << 62) | secrets.randbits(62)
    return str(UUID(int=value))
