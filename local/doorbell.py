"""The doorbell of this machine: the hub on the API's own loop, beside the API's app: /ws and POST /publish."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from relay.hub import Hub
from relay.protocol import GONE, MOST_BYTES, Clock, Snapshot
from relay.signing import KeyRing

TICK_S: Final = 5.0
PING_S: Final = 25.0
MOST_SAID_BYTES: Final = 2048
"""A message of a browser: all that it may say is "ping"."""


class Doorbell:
    """An ASGI app: the hub's two doors, and `beside` for everything else. The hub is touched on its loop only.

    `heard` is told each snapshot that comes in.
    """

    def __init__(self, keys: KeyRing, origins: frozenset[str], clock: Clock) -> None:
        self.beside: ASGIApp = Response(status_code=404)
        self.heard: Callable[[Snapshot], object] = lambda _: None
        self._hub = _HearingHub(self, keys, origins, clock)
        self._loop: asyncio.AbstractEventLoop | None = None

    def tell(self, snapshot: Snapshot) -> None:
        """Publish a snapshot of this process, from any thread; lost while nobody is served."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended just now
                self._loop.call_soon_threadsafe(self._hub.publish, snapshot)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the life of the server."""
        match scope["type"], scope.get("path"):
            case "lifespan", _:
                await self._live(receive, send)
            case "websocket", "/ws":
                await self._listen(WebSocket(scope, receive, send))
            case "websocket", _:
                await send({"type": "websocket.close", "code": 4404, "reason": ""})
            case "http", "/publish":
                answer = await self._published(scope, receive)
                await answer(scope, receive, send)
            case _:
                await self.beside(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._loop = asyncio.get_running_loop()
        ticking = asyncio.create_task(self._tick())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._loop = None
        ticking.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._hub.tick()

    async def _published(self, scope: Scope, receive: Receive) -> Response:
        """Answer POST /publish, which workers of this machine send."""
        address = (scope.get("client") or ("",))[0]
        if not _is_loopback(address):
            return Response(status_code=404)
        if scope["method"] != "POST":
            return Response(status_code=405, headers={"Allow": "POST"})
        body = await _at_most(receive, MOST_BYTES + 1)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        answer = self._hub.post(headers, body)
        return Response(answer.body, answer.status, media_type="application/json")

    async def _listen(self, socket: WebSocket) -> None:
        """Be one socket, as the relay's package says."""
        news, over = asyncio.Event(), asyncio.Event()
        offered, origin = socket.scope["subprotocols"], socket.headers.get("origin")
        session = self._hub.connect(offered, origin, news=news.set, over=over.set)

        async def send() -> None:
            while True:
                await news.wait()
                news.clear()
                for frame in session.outgoing():
                    await socket.send_text(frame)

        async def hear() -> None:
            async for said in _messages(socket):
                session.receive(said)

        try:
            await socket.accept(session.subprotocol)
            await _first_of(over.wait(), send(), hear())
        finally:
            session.close()
        if session.ended is not None and session.ended is not GONE:
            with suppress(RuntimeError, WebSocketDisconnect, OSError):  # it went while we were at it
                await socket.close(session.ended.code, session.ended.reason)


class _HearingHub(Hub):
    """A hub that also says what comes in."""

    def __init__(self, doorbell: Doorbell, keys: KeyRing, origins: frozenset[str], clock: Clock) -> None:
        super().__init__(keys, origins, clock, relay="home", epoch=secrets.token_hex(8))
        self._doorbell = doorbell

    def publish(self, snapshot: Snapshot) -> int:
        """See Hub."""
        self._doorbell.heard(snapshot)
        return super().publish(snapshot)


async def _messages(socket: WebSocket) -> AsyncGenerator[str | bytes]:
    """Iterate what a browser says, text or bytes, until it is gone."""
    while (event := await socket.receive())["type"] == "websocket.receive":
        yield event.get("text") or event.get("bytes") or ""


async def _first_of(*ways: Coroutine[Any, Any, object]) -> None:
    """Wait for the first to end, and end the others. A socket that went ends its way by an error."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _at_most(receive: Receive, size_bytes: int) -> bytes:
    """Read a body, or so much of it."""
    body = bytearray()
    while len(body) < size_bytes:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    return bytes(body[:size_bytes])


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
