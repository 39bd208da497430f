"""Who watches: called before a job's row commits, and once; nothing is accepted while nobody can be called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import modal
import pytest

from cloud.calls import Calls
from cloud.entries import Entries
from cloud.line import Line
from cloud.watch import HELD_S, Post, WatchedJobs
from cloud.wiring import by_name
from jobs.memory import MemoryDispatch, MemoryStore
from reel import keys
from reel.errors import StoreUnavailable
from storage.clock import Clock as Clocks
from storage.memory import MemoryBucket
from storage.schema import MIGRATIONS
from storage.userdb import UserDatabases
from tests.conftest import CHECKOUT
from tests.jobs.homes import USER, Clock, uuid
from tests.modal_standin.client import pointed_at
from tests.modal_standin.standin import Standin, running


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    with running(tmp_path_factory.mktemp("account")) as standin, pointed_at(standin):
        standin.cli("deploy", "app.py", cwd=CHECKOUT / "tests" / "modal_standin" / "held")
        yield standin


@pytest.fixture
def entries(account: Standin) -> Iterator[Entries]:
    with closing(Line(within_s=30)) as line, modal.Dict.ephemeral() as entries:
        yield Entries(entries, line)


def watched(entries: Entries, store: MemoryStore, folder: Path, line: Line) -> WatchedJobs:
    databases = UserDatabases(MemoryBucket(), MIGRATIONS, folder)
    post = Post(Entries(entries.entries, line), Clocks().time_s)
    return WatchedJobs(databases, store, MemoryDispatch(store), Clocks(), post, Calls(by_name("held"), line))


def calls_of_the_watch(account: Standin) -> int:
    function = account.function("held", "watch")
    return sum(call.function is function for call in account.account.calls.values())


def test_a_post_is_held_by_who_shows_it(entries: Entries):
    clock = Clock()
    post = Post(entries, clock)
    assert not post.is_held()
    post.hold()
    assert post.is_held()
    clock.now_s += HELD_S
    assert not post.is_held(), "nobody has shown for long"
    post.hold()
    post.leave()
    assert not post.is_held()


def test_the_first_job_calls_a_watch_and_the_next_ones_do_not(account: Standin, entries: Entries, tmp_path: Path):
    store, before = MemoryStore(), calls_of_the_watch(account)
    jobs = watched(entries, store, tmp_path, entries.line)
    for number in (1, 2, 3):
        jobs.note(USER, [uuid(number)])
    assert calls_of_the_watch(account) == before + 1
    assert list(store.keys(keys.ACTIVE_PREFIX)) == [keys.active(uuid(number)) for number in (1, 2, 3)]


def test_while_modal_is_away_nothing_is_accepted(entries: Entries, tmp_path: Path):
    store = MemoryStore()
    with closing(Line(within_s=1e-9)) as line:
        jobs = watched(entries, store, tmp_path, line)
        with pytest.raises(StoreUnavailable):
            jobs.note(USER, [uuid(1)])
    assert list(store.keys("")) == []
