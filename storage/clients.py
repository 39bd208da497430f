"""How a bucket is reached: boto3's clients, and connections beside them, as R2 and the embedded server take them."""

from __future__ import annotations

from functools import cached_property
from ipaddress import ip_address
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from storage.endpoint import Endpoint

REGION: Final = "auto"
_CONNECT_S, _READ_S, _CONNECTIONS = 5, 60, 16


class Clients:
    """The clients of one endpoint, by how often they ask: made, and boto3 loaded, when one is first needed.

    Reading and writing users' databases needs none, so that a cold start that only does so is 0.4 s and 20 MB less.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._made: dict[int, Any] = {}
        self._lock = Lock()

    def asking(self, tries: int) -> Any:
        """Return the client that asks so often."""
        with self._lock:
            if tries not in self._made:
                self._made[tries] = _client(self._session, self._endpoint.url, tries)
            return self._made[tries]

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            for client in self._made.values():
                client.close()

    @cached_property
    def _session(self) -> Any:
        """One for all, since the second client of a session costs a tenth of the first."""
        from boto3.session import Session

        return Session(self._endpoint.access_key_id, self._endpoint.secret_access_key, region_name=REGION)


def connections(url: str) -> URLLib3Session:
    """Return what holds the connections of requests that go past a client."""
    return URLLib3Session(proxies=_proxies(url), timeout=(_CONNECT_S, _READ_S), max_pool_connections=_CONNECTIONS)


def _client(session: Any, url: str, tries: int) -> Any:
    """Return a client that asks `tries` times. R2 takes no checksums but the signature's own."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"mode": "standard", "total_max_attempts": tries},
        connect_timeout=_CONNECT_S,
        read_timeout=_READ_S,
        max_pool_connections=_CONNECTIONS,
        proxies=_proxies(url),
    )
    client = session.client("s3", endpoint_url=url, config=config)
    client.meta.events.register("before-call.s3", _stay)
    return client


def _proxies(url: str) -> dict[str, str]:
    """Return the proxies that the machine is set to; to itself none of them leads."""
    return {} if _is_loopback(url) else get_environ_proxies(url)


def _stay(context: dict[str, Any], **_: object) -> None:
    """Keep botocore from asking elsewhere, time and again, when an endpoint redirects: https that was set as http."""
    context["s3_redirect"] = {**context.get("s3_redirect", {}), "redirected": True}


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
