"""Bytes in and out of the object store: a body becomes a blob, blobs become a body. The disk is used in threads."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from local.objects_answers import Headers, Refusal
from local.objects_blobs import Arriving, Blobs

BUFFER_BYTES = 2**20
DRAINED_BYTES = 64 * 2**20  # of a body that nobody wants: beyond that the connection is closed under it

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Gone(Exception):
    """The client went away."""


@dataclass(slots=True)
class Body:
    """A request's body, as it comes. While none of it was asked for, a client that waits for 100 sends nothing."""

    receive: Receive
    size_bytes: int
    waits_for_100: bool
    begun: bool = False
    more: bool = True

    async def piece(self) -> bytes:
        """Return the next bytes, empty at the end. Raises Gone."""
        while self.more:
            self.begun = True
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Gone
            self.more = message.get("more_body", False)
            if message.get("body"):
                return message["body"]
        return b""

    async def whole(self, most_bytes: int) -> bytes:
        """Return a body that fits in memory. Raises Gone, 400."""
        if self.size_bytes > most_bytes:
            raise Refusal(400, "MaxMessageLengthExceeded", "The request is too large.")
        pieces = bytearray()
        while piece := await self.piece():
            pieces += piece
        return bytes(pieces)

    async def leave(self) -> bool:
        """Let a body go that nobody wants; say whether the connection is still at the beginning of a request.

        A client that waits for 100 and is answered may send the body all the same or not at all: nobody can tell what
        its next bytes are. Raises Gone.
        """
        if not self.more or self.size_bytes == 0:
            return True
        if (self.waits_for_100 and not self.begun) or self.size_bytes > DRAINED_BYTES:
            return False
        while await self.piece():
            pass
        return True


async def receive_blob(body: Body, blobs: Blobs, payload: str | None, md5: str | None) -> Arriving:
    """Write a body to a new blob and return it finished: it is on the disk, and named by nothing yet.

    `payload` and `md5`, in hexadecimal, are the digests that the client says it has. Raises Gone, 400, and OSError of
    a full disk; then nothing is left of it.
    """
    arriving = await asyncio.to_thread(blobs.arriving)
    checked = hashlib.md5(usedforsecurity=False) if md5 else None

    def write(buffer: bytearray) -> None:
        arriving.write(buffer)
        if checked:
            checked.update(buffer)

    try:
        await _write_all(body, write)
        _check_body(arriving, body, payload, (md5, checked.hexdigest()) if md5 and checked else None)
        await asyncio.to_thread(arriving.finish)
    except (Gone, Refusal, OSError):  # not when this is cancelled: the thread that writes goes on with its file
        arriving.discard()
        raise
    return arriving


def _check_body(arriving: Arriving, body: Body, payload: str | None, md5s: tuple[str, str] | None) -> None:
    if arriving.size_bytes != body.size_bytes:
        raise Refusal(400, "IncompleteBody", "The body is not as long as its Content-Length.")
    if payload is not None and arriving.sha256 != payload:
        raise Refusal(400, "XAmzContentSHA256Mismatch", "The body is not the one that was signed.")
    if md5s and md5s[0] != md5s[1]:
        raise Refusal(400, "BadDigest", "The body does not match its Content-MD5.")


async def _write_all(body: Body, write: Callable[[bytearray], None]) -> None:
    """Write one buffer while the next one comes in."""
    writing: asyncio.Task[None] | None = None
    buffer = bytearray()
    try:
        while piece := await body.piece():
            buffer += piece
            if len(buffer) >= BUFFER_BYTES:
                if writing:
                    await writing
                writing = asyncio.create_task(asyncio.to_thread(write, buffer))
                buffer = bytearray()
    finally:
        if writing:
            await writing  # the blob's file is closed after this, also when the client went away
    await asyncio.to_thread(write, buffer)


def open_pieces(blobs: Blobs, pieces: Iterable[tuple[str, int]], start: int, stop: int) -> list[tuple[int, int, int]]:
    """Open the blobs that hold the bytes [start, stop): (file, from, to) of each. Raises FileNotFoundError, OSError.

    They are opened before a header is sent: an object that is overwritten meanwhile is still read to its end.
    """
    opened: list[tuple[int, int, int]] = []
    place = 0
    with ExitStack() as undo:
        for name, size in pieces:
            begin, end = max(start - place, 0), min(stop - place, size)
            if begin < end:
                file = blobs.open(name)
                undo.callback(os.close, file)
                opened.append((file, begin, end))
            place += size
        undo.pop_all()
    return opened


async def send_pieces(pieces: Sequence[tuple[int, int, int]], receive: Receive, send: Send) -> None:
    """Send open blobs as a body, unless the client goes away, and close them."""
    gone = asyncio.create_task(_disconnect(receive))
    try:
        for file, begin, end in pieces:
            for place in range(begin, end, BUFFER_BYTES):
                if gone.done():
                    return
                wanted = min(BUFFER_BYTES, end - place)
                read = await asyncio.to_thread(os.pread, file, wanted, place)
                if len(read) < wanted:
                    raise OSError(f"a blob is shorter than the index says: {len(read)} of {wanted} bytes")
                await send({"type": "http.response.body", "body": read, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
        for file, _, _ in pieces:
            os.close(file)


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def asked_range(header: str | None, size_bytes: int) -> tuple[int, int] | None:
    """Return the [start, stop) that a Range header asks for, None for the whole object. Raises 416.

    What is no range, or several, is answered with the whole object, as RFC 9110 has it.
    """
    found = _RANGE.fullmatch((header or "").strip())
    if not found or found.group() == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        start, stop = max(size_bytes - int(last), 0), size_bytes
    else:
        start, stop = int(first), min(int(last) + 1 if last else size_bytes, size_bytes)
        if last and int(last) < int(first):
            return None
    if start >= stop:
        headers: Headers = (("content-range", f"bytes */{size_bytes}"),)
        raise Refusal(416, "InvalidRange", "The object has no such bytes.", headers)
    return start, stop
