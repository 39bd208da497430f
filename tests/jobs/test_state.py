"""The states, pair by pair: changing the table has to change this page too."""

from __future__ import annotations

from typing import get_args

import pytest

from jobs.state import ENDED, OPEN, TRANSITIONS, Event, State, after
from reel.errors import IllegalMove

EVENTS = ("claim", "commit", "settle", "cancel", "stop", "fail")
TABLE = """
                claim       commit      settle      cancel      stop        fail
    queued      running     -           -           cancelled   -           failed
    running     running     result      -           cancelling  cancelled   failed
    cancelling  -           result      -           cancelling  cancelled   failed
    result      -           result      done        result      -           -
    done        -           -           done        -           -           -
    cancelled   -           -           -           -           -           -
    failed      -           -           -           -           -           -
"""
ROWS = {row.split()[0]: row.split()[1:] for row in TABLE.strip().splitlines()[1:]}
PAIRS = [(state, event, to) for state, row in ROWS.items() for event, to in zip(EVENTS, row, strict=True)]


def test_the_page_names_every_state_and_event():
    assert set(ROWS) == set(get_args(State))
    assert set(EVENTS) == set(get_args(Event)) == set(TABLE.split()[: len(EVENTS)])


@pytest.mark.parametrize(("state", "event", "to"), PAIRS)
def test_each_pair(state: State, event: Event, to: str):
    if to != "-":
        assert after(state, event) == to
        return
    with pytest.raises(IllegalMove) as caught:
        after(state, event)
    assert caught.value.details == {"state": state, "event": event}
    assert state in caught.value.message


def test_what_has_ended_stays_so():
    assert frozenset(get_args(State)) == OPEN | ENDED
    assert not OPEN & ENDED
    assert {to for (state, _), to in TRANSITIONS.items() if state in ENDED} == {"done"}


def test_every_open_job_can_end():
    reach = {state: {state} for state in get_args(State)}
    for _ in reach:
        for (state, _event), to in TRANSITIONS.items():
            reach[state] |= reach[to]
    assert all(reach[state] & ENDED for state in OPEN)


def test_a_result_beats_a_cancel():
    assert after(after("running", "cancel"), "commit") == "result"
    assert after(after("running", "commit"), "cancel") == "result"
