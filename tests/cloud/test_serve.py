"""The API on this machine, its work on Modal: python -m cloud serve."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from cloud.guest import Guest
from cloud.wiring import REQUIRED, SECRET, port_from
from reel import keys
from reel.errors import BadInput
from tests.cloud.deployed import Cloud, filmed
from tests.conftest import CHECKOUT
from tests.jobs.homes import uuid
from tests.journeys.parent import Parent

SERVE = [sys.executable, "-m", "cloud", "serve"]
UP = [str(CHECKOUT / "run"), "up"]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def environ(cloud: Cloud, **more: str) -> dict[str, str]:
    """Return what a person sets who has a bucket and a token."""
    return cloud.standin.environ() | cloud.standin.account.secrets[SECRET] | more


def answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/health", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def served(cloud: Cloud, command: list[str], **more: str) -> Iterator[Parent]:
    """Run a command until it answers; give a parent at its door."""
    port = free_port()
    told = environ(cloud, PORT=str(port), **more)
    process = subprocess.Popen(command, cwd=CHECKOUT, env=told, stdout=subprocess.DEVNULL)
    try:
        cloud.until(lambda: answers(port))
        parent = Parent(f"http://localhost:{port}")
        yield parent
        parent.close()
    finally:
        process.terminate()
        assert process.wait(30) is not None


def test_run_up_serves_here_and_has_its_work_done_on_modal(cloud: Cloud, tmp_path: Path):
    """The real command. What it is asked to do is done by a container of the deployed app."""
    before = cloud.calls_of("ingest")
    with served(cloud, UP, MODAL_ENABLED="true") as parent:
        assert parent.gets("/api/version")["home"] == "cloud"
        source = parent.brings(parent.adds_game(), filmed(tmp_path / "match.mp4"))
        assert source["state"] == "ready"
        editor = Guest(parent.url)
        page, policy = editor.ask("GET", "/games"), cloud.standin.account.secrets[SECRET]["R2_ENDPOINT_URL"]
        assert (page.status, page.kind, b'<div id="root">' in page.body) == (200, "text/html", True)
        assert f"connect-src 'self'  {policy}" in page.headers["Content-Security-Policy"], "no relay, but the bucket"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert editor.ask("GET", "/assets/gone.js").status == 404
    assert cloud.calls_of("ingest") == before + 1


def test_while_modal_is_away_the_api_answers_and_accepts_nothing_that_needs_it(cloud: Cloud):
    away = f"http://127.0.0.1:{free_port()}"
    with served(cloud, SERVE, MODAL_SERVER_URL=away) as parent:
        assert parent.adds_game()
        status, said = parent.visitor.ask("POST", "/api/games/demo", {"id": uuid(5)})
        assert (status, said["code"]) == (503, "store_unavailable")
        assert [job["kind"] for job in parent.gets("/api/jobs")["items"]] == []
    assert list(cloud.home.objects.keys(keys.ACTIVE_PREFIX)) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"MODAL_TOKEN_ID": "", "MODAL_TOKEN_SECRET": ""}, "MODAL_TOKEN_ID and MODAL_TOKEN_SECRET"),
        ({"MODAL_TOKEN_ID": "ak-stranger"}, "MODAL_TOKEN_ID and MODAL_TOKEN_SECRET"),
        ({"MODAL_ENVIRONMENT": "elsewhere"}, "modal deploy app.py"),
    ],
    ids=["missing", "wrong", "nothing deployed"],
)
def test_what_modal_lacks_is_named_at_the_start(cloud: Cloud, more: dict[str, str], said: str):
    told = environ(cloud, PORT=str(free_port()), **more)
    ran = subprocess.run(SERVE, cwd=CHECKOUT, env=told, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 1, ran.stderr
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_without_a_bucket_it_says_what_is_missing():
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("R2_", "MODAL_"))}
    ran = subprocess.run(SERVE, cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert all(name in ran.stderr for name in REQUIRED)


@pytest.mark.parametrize("port", ["no", "0", "65536", "-1", "1.5"])
def test_a_port_is_a_number(port: str):
    with pytest.raises(BadInput, match="PORT"):
        port_from({"PORT": port})
