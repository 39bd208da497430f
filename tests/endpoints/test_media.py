"""Media over HTTP: every kind leads to its object, whole and as what it is, and to nobody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args
from urllib.request import Request, urlopen

import pytest

from endpoints import previews
from endpoints.media_kinds import KINDS, MediaKind
from storage.frame_times import read_ptsmap
from tests.endpoints.filming import Person, Reels, frames_in
from tests.endpoints.stage import Browser, Stage, code_of, uuid

PROJECT = uuid(30)


def finished(mia: Person, reels: Reels, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """Make one of each; yield every kind with the ids that it has."""
    monkeypatch.setattr(previews, "WAIT_S", 0.0)
    source = mia.footage(reels.film("match.mkv"))
    mia.mark(source, 20, 1, 2)
    mia.browser.post(f"/api/clips/{uuid(20)}/extract")
    export = mia.browser.post(f"/api/games/{mia.game}/exports", {}).json()["job"]["id"]
    project = {"id": PROJECT, "clip_ids": [uuid(20)], "aspect": "1:1", "title": "Mia"}
    assert mia.browser.post("/api/projects", project).status_code == 201
    edit = mia.browser.get(f"/api/projects/{PROJECT}/edit").json()
    (clip,) = edit["clips"]
    preview = mia.browser.post(
        f"/api/projects/{PROJECT}/preview-frame", {"clip": clip["id"], "pts": clip["in_pts"], "draft": True}
    )
    assert preview.status_code == 202, preview.text
    asked = {"stage": "framing", "use_default_crops": True}
    draft, framing = mia.browser.post(f"/api/projects/{PROJECT}/exports", asked).json()["jobs"]
    mia.work()
    overlay = mia.browser.post(f"/api/projects/{PROJECT}/exports", {"stage": "overlay"})
    assert overlay.status_code == 202, overlay.text
    mia.work()
    (reel,) = mia.browser.get("/api/reels").json()["items"]
    assert mia.browser.post(f"/api/reels/{reel['id']}/small-copy").status_code == 202
    mia.work()
    for kind in ("original", "proxy", "sprite", "peaks", "ptsmap", "index"):
        yield kind, source["id"]
    yield from (("raw_clip", uuid(20)), ("download", export), ("clip_list", export))
    yield from (("preview", preview.json()["job"]["id"]), ("draft", PROJECT), ("draft", draft["id"]))
    yield from (
        ("working_video", PROJECT),
        ("working_video", framing["id"]),
        ("reel", reel["id"]),
        ("poster", reel["id"]),
        ("small_copy", reel["id"]),
        ("segment", mia.browser.get(f"/api/jobs/{framing['id']}/segments").json()["items"][0]["media"].split("/")[-1]),
    )


BEGINNINGS = {
    "video/mp4": (4, b"ftyp"),
    "video/x-matroska": (0, b"\x1aE\xdf\xa3"),
    "image/jpeg": (0, b"\xff\xd8"),
    "image/png": (0, b"\x89PNG"),
    "application/json": (0, b"{"),
    "text/tab-separated-values": (0, b"start_time"),
}


def test_every_kind_of_media_leads_to_what_it_is(
    mia: Person, reels: Reels, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = stage.browser()
    seen: dict[str, str] = {}
    for kind, name in finished(mia, reels, monkeypatch):
        seen[kind] = name
        body, headers = mia.fetched(f"/api/media/{kind}/{name}")
        place, beginning = BEGINNINGS[headers["content-type"]]
        assert body[place : place + len(beginning)] == beginning, kind
        assert headers["content-disposition"] == "inline"
        if headers["content-type"].startswith("video/"):
            assert frames_in(body) in ({12} if kind == "segment" else {25, 150}), kind
        head = mia.browser.client.head(f"/api/media/{kind}/{name}")
        assert (head.status_code, head.content) == (302, b"")
        saved = mia.fetched(f"/api/media/{kind}/{name}", download=1)[1]["content-disposition"]
        assert saved.startswith("attachment; filename="), kind
        hidden = stranger.get(f"/api/media/{kind}/{name}")
        assert (hidden.status_code, code_of(hidden)) == (404, "not_found")
    assert set(seen) == set(get_args(MediaKind)) == set(KINDS)

    saved = mia.fetched(f"/api/media/reel/{seen['reel']}", download=1, version=1)[1]["content-disposition"]
    assert saved == "attachment; filename=\"Mia.mp4\"; filename*=UTF-8''Mia.mp4"
    assert code_of(mia.browser.get(f"/api/media/reel/{seen['reel']}", version=7)) == "not_found"
    assert code_of(mia.browser.get(f"/api/media/reel/{seen['reel']}", version=-1)) == "bad_field"
    assert code_of(mia.browser.get(f"/api/media/draft/{seen['download']}")) == "not_found"
    body, _ = mia.fetched(f"/api/sources/{seen['ptsmap']}/ptsmap")
    assert len(read_ptsmap(body)) == 150
    assert json.loads(body)["schema"] == 1


def test_footage_plays_by_ranges(mia: Person, reels: Reels) -> None:
    source = mia.footage(reels.film())
    answer = mia.browser.get(f"/api/media/original/{source['id']}")
    with urlopen(Request(answer.headers["location"], headers={"Range": "bytes=4-7"})) as part:
        assert (part.status, part.read()) == (206, b"ftyp")


def test_what_is_gone_and_what_never_was(mia: Person, reels: Reels) -> None:
    source = mia.begin(reels.film()).json()["source"]
    for kind in ("original", "proxy", "sprite", "ptsmap"):
        early = mia.browser.get(f"/api/media/{kind}/{source['id']}")
        assert (early.status_code, code_of(early)) == (404, "not_found")
    mia.send(mia.browser.get(f"/api/uploads/{source['id']}").json(), reels.film().read_bytes())
    mia.browser.post(f"/api/uploads/{source['id']}/complete")
    mia.work()
    stage = mia.browser.stage
    stage.services.objects.delete(f"{mia.user}/games/{mia.game}/{source['id']}/original.mp4")
    gone = mia.browser.get(f"/api/media/original/{source['id']}")
    assert (gone.status_code, code_of(gone)) == (410, "source_gone")
    assert code_of(mia.browser.get(f"/api/media/proxy/{source['id']}")) == "not_found"


@pytest.mark.parametrize("path", ["database/x", "original/x", "original/../x", f"history/{uuid(1)}"])
def test_there_is_no_other_way_in(browser: Browser, path: str) -> None:
    answer = browser.get(f"/api/media/{path}")
    assert answer.status_code in {404, 422}
    assert code_of(answer) in {"not_found", "bad_field"}


def test_a_window_is_made_when_it_is_first_asked_for(mia: Person, reels: Reels, stage: Stage) -> None:
    source = mia.footage(reels.film("long.mp4", duration_s=14, flash_every_s=None))
    path, span = f"/api/media/window/{source['id']}", {"in_pts": 6 * 12800, "out_pts": 7 * 12800}
    answers = [mia.browser.get(path, **span) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    (job,) = {answer.json()["job"]["id"] for answer in answers}
    assert answers[0].json()["job"]["kind"] == "window"
    mia.work()
    body, headers = mia.fetched(path, **span)
    assert (frames_in(body), headers["content-type"]) == (11 * 25, "video/mp4")
    assert mia.browser.get(f"/api/jobs/{job}").json()["state"] == "done"
    other = stage.browser().get(path, **span)
    assert (other.status_code, code_of(other)) == (404, "not_found")

    for key in list(stage.services.objects.keys(f"{mia.user}/games/{mia.game}/{source['id']}/windows/")):
        stage.services.objects.delete(key)
    assert mia.browser.get(path, **span).status_code == 202
    mia.work()
    assert mia.browser.get(path, **span).status_code == 302


@pytest.mark.parametrize(
    ("span", "code"),
    [
        ({"in_pts": 12800, "out_pts": 12800}, "empty_span"),
        ({"in_pts": 10**9, "out_pts": 10**9 + 1}, "bad_field"),
        ({"in_pts": 0, "out_pts": 12800 * 121}, "bad_field"),
        ({"in_pts": 2**60, "out_pts": 5}, "bad_field"),
        ({"in_pts": 0}, "bad_field"),
    ],
)
def test_windows_of_nothing_are_refused(mia: Person, reels: Reels, span: dict[str, Any], code: str) -> None:
    source = mia.footage(reels.film())
    answer = mia.browser.get(f"/api/media/window/{source['id']}", **span)
    assert (answer.status_code, code_of(answer)) == (422, code)
