"""Requests to a store, byte by byte: signed by botocore, sent by http.client, and answered whole."""

from __future__ import annotations

import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from storage.endpoint import Endpoint


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """S3's code of a refusal."""
        found = re.search(rb"<Code>(\w+)</Code>", self.body)
        return found[1].decode() if found else ""


def address(endpoint: Endpoint, key: str, query: str = "") -> str:
    return f"{endpoint.url}/{endpoint.bucket}/{quote(key, safe='/~')}" + (f"?{query}" if query else "")


def signed(
    endpoint: Endpoint, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> dict[str, str]:
    """Return the headers of a request, signed."""
    request = AWSRequest(method, url, dict(headers or {}), body)
    _auth(S3SigV4Auth, endpoint).add_auth(request)
    return dict(request.headers.items())


def presigned(endpoint: Endpoint, method: str, url: str, life_s: int, headers: Mapping[str, str] | None = None) -> str:
    """Return a signed address."""
    request = AWSRequest(method, url, dict(headers or {}))
    credentials = Credentials(endpoint.access_key_id, endpoint.secret_access_key)
    S3SigV4QueryAuth(credentials, "s3", "auto", expires=life_s).add_auth(request)
    return request.url or ""


def send(method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answered:
    """Send a request as it is."""
    there = urlsplit(url)
    connection = http.client.HTTPConnection(there.hostname or "", there.port, timeout=30)
    try:
        return send_on(connection, method, url, headers, body)
    finally:
        connection.close()


def send_on(
    connection: http.client.HTTPConnection,
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answered:
    """Send a request on a connection that stays open."""
    connection.request(
        method, url.removeprefix(f"http://{connection.host}:{connection.port}"), body, dict(headers or {})
    )
    answer = connection.getresponse()
    return Answered(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read())


def ask(
    endpoint: Endpoint,
    method: str,
    key: str,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answered:
    """Sign a request and send it."""
    url = address(endpoint, key, query)
    return send(method, url, signed(endpoint, method, url, headers, body), body)


def _auth(kind: type[S3SigV4Auth], endpoint: Endpoint) -> S3SigV4Auth:
    return kind(Credentials(endpoint.access_key_id, endpoint.secret_access_key), "s3", "auto")
