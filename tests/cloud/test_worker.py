"""One turn after another: what a worker of the cloud makes of faults, and what is seen to by whoever asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from cloud.costs import Cost, note, summed
from cloud.inbox import Hint
from cloud.line import Line
from cloud.networks import one_at_a_time
from cloud.sweeper import BEGIN_S, LOOK_AFTER_S
from cloud.worker import MOST_DELIVERIES, SMALLER_AFTER, nothing_first
from jobs.clip import reference
from jobs.spec import Spec
from reel import keys
from reel.errors import FfmpegFailed, Lost, NotAVideo, OutOfMemory, StorageFull, StoreUnavailable
from storage.results import read_result
from tests.cloud.deployed import filmed
from tests.cloud.place import Place, standing
from tests.conftest import CHECKOUT
from tests.jobs.homes import USER, Enlarger
from tests.modal_standin.client import pointed_at
from tests.modal_standin.standin import Standin, running


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    with running(tmp_path_factory.mktemp("account")) as standin, pointed_at(standin):
        standin.cli("deploy", "app.py", cwd=CHECKOUT / "tests" / "modal_standin" / "held")
        yield standin


@pytest.fixture(scope="module")
def line(account: Standin) -> Iterator[Line]:
    with closing(Line(within_s=30)) as line:
        yield line


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return filmed(tmp_path_factory.mktemp("film") / "match.mp4", seconds=1).read_bytes()


@pytest.fixture
def place(line: Line, film: bytes, tmp_path: Path) -> Iterator[Place]:
    with standing(line, film, tmp_path) as place:
        yield place


def test_a_turn_is_done_and_whoever_settles_is_told(place: Place):
    spec = place.spec(1)
    place.dispatch.submit(spec)
    assert place.works(spec).state == "result"
    assert place.outcome(spec) == ("done", None)
    assert place.hands.inbox.take(5) == Hint(USER, spec.job)
    seen = [record.seq for record in place.announce.told]
    assert seen == sorted(seen)


def test_a_second_call_of_the_same_turn_does_nothing(place: Place):
    spec = place.spec(1)
    place.dispatch.submit(spec)
    place.hands.turns.take(spec.job, 1, "fc-first")
    assert place.works(spec, "fc-second").attempt == 0
    assert place.outcome(spec) is None
    assert place.works(spec, "fc-first").attempt == 1, "and the first one may come again"


@pytest.mark.parametrize("fault", [StoreUnavailable(), StorageFull()], ids=["away", "full"])
def test_while_the_store_is_away_a_job_waits(place: Place, fault: StoreUnavailable):
    spec = place.spec(1)
    place.dispatch.submit(spec)
    place.store.fault, place.store.at = fault, keys.result(USER, spec.job)
    waiting = place.works(spec)
    assert (waiting.state, waiting.progress.phase) == ("queued", "storage_retry")
    turn = place.hands.turns.last(spec.job)
    assert turn
    assert (turn.number, turn.faults.infra) == (2, 0), "that is no fault of the job's"
    assert place.hands.turns.call(spec.job, 2) is None, "nobody sleeps in a container until then"

    place.dispatch.read(spec.job)
    assert place.hands.turns.call(spec.job, 2) is None
    place.store.fault, place.clock.now_s = None, turn.due_s
    place.dispatch.read(spec.job)
    assert place.hands.turns.call(spec.job, 2) is not None
    assert place.works(spec, "fc-two").state == "result"


def test_a_store_that_refuses_writes_for_a_minute_costs_a_job_no_attempt_that_counts(place: Place):
    spec, refuses_until_s = place.spec(1), place.clock() + 60
    place.dispatch.submit(spec)
    place.store.fault, place.store.at = StoreUnavailable(), keys.result(USER, spec.job)
    turns = 0
    while place.outcome(spec) is None:
        turn = place.hands.turns.last(spec.job)
        assert turn
        turns += 1
        assert turn.number == turns < 20
        assert (turn.faults.infra, turn.faults.resource) == (0, 0)
        place.clock.now_s = max(place.clock.now_s, turn.due_s)
        if place.clock() >= refuses_until_s:
            place.store.fault = None
        place.dispatch.read(spec.job)
        place.works(spec, f"fc-{turns}")
    assert place.outcome(spec) == ("done", None)
    assert turns > 4, "it was tried the longer apart the longer the store was away"


def faulty(fault: Exception):
    """Return what is done first, and fails."""

    def first(spec: Spec, store: object) -> None:
        raise fault

    return first


@pytest.mark.parametrize(
    ("fault", "turns"),
    [(NotAVideo(), 1), (OutOfMemory(), 2), (FfmpegFailed("It died."), 4)],
    ids=["input", "resource", "infra"],
)
def test_a_fault_is_tried_again_by_its_class(place: Place, fault: NotAVideo, turns: int):
    spec = place.spec(1)
    place.dispatch.submit(spec)
    for number in range(1, turns + 1):
        assert place.outcome(spec) is None
        turn = place.hands.turns.last(spec.job)
        assert turn
        assert turn.number == number
        place.clock.now_s = max(place.clock.now_s, turn.due_s)
        place.works(spec, f"fc-{number}", first=faulty(fault))
    assert place.outcome(spec) == ("failed", fault.code)
    assert place.hands.ledger.read(spec.job).state == "failed"
    assert place.smaller == [False] + [isinstance(fault, OutOfMemory)] * (turns - 1)


def test_an_attempt_that_takes_too_long_is_ended_with_a_reason(place: Place):
    spec = place.spec(1)
    place.dispatch.submit(spec)
    assert place.works(spec, wall_s=0.0).state == "failed"
    assert place.outcome(spec) == ("failed", "media_timeout")


def test_container_after_container_that_dies_is_enough(place: Place):
    spec = place.spec(1)
    place.dispatch.submit(spec)
    for _ in range(MOST_DELIVERIES):
        place.hands.ledger.claim(spec.job)
    place.works(spec)
    assert place.smaller == []
    turn = place.hands.turns.last(spec.job)
    assert turn
    assert (turn.number, turn.faults.infra, place.outcome(spec)) == (2, 1, None)


def test_after_two_containers_that_died_without_a_word_the_next_is_content_with_less(place: Place):
    """Too little memory ends a container as a power cut does."""
    spec = place.spec(1)
    place.dispatch.submit(spec)
    for _ in range(SMALLER_AFTER):
        place.hands.ledger.claim(spec.job)
    assert place.works(spec).state == "result"
    assert place.smaller == [True]


def test_less_at_once_makes_the_same_picture():
    network = Enlarger(takes="rgb", network="repeat", blend=("other", "2" * 64, 0.5), detail=0.25)
    pictures = [np.full((4, 6, 3), level, np.uint8) for level in (1, 2, 3)]
    upscalers = one_at_a_time(lambda look, enlargement: network)
    smaller = upscalers("crisp", 2.0)
    assert upscalers("crisp", 3.0) is smaller, "the same one for the same network"
    assert reference(smaller) == reference(network)
    assert smaller.takes == network.takes
    together = list(smaller.stream(iter(pictures)))
    assert [each.tolist() for each in together] == [network.upscale(each).tolist() for each in pictures]
    assert smaller.upscale(pictures[0]).tolist() == together[0].tolist()


@pytest.mark.parametrize("fault", [None, NotAVideo()], ids=["done", "failed"])
def test_a_result_says_what_the_job_has_cost(place: Place, fault: NotAVideo | None):
    spec = place.spec(1)
    place.dispatch.submit(spec)
    place.works(spec, spent=lambda: {"dollars": 0.01}, first=faulty(fault) if fault else nothing_first)
    result = place.result(spec)
    assert result["value"]["cost"] == {"dollars": 0.01}
    assert read_result(json.dumps(result).encode()).outcome == result["outcome"]
    assert bool(result["value"].get("key")) == (fault is None)


def test_one_that_was_cancelled_before_it_began_is_not_done(place: Place):
    spec = place.spec(1)
    place.dispatch.submit(spec)
    assert place.dispatch.cancel(spec.job).state == "cancelled"
    assert place.outcome(spec) == ("cancelled", "cancelled")
    assert place.result(spec)["value"] == {"cost": summed([])}, "nobody has worked"
    assert place.works(spec).state == "cancelled"
    assert not list(place.store.keys(f"{USER}/previews/"))


def test_one_that_was_lost_costs_what_its_turns_have_noted(place: Place):
    spec, taken = place.spec(1), Cost("draft", 1.0, 2.0, 2.0, 4.0, 4.0, None, 0.004)
    place.dispatch.submit(spec)
    note(place.hands.turns.entries, spec.job, 1, [taken, taken])
    place.hands.conclude(USER, spec.job, "failed", Lost(attempts=1).envelope())
    ended = read_result(json.dumps(place.result(spec)).encode())
    assert ended.cost
    assert (ended.cost.dollars, len(ended.cost.containers)) == (0.008, 2)


def test_a_call_that_ended_without_a_word_gets_another_turn_and_in_the_end_a_reason(place: Place, account: Standin):
    spec = place.spec(1)
    for number in range(1, 5):
        call = place.dispatch.submit(spec)
        place.hands.calls.function("draft").hydrate()
        account.run(_returned(account, call))
        turn = place.hands.turns.last(spec.job)
        assert turn
        assert turn.number == number
        place.clock.now_s = max(place.clock.now_s, turn.due_s) + LOOK_AFTER_S + 1
        place.dispatch.read(spec.job)
        following = place.hands.turns.last(spec.job)
        if following:
            place.clock.now_s = max(place.clock.now_s, following.due_s)
    assert place.outcome(spec) == ("failed", "lost")


async def _returned(account: Standin, call: str) -> None:
    """Wait until the app has taken an order and left it as it was."""
    held = account.account.calls[call]
    async with held.changed:
        await held.changed.wait_for(lambda: held.unfinished == 0)


def test_one_whose_turn_at_the_gpus_has_not_come_is_left_alone(place: Place):
    spec = place.spec(1)
    place.dispatch.submit(spec)
    assert BEGIN_S > LOOK_AFTER_S
    place.clock.now_s += LOOK_AFTER_S - 1
    standing = place.dispatch.read(spec.job)
    assert (standing.record.state, standing.stale) == ("queued", False)
    turn = place.hands.turns.last(spec.job)
    assert turn
    assert turn.number == 1
