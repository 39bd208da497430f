"""Segments: the pieces that a framing is joined of, as its worker listed them, and which of them are there by now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol

from reel import keys
from reel.errors import BadField, NotFound
from reel.fields import Field

MOST: Final = 100_000  # four hours in pieces of 4 s, each clip's edges cut off, are a tenth of that
AT_ONCE: Final = 8  # objects asked for side by side: a page of them takes the store a few rounds


class Objects(Protocol):
    """A store that objects are looked for in. Every method raises StoreUnavailable."""

    def read(self, key: str) -> bytes:
        """Return a whole object. Raises NotFound."""
        ...

    def exists(self, key: str) -> bool:
        """Say whether there is an object."""
        ...


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a framing's video: the frames [begin_frame, begin_frame + frames), under the hash that names it."""

    digest: str
    begin_frame: int
    frames: int


def of_job(objects: Objects, user: str, job: str) -> tuple[Segment, ...]:
    """Return the pieces of a framing, in order; none while its worker has said none. Raises StoreUnavailable."""
    try:
        return read_segments(objects.read(keys.segment_list(user, job)))
    except (NotFound, BadField):
        return ()


def read_segments(body: bytes) -> tuple[Segment, ...]:
    """Return the pieces that a segments.json lists. Raises BadField for what is none."""
    try:
        raw: object = json.loads(body)
    except (ValueError, RecursionError):
        raise BadField("", "is not JSON") from None
    made: list[Segment] = []
    begin = 0
    for one in Field(raw).members("schema", "segments")["segments"].required().items(MOST):
        told = one.members("digest", "frames")
        made.append(Segment(keys.checked_digest(told["digest"].text(64)), begin, told["frames"].integer(1)))
        begin += made[-1].frames
    return tuple(made)


def there(objects: Objects, user: str, segments: Iterable[Segment]) -> frozenset[str]:
    """Return the hashes of those pieces that the store has. Asks once for each; raises StoreUnavailable."""
    digests: Sequence[str] = tuple({segment.digest for segment in segments})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(objects.exists, [keys.segment(user, digest) for digest in digests])
        return frozenset(digest for digest, is_there in zip(digests, found, strict=True) if is_there)
