"""The stand-in carries what an app of ours needs: the real command line, the real container entrypoint."""

from __future__ import annotations

import time
from pathlib import Path

import httpx2
import modal
import modal.exception
import pytest

from tests.modal_standin.standin import Standin

SAMPLE = Path(__file__).parent / "sample"


@pytest.fixture(scope="module")
def deployed(standin: Standin) -> Standin:
    standin.account.secrets["keys"] = {"ONE": "1"}
    assert "App deployed" in standin.cli("deploy", "app.py", cwd=SAMPLE)
    return standin


def function(name: str) -> modal.Function:
    return modal.Function.from_name("sample", name)


def test_a_missing_secret_is_named_when_it_is_deployed(standin: Standin):
    standin.account.secrets["keys"] = {"TWO": "2"}
    with pytest.raises(AssertionError, match="missing key"):
        standin.cli("deploy", "app.py", cwd=SAMPLE)


def test_the_command_line_runs_an_app(deployed: Standin):
    printed = deployed.cli("run", "app.py", "--number", "4", cwd=SAMPLE)
    assert "result (8, '1') [(0, '1'), (2, '1'), (4, '1')] ['load', 'move', 'a']" in printed


def test_a_function_is_found_and_called_from_another_process(deployed: Standin):
    assert function("double").remote(5) == (10, "1")
    assert modal.Cls.from_name("sample", "Steps")().taken.remote("x") == ["load", "move", "x"]


def test_an_exception_comes_back_as_what_it_was(deployed: Standin):
    with pytest.raises(ValueError, match="no"):
        function("misbehave").remote("raise")


def test_a_call_outlives_the_container_that_dies_of_it(deployed: Standin):
    assert function("misbehave").remote("die") == "die"


def test_a_call_is_waited_for_cancelled_and_forgotten(deployed: Standin):
    call = function("misbehave").spawn("sleep")
    with pytest.raises(TimeoutError):
        call.get(timeout=1)
    call.cancel()
    with pytest.raises(modal.exception.RemoteError):
        modal.FunctionCall.from_id(call.object_id).get(timeout=20)
    done = function("double").spawn(2)
    assert done.get(timeout=20) == (4, "1")
    deployed.expire(done.object_id)
    with pytest.raises(modal.exception.OutputExpiredError):
        modal.FunctionCall.from_id(done.object_id).get(timeout=0)


def test_a_call_that_takes_too_long_is_ended(deployed: Standin):
    with pytest.raises(modal.exception.FunctionTimeoutError):
        function("linger").remote()


def test_the_web_endpoint_answers_http(deployed: Standin):
    with httpx2.Client(base_url=deployed.web_url("sample", "api"), timeout=30) as browser:
        assert browser.get("/hello", params={"name": "you"}).json() == {"hello": "you"}
        assert browser.get("/none").status_code == 404
        assert len(browser.get("/large").content) == 5_000_000
        call = browser.post("/calls", json={"number": 7}).json()["call"]
    assert modal.FunctionCall.from_id(call).get(timeout=20) == (14, "1")


def test_a_schedule_is_triggered_by_the_test(deployed: Standin):
    deployed.trigger("sample", "tick")
    assert modal.Queue.from_name("line", create_if_missing=True).get(timeout=20) == "tick"


def test_a_dict_takes_a_key_once(deployed: Standin):
    notes = modal.Dict.from_name("notes", create_if_missing=True)
    assert notes.put("key", 1, skip_if_exists=True)
    assert not notes.put("key", 2, skip_if_exists=True)
    assert notes.get("key") == 1
    deployed.wipe()
    assert notes.get("key") is None


def test_a_redeployed_app_keeps_its_address_and_retires_old_containers(deployed: Standin):
    url = deployed.web_url("sample", "api")
    assert httpx2.get(f"{url}/hello", params={"name": "a"}, timeout=30).status_code == 200
    deployed.cli("deploy", "app.py", cwd=SAMPLE)
    assert deployed.web_url("sample", "api") == url
    assert httpx2.get(f"{url}/hello", params={"name": "b"}, timeout=30).json() == {"hello": "b"}
    version = deployed.account.deployed["sample"].version
    assert {each.version for each in deployed.containers("sample", "api")} == {version}


def test_it_scales_to_zero(deployed: Standin):
    function("double").remote(1)
    until = time.monotonic() + 20
    while deployed.containers("sample", "double") and time.monotonic() < until:
        time.sleep(0.1)
    assert deployed.containers("sample", "double") == []


def test_nothing_was_asked_that_it_does_not_know(deployed: Standin):
    assert deployed.account.broken == []
