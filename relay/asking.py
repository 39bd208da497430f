"""A connection that asks: requests over HTTP, one after another, until one of them makes it a websocket.

Each request is answered while it is read, so that what was sent ahead is answered in its order and nothing waits but
bytes. Why there is neither a framework nor a second port: docs/decisions/0027-the-relay-server.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from relay.addresses import address_of
from relay.connection import Connection, Exchange
from relay.counts import resident_bytes
from relay.http import JSON, NONE, BadRequest, Head, answer, head_of
from relay.hub import Answer
from relay.listening import Listening
from relay.protocol import MOST_BYTES

_METHODS: Final = {"/ws": "GET", "/publish": "POST", "/healthz": "GET", "/metrics": "GET"}
_NOT_FOUND: Final = Answer(404, '{"code":"not_found","message":"There is nothing here."}')
_LATER: Final = {"Retry-After": "5"}


class Asking(Connection):
    """A connection over which requests come."""

    __slots__ = ("_come", "_head", "_peer", "_until_s")

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange)
        self._come = bytearray()
        self._head: Head | None = None  # of the request whose body is still to come
        self._peer = ""
        self._until_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless there are too many."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=0)
        if len(self.exchange.connections) >= self.exchange.limits.connections:
            self._refuse(503, "too_many", "Too many connections.")
            return
        self.exchange.connections.add(self)
        peer = transport.get_extra_info("peername")
        self._peer = address_of(peer[0]) if peer else ""
        self._wait(self.exchange.limits.request_s)

    def heard(self, come: bytes) -> None:
        """Answer what is all there."""
        if not self._come:
            self._wait(self.exchange.limits.request_s)
        self._come += come
        self.cleared()

    def cleared(self) -> None:
        """Answer one request after another, as long as the answers are taken."""
        while self._come and not self.paused and not self.ending:
            try:
                request = self._next()
            except BadRequest as bad:
                self._refuse(bad.status, "bad_request", bad.message)
                return
            if request is None:
                return
            self._wait(self.exchange.limits.request_s if self._come else self.exchange.limits.idle_s)
            self._take(*request)

    def tick(self) -> None:
        """End what takes too long."""
        if self.ending or self.exchange.clock.steady_s() < self._until_s:
            return
        if self._come:
            self._refuse(408, "too_slow", "The request took too long.")
        else:
            self.close()

    def drain(self) -> None:
        """End, unless a request is on its way: its answer will say that it is the last."""
        if not self._come:
            self.close()

    def _wait(self, at_most_s: float) -> None:
        self._until_s = self.exchange.clock.steady_s() + at_most_s

    def _next(self) -> tuple[Head, bytes] | None:
        """Take out the next request, None while it is not all there. Raises BadRequest."""
        head = self._head = self._head or head_of(self._come, MOST_BYTES)
        if head is None:
            return None
        begins, ends = len(head.raw), len(head.raw) + head.length_bytes
        if len(self._come) < ends:
            return None
        body = bytes(self._come[begins:ends])
        del self._come[:ends]
        self._head = None
        return head, body

    def _take(self, head: Head, body: bytes) -> None:
        allowed = _METHODS.get(head.path)
        if allowed and head.method != allowed:
            self._say(head, Answer(405, '{"code":"wrong_method","message":"Not this way."}'), more={"Allow": allowed})
        elif head.path == "/ws":
            self._become_a_socket(head)
        elif head.path == "/publish":
            said = self._published(head, body)
            self._say(head, said, more=_LATER if said.status in {429, 503} else NONE)
        elif head.path == "/healthz":
            draining = self.exchange.hub.draining
            self._say(head, Answer(503 if draining else 200, '{"ok":false}' if draining else '{"ok":true}'))
        elif head.path == "/metrics" and self.exchange.address_header not in head.headers:
            self._say(head, Answer(200, self._metrics()), kind="text/plain; version=0.0.4")
        else:  # the counts are for who asks without the proxy: Fly's own collector, from inside
            self._say(head, _NOT_FOUND)

    def _published(self, head: Head, body: bytes) -> Answer:
        """Hand a snapshot to the hub. While it drains, the next life of this relay has to hear it instead."""
        hub, addresses, address = self.exchange.hub, self.exchange.addresses, self._address(head)
        if hub.draining:
            said = Answer(503, '{"code":"draining","message":"The relay restarts: post this again in a moment."}')
        else:
            said = hub.post(head.headers, body)
        if said.status == 401 and not addresses.tries(address):
            said = Answer(429, '{"code":"too_many","message":"Too many posts were refused."}')
        self.exchange.counts.add("relay_publishes_total", f'status="{said.status}"')
        return said

    def _become_a_socket(self, head: Head) -> None:
        come, self._come = bytes(self._come), bytearray()
        listening = Listening(self.exchange, self.transport, self._address(head))
        self.exchange.connections.discard(self)
        self.exchange.connections.add(listening)
        self.transport.set_protocol(listening)
        listening.open(head.raw, come)

    def _metrics(self) -> str:
        exchange = self.exchange
        return exchange.counts.text(
            {
                "relay_sockets": ("Sockets that listen.", exchange.hub.sockets),
                "relay_connections": ("Connections, those that listen among them.", len(exchange.connections)),
                "relay_jobs": ("Jobs whose newest snapshot is kept.", exchange.hub.jobs),
                "relay_addresses": ("Addresses that came of late.", len(exchange.addresses)),
                "relay_draining": ("Whether it is about to end.", exchange.hub.draining),
                "process_resident_memory_bytes": ("Memory that the process holds.", resident_bytes()),
            }
        )

    def _address(self, head: Head) -> str:
        """Return who asks: what the proxy says, if there is one; the other end, if not."""
        said = head.headers.get(self.exchange.address_header or "", "")
        try:
            return address_of(said)
        except ValueError:
            return self._peer

    def _say(self, head: Head, said: Answer, *, kind: str = JSON, more: Mapping[str, str] = NONE) -> None:
        lasts = head.lasts and not self.exchange.hub.draining
        self.exchange.counts.add("relay_requests_total", f'status="{said.status}"')
        self.write(answer(said.status, said.body, lasts=lasts, kind=kind, more=more))
        if not lasts:
            self.part()

    def _refuse(self, status: int, code: str, message: str) -> None:
        """Say what is wrong, and part: where the next request would begin is not known."""
        self.exchange.counts.add("relay_requests_total", f'status="{status}"')
        self.write(answer(status, f'{{"code":"{code}","message":"{message}"}}', lasts=False))
        self._come = bytearray()
        self.part()
