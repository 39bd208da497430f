"""Where this machine's service is found: the names that browsers use for it, and its ports."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from reel.errors import BadInput

LOOPBACK: Final = "127.0.0.1"
DEV_ORIGIN: Final = "http://localhost:5173"
"""Where Vite serves the editor to who works on it: web/vite.config.ts."""
_ELSEWHERE: Final = ("192.0.2.1", 9)  # an address of nobody (RFC 5737); nothing is sent there
_FREED_S: Final = 2.0  # so long what a killed one left behind may still listen


@dataclass(frozen=True, slots=True)
class Site:
    """One installation's names and ports. `lan` is its address in the home network, if it is to be found there.

    With `dev` the pages that Vite serves are its own as well.
    """

    port: int
    store_port: int
    lan: str | None = None
    dev: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """What it listens at."""
        return (LOOPBACK, self.lan) if self.lan else (LOOPBACK,)

    @property
    def names(self) -> tuple[str, ...]:
        """What browsers may call this machine."""
        return ("localhost", *self.addresses)

    @property
    def hosts(self) -> frozenset[str]:
        """The Host headers that are meant for it. A browser leaves the port of http out."""
        bare = self.names if self.port == 80 else ()
        return frozenset({*(f"{name}:{self.port}" for name in self.names), *bare})

    @property
    def origins(self) -> frozenset[str]:
        """The origins of its own pages."""
        own = (f"http://{name}" if self.port == 80 else f"http://{name}:{self.port}" for name in self.names)
        return frozenset({*own, *([DEV_ORIGIN] if self.dev else [])})

    @property
    def url(self) -> str:
        """Its address on this machine."""
        return f"http://localhost:{self.port}"

    @property
    def lan_url(self) -> str | None:
        """Its address for other devices."""
        return f"http://{self.lan}:{self.port}" if self.lan else None

    def store_url(self, host: str) -> str:
        """Return where the browser that asked for `host` reaches the embedded store: the same name, another port."""
        name = host.partition(":")[0] if host in self.hosts else LOOPBACK
        return f"http://{name}:{self.store_port}"

    def socket_url(self, host: str) -> str:
        """Return where the websocket of the browser that asked for `host` goes."""
        return f"ws://{host if host in self.hosts else f'localhost:{self.port}'}/ws"


def home_address() -> str:
    """Return this machine's address in the home network. Raises BadInput if it has none, or a public one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(_ELSEWHERE)  # picks the way out, and with it our address on that way
        except OSError as none:
            raise BadInput("--lan: this machine is in no network.") from none
        address = asked.getsockname()[0]
    if ipaddress.ip_address(address).is_loopback:
        raise BadInput("--lan: this machine is in no network.")
    if not ipaddress.ip_address(address).is_private:
        raise BadInput(f"--lan: {address} is a public address: all the world could come in, not only this home.")
    return address


@contextmanager
def listening(port: int, addresses: tuple[str, ...]) -> Generator[list[socket.socket]]:
    """Listen at a port of each address; 0: at one that is free. Raises BadInput if it is taken or not allowed."""
    with ExitStack() as stack:
        opened: list[socket.socket] = []
        for address in addresses:
            listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            try:
                _listen(listener, address, opened[0].getsockname()[1] if opened else port)
            except PermissionError as denied:
                raise BadInput(f"Port {port} is not allowed here: choose one from 1024 on with PORT.") from denied
            except OSError as taken:
                instead = port + 10 if port < 65_000 else 0
                told = f"Port {port} is taken. Stop what uses it, or choose another, as with PORT={instead}."
                raise BadInput(told) from taken
            opened.append(listener)
        yield opened


def port_for_the_store(wanted: int, addresses: tuple[str, ...]) -> int:
    """Return `wanted` if it is free, or gets free in a moment, at each of the addresses; else a port that is."""
    ends_s = time.monotonic() + _FREED_S
    while time.monotonic() < ends_s:
        with suppress(BadInput, OverflowError), listening(wanted, addresses):
            return wanted
        time.sleep(0.1)
    with listening(0, addresses) as opened:
        return opened[0].getsockname()[1]


def _listen(listener: socket.socket, address: str, port: int) -> None:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(128)
