"""The smoke test: a real home passes it and keeps nothing of it; one in which something is broken fails with a word."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cloud.guest import Guest
from cloud.outside import STEPS, Fault, Tried, Wrong, guest, leaving, live, smoke
from cloud.wiring import proxy_key_from, version
from reel.errors import BadInput
from tests.cloud.deployed import Cloud
from tests.conftest import CHECKOUT
from tests.local.service import Service, serving

SMOKE = [sys.executable, "-m", "cloud", "smoke"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("home") / "data") as service:
        yield service


def ran(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [*SMOKE, *arguments]
    environ = os.environ | more
    return subprocess.run(command, cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False, timeout=300)


def test_a_home_passes_and_keeps_nothing(home: Service):
    told = ran(home.url)
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    steps = [*(step.__name__ for step in STEPS), "leaving"]
    assert [line.partition(":")[0] for line in lines[1:-1]] == steps
    assert lines[-1] == "All is well."
    with home.beside() as opened:
        users = {key.partition("/")[0] for key in opened.services.objects.keys("") if not key.startswith("_")}
    assert users == set(), "all that the guest had is gone"


@dataclass
class Broken:
    """What a service between does to requests and answers."""

    path: str = ""
    status: int | None = None
    lacks: str = ""
    body: bytes | None = None
    relay: bool = False
    again: bool = False
    times: int = 1000


@contextmanager
def broken(service: Service, how: Broken) -> Iterator[str]:
    """Stand before a home, and break one thing of it."""

    class Between(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            own = f"http://{self.headers['Host']}"
            headers = dict(self.headers) | {"Host": service.host}
            if headers.get("Origin") == own:
                headers["Origin"] = service.url
            connection = HTTPConnection(service.host, timeout=60)
            connection.request(self.command, self.path, asked or None, headers)
            answer = connection.getresponse()
            said, hit = answer.read(), how.path in self.path
            said = how.body if hit and how.body is not None else said
            if self.path == "/api/ws-ticket" and not how.relay:  # its socket would be past this one
                said = b'{"ticket": "", "url": ""}'
            refused = how.status if hit and how.status and how.times else None
            how.times -= hit
            self.send_response(refused or answer.status)
            if how.again and refused:
                self.send_header("Retry-After", "0")
            for name, value in answer.getheaders():
                if name.lower() not in {"content-length", "connection", "transfer-encoding", how.lacks.lower()}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)
            connection.close()

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("how", "step", "word"),
    [
        (Broken("/api/health", status=500), "health", "answers 500"),
        (Broken("/api/health", body=b"<html>"), "health", "JSONDecodeError"),
        (Broken("/api/health", lacks="X-Content-Type-Options"), "headers", "X-Content-Type-Options"),
        (Broken("/api/health", lacks="Cache-Control"), "headers", "Cache-Control"),
        (Broken("/assets/", status=200), "page", "a script that is not there answers 200"),
        (Broken("/api/games", lacks="Set-Cookie"), "guest", "HttpOnly"),
        (Broken("/parts", status=503), "upload", "answers 503"),
        (Broken("/api/media/original", status=404), "footage", "leads nowhere"),
        (Broken("/exports", status=402), "draft", "answers 402"),
        (Broken("/s/", lacks="X-Robots-Tag"), "share", "X-Robots-Tag"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_broken_is_named(home: Service, how: Broken, step: str, word: str):
    said: list[str] = []
    with broken(home, how) as url, pytest.raises(Wrong) as wrong:
        smoke(Guest(url), None, said.append)
    assert wrong.value.step == step
    assert word in wrong.value.what
    past = [each.__name__ for each in STEPS].index("guest")
    if [each.__name__ for each in STEPS].index(step) > past:
        assert said[-1].startswith("leaving: "), "the guest leaves nothing, whatever went wrong"


def test_who_is_told_to_come_again_comes_again_under_the_same_key(home: Service, tmp_path: Path):
    with broken(home, Broken("/api/games", status=503, again=True, times=2)) as url:
        tried = Tried(Guest(url), None, tmp_path, print)
        assert guest(tried)
        games = tried.guest.ask("GET", "/api/games").json["items"]
        assert [game["id"] for game in games] == [tried.game]
        assert leaving(tried)


def test_a_relay_that_lets_the_editor_s_pages_in_alone_is_there(home: Service, tmp_path: Path):
    """As in the cloud, where the API is tried at an address of its own."""
    with broken(home, Broken(relay=True)) as url:
        tried = Tried(Guest(url), None, tmp_path, print)
        assert guest(tried)
        assert "alone" in live(tried)
        tried.has_page = True
        with pytest.raises(Fault, match=r"hangs up.*4403"):
            live(tried)
        assert leaving(tried)


def test_a_release_that_is_not_the_one_is_named(home: Service):
    told = ran(home.url, "cloud-0123456789ab")
    assert (told.returncode, "All is well" in told.stdout) == (1, False)
    assert "FAILED version: " in told.stderr
    assert "cloud-0123456789ab" in told.stderr


def test_nobody_there_is_said_in_a_sentence(home: Service):
    told = ran("http://localhost:9")
    assert told.returncode == 1
    assert "FAILED health: ConnectionRefused" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("url", ["nonsense", "ftp://a.b", "https://"])
def test_what_is_no_address_is_refused(url: str):
    told = ran(url)
    assert told.returncode == 1
    assert "https://app.example.com" in told.stderr


def test_half_a_key_to_modal_s_door_is_refused():
    whole = {"MODAL_PROXY_KEY": "wk-one", "MODAL_PROXY_SECRET": "ws-two"}
    assert proxy_key_from(whole) == {"Modal-Key": "wk-one", "Modal-Secret": "ws-two"}
    assert proxy_key_from({}) == {}
    for name in whole:
        with pytest.raises(BadInput, match="both"):
            proxy_key_from({name: "x"})


def test_the_deployed_app_is_the_release_of_its_checkout(cloud: Cloud):
    """What `./run deploy` goes by: a container says of itself what the checkout says that it is."""
    environ: Mapping[str, str] = cloud.standin.environ()
    told: Callable[[str], str] = lambda name: subprocess.check_output(  # noqa: E731
        [sys.executable, "-m", "cloud", name], cwd=CHECKOUT, env=environ, text=True
    ).strip()
    url = told("url")
    assert urlsplit(url).netloc == urlsplit(cloud.url).netloc
    assert told("version") == version()
    said = ran(url, version())
    assert said.returncode == 0, said.stdout + said.stderr
