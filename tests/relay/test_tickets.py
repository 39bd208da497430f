"""Tickets: for one user, one connection, one minute."""

from __future__ import annotations

import hashlib
import hmac
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay import tickets
from relay.protocol import NEW_TICKET, SUBPROTOCOL, TOO_MANY
from relay.tickets import AHEAD_S, LIFE_S, Door, Guest, issue
from tests.relay.stage import KEYS, OLD_KEYS, HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def door(clock: HandClock) -> Door:
    return Door(KEYS, clock)


def test_a_ticket_lets_its_user_in_once(door: Door, clock: HandClock):
    ticket = issue(KEYS, "ann", clock.time_s())
    assert door.admit([SUBPROTOCOL, ticket]) == Guest("ann")
    assert door.admit([SUBPROTOCOL, ticket]) == NEW_TICKET
    assert door.admit([issue(KEYS, "bob", clock.time_s()), SUBPROTOCOL]) == Guest("bob")


def test_a_ticket_may_stand_where_a_subprotocol_stands(clock: HandClock):
    assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", issue(KEYS, "a" * 64, clock.time_s()))


def test_no_two_tickets_are_the_same(clock: HandClock):
    assert len({issue(KEYS, "ann", clock.time_s()) for _ in range(100)}) == 100


def test_a_ticket_lives_for_a_minute(door: Door, clock: HandClock):
    ticket, later = (issue(KEYS, "ann", clock.time_s()) for _ in range(2))
    clock.advance(LIFE_S)
    assert door.admit([SUBPROTOCOL, ticket]) == Guest("ann")
    clock.advance(1)
    assert door.admit([SUBPROTOCOL, later]) == NEW_TICKET


def test_a_clock_that_is_a_little_ahead_is_forgiven(door: Door, clock: HandClock):
    assert door.admit([SUBPROTOCOL, issue(KEYS, "ann", clock.time_s() + AHEAD_S)]) == Guest("ann")
    assert door.admit([SUBPROTOCOL, issue(KEYS, "ann", clock.time_s() + AHEAD_S + 1)]) == NEW_TICKET


def test_a_used_ticket_stays_used_for_as_long_as_it_is_valid(door: Door, clock: HandClock):
    ticket = issue(KEYS, "ann", clock.time_s() + AHEAD_S)
    assert door.admit([SUBPROTOCOL, ticket]) == Guest("ann")
    for _ in range(LIFE_S + AHEAD_S + 5):
        clock.advance(1)
        door.forget()
        assert door.admit([SUBPROTOCOL, ticket]) == NEW_TICKET


def test_a_ticket_of_the_key_before_is_good_until_that_key_is_taken_out(door: Door, clock: HandClock):
    assert door.admit([SUBPROTOCOL, issue(OLD_KEYS, "ann", clock.time_s())]) == Guest("ann")
    assert Door(OLD_KEYS, clock).admit([SUBPROTOCOL, issue(KEYS, "ann", clock.time_s())]) == NEW_TICKET


def test_every_character_of_a_ticket_counts(door: Door, clock: HandClock):
    ticket = issue(KEYS, "ann", clock.time_s())
    for place, character in enumerate(ticket):
        other = "b" if character != "b" else "c"
        assert door.admit([SUBPROTOCOL, ticket[:place] + other + ticket[place + 1 :]]) == NEW_TICKET
    assert door.admit([SUBPROTOCOL, ticket]) == Guest("ann")


@pytest.mark.parametrize(("prefix", "expected"), [("ticket:", Guest("ann")), ("pub:", NEW_TICKET), ("", NEW_TICKET)])
def test_what_is_signed_begins_with_what_it_is_for(door: Door, clock: HandClock, prefix: str, expected: object):
    """The same keys sign posts: their signatures never make a ticket."""
    said = f"ann.{int(clock.time_s())}.{'0' * 32}"
    signature = hmac.new(b"2" * 32, f"{prefix}{said}".encode(), hashlib.sha256).hexdigest()
    assert door.admit([SUBPROTOCOL, f"ticket.k2.{said}.{signature}"]) == expected


@pytest.mark.parametrize(
    "offered", [[], [SUBPROTOCOL], ["ticket"], ["", "ticket....."], [SUBPROTOCOL, "ticket.k2.ann.1.0.0"]]
)
def test_without_a_ticket_nobody_comes_in(door: Door, offered: list[str]):
    assert door.admit(offered) == NEW_TICKET


def test_the_protocol_has_to_be_offered_and_one_ticket_only(door: Door, clock: HandClock):
    one, two = (issue(KEYS, "ann", clock.time_s()) for _ in range(2))
    assert door.admit([one]) == NEW_TICKET
    assert door.admit([SUBPROTOCOL, one, two]) == NEW_TICKET
    assert door.admit([SUBPROTOCOL, one]) == Guest("ann")  # being refused has not used it up


hexadecimal = st.text("0123456789abcdef", min_size=63, max_size=65)
made_up = st.builds(
    "ticket.{}.ann.{}.{:032x}.{}".format,
    st.sampled_from(["k1", "k2"]),
    st.integers(940, 1010),
    st.integers(0, 16**32 - 1),
    hexadecimal,
)


@given(st.lists(st.text(max_size=20) | st.just(SUBPROTOCOL) | made_up, max_size=4))
@settings(max_examples=50)
def test_nothing_made_up_comes_in(offered: list[str]):
    assert Door(KEYS, HandClock(now_s=1000)).admit([SUBPROTOCOL, *offered]) == NEW_TICKET


def test_memory_is_bounded_and_comes_back(door: Door, clock: HandClock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tickets, "MOST_REMEMBERED", 3)

    def enter() -> Guest | object:
        return door.admit([SUBPROTOCOL, issue(KEYS, "ann", clock.time_s())])

    assert [enter() for _ in range(4)] == [Guest("ann")] * 3 + [TOO_MANY]
    clock.advance(LIFE_S + AHEAD_S + 1)
    assert enter() == Guest("ann")
    assert len(door._taken) == 1


def test_a_clock_that_jumps_shuts_nobody_out_for_long(door: Door, clock: HandClock):
    for jump_s in (3600, -7200, 3600):
        clock.now_s += jump_s
        assert door.admit([SUBPROTOCOL, issue(KEYS, "ann", clock.time_s())]) == Guest("ann")
