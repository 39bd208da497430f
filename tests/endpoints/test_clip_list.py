"""Clip lists over HTTP: out and in, over two halves, all or nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.endpoints.filming import Person, Reels
from tests.endpoints.stage import ORIGIN, code_of, uuid

TSV = "text/tab-separated-values"
HEADER = "start_time\trating\ttags\tclip_name\tclip_duration\tnotes\n"


def sent(mia: Person, text: str | bytes, key: str = "", game: str | None = None) -> Any:
    headers = {"Origin": ORIGIN, "Content-Type": TSV} | ({"Idempotency-Key": key} if key else {})
    body = text.encode() if isinstance(text, str) else text
    return mia.browser.client.post(f"/api/games/{game or mia.game}/clips.tsv", content=body, headers=headers)


def listed(mia: Person, game: str | None = None) -> list[dict[str, Any]]:
    return mia.browser.get(f"/api/games/{game or mia.game}/clips", limit=200).json()["items"]


def halves(mia: Person, reels: Reels) -> tuple[dict[str, Any], dict[str, Any]]:
    """Bring two halves, the second one at another rate, with a clock of its own."""
    second = reels.film("ntsc.mp4", seed=2, rate=Fraction(30000, 1001))
    return mia.footage(reels.film()), mia.footage(second, 11, part=2)


def test_a_list_goes_out_and_comes_in_again_the_same(mia: Person, reels: Reels) -> None:
    first, second = halves(mia, reels)
    mia.mark(first, 20, 1, 3.04, rating=5, tags=["Goal", "Own tag"], notes="Both feet\nat once")
    mia.mark(first, 21, 4.52, 6)
    rate = Fraction(30000, 1001)
    mia.mark(second, 22, float(31 / rate), float(90 / rate), name="Häuser", rating=1)
    out = mia.browser.get(f"/api/games/{mia.game}/clips.tsv")
    assert out.status_code == 200
    assert out.headers["content-type"].startswith(TSV)
    assert "filename*=UTF-8''Rovers%202026-05-16.tsv" in out.headers["content-disposition"]
    assert out.text == HEADER + (
        "0:01.000\t5\tGoal,Own tag\t\t2.04\tBoth feet at once\n"
        "0:04.520\t4\t\t\t1.48\t\n"
        "0:07.034\t1\t\tHäuser\t1.969\t\n"
    )
    good = mia.browser.get(f"/api/games/{mia.game}/clips.tsv", minimum_rating=4)
    assert good.text.count("\n") == 3

    assert sent(mia, out.text).json() == {"added": 0, "already": 3}
    before = listed(mia)
    for clip in before:
        mia.browser.delete(f"/api/clips/{clip['id']}")
    assert sent(mia, out.text).json() == {"added": 3, "already": 0}
    told = ("source_id", "time_base", "in_pts", "out_pts", "rating", "tags", "name")
    assert [[clip[name] for name in told] for clip in listed(mia)] == [[clip[name] for name in told] for clip in before]
    assert len(listed(mia)[0]["projects"]) == 1
    assert mia.browser.get(f"/api/games/{mia.game}/clips.tsv").text == out.text


def test_a_list_that_comes_twice_adds_nothing_twice_nor_undoes_what_was_changed(mia: Person, reels: Reels) -> None:
    mia.footage(reels.film())
    text = HEADER + "0:01\t4\tGoal\t\t2\t\n0:03.5\t!!\t\tThe second\t2.5\t\n"
    assert sent(mia, text, key="one").json() == {"added": 2, "already": 0}
    assert sent(mia, text, key="one").json() == {"added": 2, "already": 0}
    first = listed(mia)[0]
    mia.browser.patch(f"/api/clips/{first['id']}", {"revision": 1, "rating": 2})
    assert sent(mia, text, key="two").json() == {"added": 0, "already": 2}
    assert [clip["rating"] for clip in listed(mia)] == [2, 5]
    other = sent(mia, HEADER, key="one")
    assert (other.status_code, code_of(other)) == (422, "idempotency_key_reused")


def test_every_fault_is_told_by_its_line_and_nothing_is_added(mia: Person, reels: Reels) -> None:
    mia.footage(reels.film())
    text = HEADER + "\n0:01\t4\t\t\t2\t\n0:05\t4\t\t\t3\t\n\n1:00\t4\t\t\t3\t\n"
    answer = sent(mia, text)
    assert (answer.status_code, code_of(answer)) == (422, "tsv_damaged")
    assert [fault["line"] for fault in answer.json()["details"]["lines"]] == [4, 6]
    assert "line 4:" in answer.json()["message"]
    assert listed(mia) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [1]),
        ("start_time;rating;clip_duration\n0:01;4;2\n", [1]),
        (HEADER + "0:01\t9\t\t\t2\t\n0:02\t4\t\t\t99\t\n", [2, 3]),
        (b"\xff\xff\xff", [1]),
    ],
)
def test_what_is_no_list_is_told_as_such(mia: Person, reels: Reels, text: str | bytes, lines: list[int]) -> None:
    mia.footage(reels.film())
    answer = sent(mia, text)
    assert (answer.status_code, code_of(answer)) == (422, "tsv_damaged")
    assert [fault["line"] for fault in answer.json()["details"]["lines"]] == lines


def test_a_list_waits_for_the_footage_that_it_is_about(mia: Person, reels: Reels) -> None:
    text = HEADER + "0:01\t4\t\t\t2\t\n0:07\t4\t\t\t2\t\n"
    empty = sent(mia, text)
    assert (empty.status_code, code_of(empty)) == (409, "conflict")
    mia.bring(reels.film())
    early = sent(mia, text)
    assert (early.status_code, code_of(early), early.json()["details"]["part"]) == (409, "conflict", 1)
    mia.work()
    mia.begin(reels.film("second.mp4", seed=2), 11, part=2)
    half = sent(mia, text)
    assert (half.status_code, half.json()["details"]["part"]) == (409, 2)
    assert sent(mia, HEADER + "0:01\t4\t\t\t2\t\n").json() == {"added": 1, "already": 0}


def test_clips_of_footage_that_is_not_known_yet_go_out_as_far_as_their_times_are_known(
    mia: Person, reels: Reels
) -> None:
    first = mia.begin(reels.film()).json()["source"]
    mia.mark(first, 20, 1, 3)
    path = f"/api/games/{mia.game}/clips.tsv"
    assert mia.browser.get(path).text == HEADER + "0:01.000\t4\t\t\t2\t\n"
    second = mia.begin(reels.film("second.mp4", seed=2), 11, part=2).json()["source"]
    mia.mark(second, 21, 1, 3)
    answer = mia.browser.get(path)
    assert (answer.status_code, code_of(answer), answer.json()["details"]["part"]) == (409, "conflict", 2)


def test_a_list_of_another_person_s_game_is_not_there(mia: Person, reels: Reels) -> None:
    mia.footage(reels.film())
    stranger = Person(mia.browser.stage.browser(), uuid(2))
    for answer in (
        stranger.browser.get(f"/api/games/{mia.game}/clips.tsv"),
        sent(stranger, HEADER + "0:01\t4\t\t\t2\t\n", game=mia.game),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_a_list_has_to_be_sent_as_one(mia: Person) -> None:
    answer = mia.browser.post(f"/api/games/{mia.game}/clips.tsv", {"start_time": 1})
    assert (answer.status_code, code_of(answer)) == (415, "unsupported_media_type")
