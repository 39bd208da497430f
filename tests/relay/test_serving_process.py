"""The relay as a process: how it starts, ends and comes back, and the whole way from a worker to a browser."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.request import urlopen

import pytest

from cloud.announce import announcing
from cloud.wiring import Wired, services, settings_from
from jobs.ports import Announce
from local.objectstore import local_endpoint, running
from relay import poster as poster_file
from relay.poster import Poster
from relay.server import BadSettings
from relay.server import settings_from as relay_settings_from
from storage import uploads
from storage.objects import Objects
from tests.endpoints.filming import PART_BYTES, Person, Reels
from tests.endpoints.stage import ORIGIN as OUR_ORIGIN
from tests.endpoints.stage import Browser as Visitor
from tests.endpoints.stage import Stage, standing
from tests.relay.serving import KEYS_TEXT, Browser, Process, process, serving, start
from tests.relay.stage import KEYS, ORIGIN, HandClock, snapshot


def told(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 120))


# Settings


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"RELAY_KEYS": "", "RELAY_ORIGINS": ""}, ["RELAY_KEYS is missing", "RELAY_ORIGINS is missing"]),
        ({"RELAY_KEYS": "one:verysecret"}, ["RELAY_KEYS: A key"]),
        ({"RELAY_ORIGINS": "app.example, https://a.b/path"}, ["'app.example' is no", "'https://a.b/path' is no"]),
        ({"PORT": "99999"}, ["PORT has to be"]),
        ({"PORT": "8" * 5000}, ["PORT has to be"]),
        ({"RELAY_ADDRESS_HEADER": "a b"}, ["RELAY_ADDRESS_HEADER has to be"]),
    ],
)
def test_what_is_wrong_with_the_settings_is_named(settings: dict[str, str], named: list[str]):
    usual = {"RELAY_KEYS": KEYS_TEXT, "RELAY_ORIGINS": ORIGIN}
    with pytest.raises(BadSettings) as caught:
        relay_settings_from(usual | settings)
    assert all(name in str(caught.value) for name in named)
    assert "secret" not in str(caught.value).replace("kid:secret", "")


def test_settings_are_read():
    found = relay_settings_from(
        {
            "RELAY_KEYS": KEYS_TEXT,
            "RELAY_ORIGINS": "https://a.example/, http://localhost:5173",
            "RELAY_ADDRESS_HEADER": "Fly-Client-IP",
        }
    )
    assert (found.keys, found.port, found.address_header) == (KEYS, 8080, "fly-client-ip")
    assert found.origins == {"https://a.example", "http://localhost:5173"}


def test_a_missing_secret_ends_it_at_the_start():
    started = start(RELAY_KEYS="")
    said, _ = started.communicate(timeout=30)
    assert started.returncode == 2
    assert "RELAY_KEYS is missing" in json.loads(said)["message"]


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        started = start(PORT=port)
        said, _ = started.communicate(timeout=30)
    assert started.returncode == 1
    assert port in json.loads(said)["message"]


# A life


def test_sigterm_sends_the_sockets_away_and_the_next_life_has_another_epoch():
    async def story() -> None:
        with process() as first:
            async with first.browser() as tab:
                before = await tab.hears()
                first.send(signal.SIGTERM)
                assert await tab.code() == 1012
            lines = await asyncio.to_thread(first.end)
            assert first.process.returncode == 0
            assert [line["message"] for line in lines] == [
                "the relay sends its sockets away",
                "what happened meanwhile",
                "the relay ends",
            ]
            assert lines[1]["counted"]['relay_sockets_closed{code="1012"}'] == 1
            assert "ticket" not in str(lines)
        with process(first.port) as second:
            async with second.browser() as tab:
                after = await tab.hears()
        assert (after["relay"], after["epoch"] != before["epoch"]) == (before["relay"], True)

    told(story)


def test_what_was_suspended_goes_on_where_it_was():
    """A process that stands still is what a suspended machine looks like from outside."""

    async def story() -> None:
        with process() as relay:
            poster = Poster(f"{relay.url}/publish", KEYS, HandClock(now_s=time.time()))
            async with relay.browser() as tab:
                epoch = (await tab.hears())["epoch"]
                relay.send(signal.SIGSTOP)
                asked = asyncio.ensure_future(asyncio.to_thread(_healthy, relay))
                poster.post(snapshot(seq=7, state="done"))
                relay.send(signal.SIGCONT)
                assert await asked
                assert (await tab.hears())["seq"] == 7
                await tab.socket.send("ping")
                assert (await tab.hears())["epoch"] == epoch
            poster.close()

    told(story)


def test_a_post_that_came_too_early_after_a_suspension_is_posted_again(monkeypatch: pytest.MonkeyPatch):
    """The relay's clock lags until its machine has asked what time it is."""
    monkeypatch.setattr(poster_file, "AWAY_S", (0.02,))

    class Ahead(HandClock):
        def steady_s(self) -> float:
            return time.monotonic()

    async def story() -> None:
        async with serving() as served, served.browser() as tab:
            await tab.hears()
            poster = Poster(f"http://127.0.0.1:{served.port}/publish", KEYS, Ahead(served.clock.now_s + 100))
            poster.post(snapshot(seq=8, state="done"))
            counted = served.server.exchange.counts
            await served.until(lambda: 'relay_publishes_total{status="401"} 2' in counted.text({}))
            served.clock.now_s += 100
            assert (await tab.hears())["seq"] == 8
            await asyncio.to_thread(poster.close)

    told(story)


def _healthy(relay: Process) -> bool:
    with urlopen(f"{relay.url}/healthz", timeout=30) as answer:
        return json.load(answer) == {"ok": True}


# From a worker to a browser


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """An API over an embedded store."""
    monkeypatch.setattr(uploads, "LEAST_PART_BYTES", PART_BYTES)
    folder = tmp_path / "store"
    folder.mkdir()
    with (
        running(folder, local_endpoint(folder, port=0)) as endpoint,
        closing(Objects(endpoint)) as objects,
        standing(objects, tmp_path / "stage") as stage,
    ):
        yield stage


def with_relay(stage: Stage, relay_url: str | None) -> tuple[Stage, Any]:
    """Return the same API with the cloud's own ticket side, and the cloud's settings of the relay."""
    r2 = dict.fromkeys(("R2_ENDPOINT_URL", "R2_BUCKET_NAME", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY"), "x")
    relay = {"RELAY_URL": relay_url, "RELAY_KEYS": KEYS_TEXT} if relay_url else {}
    settings = settings_from({**r2, "PUBLIC_URL": OUR_ORIGIN, **relay})
    ours = stage.services
    parts = {"objects": ours.objects, "dispatch": ours.dispatch, "open_jobs": ours.open_jobs, "clock": ours.clock}
    clouds = services(cast(Wired, SimpleNamespace(settings=settings, entries=None, **parts)), OUR_ORIGIN)
    policy = replace(ours.policy, socket_url=clouds.policy.socket_url)
    return Stage(replace(ours, ticket=clouds.ticket, policy=policy), stage.workshop, stage.clock), settings.relay


def a_second(folder: Path) -> Path:
    return Reels(folder).film(duration_s=Fraction(1))


def listening(visitor: Visitor) -> Browser:
    """Ask the API for a ticket; return the socket that it is for."""
    answer = visitor.post("/api/ws-ticket")
    assert answer.status_code == 201, answer.text
    told = answer.json()
    return Browser(told["url"], [told["protocol"], told["ticket"]], origin=OUR_ORIGIN)


def test_p7_a_job_is_heard_of_at_once_and_with_the_relay_gone_it_is_asked_for(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(poster_file, "AWAY_S", (0.05,))

    async def story() -> None:
        with process(RELAY_ORIGINS=OUR_ORIGIN) as relay:
            api, named = with_relay(stage, relay.url)
            person = Person(api.browser())
            source = person.bring(a_second(tmp_path))
            (job,) = person.browser.get("/api/jobs", active=1).json()["items"]
            with announcing(named) as announce:
                await heard_and_killed(relay, person, job["id"], announce)
                with process(relay.port, RELAY_ORIGINS=OUR_ORIGIN):
                    await came_back(person, job["id"])
            assert person.browser.get(f"/api/sources/{source['id']}").json()["facts"]

    async def heard_and_killed(relay: Process, person: Person, job: str, announce: Announce) -> None:
        """A browser listens, hears the job's progress, and then the relay dies; the job ends without it."""
        ledger = person.browser.stage.workshop.ledger
        async with listening(person.browser) as tab:
            hello = await tab.hears()
            assert "epoch" in hello
            announce(ledger.read(job))
            heard = await tab.hears()
            assert (heard["job"], heard["state"], heard["user"]) == (job, "queued", person.user)
            relay.send(signal.SIGKILL)
            assert await tab.code() == 1006
        person.work()
        announce(replace(ledger.read(job), state="done"))  # returns at once, and harms nobody
        assert person.browser.get(f"/api/jobs/{job}").json()["state"] == "done"
        assert person.browser.get("/api/jobs", active=1).json()["items"] == []

    async def came_back(person: Person, job: str) -> None:
        """With the relay back, what the worker could not post arrives; another epoch had the browser ask again."""
        async with listening(person.browser) as tab:
            assert "epoch" in await tab.hears()
            assert person.browser.get(f"/api/jobs/{job}").json()["state"] == "done"
            heard = await tab.hears()
            assert (heard["job"], heard["state"]) == (job, "done")

    told(story)


def test_p7_without_a_relay_everything_is_asked_for(stage: Stage, tmp_path: Path):
    api, named = with_relay(stage, None)
    person = Person(api.browser())
    person.bring(a_second(tmp_path))
    (job,) = person.browser.get("/api/jobs", active=1).json()["items"]
    ledger = stage.workshop.ledger
    with announcing(named) as announce:
        announce(ledger.read(job["id"]))
        assert person.browser.delete(f"/api/jobs/{job['id']}").status_code == 200
        announce(ledger.read(job["id"]))
    assert person.browser.get(f"/api/jobs/{job['id']}").json()["state"] == "cancelled"
    ticket = person.browser.post("/api/ws-ticket")
    assert (ticket.status_code, ticket.json()["url"], ticket.json()["ticket"]) == (201, "", "")  # nobody to ring
