"""A Bucket in memory: the reference implementation, and what tests pass in."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from reel.errors import AlreadyExists, Conflict, NotFound
from reel.keys import checked_key
from storage.bucket import Fetched
from storage.parts import Listed


@dataclass(slots=True)
class MemoryBucket:
    """Objects in a dict. An etag is the body's MD5 in quotes, as S3 has it: the same bytes, the same etag."""

    clock: Callable[[], float] = time.time
    _objects: dict[str, Fetched] = field(default_factory=dict[str, Fetched])
    _modified: dict[str, datetime] = field(default_factory=dict[str, datetime])
    _lock: Lock = field(default_factory=Lock)

    def fetch(self, key: str, known: str | None = None) -> Fetched | None:
        """See Bucket."""
        try:
            fetched = self._objects[checked_key(key)]
        except KeyError as absent:
            raise NotFound(key=key) from absent
        return None if fetched.etag == known else fetched

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        """See Bucket."""
        with self._lock:
            there = self._objects.get(checked_key(key))
            if etag is None and there:
                raise AlreadyExists(key=key)
            if etag is not None and (there is None or there.etag != etag):
                raise Conflict(key=key)
            return self._keep(key, body).etag

    def put(self, key: str, body: bytes) -> None:
        """See Bucket."""
        with self._lock:
            self._keep(checked_key(key), body)

    def delete(self, key: str) -> None:
        """See Bucket."""
        with self._lock:
            self._objects.pop(checked_key(key), None)

    def keys(self, prefix: str) -> Iterator[str]:
        """See Bucket."""
        with self._lock:
            found = sorted(key for key in self._objects if key.startswith(prefix))
        yield from found

    def sizes(self, prefix: str) -> Iterator[Listed]:
        """See storage.meter.Listing."""
        checked_key(f"{prefix}x", "/prefix")
        with self._lock:
            found = [(key, self._objects[key], self._modified[key]) for key in sorted(self._objects)]
        yield from (Listed(key, len(one.body), at) for key, one, at in found if key.startswith(prefix))

    def _keep(self, key: str, body: bytes) -> Fetched:
        self._objects[key] = _fetched(body)
        self._modified[key] = datetime.fromtimestamp(self.clock(), UTC)
        return self._objects[key]


def _fetched(body: bytes) -> Fetched:
    return Fetched(bytes(body), f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"')
