"""One socket: a place per job, a hello now and then, and an end when it lags or says too much."""

from __future__ import annotations

import pytest

from relay.protocol import GONE, PING, TOO_MANY, TOO_SLOW
from relay.session import HELLO_EVERY_S, LAG_S, LONGEST_SAID, MOST_SAID_A_MINUTE, MOST_WAITING
from tests.relay.stage import Listener, Relay, snapshot, spoken


@pytest.fixture
def relay() -> Relay:
    return Relay()


@pytest.fixture
def listener(relay: Relay) -> Listener:
    """A listener that has taken its hello."""
    listener = relay.connect()
    listener.take()
    listener.calls.clear()
    return listener


def test_only_the_newest_of_each_job_waits_and_the_oldest_job_goes_first(relay: Relay, listener: Listener):
    for seq in range(10):
        relay.hub.publish(snapshot(job="a", seq=seq))
        relay.hub.publish(snapshot(job="b", seq=seq))
    assert [(one["job"], one["seq"]) for one in listener.take()] == [("a", 9), ("b", 9)]
    assert listener.take() == []


def test_what_comes_while_a_frame_is_sent_replaces_what_waits(relay: Relay, listener: Listener):
    relay.hub.publish(snapshot(job="a", seq=1))
    relay.hub.publish(snapshot(job="b", seq=1))
    frames = listener.session.outgoing()
    assert spoken(next(frames))["job"] == "a"
    relay.hub.publish(snapshot(job="b", seq=2))
    relay.hub.publish(snapshot(job="a", seq=2))
    assert [(one["job"], one["seq"]) for one in map(spoken, frames)] == [("b", 2), ("a", 2)]


def test_each_news_is_rung(relay: Relay, listener: Listener):
    relay.hub.publish(snapshot(seq=5))
    relay.hub.publish(snapshot(seq=5))
    relay.hub.publish(snapshot(seq=6))
    assert listener.calls == ["news", "news"]


def test_a_socket_that_takes_nothing_is_closed(relay: Relay, listener: Listener):
    relay.hub.publish(snapshot(seq=5))
    relay.clock.advance(LAG_S)
    relay.hub.tick()
    assert listener.ended is None
    relay.hub.publish(snapshot(seq=6))  # more news is no excuse
    relay.clock.advance(0.1)
    relay.hub.tick()
    assert listener.ended == TOO_SLOW
    assert TOO_SLOW.code == 4408
    assert listener.calls[-1] == "over"
    assert (listener.take(), listener.session._waiting) == ([], {})
    assert relay.hub.sockets == 0


def test_a_socket_that_takes_slowly_is_not(relay: Relay, listener: Listener):
    for seq in range(5, 15):
        relay.hub.publish(snapshot(job="a", seq=seq))
        relay.hub.publish(snapshot(job="b", seq=seq))
        relay.clock.advance(LAG_S - 1)
        relay.hub.tick()
        assert spoken(next(listener.session.outgoing()))["seq"] >= seq - 1
    assert listener.ended is None


def test_a_socket_stuck_in_a_send_is_found_though_no_job_moves(relay: Relay, listener: Listener):
    for _ in range(int(HELLO_EVERY_S + LAG_S) + 2):
        relay.clock.advance(1)
        relay.hub.tick()
    assert listener.ended == TOO_SLOW


def test_more_jobs_than_a_mailbox_holds_close_it(relay: Relay, listener: Listener):
    for number in range(MOST_WAITING):
        relay.hub.publish(snapshot(job=f"j{number}"))
    assert listener.ended is None
    relay.hub.publish(snapshot(job="j0", seq=9))
    assert listener.ended is None
    assert relay.hub.publish(snapshot(job="one-more")) == 0
    assert listener.ended == TOO_SLOW


def test_after_a_quiet_while_a_hello_is_sent(relay: Relay, listener: Listener):
    relay.clock.advance(HELLO_EVERY_S - 0.1)
    relay.hub.tick()
    assert listener.take() == []
    relay.clock.advance(0.1)
    relay.hub.tick()
    assert listener.calls == ["news"]
    assert listener.take() == [{"relay": "here", "epoch": "e1", "now": relay.clock.now_s}]
    relay.hub.tick()
    assert listener.take() == []


def test_a_busy_socket_needs_no_hello(relay: Relay, listener: Listener):
    for seq in range(5, 15):
        relay.clock.advance(20)
        relay.hub.publish(snapshot(seq=seq))
        assert listener.jobs()
        relay.hub.tick()
    assert listener.take() == []


def test_a_ping_is_answered_before_what_waits(relay: Relay, listener: Listener):
    relay.hub.publish(snapshot(seq=5))
    listener.session.receive(PING)
    assert [sorted(frame)[:2] for frame in listener.take()] == [["epoch", "now"], ["attempt", "done"]]


@pytest.mark.parametrize(
    "said", ["", "{", "\0", b"", b"ping", b"\xff", '{"type":"subscribe","user":"bob"}', "x" * LONGEST_SAID]
)
def test_anything_else_is_not_listened_to(relay: Relay, listener: Listener, said: str | bytes):
    listener.session.receive(said)
    assert (listener.take(), listener.calls, listener.ended) == ([], [], None)
    relay.hub.publish(snapshot(user="bob"))
    assert listener.take() == []


@pytest.mark.parametrize("said", ["x" * (LONGEST_SAID + 1), b"x" * (LONGEST_SAID + 1)])
def test_a_long_speech_ends_it(listener: Listener, said: str | bytes):
    listener.session.receive(said)
    assert listener.ended == TOO_MANY


def test_so_many_messages_a_minute(relay: Relay, listener: Listener):
    for _ in range(3):
        for _ in range(MOST_SAID_A_MINUTE):
            listener.session.receive(PING)
        assert listener.ended is None
        listener.take()
        relay.clock.advance(60)
    for _ in range(MOST_SAID_A_MINUTE + 1):
        listener.session.receive("noise")
    assert listener.ended == TOO_MANY
    assert TOO_MANY.code == 4429


def test_it_ends_once(relay: Relay, listener: Listener):
    listener.session.close()
    listener.session.close()
    listener.session.receive("x" * 9999)
    assert relay.hub.publish(snapshot(seq=5)) == 0
    relay.clock.advance(999)
    relay.hub.tick()
    relay.hub.drain(9)
    assert (listener.calls, listener.ended, listener.take()) == (["over"], GONE, [])
