"""What the relay remembers, for how long and how much of it."""

from __future__ import annotations

import pytest

from relay.history import ENDED_LIFE_S, OPEN_LIFE_S, History
from relay.protocol import STATES, Snapshot
from tests.relay.stage import HandClock, snapshot


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def jobs(known: list[Snapshot]) -> list[str]:
    return [one.job for one in known]


def test_only_the_newest_of_a_job_is_kept(clock: HandClock):
    history = History(clock)
    assert history.learn(snapshot(seq=4))
    assert not history.learn(snapshot(seq=4))
    assert not history.learn(snapshot(seq=3))
    assert history.learn(snapshot(seq=5))
    assert history.of("ann") == [snapshot(seq=5)]
    assert len(history) == 1


def test_a_user_has_jobs_of_their_own_even_of_one_name(clock: HandClock):
    history = History(clock)
    history.learn(snapshot(user="ann", seq=9))
    assert history.learn(snapshot(user="bob", seq=1))
    assert history.of("ann") == [snapshot(user="ann", seq=9)]
    assert history.of("bob") == [snapshot(user="bob", seq=1)]
    assert history.of("eve") == []


@pytest.mark.parametrize("state", STATES)
def test_ended_jobs_are_kept_for_an_hour_and_others_for_a_quarter(clock: HandClock, state: str):
    history = History(clock)
    history.learn(snapshot(state=state))
    life_s = 3600 if state in {"done", "cancelled", "failed"} else 900
    clock.advance(life_s - 1)
    history.forget()
    assert jobs(history.of("ann")) == [snapshot().job]
    clock.advance(1)
    assert history.of("ann") == []  # unseen even before it is thrown away
    history.forget()
    assert len(history) == 0


def test_news_renews_and_old_news_does_not(clock: HandClock):
    history = History(clock)
    history.learn(snapshot(seq=1))
    clock.advance(OPEN_LIFE_S - 1)
    history.learn(snapshot(seq=2))
    clock.advance(OPEN_LIFE_S - 1)
    history.learn(snapshot(seq=1))
    assert jobs(history.of("ann")) == [snapshot().job]
    clock.advance(1)
    assert history.of("ann") == []


def test_a_wall_clock_that_jumps_forgets_nothing(clock: HandClock):
    history = History(clock)
    history.learn(snapshot())
    clock.now_s += 10 * ENDED_LIFE_S
    history.forget()
    assert len(history) == 1


def test_one_user_has_so_many_jobs_and_those_untold_longest_go(clock: HandClock):
    history = History(clock, most_jobs_per_user=3)
    history.learn(snapshot(user="bob", job="b"))
    for job in ("1", "2", "3"):
        history.learn(snapshot(job=job))
    history.learn(snapshot(job="1", seq=5))
    history.learn(snapshot(job="4"))
    assert jobs(history.of("ann")) == ["3", "1", "4"]
    assert jobs(history.of("bob")) == ["b"]
    assert len(history) == 4


def test_all_users_have_so_many_jobs(clock: HandClock):
    history = History(clock, most_jobs=50)
    for number in range(500):
        history.learn(snapshot(user=f"u{number % 100}", job=f"j{number}"))
        assert len(history) <= 50
    assert sum(len(history.of(f"u{number}")) for number in range(100)) == 50
    assert jobs(history.of("u99")) == ["j499"]
    clock.advance(OPEN_LIFE_S)
    history.forget()
    assert (len(history), history._users) == (0, {})
