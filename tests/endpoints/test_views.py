"""Views of share links: people are counted, once a day each; crawlers are not; nothing says who it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from reel import keys
from reel.errors import StoreUnavailable
from storage.objects import Objects
from storage.sessions import DAY_S
from storage.views import EVERY_S, MARKS, Views
from tests.endpoints.belongings import IDS, settled_in, user_of
from tests.endpoints.stage import Browser, Stage, SteppedClock, uuid

SHARES = f"/api/reels/{IDS['reel_id']}/shares"
PERSON = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1"


@pytest.fixture
def owner(browser: Browser) -> Browser:
    settled_in(browser)
    return browser


@pytest.fixture
def place(owner: Browser) -> str:
    return "/s/" + owner.post(SHARES, {"id": uuid(1)}).json()["url"].rpartition("/")[2]


def look(stage: Stage, place: str, agent: str = PERSON, **headers: str) -> int:
    return stage.browser().client.get(place, headers={"User-Agent": agent} | headers).status_code


def counted(owner: Browser) -> tuple[int, str | None]:
    share = owner.get(f"/api/shares/{uuid(1)}").json()
    assert next(one for one in owner.get(SHARES).json()["items"] if one["id"] == uuid(1)) == share
    return share["views"], share["viewed_at"]


def test_each_person_counts_once_a_day(owner: Browser, stage: Stage, place: str) -> None:
    assert counted(owner) == (0, None)
    for _ in range(3):
        assert look(stage, place) == 200
    views, viewed_at = counted(owner)
    assert views == 1
    assert viewed_at is not None
    assert viewed_at.endswith("T00:00:00.000Z")
    look(stage, place, agent=PERSON + " another")
    assert counted(owner)[0] == 2
    stage.clock.ahead_s = DAY_S
    look(stage, place)
    assert counted(owner)[0] == 3
    assert counted(owner)[1] != viewed_at


@pytest.mark.parametrize(
    ("agent", "headers"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", {}),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", {}),
        ("WhatsApp/2.23.20.0", {}),
        ("TelegramBot (like TwitterBot)", {}),
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", {}),
        ("curl/8.5.0", {}),
        ("", {}),
        (PERSON, {"Sec-Purpose": "prefetch;prerender"}),
        (PERSON, {"Accept": "application/json"}),
    ],
)
def test_who_is_no_person_is_shown_it_and_not_counted(
    owner: Browser, stage: Stage, place: str, agent: str, headers: dict[str, str]
) -> None:
    assert look(stage, place, agent, **headers) == 200
    assert counted(owner) == (0, None)


def test_a_head_the_video_and_closed_links_do_not_count(owner: Browser, stage: Stage, place: str) -> None:
    head = stage.browser().client.head(place, headers={"User-Agent": PERSON})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["x-robots-tag"].startswith("noindex")
    for tail in ("/video", "/cover"):
        assert look(stage, place + tail) == 302
    owner.delete(f"/api/shares/{uuid(1)}")
    assert look(stage, place) == 410
    assert counted(owner) == (0, None)


def test_the_page_and_the_list_stand_while_nothing_can_be_counted(
    owner: Browser, stage: Stage, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Objects.replace

    def away(self: Objects, key: str, body: bytes, etag: str | None) -> str:
        if "/views/" in key:
            raise StoreUnavailable
        return whole(self, key, body, etag)

    with monkeypatch.context() as while_away:
        while_away.setattr(Objects, "replace", away)
        assert look(stage, place) == 200
        assert counted(owner)[0] == 1  # what could not be written is not forgotten
    stage.clock.ahead_s = EVERY_S + 1
    assert look(stage, place, PERSON + " two") == 200
    assert _kept(owner, stage)["shares"][uuid(1)]["views"] == 2


def test_nothing_that_is_kept_says_who_it_was(owner: Browser, stage: Stage, place: str) -> None:
    look(stage, place)
    text = json.dumps(_kept(owner, stage))
    for secret in ("testclient", "iPhone", place.removeprefix("/s/")):
        assert secret not in text
    assert set(_kept(owner, stage)["shares"][uuid(1)]) == {"views", "last_on", "seen"}


def test_a_strangers_haste_is_written_once_a_minute(stage: Stage) -> None:
    clock, objects = SteppedClock(), stage.services.objects
    waiting: list[tuple[float, Callable[[], None]]] = []
    written: list[str] = []

    class Watched(Objects):
        def __init__(self) -> None:
            """Everything is the stage's bucket's."""

        def fetch(self, key: str, known: str | None = None) -> Any:
            return objects.fetch(key, known)

        def replace(self, key: str, body: bytes, etag: str | None) -> str:
            written.append(key)
            return objects.replace(key, body, etag)

    views = Views(Watched(), clock, lambda wait_s, act: waiting.append((wait_s, act)))
    reel, share = uuid(70), uuid(71)
    for number in range(500):
        views.watched("u1", reel, share, ("1.2.3.4", f"name {number}"), "token")()
    assert len(written) == 1
    ((wait_s, act),) = waiting
    assert 0 < wait_s <= EVERY_S
    known = views.of_reel("u1", reel)[share].views  # also what is not written yet
    assert 400 < known <= 500 < MARKS
    assert Views(objects, clock).of_reel("u1", reel)[share].views == 1
    act()
    assert len(written) == 2
    assert Views(objects, clock).of_reel("u1", reel)[share].views == known
    objects.delete(keys.views("u1", reel))


def test_two_processes_that_see_the_same_viewer_count_one(stage: Stage) -> None:
    reel, share, objects = uuid(72), uuid(73), stage.services.objects
    here, there = Views(objects, stage.clock), Views(objects, stage.clock)
    for views in (here, there, there):
        views.watched("u1", reel, share, ("1.2.3.4", "Safari"), "token")()
    assert {name: one.views for name, one in here.of_reel("u1", reel).items()} == {share: 1}
    stage.clock.ahead_s = EVERY_S + 1
    there.watched("u1", reel, uuid(74), ("1.2.3.4", "Safari"), "other token")()
    assert {name: one.views for name, one in here.of_reel("u1", reel).items()} == {share: 1, uuid(74): 1}
    objects.delete(keys.views("u1", reel))


def test_a_reel_that_goes_takes_its_count_with_it(owner: Browser, stage: Stage, place: str) -> None:
    look(stage, place)
    assert _kept(owner, stage)
    owner.delete(f"/api/reels/{IDS['reel_id']}")
    asked = stage.services.databases.read(
        user_of(owner), lambda connection: [key for (key,) in connection.execute("SELECT key FROM removals")]
    )
    assert keys.views(user_of(owner), IDS["reel_id"]) in asked


def _kept(owner: Browser, stage: Stage) -> Any:
    return json.loads(stage.services.objects.read(keys.views(user_of(owner), IDS["reel_id"])))
