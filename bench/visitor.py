"""A browser as far as the API sees one: keeps a cookie and connections, says its Origin, gives each write a key."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from threading import local
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

COOKIE = "reel_session"
KEPT_S = 25.0  # the service lets go of a connection that nobody has used for 30


@dataclass
class Visitor:
    """One browser profile at `url` ("http://localhost:8000"). Safe for threads: each has a connection of its own."""

    url: str
    cookie: str = ""
    _mine: local = field(default_factory=local)
    _all: list[HTTPConnection] = field(default_factory=list[HTTPConnection])

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> tuple[int, Any]:
        """Return an answer's status and what its JSON says. Raises OSError, HTTPException."""
        answer, said = self._asked(method, path, body, key)
        return answer.status, json.loads(said) if said else None

    def location(self, path: str) -> str:
        """Return where an address leads. Raises RuntimeError if it leads nowhere."""
        answer, said = self._asked("GET", path, None, None)
        if answer.status != 302:
            raise RuntimeError(f"GET {path}: {answer.status} {said!r}")
        return answer.headers["Location"]

    def get(self, path: str) -> Any:
        """Return what a read says. Raises RuntimeError for an error."""
        return self._wanted("GET", path, None)

    def post(self, path: str, body: Any = None) -> Any:
        """Return what a write answers. Raises RuntimeError for an error."""
        return self._wanted("POST", path, body)

    def close(self) -> None:
        """Let go of all connections."""
        for connection in self._all:
            connection.close()

    def _wanted(self, method: str, path: str, body: Any) -> Any:
        status, said = self.ask(method, path, body)
        if status >= 400:
            raise RuntimeError(f"{method} {path}: {status} {said}")
        return said

    def _asked(self, method: str, path: str, body: Any, key: str | None) -> tuple[HTTPResponse, bytes]:
        headers = {"Origin": self.url, "Host": urlsplit(self.url).netloc}
        if self.cookie:
            headers["Cookie"] = f"{COOKIE}={self.cookie}"
        if method not in {"GET", "HEAD"}:
            headers["Idempotency-Key"] = key or uuid4().hex
        sent = None
        if body is not None:
            sent = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        connection = self._connection()
        try:
            connection.request(method, path, sent, headers)
            answer = connection.getresponse()
            said = answer.read()
        except BaseException:
            connection.close()  # whatever comes next begins afresh
            raise
        self._keep_cookie(answer)
        return answer, said

    def _connection(self) -> HTTPConnection:
        """Return this thread's connection; as browsers do, none that the service may have closed meanwhile."""
        if not hasattr(self._mine, "connection"):
            self._mine.connection = HTTPConnection(urlsplit(self.url).netloc, timeout=60)
            self._all.append(self._mine.connection)
        elif time.monotonic() - self._mine.used_s > KEPT_S:
            self._mine.connection.close()
        self._mine.used_s = time.monotonic()
        return self._mine.connection

    def _keep_cookie(self, answer: HTTPResponse) -> None:
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.startswith(f"{COOKIE}="):
                self.cookie = value.partition("=")[2].partition(";")[0]
