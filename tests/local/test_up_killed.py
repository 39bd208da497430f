"""./run up, killed -9 part by part: everything goes on where it was."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from local.lanes import WORKERS
from local.services import Opened
from local.site import LOOPBACK, listening
from reel.errors import BadInput
from tests.local.service import Service, adopted, begin, draft, gone, match, row, serving, settled
from tests.local.working import until

SPANS = tuple((begin_ms, begin_ms + 900) for begin_ms in range(0, 4000, 1000))


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return match(tmp_path_factory.mktemp("footage") / "match.mp4", seconds=4)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that outlives its parts."""
    with serving(tmp_path_factory.mktemp("killed") / "data") as service:
        yield service


@pytest.fixture(scope="module")
def opened(service: Service) -> Iterator[Opened]:
    with service.beside() as opened:
        yield opened


def quiet_port() -> int:
    """Return a port that is free, as the next one is, and that no system gives to those who ask for any."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000, 2):
        with suppress(BadInput), listening(port, (LOOPBACK,)), listening(port + 1, (LOOPBACK,)):
            return port
    raise AssertionError("there is none")


def is_rendering(opened: Opened, job: str) -> bool:
    record = opened.services.dispatch.read(job).record
    return record.state == "running" and record.progress.done > 0


def test_a_worker_that_is_killed_is_replaced_and_its_job_goes_on(service: Service, opened: Opened, footage: Path):
    browser = service.browser()
    browser.add_game()
    user = browser.user(opened)
    spec = draft(user, adopted(opened, user, footage), *SPANS)
    with browser.listening() as listening:
        begin(opened, user, spec)
        until(lambda: is_rendering(opened, spec.job))
        killed = service.kill("worker")
        done = listening.wait_for(spec.job, lambda frame: frame["state"] == "done")
        attempts = [frame["attempt"] for frame in listening.of(spec.job)]
    assert done["attempt"] == 2
    assert attempts == sorted(attempts)
    assert row(opened, user, spec.job).state == "done"
    until(lambda: len(service.children("worker")) == sum(WORKERS.values()))
    assert not set(service.children("worker")) & set(killed)


def test_a_store_that_is_killed_comes_back_where_it_was(service: Service, opened: Opened, footage: Path):
    browser = service.browser()
    before = browser.add_game()
    user = browser.user(opened)
    spec = draft(user, adopted(opened, user, footage), *SPANS)
    begin(opened, user, spec)
    until(lambda: is_rendering(opened, spec.job))
    service.kill("store")
    statuses = [browser.get("/api/games").status_code]
    until(lambda: statuses.append(browser.get("/api/games").status_code) or statuses[-1] == 200)
    assert set(statuses) <= {200, 503}
    assert browser.games() == [before]
    after = browser.add_game()
    assert set(browser.games()) == {before, after}
    assert settled(opened, user, spec.job).state == "done"


def test_while_the_store_is_away_the_answer_says_so(service: Service):
    browser = service.browser()
    browser.add_game()
    statuses: list[int] = []
    for _ in range(2):
        service.kill("store")
        answer = browser.get("/api/games")
        statuses.append(answer.status_code)
        if answer.status_code == 503:
            assert answer.json()["code"] == "store_unavailable"
            assert int(answer.headers["retry-after"]) > 0
        until(lambda: browser.get("/api/games").status_code == 200)
        until(lambda: service.children("store"))
    assert set(statuses) <= {200, 503}


def test_a_killed_api_takes_its_children_along_and_the_next_one_goes_on(tmp_path: Path, footage: Path):
    folder = tmp_path / "data"
    with serving(folder, PORT=str(quiet_port())) as first:
        browser = first.browser()
        game = browser.add_game()
        with first.beside() as opened:
            user = browser.user(opened)
            spec = draft(user, adopted(opened, user, footage), *SPANS)
            begin(opened, user, spec)
            until(lambda: is_rendering(opened, spec.job))
            children = list(first.children())
            first.kill("api")
        until(lambda: all(map(gone, children)))
    with serving(folder, PORT=str(first.port)) as second:
        assert second.said == first.said  # also the store's port: addresses that were given out stay good
        assert browser.games() == [game]  # the session, too
        with second.beside() as opened:
            assert settled(opened, user, spec.job).state == "done"
        assert second.stop() == 0


def test_it_can_be_started_again_while_what_was_killed_still_ends(tmp_path: Path):
    folder = tmp_path / "data"
    with serving(folder) as first:
        game = (browser := first.browser()).add_game()
        first.kill("api")
        with serving(folder, PORT=str(first.port)) as second:
            assert browser.games() == [game]
            assert second.stop() == 0


def test_with_the_whole_cache_gone_nothing_is_lost(tmp_path: Path, footage: Path):
    """The ledger with it: what users own says which jobs are open."""
    folder = tmp_path / "data"
    with serving(folder) as first:
        browser = first.browser()
        game = browser.add_game()
        with first.beside() as opened:
            user = browser.user(opened)
            spec = draft(user, adopted(opened, user, footage), *SPANS)
            begin(opened, user, spec)
            until(lambda: is_rendering(opened, spec.job))
            children = list(first.children())
            first.kill("api")
        until(lambda: all(map(gone, children)))
    (folder / "cache").rename(tmp_path / "gone")
    with serving(folder, PORT=str(first.port)) as second, second.beside() as opened:
        assert settled(opened, user, spec.job).state == "done"
        assert browser.games() == [game]
        assert second.stop() == 0
