"""Snapshots: what is one, and which of two is the newer, in whatever order they come."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, fields, replace
from functools import reduce
from itertools import pairwise, permutations
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.state import ENDED as JOBS_ENDED
from jobs.state import State
from relay.protocol import (
    ENDED,
    LONGEST_MESSAGE,
    MOST_BYTES,
    STATES,
    BadMessage,
    Snapshot,
    hello,
    newest,
    order,
    parse,
    shortened,
)
from tests.relay.stage import RUNNING, snapshot, spoken

names = st.builds("{}{}".format, st.sampled_from("az09"), st.text("az09-", max_size=63))
wholes = st.integers(0, 2**53 - 1)
measures = st.none() | st.floats(0, 1e9, allow_nan=False) | st.integers(0, 10**9)
snapshots = st.builds(
    Snapshot,
    user=names,
    job=names,
    attempt=wholes,
    seq=wholes,
    phase=st.builds("{}{}".format, st.sampled_from("az"), st.text("az09_", max_size=31)),
    done=wholes,
    total=wholes,
    fps=measures,
    eta_s=measures,
    state=st.sampled_from(STATES),
    message=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)
of_one_job = st.builds(
    snapshot,
    attempt=st.integers(1, 2),
    seq=st.integers(0, 3),
    done=st.integers(0, 3),
    state=st.sampled_from(STATES),
)


def body(**changes: object) -> bytes:
    return json.dumps(asdict(RUNNING) | changes).encode()


def test_the_states_are_those_of_the_jobs():
    assert set(STATES) == set(get_args(State))
    assert ENDED == JOBS_ENDED


def test_a_snapshot_says_these_fields_and_no_others():
    said = "user, job, attempt, seq, phase, done, total, fps, eta_s, state, message"
    assert ", ".join(field.name for field in fields(Snapshot)) == said
    assert ", ".join(spoken(RUNNING.text)) == said


@given(snapshots)
@settings(max_examples=50)
def test_a_snapshot_comes_through_unchanged_and_fits(sent: Snapshot):
    assert parse(sent.text.encode()) == sent
    assert len(sent.text.encode()) < MOST_BYTES / 2


def test_the_longest_snapshot_fits():
    longest = snapshot(
        user="u" * 64,
        job="j" * 64,
        phase="p" * 32,
        message="\0" * LONGEST_MESSAGE,
        state="cancelling",
        **dict.fromkeys(("attempt", "seq", "done", "total", "fps", "eta_s"), 2**53 - 1),
    )
    assert parse(longest.text.encode()) == longest
    assert len(longest.text.encode()) < MOST_BYTES / 2


WRONG: dict[str, list[object]] = {
    "user": [None, 7, "", "Ann", "_active", "-a", "a/b", "a\n", "a" * 65, ["ann"], "ä"],
    "job": [None, 7, "", "../x", "A", "j" * 65, {}],
    "attempt": [None, -1, 1.0, "1", True, 2**53, 10**400, []],
    "seq": [None, -1, 0.5, "0", False, 2**53],
    "phase": [None, "", "Rendering", "two words", "p" * 33, "phase\n", 3],
    "done": [None, -1, 2.5, True, 2**53],
    "total": [None, -1, "960", 2**53],
    "fps": [-0.1, "24", True, float("nan"), float("inf"), 10**400, 1e300, []],
    "eta_s": [-1, "soon", False, float("-inf"), {}],
    "state": [None, "", "Running", "paused", 1, ["running"], {}],
    "message": [None, 5, "x" * (LONGEST_MESSAGE + 1), "\ud800", {}],
}
CASES = [(name, value) for name, values in WRONG.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES, ids=lambda given: repr(given)[:20])
def test_a_wrong_value_is_refused_in_both_directions(name: str, value: Any):
    with pytest.raises(BadMessage, match=rf"^{name} |^This is no JSON"):
        parse(body(**{name: value}))
    with pytest.raises(BadMessage, match=rf"^{name} "):
        snapshot(**{name: value})


@pytest.mark.parametrize("name", [field.name for field in fields(Snapshot)])
def test_a_missing_field_is_named(name: str):
    said = asdict(RUNNING)
    del said[name]
    with pytest.raises(BadMessage, match=f"'{name}'"):
        parse(json.dumps(said).encode())


def test_an_unknown_field_is_named():
    with pytest.raises(BadMessage, match="'token'"):
        parse(body(token="x"))
    with pytest.raises(BadMessage, match="missing or unknown"):
        parse(body(**{"\ud800": 1}))


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"{",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf" + body(),
        body().decode().encode("utf-16"),
        body()[:-1],
        body() + b"{}",
        body()[:-1] + b',"user":"bob"}',
        b"[" * (MOST_BYTES - 1),
        b'{"a":' * 3000,
        b"9" * 5000,
        body() + b" " * MOST_BYTES,
    ],
    ids=lambda bad: f"{bad[:12]!r} {len(bad)}",
)
def test_what_is_no_snapshot_is_refused(bad: bytes):
    with pytest.raises(BadMessage):
        parse(bad)


def test_the_limit_is_on_bytes():
    assert parse(body() + b" " * (MOST_BYTES - len(body()))) == RUNNING
    with pytest.raises(BadMessage, match=f"has {MOST_BYTES + 1}"):
        parse(body() + b" " * (MOST_BYTES - len(body()) + 1))


short = st.text(max_size=8)
trees = st.recursive(
    st.none() | short,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(short, inner, max_size=4),
    max_leaves=8,
)


@given(st.binary(max_size=100) | trees.map(lambda tree: json.dumps(tree).encode()))
@settings(max_examples=50)
def test_noise_is_refused(noise: bytes):
    with pytest.raises(BadMessage):
        parse(noise)


@given(
    st.sampled_from([field.name for field in fields(Snapshot)]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
)
def test_a_field_of_any_value_is_kept_or_refused(name: str, value: Any):
    try:
        read = parse(body(**{name: value}))
    except BadMessage:
        return
    assert getattr(read, name) == value
    assert type(getattr(read, name)) is type(value)


# The newer of two


def told(heard: list[Snapshot] | tuple[Snapshot, ...]) -> Snapshot | None:
    return reduce(newest, heard, None)


def test_every_order_of_a_set_with_duplicates_ends_the_same():
    """7! orders: two attempts, the first one's last word late, two snapshots twice."""
    first, second = snapshot(attempt=1, seq=8), snapshot(attempt=2, seq=0, done=0)
    mid, last = snapshot(attempt=2, seq=1), snapshot(attempt=2, seq=2, state="done")
    heard = [first, first, replace(first, seq=9), second, mid, mid, last]
    ends = [told(way) for way in permutations(heard)]
    assert len(ends) == 5040
    assert set(ends) == {last}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (snapshot(attempt=1, seq=900), snapshot(attempt=2, seq=0)),
        (snapshot(seq=4, done=500), snapshot(seq=5, done=0)),
        (snapshot(seq=4, state="done"), snapshot(seq=5, state="running")),
        (snapshot(state="running"), snapshot(state="cancelled")),
        (snapshot(state="cancelling"), snapshot(state="result")),
        (snapshot(state="result"), snapshot(state="done")),
    ],
)
def test_attempt_and_seq_decide_then_the_state(older: Snapshot, newer: Snapshot):
    assert newest(older, newer) is newer
    assert newest(newer, older) is newer
    assert newest(None, older) is older


@given(st.lists(of_one_job, min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_any_order_with_duplicates_ends_with_the_newest(heard: list[Snapshot], chance: random.Random):
    end = told(heard)
    again = heard + chance.choices(heard, k=len(heard))
    chance.shuffle(again)
    assert told(again) == end
    assert end is not None
    assert (end.attempt, end.seq) == max((one.attempt, one.seq) for one in heard)


@given(st.lists(of_one_job, max_size=12))
@settings(max_examples=50)
def test_an_attempt_never_goes_back(heard: list[Snapshot]):
    seen = [told(heard[: count + 1]) for count in range(len(heard))]
    assert all(order(before) <= order(after) for before, after in pairwise(seen) if before and after)


# The rest


def test_the_hello_says_these_three():
    assert spoken(hello("here", "e1", 1_800_000_000.1234567)) == {"relay": "here", "epoch": "e1", "now": 1800000000.123}


@pytest.mark.parametrize(
    "message", ["", "Short.", "x" * LONGEST_MESSAGE, "ü" * 5000, "half \ud800 a pair", "\U0001f3c6" * 600]
)
def test_any_sentence_can_be_made_to_fit(message: str):
    assert parse(snapshot(message=shortened(message)).text.encode()).message == shortened(message)
    if len(message) <= LONGEST_MESSAGE and message.isprintable():
        assert shortened(message) == message


def test_three_states_are_ended():
    assert [state for state in STATES if snapshot(state=state).ended] == ["done", "cancelled", "failed"]
