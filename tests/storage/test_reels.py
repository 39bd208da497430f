import sqlite3
from dataclasses import replace
from fractions import Fraction

import pytest

from reel import keys
from reel.errors import BadField, NotFound, StaleRevision
from storage import projects, reels, removals, shares
from storage.reels import Version
from storage.shares import Share
from tests.reel.edits import uuid
from tests.storage.statements import counted
from tests.storage.tables import DIGEST, LATER, NOW, USER, moment, project

FIRST = Version(uuid(1), uuid(50), 1, "k1", False, "Mia", "9:16", "hash", 125, Fraction(25), (), NOW)
LINK = Share(uuid(60), uuid(50), DIGEST, "Lena", True, NOW, LATER)


@pytest.fixture
def reel(connection: sqlite3.Connection) -> reels.Reel:
    projects.next_version(connection, project(connection, 40), FIRST.reel_id)
    reels.add_version(connection, FIRST, uuid(40))
    return reels.get(connection, FIRST.reel_id)


def test_a_reel_is_called_as_its_newest_version_until_it_is_renamed(connection: sqlite3.Connection, reel: reels.Reel):
    assert reel.name == "Mia"
    second = replace(FIRST, job_id=uuid(2), version=2, title="Lena", created_at=LATER)
    reels.add_version(connection, second, uuid(40))
    assert reels.get(connection, reel.id).name == "Lena"
    renamed = reels.rename(connection, reel.id, " Best of  ", 1, LATER)
    assert (renamed.name, renamed.revision) == ("Best of", 2)
    with pytest.raises(StaleRevision) as raised:
        reels.rename(connection, reel.id, "Other", 1, LATER)
    current = raised.value.details["current"]
    assert isinstance(current, dict)
    assert (current["name"], current["revision"]) == ("Best of", 2)
    with pytest.raises(BadField):
        reels.rename(connection, reel.id, "n" * 121, 2, LATER)


def test_reels_come_by_their_newest_version_in_one_statement(connection: sqlite3.Connection):
    for number in range(30):
        for version in (1, 2):
            job = uuid(100 + 2 * number + version)
            made = replace(FIRST, job_id=job, reel_id=uuid(300 + number), version=version, created_at=moment(number))
            reels.add_version(connection, made, uuid(40))
    with counted(connection) as ran:
        first = reels.page(connection, None, 20)
    assert len(ran) == 1
    rest = reels.page(connection, first.next, 20)
    assert [one.id for one in (*first.items, *rest.items)] == [uuid(300 + number) for number in reversed(range(30))]
    assert {(one.newest.version, one.version_count) for one in first.items} == {(2, 2)}
    older = reels.versions(connection, uuid(300), None, 1)
    assert [one.version for one in reels.versions(connection, uuid(300), older.next, 1).items] == [1]


def test_a_removed_reel_takes_its_objects_and_its_project_begins_another(
    connection: sqlite3.Connection, reel: reels.Reel
):
    shares.add(connection, LINK)
    reels.remove(connection, reel.id, USER, LATER)
    assert set(removals.waiting(connection)) == {"k1", keys.poster(USER, reel.id), keys.views(USER, reel.id)}
    assert projects.next_version(connection, uuid(40), uuid(51)) == (uuid(51), 2)
    for call in (
        lambda: reels.get(connection, reel.id),
        lambda: reels.version(connection, reel.id, 1),
        lambda: reels.remove(connection, reel.id, USER, LATER),
        lambda: shares.get(connection, LINK.id),
        lambda: shares.add(connection, LINK),
        lambda: shares.revoke(connection, LINK.id, LATER),
    ):
        with pytest.raises(NotFound):
            call()


def test_a_share_opens_until_it_expires_or_is_revoked(connection: sqlite3.Connection, reel: reels.Reel):
    share = shares.add(connection, LINK)
    assert shares.add(connection, replace(LINK, shown_name="Other")) == share == LINK
    assert share.open_at(NOW)
    assert not share.open_at(LATER)
    revoked = shares.revoke(connection, share.id, NOW)
    assert not revoked.open_at(NOW)
    assert shares.revoke(connection, share.id, LATER) == revoked
    for number in range(61, 65):
        shares.add(connection, replace(LINK, id=uuid(number), token_sha256=f"{number:064}", created_at=moment(number)))
    first = shares.page(connection, reel.id, None, 3)
    rest = shares.page(connection, reel.id, first.next, 3)
    assert [one.id for one in (*first.items, *rest.items)] == [uuid(number) for number in (60, 64, 63, 62, 61)]


@pytest.mark.parametrize("change", [{"id": "60"}, {"token_sha256": "x"}, {"shown_name": "n" * 61}])
def test_what_is_wrong_with_a_share_is_said(connection: sqlite3.Connection, reel: reels.Reel, change: dict[str, str]):
    with pytest.raises(BadField):
        shares.add(connection, replace(LINK, **change))
    assert shares.page(connection, reel.id).items == ()
