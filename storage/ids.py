"""Fresh ids: UUIDv7, which sort by the time they were made (RFC 9562, 5.7)."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def uuid7() -> str:
    """Return a new id in canonical text."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | secrets.randbits(62)
    return str(UUID(int=value))
