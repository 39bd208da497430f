"""A connection that listens: a websocket, and its session at the hub. Frames are `websockets`', the line is asyncio's.

No task and no queue of its own: a frame is made when the line takes it, and until then the session keeps the newest
snapshot of each job. That is what makes an idle socket small and a slow one harmless.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from websockets.frames import Frame, Opcode
from websockets.headers import parse_subprotocol
from websockets.http11 import Request
from websockets.protocol import SEND_EOF, State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from relay.connection import Connection, Exchange
from relay.protocol import GONE, SUBPROTOCOL, TOO_MANY, Close
from relay.session import Session

MOST_SAID_BYTES: Final = 2048
"""A message of a browser: all that it may say is "ping"."""

_CODES: Final = frozenset({1000, 1001, 1002, 1005, 1006, 1007, 1009, 1012, 4401, 4403, 4408, 4429})

_log = logging.getLogger("relay.websockets")
_log.setLevel(logging.WARNING)  # it says of each connection that it opens and closes, and at DEBUG the tickets


class _Websocket(ServerProtocol):
    """Chooses the protocol's name, never the ticket beside it. One who offers neither comes in, to be told why not."""

    def select_subprotocol(self, subprotocols: Sequence[Subprotocol]) -> Subprotocol | None:
        return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in subprotocols else None


class Listening(Connection):
    """A connection that listens."""

    __slots__ = ("_address", "_counted", "_heard_s", "_pinged", "_session", "_wire")

    def __init__(self, exchange: Exchange, transport: asyncio.Transport, address: str) -> None:
        super().__init__(exchange)
        self.transport = transport
        self._address, self._counted = address, False
        self._wire = _Websocket(max_size=MOST_SAID_BYTES, logger=_log)
        self._session: Session | None = None
        self._heard_s, self._pinged = exchange.clock.steady_s(), False

    def open(self, head: bytes, come: bytes) -> None:
        """Begin with the head of the request; `come` is what came behind it."""
        self._wire.receive_data(head)
        asked = self._wire.events_received()
        if not asked or not isinstance(asked[0], Request):
            self._send()
            self.part()
            return
        response = self._wire.accept(asked[0])
        self.exchange.counts.add("relay_requests_total", f'status="{response.status_code}"')
        self._wire.send_response(response)
        self._send()
        if response.status_code != 101:
            return
        self._enter(asked[0])
        asked[0].headers.clear()  # the parser keeps the request for as long as the socket lives: 3 KB
        if come:
            self.heard(come)

    def heard(self, come: bytes) -> None:
        """Take in frames."""
        self._heard_s, self._pinged = self.exchange.clock.steady_s(), False
        self._wire.receive_data(come)
        for frame in self._wire.events_received():
            if self._session and isinstance(frame, Frame):
                self._session.receive(_said(frame))
        if self._session and self._wire.state is not State.OPEN:
            self._session.close()
        self._send()

    def cleared(self) -> None:
        """Send what waits, a frame at a time, as long as the line takes them."""
        if self._session is None or not self._takes:
            return
        for frame in self._session.outgoing():
            self.exchange.counts.add("relay_frames_total")
            self._wire.send_text(frame.encode())
            self._send()
            if not self._takes:
                break

    def tick(self) -> None:
        """Ask one that was quiet whether it is there; end one that does not say."""
        quiet_s = self.exchange.clock.steady_s() - self._heard_s
        if quiet_s >= self.exchange.limits.gone_s:
            self.transport.abort()
        elif quiet_s >= self.exchange.limits.ping_s and not self._pinged and self._takes:
            self._pinged = True
            self._wire.send_ping(b"")
            self._send()

    def drain(self) -> None:
        """Do nothing: the hub sends the sockets away."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the hub."""
        super().connection_lost(exc)
        if self._session:
            self._session.close()
        if self._counted:
            self.exchange.addresses.goes(self._address)
        sent = self._wire.close_sent
        code = sent.code if sent else 1006
        if self._session or sent:
            self.exchange.counts.add("relay_sockets_closed_total", f'code="{code if code in _CODES else "other"}"')

    @property
    def _takes(self) -> bool:
        """Whether a frame may be sent."""
        return not self.paused and not self.ending and self._wire.state is State.OPEN

    def _enter(self, asked: Request) -> None:
        """Be let in by the hub, or told why not: a browser sees no code before it is in."""
        addresses = self.exchange.addresses
        if not addresses.tries(self._address) or not addresses.comes(self._address):
            self._end(TOO_MANY)
            return
        self._counted = True
        said = asked.headers.get_all("Sec-WebSocket-Protocol")
        offered = [name for header in said for name in parse_subprotocol(header)]
        origin = ", ".join(asked.headers.get_all("Origin")) or None
        session = self.exchange.hub.connect(offered, origin, news=self.cleared, over=self._over)
        self._session = session
        if session.ended:
            self._end(session.ended)
            return
        self.exchange.counts.add("relay_sockets_opened_total")
        self.cleared()

    def _over(self) -> None:
        if self._session and self._session.ended and self._session.ended is not GONE:
            self._end(self._session.ended)

    def _end(self, how: Close) -> None:
        """Close the websocket; the connection ends when the other side has answered, or soon."""
        if self._wire.state is State.OPEN:
            self._wire.send_close(how.code, how.reason)
            self._send()
            self.end_soon()

    def _send(self) -> None:
        said = self._wire.data_to_send()
        self.write(b"".join(said))
        if SEND_EOF in said:
            self.part()


def _said(frame: Frame) -> str | bytes:
    """Return what a frame says. Those that say nothing to the hub are counted by it all the same."""
    return bytes(frame.data).decode(errors="replace") if frame.opcode is Opcode.TEXT else bytes(frame.data)
