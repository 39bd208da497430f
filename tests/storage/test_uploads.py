import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reel import keys
from reel.errors import (
    AlreadyExists,
    AnswerLost,
    BadField,
    Json,
    NotFound,
    ReelError,
    SourceEmpty,
    SourceTooBig,
    StoreUnavailable,
)
from storage import clips, games, removals, sources, upload_rows, uploads
from storage.memory import MemoryBucket
from storage.objects import Objects, Part
from storage.operations import Operation
from storage.schema import MIGRATIONS
from storage.uploads import Begun, Uploads, Wanted, part_bytes
from storage.userdb import Manner, UserDatabases
from tests.reel.edits import uuid
from tests.storage.stores import Stores, emptied
from tests.storage.tables import NOW, USER, game, opened, provisional

T = TypeVar("T")

PART = 5 * 2**20  # the least that S3 takes
BODY = bytes(range(256)) * (PART // 256) + b"the end"
WANTED = Wanted(uuid(10), uuid(1), 1, "First half.MP4", len(BODY), "ab" * 32, "video/mp4")
MUCH_LATER = "2036-05-17T10:00:00Z"


class OneUser:
    """A user's database as an upload takes it; each write is an operation of its own, or all the one of `repeated`."""

    def __init__(self, databases: UserDatabases) -> None:
        self._databases = databases
        self._numbers = count()
        self.repeated: str | None = None

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        return self._databases.read(USER, query)

    def write(self, command: Callable[[sqlite3.Connection], Json]) -> Json:
        name = self.repeated or f"operation-{next(self._numbers)}"
        return self._databases.write(USER, Operation(name, "", "POST /api/uploads"), command)


class Blind:
    """A user's database that in its first read has seen nothing of what others did just then, or long before."""

    def __init__(self, inner: OneUser, meanwhile: Callable[[], object] = lambda: None) -> None:
        self._inner, self._meanwhile, self._seen = inner, meanwhile, False

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        if self._seen:
            return self._inner.read(query)
        self._seen = True
        with closing(opened()) as before:
            game(before)
            found = query(before)
        self._meanwhile()
        return found

    def write(self, command: Callable[[sqlite3.Connection], Json]) -> Json:
        return self._inner.write(command)


class Unlucky(Objects):
    """The same store, but what becomes of a request to join the parts is for the test to say."""

    def __init__(self, inner: Objects, fault: str, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.__dict__.update(vars(inner))
        self._fault, self._meanwhile = fault, meanwhile

    def complete_upload(self, key: str, upload: str, parts: Sequence[Part], *, create_only: bool = False) -> str:
        if self._fault == "refused":
            raise StoreUnavailable(key=key)
        if self._fault == "applied":
            super().complete_upload(key, upload, parts, create_only=create_only)
            self._meanwhile()
        raise AnswerLost(key=key)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "LEAST_PART_BYTES", PART)


@pytest.fixture
def objects(stores: Stores) -> Objects:
    found = stores.objects("embedded")
    emptied(found)
    return found


@pytest.fixture
def database(tmp_path: Path) -> OneUser:
    one = OneUser(UserDatabases(MemoryBucket(), MIGRATIONS, tmp_path / "copies", Manner(pace_s=0.0)))
    one.write(game)
    return one


@pytest.fixture
def desk(database: OneUser, objects: Objects) -> Uploads:
    return Uploads(USER, database, objects)


def nothing(_: sqlite3.Connection, __: sources.Source) -> None:
    """Do nothing else when a file has arrived."""


def pieces(body: bytes = BODY) -> Iterator[tuple[int, bytes]]:
    for number, first in enumerate(range(0, len(body), PART), 1):
        yield number, body[first : first + PART]


def send(desk: Uploads, upload_id: str, numbers: Sequence[int]) -> None:
    body = dict(pieces())
    for part in desk.part_urls(upload_id, numbers, NOW):
        assert part.size_bytes == len(body[part.number])
        with urlopen(Request(part.url, body[part.number], method="PUT")) as answer:
            assert answer.status == 200


def begun(desk: Uploads, wanted: Wanted = WANTED) -> Begun:
    found = desk.begin(wanted, NOW)
    assert found.upload is not None
    return found


def source_of(desk: Uploads, source_id: str = WANTED.id) -> sources.Source:
    return desk.database.read(lambda connection: sources.get(connection, source_id))


def test_a_file_comes_in_parts_and_is_then_a_source(desk: Uploads, objects: Objects):
    found = begun(desk)
    assert found.upload is not None
    assert (found.how, found.upload.part_bytes, found.upload.part_count) == ("new", PART, 2)
    assert source_of(desk).state == "uploading"
    send(desk, WANTED.id, [1, 2])
    assert desk.state(WANTED.id).arrived_bytes == len(BODY)
    told: list[str] = []
    source = desk.complete(WANTED.id, NOW, lambda _, arrived: told.append(arrived.id))
    assert (source.state, source.size_bytes, source.ext, told) == ("ingesting", len(BODY), "mp4", [WANTED.id])
    assert objects.read(sources.ref(source, USER).key) == BODY
    assert desk.database.read(upload_rows.page).items == ()


def test_it_goes_on_after_a_cut_with_what_the_store_has(desk: Uploads):
    begun(desk)
    send(desk, WANTED.id, [1])
    again = desk.begin(replace(WANTED, id=uuid(11), game_id=uuid(1), name="renamed.mov"), NOW)
    assert (again.how, again.source_id) == ("resumed", WANTED.id)
    state = desk.state(WANTED.id)
    assert (state.parts, state.arrived_bytes) == ((1,), PART)
    with pytest.raises(BadField) as raised:
        desk.complete(WANTED.id, NOW, nothing)
    assert raised.value.details["missing"] == [2]
    send(desk, WANTED.id, [2])
    assert desk.complete(WANTED.id, NOW, nothing).state == "ingesting"


def test_the_same_file_is_sent_once_and_only_within_a_user(desk: Uploads, objects: Objects):
    begun(desk)
    send(desk, WANTED.id, [1, 2])
    desk.complete(WANTED.id, NOW, nothing)
    again = desk.begin(replace(WANTED, id=uuid(11), part=2), NOW)
    assert again == Begun("already", WANTED.id, WANTED.game_id, None)
    assert desk.begin(replace(WANTED, id=uuid(12), part=2, size_bytes=len(BODY) - 1), NOW).how == "new"
    assert len(list(objects.uploads(f"{USER}/"))) == 1


def test_a_part_is_as_long_as_it_was_signed_for(desk: Uploads):
    begun(desk)
    (last,) = desk.part_urls(WANTED.id, [2], NOW)
    assert last.size_bytes == len(b"the end")
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(last.url, b"the very end", method="PUT"))
    refused.value.close()
    assert desk.state(WANTED.id).parts == ()


@pytest.mark.parametrize("numbers", [[0], [3], [1] * 21, ["1"], [True], [2**70]])
def test_only_parts_that_there_are_get_an_address(desk: Uploads, numbers: list[int]):
    begun(desk)
    with pytest.raises(BadField):
        desk.part_urls(WANTED.id, numbers, NOW)


@pytest.mark.parametrize("fault", ["applied", "lost"])
def test_completing_again_is_fine_whatever_answer_was_lost(desk: Uploads, objects: Objects, fault: str):
    begun(desk)
    send(desk, WANTED.id, [1, 2])
    unlucky = replace(desk, store=Unlucky(objects, fault))
    if fault == "lost":
        with pytest.raises(AnswerLost):
            unlucky.complete(WANTED.id, NOW, nothing)
        assert source_of(desk).state == "uploading"
    else:
        unlucky.complete(WANTED.id, NOW, nothing)
    first = desk.complete(WANTED.id, NOW, nothing)
    assert desk.complete(WANTED.id, NOW, nothing) == first
    assert first.state == "ingesting"


def test_a_crash_between_the_store_and_the_database_is_made_good(desk: Uploads, objects: Objects):
    upload = begun(desk).upload
    assert upload is not None
    send(desk, WANTED.id, [1, 2])
    objects.complete_upload(upload.key, upload.multipart, objects.parts(upload.key, upload.multipart))
    state = desk.state(WANTED.id)
    assert (state.parts, state.arrived_bytes) == ((1, 2), len(BODY))
    assert desk.begin(replace(WANTED, id=uuid(11)), NOW).how == "resumed"
    assert desk.complete(WANTED.id, NOW, nothing).state == "ingesting"


def test_a_store_that_is_away_changes_nothing(desk: Uploads, objects: Objects):
    begun(desk)
    send(desk, WANTED.id, [1, 2])
    with pytest.raises(StoreUnavailable):
        replace(desk, store=Unlucky(objects, "refused")).complete(WANTED.id, NOW, nothing)
    assert source_of(desk).state == "uploading"
    assert desk.complete(WANTED.id, NOW, nothing).state == "ingesting"


def test_a_lost_answer_to_begin_begins_nothing_twice(desk: Uploads, database: OneUser, objects: Objects):
    database.repeated = "the-same"
    first = begun(desk)
    again = replace(desk, database=Blind(database)).begin(WANTED, NOW)
    assert (again.source_id, again.upload) == (first.source_id, first.upload)
    assert len(list(objects.uploads(f"{USER}/"))) == 1


def test_two_tabs_that_begin_at_once_share_one_upload(desk: Uploads, database: OneUser, objects: Objects):
    late = replace(desk, database=Blind(database, lambda: begun(desk))).begin(replace(WANTED, id=uuid(11)), NOW)
    assert (late.how, late.source_id) == ("resumed", WANTED.id)
    assert len(list(objects.uploads(f"{USER}/"))) == 1


def test_an_upload_that_its_store_gave_up_is_begun_anew(desk: Uploads, objects: Objects):
    first = begun(desk).upload
    assert first is not None
    objects.abort_upload(first.key, first.multipart)
    assert desk.state(WANTED.id).parts == ()
    with pytest.raises(NotFound):
        desk.complete(WANTED.id, NOW, nothing)
    again = desk.begin(WANTED, NOW)
    assert again.how == "resumed"
    assert again.upload is not None
    assert again.upload.multipart != first.multipart
    send(desk, WANTED.id, [1, 2])
    assert desk.complete(WANTED.id, NOW, nothing).state == "ingesting"


def test_giving_up_keeps_what_was_marked_for_another_file(desk: Uploads, objects: Objects):
    upload = begun(desk).upload
    assert upload is not None
    send(desk, WANTED.id, [1])

    def mark(connection: sqlite3.Connection) -> Json:
        clips.add(connection, provisional(20, WANTED.id), NOW)
        return None

    desk.database.write(mark)
    desk.abort(WANTED.id, NOW)
    assert list(objects.uploads(f"{USER}/")) == []
    assert source_of(desk).state == "expected"
    assert desk.database.read(removals.waiting) == (upload.key,)
    with pytest.raises(NotFound):
        desk.abort(WANTED.id, NOW)
    with pytest.raises(NotFound):
        desk.part_urls(WANTED.id, [1], NOW)
    another = desk.begin(replace(WANTED, id=uuid(11), fingerprint="cd" * 32), NOW)
    assert another.how == "new"
    assert another.upload is not None
    assert another.upload.key != upload.key
    kept = desk.database.read(lambda connection: clips.get(connection, uuid(20)))
    assert kept.clip.source_id == uuid(11)


def test_giving_up_while_the_parts_are_joined_leaves_no_bytes(desk: Uploads, objects: Objects):
    begun(desk)
    send(desk, WANTED.id, [1, 2])
    joining = replace(desk, store=Unlucky(objects, "applied", lambda: desk.abort(WANTED.id, NOW)))
    with pytest.raises(NotFound):
        joining.complete(WANTED.id, NOW, nothing)
    assert list(objects.keys(f"{USER}/")) == []
    assert source_of(desk).state == "expected"


def test_giving_up_what_is_complete_changes_nothing(desk: Uploads, objects: Objects):
    begun(desk)
    send(desk, WANTED.id, [1, 2])
    source = desk.complete(WANTED.id, NOW, nothing)
    desk.abort(WANTED.id, NOW)
    assert source_of(desk) == source
    assert objects.read(sources.ref(source, USER).key) == BODY
    with pytest.raises(NotFound):
        desk.part_urls(WANTED.id, [1], NOW)


def test_the_sweep_gives_up_what_nobody_went_on_with(desk: Uploads, objects: Objects):
    begun(desk)
    arrived = replace(WANTED, id=uuid(11), part=2, fingerprint="cd" * 32)
    whole = begun(desk, arrived).upload
    assert whole is not None
    send(desk, arrived.id, [1, 2])
    objects.complete_upload(whole.key, whole.multipart, objects.parts(whole.key, whole.multipart))
    orphan = keys.original(USER, WANTED.game_id, uuid(12), "mp4")
    objects.begin_upload(orphan, "video/mp4")
    foreign = objects.begin_upload(keys.original(f"{USER}-2", WANTED.game_id, uuid(12), "mp4"), "video/mp4")

    assert desk.sweep(NOW, nothing) == 0
    assert desk.sweep("2026-05-19T09:59:59Z", nothing) == 0
    assert source_of(desk).state == "uploading"
    assert desk.sweep(MUCH_LATER, nothing) == 3
    assert [upload.id for upload in objects.uploads("")] == [foreign]
    assert (source_of(desk).state, source_of(desk, arrived.id).state) == ("expected", "ingesting")
    assert desk.sweep(MUCH_LATER, nothing) == 0


def test_who_goes_on_slowly_is_not_swept(desk: Uploads):
    begun(desk)
    at = datetime.fromisoformat(NOW)
    for hours in range(0, 100, 20):
        now = (at + timedelta(hours=hours)).astimezone(UTC).isoformat().replace("+00:00", "Z")
        desk.part_urls(WANTED.id, [1], now)
        assert desk.sweep(now, nothing) == 0
    assert source_of(desk).state == "uploading"


def test_a_deleted_game_takes_its_uploads_along(desk: Uploads, objects: Objects):
    begun(desk)
    send(desk, WANTED.id, [1])

    def remove(connection: sqlite3.Connection) -> Json:
        games.remove(connection, WANTED.game_id, USER, NOW)
        return None

    desk.database.write(remove)
    for call in (
        lambda: desk.state(WANTED.id),
        lambda: desk.complete(WANTED.id, NOW, nothing),
        lambda: desk.part_urls(WANTED.id, [2], NOW),
        lambda: desk.begin(replace(WANTED, id=uuid(11)), NOW),
    ):
        with pytest.raises(NotFound):
            call()
    removals.carry_out(objects, desk.database.read(removals.waiting))
    assert list(objects.uploads("")) == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"id": "10"}, BadField),
        ({"id": "../10"}, BadField),
        ({"game_id": uuid(99)}, NotFound),
        ({"part": 9}, BadField),
        ({"name": "half"}, BadField),
        ({"name": "half.exe"}, BadField),
        ({"name": "a\0.mp4"}, BadField),
        ({"name": "n" * 252 + ".mp4"}, BadField),
        ({"size_bytes": 0}, SourceEmpty),
        ({"size_bytes": -1}, BadField),
        ({"size_bytes": 20 * 10**9 + 1}, SourceTooBig),
        ({"fingerprint": "AB" * 32}, BadField),
    ],
)
def test_what_is_wrong_with_a_file_is_said_before_anything_is_begun(
    desk: Uploads, objects: Objects, change: dict[str, Any], error: type[ReelError]
):
    with pytest.raises(error):
        desk.begin(replace(WANTED, **change), NOW)
    assert list(objects.uploads("")) == []


def test_a_part_of_a_game_comes_once(desk: Uploads, objects: Objects):
    begun(desk)
    with pytest.raises(AlreadyExists):
        desk.begin(replace(WANTED, id=uuid(11), fingerprint="cd" * 32), NOW)
    with pytest.raises(AlreadyExists):
        desk.begin(replace(WANTED, part=2, fingerprint="cd" * 32), NOW)
    assert len(list(objects.uploads(""))) == 1


@given(st.integers(1, 20 * 10**9))
def test_parts_are_few_equal_and_not_small(size: int):
    length = part_bytes(size)
    assert length % 2**20 == 0
    assert -(-size // length) <= 9_000
    upload = upload_rows.Upload("", "", 1, "", size, "", "", "", "", length, "", "")
    assert sum(upload.piece_bytes(number) for number in range(1, min(upload.part_count, 3) + 1)) == min(
        size, 3 * length
    )
    assert 1 <= upload.piece_bytes(upload.part_count) <= length
