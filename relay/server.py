"""The relay as a process of its own: its settings, its port, its ticks, its log, and its end.

Imports nothing of ours but this room, so that its image holds no more than this room and `websockets`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import resource
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from relay.addresses import Addresses
from relay.asking import Asking
from relay.connection import Exchange, Limits
from relay.counts import Counts
from relay.hub import Hub
from relay.protocol import Clock, RelayError
from relay.signing import BadKeys, KeyRing

PORT: Final = 8080
TICK_S: Final = 5.0
SUMMARY_S: Final = 60.0
"""Between the lines of the log that say what happened meanwhile; nothing is said of a minute in which nothing did."""
SLICE: Final = 50
SLICE_EVERY_S: Final = 0.1
"""Sockets that are sent away at once at the end: 5,000 of them within 10 s, and not all come back in one moment."""
DRAIN_S: Final = 20.0
"""Then it ends, whoever is left: well within the 30 s after which Fly kills it."""
BACKLOG: Final = 1024
SEND_BUFFER_BYTES: Final = 32 * 1024
"""What the system keeps of a slow socket's frames, which get old there; it would keep megabytes."""

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
_HEADER_NAME = re.compile(r"[a-z0-9-]{1,64}")
_log = logging.getLogger("relay")


class BadSettings(RelayError):
    """The relay cannot start with these settings; the message names each that is wrong."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set. docs/deploy.md lists it, a test compares."""

    keys: KeyRing
    origins: frozenset[str]
    port: int = PORT
    address_header: str | None = None


class SystemClock:
    """This machine's clocks."""

    def time_s(self) -> float:
        """See Clock."""
        return time.time()

    def steady_s(self) -> float:
        """See Clock."""
        return time.monotonic()


@dataclass(slots=True)
class Server:
    """The relay on a port. All its calls come from one loop."""

    settings: Settings
    clock: Clock = field(default_factory=SystemClock)
    limits: Limits = field(default_factory=Limits)
    exchange: Exchange = field(init=False)
    _listening: asyncio.Server | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        limits = self.limits
        hub = Hub(
            self.settings.keys,
            self.settings.origins,
            self.clock,
            relay=socket.gethostname(),
            epoch=secrets.token_hex(8),
            most_sockets=limits.sockets,
            most_sockets_per_user=limits.sockets_per_user,
        )
        addresses = Addresses(self.clock, limits.sockets_per_address, limits.tries_a_minute)
        self.exchange = Exchange(hub, self.clock, limits, Counts(), addresses, self.settings.address_header)

    async def listen(self, host: str = "") -> int:
        """Take connections; return the port. Raises OSError where it is taken."""
        loop = asyncio.get_running_loop()
        opened = _opened(host, self.settings.port)
        self._listening = await loop.create_server(lambda: Asking(self.exchange), sock=opened, backlog=BACKLOG)
        return opened.getsockname()[1]

    def tick(self) -> None:
        """See to what time brings: every few seconds."""
        self.exchange.hub.tick()
        self.exchange.addresses.forget()
        for connection in tuple(self.exchange.connections):
            connection.tick()

    async def drain(self, at_most_s: float = DRAIN_S) -> None:
        """Take no more connections, send the sockets away a slice at a time, and see the rest end."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + at_most_s
        if self._listening:
            self._listening.close()
        while (self.exchange.hub.drain(SLICE) or self.exchange.connections) and loop.time() < ends_s:
            for connection in tuple(self.exchange.connections):
                connection.drain()
            await asyncio.sleep(SLICE_EVERY_S)
        for connection in tuple(self.exchange.connections):
            connection.transport.abort()


def settings_from(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises BadSettings, which names all that are missing or wrong, and says no secret."""
    faults: list[str] = []
    keys = _keys(environ.get("RELAY_KEYS"), faults)
    origins = frozenset(filter(None, (one.strip().rstrip("/") for one in environ.get("RELAY_ORIGINS", "").split(","))))
    if not origins:
        faults.append("RELAY_ORIGINS is missing: where browsers find the editor, https://app.example.com")
    faults += [f"RELAY_ORIGINS: {one[:80]!r} is no origin" for one in sorted(origins) if not _ORIGIN.fullmatch(one)]
    port = environ.get("PORT") or str(PORT)
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and int(port) < 2**16):
        faults.append(f"PORT has to be a number from 0 to 65535, and is {port[:40]!r}")
    header = environ.get("RELAY_ADDRESS_HEADER", "").lower() or None
    if header and not _HEADER_NAME.fullmatch(header):
        faults.append(f"RELAY_ADDRESS_HEADER has to be the name of a header, and is {header[:80]!r}")
    if faults or keys is None:
        raise BadSettings("; ".join(faults) + ".")
    return Settings(keys, origins, int(port), header)


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Serve until SIGTERM or SIGINT; return 2 if the settings are wrong, 1 if the port is taken."""
    _log_to_stdout()
    _raise_file_limit()
    try:
        settings = settings_from(environ)
    except BadSettings as bad:
        _log.error("the relay cannot start: %s", bad)
        return 2
    try:
        asyncio.run(_serve(Server(settings)))
    except OSError as taken:
        _log.error("the relay cannot listen at port %d: %s", settings.port, taken.strerror)
        return 1
    return 0


async def _serve(server: Server) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    port = await server.listen()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)  # as PID 1 it would otherwise not hear them at all
    settings = server.settings
    kids = [kid for kid, _ in settings.keys.secrets]
    _log.info("the relay listens", extra={"port": port, "kids": kids, "origins": sorted(settings.origins)})
    until = [stop.wait(), _every(TICK_S, server.tick), _every(SUMMARY_S, lambda: _sum_up(server))]
    tasks = [asyncio.ensure_future(one) for one in until]
    over, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in over:
        task.result()  # a fault in a tick ends the process, and Fly starts another
    _log.info("the relay sends its sockets away", extra={"sockets": server.exchange.hub.sockets})
    await server.drain()
    for task in tasks:
        task.cancel()
    _sum_up(server)
    _log.info("the relay ends")


async def _every(seconds: float, do: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(seconds)
        do()


def _sum_up(server: Server) -> None:
    if counted := server.exchange.counts.since():
        now = {"sockets": server.exchange.hub.sockets, "connections": len(server.exchange.connections)}
        _log.info("what happened meanwhile", extra={"counted": counted, **now})


def _opened(host: str, port: int) -> socket.socket:
    """Return a socket that listens: at all addresses of both kinds, where the system can, if no host is named."""
    both = not host and socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    opened = socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=both)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)  # the accepted ones inherit it
    return opened


def _keys(text: str | None, faults: list[str]) -> KeyRing | None:
    if not text:
        faults.append("RELAY_KEYS is missing: the keys that the API and its workers have, kid:secret,kid:secret")
        return None
    try:
        return KeyRing.parse(text)
    except BadKeys as bad:
        faults.append(f"RELAY_KEYS: {str(bad).rstrip('.')}")
        return None


class _JsonLines(logging.Formatter):
    """One JSON object a record, as the logs of the API are."""

    def format(self, record: logging.LogRecord) -> str:
        said = {name: value for name, value in vars(record).items() if name not in _USUAL}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "logger": record.name, "message": record.getMessage(), **said}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


_USUAL: Final = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime"})


def _raise_file_limit() -> None:
    """Allow as many open sockets as the system lets this process have: the usual limit is 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS says that there is no limit, and takes none above its own
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _log_to_stdout() -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
