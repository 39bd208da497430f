"""Journeys over HTTP at the whole service, as ./run up starts it: from a film on the phone to a finished reel."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from reel.geometry import PixelWindow, Size
from tests.journeys.finished import cut_out, finished, likeness, lumas, source_frame
from tests.journeys.parent import Parent, framed, segments, spotlit
from tests.local.service import Service, serving

pytestmark = pytest.mark.footage

TALL = Size(1080, 1920)
MATCH = "09_derived_match_1080p25_70s_audio.mp4"
FRAME = 512  # ticks of 1/12800 s at 25 frames a second
STARTS_S = (3, 9, 13, 21, 33, 41, 52, 59)
LASTS_S = 1.0
NARROW = 0.25  # of the height: few pixels for the network, so that the tests are quick
NEAR = 0.93  # what our own network makes of a picture correlates with what was filmed at least so well


@dataclass(frozen=True)
class Brought:
    """A match that a parent has brought, with eight clips in it."""

    service: Service
    parent: Parent
    film: Path
    game: str
    source: dict[str, Any]
    clips: list[str]


@pytest.fixture(scope="module")
def brought(footage_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brought]:
    """The real match, uploaded with a cut in between, looked over, and marked."""
    film = footage_dir / MATCH
    with serving(tmp_path_factory.mktemp("service") / "data") as service:
        parent = Parent(service.url)
        game = parent.adds_game()
        begun = parent.begins_upload(game, film)
        upload, parts = begun["source"]["id"], begun["upload"]["part_count"]
        assert parts > 1
        parent.sends(upload, film, [parts])

        again = parent.begins_upload(game, film)  # the browser was closed, and the file is dropped once more
        assert (again["how"], again["source"]["id"]) == ("resumed", upload)
        assert parent.missing(upload) == list(range(1, parts))
        source = parent.brings(game, film)
        assert (source["id"], source["state"], source["facts"]["size_px"]) == (upload, "ready", [1920, 1080])
        clips = [
            parent.marks(source, at_s, LASTS_S, rating=5 if number == 7 else 4, notes=f"Play {number}")
            for number, at_s in enumerate(STARTS_S)
        ]
        yield Brought(service, parent, film, game, source, clips)
        parent.close()


def window_at(cx: float = 0.5, cy: float = 0.5, h: float = NARROW) -> PixelWindow:
    return PixelWindow(1920 * cx, 1080 * cy, 1080 * h * 9 / 16, 1080 * h)


def test_one_clip_whose_crop_moves(brought: Brought, tmp_path: Path) -> None:
    parent = brought.parent
    project = parent.begins_project(brought.clips[4:5])
    last = 24 * FRAME
    parent.edits(project, framed((0, 0.3, 0.45, 0.25), (last, 0.5, 0.55, 0.35)))

    jobs = parent.exports(project, "framing")
    assert [job["draft"] for job in jobs] == [True, False]
    (draft,) = parent.waits_for(jobs[:1])
    assert draft["state"] == "done", draft
    steps = {step["step"]: step for step in parent.gets(f"/api/projects/{project}")["steps"]}
    assert steps["overlay"]["open"], "Overlay unlocks as soon as the draft exists"
    assert not steps["overlay_export"]["open"], "and its final export waits for the framing"

    told = follow(parent, jobs[1]["id"])
    assert told[-1]["state"] == "done", told[-1]
    counts = [(one["attempt"], one["progress"]["done"]) for one in told if one["progress"]]
    assert counts == sorted(counts), "progress goes back within no attempt"

    framing = finished(parent.downloads(f"/api/media/working_video/{project}", tmp_path / "framing.mp4"))
    assert (framing.size, framing.rate, framing.frames) == (TALL, 25, 25)
    pictures = list(lumas(tmp_path / "framing.mp4"))
    for frame, part in ((0, 0.0), (12, 0.5), (24, 1.0)):
        window = window_at(0.3 + 0.2 * part, 0.45 + 0.1 * part, 0.25 + 0.1 * part)
        wanted = cut_out(source_frame(brought.film, STARTS_S[4] + Fraction(frame, 25)), window, TALL)
        assert likeness(pictures[frame], wanted) > NEAR, frame


def test_eight_clips_with_spotlights_and_three_of_them_again(brought: Brought, tmp_path: Path) -> None:
    parent = brought.parent
    project = parent.begins_project(brought.clips, title="Saturday")
    parent.edits(project, framed((0, 0.5, 0.5, NARROW)))
    parent.edits(project, spotlit(15 * FRAME))

    with listening(brought) as frames:
        framing = parent.exports(project, "framing")
        (overlay,) = parent.exports(project, "overlay")
        assert overlay["waits_for"] == framing[1]["id"], "the final export waits for the framing"
        assert overlay["state"] == "queued"
        ended = parent.waits_for([*framing, overlay])
        assert [job["state"] for job in ended] == ["done"] * 3, ended
        parent.until(lambda: frames, lambda told: any(_ended(frame, overlay["id"]) for frame in told), 20)
    moving = [frame for frame in frames if frame.get("job") == framing[1]["id"]]
    assert len({frame["done"] for frame in moving}) > 5, "the framing's progress is told while it is made"
    order = [(frame["attempt"], frame["seq"]) for frame in moving]
    assert order == sorted(order)

    reel = parent.gets(f"/api/projects/{project}")["reel_id"]
    output = parent.downloads(f"/api/media/reel/{reel}", tmp_path / "reel.mp4")
    made = finished(output)
    assert (made.size, made.rate, made.frames, made.title) == (TALL, 25, 200, "Saturday")
    assert [name for name, _, _ in made.chapters] == [f"Play {number}" for number in range(8)]
    pictures = list(lumas(output))
    for number, at_s in enumerate(STARTS_S):
        last = number * 25 + 24  # the spotlight has gone by then
        wanted = cut_out(source_frame(brought.film, at_s + Fraction(24, 25)), window_at(), TALL)
        assert likeness(pictures[last], wanted) > NEAR, number
        lit = cut_out(source_frame(brought.film, at_s + Fraction(8, 25)), window_at(), TALL)
        assert pictures[number * 25 + 8][:200].mean() < 0.8 * lit[:200].mean(), "dim outside of the spotlight"

    three = parent.begins_project([brought.clips[n] for n in (6, 1, 3)])
    parent.edits(three, framed((0, 0.5, 0.5, NARROW)))
    with brought.service.beside() as opened:
        before = segments(opened.services.objects)
        assert [job["state"] for job in parent.waits_for(parent.exports(three, "framing"))] == ["done", "done"]
        assert segments(opened.services.objects) == before, "nothing is rendered anew"
    output = parent.downloads(f"/api/media/working_video/{three}", tmp_path / "three.mp4")
    assert finished(output).frames == 75
    pictures = list(lumas(output))
    for place, number in enumerate((6, 1, 3)):
        wanted = cut_out(source_frame(brought.film, Fraction(STARTS_S[number])), window_at(), TALL)
        assert likeness(pictures[place * 25], wanted) > NEAR, number


def test_what_is_counted_and_handed_out(brought: Brought, tmp_path: Path) -> None:
    parent = brought.parent
    cards = parent.gets("/api/projects")["items"]
    automatic = [card for card in cards if card["automatic"]]
    assert [card["clip_count"] for card in automatic] == [1], "the clip of five stars has a project of its own"
    assert parent.gets(f"/api/games/{brought.game}")["clip_count"] == 8

    (job,) = parent.waits_for([parent.asks("POST", f"/api/clips/{brought.clips[0]}/extract", {})["job"]])
    assert job["state"] == "done", job
    raw = parent.downloads(f"/api/media/raw_clip/{brought.clips[0]}", tmp_path / "raw.mp4")
    assert sum(1 for _ in lumas(raw)) == 25


def test_progress_survives_a_new_connection_and_a_stranger_hears_nothing(brought: Brought) -> None:
    parent = brought.parent
    project = parent.begins_project(brought.clips[2:3])
    parent.edits(project, framed((0, 0.4, 0.5, NARROW)))
    stranger = Parent(brought.service.url)
    stranger.adds_game("Others")
    with listening(brought, stranger) as overheard:
        draft, framing = parent.exports(project, "framing")
        with listening(brought) as frames:
            parent.until(lambda: frames, lambda told: any(frame.get("job") == framing["id"] for frame in told))
        with listening(brought) as frames:  # reloaded
            parent.until(lambda: frames, lambda told: any(_ended(frame, framing["id"]) for frame in told))
        assert [job["state"] for job in parent.waits_for([draft, framing])] == ["done", "done"]
    assert [frame for frame in overheard if "job" in frame] == []
    stranger.close()


def _ended(frame: dict[str, Any], job: str) -> bool:
    return frame.get("job") == job and frame["state"] in {"result", "done"}


def follow(parent: Parent, job: str) -> list[dict[str, Any]]:
    """Poll a job to its end; return every answer."""
    told = [parent.gets(f"/api/jobs/{job}")]
    while told[-1]["state"] not in {"done", "failed", "cancelled"}:
        time.sleep(0.2)
        told.append(parent.gets(f"/api/jobs/{job}"))
    return told


class listening:  # noqa: N801 - reads as what it does
    """A websocket of a parent's browser; gives the list that its frames go to."""

    def __init__(self, brought: Brought, parent: Parent | None = None) -> None:
        self._parent, self._url = parent or brought.parent, brought.service.url
        self._frames: list[dict[str, Any]] = []
        self._stack = ExitStack()

    def __enter__(self) -> list[dict[str, Any]]:
        import json

        from websockets.sync.client import connect

        told = self._parent.asks("POST", "/api/ws-ticket", {})
        offered: Any = ["reel.v1", told["ticket"]]
        opening = connect(told["url"], origin=self._url, subprotocols=offered, proxy=None)  # type: ignore[arg-type]
        self._socket = self._stack.enter_context(opening)

        def listen() -> None:
            for text in self._socket:
                self._frames.append(json.loads(text))

        self._thread = threading.Thread(target=listen, daemon=True)
        self._thread.start()
        return self._frames

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._thread.join(30)
