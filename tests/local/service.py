"""The whole service in its own processes, as ./run up starts it; to be asked, killed and started again."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from jobs.memory import MemoryAnnounce
from jobs.spec import FramingSpec, SourceRef, Spec
from local.objectstore import local_endpoint
from local.services import Opened, open_services
from local.site import Site
from local.wiring import Settings
from media.synth import Match, write
from reel.geometry import Size
from relay.protocol import SUBPROTOCOL
from storage import jobs
from storage.ids import uuid7
from storage.jobs import Job
from storage.operations import Operation
from tests.conftest import CHECKOUT
from tests.jobs.homes import clip, framing
from tests.local.terminal import command, settings
from tests.local.working import until
from tests.relay.stage import KEYS

NOW = "2026-05-17T10:00:00.000Z"


@dataclass
class Service:
    """One `./run up`. `said` is its first line: where it is."""

    process: subprocess.Popen[str]
    said: Mapping[str, Any]
    errors: Path

    @property
    def url(self) -> str:
        return self.said["url"]

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    @property
    def data_dir(self) -> Path:
        return Path(self.said["data_dir"])

    def browser(self, url: str | None = None) -> Browser:
        return Browser(url or self.url)

    def children(self, name: str = "") -> dict[int, str]:
        """Return the processes that it started, of a program or of all, by their ids."""
        found: dict[int, str] = {}
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
                words = (path / "cmdline").read_bytes().decode().split("\0")
                if parent == self.process.pid and (not name or name in words):
                    found[int(path.name)] = " ".join(words)
        return found

    def kill(self, name: str) -> list[int]:
        """Kill -9 the children of a program, or with "api" the service's own process; return their ids."""
        pids = [self.process.pid] if name == "api" else list(self.children(name))
        assert pids, f"there is no {name}"
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        if name == "api":
            self.process.wait(30)
        return pids

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Tell it to stop; return its exit code."""
        self.process.send_signal(how)
        return self.process.wait(30)

    @property
    def site(self) -> Site:
        lan = self.said["lan_url"]
        return Site(self.port, self.said["store_port"], urlsplit(lan).hostname if lan else None)

    @contextmanager
    def beside(self) -> Iterator[Opened]:
        """Open its data as another process of it would."""
        endpoint = local_endpoint(self.data_dir / "store", self.said["store_port"])
        with open_services(Settings(self.data_dir), self.site, endpoint, KEYS, MemoryAnnounce()) as opened:
            yield opened


@contextmanager
def serving(data_dir: Path, *arguments: str, **more: str) -> Iterator[Service]:
    """Run `up` over a folder, at a free port unless said otherwise; killed -9 at the end if it runs."""
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    errors = data_dir.parent / f"{data_dir.name}.err"
    with errors.open("ab") as stderr:
        process = subprocess.Popen(
            command("up", "--json", *arguments),
            cwd=CHECKOUT,
            env=settings(data_dir, **({"PORT": "0"} | more)),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    assert process.stdout
    try:
        line = process.stdout.readline()
        assert line, errors.read_text()
        yield Service(process, json.loads(line), errors)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


class Browser:
    """A browser profile: its cookie, its Origin, a key for each write."""

    def __init__(self, url: str) -> None:
        self.origin = url
        unkept = httpx2.Limits(max_keepalive_connections=0)  # so that nobody has to close it
        self.client = httpx2.Client(base_url=url, timeout=30, trust_env=False, limits=unkept)

    def get(self, path: str) -> httpx2.Response:
        return self.client.get(path)

    def post(self, path: str, body: Any = None, key: str | None = None) -> httpx2.Response:
        headers = {"Origin": self.origin, "Idempotency-Key": key or uuid4().hex}
        return self.client.post(path, json=body, headers=headers)

    def add_game(self, opponent: str = "FC Tigers") -> str:
        """Add a game; return its id."""
        game = uuid7()
        added = self.post("/api/games", {"id": game, "opponent": opponent})
        assert added.status_code == 201, added.text
        return game

    def games(self) -> list[str]:
        """Return the ids of all games."""
        answer = self.get("/api/games")
        assert answer.status_code == 200, answer.text
        return [game["id"] for game in answer.json()["items"]]

    @cached_property
    def token(self) -> str:
        """The session's; the browser has one once it has written something."""
        return self.client.cookies["reel_session"]

    def user(self, opened: Opened) -> str:
        session = opened.services.sessions.of(self.token)
        assert session
        return session.user

    @contextmanager
    def listening(self) -> Iterator[Listening]:
        """Listen to live progress."""
        told = self.post("/api/ws-ticket").json()
        offered: Any = [SUBPROTOCOL, told["ticket"]]
        with connect(told["url"], origin=self.origin, subprotocols=offered, proxy=None) as socket:  # type: ignore[arg-type]
            listening = Listening(socket)
            listening.thread.start()
            yield listening
            socket.close()
            listening.thread.join(30)


@dataclass
class Listening:
    """A websocket that keeps all frames that it gets, until it is closed."""

    socket: ClientConnection
    frames: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._listen, daemon=True)

    def _listen(self) -> None:
        with suppress(ConnectionClosed):  # the service stopped, or was killed
            for text in self.socket:
                self.frames.append(json.loads(text))

    def of(self, job: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame.get("job") == job]

    def wait_for(self, job: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a snapshot of a job; return it."""
        until(lambda: any(holds(frame) for frame in self.of(job)), 120.0)
        return next(frame for frame in self.of(job) if holds(frame))


# Work for it


def match(path: Path, seconds: int = 2) -> Path:
    """Film a match, 192×108, ten frames a second."""
    write(Match(size=Size(192, 108), rate=Fraction(10), duration_s=Fraction(seconds), players=4), path)
    return path


def begin(opened: Opened, user: str, spec: Spec) -> None:
    """Do what an endpoint does to begin a job."""
    made = opened.services.open_jobs
    with made.opening(user, [spec.job]):
        operation = Operation(f"begin-{spec.job}", "", "test")
        opened.services.databases.write(user, operation, lambda connection: jobs.add(connection, spec, NOW).id)


def adopted(opened: Opened, user: str, footage: Path) -> SourceRef:
    """Put footage into the store."""
    body = footage.read_bytes()
    key = f"{user}/games/one{footage.suffix}"
    opened.services.objects.put(key, body)
    return SourceRef(id="one", key=key, sha256=hashlib.sha256(body).hexdigest())


def draft(user: str, source: SourceRef, *spans: tuple[int, int]) -> FramingSpec:
    """Return the spec of a draft of spans in milliseconds, under an id of its own."""
    clips = [clip(begin_ms, end_ms, id=f"clip-{number}") for number, (begin_ms, end_ms) in enumerate(spans)]
    return framing([source], *clips, user=user, project=uuid7()).model_copy(update={"job": uuid7()})


def row(opened: Opened, user: str, job: str) -> Job:
    """Return a job as the user's database has it."""
    return opened.services.databases.read(user, lambda connection: jobs.get(connection, job))


def settled(opened: Opened, user: str, job: str, most_s: float = 120.0) -> Job:
    """Wait until a job is settled, asking only the database; return its row."""
    until(lambda: row(opened, user, job).settled_at is not None, most_s)
    return row(opened, user, job)


def gone(pid: int) -> bool:
    """Say whether a process has ended; one that nobody waits for counts as ended."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_a_moment() -> None:
    """Let some time pass between two asks."""
    time.sleep(0.05)
