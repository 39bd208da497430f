"""As much of HTTP/1.1 as the relay speaks: a request out of the bytes that came, an answer into bytes. No sockets here.

Strict where leniency has let requests be smuggled (RFC 9112, sections 2.2, 5.1 and 6.3): lines end in CRLF, names are
tokens, one length only, no chunks. What comes twice is joined by a comma, and so is no number, no name and no origin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from relay.protocol import RelayError

MOST_HEAD_BYTES: Final = 8 * 1024
"""Of the request line and all headers: a browser's have about 1 KB, a ticket among them 200 bytes."""
MOST_HEADERS: Final = 64
JSON: Final = "application/json"
NONE: Final[Mapping[str, str]] = MappingProxyType({})

_END: Final = b"\r\n\r\n"
_FIRST = re.compile(rb"([A-Z]{1,16}) (/[!-~]*) HTTP/1\.([01])")
_HEADER = re.compile(rb"([-!#$%&'*+.^_`|~0-9A-Za-z]+):[ \t]*([\t -~\x80-\xff]*)")
_LENGTH = re.compile(r"[0-9]{1,9}")


class BadRequest(RelayError):
    """A request cannot be read or is not taken: `status` says which; after it the line is closed."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request, in `raw` as it came. `path` has no query, names of headers are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    length_bytes: int
    lasts: bool
    raw: bytes


def head_of(come: bytes | bytearray, most_body_bytes: int) -> Head | None:
    """Return the head that what has come begins with, None while it is not all there. Raises BadRequest.

    Only a POST has a body.
    """
    end = come.find(_END, 0, MOST_HEAD_BYTES)
    if end < 0:
        if len(come) >= MOST_HEAD_BYTES:
            raise BadRequest(431, f"The head of a request has at most {MOST_HEAD_BYTES} bytes.")
        return None
    raw = bytes(come[: end + len(_END)])
    first, *lines = raw[:end].split(b"\r\n")
    asked = _FIRST.fullmatch(first)
    if not asked:
        raise BadRequest(400, "This is no request of HTTP/1.1.")
    headers = _headers(lines)
    length_bytes = _length_bytes(asked[1], headers)
    most_bytes = most_body_bytes if asked[1] == b"POST" else 0
    if length_bytes > most_bytes:
        raise BadRequest(413, f"A body has at most {most_bytes} bytes here.")
    return Head(
        method=asked[1].decode(),
        path=asked[2].partition(b"?")[0].decode(),
        headers=headers,
        length_bytes=length_bytes,
        lasts=asked[3] == b"1" and "close" not in headers.get("connection", "").lower(),
        raw=raw,
    )


def answer(status: int, body: str, *, lasts: bool, kind: str = JSON, more: Mapping[str, str] = NONE) -> bytes:
    """Return an answer; `lasts` says whether the line stays open after it."""
    content = body.encode()
    headers = {
        "Content-Type": f"{kind}; charset=utf-8",
        "Content-Length": str(len(content)),
        "Cache-Control": "no-store",
        "Connection": "keep-alive" if lasts else "close",
        **more,
    }
    said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{said}\r\n".encode("latin-1") + content


def _headers(lines: list[bytes]) -> dict[str, str]:
    if len(lines) > MOST_HEADERS:
        raise BadRequest(431, f"A request has at most {MOST_HEADERS} headers.")
    headers: dict[str, str] = {}
    for line in lines:
        read = _HEADER.fullmatch(line)
        if not read:
            raise BadRequest(400, "A header cannot be read.")
        name, value = read[1].decode().lower(), read[2].decode("latin-1").rstrip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _length_bytes(method: bytes, headers: Mapping[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise BadRequest(411, "Say the length of the body: chunks are not taken.")
    if "expect" in headers:
        raise BadRequest(417, "Send the body at once.")
    said = headers.get("content-length")
    if said is None:
        if method in {b"POST", b"PUT", b"PATCH"}:
            raise BadRequest(411, "Say the length of the body.")
        return 0
    if not _LENGTH.fullmatch(said):
        raise BadRequest(400, "The length of the body has to be one whole number of at most nine digits.")
    return int(said)
