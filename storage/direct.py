"""Whole objects, asked for directly: botocore's signature and its connections without the client between them.

Every request of the API reads its user's database, and most find nothing new. There the client's rules of endpoints,
hooks and parsers cost more than the asking itself (1.7 of the 12 ms of a request, measured).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import IncompleteReadError
from botocore.httpsession import URLLib3Session

from storage.endpoint import Endpoint

_CODE: Final = re.compile(rb"<Code>([A-Za-z0-9]{1,100})</Code>")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a store said. `code` is S3's word for why not, or the status where it gave none; empty where all is well."""

    status: int
    code: str
    body: bytes
    headers: Mapping[str, str]


class Direct:
    """A bucket's objects, each request asked exactly once. Safe for threads."""

    def __init__(self, endpoint: Endpoint, region: str, connections: URLLib3Session) -> None:
        self._root = f"{endpoint.url.rstrip('/')}/{endpoint.bucket}/"
        self._signer = S3SigV4Auth(Credentials(endpoint.access_key_id, endpoint.secret_access_key), "s3", region)
        self._connections = connections

    def close(self) -> None:
        """Let go of the connections."""
        self._connections.close()

    def get(self, key: str, condition: Mapping[str, str]) -> Answer:
        """Ask for an object. Raises botocore's BotoCoreError where no whole answer came."""
        return self._asked("GET", key, condition, b"")

    def put(self, key: str, body: bytes, condition: Mapping[str, str]) -> Answer:
        """Ask to write an object. Raises as `get`."""
        return self._asked("PUT", key, condition, body)

    def _asked(self, method: str, key: str, condition: Mapping[str, str], body: bytes) -> Answer:
        request = AWSRequest(method, self._root + quote(key, safe="/~"), {**condition}, body)
        self._signer.add_auth(request)
        sent = self._connections.send(request.prepare())
        status, said = sent.status_code, sent.content
        if (length := sent.headers.get("Content-Length")) and status != 304 and len(said) != int(length):
            raise IncompleteReadError(actual_bytes=len(said), expected_bytes=int(length))
        if status < 300:
            return Answer(status, "", said, sent.headers)
        found = _CODE.search(said[:4096])
        return Answer(status, found[1].decode() if found else str(status), said, sent.headers)
