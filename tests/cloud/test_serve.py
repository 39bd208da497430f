"""The API on this machine, its work on Modal: python -m cloud serve."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from http.client import HTTPConnection

import pytest

from cloud.wiring import REQUIRED, SECRET, port_from
from reel.errors import BadInput
from tests.cloud.deployed import Cloud
from tests.conftest import CHECKOUT
from tests.journeys.parent import Parent

SERVE = [sys.executable, "-m", "cloud", "serve"]


def answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/health", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_it_answers_here(cloud: Cloud):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = cloud.standin.environ() | cloud.standin.account.secrets[SECRET] | {"PORT": str(port)}
    process = subprocess.Popen(SERVE, cwd=CHECKOUT, env=environ, stdout=subprocess.DEVNULL)
    try:
        cloud.until(lambda: answers(port))
        parent = Parent(f"http://localhost:{port}")
        assert parent.gets("/api/version")["home"] == "cloud"
        assert parent.adds_game()
        parent.close()
    finally:
        process.terminate()
        process.wait(30)


def test_without_a_bucket_it_says_what_is_missing():
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("R2_", "MODAL_"))}
    ran = subprocess.run(SERVE, cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert all(name in ran.stderr for name in REQUIRED)


@pytest.mark.parametrize("port", ["no", "0", "65536", "-1", "1.5"])
def test_a_port_is_a_number(port: str):
    with pytest.raises(BadInput, match="PORT"):
        port_from({"PORT": port})
