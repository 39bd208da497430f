"""Where the service is found: names, ports, addresses."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from local.site import LOOPBACK, Site, home_address, listening, port_for_the_store
from reel.errors import BadInput

HOME = Site(8000, 8001)
LAN = Site(8000, 8001, "192.168.1.5")


def test_its_names_are_its_own():
    assert HOME.hosts == {"localhost:8000", "127.0.0.1:8000"}
    assert HOME.origins == {"http://localhost:8000", "http://127.0.0.1:8000"}
    assert (HOME.url, HOME.lan_url) == ("http://localhost:8000", None)


def test_in_the_home_network_it_has_one_more():
    assert LAN.hosts - HOME.hosts == {"192.168.1.5:8000"}
    assert LAN.origins - HOME.origins == {"http://192.168.1.5:8000"}
    assert (LAN.url, LAN.lan_url) == ("http://localhost:8000", "http://192.168.1.5:8000")


def test_the_port_of_http_is_not_said():
    assert {"localhost", "localhost:80"} <= Site(80, 81).hosts
    assert "http://localhost" in Site(80, 81).origins


@pytest.mark.parametrize(
    ("host", "store", "websocket"),
    [
        ("localhost:8000", "http://localhost:8001", "ws://localhost:8000/ws"),
        ("127.0.0.1:8000", "http://127.0.0.1:8001", "ws://127.0.0.1:8000/ws"),
        ("192.168.1.5:8000", "http://192.168.1.5:8001", "ws://192.168.1.5:8000/ws"),
        ("evil.example:8000", "http://127.0.0.1:8001", "ws://localhost:8000/ws"),
        ("localhost:8000@evil.example", "http://127.0.0.1:8001", "ws://localhost:8000/ws"),
        ("", "http://127.0.0.1:8001", "ws://localhost:8000/ws"),
    ],
)
def test_a_browser_is_sent_to_the_name_that_it_came_by_and_never_elsewhere(host: str, store: str, websocket: str):
    assert (LAN.store_url(host), LAN.socket_url(host)) == (store, websocket)


def test_a_port_is_free_taken_or_any():
    with listening(0, (LOOPBACK,)) as opened:
        port = opened[0].getsockname()[1]
        with pytest.raises(BadInput, match=f"Port {port} is taken"), listening(port, (LOOPBACK,)):
            pass
        assert port_for_the_store(port, (LOOPBACK,)) != port
    with listening(port, (LOOPBACK,)) as opened:
        assert opened[0].getsockname() == (LOOPBACK, port)
    assert port_for_the_store(port, (LOOPBACK,)) == port


def test_there_is_no_port_above_the_last():
    assert 0 < port_for_the_store(65_536, (LOOPBACK,)) < 65_536


def test_each_address_listens_at_one_port():
    addresses = (LOOPBACK, "127.0.0.2")
    with listening(0, addresses) as opened:
        assert [each.getsockname()[0] for each in opened] == list(addresses)
        assert len({each.getsockname()[1] for each in opened}) == 1


def test_the_address_at_home_is_one_of_this_machine():
    address = home_address()
    assert ipaddress.ip_address(address).is_private
    with socket.socket() as bound:
        bound.bind((address, 0))


class Elsewhere(socket.socket):
    """A socket of a machine whose way out has a public address."""

    def connect(self, *_: object) -> None: ...

    def getsockname(self) -> tuple[str, int]:
        return "8.8.8.8", 1


def test_a_public_address_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket, "socket", Elsewhere)
    with pytest.raises(BadInput, match="all the world"):
        home_address()
