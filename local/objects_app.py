"""The object store as an ASGI app: the subset of S3 that we use, as strict as R2 is.

One bucket, addressed by path. Every request is signed but a preflight. A key is a name and never a path. What nothing
of ours uses (copies, metadata, access lists, older listings, aws-chunked bodies) is refused with 501, not ignored.
"""

from __future__ import annotations

import asyncio
import binascii
import errno
import re
import shutil
import sqlite3
import sys
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from local import objects_listing, objects_uploads
from local.folder import FULL
from local.objects_answers import (
    Answer,
    Headers,
    Refusal,
    document,
    http_time,
    invalid_argument,
    matches,
    no_such_key,
    not_implemented,
    precondition_failed,
)
from local.objects_blobs import Arriving, Blobs
from local.objects_index import Index, Stored, StoredPart
from local.objects_signed import Request, check_signature
from local.objects_transfer import Body, Gone, Receive, Send, asked_range, open_pieces, receive_blob, send_pieces
from storage.endpoint import Endpoint

MOST_BODY_BYTES = 5 * 2**30
MOST_LIST_BYTES = 4 * 2**20  # 10,000 parts named
MOST_KEY_BYTES = 1024
DEFAULT_TYPE = "binary/octet-stream"

_METHODS = "GET, HEAD, PUT"
_REQUEST_HEADERS = "content-type, range, if-match, if-none-match"
_KNOWN_HEADERS = frozenset({"x-amz-date", "x-amz-content-sha256", "x-amz-user-agent"})
_OVERRIDES = {
    "response-content-type": "content-type",
    "response-content-disposition": "content-disposition",
    "response-cache-control": "cache-control",
}
_UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # in XML, in which keys are listed


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be chosen: browser origins that are answered, R2's pace, how much of the disk stays free."""

    origins: tuple[str, ...] = ()
    one_write_a_second: bool = False
    keep_free_bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Streamed:
    status: int
    headers: Headers
    pieces: list[tuple[int, int, int]]


class ObjectStore:
    """The app over a folder, which other processes may serve too. `clock` is in seconds since 1970."""

    def __init__(self, folder: Path, endpoint: Endpoint, rules: Rules, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._endpoint = endpoint
        self._rules = rules
        self._clock = clock
        self._index = Index(folder, paced=rules.one_write_a_second)
        self._blobs = Blobs(folder / "blobs")
        self._blobs.sweep(self._index.blobs)

    def close(self) -> None:
        """Give the folder up."""
        self._blobs.close()
        self._index.close()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = _headers(scope)
        body = _body(headers, receive)
        try:
            answer = await self._safe_answer(scope, headers, body)
            if not isinstance(answer, _Streamed) and not await body.leave():
                answer = Answer(answer.status, (*answer.headers, ("connection", "close")), answer.body)
        except Gone:
            return
        allowed = _cors(headers.get("origin"), self._rules.origins)
        start = {"type": "http.response.start", "status": answer.status}
        if isinstance(answer, _Streamed):
            await send({**start, "headers": _encoded((*answer.headers, *allowed))})
            await send_pieces(answer.pieces, receive, send)
            return
        length: Headers = () if answer.status in {204, 304} else (("content-length", str(len(answer.body))),)
        if any(name == "content-length" for name, _ in answer.headers):
            length = ()
        await send({**start, "headers": _encoded((*answer.headers, *length, *allowed))})
        await send({"type": "http.response.body", "body": answer.body})

    async def _safe_answer(
        self, scope: Mapping[str, Any], headers: Mapping[str, str], body: Body
    ) -> Answer | _Streamed:
        """Answer, or say why not; what is not foreseen becomes a 500, after which nobody knows."""
        try:
            if scope["method"] == "OPTIONS":
                return _preflight(headers, self._rules.origins)
            request = _request(scope, headers)
            payload = check_signature(request, self._endpoint, self._clock())
            return await self._answer(request, body, payload)
        except Refusal as refusal:
            return refusal.answer()
        except OSError as fault:
            if fault.errno in FULL:
                return _full().answer()
            if fault.errno in {errno.EMFILE, errno.ENFILE}:
                return Refusal(503, "SlowDown", "Too much is read at once.").answer()
            raise
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode == sqlite3.SQLITE_FULL:
                return _full().answer()
            if fault.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                return Refusal(503, "SlowDown", "Too much is written at once.").answer()
            raise

    async def _answer(self, request: Request, body: Body, payload: str | None) -> Answer | _Streamed:
        bucket, _, key = request.path.removeprefix("/").partition("/")
        if bucket != self._endpoint.bucket:
            raise Refusal(404, "NoSuchBucket", "There is no bucket of this name.")
        asked = {name: value for name, value in request.query if not name.startswith("X-Amz-") and name != "x-id"}
        _check_known(request, asked)
        if not key:
            return await self._answer_of_bucket(request, asked)
        _check_key(key)
        match request.method, sorted(asked.keys() - _OVERRIDES.keys() - {"max-parts", "part-number-marker"}):
            case "GET", []:
                return await self._get(request, key)
            case "HEAD", []:
                return await self._head(request, key)
            case "PUT", []:
                return await self._put(request, key, body, payload)
            case "PUT", ["partNumber", "uploadId"]:
                return await self._put_part(request, key, body, payload)
            case "DELETE", []:
                await self._remove(await asyncio.to_thread(self._index.delete, key, request.headers))
                return Answer(204)
            case "DELETE", ["uploadId"]:
                await self._remove(await asyncio.to_thread(self._index.abort, key, asked["uploadId"]))
                return Answer(204)
            case "POST", ["uploads"]:
                told = request.headers.get("content-type", DEFAULT_TYPE)
                return await asyncio.to_thread(objects_uploads.begin, self._index, bucket, key, told, self._clock())
            case "POST", ["uploadId"]:
                return await self._complete(request, key, asked["uploadId"], body)
            case "GET", ["uploadId"]:
                upload = asked["uploadId"]
                return await asyncio.to_thread(objects_listing.list_parts, self._index, bucket, key, upload, asked)
        raise not_implemented("such request")

    async def _answer_of_bucket(self, request: Request, asked: Mapping[str, str]) -> Answer:
        bucket = self._endpoint.bucket
        if request.method == "HEAD" and not asked:
            return Answer(200)
        if request.method == "GET" and asked.get("list-type") == "2":
            return await asyncio.to_thread(objects_listing.list_objects, self._index, bucket, asked)
        if request.method == "GET" and "uploads" in asked:
            return await asyncio.to_thread(objects_listing.list_uploads, self._index, bucket, asked)
        raise not_implemented("such request")

    async def _get(self, request: Request, key: str) -> Answer | _Streamed:
        while True:
            stored = await asyncio.to_thread(self._index.find, key)
            if stored is None:
                raise no_such_key()
            if answer := _not_modified(request, stored):
                return answer
            wanted = request.headers.get("range")
            if "if-range" in request.headers and not matches(request.headers["if-range"], stored.etag):
                wanted = None  # the rest of another object is asked for: it gets the whole of this one
            ranged = asked_range(wanted, stored.size_bytes)
            start, stop = ranged or (0, stored.size_bytes)
            try:
                pieces = await asyncio.to_thread(open_pieces, self._blobs, stored.blobs, start, stop)
            except FileNotFoundError:
                if await asyncio.to_thread(self._index.find, key) == stored:
                    raise  # a blob was lost: someone has been in the folder
                continue  # it was overwritten between the two lines
            headers = [*_described(stored, request), ("content-length", str(stop - start))]
            if ranged:
                headers.append(("content-range", f"bytes {start}-{stop - 1}/{stored.size_bytes}"))
            return _Streamed(206 if ranged else 200, tuple(headers), pieces)

    async def _head(self, request: Request, key: str) -> Answer:
        stored = await asyncio.to_thread(self._index.find, key)
        if stored is None:
            return Answer(404)
        length = ("content-length", str(stored.size_bytes))
        return _not_modified(request, stored) or Answer(200, (*_described(stored, request), length))

    async def _put(self, request: Request, key: str, body: Body, payload: str | None) -> Answer:
        await asyncio.to_thread(self._index.check, key, request.headers, self._clock())
        blob = await self._received(request, body, payload)
        content_type = request.headers.get("content-type", DEFAULT_TYPE)
        pieces = ((blob.name, blob.size_bytes),)
        stored = Stored(blob.sha256, content_type, blob.size_bytes, self._clock(), pieces)
        try:
            replaced = await asyncio.to_thread(self._index.write, key, stored, request.headers)
        except Refusal:  # and for nothing else: it may stand in the index by now
            blob.discard()
            raise
        await self._remove(replaced)
        return Answer(200, (("etag", f'"{stored.etag}"'),))

    async def _put_part(self, request: Request, key: str, body: Body, payload: str | None) -> Answer:
        upload = request.asked("uploadId") or ""
        number = objects_uploads.part_number(request.asked("partNumber") or "")
        await self._remove(await asyncio.to_thread(self._index.forget_part, key, upload, number))
        blob = await self._received(request, body, payload)
        part = StoredPart(number, blob.sha256, blob.size_bytes, self._clock(), blob.name)
        try:
            replaced = await asyncio.to_thread(self._index.write_part, key, upload, part)
        except Refusal:
            blob.discard()
            raise
        await self._remove(replaced)
        return Answer(200, (("etag", f'"{part.etag}"'),))

    async def _complete(self, request: Request, key: str, upload: str, body: Body) -> Answer:
        named = await body.whole(MOST_LIST_BYTES)
        etag, left = await asyncio.to_thread(
            objects_uploads.complete, self._index, key, upload, named, request.headers, self._clock()
        )
        await self._remove(left)
        told = [("Bucket", self._endpoint.bucket), ("Key", key), ("ETag", f'"{etag}"')]
        return document("CompleteMultipartUploadResult", told)

    async def _remove(self, blobs: Sequence[str]) -> None:
        if blobs:
            await asyncio.to_thread(self._blobs.remove, blobs)

    async def _received(self, request: Request, body: Body, payload: str | None) -> Arriving:
        if "content-length" not in request.headers:
            raise Refusal(411, "MissingContentLength", "The length of the body has to be said.")
        if "aws-chunked" in request.headers.get("content-encoding", ""):
            raise not_implemented("body in signed pieces (aws-chunked)")
        if body.size_bytes > MOST_BODY_BYTES:
            raise Refusal(400, "EntityTooLarge", "One body has 5 GiB at most.")
        if shutil.disk_usage(self._folder).free - body.size_bytes < self._rules.keep_free_bytes:
            raise _full()
        return await receive_blob(body, self._blobs, payload, _md5(request.headers.get("content-md5")))


def _headers(scope: Mapping[str, Any]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        known = headers.get(name.decode("latin-1"))
        text = value.decode("latin-1")
        headers[name.decode("latin-1")] = text if known is None else f"{known},{text}"
    return headers


def _body(headers: Mapping[str, str], receive: Receive) -> Body:
    size_bytes = sys.maxsize if "transfer-encoding" in headers else int(headers.get("content-length", "0"))
    return Body(receive, size_bytes, headers.get("expect", "").lower() == "100-continue")


def _request(scope: Mapping[str, Any], headers: Mapping[str, str]) -> Request:
    try:
        path = unquote_to_bytes(scope["raw_path"]).decode()
        pairs = [piece.partition(b"=") for piece in scope["query_string"].split(b"&") if piece]
        query = tuple((unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()) for name, _, value in pairs)
    except UnicodeDecodeError as fault:
        raise Refusal(400, "InvalidURI", "The address is no UTF-8.") from fault
    return Request(scope["method"], path, query, headers)


def _check_known(request: Request, asked: Mapping[str, str]) -> None:
    foreign = [name for name in request.headers if name.startswith("x-amz-") and name not in _KNOWN_HEADERS]
    if foreign:
        raise not_implemented(foreign[0])
    for name in asked.keys() & _OVERRIDES.keys():
        if not re.fullmatch(r"[\x20-\x7e]*", asked[name]):
            raise invalid_argument(f"{name} has to be plain text.")


def _check_key(key: str) -> None:
    if len(key.encode()) > MOST_KEY_BYTES:
        raise Refusal(400, "KeyTooLongError", f"A key has {MOST_KEY_BYTES} bytes at most.")
    if _UNSAYABLE.search(key):
        raise Refusal(400, "InvalidURI", "A key has no control characters.")


def _md5(header: str | None) -> str | None:
    if header is None:
        return None
    try:
        digest = b64decode(header, validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != 16:
        raise Refusal(400, "InvalidDigest", "The Content-MD5 is none.")
    return digest.hex()


def _not_modified(request: Request, stored: Stored) -> Answer | None:
    if "if-match" in request.headers and not matches(request.headers["if-match"], stored.etag):
        raise precondition_failed()
    if "if-none-match" in request.headers and matches(request.headers["if-none-match"], stored.etag):
        return Answer(304, (("etag", f'"{stored.etag}"'),))
    return None


def _described(stored: Stored, request: Request) -> Headers:
    headers = {
        "etag": f'"{stored.etag}"',
        "last-modified": http_time(stored.written_s),
        "accept-ranges": "bytes",
        "content-type": stored.content_type,
    }
    for name, header in _OVERRIDES.items():
        if (value := request.asked(name)) is not None:
            headers[header] = value
    return tuple(headers.items())


def _preflight(headers: Mapping[str, str], origins: tuple[str, ...]) -> Answer:
    """Say what a browser may send from another origin. R2's rules are the same: origins exact, headers named."""
    if headers.get("origin") not in origins:
        raise Refusal(403, "AccessForbidden", "This origin is not allowed.")
    allowed = (("access-control-allow-methods", _METHODS), ("access-control-allow-headers", _REQUEST_HEADERS))
    return Answer(204, (*allowed, ("access-control-max-age", "3600")))


def _cors(origin: str | None, origins: tuple[str, ...]) -> Headers:
    vary = (("vary", "origin"),) if origins else ()
    if origin is None or origin not in origins:
        return vary
    return (("access-control-allow-origin", origin), ("access-control-expose-headers", "ETag"), *vary)


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _full() -> Refusal:
    return Refusal(507, "InsufficientStorage", "The disk is full.")
