"""Share links over HTTP: made, listed, watched by strangers, closed."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from reel import keys
from storage.sessions import DAY_S, digest_of
from tests.endpoints.belongings import IDS, settled_in, token_of, user_of
from tests.endpoints.stage import ORIGIN, Browser, Stage, code_of, uuid

REEL = f"/api/reels/{IDS['reel_id']}"


class Page(HTMLParser):
    """What a page is made of: its elements, and the text that a person reads."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._styling = False
        self.style = ""
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._styling = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._styling = False

    def handle_data(self, data: str) -> None:
        if self._styling:
            self.style += data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def shared(browser: Browser, number: int = 1, **asked: Any) -> Any:
    answer = browser.post(f"{REEL}/shares", {"id": uuid(number), **asked})
    assert answer.status_code == 201, answer.text
    return answer.json()


def place_of(share: Any) -> str:
    assert share["url"].startswith(f"{ORIGIN}/s/")
    return share["url"].removeprefix(ORIGIN)


@pytest.fixture
def owner(browser: Browser) -> Browser:
    settled_in(browser)
    return browser


def test_a_stranger_watches_and_saves_and_is_told_no_more_than_a_first_name(owner: Browser, stage: Stage) -> None:
    place = place_of(shared(owner, download=True))
    stranger = stage.browser()
    answer = stranger.get(place)
    assert answer.status_code == 200
    page = Page(answer)
    assert "Mia’s reel" in page.text
    for secret in ("Berger", "Rovers", "2026", user_of(owner), IDS["reel_id"], IDS["project_id"]):
        assert secret not in answer.text
    (video,) = page.of("video")
    assert (video["src"], video["poster"]) == (f"{place}/video", f"{place}/cover")
    assert [link["href"] for link in page.of("a")] == [f"{place}/download"]
    assert page.of("script") == []
    assert page.of("img") == []

    played = stranger.get(f"{place}/video")
    saved = stranger.get(f"{place}/download")
    assert (played.status_code, saved.status_code) == (302, 302)
    final = keys.final_video(user_of(owner), IDS["reel_id"], 1)
    for answer in (played, saved):
        fetched = httpx2.get(answer.headers["location"], trust_env=False)
        assert fetched.content == b"the bytes of " + final.encode()
    assert parse_qs(urlsplit(saved.headers["location"]).query)["response-content-disposition"][0].startswith(
        'attachment; filename="Mia.mp4"'
    )
    assert not stranger.client.cookies


def test_the_page_is_hidden_hardened_and_free_of_others(owner: Browser, stage: Stage) -> None:
    place = place_of(shared(owner, download=True))
    answer = stage.browser().get(place)
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    media = urlsplit(stage.browser().get(f"{place}/video").headers["location"])
    assert policy["media-src"] == f"'self' {media.scheme}://{media.netloc}"
    page = Page(answer)
    assert policy["style-src"] == f"'sha256-{b64encode(sha256(page.style.encode()).digest()).decode()}'"
    assert {"name": "robots", "content": "noindex, nofollow, noarchive"} in page.of("meta")
    for found in (answer, stage.browser().get(f"{place}/video"), stage.browser().get("/s/x")):
        assert found.headers["x-robots-tag"].startswith("noindex")
        assert found.headers["cache-control"] == "no-store"
        assert found.headers["referrer-policy"] == "no-referrer"
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["x-frame-options"] == "DENY"
        assert "set-cookie" not in found.headers


def test_a_visit_leaves_a_signed_in_browser_as_it_is(owner: Browser, stage: Stage) -> None:
    place = place_of(shared(owner))
    stage.clock.ahead_s = 29 * DAY_S  # of an age at which its own pages note that it was seen
    before = owner.stage.services.objects.read(keys.session(digest_of(token_of(owner) or "")))
    assert "set-cookie" not in owner.get(place).headers
    assert owner.stage.services.objects.read(keys.session(digest_of(token_of(owner) or ""))) == before


def test_saving_is_for_links_that_allow_it(owner: Browser, stage: Stage) -> None:
    place = place_of(shared(owner))
    assert Page(stage.browser().get(place)).of("a") == []
    assert stage.browser().get(f"{place}/download").status_code == 403


def test_a_name_is_what_was_chosen_and_harmless(owner: Browser, stage: Stage) -> None:
    place = place_of(shared(owner, shown_name="<script>alert(1)</script>&"))
    page = Page(stage.browser().get(place))
    assert page.of("script") == []
    assert "<script>alert(1)</script>&’s reel" in page.text
    refused = owner.post(f"{REEL}/shares", {"id": uuid(5), "shown_name": "a\nb"})
    assert (refused.status_code, refused.json()["details"]["field"]) == (422, "/shown_name")
    nameless = place_of(shared(owner, 2, shown_name=""))
    assert "A football reel" in Page(stage.browser().get(nameless)).text


def test_the_same_share_again_is_the_same_link(owner: Browser, stage: Stage) -> None:
    asked = {"id": uuid(7), "days": 3}
    first, same = (owner.post(f"{REEL}/shares", asked, key="s").json() for _ in range(2))
    assert first == same
    assert owner.post(f"{REEL}/shares", asked).json()["url"] == first["url"]
    link = owner.post("/api/session/links").json()["url"].partition("#")[2]
    phone = stage.browser()
    phone.post("/api/session/join", {"token": link})
    other = phone.post(f"{REEL}/shares", asked)
    assert (other.status_code, code_of(other)) == (409, "already_exists")


def test_links_are_listed_without_their_addresses_and_revoked_for_good(owner: Browser, stage: Stage) -> None:
    share = shared(owner, 3, days=7)
    place, known = place_of(share), {name: value for name, value in share.items() if name not in {"url", "qr_svg"}}
    assert (share["open"], share["revoked_at"]) == (True, None)
    assert owner.get(f"/api/shares/{uuid(3)}").json() == known
    first = owner.get(f"{REEL}/shares", limit=1).json()
    rest = owner.get(f"{REEL}/shares", limit=1, after=first["next"]).json()
    assert {one["id"] for one in first["items"] + rest["items"]} == {uuid(3), IDS["share_id"]}
    assert first["items"] + rest["items"] != []
    assert place.removeprefix("/s/") not in owner.client.get(f"{REEL}/shares").text

    assert owner.delete(f"/api/shares/{uuid(3)}").status_code == 204
    assert owner.delete(f"/api/shares/{uuid(3)}").status_code == 204
    closed = owner.get(f"/api/shares/{uuid(3)}").json()
    assert (closed["open"], closed["revoked_at"] is None) == (False, False)
    for path in (place, f"{place}/video", f"{place}/download"):
        answer = stage.browser().get(path)
        assert answer.status_code == 410
        assert "no longer open" in Page(answer).text
    told = stage.browser().client.get(place, headers={"Accept": "application/json"})
    assert (told.status_code, code_of(told)) == (410, "share_closed")


def test_a_link_closes_when_its_time_is_over(owner: Browser, stage: Stage) -> None:
    place = place_of(shared(owner, days=2))
    stage.clock.ahead_s = 2 * DAY_S + 1
    assert stage.browser().get(place).status_code == 410
    stage.clock.ahead_s = -DAY_S  # a clock that jumps back: it was not revoked
    assert stage.browser().get(place).status_code == 200


def test_a_moment_is_as_good_as_days(owner: Browser) -> None:
    then = datetime.now(UTC).replace(microsecond=0) + timedelta(days=5)
    share = shared(owner, expires_at=then.isoformat())
    assert datetime.fromisoformat(share["expires_at"]) == then


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"days": 0}, "/days"),
        ({"days": 366}, "/days"),
        ({"days": 3, "expires_at": "2999-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "2999-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+23:00"}, "/expires_at"),
        ({"expires_at": "tomorrow"}, "/expires_at"),
        ({"expires_at": "2026-06-01"}, "/expires_at"),
        ({"shown_name": "x" * 61}, "/shown_name"),
        ({"download": 1}, "/download"),
    ],
)
def test_wrong_values_are_named(browser: Browser, asked: dict[str, Any], field: str) -> None:
    answer = browser.post(f"{REEL}/shares", {"id": uuid(5), **asked})
    assert (answer.status_code, code_of(answer)) == (422, "bad_field")
    assert answer.json()["details"]["field"] == field


@pytest.mark.parametrize("token", ["x", "%00", "..%2f..%2fetc", "é", "A" * 5000, "%ed%a0%80"])
def test_a_link_that_is_none_is_not_found(browser: Browser, token: str) -> None:
    for tail in ("", "/video", "/download"):
        answer = browser.get(f"/s/{token}{tail}")
        assert answer.status_code == 404
        if not token.startswith(".."):
            assert "no such link" in Page(answer).text


def test_what_a_deleted_account_shared_is_seen_by_nobody(owner: Browser, stage: Stage) -> None:
    place = place_of(shared(owner))
    assert stage.services.objects.exists(keys.share(digest_of(place.removeprefix("/s/"))))
    owner.client.request("DELETE", "/api/account", json={"confirm": "delete"})
    assert stage.browser().get(place).status_code == 404


def test_an_object_without_its_row_opens_nothing(owner: Browser, stage: Stage) -> None:
    share = shared(owner)
    said = stage.services.objects.read(keys.share(digest_of(place_of(share).removeprefix("/s/"))))
    stage.services.objects.put(keys.share(digest_of("made-up")), said)
    assert stage.browser().get("/s/made-up").status_code == 404


def test_strangers_may_not_ask_without_end(owner: Browser, stage: Stage) -> None:
    place = place_of(shared(owner))
    rates = stage.services.policy.rates.__class__(reads=(3, 60))
    stranger = stage.with_policy(rates=rates).browser()
    answers = [stranger.get(place) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert re.search("too much", Page(answers[-1]).text, re.IGNORECASE)
