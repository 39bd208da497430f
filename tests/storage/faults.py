"""A store that does what stores do on bad days, request by request, as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from reel.errors import AlreadyExists, AnswerLost, Conflict, StorageFull, StoreUnavailable
from storage.bucket import Bucket, Fetched

FAULTS = ("refused", "conflict", "lost", "unsent", "late", "cut", "slow", "full")
"""refused: 429, 503 or no connection. conflict: a 409 out of nothing. lost: done, but no answer comes. unsent: not
done, and no answer. late: no answer, and it may be done later. cut: half of a body. slow: half a minute. full: 507."""


@dataclass(frozen=True)
class Late:
    """A write that is still on its way when its writer has given up on it."""

    key: str
    body: bytes
    etag: str | None


class FaultyBucket:
    """A Bucket in front of another. `next_fault` is asked at each request, `between` lets others go first.

    `landed` has every body that a conditional write put in place, in order.
    """

    def __init__(
        self,
        inner: Bucket,
        next_fault: Callable[[], str] = lambda: "",
        between: Callable[[], None] = lambda: None,
        pass_by: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.inner = inner
        self.landed: list[tuple[str, bytes]] = []
        self.late: list[Late] = []
        self.requests: list[tuple[str, str]] = []
        self._next_fault = next_fault
        self._between = between
        self._pass_by = pass_by

    def fetch(self, key: str, known: str | None = None) -> Fetched | None:
        fault = self._request("fetch", key)
        fetched = self.inner.fetch(key, known)
        if fault == "cut" and fetched:
            return Fetched(fetched.body[: len(fetched.body) // 2], fetched.etag)
        return fetched

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        fault = self._request("replace", key)
        if fault == "conflict":
            raise Conflict(key=key)
        if fault == "late":
            self.late.append(Late(key, body, etag))
        if fault in {"late", "unsent"}:
            raise AnswerLost(key=key)
        written = self._replace(Late(key, body, etag))
        self._between()
        if fault == "lost":
            raise AnswerLost(key=key)
        return written

    def put(self, key: str, body: bytes) -> None:
        fault = self._request("put", key)
        if fault != "unsent":
            self.inner.put(key, body)
        if fault in {"lost", "unsent", "late"}:
            raise AnswerLost(key=key)

    def delete(self, key: str) -> None:
        fault = self._request("delete", key)
        if fault != "unsent":
            self.inner.delete(key)
        if fault in {"lost", "unsent", "late"}:
            raise AnswerLost(key=key)

    def keys(self, prefix: str) -> Iterator[str]:
        self._request("keys", prefix)
        yield from self.inner.keys(prefix)

    def arrive(self, late: Late) -> bool:
        """Let a late write reach the store; return whether it still could be done."""
        self.late.remove(late)
        with suppress(Conflict, AlreadyExists):
            self._replace(late)
            return True
        return False

    def _replace(self, late: Late) -> str:
        etag = self.inner.replace(late.key, late.body, late.etag)
        self.landed.append((late.key, late.body))
        return etag

    def _request(self, what: str, key: str) -> str:
        self._between()
        self.requests.append((what, key))
        fault = self._next_fault()
        if fault == "slow":
            self._pass_by(30.0)
        if fault == "refused":
            raise StoreUnavailable
        if fault == "full" and what in {"replace", "put", "delete"}:
            raise StorageFull
        return fault
