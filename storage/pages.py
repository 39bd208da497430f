"""Pages: a list a bit at a time, each beginning behind the last row of the one before (keyset paging)."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar

from reel.errors import BadField
from reel.fields import LARGEST_INTEGER

MOST: Final = 200
USUAL: Final = 50

LAST_TEXT: Final = "~"
"""Behind every id and every moment: where a falling list begins. A rising one begins behind ""."""

Key: TypeAlias = "tuple[int | str, ...]"
T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a list. `next` is what to give as `after` for the rest, None at the list's end."""

    items: tuple[T, ...]
    next: str | None

    def of(self, items: Sequence[S]) -> Page[S]:
        """Return the same page of something else."""
        return Page(tuple(items), self.next)


def checked_limit(limit: int) -> int:
    """Return `limit`, 1 to 200; else raise BadField."""
    if type(limit) is not int or not 1 <= limit <= MOST:
        raise BadField("/limit", f"has to be from 1 to {MOST}")
    return limit


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], Key]) -> Page[T]:
    """Return the page that the first `limit` of `rows` make; one row more says that there is a next one."""
    shown = tuple(rows[:limit])
    return Page(shown, _told(key(shown[-1])) if len(rows) > limit else None)


def place(after: str | None, start: Key) -> Key:
    """Return the key that a page begins behind: that of `after`, or `start`, whose types it has to have.

    Raises BadField for a text that no page told.
    """
    if after is None:
        return start
    try:
        found: object = json.loads(urlsafe_b64decode(after.encode() + b"=" * (-len(after) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise BadField("/after", "is the end of no page") from None
    if not isinstance(found, list) or [type(part) for part in found] != [type(part) for part in start]:
        raise BadField("/after", "is the end of no page")
    if any(isinstance(part, int) and abs(part) > LARGEST_INTEGER for part in found):
        raise BadField("/after", "is the end of no page")
    if any(isinstance(part, str) and not part.isprintable() for part in found):  # half of a surrogate pair, too
        raise BadField("/after", "is the end of no page")
    return tuple(found)


def _told(key: Key) -> str:
    return urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")
