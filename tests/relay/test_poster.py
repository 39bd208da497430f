"""The poster against a relay that answers over HTTP: what is posted, how often, and what happens when it is away."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from relay import poster as poster_file
from relay.hub import Hub
from relay.poster import UNHEARD_EVERY_S, Poster
from relay.protocol import Snapshot, parse
from tests.relay.stage import KEYS, ORIGIN, HandClock, Relay, snapshot


@dataclass
class Door:
    """A relay's POST /publish on the loopback. `status` answers instead of the hub, if it is set."""

    hub: Hub
    got: list[Snapshot] = field(default_factory=list)
    status: int | None = None
    listeners: int | None = None
    lines: set[Any] = field(default_factory=set)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def answer(self, handler: BaseHTTPRequestHandler) -> tuple[int, str]:
        body = handler.rfile.read(int(handler.headers["content-length"]))
        answer = self.hub.post(dict(handler.headers.items()), body)
        with self.arrived:
            self.lines.add(handler.client_address)
            if self.status is None and answer.status == 200:
                self.got.append(parse(body))
            self.arrived.notify_all()
        if self.status is not None:
            return self.status, "{}"
        return answer.status, answer.body if self.listeners is None else json.dumps({"listeners": self.listeners})

    def wait_for(self, holds: Callable[[], bool]) -> None:
        with self.arrived:
            assert self.arrived.wait_for(holds, 30), [each.seq for each in self.got]

    @property
    def seqs(self) -> list[int]:
        return [each.seq for each in self.got]


@dataclass
class Desk:
    """A poster, the relay that it posts to, and their clock, which stands still until it is moved."""

    door: Door
    poster: Poster
    clock: HandClock
    url: str

    def advance(self, by_s: float) -> None:
        self.clock.advance(by_s)
        with self.poster._changed:
            self.poster._changed.notify()

    def posted(self, said: Snapshot) -> None:
        """Post one that is due at once, and wait until it is there and noted."""
        self.poster.post(said)
        self.door.wait_for(lambda: said in self.door.got)
        self.until(lambda: said.ended or getattr(self.poster._told.get(said.job), "snapshot", None) == said)

    def until(self, holds: Callable[[], bool]) -> None:
        done = threading.Event()
        for _ in range(3000):
            if holds():
                return
            done.wait(0.01)
        raise AssertionError("it never came")


@pytest.fixture
def desk() -> Iterator[Desk]:
    relay = Relay()
    door = Door(relay.hub)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            status, body = door.answer(self)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/publish"
        desk = Desk(door, Poster(url, KEYS, relay.clock), relay.clock, url)
        yield desk
        desk.poster.close()
        server.shutdown()
        thread.join()


def test_a_snapshot_arrives_signed_and_whole(desk: Desk):
    desk.posted(snapshot(seq=1, message="Ä “quoted”"))
    assert desk.door.got == [snapshot(seq=1, message="Ä “quoted”")]


def test_of_many_in_a_moment_the_first_and_the_newest_are_posted(desk: Desk):
    desk.door.listeners = 1
    desk.posted(snapshot(seq=1))
    for seq in range(2, 50):
        desk.poster.post(snapshot(seq=seq, done=seq))
    assert desk.door.seqs == [1]
    desk.advance(poster_file.EVERY_S)
    desk.door.wait_for(lambda: len(desk.door.got) > 1)
    assert desk.door.seqs == [1, 49]


def test_what_is_old_is_not_posted(desk: Desk):
    desk.posted(snapshot(seq=5))
    desk.poster.post(snapshot(seq=4, phase="joining"))
    desk.advance(60)
    desk.posted(snapshot(seq=6, phase="joining"))
    assert desk.door.seqs == [5, 6]


def test_while_nobody_listens_only_changes_are_posted_and_now_and_then_one_more(desk: Desk):
    desk.posted(snapshot(seq=1))
    desk.poster.post(snapshot(seq=2, done=200))
    desk.advance(UNHEARD_EVERY_S / 2)
    desk.posted(snapshot(seq=3, phase="joining"))
    assert desk.door.seqs == [1, 3]
    desk.poster.post(snapshot(seq=4, phase="joining", done=300))
    desk.advance(UNHEARD_EVERY_S)
    desk.door.wait_for(lambda: desk.door.seqs == [1, 3, 4])


def test_the_end_is_posted_though_nobody_listens(desk: Desk):
    desk.posted(snapshot(seq=1))
    desk.poster.post(snapshot(seq=2, state="done"))
    desk.advance(poster_file.EVERY_S)
    desk.door.wait_for(lambda: desk.door.seqs == [1, 2])
    desk.until(lambda: not desk.poster._told)  # nothing more is kept of it


def test_jobs_do_not_wait_for_each_other(desk: Desk):
    desk.posted(snapshot(seq=1))
    desk.poster.post(snapshot(seq=2))
    desk.posted(snapshot(seq=1, job="another"))
    assert [(each.job, each.seq) for each in desk.door.got][1:] == [("another", 1)]


def test_one_line_serves_them_all(desk: Desk):
    for number in range(5):
        desk.posted(snapshot(job=f"job-{number}"))
    assert len(desk.door.lines) == 1


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_relay_that_is_away_is_tried_again_with_the_newest(desk: Desk, status: int, caplog: pytest.LogCaptureFixture):
    desk.door.status = status
    desk.poster.post(snapshot(seq=1))
    desk.until(lambda: desk.poster._failures == 1)
    desk.poster.post(snapshot(seq=2))
    desk.door.status = None
    desk.advance(poster_file.AWAY_S[0])
    desk.door.wait_for(lambda: desk.door.seqs == [2])
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_no_relay_at_all_costs_nothing_but_a_line_a_minute(caplog: pytest.LogCaptureFixture):
    clock = HandClock()
    poster = Poster("http://127.0.0.1:9/publish", KEYS, clock)
    for seq in range(100):
        poster.post(snapshot(seq=seq))
        clock.advance(1.0)
        with poster._changed:
            poster._changed.notify()
    poster.close()
    assert 1 <= len(caplog.records) <= 2
    assert "Jobs go on without it" in caplog.records[0].getMessage()


def test_what_the_relay_refuses_for_good_is_not_tried_again(desk: Desk, caplog: pytest.LogCaptureFixture):
    desk.door.status = 401
    desk.poster.post(snapshot(seq=1))
    desk.until(lambda: bool(desk.poster._told))
    assert (desk.poster._failures, desk.poster._waiting) == (0, {})
    assert "401" in caplog.text


def test_a_line_that_the_relay_closed_is_opened_anew(desk: Desk):
    desk.posted(snapshot(job="one"))
    assert desk.poster._line
    assert desk.poster._line.sock
    desk.poster._line.sock.shutdown(2)  # as if it had been closed while it was idle
    desk.posted(snapshot(job="two"))
    assert len(desk.door.lines) == 2
    assert desk.poster._failures == 0


def test_a_relay_that_was_away_for_long_loses_the_oldest(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(poster_file, "MOST_WAITING", 3)
    desk.door.status = 503
    desk.poster.post(snapshot(job="first"))
    desk.until(lambda: desk.poster._failures == 1)
    for number in range(4):
        desk.poster.post(snapshot(job=f"job-{number}"))
    assert list(desk.poster._waiting) == ["job-1", "job-2", "job-3"]


def test_closing_posts_what_waits(desk: Desk):
    desk.door.listeners = 1
    desk.posted(snapshot(seq=1))
    desk.poster.post(snapshot(seq=2))
    desk.poster.close()
    assert desk.door.seqs == [1, 2]
    desk.poster.post(snapshot(seq=3))
    assert desk.poster._waiting == {}


def test_closing_one_that_never_posted_is_fine():
    Poster("http://127.0.0.1:9/publish", KEYS, HandClock()).close()


def test_browsers_hear_what_was_posted(desk: Desk):
    relay = Relay()
    relay.hub = desk.door.hub
    relay.clock = desk.clock
    browser = relay.connect(origin=ORIGIN)
    desk.posted(snapshot(seq=7))
    assert [job["seq"] for job in browser.jobs()] == [7]
