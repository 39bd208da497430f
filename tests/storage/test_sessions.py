"""Sessions as two processes see them: what one ends, the other does not bring back."""

from __future__ import annotations

import pytest

from reel import keys
from storage.objects import Objects
from storage.sessions import DAY_S, REMEMBERED_S, Lives, Sessions, digest_of, fresh_user, user_since
from tests.storage.stage import VirtualClock
from tests.storage.stores import Stores


@pytest.fixture
def objects(stores: Stores) -> Objects:
    return stores.objects("embedded")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def test_two_processes_note_the_same_device_and_it_stays(objects: Objects, clock: VirtualClock) -> None:
    one, two = Sessions(objects, clock), Sessions(objects, clock)
    token = one.begin(fresh_user(), "Safari on iPhone")
    assert two.of(token) == one.of(token)
    clock.jump(2 * DAY_S)
    noted = one.of(token)
    assert noted is not None
    assert two.of(token) == noted  # its own copy was older: it reads again
    assert noted.seen_s == clock.time_s()


def test_what_was_ended_elsewhere_is_not_brought_back_by_a_note(objects: Objects, clock: VirtualClock) -> None:
    one, two = Sessions(objects, clock), Sessions(objects, clock)
    token = one.begin(fresh_user())
    session = two.of(token)
    assert session is not None
    one.end(session)
    clock.jump(2 * DAY_S)
    assert two.of(token) is None
    assert not objects.exists(keys.session(digest_of(token)))


def test_an_end_elsewhere_is_noticed_soon(objects: Objects, clock: VirtualClock) -> None:
    one, two = Sessions(objects, clock), Sessions(objects, clock)
    token = one.begin(fresh_user())
    session = two.of(token)
    assert session is not None
    one.end(session)
    assert one.of(token) is None
    clock.pass_by(REMEMBERED_S)
    assert two.of(token) is None


def test_at_hand_is_what_needs_no_store(objects: Objects, clock: VirtualClock) -> None:
    sessions = Sessions(objects, clock)
    token = sessions.begin(fresh_user())
    other = Sessions(objects, clock)
    assert other.at_hand(token) is None  # it was never asked
    assert other.of(token) == other.at_hand(token)
    clock.pass_by(REMEMBERED_S)
    assert other.at_hand(token) is None
    assert other.at_hand(None) is None
    assert other.at_hand("x" * 201) is None
    session = other.of(token)
    assert session is not None
    successor = other.begin(session.user, replaces=session)
    assert other.at_hand(successor) is None  # the one before has to end
    clock.jump(2 * DAY_S)
    assert other.at_hand(token) is None  # it has to be noted that the device was seen


def test_all_of_a_user_s_devices_end_and_nobody_else_s(objects: Objects, clock: VirtualClock) -> None:
    sessions, user = Sessions(objects, clock), fresh_user()
    tokens = [sessions.begin(user) for _ in range(3)]
    other = sessions.begin(fresh_user())
    sessions.end_all(user)
    assert [sessions.of(token) for token in tokens] == [None] * 3
    assert sessions.of(other) is not None
    assert not list(objects.keys(keys.devices_prefix(user)))


def test_a_home_says_how_long_sessions_live(objects: Objects, clock: VirtualClock) -> None:
    lives = Lives(idle_s=400 * DAY_S, longest_s=800 * DAY_S, renewed_after_s=300 * DAY_S)
    sessions = Sessions(objects, clock, lives)
    token = sessions.begin(fresh_user())
    clock.jump(399 * DAY_S)
    assert sessions.of(token) is not None
    clock.jump(401 * DAY_S)
    assert sessions.of(token) is None


@pytest.mark.parametrize("token", [None, "", "x", "x" * 201, "\ud800", "../../x", "\x00"])
def test_what_is_no_token_is_nobody(objects: Objects, clock: VirtualClock, token: str | None) -> None:
    assert Sessions(objects, clock).of(token) is None


def test_an_id_tells_when_it_was_made() -> None:
    since = user_since("u0190a0c0f000" + "7" * 20)
    assert since is not None
    assert since.timestamp() == 0x0190A0C0F000 / 1000
    assert [user_since(user) for user in ("dev-local", "u" * 33, "", "u" + "f" * 31)] == [None] * 4
