"""Leftovers: objects of a user that are old, of kinds that may go as soon as nothing refers to them.

Originals, reels, snapshots and the database are of no such kind: they go when a person says so, by a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from reel import keys
from storage.meter import Listing

Kind: TypeAlias = Literal["made", "segment", "result", "temp"]

_WEEK: Final = timedelta(days=7)
_OLD: Final[Mapping[str, tuple[Kind, timedelta]]] = MappingProxyType(
    {
        "previews": ("made", _WEEK),
        "windows": ("made", _WEEK),
        "raw_clips": ("made", _WEEK),
        "downloads": ("made", _WEEK),
        "drafts": ("made", _WEEK),
        "working_videos": ("made", _WEEK),
        "views": ("made", _WEEK),
        "segments": ("segment", timedelta(days=30)),
        "jobs": ("result", timedelta(days=1)),
        "temp": ("temp", timedelta(days=2)),
    }
)
"""By folder: what it holds, and how old that is before it is looked at. Each is older than any job may run."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What rows refer to: keys of what was made, keys of segments (None: not known), ids of jobs.

    While the user is `busy`, a job may be about to use what it has found.
    """

    made: frozenset[str]
    segments: frozenset[str] | None
    jobs: frozenset[str]
    busy: bool


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Old objects, each with its kind. They have to be listed before the rows are read that may refer to them."""

    found: tuple[tuple[str, Kind], ...]

    def __bool__(self) -> bool:
        return bool(self.found)

    def unneeded(self, needed: Needed) -> tuple[str, ...]:
        """Return the keys of those that nothing refers to."""
        return tuple(key for key, kind in self.found if not _is_needed(key, kind, needed))


def leftovers(objects: Listing, user: str, now: str) -> Leftovers:
    """List a user's objects, and return the old ones. Raises StoreUnavailable."""
    at, prefix = datetime.fromisoformat(now), keys.user_prefix(user)
    found: list[tuple[str, Kind]] = []
    for listed in objects.sizes(prefix):
        folder = _folder(listed.key.removeprefix(prefix))
        if folder in _OLD:
            kind, age = _OLD[folder]
            if listed.modified < at - age:
                found.append((listed.key, kind))
    return Leftovers(tuple(found))


def _folder(place: str) -> str:
    """Return the folder that says what an object is: of a source's, only its windows are of a kind that may go."""
    first, *inner = place.split("/")
    return "windows" if first == "games" and "windows" in inner[:-1] else first


def _is_needed(key: str, kind: Kind, needed: Needed) -> bool:
    match kind:
        case "made":
            return needed.busy or key in needed.made
        case "segment":
            return needed.busy or needed.segments is None or key in needed.segments
        case "result":
            return key.split("/")[-2] in needed.jobs
        case "temp":
            return False
