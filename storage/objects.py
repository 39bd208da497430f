"""The S3 store: objects, conditional writes, uploads in parts, signed addresses. The only place that speaks S3."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, cast

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
)

from reel.errors import (
    AlreadyExists,
    AnswerLost,
    BadField,
    Conflict,
    NotFound,
    ReelError,
    StorageFull,
    StoreUnavailable,
)
from reel.keys import checked_key
from storage.bucket import Fetched
from storage.clients import REGION, Clients, connections
from storage.direct import Answer, Direct
from storage.endpoint import Endpoint
from storage.parts import Head, Listed, Part, Upload
from storage.presign import checked_life, disposition, presignable
from storage.reader import BLOCK_BYTES, ObjectReader

__all__ = ["Endpoint", "Head", "Objects", "Part", "Upload"]

PART_BYTES: Final = 16 * 2**20
IN_PARTS_ABOVE_BYTES: Final = 64 * 2**20
MOST_PARTS: Final = 9000  # of the 10,000 that S3 allows
AT_ONCE: Final = 4  # parts sent, or objects deleted, side by side
TRIES: Final = 3

_NEVER_CONNECTED = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)
_ABSENT = frozenset({"404", "NoSuchKey", "NoSuchUpload"})
_WRONG_PARTS = frozenset({"InvalidPart", "InvalidPartOrder", "EntityTooSmall"})


class Objects:
    """A bucket at an S3 endpoint: a Store and a Bucket, with uploads and signed addresses. Safe for threads.

    Reads, and writes that may be done twice, are asked up to `tries` times. A write on a condition never is: it raises
    StoreUnavailable if nothing was applied, and AnswerLost where nobody knows.
    """

    def __init__(self, endpoint: Endpoint, tries: int = TRIES) -> None:
        self._bucket, self._tries = endpoint.bucket, tries
        self._clients = Clients(endpoint)
        self._direct = Direct(endpoint, REGION, connections(endpoint.url))

    def close(self) -> None:
        """Let go of the connections."""
        self._clients.close()
        self._direct.close()

    # A Store, as jobs.ports says

    @contextmanager
    def open(self, key: str) -> Generator[BinaryIO]:
        """See Store: a reader of ranges. It reads the object that it began with, or raises StoreUnavailable."""
        try:
            first, head = self._ranged(key, 0, BLOCK_BYTES)
        except _OutsideRange:
            first, head = b"", self.head(key)  # nothing has no first byte

        def fetch(start: int, stop: int) -> bytes:
            try:
                return self._ranged(key, start, stop, IfMatch=head.etag)[0]
            except (Conflict, NotFound) as changed:
                raise StoreUnavailable("The object was replaced while it was read.", key=key) from changed

        with ObjectReader(fetch, head.size_bytes, first) as reader:
            yield cast("BinaryIO", reader)

    def read(self, key: str) -> bytes:
        """See Store."""
        return self._got(key)[0]

    def exists(self, key: str) -> bool:
        """See Store."""
        try:
            self.head(key)
        except NotFound:
            return False
        return True

    def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
        """See Store. Raises AnswerLost too."""
        if create_only:
            self.replace(key, body, None)
            return
        with _faults(checked_key(key), "write"):
            self._patient.put_object(Bucket=self._bucket, Key=key, Body=body)

    def put_file(self, key: str, path: Path, *, create_only: bool = False) -> None:
        """See Store: the file is sent, in parts where it is large, and removed. Raises AnswerLost too."""
        size_bytes = path.stat().st_size
        if size_bytes <= IN_PARTS_ABOVE_BYTES:
            self.put(key, path.read_bytes(), create_only=create_only)
        else:
            self._put_in_parts(key, path, size_bytes, create_only=create_only)
        path.unlink()

    def delete(self, key: str) -> None:
        """See Store. Raises AnswerLost too."""
        with _faults(checked_key(key), "write"):
            self._patient.delete_object(Bucket=self._bucket, Key=key)

    def keys(self, prefix: str) -> Iterator[str]:
        """See Store. A thousand at a time: what is written meanwhile may come or not."""
        return (listed.key for listed in self.sizes(prefix))

    def sizes(self, prefix: str) -> Iterator[Listed]:
        """Iterate the objects whose keys begin with `prefix`, in the order of their keys. Raises StoreUnavailable."""
        checked_key(f"{prefix}x", "/prefix")
        pages = self._patient.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        with _faults(prefix, "read"):
            for page in pages:
                for listed in page.get("Contents", ()):
                    yield Listed(listed["Key"], listed["Size"], listed["LastModified"].astimezone(UTC))

    def following(self, key: str) -> str | None:
        """Return the first key after `key`, or of all after ""; None behind the last. Raises StoreUnavailable."""
        since = {"StartAfter": key} if key else {}
        with _faults(key, "read"):
            page = self._patient.list_objects_v2(Bucket=self._bucket, MaxKeys=1, **since)
        return next((listed["Key"] for listed in page.get("Contents", ())), None)

    # A Bucket, as storage.bucket says

    def fetch(self, key: str, known: str | None = None) -> Fetched | None:
        """See Bucket."""
        with _faults(checked_key(key), "read"):
            answer = self._direct.get(key, {} if known is None else {"If-None-Match": known})
        if answer.status == 304:
            return None
        _require_well(answer, key, "read")
        return Fetched(answer.body, answer.headers["ETag"])

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        """See Bucket."""
        condition = {"If-None-Match": "*"} if etag is None else {"If-Match": etag}
        try:
            with _faults(checked_key(key), "write"):
                answer = self._direct.put(key, body, condition)
            _require_well(answer, key, "write")
            return answer.headers["ETag"]
        except Conflict as taken:
            if etag is None:
                raise AlreadyExists(key=key) from taken
            raise
        except NotFound as absent:  # S3's answer to If-Match where there is nothing; R2's is 412
            raise Conflict(key=key) from absent

    # What an object is, and pieces of it

    def head(self, key: str) -> Head:
        """Return an object's size, etag and type. Raises NotFound."""
        with _faults(checked_key(key), "read"):
            return _head(self._patient.head_object(Bucket=self._bucket, Key=key))

    def read_range(self, key: str, start: int, stop: int) -> bytes:
        """Return the bytes [start, stop) of an object, as many of them as there are. Raises NotFound, BadField."""
        if not 0 <= start <= stop:
            raise BadField("/range", f"[{start}, {stop}) is no range of bytes")
        try:
            return self._ranged(key, start, stop)[0] if start < stop else b""
        except _OutsideRange:
            return b""

    def clear(self, prefix: str) -> int:
        """Delete all objects and abort all uploads below `prefix`, which ends with a slash; return how many objects.

        Raises BadField, StoreUnavailable, AnswerLost; then some are left, and it can be called again.
        """
        if not prefix.endswith("/"):
            raise BadField("/prefix", "has to end with a slash, or it would reach its neighbours")
        for upload in self.uploads(prefix):
            self.abort_upload(upload.key, upload.id)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return sum(1 for _ in pool.map(self.delete, self.keys(prefix)))

    # Uploads in parts

    def begin_upload(self, key: str, content_type: str) -> str:
        """Begin an upload that becomes the object `key` when it is completed; return its id."""
        with _faults(checked_key(key), "write"):
            asked = {"Bucket": self._bucket, "Key": key, "ContentType": content_type}
            return self._patient.create_multipart_upload(**asked)["UploadId"]

    def parts(self, key: str, upload: str) -> list[Part]:
        """Return the parts that have arrived, in order. Raises NotFound when the upload is gone."""
        pages = self._patient.get_paginator("list_parts").paginate(
            Bucket=self._bucket, Key=checked_key(key), UploadId=upload
        )
        with _faults(key, "read"):
            return [
                Part(part["PartNumber"], part["Size"], part["ETag"]) for page in pages for part in page.get("Parts", ())
            ]

    def complete_upload(self, key: str, upload: str, parts: Sequence[Part], *, create_only: bool = False) -> str:
        """Make an upload the object; return its etag. Asked of the store exactly once.

        Raises NotFound (the upload is gone: completed or aborted), AlreadyExists (with `create_only`), BadField (parts
        that are missing, unequal, too small or changed), AnswerLost. S3 itself answers a second time as the first.
        """
        listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        if not listed:
            raise BadField("/parts", "an upload without parts makes no object")
        condition = {"IfNoneMatch": "*"} if create_only else {}
        try:
            with _faults(checked_key(key), "write"):
                return self._once.complete_multipart_upload(
                    Bucket=self._bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": listed}, **condition
                )["ETag"]
        except Conflict as taken:
            if create_only:
                raise AlreadyExists(key=key) from taken
            raise

    def abort_upload(self, key: str, upload: str) -> None:
        """Give an upload up, its parts are freed; fine if it is gone. Raises AnswerLost."""
        with suppress(NotFound), _faults(checked_key(key), "write"):
            self._patient.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload)

    def uploads(self, prefix: str) -> Iterator[Upload]:
        """Iterate the open uploads of keys that begin with `prefix`."""
        checked_key(f"{prefix}x", "/prefix")
        pages = self._patient.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=prefix)
        with _faults(prefix, "read"):
            for page in pages:
                for upload in page.get("Uploads", ()):
                    yield Upload(upload["Key"], upload["UploadId"], upload["Initiated"].astimezone(UTC))

    # Signed addresses: bearer keys, so short lives and nothing left open

    def presign_part(self, key: str, upload: str, number: int, size_bytes: int, life_s: int) -> str:
        """Return where a browser PUTs one part of exactly `size_bytes`, for `life_s` seconds. Raises BadField."""
        part = {"UploadId": upload, "PartNumber": number, "ContentLength": size_bytes}
        return self._presigned("upload_part", key, life_s, part)

    def presign_get(self, key: str, life_s: int, *, filename: str | None, content_type: str) -> str:
        """Return where a browser reads an object, for `life_s` seconds, as this type and nothing else. Raises BadField.

        With a file name the browser saves it, else it plays it.
        """
        pinned = {"ResponseContentDisposition": disposition(filename), "ResponseContentType": content_type}
        return self._presigned("get_object", key, life_s, pinned)

    @property
    def _once(self) -> Any:
        return self._clients.asking(1)

    @property
    def _patient(self) -> Any:
        return self._clients.asking(self._tries)

    def _presigned(self, operation: str, key: str, life_s: int, asked: Mapping[str, object]) -> str:
        parameters = {"Bucket": self._bucket, "Key": presignable(key), **asked}
        return self._once.generate_presigned_url(operation, Params=parameters, ExpiresIn=checked_life(life_s))

    def _ranged(self, key: str, start: int, stop: int, **condition: str) -> tuple[bytes, Head]:
        return self._got(key, Range=f"bytes={start}-{stop - 1}", **condition)

    def _got(self, key: str, **asked: str) -> tuple[bytes, Head]:
        """Return an object's bytes, or a range of them, and its head; a body that breaks off is asked for again."""
        for last in (*[False] * (self._tries - 1), True):
            with _faults(checked_key(key), "read"):
                answer = self._patient.get_object(Bucket=self._bucket, Key=key, **asked)
                try:
                    return answer["Body"].read(), _head(answer)
                except BotoCoreError:
                    if last:
                        raise
        raise AssertionError("the last try returns or raises")

    def _put_in_parts(self, key: str, path: Path, size_bytes: int, *, create_only: bool) -> None:
        part_bytes = max(PART_BYTES, -(-size_bytes // MOST_PARTS))
        upload = self.begin_upload(key, "application/octet-stream")
        file = os.open(path, os.O_RDONLY)

        def send(number: int) -> Part:
            body = os.pread(file, part_bytes, (number - 1) * part_bytes)
            asked = {"Bucket": self._bucket, "Key": key, "UploadId": upload, "PartNumber": number, "Body": body}
            with _faults(key, "write"):
                return Part(number, len(body), self._patient.upload_part(**asked)["ETag"])

        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                parts = list(pool.map(send, range(1, -(-size_bytes // part_bytes) + 1)))
            self.complete_upload(key, upload, parts, create_only=create_only)
        except ReelError:
            with suppress(ReelError):  # the sweeper aborts what is left
                self.abort_upload(key, upload)
            raise
        finally:
            os.close(file)


class _OutsideRange(Exception):
    """The object has no such bytes."""


def _head(answer: Mapping[str, Any]) -> Head:
    """Return the head of a whole object, also from the answer to a range: bytes 0-9/20."""
    whole = answer.get("ContentRange", "").rpartition("/")[2]
    return Head(int(whole or answer["ContentLength"]), answer["ETag"], answer.get("ContentType", ""))


@contextmanager
def _faults(key: str, asked: Literal["read", "write"]) -> Generator[None]:
    """Name what goes wrong with the store."""
    try:
        yield
    except ClientError as refusal:
        code = str(refusal.response.get("Error", {}).get("Code", ""))
        status = refusal.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        raise _named(status, code, key, asked) from refusal
    except _NEVER_CONNECTED as fault:
        raise StoreUnavailable from fault
    except BotoCoreError as fault:
        raise (StoreUnavailable() if asked == "read" else AnswerLost(key=key)) from fault


def _require_well(answer: Answer, key: str, asked: Literal["read", "write"]) -> None:
    """Raise what a direct answer's refusal is called."""
    if answer.code:
        raise _named(answer.status, answer.code, key, asked)


def _named(status: int, code: str, key: str, asked: Literal["read", "write"]) -> Exception:
    if code in _ABSENT:
        return NotFound(key=key)
    if status == 412 or code == "ConditionalRequestConflict":
        return Conflict(key=key)
    if status == 416:
        return _OutsideRange()
    if status == 507:
        return StorageFull()
    if code in _WRONG_PARTS:
        return BadField("/parts", f"the store refuses them: {code}")
    # A 503 with a code of S3's is the store's own and refuses beforehand; without one it is some proxy's on the way.
    if status >= 500 and code in {str(status), "InternalError"} and asked == "write":
        return AnswerLost(key=key)
    if status in {500, 502, 504} and asked == "write":
        return AnswerLost(key=key)
    return StoreUnavailable(f"The store refused: {code}.")
