"""Browser tabs that listen to relays as the editor does: a ticket, a socket, then the list; and by asking meanwhile.

The rules are those of web/src/editing/relay.ts, but for one that would hide what is measured: a tab whose socket is
open asks for nothing by the clock.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

from bench.relays import ADDRESS_HEADER, HOST, KEYS, ORIGIN, Relay, address_of
from relay.protocol import SUBPROTOCOL, Snapshot, newest
from relay.tickets import issue

LEAST_S: Final = 0.25
FIRST_S: Final = 0.5
MOST_S: Final = 15.0
LASTED_S: Final = 30.0
POLLS_S: Final = (3.0, 5.0, 10.0, 15.0)

Jobs = dict[str, Snapshot]


@dataclass(slots=True)
class Tab:
    """A tab of a user. `read_jobs` asks the API; `known` is what it shows; `heard_s` is when a frame said it."""

    number: int
    user: str
    relays: Sequence[Relay]
    read_jobs: Callable[[str], Jobs]
    known: Jobs = field(default_factory=dict)
    heard_s: dict[str, float] = field(default_factory=dict)
    epochs: set[str] = field(default_factory=set)
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.number)

    async def live(self) -> None:
        """Listen, and come back whenever the socket is gone, until cancelled."""
        failures, asking = 0, asyncio.ensure_future(self._ask_meanwhile())
        while True:
            began_s = time.monotonic()
            try:
                await self._listen(asking)
            except (OSError, WebSocketException):
                if asking.cancelled():  # it was open, and is not any more
                    failures = 0 if time.monotonic() - began_s >= LASTED_S else failures
                    asking = asyncio.ensure_future(self._ask_meanwhile())
                await asyncio.sleep(self._jitter_s(failures))
                failures += 1
            except asyncio.CancelledError:
                asking.cancel()
                raise

    async def _listen(self, asking: asyncio.Future[None]) -> None:
        """Listen to the relay of its number, later to any. Raises OSError or WebSocketException in the end."""
        relay = self._random.choice(self.relays) if self.epochs else self.relays[self.number % len(self.relays)]
        async with connect(
            f"ws://{HOST}:{relay.port}/ws",
            origin=Origin(ORIGIN),
            subprotocols=[Subprotocol(SUBPROTOCOL), Subprotocol(issue(KEYS, self.user, time.time()))],
            additional_headers={ADDRESS_HEADER: address_of(self.number)},
            compression=None,
            proxy=None,
        ) as socket:
            asking.cancel()
            self._ask()  # subscribed first, so that nothing falls between the two
            while True:
                self._hear(json.loads(await socket.recv()))

    def _hear(self, said: dict[str, Any]) -> None:
        if "epoch" in said:
            if said["epoch"] not in self.epochs:
                self.epochs.add(said["epoch"])
                self._ask()
            return
        self._learn(Snapshot(**said))
        self.heard_s.setdefault(said["job"], time.perf_counter())

    async def _ask_meanwhile(self) -> None:
        for number in range(10**6):
            await asyncio.sleep(POLLS_S[min(number, len(POLLS_S) - 1)])
            self._ask()

    def _ask(self) -> None:
        for snapshot in self.read_jobs(self.user).values():
            self._learn(snapshot)

    def _learn(self, snapshot: Snapshot) -> None:
        self.known[snapshot.job] = newest(self.known.get(snapshot.job), snapshot)

    def _jitter_s(self, failures: int) -> float:
        return LEAST_S + self._random.random() * max(min(MOST_S, FIRST_S * 2**failures) - LEAST_S, 0)
