"""A server as the package's docstring writes it, on starlette's own websocket, down to the frames and close codes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from starlette.websockets import WebSocket

from relay.hub import Hub
from relay.protocol import GONE, PING, SUBPROTOCOL
from relay.session import HELLO_EVERY_S, LAG_S
from tests.relay.stage import ORIGIN, RUNNING, Relay, snapshot, spoken


async def serve(hub: Hub, socket: WebSocket) -> None:
    news, over = asyncio.Event(), asyncio.Event()
    offered, origin = socket.scope["subprotocols"], socket.headers.get("origin")
    session = hub.connect(offered, origin, news=news.set, over=over.set)

    async def send() -> None:
        while True:
            await news.wait()
            news.clear()
            for frame in session.outgoing():
                await socket.send_text(frame)

    async def listen() -> None:
        async for frame in socket.iter_text():
            session.receive(frame)

    try:
        await socket.accept(session.subprotocol)
        await first_of(over.wait(), send(), listen())
    finally:
        session.close()
    assert session.ended is not None
    if session.ended is not GONE:
        await socket.close(session.ended.code, session.ended.reason)


async def first_of(*ways: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.ensure_future(way) for way in ways]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Browser:
    """The other end of an ASGI websocket: what it says, what it was sent, and whether its line is clear."""

    def __init__(self, hub: Hub, ticket: str, origin: str = ORIGIN) -> None:
        self.sent: list[dict[str, Any]] = []
        self.clear = asyncio.Event()
        self.clear.set()
        self.accepts = True
        self._says: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._says.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket",
            "path": "/ws",
            "headers": [(b"origin", origin.encode())],
            "subprotocols": [SUBPROTOCOL, ticket],
        }
        self.served = asyncio.create_task(serve(hub, WebSocket(scope, self._says.get, self._receive)))

    async def _receive(self, event: Any) -> None:
        if not self.accepts:
            raise ConnectionResetError
        if event["type"] == "websocket.send":
            await self.clear.wait()
        self.sent.append(event)

    def say(self, text: str) -> None:
        self._says.put_nowait({"type": "websocket.receive", "text": text})

    def leave(self) -> None:
        self._says.put_nowait({"type": "websocket.disconnect", "code": 1001})

    @property
    def frames(self) -> list[dict[str, Any]]:
        return [spoken(event["text"]) for event in self.sent if event["type"] == "websocket.send"]


async def settle() -> None:
    """Let every task run until all of them wait for something."""
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.fixture
def relay() -> Relay:
    return Relay()


def test_a_browser_is_greeted_told_and_sent_away(relay: Relay):
    async def story() -> Browser:
        relay.hub.publish(RUNNING)
        browser = Browser(relay.hub, relay.ticket())
        await settle()
        assert relay.hub.publish(snapshot(seq=5, state="done")) == 1
        await settle()
        browser.say(PING)
        await settle()
        relay.hub.drain(10)
        await browser.served
        return browser

    browser = asyncio.run(story())
    assert browser.sent[0]["type"] == "websocket.accept"
    assert browser.sent[0]["subprotocol"] == SUBPROTOCOL  # the ticket is never said back
    assert [frame.get("seq", frame.get("relay")) for frame in browser.frames] == ["here", 4, 5, "here"]
    assert (browser.sent[-1]["type"], browser.sent[-1]["code"]) == ("websocket.close", 1012)


@pytest.mark.parametrize(
    ("ticket", "origin", "code"), [("ticket.k2.ann.1.2.3", ORIGIN, 4401), (None, "https://evil.example", 4403)]
)
def test_one_who_is_refused_is_told_why(relay: Relay, ticket: str | None, origin: str, code: int):
    async def story() -> Browser:
        browser = Browser(relay.hub, ticket or relay.ticket(), origin)
        await browser.served
        return browser

    browser = asyncio.run(story())
    assert [event["type"] for event in browser.sent] == ["websocket.accept", "websocket.close"]
    assert browser.sent[-1]["code"] == code


def test_a_line_that_is_blocked_gets_the_newest_when_it_clears(relay: Relay):
    async def story() -> Browser:
        browser = Browser(relay.hub, relay.ticket())
        browser.clear.clear()
        for seq in range(100):
            relay.hub.publish(snapshot(seq=seq))
            await settle()
        browser.clear.set()
        await settle()
        browser.leave()
        await browser.served
        return browser

    browser = asyncio.run(story())
    assert [frame["seq"] for frame in browser.frames if "job" in frame] == [99]
    assert browser.sent[-1]["type"] == "websocket.send"  # one who left is not closed again
    assert relay.hub.sockets == 0


def test_one_who_leaves_before_being_let_in_leaves_nothing_behind(relay: Relay):
    async def story() -> None:
        browser = Browser(relay.hub, relay.ticket())
        browser.served.cancel()
        await settle()
        hurried = Browser(relay.hub, relay.ticket())
        hurried.accepts = False
        with pytest.raises(ConnectionError):
            await hurried.served

    asyncio.run(story())
    assert relay.hub.sockets == 0


def test_a_line_that_stays_blocked_is_closed(relay: Relay):
    async def story() -> Browser:
        browser = Browser(relay.hub, relay.ticket())
        browser.clear.clear()
        await settle()
        relay.clock.advance(HELLO_EVERY_S)
        relay.hub.tick()
        relay.clock.advance(LAG_S + 1)
        relay.hub.tick()
        await browser.served
        return browser

    browser = asyncio.run(story())
    assert browser.frames == []
    assert browser.sent[-1]["code"] == 4408
