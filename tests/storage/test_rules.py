"""A bucket's rules, as far as stores other than R2 know them: moto does, the embedded one says that it has none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from reel.errors import BadInput, StoreUnavailable
from storage.clients import Clients
from storage.endpoint import Endpoint
from storage.rules import LIFECYCLE, OURS, cors, set_rules
from tests.storage.stores import Stores, stores

__all__ = ["stores"]  # a fixture
ORIGIN = "https://app.example.com"


@pytest.fixture
def moto(stores: Stores) -> Endpoint:
    return stores.endpoint("moto")


@pytest.fixture
def client(moto: Endpoint) -> Iterator[Any]:
    with closing(Clients(moto)) as clients:
        client = clients.asking(1)
        yield client
        client.delete_bucket_cors(Bucket=moto.bucket)
        client.delete_bucket_lifecycle(Bucket=moto.bucket)


def rules_of(client: Any, endpoint: Endpoint) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return (
        client.get_bucket_cors(Bucket=endpoint.bucket)["CORSRules"],
        client.get_bucket_lifecycle_configuration(Bucket=endpoint.bucket)["Rules"],
    )


def test_a_fresh_bucket_gets_its_rules_and_says_so_once(moto: Endpoint, client: Any):
    told = set_rules(moto, [ORIGIN])
    assert [("changed" in line, ORIGIN in line) for line in told] == [(True, True), (True, False)]
    [rule], lifecycle = rules_of(client, moto)
    assert {name: rule[name] for name in ("AllowedOrigins", "AllowedMethods", "ExposeHeaders")} == {
        name: cors([ORIGIN])[name] for name in ("AllowedOrigins", "AllowedMethods", "ExposeHeaders")
    }
    assert {each["ID"] for each in lifecycle} == {each["ID"] for each in LIFECYCLE}

    again = set_rules(moto, [ORIGIN])
    assert [line for line in again if "changed" in line] == []
    assert rules_of(client, moto) == ([rule], lifecycle)


def test_another_origin_takes_the_place_of_the_one_before(moto: Endpoint, client: Any):
    set_rules(moto, [ORIGIN])
    [told, _] = set_rules(moto, ["https://new.example.com"])
    assert "https://new.example.com" in told
    assert ORIGIN in told
    [rule], _ = rules_of(client, moto)
    assert rule["AllowedOrigins"] == ["https://new.example.com"]


def test_rules_that_somebody_else_gave_stay(moto: Endpoint, client: Any):
    theirs = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "x/"}, "Expiration": {"Days": 3}}
    old = {"ID": f"{OURS}smoke", "Status": "Enabled", "Filter": {"Prefix": "_old/"}, "Expiration": {"Days": 9}}
    client.put_bucket_lifecycle_configuration(Bucket=moto.bucket, LifecycleConfiguration={"Rules": [theirs, old]})
    assert "1 other" in set_rules(moto, [ORIGIN])[1]
    found = {each["ID"]: each for each in rules_of(client, moto)[1]}
    assert found.keys() == {"theirs", *(each["ID"] for each in LIFECYCLE)}
    assert found[f"{OURS}smoke"]["Expiration"]["Days"] == 1


def test_a_store_without_such_rules_says_so(stores: Stores):
    with pytest.raises(BadInput, match="no such rules"):
        set_rules(stores.endpoint("embedded"), [ORIGIN])


def test_a_bucket_that_is_not_there_is_named(moto: Endpoint):
    elsewhere = Endpoint(moto.url, "nowhere-at-all", moto.access_key_id, moto.secret_access_key)
    with pytest.raises(BadInput, match="nowhere-at-all"):
        set_rules(elsewhere, [ORIGIN])


def test_a_store_that_is_away(moto: Endpoint):
    away = Endpoint("http://127.0.0.1:9", moto.bucket, moto.access_key_id, moto.secret_access_key)
    with pytest.raises(StoreUnavailable):
        set_rules(away, [ORIGIN])


@pytest.mark.parametrize("origin", ["", "*", "app.example.com", "https://", f"{ORIGIN}/", f"{ORIGIN}/app", "ftp://a.b"])
def test_what_is_no_origin_is_refused(moto: Endpoint, origin: str):
    with pytest.raises(BadInput, match="origin"):
        set_rules(moto, [origin])
