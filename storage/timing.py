"""What the store cost one request, for Server-Timing and for the promised log lines."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from storage.bucket import Bucket, Fetched
from storage.clock import Clock


@dataclass(slots=True)
class Timing:
    """Adds up while a request is served. Pacing is not in it, waiting for a store that said no is."""

    store_s: float = 0.0
    requests: int = 0

    def add(self, other: Timing) -> None:
        """Add what another one counted."""
        self.store_s += other.store_s
        self.requests += other.requests


@dataclass(frozen=True, slots=True)
class TimedBucket:
    """A Bucket that counts its requests and their time."""

    bucket: Bucket
    clock: Clock
    timing: Timing

    def fetch(self, key: str, known: str | None = None) -> Fetched | None:
        """See Bucket."""
        with self._request():
            return self.bucket.fetch(key, known)

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        """See Bucket."""
        with self._request():
            return self.bucket.replace(key, body, etag)

    def put(self, key: str, body: bytes) -> None:
        """See Bucket."""
        with self._request():
            self.bucket.put(key, body)

    def delete(self, key: str) -> None:
        """See Bucket."""
        with self._request():
            self.bucket.delete(key)

    def keys(self, prefix: str) -> Iterator[str]:
        """See Bucket."""
        with self._request():
            found = list(self.bucket.keys(prefix))
        yield from found

    def sleep(self, wait_s: float) -> None:
        """Wait because of the store."""
        with self._taking_time():
            self.clock.sleep(wait_s)

    @contextmanager
    def _request(self) -> Generator[None]:
        self.timing.requests += 1
        with self._taking_time():
            yield

    @contextmanager
    def _taking_time(self) -> Generator[None]:
        began_s = self.clock.steady_s()
        try:
            yield
        finally:
            self.timing.store_s += self.clock.steady_s() - began_s
