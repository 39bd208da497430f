"""The API against its own description: as the person whose things there are, as somebody else, and as nobody.

Schemathesis makes requests of every operation, right ones and wrong ones; a third of them with ids of things that are
there. Wanted: no answer of 5xx, no answer that the description does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from endpoints.app import ROUTERS, create_api, routes
from local.served import served
from local.site import listening
from storage.objects import Objects
from tests.endpoints.belongings import IDS, settled_in, token_of
from tests.endpoints.stage import ORIGIN, Stage, standing

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
TRIED = settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    deadline=None,
    derandomize=True,
    database=None,
)
OPERATIONS = sorted(
    f"{method} {route.path}"
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and route.include_in_schema
    for method in route.methods or ()
)


@dataclass(frozen=True)
class Place:
    """One installation that is served over HTTP, and its description."""

    stage: Stage
    url: str
    description: Any

    def owner(self) -> str | None:
        """Return the session of a person with one of everything."""
        browser = self.stage.browser()
        settled_in(browser)
        return token_of(browser)

    def stranger(self) -> str | None:
        """Return the session of a person with an athlete of their own."""
        browser = self.stage.browser()
        browser.client.post("/api/athletes", json={"id": IDS["athlete_id"], "name": "Lena"})
        return token_of(browser)


@pytest.fixture(scope="module")
def place(bucket: Objects, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One installation for all of them."""
    with (
        standing(bucket, tmp_path_factory.mktemp("schema") / "stage") as stage,
        listening(0, ("127.0.0.1",)) as sockets,
    ):
        host = f"127.0.0.1:{sockets[0].getsockname()[1]}"
        there = stage.with_policy(hosts=stage.services.policy.hosts | {host})
        with served(create_api(there.services), sockets):
            yield Place(stage, f"http://{host}", schemathesis.openapi.from_dict(routes(stage.services).openapi()))


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_one_that_is_described(place: Place, name: str) -> None:
    method, _, path = name.partition(" ")
    operation = place.description[path][method]
    for token in (place.owner(), place.stranger(), None):
        assert tried(operation, place.url, token) > 0


def tried(operation: Any, url: str, token: str | None) -> int:
    """Try an operation as the holder of a session; return how often."""
    count = 0

    @TRIED
    @given(operation.as_strategy())
    def attempt(case: Any) -> None:
        nonlocal count
        count += 1
        if count % 3 == 0:
            case.path_parameters.update({key: IDS[key] for key in case.path_parameters if key in IDS})
        cookies = {"reel_session": token} if token else {}
        answer = case.call(base_url=url, headers={"Origin": ORIGIN}, cookies=cookies)
        case.validate_response(answer, checks=CHECKS)

    attempt()
    return count
