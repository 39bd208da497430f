"""Deleting an account: all that is a user's goes, whatever dies on the way, and nobody else's."""

import json
from pathlib import Path

import pytest

from reel import keys
from reel.errors import NotFound, StoreUnavailable
from storage import jobs, reels
from storage.clock import Clock
from storage.endpoint import Endpoint
from storage.leaving import is_leaving, leave, see_to_leaving
from storage.logins import Logins, code_of
from storage.objects import Objects
from storage.operations import Operation
from storage.schema import MIGRATIONS
from storage.sessions import Sessions
from storage.settle import settle
from storage.shares import Share
from storage.shares import add as add_share
from storage.userdb import Manner, UserDatabases
from tests.reel.edits import clip, uuid
from tests.storage.ended import done, framing_spec, overlaid, overlay_spec
from tests.storage.stores import Stores
from tests.storage.tables import project

LENA, MIA = "lena", "lena-2"
NOW, AFTER_A_DAY, AFTER_THREE = "2026-05-17T10:00:00Z", "2026-05-18T10:00:00Z", "2026-05-20T10:00:00Z"
TOKEN = "5e" * 32


class Account:
    """A user with something of everything, in an embedded store."""

    def __init__(self, objects: Objects, cache: Path, user: str) -> None:
        self.objects, self.user = objects, user
        self.databases = UserDatabases(objects, MIGRATIONS, cache, Manner(pace_s=0))
        self.sessions = Sessions(objects, Clock())
        self.cancelled: list[str] = []

    def fill(self) -> None:
        self.databases.write(self.user, Operation("fill", "", "POST /api/x"), self._rows)
        self.tokens = [self.sessions.begin(self.user, name) for name in ("phone", "laptop")]
        self.code = code_of(self.user.encode() * 9)
        Logins(self.objects, Clock()).set_code(self.user, self.code)
        for key in (
            keys.share(self.share),
            keys.active(uuid(1)),
            keys.original(self.user, uuid(1), uuid(2), "mp4"),
            keys.final_video(self.user, uuid(50), 1),
            keys.history(self.user, 1),
            keys.ledger(self.user, 1),
        ):
            self.objects.put(key, b"x")
        self.upload = self.objects.begin_upload(keys.original(self.user, uuid(1), uuid(3), "mp4"), "video/mp4")

    @property
    def share(self) -> str:
        return TOKEN if self.user == LENA else TOKEN[::-1]

    def _rows(self, connection):
        project(connection, 40, clip(900))
        jobs.add(connection, overlay_spec(5, uuid(40), uuid(50), 1), NOW)
        settle(connection, done(5, overlaid()), NOW)
        assert reels.get(connection, uuid(50))
        add_share(connection, Share(uuid(60), uuid(50), self.share, "Mia", True, NOW, AFTER_THREE))
        jobs.add(connection, framing_spec(1, uuid(40)), NOW)

    def leave(self, objects: Objects | None = None) -> None:
        leave(self.databases, objects or self.objects, self.user, NOW, self.cancelled.append)

    def left(self) -> set[str]:
        return {key for key in self.objects.keys("") if key != keys.leaving(self.user)}


@pytest.fixture
def account(objects: Objects, tmp_path: Path) -> Account:
    filled = Account(objects, tmp_path / "cache", LENA)
    filled.fill()
    return filled


def test_nothing_of_theirs_is_left(account: Account):
    assert len(account.left()) > 10
    account.leave()
    assert account.left() == set()
    assert list(account.objects.uploads("")) == []
    assert account.cancelled == [uuid(1)]
    assert is_leaving(account.objects, LENA)
    assert not is_leaving(account.objects, MIA)


def test_their_devices_and_their_code_open_nothing_any_more(account: Account, objects: Objects):
    account.leave()
    assert all(Sessions(objects, Clock()).of(token) is None for token in account.tokens)
    assert account.databases.read(LENA, lambda connection: jobs.page(connection).items) == ()
    assert not objects.exists(keys.recovery(LENA))


def test_nobody_else_loses_anything(account: Account, objects: Objects, tmp_path: Path):
    before = account.left()
    other = Account(objects, tmp_path / "other", MIA)
    other.fill()
    others = account.left() - before
    objects.put(keys.active(uuid(1)), b"x")
    account.leave()
    assert account.left() == others - {keys.active(uuid(1))}
    assert other.sessions.of(other.tokens[0]) is not None


def test_what_comes_late_goes_too_and_then_it_is_over(account: Account, objects: Objects):
    account.leave()
    late = keys.working_video(LENA, uuid(40), uuid(1))
    objects.put(late, b"a worker has not heard of it")
    assert see_to_leaving(account.databases, objects, AFTER_A_DAY) == 1
    assert account.left() == set()
    objects.put(late, b"and one that had slept for days")
    assert see_to_leaving(account.databases, objects, AFTER_THREE) == 1
    assert account.left() == set()
    assert see_to_leaving(account.databases, objects, AFTER_THREE) == 0
    assert list(objects.keys("")) == []


def test_asking_again_does_not_begin_it_again(account: Account, objects: Objects):
    account.leave()
    leave(account.databases, objects, LENA, AFTER_A_DAY, account.cancelled.append)
    assert json.loads(objects.read(keys.leaving(LENA))) == {"asked_at": NOW}


def test_a_job_that_nobody_knows_stops_nothing(account: Account, objects: Objects):
    def gone(job: str) -> None:
        raise NotFound(job=job)

    leave(account.databases, objects, LENA, NOW, gone)
    assert account.left() == set()


def test_a_damaged_database_keeps_nobody_here(account: Account, objects: Objects):
    objects.put(keys.database(LENA), b"no database")
    account.leave()
    assert {key for key in account.left() if key.startswith(f"{LENA}/")} == set()
    assert not any(objects.exists(keys.session(digest)) for digest in _digests(account))


def _digests(account: Account) -> list[str]:
    prefix = keys.devices_prefix(account.user)
    return [key.removeprefix(prefix).removesuffix(".json") for key in account.objects.keys(prefix)]


class Dying(Objects):
    """Objects whose process dies before the nth time that it removes something."""

    def __init__(self, endpoint: Endpoint, left: int) -> None:
        super().__init__(endpoint)
        self.left = left

    def delete(self, key: str) -> None:
        self.left -= 1
        if self.left < 0:
            raise StoreUnavailable("gone")
        super().delete(key)


def test_wherever_it_dies_it_goes_on(stores: Stores, tmp_path: Path):
    endpoint, died = stores.endpoint("embedded"), 0
    objects = stores.objects("embedded")
    for left in range(30):
        for key in list(objects.keys("")):
            objects.delete(key)
        account = Account(objects, tmp_path / f"cache-{left}", LENA)
        account.fill()
        dying = Dying(endpoint, left)
        try:
            account.leave(dying)
        except StoreUnavailable:
            died += 1
        dying.close()
        assert is_leaving(objects, LENA)
        assert see_to_leaving(account.databases, objects, AFTER_A_DAY) == 1
        assert account.left() == set()
    assert 5 < died < 30
