"""./run up in its own processes: what it serves, how jobs run behind it, and how it stops."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from gpu.registry import OWN
from jobs.spec import SourceRef
from local.lanes import WORKERS
from local.objectstore import local_endpoint, running
from local.services import Opened
from relay.protocol import SUBPROTOCOL, order, parse
from tests.jobs.homes import clip
from tests.local.service import Browser, Service, adopted, begin, draft, gone, match, row, serving, settled
from tests.local.terminal import ENVELOPE, in_a_process
from tests.local.working import preview, until

LIBRARIES = ("numpy", "/av/", "cv2", "ncnn", "PIL/", "torch")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("up") / "data") as service:
        yield service


@pytest.fixture(scope="module")
def opened(service: Service) -> Iterator[Opened]:
    with service.beside() as opened:
        yield opened


@pytest.fixture
def browser(service: Service) -> Browser:
    """A browser that has written something: it has a session."""
    browser = service.browser()
    browser.add_game()
    return browser


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return match(tmp_path_factory.mktemp("footage") / "match.mp4")


@pytest.fixture
def source(opened: Opened, browser: Browser, footage: Path) -> SourceRef:
    return adopted(opened, browser.user(opened), footage)


def test_it_says_where_it_is_and_opens_on_a_page(service: Service):
    shown = service.browser().get("/")
    assert shown.status_code == 200
    assert "Reel Ballers" in shown.text
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert service.browser().get("/api/health").json() == {"status": "ok"}
    assert service.browser().get("/api/version").json()["version"].startswith("local-")
    assert service.browser(f"http://127.0.0.1:{service.port}").get("/").status_code == 200
    assert (service.data_dir / "lock").read_text() == service.url


def test_it_is_there_for_its_own_names_only(service: Service):
    foreign = httpx2.get(service.url, headers={"Host": "evil.example"}, trust_env=False)
    assert (foreign.status_code, set(foreign.json())) == (403, ENVELOPE)


def test_two_profiles_are_two_guests(service: Service, browser: Browser):
    other = service.browser()
    other.add_game("Rovers")
    assert len(browser.games()) == len(other.games()) == 1
    assert browser.games() != other.games()
    assert service.browser().games() == []


def test_secrets_are_for_their_owner_only(service: Service):
    assert (service.data_dir / "store/keys.json").stat().st_mode & 0o777 == 0o600
    assert (service.data_dir / "lock").stat().st_mode & 0o777 == 0o600


def test_a_signed_address_fits_the_name_that_a_browser_uses(service: Service, opened: Opened, source: SourceRef):
    for host in (service.host, f"127.0.0.1:{service.port}"):
        url = opened.services.signer(host).presign_get(source.key, 60, filename=None, content_type="video/mp4")
        assert url.startswith(f"http://{host.partition(':')[0]}:{service.said['store_port']}/")
        assert httpx2.get(url, headers={"Origin": f"http://{host}"}, trust_env=False).status_code == 200
    elsewhere = opened.services.signer("evil.example:80").presign_get(
        source.key, 60, filename=None, content_type="video/mp4"
    )
    assert elsewhere.startswith("http://127.0.0.1:")


def test_the_store_lets_our_own_pages_read(service: Service, opened: Opened, source: SourceRef):
    url = opened.services.signer(service.host).presign_get(source.key, 60, filename=None, content_type="video/mp4")
    ours, theirs = (
        httpx2.get(url, headers={"Origin": origin}, trust_env=False) for origin in (service.url, "http://evil.example")
    )
    assert ours.headers["access-control-allow-origin"] == service.url
    assert "access-control-allow-origin" not in theirs.headers


# Jobs and live progress


def test_a_job_is_heard_live_and_settles_though_nobody_asks(opened: Opened, browser: Browser, source: SourceRef):
    user = browser.user(opened)
    spec = draft(user, source, (0, 900), (1000, 1900))
    with browser.listening() as listening:
        begin(opened, user, spec)
        done = listening.wait_for(spec.job, lambda frame: frame["state"] == "done")
        assert "relay" in listening.frames[0]
    heard = [parse(json.dumps(frame).encode()) for frame in listening.of(spec.job)]
    assert [order(snapshot) for snapshot in heard] == sorted(order(snapshot) for snapshot in heard)
    assert {"running", "done"} <= {snapshot.state for snapshot in heard}
    assert any(0 < snapshot.done <= snapshot.total for snapshot in heard)
    assert (done["user"], done["message"]) == (user, "")
    assert row(opened, user, spec.job).state == "done"  # before it was told, so that who hears it finds what was made


def test_a_browser_that_comes_later_hears_how_it_stands(opened: Opened, browser: Browser, source: SourceRef):
    user = browser.user(opened)
    spec = draft(user, source, (0, 900))
    begin(opened, user, spec)
    assert settled(opened, user, spec.job).state == "done"
    with browser.listening() as listening:
        assert listening.wait_for(spec.job, lambda frame: frame["state"] == "done")["attempt"] == 1


def test_nobody_hears_of_another_s_jobs(service: Service, opened: Opened, browser: Browser, source: SourceRef):
    other = service.browser()
    other.add_game()
    user = browser.user(opened)
    spec = draft(user, source, (0, 900))
    with other.listening() as overheard, browser.listening() as listening:
        begin(opened, user, spec)
        listening.wait_for(spec.job, lambda frame: frame["state"] == "done")
        assert overheard.of(spec.job) == []


def test_who_cannot_listen_asks(opened: Opened, browser: Browser, source: SourceRef):
    user = browser.user(opened)
    spec = draft(user, source, (0, 900))
    begin(opened, user, spec)
    seen: list[str] = []
    until(lambda: seen.append(browser.get(f"/api/jobs/{spec.job}").json()["state"]) or seen[-1] == "done")
    known = [("queued", "running", "result", "done").index(state) for state in seen]
    assert known == sorted(known)
    assert browser.get("/api/jobs?active=1").json()["items"] == []


def test_a_worker_runs_the_networks(opened: Opened, browser: Browser, source: SourceRef):
    user = browser.user(opened)
    shown = preview(source, user=user, draft=False, clip=clip(0, 400, look="natural"))
    spec = shown.model_copy(update={"job": draft(user, source).job})
    begin(opened, user, spec)
    made = settled(opened, user, spec.job)
    assert made.state == "done", made.error
    assert made.value is not None
    network = made.value["network"]
    assert isinstance(network, dict)
    assert network["name"] == OWN.name


def test_a_job_that_fails_says_why(opened: Opened, browser: Browser):
    user = browser.user(opened)
    gone_source = SourceRef(id="one", key=f"{user}/games/none.mp4", sha256="0" * 64)
    spec = preview(gone_source, user=user, clip=clip(0, 400)).model_copy(update={"job": draft(user, gone_source).job})
    with browser.listening() as listening:
        begin(opened, user, spec)
        failed = listening.wait_for(spec.job, lambda frame: frame["state"] == "failed")
    assert failed["message"]
    ended = settled(opened, user, spec.job)
    assert (ended.state, (ended.error or {})["message"]) == ("failed", failed["message"])


def test_a_ticket_is_good_once_and_for_our_pages(service: Service, browser: Browser):
    told = browser.post("/api/ws-ticket").json()
    for origin, code in (("http://evil.example", 4403), (service.url, None), (service.url, 4401)):
        offered = [SUBPROTOCOL, told["ticket"]]
        with connect(told["url"], origin=origin, subprotocols=offered, proxy=None) as heard:  # type: ignore[arg-type]
            if code is None:
                assert "relay" in json.loads(heard.recv(30))
                continue
            with pytest.raises(ConnectionClosed) as closed:
                heard.recv(30)
            assert closed.value.rcvd
            assert closed.value.rcvd.code == code


def test_a_browser_may_not_say_much(service: Service, browser: Browser):
    told = browser.post("/api/ws-ticket").json()
    offered = [SUBPROTOCOL, told["ticket"]]
    with connect(told["url"], origin=service.url, subprotocols=offered, proxy=None) as heard:  # type: ignore[arg-type]
        heard.send("x" * 3000)
        with pytest.raises(ConnectionClosed):
            list(iter(lambda: heard.recv(30), None))


def test_nobody_publishes_unsigned(service: Service):
    told = httpx2.post(f"{service.url}/publish", content=b"{}", trust_env=False)
    assert (told.status_code, told.json()["code"]) == (401, "wrong_signature")
    assert httpx2.get(f"{service.url}/publish", trust_env=False).status_code == 405
    too_much = httpx2.post(f"{service.url}/publish", content=b"x" * 40_000, trust_env=False)
    assert too_much.status_code == 413


def test_the_api_s_process_opens_no_footage_and_stays_small(service: Service):
    """Whatever it has served by now: no codec, no network, no numpy is mapped into it."""
    service.browser().games()
    process = Path("/proc") / str(service.process.pid)
    mapped = (process / "maps").read_text()
    assert "ssl" in mapped  # libraries are found at all
    assert [name for name in LIBRARIES if name in mapped] == []
    held_kb = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmRSS"))
    assert int(held_kb.split()[1]) < 200_000


def test_no_secret_is_to_be_seen_in_a_process(service: Service):
    """Nor does a worker get this process's environment."""
    secret = json.loads((service.data_dir / "store/keys.json").read_text())["secret_access_key"]
    for pid, words in service.children().items():
        environment = (Path("/proc") / str(pid) / "environ").read_text()
        assert secret not in words + environment
        assert set(dict(pair.split("=", 1) for pair in environment.split("\0") if pair)) <= {
            *("LC_ALL", "PATH", "HOME", "TMPDIR", "LC_CTYPE")
        }


def test_workers_have_a_limit_of_memory_and_step_back(service: Service):
    for pid in service.children("worker"):
        limits = (Path("/proc") / str(pid) / "limits").read_text().splitlines()
        (data,) = (line.split()[3] for line in limits if line.startswith("Max data size"))
        assert int(data) >= 3 * 2**30
        assert os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, service.process.pid)


def test_it_logs_lines_of_json(service: Service, browser: Browser):
    browser.add_game()
    lines = [json.loads(line) for line in (service.data_dir / "logs/api.jsonl").read_text().splitlines()]
    assert all({"at", "level", "logger", "message"} <= set(line) for line in lines)
    assert any(line["message"].startswith("Database synced to R2 for user: ") for line in lines)
    assert browser.token not in (service.data_dir / "logs/api.jsonl").read_text()


# Beginnings and ends


def test_two_at_once_over_one_folder_are_refused(service: Service):
    second = in_a_process(service.data_dir, "up", "--json", PORT="0")
    assert (second.code, second.last["code"]) == (2, "bad_input")
    assert f"in use by another ./run up at {service.url}" in second.last["message"]


def test_a_port_that_is_taken_is_said(service: Service, tmp_path: Path):
    second = in_a_process(tmp_path / "data", "up", PORT=str(service.port))
    assert second.code == 2
    assert second.err.startswith(f"Port {service.port} is taken.")
    assert len(second.err.splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("")
    refused = in_a_process(tmp_path / "file" / "data", "up", "--json", PORT="0")
    assert (refused.code, refused.last["code"]) == (2, "output_unwritable")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"R2_BUCKET_NAME": "b", "R2_ENDPOINT_URL": "http://127.0.0.1:9"}, "R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY"),
        ({"PORT": "none"}, "PORT has to be a number"),
        ({"PORT": "65536"}, "PORT has to be a number"),
    ],
)
def test_settings_that_cannot_be_meant_are_said(tmp_path: Path, more: dict[str, str], said: str):
    refused = in_a_process(tmp_path / "data", "up", "--json", **more)
    assert (refused.code, refused.last["code"]) == (2, "bad_input")
    assert said in refused.last["message"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_cleanly_also_while_a_browser_listens(tmp_path: Path, how: signal.Signals):
    with serving(tmp_path / "data") as service:
        browser = service.browser()
        browser.add_game()
        with browser.listening() as listening:
            until(lambda: listening.frames)
            children = list(service.children())
            assert len(children) == sum(WORKERS.values()) + 1, "the workers, and the store"
            assert service.stop(how) == 0
            listening.thread.join(30)
        until(lambda: all(map(gone, children)))
        assert service.errors.read_text().endswith("Stopping\n")
        assert "Traceback" not in service.errors.read_text()
        assert list((service.data_dir / "cache/workers").iterdir()) == []


def test_with_a_bucket_it_uses_that_and_starts_no_store(tmp_path: Path):
    folder = tmp_path / "elsewhere"
    with running(folder, local_endpoint(folder, port=0)) as bucket:
        named = {
            "R2_ENDPOINT_URL": bucket.url,
            "R2_BUCKET_NAME": bucket.bucket,
            "R2_ACCESS_KEY_ID": bucket.access_key_id,
            "R2_SECRET_ACCESS_KEY": bucket.secret_access_key,
        }
        with serving(tmp_path / "data", **named) as service:
            browser = service.browser()
            game = browser.add_game()
            assert browser.games() == [game]
            assert (service.said["store_port"], list(service.children("store"))) == (None, [])
            assert service.stop() == 0
    assert not (tmp_path / "data/store").exists()


def test_on_the_home_network_a_second_device_works(tmp_path: Path, footage: Path):
    with serving(tmp_path / "data", "--lan") as service:
        url = service.said["lan_url"]
        assert "this network can reach" in service.errors.read_text()
        phone = service.browser(url)
        game = phone.add_game()
        assert phone.games() == [game]
        with phone.listening() as listening:
            until(lambda: listening.frames)
        with service.beside() as opened:
            source = adopted(opened, phone.user(opened), footage)
            signer = opened.services.signer(url.removeprefix("http://"))
            address = signer.presign_get(source.key, 60, filename=None, content_type="video/mp4")
        fetched = httpx2.get(address, headers={"Origin": url}, trust_env=False)
        assert (fetched.content, fetched.headers["access-control-allow-origin"]) == (footage.read_bytes(), url)
        assert address.startswith(url.rpartition(":")[0])  # the store is there, too
        published = httpx2.post(f"{url}/publish", content=b"{}", trust_env=False)
        assert published.status_code == 404, "workers of this machine only"
        assert service.stop() == 0


def test_without_lan_nobody_else_reaches_it(service: Service):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect(("192.0.2.1", 9))
        address = asked.getsockname()[0]
    for port in (service.port, service.said["store_port"]):
        with closing(socket.socket()) as stranger, pytest.raises(ConnectionRefusedError):
            stranger.connect((address, port))
