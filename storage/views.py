"""Views: how often a shared reel was watched, counted so that nobody can be found in it.

    {user}/views/{reel}.json    {"day", "shares": {share: {"views", "last_on", "seen"?}}}

Whoever watches counts once a day. No address is kept, neither in the store nor in a log: of the address and the
browser's name, of the day and of the link's token an HMAC is made, and of that 12 bits are kept, as one of 4096 marks
of that day. So a mark stands for a 4096th of all the browsers that there are; without the token, which is kept nowhere,
it says nothing at all; and with the first view of the next day the marks are gone. Two viewers in 4096 who share a mark
count as one: the price of it. Nobody can count more than 4096 times a day, however many names they give.

It is an object beside the database, which a stranger never makes anybody write, and it is written at most once a minute
by each process: what comes meanwhile is kept in memory, and is lost if the process dies within that minute. Marks are
merged, so that processes which count the same viewer count them once, and a write that is repeated adds nothing.
"""

from __future__ import annotations

import hmac
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from threading import Lock, Timer
from typing import Any, Final, TypeAlias

from reel import keys
from reel.errors import AlreadyExists, AnswerLost, Conflict, NotFound, StorageFull, StoreUnavailable
from storage.bucket import Bucket
from storage.clock import Clock
from storage.objects import Objects

MARKS: Final = 4096
EVERY_S: Final = 60.0
MOST_KNOWN: Final = 1000
"""Reels whose marks one process remembers; of those that were watched longest ago it asks the store again."""
TRIES: Final = 4

Later: TypeAlias = Callable[[float, Callable[[], None]], None]


@dataclass(frozen=True, slots=True)
class Watched:
    """How often a share was watched, and on which day last, in UTC."""

    views: int = 0
    last_on: str | None = None


@dataclass(slots=True)
class _Known:
    """What this process knows of one reel on one day: the marks that it wrote or is to write, by share."""

    day: str
    marks: dict[str, int] = field(default_factory=dict[str, int])
    unwritten: dict[str, int] = field(default_factory=dict[str, int])
    written_s: float = float("-inf")
    waits: bool = False


def in_a_while(wait_s: float, act: Callable[[], None]) -> None:
    """Do something later, in a thread of its own that keeps nobody from ending."""
    timer = Timer(wait_s, act)
    timer.daemon = True
    timer.start()


class Views:
    """Counts who watches. Safe for threads; it raises nothing where the store is away: then less is counted."""

    def __init__(self, objects: Objects, clock: Clock, later: Later = in_a_while) -> None:
        self._bucket: Bucket = objects
        self._clock, self._later = clock, later
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._lock = Lock()

    def watched(self, user: str, reel: str, share: str, viewer: tuple[str, ...], token: str) -> Callable[[], None]:
        """Note that somebody watches: `viewer` is all that tells them from others. Return what is to be done then.

        That may ask the store, so it is for after the answer.
        """
        day = self._today()
        mark = 1 << mark_of(token, day, viewer)
        with self._lock:
            known, behind = self._of(user, reel, day)
            if known.marks.get(share, 0) & mark:
                return _nothing
            known.marks[share] = known.marks.get(share, 0) | mark
            known.unwritten[share] = known.unwritten.get(share, 0) | mark
            wait_s = known.written_s + EVERY_S - self._clock.steady_s()
            if wait_s <= 0:
                known.written_s = self._clock.steady_s()
                return partial(self._write, user, reel, *behind, known)
            if known.waits:
                return _nothing
            known.waits = True
        return partial(self._later, wait_s, partial(self._write_waiting, user, reel, known))

    def of_reel(self, user: str, reel: str) -> Mapping[str, Watched]:
        """Return how often each share of a reel was watched, as far as this process can tell; none is none."""
        with suppress(StoreUnavailable):
            said, _ = self._read(user, reel)
            with self._lock:
                known = self._known.get((user, reel))
                unwritten = dict(known.unwritten) if known else {}
            _merge(said, known.day if known else said["day"], unwritten)
            return {name: Watched(one["views"], one["last_on"]) for name, one in said["shares"].items()}
        return {}

    def _of(self, user: str, reel: str, day: str) -> tuple[_Known, list[_Known]]:
        """Return what is known of a reel on a day, and what is still to be written of the day before."""
        known = self._known.get((user, reel))
        behind = [known] if known and known.day != day and known.unwritten else []
        if known is None or known.day != day:
            known = self._known[user, reel] = _Known(day)
        self._known.move_to_end((user, reel))
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return known, behind

    def _write_waiting(self, user: str, reel: str, known: _Known) -> None:
        with self._lock:
            known.waits, known.written_s = False, self._clock.steady_s()
        self._write(user, reel, known)

    def _write(self, user: str, reel: str, *several: _Known) -> None:
        for known in several:
            self._write_one(user, reel, known)

    def _write_one(self, user: str, reel: str, known: _Known) -> None:
        """Add what is not written; what cannot be written now is, with the next view."""
        with self._lock:
            taken, known.unwritten = known.unwritten, {}
        try:
            self._add(user, reel, known.day, taken)
        except (StoreUnavailable, StorageFull, AnswerLost):
            with self._lock:
                for share, marks in taken.items():
                    known.unwritten[share] = known.unwritten.get(share, 0) | marks

    def _add(self, user: str, reel: str, day: str, taken: Mapping[str, int]) -> None:
        for _ in range(TRIES):
            said, etag = self._read(user, reel)
            if not _merge(said, day, taken):
                return
            with suppress(Conflict, AlreadyExists):  # another process was first: its marks are merged, too
                self._bucket.replace(keys.views(user, reel), json.dumps(said).encode(), etag)
                return
        raise StoreUnavailable

    def _read(self, user: str, reel: str) -> tuple[dict[str, Any], str | None]:
        try:
            fetched = self._bucket.fetch(keys.views(user, reel))
        except NotFound:
            return {"day": "", "shares": {}}, None
        assert fetched is not None, "asked without an etag, a store answers with the object"
        return json.loads(fetched.body), fetched.etag

    def _today(self) -> str:
        return datetime.fromtimestamp(self._clock.time_s(), UTC).date().isoformat()


def mark_of(token: str, day: str, viewer: tuple[str, ...]) -> int:
    """Return which of the day's marks of a link a viewer is."""
    said = json.dumps([day, *viewer]).encode()
    digest = hmac.digest(token.encode("utf-8", "surrogatepass"), said, "sha256")
    return int.from_bytes(digest[:2]) % MARKS


def _merge(said: dict[str, Any], day: str, marks: Mapping[str, int]) -> bool:
    """Put marks of a day into what is said of a reel; say whether that changed anything."""
    if day > said["day"]:
        for one in said["shares"].values():
            one.pop("seen", None)
    changed = False
    for share, new in marks.items():
        one = said["shares"].setdefault(share, {"views": 0, "last_on": day})
        seen = int(one.get("seen", "0"), 16) if day >= said["day"] else 0
        if not new & ~seen:
            continue
        one["views"] += (new & ~seen).bit_count()
        one["last_on"] = max(one["last_on"], day)
        if day >= said["day"]:
            one["seen"] = f"{seen | new:x}"
        changed = True
    said["day"] = max(said["day"], day)
    return changed


def _nothing() -> None:
    """Nothing is to be done."""
