"""A relay to test on: a clock moved by hand, keys, snapshots, and a listener that keeps what it was sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from relay.hub import Hub
from relay.protocol import SUBPROTOCOL, Close, Snapshot
from relay.session import Session
from relay.signing import KeyRing
from relay.tickets import issue

KEYS = KeyRing((("k2", b"2" * 32), ("k1", b"1" * 32)))
OLD_KEYS = KeyRing((("k1", b"1" * 32),))
ORIGIN = "https://app.example"

RUNNING = Snapshot(
    user="ann",
    job="0190a5b6-0000-7000-8000-000000000001",
    attempt=1,
    seq=4,
    phase="rendering",
    done=120,
    total=960,
    fps=24.5,
    eta_s=34.3,
    state="running",
    message="",
)


def snapshot(**changes: Any) -> Snapshot:
    return replace(RUNNING, **changes)


def spoken(frame: str) -> dict[str, Any]:
    return json.loads(frame)


@dataclass
class HandClock:
    """Both clocks, moved by hand."""

    now_s: float = 1_800_000_000.0
    steady_now_s: float = 5.0

    def time_s(self) -> float:
        return self.now_s

    def steady_s(self) -> float:
        return self.steady_now_s

    def advance(self, by_s: float) -> None:
        self.now_s += by_s
        self.steady_now_s += by_s


@dataclass
class Listener:
    """What a server keeps for one socket: its session, and how often it was called."""

    session: Session
    calls: list[str]

    @property
    def ended(self) -> Close | None:
        return self.session.ended

    def take(self) -> list[dict[str, Any]]:
        """Take all that waits."""
        return [spoken(frame) for frame in self.session.outgoing()]

    def jobs(self) -> list[dict[str, Any]]:
        """Take all that waits; return the snapshots."""
        return [frame for frame in self.take() if "job" in frame]


@dataclass
class Relay:
    """A hub and its clock."""

    clock: HandClock = field(default_factory=HandClock)
    limits: dict[str, int] = field(default_factory=dict)
    hub: Hub = field(init=False)

    def __post_init__(self) -> None:
        self.hub = Hub(KEYS, frozenset({ORIGIN}), self.clock, relay="here", epoch="e1", **self.limits)

    def ticket(self, user: str = "ann") -> str:
        return issue(KEYS, user, self.clock.time_s())

    def connect(self, user: str = "ann", *, offered: list[str] | None = None, origin: str | None = ORIGIN) -> Listener:
        calls: list[str] = []
        session = self.hub.connect(
            [SUBPROTOCOL, self.ticket(user)] if offered is None else offered,
            origin,
            news=lambda: calls.append("news"),
            over=lambda: calls.append("over"),
        )
        return Listener(session, calls)
