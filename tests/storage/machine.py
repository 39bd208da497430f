"""The machine that tries to break a user's database: clients, processes, a bad store, and a checker of what stands.

Three processes, two users, any number of clients. Whatever order they move in and whatever the store does to their
requests: an operation that was acknowledged stands exactly once, no other does, and versions follow one another.
"""

from __future__ import annotations

import logging
import random
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, get_state_machine_test, invariant, precondition, rule

from reel import keys
from reel.errors import (
    AnswerLost,
    NotFound,
    ReelError,
    SchemaTooNew,
    SnapshotDamaged,
    StaleRevision,
    StorageFull,
    StoreUnavailable,
)
from storage.bucket import Bucket
from storage.image import open_private, unseal
from storage.memory import MemoryBucket
from storage.operations import Operation
from storage.userdb import Manner, UserDatabases
from tests.storage.faults import FAULTS, FaultyBucket
from tests.storage.stage import Actor, Stage

USERS = ("anna", "ben")
PROCESSES = 3
MIGRATIONS = (
    "CREATE TABLE marks (operation TEXT NOT NULL, place INTEGER NOT NULL) STRICT",
    "ALTER TABLE marks ADD COLUMN note TEXT NOT NULL DEFAULT ''",
)
STEPS_OF_A_WORLD = 50
BURST = 40  # small things
MOST_TRIES = 12  # at once
MOST_ROUNDS = 2000  # of steps of everyone, by which the last one has its answer
MAYBE_LATER = (StoreUnavailable, AnswerLost, SchemaTooNew, SnapshotDamaged, StorageFull)
"""What leaves a client with nothing but to come again."""
DONE_NOTHING = (StoreUnavailable, StorageFull)
"""What promises that nothing was changed."""


@dataclass
class Wish:
    """What a client wants done once. `answers` are all that it was told, from any process."""

    id: str
    user: str
    refuses: bool
    answers: list[Any] = field(default_factory=list)
    refused: bool = False
    tries: int = 0

    def command(self, connection: sqlite3.Connection) -> dict[str, Any]:
        """Add a mark, and where it is refused, say no only after that."""
        place = connection.execute("SELECT count(*) FROM marks").fetchone()[0]
        connection.execute("INSERT INTO marks (operation, place) VALUES (?, ?)", (self.id, place))
        if self.refuses:
            raise StaleRevision(current=place)
        return {"operation": self.id, "place": place}


@dataclass
class Seen:
    """What is in one version of a database."""

    version: int
    marks: list[str]


@dataclass
class Try:
    """One request that is being served: a wish on its way, or a reader with the version that it has to see."""

    actor: Actor
    process: int
    wish: Wish | None = None
    user: str = ""
    at_least: int = 0


class Machine(RuleBasedStateMachine):
    """One world. Every choice is hypothesis's, so that a failing run is replayed and made smaller."""

    store: Callable[[], Bucket] = MemoryBucket

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        inner = self.store()
        self.bucket = FaultyBucket(inner, self.stage.take_fault, self.stage.pause, self.stage.clock.pass_by)
        self.folder = TemporaryDirectory()
        self.releases = [1] * PROCESSES
        self.processes = [self._process(number) for number in range(PROCESSES)]
        self.wishes: list[Wish] = []
        self.tries: list[Try] = []
        self.versions: dict[str, list[Seen]] = defaultdict(list)
        self._checked = 0

    # What may happen

    @rule(user=st.sampled_from(USERS), process=st.integers(0, PROCESSES - 1), refuses=st.integers(0, 9))
    def a_client_writes(self, user: str, process: int, refuses: int) -> None:
        self.wishes.append(Wish(f"operation-{len(self.wishes):05}", user, refuses == 0))
        self._try(self.wishes[-1], process)

    @precondition(lambda self: self.wishes)
    @rule(data=st.data(), process=st.integers(0, PROCESSES - 1))
    def a_client_comes_again(self, data: st.DataObject, process: int) -> None:
        """Comes again with the same operation: after a failure, by a double click, or long after it was told."""
        lately = self.wishes[-8:]
        self._try(lately[data.draw(st.integers(0, len(lately) - 1))], process)

    @rule(user=st.sampled_from(USERS), process=st.integers(0, PROCESSES - 1))
    def a_client_reads(self, user: str, process: int) -> None:
        newest = self.versions[user][-1].version if self.versions[user] else 0
        databases = self.processes[process]
        actor = Actor(self.stage, lambda: databases.read(user, seen))
        self.tries.append(Try(actor, process, None, user, newest))

    @precondition(lambda self: self.tries)
    @rule(data=st.data(), steps=st.integers(1, 6), fault=st.sampled_from(("", *FAULTS)))
    def someone_moves(self, data: st.DataObject, steps: int, fault: str) -> None:
        """Some steps of one; what is wrong with the store is wrong with the first request of them."""
        one = self.tries[data.draw(st.integers(0, len(self.tries) - 1))]
        for number in range(steps):
            if one.actor.ended:
                break
            one.actor.step("" if number else fault)
        self._end(one)

    @precondition(lambda self: self.tries)
    @rule()
    def everyone_moves(self) -> None:
        for one in list(self.tries):
            one.actor.step()
            self._end(one)

    @precondition(lambda self: self.bucket.late)
    @rule(data=st.data())
    def a_late_write_lands(self, data: st.DataObject) -> None:
        self.bucket.arrive(self.bucket.late[data.draw(st.integers(0, len(self.bucket.late) - 1))])

    @rule(seed=st.integers(0, 2**32 - 1))
    def much_happens(self, seed: int) -> None:
        """A crowd on a bad day, one small thing after another: where single choices seldom get to."""
        chance = random.Random(seed)
        for _ in range(BURST):
            what = chance.random()
            process, user = chance.randrange(PROCESSES), chance.choice(USERS)
            if what < 0.1 and len(self.tries) < MOST_TRIES:
                self.a_client_writes(user, process, chance.randrange(10))
            elif what < 0.14 and self.wishes:
                self._try(chance.choice(self.wishes[-8:]), process)
            elif what < 0.17:
                self.a_client_reads(user, process)
            elif what < 0.2 and self.bucket.late:
                self.bucket.arrive(chance.choice(self.bucket.late))
            elif self.tries:
                one = chance.choice(self.tries)
                one.actor.step(chance.choice(FAULTS) if chance.random() < 0.15 else "")
                self._end(one)

    @rule(
        what=st.sampled_from(("kill", "deploy", "jump", "pass")), process=st.integers(0, PROCESSES - 1), data=st.data()
    )
    def something_rare_happens(self, what: str, process: int, data: st.DataObject) -> None:
        """A process is killed or deployed anew, the wall's clock jumps, nobody does anything for a while."""
        if what == "jump":
            self.stage.clock.jump(data.draw(st.sampled_from((-400, -8, -1, 1, 8, 4000))) * 86400.0)
        elif what == "pass":
            self.stage.clock.pass_by(data.draw(st.sampled_from((0.5, 1.0, 60.0))))
        else:
            self._kill(process)
            self.releases[process] = len(MIGRATIONS) if what == "deploy" else self.releases[process]
            self.processes[process] = self._process(process)

    # What has to hold

    @invariant()
    def versions_are_linear(self) -> None:
        for key, body in self.bucket.landed[self._checked :]:
            user = key.partition("/")[0]
            connection = open_private(unseal(body, key))
            found = seen(connection)
            connection.close()
            before = self.versions[user][-1] if self.versions[user] else Seen(0, [])
            assert found.version == before.version + 1
            assert found.marks[: len(before.marks)] == before.marks
            assert len(found.marks) == len(set(found.marks)) > len(before.marks)
            self.versions[user].append(found)
        self._checked = len(self.bucket.landed)

    def teardown(self) -> None:
        """Let the store be well again, let everyone come to an end and to an answer, and look at what stands."""
        try:
            self._let_all_end()
            while self.bucket.late:
                self.bucket.arrive(self.bucket.late[0])
            self.releases[0] = len(MIGRATIONS)
            self.processes[0] = self._process(0)
            for wish in self.wishes:
                if not wish.answers and not wish.refused:
                    self._try(wish, 0)
                    self._let_all_end()
            self.versions_are_linear()
            self._check_what_stands()
        finally:
            for one in self.tries:
                one.actor.kill()
            self.folder.cleanup()

    def _let_all_end(self) -> None:
        for _ in range(MOST_ROUNDS):
            if not self.tries:
                return
            self.everyone_moves()
        raise AssertionError(f"{len(self.tries)} requests never end")

    def _check_what_stands(self) -> None:
        for user in USERS:
            wishes = [wish for wish in self.wishes if wish.user == user]
            found = self.processes[0].read(user, seen)
            assert sorted(found.marks) == sorted(wish.id for wish in wishes if wish.answers)
            assert all(wish.refuses != bool(wish.answers) for wish in wishes)
            for wish in wishes:
                told = {"operation": wish.id, "place": found.marks.index(wish.id) if wish.answers else None}
                assert all(answer == told for answer in wish.answers)

    # How it is done

    def _process(self, number: int) -> UserDatabases:
        manner = Manner(
            clock=self.stage.clock, seed=number, turn=self.stage.turn, logger=logging.getLogger("tests.storage")
        )
        cache = Path(self.folder.name, str(number))
        return UserDatabases(self.bucket, MIGRATIONS[: self.releases[number]], cache, manner)

    def _kill(self, process: int) -> None:
        for one in [one for one in self.tries if one.process == process]:
            one.actor.kill()
            self._end(one)

    def _try(self, wish: Wish, process: int) -> None:
        databases = self.processes[process]
        operation = Operation(wish.id, "0" * 64, "PUT /api/marks")
        actor = Actor(self.stage, lambda: databases.write(wish.user, operation, wish.command))
        wish.tries += 1
        self.tries.append(Try(actor, process, wish))

    def _end(self, one: Try) -> None:
        """Note what an ended one was told, and hold it against what stands at this moment."""
        if not one.actor.ended:
            return
        self.tries.remove(one)
        self.versions_are_linear()
        failure = one.actor.failure
        if failure is not None and not isinstance(failure, ReelError):
            raise failure
        if one.wish is None:
            assert failure is None or isinstance(failure, MAYBE_LATER), failure
            if one.actor.outcome is not None:
                self._check_read(one.actor.outcome, one.user, one.at_least)
            return
        self._hear(one.wish, one.actor.outcome, failure)

    def _hear(self, wish: Wish, answer: Any, failure: ReelError | None) -> None:
        if answer is not None:
            assert wish.id in self._standing(wish.user)
            wish.answers.append(answer)
        elif isinstance(failure, StaleRevision):
            assert wish.id not in self._standing(wish.user)
            wish.refused = True
        elif failure is not None:
            assert isinstance(failure, MAYBE_LATER), failure
            if isinstance(failure, DONE_NOTHING) and wish.tries == 1:
                assert wish.id not in self._standing(wish.user)
                assert not self._may_still_land(wish)

    def _standing(self, user: str) -> list[str]:
        return self.versions[user][-1].marks if self.versions[user] else []

    def _may_still_land(self, wish: Wish) -> bool:
        key = keys.database(wish.user)
        try:
            now = self.bucket.inner.fetch(key)
        except NotFound:
            now = None
        under_way = [late for late in self.bucket.late if late.key == key and late.etag == (now and now.etag)]
        return any(wish.id.encode() in late.body for late in under_way)

    def _check_read(self, found: Seen, user: str, at_least: int) -> None:
        assert found.version >= at_least
        assert found.version == 0 or found in self.versions[user]


def play(machine: type[Machine], steps: int, from_seed: int, *, smaller: bool = True) -> None:
    """Take so many steps in worlds of fifty each, as the seed has it; a failing one is made `smaller` and printed."""
    phases = [Phase.generate, Phase.shrink] if smaller else [Phase.generate]
    how = settings(
        max_examples=steps // STEPS_OF_A_WORLD,
        stateful_step_count=STEPS_OF_A_WORLD,
        phases=phases,
        derandomize=False,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    seed(from_seed)(get_state_machine_test(machine, settings=how))()


def seen(connection: sqlite3.Connection) -> Seen:
    """Return a version as a reader sees it."""
    marks = connection.execute("SELECT operation FROM marks ORDER BY rowid").fetchall()
    return Seen(connection.execute("SELECT version FROM about").fetchone()[0], [mark for (mark,) in marks])
