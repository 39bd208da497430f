"""Signature version 4, as S3 and R2 verify it: in a header for 15 minutes, in an address until it expires."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from local.objects_answers import Refusal
from storage.endpoint import Endpoint
from storage.presign import LONGEST_LIFE_S

SKEW_S = 15 * 60
UNSIGNED = "UNSIGNED-PAYLOAD"

_ALGORITHM = "AWS4-HMAC-SHA256"
_HEADER = re.compile(rf"{_ALGORITHM} Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{{64}})")
_IN_ADDRESS = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
_REGIONS = frozenset({"auto", "us-east-1"})  # what R2 takes
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Request:
    """A request's head, decoded: `path` with its leading slash, `query` in the order of the address."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]

    def asked(self, name: str) -> str | None:
        """Return the first value of a name in the query."""
        return next((value for known, value in self.query if known == name), None)


@dataclass(frozen=True, slots=True)
class _Claim:
    credential: str
    signed_headers: tuple[str, ...]
    signature: str
    date: str
    payload: str


def check_signature(request: Request, endpoint: Endpoint, now_s: float) -> str | None:
    """Return the sha256 that the body has to have, None if it is not signed.

    Raises 400 and 403 for what is not signed by us, signed for something else, too long ago or for too long.
    """
    in_address = any(name.startswith("X-Amz-") for name, _ in request.query)
    if in_address and "authorization" in request.headers:
        raise Refusal(400, "InvalidArgument", "Only one way to sign is allowed.")
    claim = _claim_of_address(request, now_s) if in_address else _claim_of_header(request, now_s)
    _check_credential(claim, endpoint)
    _check_headers(request, claim)
    expected = _signature(request, claim, endpoint)
    if not hmac.compare_digest(expected, claim.signature):
        raise _denied("SignatureDoesNotMatch", "The signature is not that of this request.")
    return None if claim.payload == UNSIGNED else claim.payload


def _claim_of_header(request: Request, now_s: float) -> _Claim:
    found = _HEADER.fullmatch(request.headers.get("authorization", ""))
    if not found:
        raise _denied("AccessDenied", "The request is not signed.")
    credential, signed, signature = found.groups()
    date = request.headers.get("x-amz-date", "")
    if abs(_seconds(date) - now_s) > SKEW_S:
        raise _denied("RequestTimeTooSkewed", "The request was signed too long ago, or in the future.")
    payload = request.headers.get("x-amz-content-sha256", "")
    if payload.startswith("STREAMING-"):
        raise Refusal(501, "NotImplemented", "This store takes no body in signed pieces (aws-chunked).")
    if payload != UNSIGNED and not _SHA256.fullmatch(payload):
        raise Refusal(400, "InvalidArgument", "x-amz-content-sha256 has to be the body's digest.")
    return _Claim(credential, tuple(signed.split(";")), signature, date, payload)


def _claim_of_address(request: Request, now_s: float) -> _Claim:
    said: dict[str, str] = {}
    for name, value in request.query:
        if name in said or (name.startswith("X-Amz-") and name.removeprefix("X-Amz-") not in _IN_ADDRESS):
            raise _wrong_address(f"{name} is unknown, or there twice.")
        said[name] = value
    algorithm, credential, date, expires, signed, signature = (said.get(f"X-Amz-{name}", "") for name in _IN_ADDRESS)
    if algorithm != _ALGORITHM:
        raise _wrong_address("The algorithm is unknown.")
    if not re.fullmatch(r"[0-9]{1,6}", expires) or not 1 <= int(expires) <= LONGEST_LIFE_S:
        raise _wrong_address("X-Amz-Expires is 1 second to 7 days.")
    begun_s = _seconds(date)
    if begun_s > now_s + SKEW_S:
        raise _denied("AccessDenied", "The address is not valid yet.")
    if now_s >= begun_s + int(expires):
        raise _denied("AccessDenied", "Request has expired.")
    return _Claim(credential, tuple(signed.split(";")), signature, date, UNSIGNED)


def _check_credential(claim: _Claim, endpoint: Endpoint) -> None:
    key_id, *scope = claim.credential.split("/")
    if not hmac.compare_digest(key_id.encode(), endpoint.access_key_id.encode()):
        raise _denied("InvalidAccessKeyId", "The access key is not known here.")
    if len(scope) != 4 or scope[1] not in _REGIONS or (scope[0], *scope[2:]) != (claim.date[:8], "s3", "aws4_request"):
        raise _denied("SignatureDoesNotMatch", "The signature is made for another day, region or service.")


def _check_headers(request: Request, claim: _Claim) -> None:
    """Refuse headers that S3 acts upon and nobody signed: whoever holds an address could add them."""
    if "host" not in claim.signed_headers:
        raise _denied("SignatureDoesNotMatch", "The host has to be signed.")
    if any(name not in request.headers for name in claim.signed_headers):
        raise _denied("SignatureDoesNotMatch", "A header that was signed is missing.")
    added = [name for name in request.headers if name.startswith("x-amz-") and name not in claim.signed_headers]
    if added:
        raise _denied("AccessDenied", f"There were headers present in the request which were not signed: {added[0]}.")


def _signature(request: Request, claim: _Claim, endpoint: Endpoint) -> str:
    scope = claim.credential.partition("/")[2]
    headers = "".join(f"{name}:{_one_spaced(request.headers[name])}\n" for name in claim.signed_headers)
    parts = [
        request.method,
        quote(request.path, safe="/~"),
        _canonical_query(request.query),
        headers,
        ";".join(claim.signed_headers),
        claim.payload,
    ]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    signing_key = f"AWS4{endpoint.secret_access_key}".encode()
    for step in scope.split("/"):
        signing_key = _keyed(signing_key, step)
    return _keyed(signing_key, "\n".join([_ALGORITHM, claim.date, scope, digest])).hex()


def _canonical_query(query: Iterable[tuple[str, str]]) -> str:
    pairs = [(quote(name, safe="~"), quote(value, safe="~")) for name, value in query if name != "X-Amz-Signature"]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _one_spaced(value: str) -> str:
    return " ".join(value.split())


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _seconds(date: str) -> float:
    try:
        return datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError as wrong:
        raise _denied("AccessDenied", "X-Amz-Date has to be a time.") from wrong


def _denied(code: str, message: str) -> Refusal:
    return Refusal(403, code, message)


def _wrong_address(message: str) -> Refusal:
    return Refusal(400, "AuthorizationQueryParametersError", message)
