"""The hub: who is let in, who hears what, and that everyone ends with the newest, whatever happened on the way."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.history import OPEN_LIFE_S
from relay.hub import SOCKET_LIFE_S
from relay.protocol import (
    MOST_BYTES,
    NEW_TICKET,
    RESTART,
    SUBPROTOCOL,
    TOO_MANY,
    WRONG_ORIGIN,
    Snapshot,
    newest,
)
from relay.signing import publish_headers
from tests.relay.stage import KEYS, ORIGIN, RUNNING, Listener, Relay, snapshot


@pytest.fixture
def relay() -> Relay:
    return Relay()


# Coming in


def test_who_comes_in_hears_a_hello_then_what_is_known(relay: Relay):
    relay.hub.publish(snapshot(job="a", state="done"))
    relay.hub.publish(snapshot(job="b", seq=1))
    relay.hub.publish(snapshot(job="b", seq=2))
    listener = relay.connect()
    assert (listener.session.user, listener.session.subprotocol) == ("ann", SUBPROTOCOL)
    first, *rest = listener.take()
    assert first == {"relay": "here", "epoch": "e1", "now": relay.clock.now_s}
    assert [(one["job"], one["seq"], one["state"]) for one in rest] == [("a", 4, "done"), ("b", 2, "running")]


@pytest.mark.parametrize(
    "origin",
    [None, "", "null", "https://evil.example", ORIGIN + "/", ORIGIN + ".evil", "http://app.example", ORIGIN.upper()],
)
def test_another_site_is_refused_and_the_ticket_is_not_used_up(relay: Relay, origin: str | None):
    offered = [SUBPROTOCOL, relay.ticket()]
    refused = relay.connect(offered=offered, origin=origin)
    assert (refused.ended, refused.calls, refused.take()) == (WRONG_ORIGIN, ["over"], [])
    assert WRONG_ORIGIN.code == 4403
    assert relay.connect(offered=offered).ended is None


def test_without_a_good_ticket_nobody_comes_in(relay: Relay):
    offered = [SUBPROTOCOL, relay.ticket()]
    assert relay.connect(offered=offered).ended is None
    for bad in (offered, [], [SUBPROTOCOL], offered[1:]):
        refused = relay.connect(offered=bad)
        assert (refused.ended, refused.calls, refused.take()) == (NEW_TICKET, ["over"], [])
        assert refused.session.subprotocol == (SUBPROTOCOL if SUBPROTOCOL in bad else None)
    assert NEW_TICKET.code == 4401
    assert relay.hub.sockets == 1


def test_a_user_has_so_many_sockets():
    relay = Relay(limits={"most_sockets_per_user": 2})
    first, _second, third = (relay.connect() for _ in range(3))
    assert (third.ended, TOO_MANY.code) == (TOO_MANY, 4429)
    assert relay.connect("bob").ended is None
    first.session.close()
    assert relay.connect().ended is None
    assert relay.hub.publish(RUNNING) == 2


def test_there_are_so_many_sockets_in_all():
    relay = Relay(limits={"most_sockets": 3})
    assert [relay.connect(user).ended for user in ("a", "b", "c", "d")] == [None, None, None, TOO_MANY]


def test_a_socket_has_to_show_a_new_ticket_in_the_end(relay: Relay):
    listener = relay.connect()
    relay.clock.advance(SOCKET_LIFE_S + 1)
    relay.hub.tick()
    assert listener.ended == NEW_TICKET
    assert relay.hub.sockets == 0


def test_time_and_leaving_empty_the_hub(relay: Relay):
    """Whatever a user left behind is let go of: nothing grows with those who were here once."""
    listeners = [relay.connect(user) for user in ("ann", "ann", "bob")]
    relay.hub.publish(RUNNING)
    for listener in listeners:
        listener.session.close()
    assert relay.hub._users == {}
    assert (len(relay.hub._history), len(relay.hub._door._taken)) == (1, 3)
    relay.clock.advance(OPEN_LIFE_S)
    relay.hub.tick()
    assert (len(relay.hub._history), len(relay.hub._door._taken)) == (0, 0)


# Who hears what


def test_a_socket_hears_its_own_user_only(relay: Relay):
    ann, ann_too, bob = relay.connect("ann"), relay.connect("ann"), relay.connect("bob")
    assert relay.hub.publish(snapshot(user="ann", seq=7)) == 2
    assert relay.hub.publish(snapshot(user="bob", seq=8)) == 1
    assert relay.hub.publish(snapshot(user="eve", seq=9)) == 0
    assert [[(one["user"], one["seq"]) for one in who.jobs()] for who in (ann, ann_too, bob)] == [
        [("ann", 7)],
        [("ann", 7)],
        [("bob", 8)],
    ]
    assert [one["user"] for one in relay.connect("eve").jobs()] == ["eve"]


def test_old_news_is_not_told_but_answered(relay: Relay):
    listener = relay.connect()
    assert relay.hub.publish(snapshot(seq=5)) == 1
    assert relay.hub.publish(snapshot(seq=4)) == 1
    assert relay.hub.publish(snapshot(seq=5)) == 1
    assert [one["seq"] for one in listener.jobs()] == [5]


def test_one_that_leaves_while_it_is_told_disturbs_nobody(relay: Relay):
    leaving, staying = relay.connect(), relay.connect()
    leaving.session._news = leaving.session.close
    assert relay.hub.publish(RUNNING) == 1
    assert [one["seq"] for one in staying.jobs()] == [4]


# Posts


def post(relay: Relay, body: bytes, **headers: str) -> tuple[int, dict[str, object]]:
    signed = publish_headers(KEYS, body, relay.clock.time_s()) | headers
    answer = relay.hub.post(signed, body)
    return answer.status, json.loads(answer.body)


def test_a_post_is_told_and_answered_with_how_many_listen(relay: Relay):
    assert post(relay, RUNNING.text.encode()) == (200, {"listeners": 0})
    listener = relay.connect()
    relay.connect()
    assert post(relay, snapshot(seq=5).text.encode()) == (200, {"listeners": 2})
    assert [one["seq"] for one in listener.jobs()] == [5]


def test_a_post_that_is_refused_is_told_to_nobody(relay: Relay):
    listener = relay.connect()
    body = RUNNING.text.encode()
    refused = [
        post(relay, body, **{"X-RB-Sig": "0" * 64}),
        post(relay, body, **{"X-RB-Kid": "unknown"}),
        post(relay, b"x" * (MOST_BYTES + 1)),
        post(relay, b"{}"),
        post(relay, b'{"\\ud800":1}'),
        post(relay, b"[" * 9999),
    ]
    assert [(status, said["code"]) for status, said in refused] == [
        (401, "wrong_signature"),
        (401, "wrong_signature"),
        (413, "too_large"),
        (422, "bad_message"),
        (422, "bad_message"),
        (422, "bad_message"),
    ]
    assert all(said["message"] for _, said in refused)
    assert listener.jobs() == []


def test_a_post_heard_later_is_refused(relay: Relay):
    body = RUNNING.text.encode()
    headers = publish_headers(KEYS, body, relay.clock.time_s())
    relay.clock.advance(61)
    assert relay.hub.post(headers, body).status == 401
    assert relay.hub.post({}, body).status == 401
    relay.clock.advance(-61)
    assert [relay.hub.post(headers, body).status for _ in range(2)] == [200, 200]  # shown again it changes nothing


# Draining


def test_draining_sends_away_in_slices_and_lets_nobody_in(relay: Relay):
    listeners = [relay.connect(user) for user in ("ann", "ann", "bob", "eve", "eve")]
    assert not relay.hub.draining
    assert relay.hub.drain(0) == 5
    assert relay.hub.draining
    offered = [SUBPROTOCOL, relay.ticket("ann")]
    assert relay.connect(offered=offered).ended == RESTART
    left = [relay.hub.drain(2) for _ in range(4)]
    assert left == [3, 1, 0, 0]
    assert [listener.ended for listener in listeners] == [RESTART] * 5
    assert RESTART.code == 1012
    assert Relay(clock=relay.clock).connect(offered=offered).ended is None  # that ticket was kept for the next life


def test_while_it_drains_those_still_here_are_told(relay: Relay):
    first, second = relay.connect(), relay.connect()
    relay.hub.drain(1)
    assert relay.hub.publish(RUNNING) == 1
    assert (first.jobs(), [one["seq"] for one in second.jobs()]) == ([], [4])


# Everything at once

users, job_names = st.sampled_from(["ann", "bob"]), st.sampled_from(["j1", "j2"])
steps = st.one_of(
    st.tuples(
        st.just("publish"),
        st.builds(
            snapshot,
            user=users,
            job=job_names,
            attempt=st.integers(1, 2),
            seq=st.integers(0, 5),
            state=st.sampled_from(["running", "done"]),
        ),
    ),
    st.tuples(st.just("connect"), users),
    st.tuples(st.sampled_from(["take one", "take all", "close"]), st.integers(0, 9)),
    st.tuples(st.just("wait"), st.integers(1, 14)),
)


@given(st.lists(steps, max_size=60))
@settings(max_examples=50)
def test_whoever_still_listens_ends_with_the_newest_of_each_job(script: list[tuple[str, object]]):
    """Publishes in any order, sockets that come, go, take some or nothing.

    60 waits of 14 s stay below the quarter of an hour for which everything is kept.
    """
    relay, known = Relay(), dict[tuple[str, str], Snapshot]()
    listeners: list[Listener] = []
    heard: list[list[dict[str, object]]] = []
    for step, what in script:
        if isinstance(what, Snapshot):
            place = (what.user, what.job)
            known[place] = newest(known.get(place), what)
            listening = [one for one in listeners if one.ended is None and one.session.user == what.user]
            assert relay.hub.publish(what) == len(listening)
        elif step == "connect":
            listeners.append(relay.connect(str(what)))
            heard.append([])
        elif step == "wait":
            relay.clock.advance(float(str(what)))
            relay.hub.tick()
        elif listeners:
            which = int(str(what)) % len(listeners)
            _act(step, listeners[which], heard[which])
    for listener, frames in zip(listeners, heard, strict=True):
        frames += listener.take()
        told = {(str(one["user"]), str(one["job"])): one for one in frames if "job" in one}
        assert {user for user, _ in told} <= {listener.session.user}
        for job in ("j1", "j2"):
            ways = [(int(str(one["attempt"])), int(str(one["seq"]))) for one in frames if one.get("job") == job]
            assert ways == sorted(ways)
        if listener.ended is None:
            mine = {place: json.loads(one.text) for place, one in known.items() if place[0] == listener.session.user}
            assert told == mine


def _act(step: str, listener: Listener, frames: list[dict[str, object]]) -> None:
    if step == "close":
        listener.session.close()
    elif step == "take all":
        frames += listener.take()
    elif (frame := next(listener.session.outgoing(), None)) is not None:
        frames.append(json.loads(frame))
