"""What a user's database is now: one conditional GET."""

from __future__ import annotations

from dataclasses import dataclass

from reel import keys
from reel.errors import NotFound, SnapshotDamaged, StoreUnavailable
from storage.bucket import Bucket, Fetched
from storage.copies import Copies
from storage.image import seal, unseal
from storage.migrate import Migrations

_READS = 3


@dataclass(frozen=True, slots=True)
class Newest:
    """An image with its object's etag; no bytes and no etag where there is no object yet.

    Of an object that is no database of ours, `damaged` has the bytes, and the image none.
    """

    etag: str | None
    image: bytes
    damaged: bytes = b""

    @property
    def body(self) -> bytes:
        """The object as it lies in the store."""
        return self.damaged or seal(self.image)


def newest(bucket: Bucket, copies: Copies, migrations: Migrations, user: str) -> Newest:
    """Return the newest image: the copy of this process if the store still has the same, else the store's.

    A body that is no database of ours is asked for again, since it may have been cut on its way: a damaged answer is
    no damaged object. Raises SnapshotDamaged, SchemaTooNew, StoreUnavailable.
    """
    key = keys.database(user)
    damaged: SnapshotDamaged | None = None
    for _ in range(_READS):
        known = copies.known(user)
        image = known.image() if known else None
        etag = known.etag if known and image else None
        try:
            fetched = bucket.fetch(key, etag)
        except NotFound:
            copies.forget(user)
            return Newest(None, b"")
        if fetched is None:
            assert image is not None, "asked without an etag, a store answers with the object"
            return Newest(etag, image)
        try:
            image = unseal(fetched.body, key)
        except SnapshotDamaged as found:
            damaged = found
            continue
        migrations.require_known(image, key)
        copies.keep(user, fetched.etag, image)
        return Newest(fetched.etag, image)
    assert damaged is not None, "the loop ends early or with a damaged body"
    raise damaged


def newest_of_any(bucket: Bucket, user: str) -> Newest:
    """Return what is there, be it damaged or of a newer release: what a restored snapshot takes the place of.

    It counts as damaged when two reads find the same bytes. Raises StoreUnavailable if no two do.
    """
    key = keys.database(user)
    before: Fetched | None = None
    for _ in range(_READS):
        try:
            fetched = bucket.fetch(key)
        except NotFound:
            return Newest(None, b"")
        assert fetched is not None, "asked without an etag, a store answers with the object"
        try:
            return Newest(fetched.etag, unseal(fetched.body, key))
        except SnapshotDamaged:
            if fetched == before:
                return Newest(fetched.etag, b"", fetched.body)
            before = fetched
    raise StoreUnavailable
