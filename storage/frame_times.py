"""Frame times: when each picture of a source is shown, as the ptsmap.json that ingest wrote says (docs/footage.md)."""

from __future__ import annotations

import json
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any, Final, Protocol

from reel import keys
from reel.errors import BadField, NotFound
from storage.sources import Source

MOST_FRAMES: Final = 240 * 4 * 3600  # the rate and the length that a source may have
REMEMBERED: Final = 4
"""Sources: two halves of the games that are being marked just now; 2.6 MB of memory for 90 minutes at 60 a second."""


class Reader(Protocol):
    """A store that objects are read from."""

    def read(self, key: str) -> bytes:
        """Return a whole object. Raises NotFound, StoreUnavailable."""
        ...


def read_ptsmap(body: bytes) -> Sequence[int]:
    """Return the frame times that a ptsmap.json holds. Raises BadField for what is none.

    Its runs are [frames, gap to the start that the run before left off at, …], in units of 1/denominator of a tick.
    """
    try:
        document: Any = json.loads(body)
        (numerator, denominator), runs = document["step"], document["runs"]
        if sum(runs[0::2]) > MOST_FRAMES:
            raise BadField("/runs", "there are more frames than a source may have")
        found, start = array("q"), 0
        for count, gap in zip(runs[0::2], runs[1::2], strict=True):
            start += gap
            found.extend((start + number * numerator) // denominator for number in range(count))
            start += count * numerator
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as fault:
        raise BadField("", "is no ptsmap") from fault
    return found


class FrameTimes:
    """The frame times of the sources that were asked for last. Safe for threads."""

    def __init__(self, store: Reader) -> None:
        self._store = store
        self._known: OrderedDict[str, Sequence[int]] = OrderedDict()  # by key: what stands there never changes
        self._lock = Lock()

    def of(self, source: Source, user: str) -> Sequence[int]:
        """Return a source's frame times; none where ingest has left none. Raises StoreUnavailable."""
        key = keys.ptsmap(user, source.game_id, source.id)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        try:
            found = read_ptsmap(self._store.read(key))
        except (NotFound, BadField):
            return ()
        with self._lock:
            self._known[key] = found
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found
