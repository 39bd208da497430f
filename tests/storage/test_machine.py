"""A thousand steps of the machine that tries to break a user's database. `./run soak` takes ten thousand."""

from __future__ import annotations

from typing import ClassVar

import pytest

from reel.errors import AlreadyExists, Conflict
from storage.memory import MemoryBucket
from tests.storage.machine import Machine, play

STEPS, SEED = 1000, 20261122


def test_whatever_happens_what_was_acknowledged_stands_exactly_once():
    play(Machine, STEPS, SEED)


class Careless(MemoryBucket):
    """A store that forgets conditions: the last writer wins."""

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        try:
            return super().replace(key, body, etag)
        except (AlreadyExists, Conflict):
            self.put(key, body)
            fetched = self.fetch(key)
            assert fetched
            return fetched.etag


class WithACarelessStore(Machine):
    store = Careless


def test_the_machine_breaks_what_is_broken():
    with pytest.raises(AssertionError):
        play(WithACarelessStore, STEPS, SEED, smaller=False)


class Traced(Machine):
    traces: ClassVar[list[list[tuple[str, str]]]] = []

    def teardown(self) -> None:
        super().teardown()
        self.traces.append(self.bucket.requests)


def test_a_seed_replays():
    twice: list[list[list[tuple[str, str]]]] = []
    for _ in range(2):
        Traced.traces.clear()
        play(Traced, STEPS // 5, SEED)
        twice.append(list(Traced.traces))
    assert twice[0] == twice[1]
    assert sum(map(len, twice[0])) > STEPS // 5
