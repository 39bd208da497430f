"""The protocol by which a user's database is changed in the store: compare-and-swap of a whole object.

    pace → refresh → draft on a private copy → keep the old one if it is due → PUT If-Match → publish
              ↑                                                                  │
              └── 412: the command again, on the new state ──────────────────────┤
              └── 429, 503: a second or two later ───────────────────────────────┤
              └── no answer: the draft looks its operations up, so that one that was applied is not applied again

One straight line in one thread: the clock, the store and chance are passed in, so that a test can play it through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from reel import keys
from reel.errors import AlreadyExists, AnswerLost, Conflict, ReelError, StoreUnavailable
from storage import history
from storage.bucket import Bucket
from storage.image import seal
from storage.newest import Newest
from storage.patience import Pace, Patience

Step: TypeAlias = Literal["refreshed", "migrated", "drafted", "kept", "replaced", "published", "pruned"]
At: TypeAlias = Callable[[Step], None]
"""Is told each step once it is done: where a test kills the process."""

_CROWDED = "Too many devices are writing at once. Nothing was changed: try again."


@dataclass(frozen=True, slots=True)
class Draft:
    """The image that shall be the next version. `kept` is the version that the history gets first, if it is due."""

    image: bytes
    version: int
    kept: int | None


@dataclass(frozen=True, slots=True)
class Written:
    """A draft that is durable, and its object's etag."""

    draft: Draft
    etag: str


def commit(
    user: str,
    bucket: Bucket,
    refresh: Callable[[], Newest],
    draft_on: Callable[[Newest], Draft | None],
    patience: Patience,
    pace: Pace,
    at: At,
) -> Written | None:
    """Write what `draft_on` makes of the newest image; None if it has nothing to write.

    `draft_on` is asked again for every new state, also where an earlier draft of its may have been written unheard.
    Raises StoreUnavailable (nothing was changed), AnswerLost (nobody knows: the operation has to come again), and
    what `refresh` and `draft_on` raise.
    """
    key = keys.database(user)
    doubt: Newest | None = None  # what a draft was made on whose answer was lost: it may still land
    while True:
        pace.wait()
        try:
            based_on = refresh()
            at("refreshed")
            if doubt and doubt.etag != based_on.etag:
                doubt = None  # the object has moved on: the lost one landed and will be found, or never will
            draft = draft_on(based_on)
            if draft is None:
                return None
            at("drafted")
            if draft.kept is not None:
                history.keep(bucket, user, draft.kept, based_on.body)
                at("kept")
            try:
                etag = bucket.replace(key, seal(draft.image), based_on.etag)
            except AnswerLost:
                doubt = based_on
                raise
            finally:
                pace.written()
            at("replaced")
            return Written(draft, etag)
        except ReelError as fault:
            if patience.lasts(fault):
                continue
            if doubt:
                raise AnswerLost(key=key) from fault
            if isinstance(fault, Conflict | AlreadyExists):
                raise StoreUnavailable(_CROWDED) from fault
            raise
