"""Tickets: who may listen, for one connection, for a minute.

A ticket is `ticket.{kid}.{user}.{issued_s}.{nonce}.{signature}`. It is offered as a websocket subprotocol, beside the
protocol's name, so that it stands in no address and lands in no access log; all its characters may stand there
(RFC 9110, a token).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relay.protocol import NEW_TICKET, SUBPROTOCOL, TOO_MANY, Clock, Close
from relay.signing import KeyRing

LIFE_S: Final = 60
AHEAD_S: Final = 10  # by which the clock that issued may be ahead of the relay's
MOST_REMEMBERED: Final = 100_000  # of about 150 bytes each; reached only by 1,400 connections a second

_TICKET = re.compile(
    r"ticket\.([a-z0-9-]{1,16})\.([a-z0-9][a-z0-9-]{0,63})\.([0-9]{1,12})\.([0-9a-f]{32})\.([0-9a-f]{64})"
)


def issue(keys: KeyRing, user: str, now_s: float) -> str:
    """Return a new ticket for `user`."""
    said = f"{user}.{int(now_s)}.{secrets.token_hex(16)}"
    kid, signature = keys.sign(_signed(said))
    return f"ticket.{kid}.{said}.{signature}"


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom a ticket let in."""

    user: str


class Door:
    """Takes tickets, each once. What was taken is remembered for as long as the ticket could be shown again.

    A restart forgets it: that is the one minute in which a stolen ticket could be shown a second time.
    """

    def __init__(self, keys: KeyRing, clock: Clock) -> None:
        self._keys, self._clock = keys, clock
        self._taken: dict[str, float] = {}  # nonce → when, on the steady clock, oldest first

    def admit(self, offered: Sequence[str]) -> Guest | Close:
        """Take the ticket among the subprotocols that a browser offers; return its user, or why not."""
        shown = [ticket for name in offered if (ticket := _TICKET.fullmatch(name))]
        if SUBPROTOCOL not in offered or len(shown) != 1:
            return NEW_TICKET
        kid, user, issued, nonce, signature = shown[0].groups()
        if not self._keys.verifies(kid, signature, _signed(f"{user}.{issued}.{nonce}")):
            return NEW_TICKET
        if not -AHEAD_S <= self._clock.time_s() - int(issued) <= LIFE_S or nonce in self._taken:
            return NEW_TICKET
        self.forget()
        if len(self._taken) >= MOST_REMEMBERED:
            return TOO_MANY
        self._taken[nonce] = self._clock.steady_s()
        return Guest(user)

    def forget(self) -> None:
        """Let go of the tickets that are too old to be shown again."""
        gone_s = self._clock.steady_s() - (LIFE_S + AHEAD_S)
        while self._taken and (oldest := next(iter(self._taken.items())))[1] < gone_s:
            del self._taken[oldest[0]]


def _signed(said: str) -> bytes:
    return b"ticket:" + said.encode()
