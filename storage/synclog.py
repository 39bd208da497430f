"""The log lines of synchronisation, which operators were promised byte for byte."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

SLOW_S = 0.5
LARGE_BYTES = 1_000_000
ALARM_BYTES = 5_000_000


def hashed(user: str) -> str:
    """Return what stands for a user in the logs outside the local home: the same each time, and not their id."""
    return hashlib.sha256(user.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class SyncLog:
    """Writes them to `logger`; `shown` says how a user is named. The numbers stand beside the text as `extra`."""

    logger: logging.Logger
    shown: Callable[[str], str]

    def synced(self, user: str, version: int, size_bytes: int | None, store_s: float) -> None:
        """Say that a version is durable; the size is unknown where the store's answer to the write was lost."""
        name = self.shown(user)
        said = {"user": name, "version": version, "size_bytes": size_bytes, "sync_s": round(store_s, 3)}
        self.logger.info(f"Database synced to R2 for user: {name}, version: {version}", extra=said)
        if size_bytes is not None and size_bytes > LARGE_BYTES:
            level = logging.ERROR if size_bytes > ALARM_BYTES else logging.WARNING
            self.logger.log(level, f"[LARGE DB] user: {name}, size: {size_bytes / 1e6:.2f} MB", extra=said)

    def slow(self, route: str, store_s: float) -> None:
        """Say that one request's synchronisation took long, if it did."""
        if store_s > SLOW_S:
            said = {"route": route, "sync_s": round(store_s, 3)}
            self.logger.warning(f"[SLOW DB SYNC] {route} - sync took {store_s:.2f}s", extra=said)
