"""The meter: how much of the store a user takes up, by what it is, from one listing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final, Protocol

from reel import keys
from storage.parts import Listed

_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "games": "footage_bytes",
        "final_videos": "reels_bytes",
        "drafts": "framings_bytes",
        "working_videos": "framings_bytes",
        "segments": "segments_bytes",
        "raw_clips": "raw_clips_bytes",
        "downloads": "downloads_bytes",
        "history": "history_bytes",
    }
)


class Listing(Protocol):
    """A store that tells the sizes of what is in it."""

    def sizes(self, prefix: str) -> Iterator[Listed]:
        """Iterate the objects whose keys begin with `prefix`, in the order of their keys. Raises StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """What a user takes up. Footage is with its proxies and sprites, framings are drafts and working videos."""

    footage_bytes: int = 0
    reels_bytes: int = 0
    framings_bytes: int = 0
    segments_bytes: int = 0
    raw_clips_bytes: int = 0
    downloads_bytes: int = 0
    history_bytes: int = 0
    other_bytes: int = 0

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return sum(getattr(self, field.name) for field in fields(self))


def stored(objects: Listing, user: str) -> Stored:
    """Return what a user takes up; uploads that are not whole yet are not in it. Raises StoreUnavailable."""
    prefix = keys.user_prefix(user)
    found: dict[str, int] = {}
    for listed in objects.sizes(prefix):
        folder = listed.key.removeprefix(prefix).partition("/")[0]
        kind = _KINDS.get(folder, "other_bytes")
        found[kind] = found.get(kind, 0) + listed.size_bytes
    return Stored(**found)
