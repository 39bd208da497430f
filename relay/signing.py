"""The shared keys, and the signature under what a worker posts."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from relay.protocol import MOST_BYTES, RelayError

MOST_SKEW_S: Final = 60

_KID = re.compile(r"[a-z0-9-]{1,16}")
_SHORTEST_SECRET: Final = 32  # bytes, as many as the digest has (RFC 2104, section 3)
_TS = re.compile(r"[0-9]{1,12}")
_SIG = re.compile(r"[0-9a-f]{64}")


class BadKeys(RelayError):
    """The relay's keys cannot be used."""


class Refused(RelayError):
    """A post is turned away; `status` is its HTTP status, `code` says why to machines."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Secrets by their names (kid). The first signs, all verify: a new one goes in front, the old one goes out later.

    Raises BadKeys.
    """

    secrets: tuple[tuple[str, bytes], ...] = field(repr=False)

    def __post_init__(self) -> None:
        kids = [kid for kid, _ in self.secrets]
        if not kids or len(set(kids)) < len(kids) or not all(_KID.fullmatch(kid) for kid in kids):
            raise BadKeys("Each of the relay's keys needs a name of its own: 1 to 16 of a–z, 0–9 and `-`.")
        if any(len(secret) < _SHORTEST_SECRET for _, secret in self.secrets):
            raise BadKeys(f"A key of the relay has at least {_SHORTEST_SECRET} bytes.")

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Read `kid:secret,kid:secret`, as a setting holds it. Raises BadKeys."""
        pairs = [pair.strip().partition(":") for pair in text.split(",")]
        return cls(tuple((kid, secret.encode()) for kid, _, secret in pairs))

    def sign(self, body: bytes) -> tuple[str, str]:
        """Return the kid that signs now, and its HMAC-SHA-256 of `body` in 64 hexadecimal digits."""
        kid, secret = self.secrets[0]
        return kid, hmac.digest(secret, body, "sha256").hex()

    def verifies(self, kid: str, signature: str, body: bytes) -> bool:
        """Tell whether `signature` is that of `body` by the key `kid`; in a time that does not depend on how wrong."""
        secret = dict(self.secrets).get(kid)
        if secret is None or not _SIG.fullmatch(signature):
            return False
        return hmac.compare_digest(hmac.digest(secret, body, "sha256").hex(), signature)


def publish_headers(keys: KeyRing, body: bytes, now_s: float) -> dict[str, str]:
    """Return the headers that go with a snapshot's `body` to POST /publish."""
    ts = str(int(now_s))
    kid, signature = keys.sign(_signed(ts, body))
    return {"X-RB-Ts": ts, "X-RB-Kid": kid, "X-RB-Sig": signature}


def check_publish(keys: KeyRing, headers: Mapping[str, str], body: bytes, now_s: float) -> None:
    """Raise Refused unless `body` is small enough, signed, and signed just now."""
    if len(body) > MOST_BYTES:
        raise Refused(413, "too_large", f"A snapshot has at most {MOST_BYTES} bytes.")
    said = {name.lower(): value for name, value in headers.items()}
    ts, kid, signature = (said.get(name, "") for name in ("x-rb-ts", "x-rb-kid", "x-rb-sig"))
    if not _TS.fullmatch(ts) or not keys.verifies(kid, signature, _signed(ts, body)):
        raise Refused(401, "wrong_signature", "The signature does not fit.")
    if abs(now_s - int(ts)) > MOST_SKEW_S:
        raise Refused(401, "wrong_time", f"Signed more than {MOST_SKEW_S} s away from the relay's time.")


def _signed(ts: str, body: bytes) -> bytes:
    return b"pub:" + ts.encode() + b":" + body
