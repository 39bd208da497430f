"""What a user's database needs of a store: whole objects, read and written on a condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Fetched:
    """An object as it was read. The etag is opaque, as the store gave it."""

    body: bytes
    etag: str


class Bucket(Protocol):
    """Whole objects. A write is all or nothing and durable when it returns; readers see the old object or the new one.

    Every method raises BadField for what is no key, and StoreUnavailable. A read is repeated by the caller, so that
    it never raises AnswerLost.
    """

    def fetch(self, key: str, known: str | None = None) -> Fetched | None:
        """Return an object with its etag; None while its etag is still `known`. Raises NotFound."""
        ...

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        """Write an object if its etag is still `etag`, or with None if there is no object yet; return the new etag.

        Asked of the store exactly once: a second try would meet the first one's success and call it a conflict.
        Raises Conflict (another etag, or no object), AlreadyExists (with None), StorageFull, StoreUnavailable, all of
        which changed nothing; and AnswerLost, after which nobody knows.
        """
        ...

    def put(self, key: str, body: bytes) -> None:
        """Write an object, whatever was there. Raises StorageFull, AnswerLost."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; fine if there is none. Raises AnswerLost."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Iterate the keys that begin with `prefix`, in order."""
        ...
