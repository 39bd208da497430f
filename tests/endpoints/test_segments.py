"""A framing's segments over HTTP: which there will be, and where each is as soon as it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from jobs.memory import MemoryAnnounce
from jobs.ports import Pixels
from jobs.run import Result, run
from jobs.tools import Tools
from reel import keys
from tests.endpoints.filming import Person, Reels, frames_in
from tests.endpoints.making import FRAMES, Maker
from tests.endpoints.stage import code_of, uuid
from tests.jobs.homes import Enlarger

Segments = list[dict[str, Any]]


class Telling(Enlarger):
    """A network that says how many pictures it has enlarged before each."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        super().__init__()
        self.tell, self.count = tell, 0

    def upscale(self, picture: Pixels) -> Pixels:
        self.tell(self.count)
        self.count += 1
        return super().upscale(picture)


@pytest.fixture
def maker(mia: Person, reels: Reels) -> Maker:
    """Somebody with three clips, framed; the second is dissolved into."""
    maker = Maker(mia).begin(reels, 3).frame()
    edit = maker.edit()
    edit["clips"][1]["transition_in"] = "dissolve"
    maker.saved(edit)
    return maker


def segments(maker: Maker, job: str, **query: Any) -> Segments:
    answer = maker.browser.get(f"/api/jobs/{job}/segments", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def there(found: Segments) -> list[int]:
    """Return where those begin that are there."""
    return [one["begin_frame"] for one in found if one["media"]]


def work(maker: Maker, job: str, network: Enlarger) -> Result:
    """Execute a framing with a network of the test's."""
    stage, shop = maker.stage, maker.stage.workshop
    tools = Tools(
        stage.services.objects, shop.ledger, MemoryAnnounce(), lambda *_: network, shop.scratch, time.monotonic
    )
    return run(shop.specs.pop(job), tools)


def test_they_come_one_by_one_and_make_the_whole(maker: Maker) -> None:
    _, framing = maker.exported()
    assert segments(maker, framing) == [], "nobody has begun it"
    seen: list[int] = []
    assert work(maker, framing, Telling(lambda _: seen.append(len(there(segments(maker, framing)))))).outcome == "done"
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert len(set(seen)) > 3, "they came while it was at work"
    found = segments(maker, framing)
    ends = [one["begin_frame"] + one["frames"] for one in found]
    assert [one["begin_frame"] for one in found] == [0, *ends[:-1]]
    maker.person.work()
    assert ends[-1] == maker.card()["framing"]["frames"] == 3 * FRAMES - 2, "two clips overlap by two frames"
    assert len(there(found)) == len(found) == 8
    for one in found:
        body, headers = maker.person.fetched(one["media"])
        assert (frames_in(body), headers["content-type"]) == (one["frames"], "video/mp4")
        assert b"moov" in body[: body.index(b"mdat")], "it plays before all of it has come"
    saved = maker.browser.get(found[0]["media"], download=1).headers["location"]
    assert "Segment.mp4" in saved


def test_a_page_at_a_time(maker: Maker) -> None:
    _, framing = maker.exported()
    maker.work()
    path, whole = f"/api/jobs/{framing}/segments", segments(maker, framing)
    paged: Segments = []
    after: dict[str, Any] = {}
    while True:
        page = maker.browser.get(path, limit=3, **after).json()
        assert len(page["items"]) <= 3
        paged += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert paged == whole
    assert code_of(maker.browser.get(path, after="nowhere")) == "bad_field"
    assert code_of(maker.browser.get(path, limit=0)) == "bad_field"


def test_a_draft_says_which_framing_it_becomes(maker: Maker) -> None:
    draft, framing = maker.exported()
    maker.work(draft)
    card = maker.card()
    assert (card["draft"]["becomes"], card["framing"]) == (framing, None)
    assert len(there(segments(maker, draft))) == 8, "a draft is made of segments too"
    edit = maker.edit()
    edit["clips"][0]["crops"]["1:1"]["keys"][0]["cx"] = 0.4
    maker.saved(edit)
    again = maker.exported()
    assert maker.card()["draft"]["becomes"] is None, "the framing that is under way now is of another edit"
    maker.work()
    card = maker.card()
    assert (card["draft"]["job_id"], card["draft"]["becomes"]) == (again[0], None)
    assert (card["framing"]["job_id"], card["framing"]["becomes"]) == (again[1], None)


def test_what_was_made_before_it_was_cancelled_is_there(maker: Maker) -> None:
    _, framing = maker.exported()

    def tell(count: int) -> None:
        if count == FRAMES:
            maker.browser.delete(f"/api/jobs/{framing}")

    assert work(maker, framing, Telling(tell)).outcome == "cancelled"
    found = segments(maker, framing)
    assert len(found) == 8
    assert 0 < len(there(found)) < 8
    assert maker.job(framing)["state"] == "cancelled"
    assert maker.card()["draft"] is None


def test_what_was_wiped_is_not_there(maker: Maker) -> None:
    _, framing = maker.exported()
    maker.work()
    found, objects, user = segments(maker, framing), maker.stage.services.objects, maker.person.user
    gone = found[2]["media"].rpartition("/")[2]
    objects.delete(keys.segment(user, gone))
    assert [one["begin_frame"] for one in segments(maker, framing) if not one["media"]] == [found[2]["begin_frame"]]
    lost = maker.browser.get(found[2]["media"])
    assert (lost.status_code, code_of(lost)) == (404, "not_found")
    for body in (b"", b"[]", b'{"schema": 1}', b'{"schema":1,"segments":[{"digest":"../x","frames":1}]}'):
        objects.put(keys.segment_list(user, framing), body)
        assert segments(maker, framing) == [], "what a worker says is checked"
    objects.delete(keys.segment_list(user, framing))
    assert segments(maker, framing) == []


def test_nobody_else_s_and_of_framings_alone(maker: Maker, reels: Reels) -> None:
    draft, framing = maker.exported()
    maker.work()
    (overlay,) = maker.exported("overlay")
    assert segments(maker, overlay) == []
    stranger = Person(maker.stage.browser(), uuid(900))
    media = segments(maker, framing)[0]["media"]
    wrong = [
        maker.browser.get(f"/api/jobs/{uuid(999)}/segments"),
        maker.browser.get(f"/api/media/segment/{framing}"),
        maker.browser.get(f"/api/media/segment/{'0' * 64}"),
        maker.browser.get(media.replace("/segment/", "/preview/")),
        stranger.browser.get(f"/api/jobs/{framing}/segments"),
        stranger.browser.get(f"/api/jobs/{draft}/segments"),
        stranger.browser.get(media),
    ]
    assert [(answer.status_code, code_of(answer)) for answer in wrong] == [(404, "not_found")] * len(wrong)
    assert code_of(maker.browser.get("/api/media/segment/x")) == "bad_field"
