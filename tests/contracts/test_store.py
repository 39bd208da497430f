"""The contract of Store, held over every implementation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.ports import Store
from reel.errors import AlreadyExists, BadField, NotFound
from tests.storage.stores import S3_KINDS, Stores, stores

__all__ = ["stores"]  # a fixture

KINDS = ("memory", "folder", *S3_KINDS)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, stores: Stores) -> Store:
    return stores.store(request.param)


def opened(store: Store, key: str) -> bytes:
    with store.open(key) as footage:
        if isinstance(footage, Path):
            return footage.read_bytes()
        footage.seek(0)
        return footage.read()


@pytest.mark.parametrize("body", [b"", b"one", bytes(range(256)) * 5000])
def test_what_was_put_is_read(store: Store, body: bytes):
    store.put("user/games/a.mp4", body)
    assert store.exists("user/games/a.mp4")
    assert store.read("user/games/a.mp4") == body
    assert opened(store, "user/games/a.mp4") == body


def test_an_object_is_open_at_any_place(store: Store):
    store.put("a", b"0123456789")
    with store.open("a") as footage:
        reader = footage.open("rb") if isinstance(footage, Path) else footage
        assert reader.seek(-3, 2) == 7
        assert reader.read(2) == b"78"
        assert reader.seek(1) == 1
        assert reader.read() == b"123456789"
        reader.close()


def test_a_second_put_takes_the_place_of_the_first(store: Store):
    store.put("a/b", b"a long first body")
    store.put("a/b", b"short")
    assert store.read("a/b") == b"short"
    assert list(store.keys("")) == ["a/b"]


def test_who_reads_keeps_what_was_there(store: Store):
    store.put("a", b"old")
    with store.open("a") as footage:
        reader = footage.open("rb") if isinstance(footage, Path) else footage
        store.put("a", b"new")
        assert reader.read() == b"old"
        reader.close()


def test_what_is_not_there_is_said(store: Store):
    store.put("a/b", b"")
    for absent in ("b", "a", "a/b/c", "a/bc"):
        assert not store.exists(absent)
        with pytest.raises(NotFound) as caught:
            store.read(absent)
        assert caught.value.details == {"key": absent}
        with pytest.raises(NotFound), store.open(absent):
            pass


def test_a_created_object_is_not_created_again(store: Store, tmp_path: Path):
    store.put("a/b", b"first", create_only=True)
    with pytest.raises(AlreadyExists) as caught:
        store.put("a/b", b"second", create_only=True)
    assert caught.value.details == {"key": "a/b"}
    scratch = tmp_path / "scratch"
    scratch.write_bytes(b"third")
    with pytest.raises(AlreadyExists):
        store.put_file("a/b", scratch, create_only=True)
    assert store.read("a/b") == b"first"
    store.put("a/b", b"fourth")
    assert store.read("a/b") == b"fourth"


def test_a_deleted_object_can_be_created_again(store: Store):
    store.put("a/b", b"first")
    store.delete("a/b")
    store.delete("a/b")
    store.delete("never/there")
    assert not store.exists("a/b")
    store.put("a/b", b"second", create_only=True)
    store.delete("a")  # not an object, though keys begin so
    assert store.read("a/b") == b"second"


@pytest.mark.parametrize("create_only", [False, True])
def test_a_file_becomes_an_object(store: Store, tmp_path: Path, create_only: bool):
    scratch = tmp_path / "scratch.mp4"
    scratch.write_bytes(b"pictures")
    store.put_file("a/b.mp4", scratch, create_only=create_only)
    assert store.read("a/b.mp4") == b"pictures"


def test_what_is_written_to_the_file_later_is_no_part_of_the_object(store: Store, tmp_path: Path):
    scratch = tmp_path / "scratch.mp4"
    scratch.write_bytes(b"pictures")
    store.put_file("a", scratch)
    with scratch.open("ab") as file:
        file.write(b" and more")
    assert store.read("a") == b"pictures"


def test_keys_come_in_order(store: Store):
    names = ["b/1", "a/2", "a/10", "a/1/x", "ab/1", "_active/j.json", "c", "a-b"]
    for name in names:
        store.put(name, b"")
    assert list(store.keys("")) == sorted(names)
    assert list(store.keys("a/")) == ["a/1/x", "a/10", "a/2"]
    assert list(store.keys("a/1")) == ["a/1/x", "a/10"]
    assert list(store.keys("a")) == ["a-b", "a/1/x", "a/10", "a/2", "ab/1"]
    assert list(store.keys("a/1/x")) == ["a/1/x"]
    assert list(store.keys("d/")) == []
    assert list(store.keys("c/d")) == []


HOSTILE = [
    *("", "/", "/etc/passwd", "../a", "a/../b", "a/..", "..", ".", "./a", "a/./b", "a//b", "a/", ".hidden"),
    *("a/.hidden", "a\0b", "a\nb", "a\\b", "~/a", "C:a", "a b", "é", "a" * 256, "a/" * 600 + "a"),
]


@pytest.mark.parametrize("key", HOSTILE, ids=lambda key: repr(key[:20]))
def test_what_is_no_key_is_refused_everywhere(store: Store, key: str, tmp_path: Path):
    (tmp_path / "a").write_bytes(b"outside")
    scratch = tmp_path / "scratch"
    scratch.write_bytes(b"x")
    for use in (
        lambda: store.put(key, b"x"),
        lambda: store.put(key, b"x", create_only=True),
        lambda: store.put_file(key, scratch),
        lambda: store.read(key),
        lambda: store.open(key).__enter__(),
        lambda: store.exists(key),
        lambda: store.delete(key),
    ):
        with pytest.raises(BadField):
            use()
    assert (tmp_path / "a").read_bytes() == b"outside"
    assert list(store.keys("")) == []


@pytest.mark.parametrize("prefix", ["../", "/", "../a", "a/../../", ".", ".incoming/", "\0"])
def test_no_prefix_lists_what_is_outside(store: Store, prefix: str, tmp_path: Path):
    (tmp_path / "a").write_bytes(b"outside")
    store.put("b", b"")
    with suppress(BadField):
        assert list(store.keys(prefix)) == []


@pytest.mark.parametrize("attempt", range(5))
def test_of_many_writers_one_creates(store: Store, attempt: int):
    start = Barrier(8)

    def create(number: int) -> int | None:
        start.wait()
        try:
            store.put(f"jobs/{attempt}/result.json", b"%d" % number * 10_000, create_only=True)
        except AlreadyExists:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(create, range(8)) if number is not None]
    assert len(winners) == 1
    assert store.read(f"jobs/{attempt}/result.json") == b"%d" % winners[0] * 10_000


def test_of_many_writers_no_mixture_is_read(store: Store):
    bodies = [bytes([65 + number]) * 50_000 for number in range(4)]
    store.put("a", bodies[0])

    def write(number: int) -> None:
        for _ in range(10):
            store.put("a", bodies[number])

    with ThreadPoolExecutor(5) as pool:
        writers = [pool.submit(write, number) for number in range(4)]
        while not all(writer.done() for writer in writers):
            assert store.read("a") in bodies
        for writer in writers:
            writer.result()


PARTS = st.text("abAB01_-.", min_size=1, max_size=6).filter(lambda part: part[0] != ".")
KEYS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)


DICTIONARIES = given(keys=st.lists(KEYS, max_size=6, unique=True), prefix=st.one_of(st.just(""), KEYS))


@pytest.mark.parametrize("kind", ["memory", "folder"])
@DICTIONARIES
def test_it_is_a_dictionary(kind: str, stores: Stores, keys: list[str], prefix: str):
    check_dictionary(stores.store(kind), keys, prefix)


@pytest.mark.parametrize("kind", S3_KINDS)
@DICTIONARIES
@settings(max_examples=8)  # of requests that each go through a socket
def test_it_is_a_dictionary_at_the_other_end_of_a_wire(kind: str, stores: Stores, keys: list[str], prefix: str):
    check_dictionary(stores.store(kind), keys, prefix)


def check_dictionary(store: Store, keys: list[str], prefix: str) -> None:
    kept: dict[str, bytes] = {}
    for number, key in enumerate(keys):
        if any(other.startswith(f"{key}/") or key.startswith(f"{other}/") for other in kept):
            continue  # a disk has no file that is a folder too; no key of ours asks for it
        kept[key] = b"%d" % number
        store.put(key, kept[key])
    assert {key: store.read(key) for key in store.keys("")} == kept
    assert list(store.keys(prefix)) == sorted(key for key in kept if key.startswith(prefix))
