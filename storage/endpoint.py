"""Where a store is and who we are to it: the settings of R2, or of the embedded server, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An S3 endpoint (`https://…` or `http://127.0.0.1:…`), a bucket there and a key pair; the secret is not shown."""

    url: str
    bucket: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
