"""Small copies: settled once, of the newest version where that is asked, gone with their reel."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from fractions import Fraction

import pytest

from jobs.small_copy import SmallCopied
from jobs.spec import SmallCopySpec
from reel import keys
from reel.errors import Internal, NotFound
from storage import jobs, projects, reels, removals, small_copies
from storage.reels import Version
from storage.settle import settle
from tests.reel.edits import uuid
from tests.storage.ended import done, failed
from tests.storage.tables import LATER, NOW, USER, moment, project

REEL = uuid(50)
FIRST = Version(uuid(1), REEL, 1, "k1", False, "Mia", "9:16", "hash", 125, Fraction(25), (), NOW)
MADE = SmallCopied(key="somewhere/else.mp4", size_bytes=9_000_000, size_px=(720, 1280))


@pytest.fixture(autouse=True)
def reel(connection: sqlite3.Connection) -> None:
    projects.next_version(connection, project(connection, 40), REEL)
    reels.add_version(connection, FIRST, uuid(40))


def spec(job: int, version: int = 1) -> SmallCopySpec:
    return SmallCopySpec(user=USER, job=uuid(job), reel=REEL, version=version)


def test_a_copy_is_that_of_its_version(connection: sqlite3.Connection):
    job = jobs.add(connection, spec(100), moment(1))
    assert (job.reel_id, job.version, job.project_id) == (REEL, 1, None)
    assert settle(connection, done(100, MADE), LATER)
    assert not settle(connection, done(100, MADE), LATER)
    found = small_copies.get(connection, REEL, 1)
    assert (found.key, found.width_px, found.height_px) == (keys.small_copy(USER, REEL, 1), 720, 1280)
    assert found.size_bytes == 9_000_000
    assert small_copies.of_newest(connection, [REEL, uuid(51)]) == {REEL: found}
    reels.add_version(connection, replace(FIRST, job_id=uuid(2), version=2, key="k2"), uuid(40))
    assert small_copies.of_newest(connection, [REEL]) == {}  # it is of an older version now
    with pytest.raises(NotFound):
        small_copies.get(connection, REEL, 2)


def test_it_goes_with_its_reel_with_what_comes_late(connection: sqlite3.Connection):
    jobs.add(connection, spec(100), moment(1))
    settle(connection, done(100, MADE), LATER)
    jobs.add(connection, spec(101), moment(2))
    reels.remove(connection, REEL, USER, LATER)
    gone = set(removals.waiting(connection))
    assert {keys.small_copy(USER, REEL, 1), keys.views(USER, REEL), keys.poster(USER, REEL), "k1"} <= gone
    removals.done(connection, list(gone))
    assert settle(connection, done(101, MADE), LATER)
    assert removals.waiting(connection) == (keys.small_copy(USER, REEL, 1),)


def test_a_job_that_fell_leaves_nothing_but_the_copy_that_another_made(connection: sqlite3.Connection):
    jobs.add(connection, spec(100), moment(1))
    assert settle(connection, failed(100, Internal()), LATER)
    assert removals.waiting(connection) == (keys.small_copy(USER, REEL, 1),)
    jobs.add(connection, spec(101), moment(2))
    settle(connection, done(101, MADE), LATER)
    assert removals.waiting(connection) == ()
    jobs.add(connection, spec(102), moment(3))
    settle(connection, failed(102, Internal()), LATER)
    assert removals.waiting(connection) == ()
    assert small_copies.get(connection, REEL, 1).job_id == uuid(101)


def test_a_result_that_is_none_makes_no_copy(connection: sqlite3.Connection):
    jobs.add(connection, spec(100), moment(1))
    assert settle(connection, done(100, MADE.model_copy(update={"size_px": (0, 1280)})), LATER)
    assert jobs.get(connection, uuid(100)).state == "failed"
    with pytest.raises(NotFound):
        small_copies.get(connection, REEL, 1)
