"""A framing that would take long is rendered by several containers: the estimate, the claims, and the real thing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import modal
import pytest

from cloud.calls import Calls
from cloud.costs import Cost
from cloud.entries import Entries
from cloud.helping import MOST_HELPERS, QUIET_S, Asking, Crew, Order, assist, helpers_for
from cloud.ledger import DictLedger
from cloud.line import Line
from jobs.part import Part
from jobs.ports import Record
from jobs.spec import FramingSpec, SourceRef
from tests.cloud.deployed import filmed
from tests.conftest import CHECKOUT
from tests.jobs.homes import USER, Clock, Home, clip, crop, framing, told_nobody, uuid
from tests.modal_standin.client import pointed_at
from tests.modal_standin.standin import Standin, running

JOB = uuid(1)
NAMES = "ab"


def a_framing(match: SourceRef, job: int) -> FramingSpec:
    """Return the spec of a framing of two clips, four segments, that no other job renders."""
    crops = (crop(0, 0.5, 0.5, 0.5 + job / 100),)
    clips = [clip(n * 900, n * 900 + 400, id=each, look="natural", crop=crops) for n, each in enumerate(NAMES)]
    return framing([match], *clips, job=job, draft=False)


@pytest.mark.parametrize(
    ("left", "frames", "elapsed_s", "helpers"),
    [
        (5000, 0, 9.0, 0),  # nothing is known of the speed
        (5000, 10, 0.5, 0),  # too little is known
        (1190, 100, 10.0, 0),  # 119 s of work: two containers would have less than a minute each
        (1200, 100, 10.0, 1),
        (2400, 100, 10.0, 3),
        (10**6, 100, 10.0, MOST_HELPERS),
    ],
)
def test_help_is_asked_for_where_it_is_worth_its_start(left: int, frames: int, elapsed_s: float, helpers: int):
    assert helpers_for(left, frames, elapsed_s, 60.0) == helpers


# What one who asks and one who helps say to each other


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    with running(tmp_path_factory.mktemp("account")) as standin, pointed_at(standin):
        standin.cli("deploy", "app.py", cwd=CHECKOUT / "tests" / "modal_standin" / "held")
        yield standin


def held(name: str) -> modal.Function:
    """Return a function that takes its order and does nothing."""
    return modal.Function.from_name("held", name)


@dataclass
class Meeting:
    """An attempt at a framing, its parts, and helpers that come only when the test sends them."""

    entries: Entries
    home: Home
    parts: list[Part]
    clock: Clock
    costs: list[Cost] = field(default_factory=list)
    ledger: DictLedger = field(init=False)
    crew: Crew = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = DictLedger(self.entries)
        self.ledger.create(Record(job=JOB, user=USER, kind="framing"))
        self.ledger.claim(JOB)
        calls = Calls(held, self.entries.line)
        self.crew = Crew(calls, self.entries, self.costs, clock=self.clock, pause=self.passes)
        self.crew.call(self.order())

    def passes(self, seconds: float) -> None:
        self.clock.now_s += seconds

    def order(self, **fields: Any) -> Order:
        named: dict[str, Any] = {"job": JOB, "user": USER, "attempt": 1, "number": 1, "parts": tuple(self.parts)}
        return Order(**(named | fields))

    def helps(self, text: str | None = None) -> int:
        cost = Cost("framing", 0.0, 2.0, 5.0, 4.0, 12.0, None, 0.001)
        ordered = text or self.order().model_dump_json()
        return assist(ordered, self.entries, self.ledger, self.home.tools, lambda: cost)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filmed(tmp_path_factory.mktemp("film") / "match.mp4", seconds=4)


@pytest.fixture
def meeting(account: Standin, film: Path, tmp_path: Path) -> Iterator[Meeting]:
    home = Home(tmp_path)
    plan = home.planned(a_framing(home.adopt(film), 1))
    segments = [segment for each in plan.clips for segment in each.segments]
    parts = [Part(source=segment.footing.ref, look="natural", spec=segment.spec) for segment in segments]
    with closing(Line(within_s=30)) as line, modal.Dict.ephemeral() as entries:
        yield Meeting(Entries(entries, line), home, parts, Clock())


def test_each_part_is_one_s_alone(meeting: Meeting):
    assert meeting.crew.leave(meeting.parts[0])
    assert meeting.helps() == len(meeting.parts) - 1
    assert not meeting.crew.leave(meeting.parts[1])
    meeting.crew.wait(told_nobody)
    assert meeting.crew.frames() == sum(part.spec.frame_count for part in meeting.parts[1:])
    assert [cost.dollars for cost in meeting.costs] == [0.001]
    assert len(meeting.home.segments()) == len(meeting.parts) - 1


def test_a_helper_that_comes_too_late_finds_nothing_to_do_and_nobody_waits_for_it(meeting: Meeting):
    assert all(meeting.crew.leave(part) for part in meeting.parts)
    before_s = meeting.clock()
    meeting.crew.wait(told_nobody)
    assert meeting.clock() == before_s
    assert meeting.helps() == 0


def test_one_that_falls_silent_is_not_waited_for_for_ever(meeting: Meeting):
    meeting.entries.put(meeting.order().said, json.dumps({"frames": 3, "over": False, "costs": []}))
    before_s = meeting.clock()
    meeting.crew.wait(told_nobody)
    assert QUIET_S <= meeting.clock() - before_s <= QUIET_S + 2


@pytest.mark.parametrize("change", ["cancelled", "another attempt"])
def test_nobody_helps_an_attempt_that_is_over(meeting: Meeting, change: str):
    if change == "cancelled":
        meeting.ledger.move(JOB, "cancel")
    else:
        meeting.ledger.claim(JOB)
    assert meeting.helps() == 0
    assert meeting.home.segments() == {}
    meeting.crew.wait(told_nobody)


def test_what_a_newer_release_orders_is_left_to_it(meeting: Meeting):
    text = meeting.order().model_dump_json().replace('"schema_version":1', '"schema_version":2', 1)
    assert meeting.helps(text) == 0
    assert meeting.crew.leave(meeting.parts[0])


def test_a_helper_that_fails_leaves_the_reason_to_whoever_asked(meeting: Meeting):
    meeting.home.store.delete(meeting.parts[0].source.key)
    assert meeting.helps() == 0
    meeting.crew.wait(told_nobody)
    assert not meeting.crew.leave(meeting.parts[0]), "it was begun; who asked looks what is lacking in the end"


def test_without_the_dict_it_is_as_good_as_alone(meeting: Meeting):
    with closing(Line(within_s=1e-9)) as line:
        cut_off = Entries(meeting.entries.entries, line)
        crew = Crew(Calls(held, line), cut_off, [], clock=meeting.clock, pause=meeting.passes)
        crew.call(meeting.order())
        assert crew.leave(meeting.parts[0])
        crew.wait(told_nobody)
        crew.dismiss()
        asking = Asking(crew.calls, cut_off, USER, JOB, lambda: 1, 0.1, [])
        with asking(meeting.parts, 10, 1.0) as helpers:
            assert helpers
            assert helpers.leave(meeting.parts[0])
