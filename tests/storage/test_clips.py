import sqlite3
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reel.errors import (
    AlreadyExists,
    BadField,
    ClipLengthOutOfRange,
    ClipOutsideSource,
    NotFound,
    ReelError,
    StaleRevision,
)
from reel.timing import Span, rescale
from storage import clips, edits, removals, sources
from storage.snapping import PROVISIONAL, snapped
from tests.reel.edits import uuid
from tests.storage.statements import counted
from tests.storage.tables import (
    BASE,
    FRAME,
    FRAMES,
    LATER,
    NOW,
    edit_of,
    game,
    marked,
    project,
    provisional,
    rated,
    ready,
    source,
)


@pytest.fixture
def footage(connection: sqlite3.Connection) -> sources.Source:
    return ready(connection, 10, game(connection))


def test_a_clip_is_kept_as_it_was_marked(connection: sqlite3.Connection, footage: sources.Source):
    clip = replace(marked(20, footage.id, tags=("Goal", "own, tag")), name="A name", notes="two\nlines")
    added = clips.add(connection, clip, NOW)
    assert added == clips.Marked(clip, footage.game_id, 1, False, 1, NOW, NOW)
    assert clips.get(connection, clip.id) == added


def test_saving_a_new_clip_again_changes_nothing(connection: sqlite3.Connection, footage: sources.Source):
    clip = marked(20, footage.id)
    assert clips.add(connection, clip, LATER) == clips.add(connection, clip, NOW)
    with pytest.raises(AlreadyExists):
        clips.add(connection, replace(clip, rating=1), LATER)


def test_a_list_of_clips_is_added_whole_or_not_at_all(connection: sqlite3.Connection, footage: sources.Source):
    listed = [marked(number, footage.id, start_s=number) for number in range(20, 60)]
    rated(connection, 20, footage.id)
    with pytest.raises(AlreadyExists):
        clips.add_several(connection, listed, NOW)
    assert len(clips.page(connection, footage.game_id).items) == 1
    with counted(connection) as ran:
        added = clips.add_several(connection, listed[1:], NOW)
    assert [one.clip for one in added] == listed[1:]
    assert len([statement for statement in ran if statement.startswith("SELECT")]) == 3
    assert clips.add_several(connection, listed[1:], LATER) == added


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"rating": 6}, BadField),
        ({"rating": True}, BadField),
        ({"tags": ("x" * 41,)}, BadField),
        ({"tags": ("a",) * 21}, BadField),
        ({"name": "n" * 81}, BadField),
        ({"notes": "n" * 281}, BadField),
        ({"notes": "\ud800"}, BadField),
        ({"id": "20"}, BadField),
        ({"span": Span(2**60, 2**60 + 1)}, BadField),
        ({"time_base": Fraction(1, 2**40)}, BadField),
        ({"span": Span(0, 12800 // 2)}, ClipLengthOutOfRange),
        ({"span": Span(0, 61 * 12800)}, ClipLengthOutOfRange),
        ({"span": Span(99 * 12800, 101 * 12800)}, ClipOutsideSource),
        ({"source_id": uuid(99)}, NotFound),
        ({"time_base": PROVISIONAL, "span": Span(900_000 * 11, 900_000 * 12)}, ClipOutsideSource),
        ({"time_base": PROVISIONAL, "span": Span(900_000, 900_100)}, ClipLengthOutOfRange),
    ],
)
def test_what_is_wrong_with_a_clip_is_said(
    connection: sqlite3.Connection, footage: sources.Source, change: dict[str, object], error: type[ReelError]
):
    with pytest.raises(error):
        clips.add(connection, replace(marked(20, footage.id), **change), NOW)
    assert clips.page(connection, footage.game_id).items == ()


def test_a_clip_may_be_marked_before_ingest_on_a_clock_of_its_own_alone(connection: sqlite3.Connection):
    waiting = source(connection, 10, game(connection))
    assert clips.add(connection, provisional(20, waiting.id), NOW).provisional
    with pytest.raises(BadField):
        clips.add(connection, marked(21, waiting.id), NOW)


def test_one_that_was_marked_so_but_comes_after_ingest_is_snapped_at_once(
    connection: sqlite3.Connection, footage: sources.Source
):
    clip = provisional(20, footage.id)
    kept = clips.add(connection, clip, NOW, FRAMES)
    assert not kept.provisional
    assert (kept.clip.time_base, kept.clip.span) == (BASE, Span(250 * FRAME, 375 * FRAME))
    assert clips.add(connection, clip, LATER, FRAMES) == kept


def test_ingest_snaps_what_was_marked_before_it_once(connection: sqlite3.Connection):
    waiting = source(connection, 10, game(connection))
    clip = clips.add(connection, provisional(20, waiting.id), NOW).clip
    project_id = project(connection, 40, edit_of(clip, 41))
    ready_facts = ready(connection, 11, waiting.game_id, part=2).facts
    assert ready_facts
    sources.ingested(connection, waiting.id, ready_facts, None, LATER)
    clips.snap_to(connection, sources.get(connection, waiting.id), FRAMES, LATER)
    snapped_once = clips.get(connection, clip.id)
    assert (snapped_once.clip.span, snapped_once.revision) == (Span(250 * FRAME, 375 * FRAME), 2)
    assert edits.changed_clips(connection, [project_id]) == {project_id: ()}
    clips.snap_to(connection, sources.get(connection, waiting.id), FRAMES, LATER)
    assert clips.get(connection, clip.id) == snapped_once


whole = Span(FRAMES[0], FRAMES[-1] + FRAME)


@given(st.integers(-900_000, 11_000_000), st.integers(90_000, 5_400_000))
def test_a_snapped_span_stands_on_frames_inside_the_source_and_near_where_it_was(in_pts: int, lasts: int):
    span = snapped(Span(in_pts, in_pts + lasts), PROVISIONAL, whole, BASE, FRAMES)
    if span.out_pts <= whole.in_pts or whole.out_pts <= span.in_pts:
        assert span.in_pts == rescale(in_pts, PROVISIONAL, BASE)  # nothing of it is in the source
        return
    assert span.within(whole)
    assert span.in_pts % FRAME == span.out_pts % FRAME == 0
    held = (max(rescale(in_pts, PROVISIONAL, BASE), 0), min(rescale(in_pts + lasts, PROVISIONAL, BASE), whole.out_pts))
    assert abs(span.in_pts - held[0]) <= FRAME
    assert abs(span.out_pts - held[1]) <= FRAME
    assert snapped(span, BASE, whole, BASE, FRAMES) == span


def test_a_source_of_one_frame_has_a_clip_too():
    assert snapped(Span(0, 90_000), PROVISIONAL, Span(7, 8), Fraction(1, 25), [7]) == Span(7, 8)
    assert snapped(Span(0, 90_000), PROVISIONAL, Span(0, 1), Fraction(1, 25), [0]) == Span(0, 1)


def test_without_frame_times_a_span_is_held_inside_the_source():
    assert snapped(Span(-1, 20_000_000), PROVISIONAL, whole, BASE) == whole
    assert snapped(Span(900_001, 990_001), PROVISIONAL, whole, BASE) == Span(128_000, 140_800)


def test_a_change_raises_the_revision_and_a_stale_one_is_told_the_current(
    connection: sqlite3.Connection, footage: sources.Source
):
    first = rated(connection, 20, footage.id)
    changed = clips.change(connection, replace(first.clip, rating=5), 1, LATER)
    assert (changed.clip.rating, changed.revision, changed.created_at, changed.updated_at) == (5, 2, NOW, LATER)
    with pytest.raises(StaleRevision) as raised:
        clips.change(connection, replace(first.clip, rating=1), 1, LATER)
    current = raised.value.details["current"]
    assert isinstance(current, dict)
    assert isinstance(current["clip"], dict)
    assert (current["revision"], current["clip"]["rating"], current["clip"]["time_base"]) == (2, 5, [1, 12800])


def test_a_clip_stays_in_its_game(connection: sqlite3.Connection, footage: sources.Source):
    first = rated(connection, 20, footage.id)
    elsewhere = ready(connection, 11, game(connection, 2))
    with pytest.raises(BadField):
        clips.change(connection, replace(first.clip, source_id=elsewhere.id), 1, LATER)
    second_half = ready(connection, 12, footage.game_id, part=2)
    assert clips.change(connection, replace(first.clip, source_id=second_half.id), 1, LATER).part == 2


def test_clips_come_by_half_and_time_or_the_best_first(connection: sqlite3.Connection, footage: sources.Source):
    second = ready(connection, 11, footage.game_id, part=2)
    told = [(20, second.id, 5, 3), (21, footage.id, 50, 5), (22, footage.id, 50, 1), (23, footage.id, 10, 5)]
    for number, source_id, start_s, rating in told:
        clips.add(connection, marked(number, source_id, start_s, rating, ("Goal",) * (rating == 5)), NOW)

    def listed(**how: object) -> list[int]:
        shown: list[str] = []
        page = clips.page(connection, footage.game_id, None, 1, **how)  # type: ignore[arg-type]
        shown += [one.clip.id for one in page.items]
        while page.next:
            page = clips.page(connection, footage.game_id, page.next, 1, **how)  # type: ignore[arg-type]
            shown += [one.clip.id for one in page.items]
        return [next(number for number, *_ in told if uuid(number) == clip_id) for clip_id in shown]

    assert listed() == [23, 21, 22, 20]
    assert listed(order="best") == [23, 21, 20, 22]
    assert listed(minimum_rating=3) == [23, 21, 20]
    assert listed(tag="Goal") == [23, 21]
    assert listed(tag="'; DROP TABLE clips; --") == []


def test_a_list_of_clips_takes_one_statement(connection: sqlite3.Connection, footage: sources.Source):
    for number in range(20, 60):
        rated(connection, number, footage.id)
    with counted(connection) as ran:
        assert len(clips.page(connection, footage.game_id).items) == 40
    assert len(ran) == 1
    with counted(connection) as ran:
        ids = [uuid(number) for number in (33, 21, 59)]
        assert [one.clip.id for one in clips.several(connection, ids)] == ids
    assert len(ran) == 1
    with pytest.raises(NotFound):
        clips.several(connection, [uuid(33), uuid(99)])


def test_a_removed_clip_is_gone_and_projects_keep_what_they_show(
    connection: sqlite3.Connection, footage: sources.Source
):
    clip = rated(connection, 20, footage.id).clip
    project_id = project(connection, 40, edit_of(clip, 41))
    clips.remove(connection, clip.id, LATER)
    with pytest.raises(NotFound):
        clips.remove(connection, clip.id, LATER)
    assert len(edits.get(connection, project_id).clips) == 1
    assert removals.waiting(connection) == ()
