import sqlite3
from dataclasses import replace

import pytest

from reel.errors import AlreadyExists, NotFound
from storage import framings, jobs, removals
from storage.settle import settle
from tests.reel.edits import clip, uuid
from tests.storage.ended import (
    done,
    extract_spec,
    framed,
    framing_spec,
    ingest_spec,
    overlay_spec,
    preview_spec,
    previewed,
)
from tests.storage.statements import counted
from tests.storage.tables import LATER, NOW, game, marked, moment, project, source

PROJECT = uuid(40)


def test_a_job_is_kept_with_its_spec(connection: sqlite3.Connection):
    spec = overlay_spec(1, PROJECT, uuid(50), 3)
    job = jobs.add(connection, spec, NOW, made_of="hash", price_credits=5)
    assert (job.kind, job.state, job.project_id, job.reel_id, job.version) == (
        "overlay",
        "queued",
        PROJECT,
        uuid(50),
        3,
    )
    assert (job.made_of, job.price_credits, job.draft, job.created_at, job.settled_at) == ("hash", 5, False, NOW, None)
    assert jobs.spec_of(connection, uuid(1)) == spec
    assert jobs.add(connection, spec, LATER, made_of="hash") == job
    with pytest.raises(AlreadyExists):
        jobs.add(connection, framing_spec(1, PROJECT), LATER)


def test_each_kind_says_what_it_is_about(connection: sqlite3.Connection):
    found = source(connection, 10, game(connection))
    ingest = jobs.add(connection, ingest_spec(1, found), NOW)
    assert (ingest.game_id, ingest.source_id) == (found.game_id, found.id)
    extract = jobs.add(connection, extract_spec(2, marked(20, found.id)), NOW)
    assert (extract.source_id, extract.clip_id) == (found.id, uuid(20))
    preview = jobs.add(connection, preview_spec(3, found.id), NOW, project_id=PROJECT)
    assert (preview.project_id, preview.source_id) == (PROJECT, found.id)
    assert jobs.add(connection, framing_spec(4, PROJECT, draft=True), NOW).draft
    with pytest.raises(NotFound):
        jobs.add(connection, ingest_spec(5, replace(found, id=uuid(11))), NOW)


def test_jobs_come_newest_first_and_those_that_run_alone(connection: sqlite3.Connection):
    for number in range(1, 31):
        jobs.add(connection, preview_spec(number, uuid(10)), moment(number))
        if number % 2:
            settle(connection, done(number, previewed()), LATER)
    with counted(connection) as ran:
        page = jobs.page(connection, None, 10, active=True)
    assert len(ran) == 1
    rest = jobs.page(connection, page.next, 10, active=True)
    assert [job.id for job in (*page.items, *rest.items)] == [uuid(number) for number in range(30, 1, -2)]
    assert rest.next is None
    assert len(jobs.page(connection, None, 200).items) == 30
    assert jobs.open_ids(connection) == tuple(uuid(number) for number in range(2, 31, 2))
    assert jobs.open_count(connection, ["preview"]) == 15
    assert jobs.open_count(connection, ["framing", "overlay"]) == 0


def test_cancelling_asks_and_changes_nothing_that_has_ended(connection: sqlite3.Connection):
    jobs.add(connection, preview_spec(1, uuid(10)), NOW)
    assert [jobs.cancel(connection, uuid(1)).state for _ in range(2)] == ["cancelling"] * 2
    settle(connection, done(1, previewed()), LATER)
    assert jobs.cancel(connection, uuid(1)).state == "done"
    jobs.dispatched(connection, uuid(1), "call")
    assert jobs.get(connection, uuid(1)).call_id == "call"


def test_a_job_that_is_not_there(connection: sqlite3.Connection):
    for call in (
        lambda: jobs.get(connection, uuid(1)),
        lambda: jobs.spec_of(connection, uuid(1)),
        lambda: jobs.cancel(connection, uuid(1)),
        lambda: jobs.dispatched(connection, uuid(1), "call"),
    ):
        with pytest.raises(NotFound):
            call()


def test_old_jobs_are_forgotten_but_those_a_reel_may_be_made_of(connection: sqlite3.Connection):
    project(connection, 40, clip(900))
    jobs.add(connection, framing_spec(1, PROJECT), NOW)
    jobs.add(connection, preview_spec(2, uuid(10)), NOW)
    jobs.add(connection, preview_spec(3, uuid(10)), NOW)
    settle(connection, done(1, framed()), LATER)
    settle(connection, done(2, previewed()), LATER)
    assert jobs.forget(connection, "2027") == 1
    assert {job.id for job in jobs.page(connection).items} == {uuid(1), uuid(3)}
    assert not settle(connection, done(2, previewed()), LATER)


def test_superseded_framings_go_when_nobody_reads_them(connection: sqlite3.Connection):
    project(connection, 40, clip(900))
    for number, draft in ((1, True), (2, True), (3, False), (4, False)):
        jobs.add(connection, framing_spec(number, PROJECT, draft=draft), moment(number), made_of="h")
        settle(connection, done(number, framed(draft=draft)), LATER)
    jobs.add(connection, overlay_spec(5, PROJECT, uuid(50), 1), moment(5))
    assert framings.remove_superseded(connection, LATER) == 0
    jobs.end(connection, uuid(5), "cancelled", LATER)
    assert framings.remove_superseded(connection, LATER) == 2
    assert len(removals.waiting(connection)) == 2
    kept = [framings.newest(connection, PROJECT, draft=draft) for draft in (True, False)]
    assert [one and one.job_id for one in kept] == [uuid(2), uuid(4)]
