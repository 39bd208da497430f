"""Trims: what is kept of a source, and what becomes of it when the smaller footage is there."""

import sqlite3
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.spec import IngestSpec, TrimSpec
from reel import keys
from reel.errors import Cancelled, Conflict, Internal, NoClips, NotFound, SourceGone
from reel.project import framing_hash, reel_hash
from reel.timing import Span
from storage import clips, edits, games, jobs, removals, sources, trims
from storage.settle import settle
from tests.reel.edits import uuid
from tests.storage.ended import cancelled, done, extract_spec, failed, ingested, overlaid, overlay_spec, trimmed
from tests.storage.tables import (
    BASE,
    FRAMES,
    LATER,
    NOW,
    USER,
    edit_of,
    game,
    marked,
    moment,
    project,
    ready,
    source,
)

SECOND = 12800
WHOLE = Span(0, 100 * SECOND)
SHA256 = "cd" * 32


def spans(*pairs: tuple[int, int]) -> tuple[Span, ...]:
    return tuple(Span(begin * SECOND, end * SECOND) for begin, end in pairs)


@pytest.mark.parametrize(
    ("needed", "kept"),
    [
        (spans((30, 35)), spans((20, 45))),
        (spans((5, 8)), spans((0, 18))),
        (spans((95, 100)), spans((85, 100))),
        (spans((60, 65), (20, 25)), spans((10, 35), (50, 75))),
        (spans((20, 25), (45, 50)), spans((10, 60))),
        (spans((20, 25), (46, 50)), spans((10, 35), (36, 60))),
        (spans((20, 60), (30, 35)), spans((10, 70))),
        (spans((5, 95)), spans((0, 100))),
        (spans((200, 210)), ()),
        ((), ()),
    ],
)
def test_clips_are_kept_with_what_is_around_them(needed: tuple[Span, ...], kept: tuple[Span, ...]):
    assert trims.kept_spans(needed, WHOLE, BASE) == kept


@given(
    st.lists(
        st.tuples(st.integers(0, 99), st.integers(1, 30)).map(lambda at: Span(at[0], min(at[0] + at[1], 100))),
        max_size=8,
    )
)
def test_what_is_kept_holds_every_clip_and_stands_apart(needed: list[Span]):
    kept = trims.kept_spans(needed, Span(0, 100), Fraction(1))
    assert all(any(span.within(one) for one in kept) for span in needed)
    assert all(before.out_pts < after.in_pts for before, after in pairwise(kept))
    assert all(0 <= one.in_pts < one.out_pts <= 100 for one in kept)
    margins = {pts for span in needed for pts in range(span.in_pts - 10, span.out_pts + 10)} & set(range(100))
    assert {pts for one in kept for pts in range(one.in_pts, one.out_pts)} == margins


def planned(connection: sqlite3.Connection, job: int = 1) -> TrimSpec:
    """Return the trim of a source with a clip of 30 to 35 s, with a row for it."""
    found = ready(connection, 10, game(connection))
    clips.add(connection, marked(20, found.id, start_s=30), NOW)
    spec = trims.plan(connection, found.id, USER, uuid(job))
    jobs.add(connection, spec, NOW)
    return spec


def test_the_plan_is_complete(connection: sqlite3.Connection):
    spec = planned(connection)
    assert (spec.user, spec.job, spec.game, spec.ext) == (USER, uuid(1), uuid(1), "mp4")
    assert spec.source == sources.ref(sources.get(connection, uuid(10)), USER)
    assert spec.spans == ((20 * SECOND, 45 * SECOND),)
    assert spec.replacement not in {uuid(10), ""}


def test_what_a_project_shows_is_kept_too(connection: sqlite3.Connection):
    found = ready(connection, 10, game(connection))
    clip = clips.add(connection, marked(20, found.id, start_s=30), NOW).clip
    project(connection, 40, edit_of(marked(21, found.id, start_s=70), 900))
    assert trims.plan(connection, found.id, USER, uuid(1)).spans == (
        (20 * SECOND, 45 * SECOND),
        (60 * SECOND, 85 * SECOND),
    )
    clips.remove(connection, clip.id, NOW)
    assert trims.plan(connection, found.id, USER, uuid(1)).spans == ((60 * SECOND, 85 * SECOND),)


@pytest.mark.parametrize(("ext", "written"), [("m4v", "mp4"), ("mts", "mp4"), ("mov", "mov"), ("webm", "webm")])
def test_every_original_has_a_container_to_be_written_in(connection: sqlite3.Connection, ext: str, written: str):
    found = ready(connection, 10, game(connection))
    clips.add(connection, marked(20, found.id, start_s=30), NOW)
    connection.execute("UPDATE sources SET ext = ?", (ext,))
    assert trims.plan(connection, found.id, USER, uuid(1)).ext == written
    assert trims.WRITTEN_AS.keys() == keys.ORIGINAL_EXTENSIONS


def test_what_cannot_be_cut_is_told(connection: sqlite3.Connection):
    game_id = game(connection)
    found = ready(connection, 10, game_id)
    with pytest.raises(NotFound):
        trims.plan(connection, uuid(99), USER, uuid(1))
    with pytest.raises(NoClips):
        trims.plan(connection, found.id, USER, uuid(1))
    with pytest.raises(SourceGone):
        trims.plan(connection, source(connection, 11, game_id, 2, "uploading").id, USER, uuid(1))
    clip = clips.add(connection, marked(20, found.id, start_s=30), NOW).clip
    jobs.add(connection, extract_spec(2, clip), NOW)
    with pytest.raises(Conflict, match="being made"):
        trims.plan(connection, found.id, USER, uuid(1))
    settle(connection, cancelled(2, Cancelled()), LATER)
    for number, start_s in enumerate((5, 25, 45, 65, 85)):
        clips.add(connection, marked(30 + number, found.id, start_s=start_s), NOW)
    with pytest.raises(Conflict, match="all of this"):
        trims.plan(connection, found.id, USER, uuid(1))


def test_the_smaller_footage_takes_the_old_ones_place(connection: sqlite3.Connection):
    spec = planned(connection)
    project(connection, 40, edit_of(marked(20, uuid(10), start_s=30), 900))
    before, kept = sources.get(connection, uuid(10)), clips.get(connection, uuid(20))
    assert settle(connection, done(1, trimmed()), LATER)
    with pytest.raises(NotFound):
        sources.get(connection, uuid(10))
    after = sources.get(connection, spec.replacement)
    assert (after.game_id, after.part, after.name, after.facts) == (uuid(1), 1, before.name, before.facts)
    assert (after.state, after.size_bytes, after.sha256) == ("ingesting", 300, SHA256)
    followed = clips.get(connection, uuid(20))
    assert (followed.clip.source_id, followed.revision) == (spec.replacement, kept.revision + 1)
    assert (followed.clip.span, followed.clip.time_base) == (kept.clip.span, kept.clip.time_base)
    shown = edits.get(connection, uuid(40)).clips[0]
    assert (shown.source_id, shown.span) == (spec.replacement, kept.clip.span)
    assert removals.waiting(connection) == (keys.source_prefix(USER, uuid(1), uuid(10)),)
    job = jobs.get(connection, uuid(1))
    assert job.value is not None
    assert (job.state, job.value["bytes_saved"]) == ("done", 700)


def test_it_is_handed_over_to_be_looked_over(connection: sqlite3.Connection):
    spec = planned(connection)
    settle(connection, done(1, trimmed()), LATER)
    (ingest_id,) = jobs.open_ids(connection)
    assert ingest_id == trims.ingest_job(spec.job)
    ingest = jobs.spec_of(connection, ingest_id)
    assert isinstance(ingest, IngestSpec)
    assert (ingest.source.key, ingest.source.sha256, ingest.accept_truncated) == (spec.output_key, SHA256, False)
    assert sources.get(connection, spec.replacement).ingest_job == ingest_id
    (row,) = jobs.opened(connection)
    assert (row.waits_for, row.waits) == (spec.job, False)
    value = done(1, ingested()).value
    assert settle(connection, type(done(1, ingested()))(ingest_id, "done", value=value), LATER, FRAMES)
    assert sources.get(connection, spec.replacement).state == "ready"


def test_a_clip_that_was_added_meanwhile_is_not_lost(connection: sqlite3.Connection):
    spec = planned(connection)
    clips.add(connection, marked(21, uuid(10), start_s=60), LATER)
    assert settle(connection, done(1, trimmed()), LATER)
    job = jobs.get(connection, uuid(1))
    assert job.error is not None
    assert (job.state, job.error["code"]) == ("failed", "conflict")
    assert sources.get(connection, uuid(10)).state == "ready"
    assert removals.waiting(connection) == (keys.source_prefix(USER, uuid(1), spec.replacement),)
    assert jobs.open_ids(connection) == ()


def test_one_inside_of_what_is_kept_does_no_harm(connection: sqlite3.Connection):
    spec = planned(connection)
    clips.add(connection, marked(21, uuid(10), start_s=40), LATER)
    assert settle(connection, done(1, trimmed()), LATER)
    assert clips.get(connection, uuid(21)).clip.source_id == spec.replacement


def test_a_trim_of_a_game_that_is_gone_leaves_nothing(connection: sqlite3.Connection):
    spec = planned(connection)
    games.remove(connection, uuid(1), USER, LATER)
    assert settle(connection, done(1, trimmed()), LATER)
    left = {keys.source_prefix(USER, uuid(1), each) for each in (uuid(10), spec.replacement)}
    assert set(removals.waiting(connection)) == left
    assert jobs.open_ids(connection) == ()


@pytest.mark.parametrize("end", [failed(1, Internal()), cancelled(1, Cancelled())], ids=["failed", "cancelled"])
def test_a_trim_that_came_to_nothing_leaves_nothing(connection: sqlite3.Connection, end: object):
    spec = planned(connection)
    assert settle(connection, end, LATER)  # pyright: ignore[reportArgumentType]
    assert sources.get(connection, uuid(10)).state == "ready"
    assert removals.waiting(connection) == (keys.source_prefix(USER, uuid(1), spec.replacement),)


@pytest.mark.parametrize("value", [{"sha256": "x"}, {"size_bytes": 0}, {"size_bytes": "300"}])
def test_a_result_that_cannot_be_replaces_nothing(connection: sqlite3.Connection, value: dict[str, object]):
    planned(connection)
    told = done(1, trimmed())
    assert told.value is not None
    assert settle(connection, type(told)(told.job, "done", value={**told.value, **value}), LATER)  # pyright: ignore[reportArgumentType]
    assert jobs.get(connection, uuid(1)).state == "failed"
    assert sources.get(connection, uuid(10)).state == "ready"


def test_a_finished_reel_is_still_of_its_project(connection: sqlite3.Connection):
    found = ready(connection, 10, game(connection))
    clip = clips.add(connection, marked(20, found.id, start_s=30), NOW).clip
    project(connection, 40, edit_of(clip, 900))
    document = edits.get(connection, uuid(40))
    jobs.add(connection, overlay_spec(5, uuid(40), uuid(50), 1), moment(1), made_of=reel_hash(document))
    settle(connection, done(5, overlaid()), LATER)
    jobs.add(connection, trims.plan(connection, found.id, USER, uuid(1)), NOW)
    settle(connection, done(1, trimmed()), LATER)
    now = edits.get(connection, uuid(40))
    assert framing_hash(now) != framing_hash(document)
    assert connection.execute("SELECT made_of FROM reel_versions").fetchall() == [(reel_hash(now),)]


def test_what_an_open_job_reads_is_not_removed_before_it_has_ended(connection: sqlite3.Connection):
    planned(connection)
    clip = clips.get(connection, uuid(20)).clip
    reads = extract_spec(2, clip).model_copy(update={"source": sources.ref(sources.get(connection, uuid(10)), USER)})
    jobs.add(connection, reads, LATER)  # after the trim was asked for
    assert settle(connection, done(1, trimmed()), LATER)
    assert removals.waiting(connection) == ()
    assert settle(connection, failed(2, Internal()), LATER)
    assert removals.waiting(connection) == (keys.source_prefix(USER, uuid(1), uuid(10)),)
