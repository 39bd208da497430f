"""What every connection of the relay is and shares: its limits, its flow of bytes, and how it ends."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from relay.addresses import Addresses
from relay.counts import Counts
from relay.hub import MOST_SOCKETS, MOST_SOCKETS_PER_USER, Hub
from relay.protocol import Clock

READ_BYTES: Final = 8 * 1024
"""Read at a time: at most 1,365 websocket frames, so that one who sends nothing but pings cannot hold up the others."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the relay puts up with, beside what the protocol and the sessions say."""

    sockets: int = MOST_SOCKETS
    sockets_per_user: int = MOST_SOCKETS_PER_USER
    connections: int = MOST_SOCKETS + 500  # those that only ask beside those that listen
    sockets_per_address: int = 200  # a club house behind one address
    tries_a_minute: int = 600  # of one address to come in, or to post with a wrong signature: 3 for each socket
    request_s: float = 10.0  # from the first byte of a request to its last
    idle_s: float = 75.0  # between the requests of a line, 15 s apart where nobody listens
    ping_s: float = 25.0  # a socket that said nothing for so long is asked whether it is there
    gone_s: float = 60.0  # and after so long it is not
    close_s: float = 3.0  # for the other side to close too


@dataclass(slots=True)
class Exchange:
    """What the connections of a relay share. All of it is used on one loop."""

    hub: Hub
    clock: Clock
    limits: Limits
    counts: Counts
    addresses: Addresses
    address_header: str | None
    """Where a proxy in front says who asks: small letters. None: there is no proxy, the other end is who asks."""
    connections: set[Connection] = field(default_factory=set)
    buffer: memoryview = field(default_factory=lambda: memoryview(bytearray(READ_BYTES)))
    """All connections are read through it: asyncio fills it and hands it over before it reads the next."""


class Connection(asyncio.BufferedProtocol):
    """One connection. While its line takes no more, it is neither written to nor read: nothing piles up here."""

    __slots__ = ("ending", "exchange", "paused", "transport")

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.paused = self.ending = False
        self.transport: asyncio.Transport

    @abstractmethod
    def heard(self, come: bytes) -> None:
        """Take in what came."""

    @abstractmethod
    def cleared(self) -> None:
        """Go on: the line takes something again."""

    @abstractmethod
    def tick(self) -> None:
        """See to what time brings."""

    @abstractmethod
    def drain(self) -> None:
        """End soon: the relay is about to."""

    def write(self, said: bytes) -> None:
        """Send, unless the end has begun."""
        if said and not self.ending:
            self.transport.write(said)

    def part(self) -> None:
        """Say no more, and throw away what still comes, so that the other side gets to read what was said last."""
        if self.ending:
            return
        self.ending = True
        with suppress(OSError):  # the other side is gone already
            self.transport.write_eof()
        self.end_soon()

    def close(self) -> None:
        """End, once what was said is gone; or soon, if it is not taken."""
        self.transport.close()
        self.end_soon()

    def end_soon(self) -> None:
        """End the connection in a moment, if the other side has not."""
        asyncio.get_running_loop().call_later(self.exchange.limits.close_s, self.transport.abort)

    # What asyncio calls

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        """Return where to put what comes."""
        return self.exchange.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take in what came."""
        if not self.ending:
            self.heard(bytes(self.exchange.buffer[:nbytes]))

    def pause_writing(self) -> None:
        """Wait: what was written is not all gone."""
        self.paused = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on."""
        self.paused = False
        self.transport.resume_reading()
        if not self.ending:
            self.cleared()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Let go."""
        self.ending = True
        self.exchange.connections.discard(self)
