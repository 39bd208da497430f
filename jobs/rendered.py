"""What was rendered before: pieces in the store under the hash of what they depend on, made once and opened again."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from jobs.ports import Store
from jobs.tools import Report
from media.decode import picture_count
from media.open import Footage
from reel import keys
from reel.errors import AlreadyExists, BadSource, NotFound, SegmentDamaged


def missing(lengths: Mapping[str, int], user: str, store: Store, report: Report) -> list[str]:
    """Return the hashes of which the store has no piece; `lengths` are frames by hash. Raises Cancelled."""
    absent: list[str] = []
    for digest in lengths:
        report()
        if not store.exists(keys.segment(user, digest)):
            absent.append(digest)
    return absent


def keep(digest: str, path: Path, user: str, store: Store) -> None:
    """Put a finished piece into the store, unless another job has put the same there meanwhile."""
    with suppress(AlreadyExists):
        store.put_file(keys.segment(user, digest), path, create_only=True)


@contextmanager
def rendered(digest: str, frame_count: int, user: str, store: Store) -> Generator[Footage]:
    """Open a piece that has to be there. A damaged object is removed, or it would stand in the way for ever.

    Raises SegmentDamaged.
    """
    key = keys.segment(user, digest)
    with ExitStack() as opened:
        try:
            footage = opened.enter_context(store.open(key))
            found = picture_count(footage)
        except (NotFound, BadSource):
            footage, found = None, 0
        if footage is None or found != frame_count:
            store.delete(key)
            raise SegmentDamaged(key=key)
        yield footage


def counting_from(report: Report, base: int) -> Report:
    """Return a report that counts on from `base`."""

    def counting(*, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
        report(done=None if done is None else base + done, total=total, phase=phase)

    return counting
