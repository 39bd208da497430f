"""The S3 store: uploads, readers, addresses, and what it says when the store fails in each of its ways."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from reel import keys
from reel.errors import (
    AlreadyExists,
    AnswerLost,
    BadField,
    Conflict,
    NotFound,
    ReelError,
    StorageFull,
    StoreUnavailable,
)
from storage.objects import Endpoint, Objects, Part
from tests.local.signed import send
from tests.storage.answering import Said, answering
from tests.storage.stores import S3_KINDS, Stores, emptied

MIB = 2**20
FULL, TAIL = b"f" * (5 * MIB), b"tail"
USER = "dev-local"
UPLOAD = keys.temp_upload(USER, keys.uuid_of("0" * 64))


@pytest.fixture(params=[kind for kind in S3_KINDS if kind != "r2"])
def objects(request: pytest.FixtureRequest, stores: Stores) -> Objects:
    opened = stores.objects(request.param)
    emptied(opened)
    return opened


def begun(objects: Objects, *bodies: bytes, key: str = UPLOAD) -> str:
    upload = objects.begin_upload(key, "video/mp4")
    for number, body in enumerate(bodies, 1):
        assert send("PUT", objects.presign_part(key, upload, number, len(body), 60), body=body).status == 200
    return upload


# Uploads


def test_parts_become_an_object(objects: Objects):
    upload = begun(objects, FULL, FULL, TAIL)
    parts = objects.parts(UPLOAD, upload)
    assert [(part.number, part.size_bytes) for part in parts] == [(1, len(FULL)), (2, len(FULL)), (3, 4)]
    assert not objects.exists(UPLOAD)
    etag = objects.complete_upload(UPLOAD, upload, parts)
    head = objects.head(UPLOAD)
    assert (head.size_bytes, head.etag, head.content_type) == (len(FULL) * 2 + 4, etag, "video/mp4")
    assert objects.read_range(UPLOAD, len(FULL) * 2 - 1, len(FULL) * 2 + 2) == b"fta"
    assert list(objects.uploads("")) == []


def test_an_upload_that_is_gone_is_said(objects: Objects):
    upload = begun(objects, TAIL)
    parts = objects.parts(UPLOAD, upload)
    etag = objects.complete_upload(UPLOAD, upload, parts)
    with pytest.raises(NotFound) as caught:
        objects.parts(UPLOAD, upload)
    assert caught.value.details == {"key": UPLOAD}
    with suppress(NotFound):  # R2's answer, and ours; S3 remembers what it said
        assert objects.complete_upload(UPLOAD, upload, parts) == etag
    objects.abort_upload(UPLOAD, upload)  # fine, and no harm done
    assert objects.read(UPLOAD) == TAIL


def test_a_completion_never_replaces_what_is_there_if_it_must_not(objects: Objects):
    objects.put(UPLOAD, b"there")
    upload = begun(objects, TAIL)
    parts = objects.parts(UPLOAD, upload)
    with pytest.raises(AlreadyExists) as caught:
        objects.complete_upload(UPLOAD, upload, parts, create_only=True)
    assert caught.value.details == {"key": UPLOAD}
    assert objects.read(UPLOAD) == b"there"
    objects.delete(UPLOAD)
    objects.complete_upload(UPLOAD, upload, parts, create_only=True)
    assert objects.read(UPLOAD) == TAIL


def test_open_uploads_are_listed_and_given_up(objects: Objects):
    first, second = begun(objects, TAIL), begun(objects, key=keys.temp_upload("other", keys.uuid_of("1" * 64)))
    listed = list(objects.uploads(keys.uploads_prefix(USER)))
    assert [(upload.key, upload.id) for upload in listed] == [(UPLOAD, first)]
    assert listed[0].begun.utcoffset() is not None
    assert {upload.id for upload in objects.uploads("")} == {first, second}
    objects.abort_upload(UPLOAD, first)
    assert [upload.id for upload in objects.uploads("")] == [second]


def test_no_parts_make_no_object(objects: Objects):
    upload = begun(objects)
    assert objects.parts(UPLOAD, upload) == []
    with pytest.raises(BadField):
        objects.complete_upload(UPLOAD, upload, [])
    with pytest.raises(BadField):
        objects.complete_upload(UPLOAD, upload, [Part(1, 4, '"0"')])


@pytest.mark.parametrize("create_only", [False, True])
def test_a_large_file_goes_in_parts(objects: Objects, tmp_path: Path, create_only: bool):
    body = Random(1).randbytes(MIB) * 65 + b"odd"
    scratch = tmp_path / "scratch"
    scratch.write_bytes(body)
    objects.put_file("a", scratch, create_only=create_only)
    assert not scratch.exists()
    assert objects.head("a").etag.strip('"').endswith("-5")  # 16 MiB each
    with objects.open("a") as reader:
        assert reader.read() == body
    scratch.write_bytes(body)
    if create_only:
        with pytest.raises(AlreadyExists):
            objects.put_file("a", scratch, create_only=True)
        assert scratch.exists()
    assert list(objects.uploads("")) == []


def test_everything_below_a_prefix_is_cleared(objects: Objects):
    for key in ("user/1", "user/2/3", "user-2/1", "other"):
        objects.put(key, b"")
    begun(objects, TAIL, key="user/temp/uploads/x")
    for prefix in ("user", "", "us"):
        with pytest.raises(BadField):
            objects.clear(prefix)
    assert objects.clear("user/") == 2
    assert list(objects.keys("")) == ["other", "user-2/1"]
    assert list(objects.uploads("")) == []
    assert objects.clear("user/") == 0


def test_a_proxy_that_the_machine_is_set_to_is_not_asked_for_the_machine_itself(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    endpoint = stores.endpoint("embedded")
    opened = Objects(endpoint)
    opened.put("a", b"here")
    assert opened.read("a") == b"here"
    opened.close()


# Readers


def test_a_reader_is_the_file(objects: Objects):
    body = Random(2).randbytes(20 * MIB + 7)
    objects.put("a", body)
    known, places = BytesIO(body), Random(3)
    with objects.open("a") as reader:
        for _ in range(60):
            whence = places.choice([os.SEEK_SET, os.SEEK_SET, os.SEEK_CUR, os.SEEK_END])
            offset = places.randrange(len(body) + 100) if whence == os.SEEK_SET else -places.randrange(5)
            if whence == os.SEEK_CUR and known.tell() + offset < 0:
                continue
            assert reader.seek(offset, whence) == known.seek(offset, whence)
            count = places.choice([0, 1, 100, 9 * MIB])
            assert reader.read(count) == known.read(count)
            assert reader.tell() == known.tell()
        with pytest.raises(ValueError, match="no place"):
            reader.seek(-1)


def test_an_object_that_changes_under_a_reader_is_no_mixture(objects: Objects):
    objects.put("a", b"1" * (40 * MIB))
    with objects.open("a") as reader:
        assert reader.read(3) == b"111"
        objects.put("a", b"2" * (40 * MIB))
        reader.seek(30 * MIB)
        with pytest.raises(StoreUnavailable, match="replaced"):
            reader.read(3)
        objects.delete("a")
        reader.seek(35 * MIB)
        with pytest.raises(StoreUnavailable):
            reader.read(3)


def test_ranges(objects: Objects):
    objects.put("a", b"0123456789")
    assert objects.read_range("a", 2, 5) == b"234"
    assert objects.read_range("a", 8, 99) == b"89"
    assert objects.read_range("a", 10, 20) == b""
    assert objects.read_range("a", 3, 3) == b""
    for start, stop in ((-1, 3), (5, 4)):
        with pytest.raises(BadField):
            objects.read_range("a", start, stop)
    with pytest.raises(NotFound):
        objects.read_range("b", 0, 1)
    objects.put("empty", b"")
    with objects.open("empty") as reader:
        assert reader.read() == b""


# Addresses


def test_a_browser_gets_the_object_as_it_was_pinned(objects: Objects):
    key = keys.final_video(USER, keys.uuid_of("0" * 64), 1)
    objects.put(key, b"reel")
    saved = send("GET", objects.presign_get(key, 60, filename='Zoë "9"\r\n; x/y.mp4', content_type="video/mp4"))
    assert (saved.status, saved.body, saved.headers["content-type"]) == (200, b"reel", "video/mp4")
    assert saved.headers["content-disposition"] == (
        "attachment; filename=\"Zo_ _9____ x_y.mp4\"; filename*=UTF-8''Zo%C3%AB%20%229%22%0D%0A%3B%20x%2Fy.mp4"
    )
    played = send("GET", objects.presign_get(key, 60, filename=None, content_type="video/mp4"))
    assert played.headers["content-disposition"] == "inline"


def test_no_address_is_made_for_what_is_never_given_out(objects: Objects):
    digest = "0" * 64
    never = [
        *(keys.database(USER), keys.history(USER, 3), keys.active(keys.uuid_of(digest)), keys.session(digest)),
        *(keys.share(digest), keys.ledger(USER, 1), "database.sqlite", USER, f"{USER}/history/x/y"),
        *("", "../a", f"{USER}/../other/database.sqlite", f"{USER}//database.sqlite"),
    ]
    for key in never:
        with pytest.raises(BadField):
            objects.presign_get(key, 60, filename=None, content_type="video/mp4")
        with pytest.raises(BadField):
            objects.presign_part(key, "upload", 1, 5, 60)
    for key in (keys.segment(USER, digest), f"{USER}/historyless", f"{USER}/x/database.sqlite"):
        assert objects.presign_get(key, 60, filename=None, content_type="video/mp4").startswith("http://127.0.0.1")


@pytest.mark.parametrize("life_s", [0, -1, 7 * 24 * 3600 + 1, 1.5, True])
def test_an_address_has_a_life(objects: Objects, life_s: int):
    with pytest.raises(BadField):
        objects.presign_get(f"{USER}/a", life_s, filename=None, content_type="video/mp4")


def test_the_secret_is_not_shown():
    shown = repr(Endpoint("http://127.0.0.1:1", "bucket", "name", "secret"))
    assert "name" in shown
    assert "secret" not in shown.replace("secret_access_key", "")


# A store that fails

NOTHING_WAS_DONE = [
    Said(429, "TooManyRequests"),
    Said(503, "SlowDown"),
    Said(503, "ServiceUnavailable"),
    Said(403, "AccessDenied"),
    Said(403, "SignatureDoesNotMatch"),
    Said(404, "NoSuchBucket"),
    Said(400, "RequestTimeout"),
    Said(501, "NotImplemented"),
]
NOBODY_KNOWS = [
    Said(None),
    Said(500, "InternalError"),
    Said(500),
    Said(502),
    Said(503),
    Said(504),
    Said(504, "GatewayTimeout"),
]


@pytest.fixture(params=[None, '"e"'], ids=["create", "replace"])
def etag(request: pytest.FixtureRequest) -> Iterator[str | None]:
    return request.param


@pytest.mark.parametrize("said", NOTHING_WAS_DONE, ids=str)
def test_a_refusal_is_told_from_a_loss(said: Said, etag: str | None):
    with answering(said) as (objects, wire):
        with pytest.raises(StoreUnavailable) as caught:
            objects.replace("a", b"x", etag)
        assert said.code in caught.value.message
        assert wire.asked == ["PUT"]


@pytest.mark.parametrize("said", NOBODY_KNOWS, ids=str)
def test_a_lost_answer_is_said_and_the_write_never_done_twice(said: Said, etag: str | None):
    with answering(said) as (objects, wire):
        with pytest.raises(AnswerLost) as caught:
            objects.replace("a", b"x", etag)
        assert caught.value.details == {"key": "a"}
        assert wire.asked == ["PUT"]


@pytest.mark.parametrize("said", [Said(412, "PreconditionFailed"), Said(409, "ConditionalRequestConflict")], ids=str)
def test_a_condition_that_fails_is_a_conflict(said: Said, etag: str | None):
    with answering(said) as (objects, wire), pytest.raises(AlreadyExists if etag is None else Conflict):
        objects.replace("a", b"x", etag)
    assert wire.asked == ["PUT"]


@pytest.mark.parametrize("said", [*NOBODY_KNOWS, Said(200, "InternalError")], ids=str)
def test_a_completion_is_never_asked_for_twice(said: Said):
    with answering(said) as (objects, wire):
        with pytest.raises(AnswerLost):
            objects.complete_upload("a", "upload", [Part(1, 1, '"e"')], create_only=True)
        assert wire.asked == ["POST"]


def test_a_full_disk_is_said():
    with answering(Said(507, "InsufficientStorage")) as (objects, wire), pytest.raises(StorageFull):
        objects.replace("a", b"x", None)
    assert wire.asked == ["PUT"]


@pytest.mark.parametrize(
    "said", [*NOBODY_KNOWS, Said(503, "SlowDown"), Said(200, body=b"cut", claims_bytes=100)], ids=str
)
def test_a_fetch_that_fails_can_be_repeated(said: Said):
    with answering(said) as (objects, wire):
        with pytest.raises(StoreUnavailable):
            objects.fetch("a")
        assert wire.asked == ["GET"]


@pytest.mark.parametrize(
    "once",
    [Said(None), Said(500, "InternalError"), Said(503, "SlowDown"), Said(200, body=b"cut", claims_bytes=100)],
    ids=str,
)
def test_a_read_is_tried_again(once: Said):
    with answering(once, Said(200, body=b"whole")) as (objects, wire):
        assert objects.read("a") == b"whole"
        assert wire.asked == ["GET", "GET"]


def test_a_store_that_stays_away_is_not_asked_for_ever():
    with answering(Said(200, body=b"cut", claims_bytes=100)) as (objects, wire):
        with pytest.raises(StoreUnavailable):
            objects.read("a")
        assert wire.asked == ["GET"] * 3


def test_every_fault_is_one_of_ours():
    for status in (301, 400, 413, 418, 599):
        with answering(Said(status, "Strange")) as (objects, wire), pytest.raises(ReelError):
            objects.replace("a", b"x", None)
        assert wire.asked == ["PUT"]


def test_the_next_key_is_found_without_those_between(objects: Objects):
    assert objects.following("") is None
    for key in ("_sessions/1.json", "a/1", "a/2", "ab/1", "b/1"):
        objects.put(key, b"x")
    assert [objects.following(key) for key in ("", "_sessions0", "a/1", "a0", "b", "b/1")] == [
        "_sessions/1.json",
        "a/1",
        "a/2",
        "ab/1",
        "b/1",
        None,
    ]
