"""The contract of Bucket, held over every implementation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from reel.errors import AlreadyExists, BadField, Conflict, NotFound
from storage.bucket import Bucket, Fetched
from storage.memory import MemoryBucket
from storage.objects import Objects
from tests.storage.stores import S3_KINDS, Prefixed, Stores, stores

__all__ = ["stores"]  # a fixture


@pytest.fixture(params=["memory", *S3_KINDS])
def bucket(request: pytest.FixtureRequest, stores: Stores) -> Bucket:
    return stores.bucket(request.param)


def fetched(bucket: Bucket, key: str) -> Fetched:
    there = bucket.fetch(key)
    assert there is not None
    return there


@pytest.mark.parametrize("body", [b"", b"one", bytes(range(256)) * 5000])
def test_what_was_written_is_fetched_with_its_etag(bucket: Bucket, body: bytes):
    etag = bucket.replace("user/database.sqlite", body, None)
    assert fetched(bucket, "user/database.sqlite") == Fetched(body, etag)


def test_what_is_known_is_not_fetched_again(bucket: Bucket):
    etag = bucket.replace("a", b"first", None)
    assert bucket.fetch("a", etag) is None
    newer = bucket.replace("a", b"second", etag)
    assert bucket.fetch("a", etag) == Fetched(b"second", newer)
    assert bucket.fetch("a", newer) is None


def test_an_etag_is_of_the_bytes(bucket: Bucket):
    first = bucket.replace("a", b"first", None)
    second = bucket.replace("a", b"second", first)
    assert len({first, second}) == 2
    bucket.put("b", b"first")
    assert fetched(bucket, "b").etag == first


def test_what_is_not_there_is_said(bucket: Bucket):
    for known in (None, '"0"'):
        with pytest.raises(NotFound) as caught:
            bucket.fetch("a", known)
        assert caught.value.details == {"key": "a"}


def test_it_is_created_once(bucket: Bucket):
    etag = bucket.replace("a", b"first", None)
    with pytest.raises(AlreadyExists) as caught:
        bucket.replace("a", b"second", None)
    assert caught.value.details == {"key": "a"}
    assert fetched(bucket, "a") == Fetched(b"first", etag)


def test_only_the_object_that_was_seen_is_replaced(bucket: Bucket):
    first = bucket.replace("a", b"first", None)
    second = bucket.replace("a", b"second", first)
    for stale in (first, '"00000000000000000000000000000000"'):
        with pytest.raises(Conflict) as caught:
            bucket.replace("a", b"third", stale)
        assert caught.value.details == {"key": "a"}
    assert fetched(bucket, "a") == Fetched(b"second", second)


def test_what_is_gone_is_not_replaced(bucket: Bucket):
    etag = bucket.replace("a", b"first", None)
    bucket.delete("a")
    bucket.delete("a")
    with pytest.raises(Conflict):
        bucket.replace("a", b"second", etag)
    with pytest.raises(NotFound):
        bucket.fetch("a")
    bucket.replace("a", b"third", None)
    assert fetched(bucket, "a").body == b"third"


def test_a_plain_write_asks_for_nothing(bucket: Bucket):
    bucket.put("a/1", b"first")
    bucket.put("a/1", b"second")
    bucket.put("a/2", b"")
    assert fetched(bucket, "a/1").body == b"second"
    assert list(bucket.keys("a/")) == ["a/1", "a/2"]


@pytest.mark.parametrize("key", ["", "../a", "a/../b", "a\0b", "a" * 2000, "a//b", "/a"], ids=lambda key: repr(key[:9]))
def test_what_is_no_key_is_refused_everywhere(bucket: Bucket, key: str):
    for use in (
        lambda: bucket.fetch(key),
        lambda: bucket.replace(key, b"x", None),
        lambda: bucket.replace(key, b"x", '"0"'),
        lambda: bucket.put(key, b"x"),
        lambda: bucket.delete(key),
    ):
        with pytest.raises(BadField):
            use()
    assert list(bucket.keys("")) == []


def test_of_many_writers_one_wins_each_round(bucket: Bucket):
    etag = bucket.replace("a", b"", None)
    start = Barrier(6)

    def write(number: int, seen: str) -> tuple[int, str] | None:
        start.wait()
        try:
            return number, bucket.replace("a", b"%d" % number * 1000, seen)
        except Conflict:
            return None

    with ThreadPoolExecutor(6) as pool:
        for turn in range(5):
            numbers = range(turn * 6 + 1, turn * 6 + 7)
            winners = [won for won in pool.map(write, numbers, [etag] * 6) if won]
            assert len(winners) == 1
            number, etag = winners[0]
            assert fetched(bucket, "a") == Fetched(b"%d" % number * 1000, etag)


# What a listing tells beside keys: not asked of a Bucket, but of those that are metered


def test_a_listing_tells_sizes_and_when_they_were_written(bucket: Bucket):
    assert isinstance(bucket, MemoryBucket | Objects | Prefixed)
    began = datetime.now(UTC) - timedelta(seconds=2)  # a store may round down to the second
    for key, body in (("a/2", b"xx"), ("a/1", b""), ("ab", b"no"), ("a/3/4", bytes(70_000))):
        bucket.put(key, body)
    listed = list(bucket.sizes("a/"))
    assert [(one.key, one.size_bytes) for one in listed] == [("a/1", 0), ("a/2", 2), ("a/3/4", 70_000)]
    assert all(began <= one.modified <= datetime.now(UTC) + timedelta(seconds=2) for one in listed)
    assert [one.key for one in bucket.sizes("")] == list(bucket.keys(""))
    assert list(bucket.sizes("b/")) == []
    bucket.delete("a/2")
    bucket.put("a/1", b"more")
    assert [(one.key, one.size_bytes) for one in bucket.sizes("a/")] == [("a/1", 4), ("a/3/4", 70_000)]


@pytest.mark.parametrize("prefix", ["../a", "/a", "a\0b"], ids=repr)
def test_a_prefix_that_begins_no_key_is_refused(bucket: Bucket, prefix: str):
    assert isinstance(bucket, MemoryBucket | Objects | Prefixed)
    with pytest.raises(BadField):
        list(bucket.sizes(prefix))
