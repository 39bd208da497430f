"""The policy: what a home allows, as values. The local home is generous, the cloud is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from reel.edit import Look

Rate: TypeAlias = "tuple[int, int] | None"
"""So many in so many seconds; None: as many as come."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often one session may ask, or without one, one address."""

    reads: Rate = (1200, 60)
    writes: Rate = (300, 60)
    exports: Rate = (30, 60)
    new_guests: Rate = (20, 3600)
    sign_ins: Rate = (10, 600)
    """Tries of links and codes: they have 128 bits, so this only keeps the noise down."""


UNLIMITED = Rates(None, None, None, None, sign_ins=(60, 60))


@dataclass(frozen=True, slots=True)
class Policy:
    """What one home allows. `origins` and `hosts` are those that browsers may name ("http://localhost:8000")."""

    home: Literal["local", "cloud"]
    origins: frozenset[str]
    hosts: frozenset[str]
    secure_cookie: bool
    shows_money: bool
    look: Callable[[], Look]
    """That of clips which name none."""
    quota_bytes: int | None
    most_running_exports: int | None
    exports_open: Callable[[], bool]
    rates: Rates
    address_header: str | None
    """Where a trusted proxy says which address a request came from; None: nobody stands between."""
    socket_url: Callable[[str], str]
    """Where the browser that asked this host finds the websocket of live progress."""
