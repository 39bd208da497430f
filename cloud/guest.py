"""A guest's browser, as far as a service sees one: keeps its cookie, says its Origin, gives each write a key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

TIMEOUT_S: Final = 120.0
"""For one answer: Modal holds a request for so long while a container starts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    headers: Message
    body: bytes

    @property
    def kind(self) -> str:
        """The type of its body, without the rest."""
        return self.headers.get("Content-Type", "").partition(";")[0]

    @property
    def json(self) -> Any:
        """Its body. Raises ValueError for one that is no JSON."""
        return json.loads(self.body) if self.body else {}

    @property
    def cookie(self) -> str:
        """The cookie that it sets, with all that it says of it."""
        return self.headers.get("Set-Cookie", "")

    @property
    def location(self) -> str:
        """Where it leads. Raises ValueError if it leads nowhere."""
        if self.status not in {302, 307}:
            raise ValueError(f"it answers {self.status}, and leads nowhere")
        return self.headers["Location"]


@dataclass
class Guest:
    """One browser profile at `url` ("https://app.example.com"); `key` gives it through Modal's door, where one is."""

    url: str
    key: Mapping[str, str] = field(default_factory=dict[str, str])
    cookie: str = ""
    said: str = ""
    """The last cookie as it was set, with all that was said of it."""

    @property
    def is_secure(self) -> bool:
        """Whether nobody on the way can listen."""
        return self.url.startswith("https:")

    def stranger(self) -> Guest:
        """Return another browser at the same door, without a session."""
        return Guest(self.url, self.key)

    def ask(self, method: str, path: str, body: Any = None, more: Mapping[str, str] | None = None) -> Answer:
        """Return an answer. Raises OSError, HTTPException."""
        headers = {"Accept": "*/*", **self.key}
        if self.cookie:
            headers["Cookie"] = self.cookie
        if method not in {"GET", "HEAD"}:
            headers |= {"Origin": self.url, "Idempotency-Key": uuid4().hex}
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer = _asked(
            method, self.url + path, json.dumps(body) if body is not None else None, {**headers, **(more or {})}
        )
        if answer.cookie:
            self.said, pair = answer.cookie, answer.cookie.partition(";")[0]
            self.cookie = pair if pair.partition("=")[2].strip('"') else ""
        return answer


def sent(address: str, body: bytes, origin: str) -> int:
    """Put a part where the service said; return the store's status. Raises OSError, HTTPException."""
    return _asked("PUT", address, body, {"Origin": origin}).status


def fetched(address: str, span: tuple[int, int]) -> tuple[int, bytes]:
    """Return the store's status and some bytes of an object, first and last included. Raises OSError, HTTPException."""
    answer = _asked("GET", address, None, {"Range": f"bytes={span[0]}-{span[1]}"})
    return answer.status, answer.body


def _asked(method: str, address: str, body: str | bytes | None, headers: Mapping[str, str]) -> Answer:
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    with closing(kind(parts.netloc, timeout=TIMEOUT_S)) as connection:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
