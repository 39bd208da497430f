"""The front of the API: what every request goes through before a route sees it, and every answer before it leaves."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Final, NoReturn

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from endpoints import errors
from endpoints.policy import Policy
from endpoints.visit import PLACE, Visit
from reel.refusals import WrongOrigin

MOST_BYTES: Final = 2 * 2**20
"""Of a request's body. The largest that a person makes is an edit document, of about 200 kB."""
SLOW_S: Final = 1.0
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
TSV: Final = "text/tab-separated-values"

_ALWAYS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_API_ONLY: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}

_log = logging.getLogger("endpoints")


class Front:
    """Host and Origin are checked, bodies bounded and read, answers timed and hardened; nothing else is decided here.

    A write that a browser sends says where it comes from (Origin, Sec-Fetch-Site); what says neither is no browser,
    and so carries nobody's cookie unasked.
    """

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self._app, self._safe, self._policy = app, errors.Safe(app), policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = scope[PLACE] = Visit()
        status = 500

        async def leaving(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._harden(scope, visit, MutableHeaders(scope=message))
            await send(message)

        try:
            refused, body = await self._entered(scope, receive, visit)
            if refused:
                await refused(scope, receive, leaving)
            else:
                await self._safe(scope, _replayed(body, receive), leaving)
        finally:
            _say_slow(scope, visit)

    async def _entered(self, scope: Scope, receive: Receive, visit: Visit) -> tuple[Response | None, bytes]:
        """Return the refusal, if there is one, and the whole body."""
        headers = Headers(scope=scope)
        if headers.get("host", "") not in self._policy.hosts:
            return errors.answer(WrongOrigin("There is no such site here."), visit), b""
        if scope["method"] in SAFE:
            return None, b""
        if not self._is_own(headers):
            return errors.answer(WrongOrigin(), visit), b""
        body = await _whole(headers, receive)
        if body is None:
            return errors.refusal(413, visit), b""
        if body:
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            wanted = TSV if scope["path"].endswith(".tsv") else "application/json"
            if kind != wanted:
                return errors.refusal(415, visit, f"This has to be sent as {wanted}."), b""
            if kind == "application/json" and not _is_json(body):
                return errors.bad_field("", "This is no JSON, or nested too deeply.", visit), b""
        return None, body

    def _is_own(self, headers: Headers) -> bool:
        if (origin := headers.get("origin")) is not None:
            return origin in self._policy.origins
        return headers.get("sec-fetch-site", "none") in {"same-origin", "none"}

    def _harden(self, scope: Scope, visit: Visit, headers: MutableHeaders) -> None:
        for name, value in _ALWAYS.items():
            headers.setdefault(name, value)
        if scope["path"].startswith("/api/") and headers.get("content-type", "").startswith("application/json"):
            for name, value in _API_ONLY.items():
                headers.setdefault(name, value)
        if self._policy.secure_cookie:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        headers["X-Request-Id"] = visit.request_id
        store = f'store;dur={visit.timing.store_s * 1000:.1f};desc="{visit.timing.requests} requests"'
        headers["Server-Timing"] = f"total;dur={visit.elapsed_s * 1000:.1f}, {store}"
        for cookie in visit.cookies:
            headers.append("Set-Cookie", cookie)


async def _whole(headers: Headers, receive: Receive) -> bytes | None:
    """Return a body, or None if it is too large; one that says so beforehand is not read."""
    said = headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > MOST_BYTES:
        return None
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            return None
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read before, then whatever comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return False
    return True


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _say_slow(scope: Scope, visit: Visit) -> None:
    route = scope.get("route")  # none for what is not there: nothing of such an address is worth a line
    if route is None or visit.elapsed_s <= SLOW_S:
        return
    name = f"{scope['method']} {route.path}"
    text = f"[SLOW REQUEST] {name} - total {visit.elapsed_s:.2f}s (sync: {visit.timing.store_s:.2f}s)"
    _log.warning(text, extra={"route": name, "request_id": visit.request_id})
