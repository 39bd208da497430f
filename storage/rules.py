"""A bucket's own rules, for who makes one: whose pages may reach it, and what it clears by itself.

Asking for them again changes nothing. Rules of other names that somebody gave the bucket stay, but not their origins.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from reel.errors import BadInput, StoreUnavailable
from storage.clients import Clients
from storage.endpoint import Endpoint

TRIES: Final = 3
OURS: Final = "reel-ballers-"
"""How the names of our rules begin."""
LIFECYCLE: Final[Sequence[Mapping[str, Any]]] = (
    # Uploads are given up after 48 hours by their rows; this is for what no row knows of, and R2's own default.
    {
        "ID": f"{OURS}uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    },
    {"ID": f"{OURS}smoke", "Status": "Enabled", "Filter": {"Prefix": "_smoke/"}, "Expiration": {"Days": 1}},
)

_NONE: Final = frozenset({"NoSuchCORSConfiguration", "NoSuchLifecycleConfiguration"})
_REFUSED: Final = frozenset({"AccessDenied", "Unauthorized", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch"})


def set_rules(endpoint: Endpoint, origins: Sequence[str]) -> list[str]:
    """Give a bucket its rules; return what was changed, a line each. `origins` are those of the editor's pages.

    Raises BadInput for what is no origin and for a bucket or a key that cannot have rules, StoreUnavailable.
    """
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{parts.netloc}" or not parts.netloc:
            raise BadInput(f"An origin is like https://app.example.com, and not {origin[:80]!r}.")
    with closing(Clients(endpoint)) as clients, _named(endpoint):
        client: Any = clients.asking(TRIES)
        return [_set_origins(client, endpoint.bucket, origins), _set_lifecycle(client, endpoint.bucket)]


def cors(origins: Sequence[str]) -> dict[str, Any]:
    """Return the rule by which browsers send parts of uploads and play footage."""
    return {
        "AllowedOrigins": sorted(origins),
        "AllowedMethods": ["GET", "HEAD", "PUT"],
        "AllowedHeaders": ["content-type", "range"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 3600,
    }


def _set_origins(client: Any, bucket: str, origins: Sequence[str]) -> str:
    there = _there(lambda: client.get_bucket_cors(Bucket=bucket)["CORSRules"])
    wanted, named = [cors(origins)], ", ".join(sorted(origins))
    if [_without_name(rule) for rule in there] == [_without_name(rule) for rule in wanted]:
        return f"CORS is as it has to be: {named}"
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": wanted})
    before = ", ".join(sorted(origin for rule in there for origin in rule.get("AllowedOrigins", []))) or "nobody"
    return f"CORS is changed: {named} may read and upload; it was {before}"


def _set_lifecycle(client: Any, bucket: str) -> str:
    there = _there(lambda: client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"])
    others = [rule for rule in there if not str(rule.get("ID", "")).startswith(OURS)]
    kept = {str(rule.get("ID")): _plain(rule) for rule in there if rule not in others}
    if kept == {rule["ID"]: _plain(rule) for rule in LIFECYCLE}:
        return "The lifecycle is as it has to be"
    client.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [*others, *map(dict, LIFECYCLE)]}
    )
    beside = f"; {len(others)} other rules stay" if others else ""
    return f"The lifecycle is changed: uploads that were never finished go after 7 days{beside}"


def _there(ask: Callable[[], Sequence[Mapping[str, Any]]]) -> Sequence[Mapping[str, Any]]:
    """Return the rules that there are."""
    try:
        return ask()
    except ClientError as refusal:
        if _code(refusal) in _NONE:
            return []
        raise


def _without_name(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a CORS rule by what it says: a store may name it, and sort its lists in its own way."""
    said = {name: sorted(map(str, value)) if isinstance(value, list) else value for name, value in rule.items()}
    return {name: value for name, value in said.items() if name != "ID"}


def _plain(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a lifecycle rule by what it says: stores tell the empty prefix in several ways."""
    prefix = rule.get("Filter", {}).get("Prefix", rule.get("Prefix", ""))
    return {name: value for name, value in rule.items() if name not in {"Filter", "Prefix"}} | {"Prefix": prefix or ""}


@contextmanager
def _named(endpoint: Endpoint) -> Generator[None]:
    try:
        yield
    except ClientError as refusal:
        code = _code(refusal)
        if code == "NoSuchBucket":
            raise BadInput(f"There is no bucket {endpoint.bucket} yet.") from refusal
        if code in _REFUSED:
            told = (
                "This key may not change a bucket's rules: for this once it takes an R2 token with Admin Read & Write."
            )
            raise BadInput(told) from refusal
        if code == "NotImplemented":
            raise BadInput("This store has no such rules.") from refusal
        raise StoreUnavailable(f"The store refused: {code}.") from refusal
    except BotoCoreError as fault:
        raise StoreUnavailable from fault


def _code(refusal: ClientError) -> str:
    return str(refusal.response.get("Error", {}).get("Code", ""))
