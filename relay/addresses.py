"""How many sockets each address has, and how often it tried to come in of late. Bounded, and soon forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from relay.protocol import Clock

MOST_ADDRESSES: Final = 20_000  # of about 300 bytes each


@dataclass(slots=True)
class _Address:
    began_s: float  # of its minute, on the steady clock
    tries: int = 0
    sockets: int = 0


class Addresses:
    """Counts by address. One that is not known any more has tried nothing yet."""

    def __init__(self, clock: Clock, most_sockets: int, most_tries_a_minute: int) -> None:
        self._clock, self._most_sockets, self._most_tries = clock, most_sockets, most_tries_a_minute
        self._known: dict[str, _Address] = {}

    def __len__(self) -> int:
        return len(self._known)

    def tries(self, address: str) -> bool:
        """Note that an address tries something; tell whether it may."""
        now_s = self._clock.steady_s()
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= MOST_ADDRESSES:
                self._known = {name: one for name, one in self._known.items() if one.sockets}
            known = self._known[address] = _Address(now_s)
        if now_s - known.began_s >= 60:
            known.began_s, known.tries = now_s, 0
        known.tries += 1
        return known.tries <= self._most_tries

    def comes(self, address: str) -> bool:
        """Note a socket of an address that tried, unless it has too many; tell whether it was noted."""
        known = self._known[address]
        if known.sockets >= self._most_sockets:
            return False
        known.sockets += 1
        return True

    def goes(self, address: str) -> None:
        """Note that a socket that came is gone."""
        self._known[address].sockets -= 1

    def forget(self) -> None:
        """Let go of those that have no socket and did not try for a minute."""
        now_s = self._clock.steady_s()
        self._known = {name: one for name, one in self._known.items() if one.sockets or now_s - one.began_s < 60}


def address_of(text: str) -> str:
    """Return what is counted of an IP address: of IPv6 its network of 64 bits, since a household has that many.

    Raises ValueError if it is none.
    """
    address = ip_address(text.partition("%")[0])
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return address.exploded[:19]
