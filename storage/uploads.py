"""Uploads: large files straight from the browser to the store, in parts; to be resumed, sent once, and verified.

An upload goes to the key that its source will have, and each file to a key of its own: nothing is there before it is
complete, and nothing is ever written twice. What has arrived is what the store lists, never what a client says.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Protocol, TypeAlias, TypeVar, get_args

from reel import keys
from reel.errors import AlreadyExists, AnswerLost, BadField, Conflict, Json, NotFound, SourceEmpty, SourceTooBig
from reel.fields import Field
from storage import sources, upload_rows
from storage.objects import Head, Objects, Part
from storage.rows import missing
from storage.upload_rows import Completion, Upload

LEAST_PART_BYTES: Final = 16 * 2**20
MEBIBYTE: Final = 2**20
USUAL_PARTS: Final = 9_000  # of the 10,000 that S3 takes
MOST_BYTES: Final = 20 * 10**9
MOST_URLS: Final = 20
URL_LIFE_S: Final = 3600
ABANDONED: Final = timedelta(hours=48)
TOUCHED_EVERY: Final = timedelta(hours=1)
MOST_NAME: Final = 255  # characters, as a disk's

T = TypeVar("T")
How: TypeAlias = Literal["new", "resumed", "already"]
Also: TypeAlias = Callable[[sqlite3.Connection, sources.Source], None]
"""What else becomes true when a file has arrived, in the same transaction: the job that looks it over."""


class Database(Protocol):
    """One user's database. `write` may run its command again on a newer state, and answers when it is durable."""

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a query says."""
        ...

    def write(self, command: Callable[[sqlite3.Connection], Json]) -> Json:
        """Apply a command once; return its answer, or the first one if it was applied before."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that somebody wants to bring: under which new id, to which part of which game, and what it is.

    The fingerprint is a sha256 over its size and its first, middle and last MiB, as the browser worked it out.
    """

    id: str
    game_id: str
    part: int
    name: str
    size_bytes: int
    fingerprint: str
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Begun:
    """What came of it. `already`: the file is there, as this source of this game; no upload is needed."""

    how: How
    source_id: str
    game_id: str
    upload: Upload | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """How far an upload is, by the store: the numbers of its parts, and how many bytes they are."""

    upload: Upload
    parts: tuple[int, ...]
    arrived_bytes: int


@dataclass(frozen=True, slots=True)
class PartUrl:
    """Where one part is to be PUT, of exactly so many bytes."""

    number: int
    size_bytes: int
    url: str


@dataclass(frozen=True, slots=True)
class Uploads:
    """The uploads of one user, in their database and in the store."""

    user: str
    database: Database
    store: Objects

    def begin(self, wanted: Wanted, now: str) -> Begun:
        """Begin an upload, or go on with the one under way, or say that the file is there already.

        Raises NotFound (the game), AlreadyExists (footage at this part), SourceEmpty, SourceTooBig, BadField.
        """
        ext = _checked(wanted)
        known = self.database.read(lambda connection: _known(connection, wanted, refuse=True))
        if known.how == "resumed" and known.upload:
            return Begun("resumed", known.source_id, known.game_id, self._standing(known.upload, now))
        if known.how == "already":
            return known
        key = keys.original(self.user, wanted.game_id, wanted.id, ext)
        multipart = self.store.begin_upload(key, wanted.content_type)
        upload = Upload(
            id=wanted.id,
            game_id=wanted.game_id,
            part=wanted.part,
            name=wanted.name,
            size_bytes=wanted.size_bytes,
            fingerprint=wanted.fingerprint,
            key=key,
            multipart=multipart,
            content_type=wanted.content_type,
            part_bytes=part_bytes(wanted.size_bytes),
            created_at=now,
            touched_at=now,
        )

        def command(connection: sqlite3.Connection) -> Json:
            again = _known(connection, wanted)
            if again.how == "new":
                upload_rows.add(connection, upload, ext, now)
            used = None if again.how == "already" else (again.upload or upload).multipart
            return {"how": again.how, "source_id": again.source_id, "multipart": used}

        answer = Field(self.database.write(command)).members("how", "source_id", "multipart")
        how, source_id = answer["how"].choice(get_args(How)), answer["source_id"].uuid()
        if answer["multipart"].value != multipart:  # somebody was faster, or this was asked before
            self.store.abort_upload(key, multipart)
        return self.database.read(lambda connection: _begun(connection, how, source_id))

    def state(self, upload_id: str) -> Arrived:
        """Return how far an upload is. Raises NotFound."""
        upload = self.database.read(lambda connection: upload_rows.get(connection, upload_id))
        if upload.completed_at is not None or (parts := self._parts(upload)) is None:
            whole = upload.completed_at is not None or self._whole(upload) is not None
            count, size = (upload.part_count, upload.size_bytes) if whole else (0, 0)
            return Arrived(upload, tuple(range(1, count + 1)), size)
        right = [part for part in parts if part.size_bytes == upload.piece_bytes(part.number)]
        return Arrived(upload, tuple(part.number for part in right), sum(part.size_bytes for part in right))

    def part_urls(self, upload_id: str, numbers: Sequence[int], now: str) -> tuple[PartUrl, ...]:
        """Return where some parts go, at most 20, each for an hour. Raises NotFound, BadField.

        A part that has arrived is not to be sent again: if that fails, the store may have lost the old one.
        """
        upload = self.database.read(lambda connection: upload_rows.require(connection, upload_id))
        asked = [number.integer(1, upload.part_count) for number in Field(list(numbers), "/parts").items(MOST_URLS)]
        if _at(upload.touched_at) + TOUCHED_EVERY < _at(now):
            self._write(lambda connection: upload_rows.touch(connection, upload_id, now))
        return tuple(
            PartUrl(
                number,
                upload.piece_bytes(number),
                self.store.presign_part(upload.key, upload.multipart, number, upload.piece_bytes(number), URL_LIFE_S),
            )
            for number in dict.fromkeys(asked)
        )

    def complete(self, upload_id: str, now: str, also: Also) -> sources.Source:
        """Make an upload whole and its source's bytes known, once; doing so again returns the source.

        Raises NotFound, BadField with `missing` and `wrong` parts, AnswerLost (come again), StoreUnavailable.
        """
        upload = self.database.read(lambda connection: upload_rows.get(connection, upload_id))
        if upload.completed_at is None:
            head = self._joined(upload)
            if self.database.write(lambda connection: _arrive(connection, upload, head, now, also)) == "gone":
                self.store.delete(upload.key)  # given up while it was joined: nobody knows of these bytes
                raise missing("upload", upload_id)
        return self.database.read(lambda connection: sources.get(connection, upload_id))

    def abort(self, upload_id: str, now: str) -> None:
        """Give an upload up; one that is completed stays. Raises NotFound."""
        upload = self.database.read(lambda connection: upload_rows.get(connection, upload_id))
        if upload.completed_at is None:
            self.store.abort_upload(upload.key, upload.multipart)
            self._write(lambda connection: upload_rows.drop(connection, upload_id, now))

    def sweep(self, now: str, also: Also) -> int:
        """Give up what nobody went on with for 48 hours; return how many. One that did arrive whole is completed."""
        before = _at(now) - ABANDONED
        every = self.database.read(upload_rows.every)
        idle = [upload for upload in every if _at(upload.touched_at) < before]
        found = self.store.uploads(keys.user_prefix(self.user))
        standing = {upload.multipart for upload in every}
        lost = [one for one in found if one.id not in standing and one.begun < before]
        for upload in idle:
            self.store.abort_upload(upload.key, upload.multipart)
        for one in lost:  # begun, but the row was never written
            self.store.abort_upload(one.key, one.id)
        heads = [(upload, self._whole(upload)) for upload in idle]

        def command(connection: sqlite3.Connection) -> None:
            now_open = {upload.id: upload for upload in upload_rows.every(connection)}
            for upload, head in heads:
                if now_open.get(upload.id) != upload:
                    continue  # somebody came back to it just now
                if head:
                    _arrive(connection, upload, head, now, also)
                else:
                    upload_rows.drop(connection, upload.id, now)

        if idle:
            self._write(command)
        return len(idle) + len(lost)

    def _standing(self, upload: Upload, now: str) -> Upload:
        """Return an open upload that its store still knows: begun anew there if it was given up."""
        if self._parts(upload) is not None or self._whole(upload):
            return upload
        multipart = self.store.begin_upload(upload.key, upload.content_type)
        try:
            self._write(lambda connection: upload_rows.renew(connection, upload, multipart, now))
        except Conflict:
            self.store.abort_upload(upload.key, multipart)
        return self.database.read(lambda connection: upload_rows.get(connection, upload.id))

    def _joined(self, upload: Upload) -> Head:
        """Join the parts to the object, unless that has happened; return what the store says of it."""
        parts = self._parts(upload)
        if parts is not None:
            _verify(upload, parts)
            try:
                self.store.complete_upload(upload.key, upload.multipart, parts, create_only=True)
            except (AlreadyExists, NotFound):
                pass  # by another call of ours, whose answer nobody heard: what is there tells
            except AnswerLost:
                if self._whole(upload) is None:
                    raise
        head = self._whole(upload)
        if head is None:
            raise missing("upload", upload.id)
        return head

    def _parts(self, upload: Upload) -> list[Part] | None:
        """Return what has arrived, None if the store no longer knows the upload."""
        try:
            return self.store.parts(upload.key, upload.multipart)
        except NotFound:
            return None

    def _whole(self, upload: Upload) -> Head | None:
        """Return the object that the upload has become, if it has."""
        try:
            head = self.store.head(upload.key)
        except NotFound:
            return None
        return head if head.size_bytes == upload.size_bytes else None

    def _write(self, command: Callable[[sqlite3.Connection], None]) -> None:
        def answered(connection: sqlite3.Connection) -> Json:
            command(connection)
            return None

        self.database.write(answered)


def part_bytes(size_bytes: int) -> int:
    """Return how long the parts of a file are: at least 16 MiB, whole MiB, at most 9,000 of them."""
    return max(LEAST_PART_BYTES, -(-size_bytes // USUAL_PARTS // MEBIBYTE) * MEBIBYTE)


def _checked(wanted: Wanted) -> str:
    """Return the file's extension."""
    keys.checked_uuid(wanted.id, "/id")
    keys.checked_digest(wanted.fingerprint)
    if Field(wanted.size_bytes, "/size_bytes").integer(0) == 0:
        raise SourceEmpty(field="/size_bytes")
    if wanted.size_bytes > MOST_BYTES:
        raise SourceTooBig(field="/size_bytes", size_bytes=wanted.size_bytes)
    name = Field(wanted.name, "/name").text(MOST_NAME)
    ext = name.rpartition(".")[2].lower() if "." in name else ""
    if ext not in keys.ORIGINAL_EXTENSIONS:
        raise BadField("/name", f"has to end with one of {', '.join(sorted(keys.ORIGINAL_EXTENSIONS))}")
    return ext


def _known(connection: sqlite3.Connection, wanted: Wanted, *, refuse: bool = False) -> Begun:
    """Return what there is of a file like this one; with `refuse` raise what would speak against a new one."""
    if source := sources.with_bytes(connection, wanted.fingerprint, wanted.size_bytes):
        return Begun("already", source.id, source.game_id, None)
    if upload := upload_rows.under_way(connection, wanted.fingerprint, wanted.size_bytes):
        return Begun("resumed", upload.id, upload.game_id, upload)
    if refuse:  # before anything is begun in the store
        sources.replaced_at(connection, wanted.game_id, wanted.part)
        if sources.several(connection, [wanted.id]):
            raise AlreadyExists("There is a source under this id already.", id=wanted.id)
    return Begun("new", wanted.id, wanted.game_id, None)


def _begun(connection: sqlite3.Connection, how: How, source_id: str) -> Begun:
    source = sources.get(connection, source_id)
    return Begun(how, source.id, source.game_id, None if how == "already" else upload_rows.get(connection, source.id))


def _arrive(connection: sqlite3.Connection, upload: Upload, head: Head, now: str, also: Also) -> Completion:
    """Note that a file is there. The etag is a digest of its parts' digests: with their length it names the content."""
    content = keys.content_hash([upload.size_bytes, upload.part_bytes, head.etag])
    completion = upload_rows.complete(connection, upload.id, content, now)
    if completion == "now":
        also(connection, sources.get(connection, upload.id))
    return completion


def _verify(upload: Upload, parts: Sequence[Part]) -> None:
    """Raise BadField unless all parts are there, each as long as it has to be."""
    found = {part.number: part.size_bytes for part in parts}
    numbers = range(1, upload.part_count + 1)
    lacking: list[Json] = [number for number in numbers if number not in found]
    wrong: list[Json] = [n for n, size in found.items() if n not in numbers or size != upload.piece_bytes(n)]
    if lacking or wrong:
        count = f"{len(lacking)} of {upload.part_count} parts are missing"
        told = count if lacking else f"{len(wrong)} parts have the wrong size"
        raise BadField("/parts", told, missing=lacking, wrong=wrong)


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC)
