"""What a job has cost comes out of its result into its row, however it ended; a word that cannot be read is no cost."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from reel.errors import Cancelled, Lost
from storage import jobs
from storage.costs import NOTHING, cost_of
from storage.results import read_result
from storage.settle import settle
from tests.reel.edits import uuid
from tests.storage.ended import archive_spec, archived, preview_spec, previewed
from tests.storage.tables import NOW, opened

CONTAINER = {
    "machine": "framing",
    "start_s": 8.0,
    "work_s": 30.5,
    "tail_s": 5.0,
    "cores": 4.0,
    "memory_gib": 12.0,
    "gpu": "T4",
    "dollars": 0.01,
}
COST = {"dollars": 0.01, "prices_of": "2026-07", "containers": [CONTAINER]}


@pytest.fixture
def connection() -> sqlite3.Connection:
    return opened()


def result(outcome: str, value: dict[str, Any] | None, error: dict[str, Any] | None = None) -> Any:
    return read_result(json.dumps({"job": uuid(1), "outcome": outcome, "value": value, "error": error}).encode())


@pytest.mark.parametrize("fault", [None, Cancelled(), Lost(attempts=3)], ids=["done", "cancelled", "lost"])
def test_a_job_says_what_it_has_cost_however_it_ended(connection: sqlite3.Connection, fault: Any):
    jobs.add(connection, archive_spec(1), NOW)
    jobs.dispatched(connection, uuid(1), "fc-1")
    assert jobs.get(connection, uuid(1)).cost is None
    made = {} if fault else archived().model_dump(mode="json")
    outcome = "done" if fault is None else "cancelled" if isinstance(fault, Cancelled) else "failed"
    assert settle(connection, result(outcome, made | {"cost": COST}, fault and fault.envelope()), NOW)
    job = jobs.get(connection, uuid(1))
    assert job.state == outcome
    assert job.cost
    assert job.cost.model_dump(mode="json") == COST


def test_what_a_preview_made_stands_beside_its_cost(connection: sqlite3.Connection):
    jobs.add(connection, preview_spec(1, uuid(9)), NOW)
    assert settle(connection, result("done", previewed().model_dump(mode="json") | {"cost": COST}), NOW)
    job = jobs.get(connection, uuid(1))
    assert job.value
    assert job.value["key"] == previewed().key
    assert job.cost
    assert job.cost.dollars == 0.01


def test_a_job_that_nobody_was_given_cost_nothing_and_of_others_it_is_not_known(connection: sqlite3.Connection):
    for given in (False, True):
        connection.execute("DELETE FROM jobs")
        jobs.add(connection, archive_spec(1), NOW)
        if given:
            jobs.dispatched(connection, uuid(1), "call")
        settle(connection, result("cancelled", None, Cancelled().envelope()), NOW)
        assert jobs.get(connection, uuid(1)).cost == (None if given else NOTHING)


@pytest.mark.parametrize(
    "said",
    [
        None,
        7,
        {},
        COST | {"dollars": -1},
        COST | {"dollars": "much"},
        COST | {"dollars": float("inf")},
        COST | {"containers": [{}]},
        COST | {"containers": "T4"},
        COST | {"prices_of": "2026" * 100},
    ],
)
def test_a_cost_that_cannot_be_read_is_none_and_the_result_stands(connection: sqlite3.Connection, said: Any):
    jobs.add(connection, archive_spec(1), NOW)
    jobs.dispatched(connection, uuid(1), "fc-1")
    assert settle(connection, result("done", archived().model_dump(mode="json") | {"cost": said}), NOW)
    assert (jobs.get(connection, uuid(1)).state, jobs.get(connection, uuid(1)).cost) == ("done", None)


def test_a_newer_release_may_say_more():
    newer = COST | {"kwh": 1.0, "containers": [CONTAINER | {"region": "eu"}]}
    cost = cost_of({"cost": newer})
    assert cost
    assert cost.model_dump(mode="json") == COST
