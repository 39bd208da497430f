"""Relays in processes of their own, which can be killed and started again, and a process that holds idle sockets.

Imports nothing but the relay: a process that is measured begins here.
"""

from __future__ import annotations

import logging
import re
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final

from relay.protocol import SUBPROTOCOL
from relay.server import main
from relay.signing import KeyRing
from relay.tickets import issue

HOST: Final = "127.0.0.1"
ORIGIN: Final = "https://app.example.com"
KEYS_TEXT: Final = f"bench:{'b' * 32}"
KEYS: Final = KeyRing.parse(KEYS_TEXT)
ADDRESS_HEADER: Final = "fly-client-ip"
"""As behind Fly's proxy: each tab is at an address of its own."""

_FRESH = get_context("spawn")  # nothing of this process's memory is in the new one
_PATIENCE_S: Final = 30.0


@dataclass(slots=True)
class Relay:
    """A relay at a port, which it keeps from life to life."""

    port: int
    process: BaseProcess | None = None

    @property
    def url(self) -> str:
        """Where workers and browsers find it."""
        return f"http://{HOST}:{self.port}"

    @property
    def rss_kb(self) -> float:
        """The memory that its process holds now, in KiB, as it says itself."""
        line = HTTPConnection(HOST, self.port, timeout=_PATIENCE_S)
        line.request("GET", "/metrics")
        found = re.search(r"^process_resident_memory_bytes (\d+)$", line.getresponse().read().decode(), re.MULTILINE)
        line.close()
        assert found
        return int(found[1]) / 1024

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.process = _FRESH.Process(target=_serve, args=(self.port,), daemon=True)
        self.process.start()
        ends_s = time.monotonic() + _PATIENCE_S
        while time.monotonic() < ends_s:
            with suppress(OSError):
                socket.create_connection((HOST, self.port), timeout=_PATIENCE_S).close()
                return
            time.sleep(0.02)
        raise AssertionError("the relay does not start")

    def kill(self) -> None:
        """End it as kill -9 does, and wait until it is gone."""
        assert self.process
        self.process.kill()
        self.process.join()


@contextmanager
def relays(count: int) -> Iterator[list[Relay]]:
    """Run so many relays."""
    running = [Relay(_free_port()) for _ in range(count)]
    try:
        for relay in running:
            relay.start()
        yield running
    finally:
        for relay in running:
            if relay.process:
                relay.kill()


@contextmanager
def idle_sockets(relay: Relay, count: int) -> Iterator[int]:
    """Hold so many sockets open from another process, each of a user of its own; give how many are open."""
    ours, theirs = _FRESH.Pipe()
    process = _FRESH.Process(target=_hold, args=(theirs, relay.port, count), daemon=True)
    process.start()
    theirs.close()  # or nobody would hear that the process died
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def handshake(ticket: str, address: str) -> bytes:
    """Return what a browser asks a relay with, through a proxy; with the headers of a browser of 2026."""
    said = {
        "Host": "ws.example.com",
        "Connection": "Upgrade",
        "Pragma": "no-cache",
        "Cache-Control": "no-cache",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0",
        "Upgrade": "websocket",
        "Origin": ORIGIN,
        "Sec-WebSocket-Version": "13",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Accept-Language": "en-GB,en;q=0.9",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
        "Sec-WebSocket-Protocol": f"{SUBPROTOCOL}, {ticket}",
        ADDRESS_HEADER: address,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"GET /ws HTTP/1.1\r\n{lines}\r\n".encode()


def address_of(number: int) -> str:
    """Return an address for each number below 2²⁴."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _serve(port: int) -> None:
    logging.disable()
    environ = {"RELAY_KEYS": KEYS_TEXT, "RELAY_ORIGINS": ORIGIN, "PORT": str(port)}
    main(environ | {"RELAY_ADDRESS_HEADER": ADDRESS_HEADER})


def _hold(pipe: Connection, port: int, count: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the relay does the same for itself
    held: list[socket.socket] = []
    for number in range(count):
        one = socket.create_connection((HOST, port), timeout=_PATIENCE_S)
        ticket = issue(KEYS, f"0190a5b6-0000-7000-8000-{number:012}", time.time())
        one.sendall(handshake(ticket, address_of(number)))
        come = b""
        while b'"epoch"' not in come:
            more = one.recv(4096)
            assert more, "the relay let nobody in any more"
            come += more
        held.append(one)
    pipe.send(len(held))
    pipe.recv()


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as opened:
        return opened.getsockname()[1]
