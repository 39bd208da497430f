"""Modal is away, or does not want us: that is said soon, and in our own words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing

import modal
import modal.exception
import pytest

from cloud.line import Line
from cloud.wiring import REQUIRED, settings_from
from reel.errors import BadInput, StoreUnavailable


@pytest.fixture
def line() -> Iterator[Line]:
    with closing(Line(within_s=0.2)) as line:
        yield line


async def never() -> None:
    """Be asked, and not answer."""
    await asyncio.sleep(3600)


def test_what_does_not_answer_is_away_and_is_not_asked_again_for_a_while(line: Line):
    asked: list[int] = []

    async def answers() -> int:
        asked.append(1)
        return 1

    assert line.ask(answers, answers) == [1, 1]
    with pytest.raises(StoreUnavailable):
        line.ask(answers, never)
    with pytest.raises(StoreUnavailable):
        line.ask_one(answers)
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (modal.exception.AuthError("Token missing"), "does not know this token"),
        (modal.exception.ConnectionError("no route"), "did not answer"),
        (modal.exception.ResourceExhaustedError("too many"), "did not answer"),
    ],
)
def test_what_modal_says_is_said_in_our_words(line: Line, fault: modal.exception.Error, said: str):
    async def refuses() -> None:
        raise fault

    with pytest.raises(StoreUnavailable, match=said) as caught:
        line.ask_one(refuses)
    assert str(caught.value.details["reason"])


ENVIRON: dict[str, str] = dict.fromkeys(map(str, REQUIRED), "x")


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_missing_setting_is_named(missing: str):
    environ = {name: value for name, value in ENVIRON.items() if name != missing}
    with pytest.raises(BadInput, match=missing):
        settings_from(environ)


def test_all_that_are_missing_are_named_at_once():
    with pytest.raises(BadInput) as caught:
        settings_from({})
    assert all(name in caught.value.message for name in REQUIRED)


def test_a_relay_is_named_whole_or_not_at_all():
    key = "one:" + "s" * 32
    assert settings_from(ENVIRON).relay is None
    relay = settings_from(ENVIRON | {"RELAY_URL": "https://ws.a.b/", "RELAY_KEYS": key}).relay
    assert relay
    assert (relay.publish_url, relay.socket_url) == ("https://ws.a.b/publish", "wss://ws.a.b/ws")
    for half in ({"RELAY_URL": "https://ws.a.b"}, {"RELAY_KEYS": key}, {"RELAY_URL": "u", "RELAY_KEYS": "one:short"}):
        with pytest.raises(BadInput, match="RELAY"):
            settings_from(ENVIRON | half)
