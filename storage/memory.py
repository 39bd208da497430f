"""A Bucket in memory: the reference implementation, and what tests pass in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock

from reel.errors import AlreadyExists, Conflict, NotFound
from reel.keys import checked_key
from storage.bucket import Fetched


@dataclass(slots=True)
class MemoryBucket:
    """Objects in a dict. An etag is the body's MD5 in quotes, as S3 has it: the same bytes, the same etag."""

    _objects: dict[str, Fetched] = field(default_factory=dict[str, Fetched])
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
            written = self._objects[key] = _fetched(body)
        return written.etag

    def put(self, key: str, body: bytes) -> None:
        """See Bucket."""
        with self._lock:
            self._objects[checked_key(key)] = _fetched(body)

    def delete(self, key: str) -> None:
        """See Bucket."""
        with self._lock:
            self._objects.pop(checked_key(key), None)

    def keys(self, prefix: str) -> Iterator[str]:
        """See Bucket."""
        with self._lock:
            found = sorted(key for key in self._objects if key.startswith(prefix))
        yield from found


def _fetched(body: bytes) -> Fetched:
    return Fetched(bytes(body), f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"')
