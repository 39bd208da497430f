"""Relays that serve: in this process on a clock moved by hand, or as a process of their own; and who speaks to them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from relay.connection import Connection, Limits
from relay.listening import Listening
from relay.protocol import SUBPROTOCOL, Snapshot
from relay.server import Server, Settings
from relay.session import Session
from relay.signing import publish_headers
from relay.tickets import issue
from tests.relay.stage import KEYS, ORIGIN, HandClock

CHECKOUT = Path(__file__).resolve().parents[2]
KEYS_TEXT = f"k2:{'2' * 32},k1:{'1' * 32}"
ADDRESS_HEADER = "fly-client-ip"


@dataclass
class Served:
    """A relay that serves at a port of the loopback, on this loop."""

    server: Server
    clock: HandClock
    port: int = 0

    @property
    def listening(self) -> list[Listening]:
        return [one for one in self.server.exchange.connections if isinstance(one, Listening)]

    @property
    def session(self) -> Session:
        """The one socket's session."""
        (only,) = self.listening
        assert only._session
        return only._session

    @property
    def connections(self) -> set[Connection]:
        return self.server.exchange.connections

    def ticket(self, user: str = "ann") -> str:
        return issue(KEYS, user, self.clock.time_s())

    def browser(self, user: str = "ann", *, offered: list[str] | None = None, **more: Any) -> Browser:
        names = [SUBPROTOCOL, self.ticket(user)] if offered is None else offered
        return Browser(f"ws://127.0.0.1:{self.port}/ws", names, **more)

    async def post(self, snapshot: Snapshot, **more: Any) -> tuple[int, dict[str, Any]]:
        return await self.posted(snapshot.text.encode(), **more)

    async def posted(self, body: bytes, now_s: float | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
        signed = publish_headers(KEYS, body, self.clock.time_s() if now_s is None else now_s)
        signed |= {name.replace("_", "-"): value for name, value in headers.items()}
        said = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
        head = f"POST /publish HTTP/1.1\r\nHost: r\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{said}\r\n"
        return await self.answered(head.encode() + body)

    async def got(self, path: str, **headers: str) -> str:
        said = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        raw = await self.raw(f"GET {path} HTTP/1.1\r\nHost: r\r\nConnection: close\r\n{said}\r\n".encode())
        return raw.decode()

    async def answered(self, sent: bytes) -> tuple[int, dict[str, Any]]:
        """Send bytes; return the status and the JSON of the one answer, after which the relay has closed."""
        head, _, body = (await self.raw(sent)).partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
        return int(head.split()[1]), json.loads(body)

    async def raw(self, sent: bytes) -> bytes:
        """Send bytes; return all that comes until the relay closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(sent)
            return await reader.read()
        finally:
            writer.close()

    async def until(self, holds: Any) -> None:
        """Wait until something holds that the relay does by itself."""
        for _ in range(15_000):
            if holds():
                return
            await asyncio.sleep(0.002)
        raise AssertionError("it never came")

    def advance(self, by_s: float) -> None:
        self.clock.advance(by_s)
        self.server.tick()


@dataclass
class Browser:
    """The real client of `websockets`, as a browser would call."""

    url: str
    offered: list[str]
    origin: str | None = ORIGIN
    headers: dict[str, str] = field(default_factory=dict)
    socket: ClientConnection = field(init=False)

    async def __aenter__(self) -> Browser:
        self.socket = await connect(
            self.url,
            origin=Origin(self.origin) if self.origin else None,
            subprotocols=[Subprotocol(name) for name in self.offered] or None,
            additional_headers=self.headers,
            proxy=None,
            compression=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def hears(self) -> dict[str, Any]:
        return json.loads(await self.socket.recv())

    async def code(self) -> int:
        """Wait for the end; return its close code."""
        try:
            while True:
                await self.socket.recv()
        except ConnectionClosed:
            assert self.socket.close_code is not None
            return self.socket.close_code


@asynccontextmanager
async def serving(*, proxied: bool = False, **limits: Any) -> AsyncIterator[Served]:
    """Serve on a clock of its own. Nothing ticks by itself."""
    clock = HandClock()
    settings = Settings(KEYS, frozenset({ORIGIN}), port=0, address_header=ADDRESS_HEADER if proxied else None)
    served = Served(Server(settings, clock, Limits(**limits)), clock)
    served.port = await served.server.listen("127.0.0.1")
    try:
        yield served
    finally:
        await served.server.drain(at_most_s=0)
        await served.until(lambda: not served.connections)


def handshake(ticket: str, *headers: str) -> bytes:
    """Return a browser's request for a websocket."""
    said = [
        "GET /ws HTTP/1.1",
        "Host: relay",
        f"Origin: {ORIGIN}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}, {ticket}",
        *headers,
    ]
    return "".join(f"{line}\r\n" for line in said).encode() + b"\r\n"


@dataclass
class Process:
    """A relay in a process of its own."""

    port: int
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def browser(self, user: str = "ann") -> Browser:
        return Browser(f"ws://127.0.0.1:{self.port}/ws", [SUBPROTOCOL, issue(KEYS, user, time.time())])

    def send(self, what: signal.Signals) -> None:
        self.process.send_signal(what)

    def end(self) -> list[dict[str, Any]]:
        """Wait for its end; return what it has said since it began to listen."""
        said, _ = self.process.communicate(timeout=30)
        return [json.loads(line) for line in said.splitlines()]


@contextmanager
def process(port: int = 0, **settings: str) -> Iterator[Process]:
    """Start `python -m relay` and wait until it listens."""
    started = start(PORT=str(port or free_port()), **settings)
    try:
        assert started.stdout
        listens = json.loads(started.stdout.readline())
        assert listens["message"] == "the relay listens"
        yield Process(listens["port"], started)
    finally:
        started.kill()
        started.communicate()


def start(**settings: str) -> subprocess.Popen[str]:
    """Start `python -m relay` with these settings and the usual ones."""
    usual = {"RELAY_KEYS": KEYS_TEXT, "RELAY_ORIGINS": ORIGIN, "PATH": os.environ["PATH"]}
    return subprocess.Popen(
        [sys.executable, "-m", "relay"],
        cwd=CHECKOUT,
        env={name: value for name, value in {**usual, **settings}.items() if value},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        return opened.getsockname()[1]
