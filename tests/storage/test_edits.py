import sqlite3
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reel.edit import EditClip, EditDocument
from reel.errors import AlreadyExists, NotFound, StaleProject, StaleRevision
from reel.merge import merge
from reel.timing import Span
from storage import athletes, clips, edits, framings, projects, reels, removals, saves
from storage.athletes import Athlete
from storage.framings import Framing
from tests.reel.edits import card, clip, documents, uuid
from tests.storage.statements import counted
from tests.storage.tables import LATER, NOW, USER, edit_of, game, marked, moment, opened, project, rated, ready

PROJECT = uuid(40)
BASE = EditDocument(title="Mia", clips=(clip(1), clip(2), clip(3)), cards=(card(4, "Hello", before=2),))


def begun(connection: sqlite3.Connection, document: EditDocument = BASE) -> EditDocument:
    projects.add(connection, PROJECT, document, NOW)
    return edits.get(connection, PROJECT)


def labelled(document: EditDocument, number: int, label: str) -> EditDocument:
    changed = (replace(one, label=label) if one.id == uuid(number) else one for one in document.clips)
    return replace(document, clips=tuple(changed))


def unsaved(document: EditDocument) -> EditDocument:
    clips = tuple(replace(one, revision=0) for one in document.clips)
    cards = tuple(replace(one, revision=0) for one in document.cards)
    return replace(document, head_revision=0, clips=clips, cards=cards)


def without(document: EditDocument, number: int) -> EditDocument:
    return replace(
        document,
        clips=tuple(one for one in document.clips if one.id != uuid(number)),
        cards=tuple(one for one in document.cards if one.before != uuid(number)),
    )


@given(documents())
@settings(max_examples=25)
def test_a_document_is_kept_as_it_was_saved(document: EditDocument):
    connection = opened()
    found = begun(connection, document)
    assert {one.revision for one in (*found.clips, *found.cards)} <= {1}
    assert unsaved(found) == unsaved(document)
    assert edits.save(connection, PROJECT, found, LATER) == found
    connection.close()


def test_what_is_saved_carries_its_new_revisions(connection: sqlite3.Connection):
    first = begun(connection)
    assert {one.revision for one in first.clips} == {1}
    second = edits.save(connection, PROJECT, labelled(first, 2, "Lena"), LATER)
    assert [one.revision for one in second.clips] == [1, 2, 1]
    assert edits.get(connection, PROJECT) == second
    shown = projects.get(connection, PROJECT)
    assert (shown.title, shown.aspect, shown.clip_count, shown.updated_at) == ("Mia", "9:16", 3, LATER)


def test_saving_what_is_there_changes_nothing(connection: sqlite3.Connection):
    first = begun(connection)
    before = connection.total_changes
    assert edits.save(connection, PROJECT, first, LATER) == first
    assert connection.total_changes == before


def test_what_two_changed_apart_is_merged(connection: sqlite3.Connection):
    first = begun(connection)
    edits.save(connection, PROJECT, labelled(first, 1, "theirs"), LATER)
    edits.save(connection, PROJECT, without(edits.get(connection, PROJECT), 3), LATER)
    merged = edits.save(connection, PROJECT, labelled(first, 2, "mine"), LATER)
    assert [one.label for one in merged.clips] == ["theirs", "mine"]


def test_what_both_changed_is_a_conflict_and_changes_nothing(connection: sqlite3.Connection):
    first = begun(connection)
    second = edits.save(connection, PROJECT, labelled(first, 1, "theirs"), LATER)
    before = connection.total_changes
    with pytest.raises(StaleProject) as raised:
        edits.save(connection, PROJECT, labelled(labelled(first, 1, "mine"), 2, "mine"), LATER)
    assert raised.value.details["conflicts"] == [
        {"part": "clip", "id": uuid(1), "mine": "changed", "current": "changed"}
    ]
    assert (edits.get(connection, PROJECT), connection.total_changes) == (second, before)


def test_deleting_what_was_changed_elsewhere_is_a_conflict(connection: sqlite3.Connection):
    first = begun(connection)
    edits.save(connection, PROJECT, labelled(first, 3, "theirs"), LATER)
    with pytest.raises(StaleProject):
        edits.save(connection, PROJECT, without(first, 3), LATER)


def test_undoing_a_deletion_brings_the_part_back(connection: sqlite3.Connection):
    first = edits.save(connection, PROJECT, labelled(begun(connection), 3, "Lena"), LATER)
    gone = edits.save(connection, PROJECT, without(first, 3), LATER)
    undone = edits.save(
        connection, PROJECT, replace(gone, clips=(*gone.clips, replace(first.clips[2], revision=0))), LATER
    )
    assert [one.label for one in undone.clips] == ["", "", "Lena"]
    assert edits.get(connection, PROJECT) == undone


def numbered(document: EditDocument, current: EditDocument) -> EditDocument:
    return current if document == current else replace(document, head_revision=current.head_revision + 1)


def outcome(save: Callable[[], EditDocument]) -> object:
    try:
        return save()
    except StaleProject as refused:
        return refused.details


Change = tuple[int, int, str]  # which client, which part, what it writes there
changes = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 4), st.sampled_from(["a", "b", "", "gone", "reload"])), max_size=14
)


@given(changes)
@settings(max_examples=80)
def test_merging_with_what_the_database_kept_is_merging_with_all_that_ever_was(steps: list[Change]):
    """Three clients save in any order; the reference is reel.merge over every document there has been."""
    connection = opened()
    every = [begun(connection)]
    seen = [every[0]] * 3
    for client, part, word in steps:
        if word == "reload":
            seen[client] = every[-1]
            continue
        mine = without(seen[client], part) if word == "gone" else labelled(seen[client], part, word)
        mine = replace(mine, title=word) if part == 0 else mine
        expected = outcome(lambda mine=mine: numbered(merge(mine, every[-1], every[:-1]), every[-1]))
        assert outcome(lambda mine=mine: edits.save(connection, PROJECT, mine, LATER)) == expected
        if isinstance(expected, EditDocument) and expected != every[-1]:
            every.append(expected)
        assert edits.get(connection, PROJECT) == every[-1]
        seen[client] = every[-1]
    connection.close()


@given(changes)
@settings(max_examples=40)
def test_who_edits_alone_is_never_refused(steps: list[Change]):
    connection = opened()
    document = begun(connection)
    for _, part, word in steps:
        mine = without(document, part) if word == "gone" else labelled(document, part, word)
        document = edits.save(connection, PROJECT, mine, LATER)
        assert unsaved(document) == unsaved(mine)
    connection.close()


def test_a_save_of_one_clip_adds_one_part_and_its_undo_none(connection: sqlite3.Connection):
    def part_count() -> int:
        return connection.execute("SELECT count(*) FROM parts").fetchone()[0]

    first = begun(connection)
    assert part_count() == 4
    second = edits.save(connection, PROJECT, labelled(first, 1, "Lena"), LATER)
    assert part_count() == 5
    edits.save(connection, PROJECT, labelled(second, 1, ""), LATER)
    assert part_count() == 5


def test_reading_and_saving_take_as_many_statements_however_many_clips_there_are(connection: sqlite3.Connection):
    taken: list[tuple[int, int]] = []
    for number, size in ((41, 2), (42, 60)):
        shown = [clip(place) for place in range(1, size)]
        project_id = project(connection, number, *shown)
        document = edits.get(connection, project_id)
        with counted(connection) as read:
            edits.get(connection, project_id)
        with counted(connection) as saved:
            edits.save(connection, project_id, labelled(document, 1, "Lena"), LATER)
        taken.append((len(read), len(saved)))
    assert taken[0] == taken[1]
    assert taken[0][0] == 2


def test_history_is_bounded_and_the_newest_stays_whole(connection: sqlite3.Connection):
    document = begun(connection)
    for number in range(saves.MOST_SAVES + 3 * saves.SLACK // 2):
        document = edits.save(connection, PROJECT, labelled(document, 1, f"{number}"), LATER)
    kept = list(saves.every(connection, PROJECT))
    assert saves.MOST_SAVES <= len(kept) <= saves.MOST_SAVES + saves.SLACK
    used = frozenset[str]().union(*(one.digests for one in kept))
    assert {digest for (digest,) in connection.execute("SELECT digest FROM parts")} == used
    assert edits.get(connection, PROJECT) == document


def test_large_histories_are_cut_to_the_last_few_saves(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(saves, "MOST_BYTES", 2_000)
    document = begun(connection)
    for number in range(60):
        document = edits.save(connection, PROJECT, labelled(document, 1, f"{number}" * 20), LATER)
        assert edits.get(connection, PROJECT) == document
    assert saves.FEWEST_SAVES <= len(list(saves.every(connection, PROJECT))) <= 20


def test_what_was_superseded_a_week_ago_is_forgotten_in_every_project(connection: sqlite3.Connection):
    document = begun(connection)
    for number in range(5):
        document = edits.save(connection, PROJECT, labelled(document, 1, f"{number}"), LATER)
    other = project(connection, 41, clip(1), now="2026-05-24T10:59:59Z")
    assert len(list(saves.every(connection, PROJECT))) == 6
    edits.save(connection, other, replace(edits.get(connection, other), title="x"), "2026-05-24T11:00:01Z")
    assert [one.number for one in saves.every(connection, PROJECT)] == [6]
    assert edits.get(connection, PROJECT) == document
    assert connection.execute("SELECT count(*) FROM parts WHERE project_id = ?", (PROJECT,)).fetchone() == (4,)


def test_a_base_that_is_no_longer_kept_makes_differences_conflicts(connection: sqlite3.Connection):
    first = document = begun(connection)
    for number in range(saves.MOST_SAVES + saves.SLACK):
        document = edits.save(connection, PROJECT, labelled(document, 1, f"{number}"), LATER)
    with pytest.raises(StaleProject):
        edits.save(connection, PROJECT, labelled(first, 2, "mine"), LATER)


def test_a_project_that_is_not_there(connection: sqlite3.Connection):
    begun(connection)
    with pytest.raises(AlreadyExists):
        projects.add(connection, PROJECT, BASE, NOW)
    for call in (
        lambda: edits.get(connection, uuid(41)),
        lambda: edits.save(connection, uuid(41), BASE, NOW),
        lambda: projects.get(connection, uuid(41)),
        lambda: projects.remove(connection, uuid(41), NOW),
        lambda: projects.next_version(connection, uuid(41), uuid(50)),
        lambda: projects.add(connection, uuid(42), BASE, NOW, athlete_id=uuid(60)),
    ):
        with pytest.raises(NotFound):
            call()


# Boundaries changed in Annotate


def test_a_changed_clip_is_offered_until_it_is_used_or_kept(connection: sqlite3.Connection):
    footage = ready(connection, 10, game(connection))
    first = clips.add(connection, marked(20, footage.id), NOW)
    project_id = project(connection, 40, edit_of(first.clip, 41), EditClip(uuid(42), Fraction(1, 1000), Span(0, 5000)))

    def offered() -> tuple[str, ...]:
        return edits.changed_clips(connection, [project_id])[project_id]

    assert offered() == ()
    second = clips.change(connection, replace(first.clip, rating=5), 1, LATER)
    assert offered() == ()
    third = clips.change(connection, replace(second.clip, span=Span(0, 64_000)), 2, LATER)
    assert offered() == (uuid(41),)
    document = edits.save(connection, project_id, replace(edits.get(connection, project_id), title="x"), LATER)
    assert offered() == (uuid(41),)
    used = tuple(replace(one, span=third.clip.span) if one.clip_id else one for one in document.clips)
    edits.save(connection, project_id, replace(document, clips=used), LATER)
    assert offered() == ()
    clips.change(connection, replace(third.clip, span=Span(0, 76_800)), 3, LATER)
    assert offered() == (uuid(41),)
    edits.keep_boundaries(connection, project_id, [uuid(41), uuid(42)])
    assert offered() == ()
    clips.remove(connection, first.clip.id, LATER)
    edits.keep_boundaries(connection, project_id, [uuid(41)])
    assert offered() == ()


# Lists


def test_projects_come_by_when_they_were_edited_and_say_what_was_made_of_them(connection: sqlite3.Connection):
    footage = ready(connection, 10, game(connection))
    for number in range(30):
        shown = edit_of(rated(connection, 100 + number, footage.id).clip, 200 + number)
        project(connection, 300 + number, shown, now=moment(number))
        for job, draft in ((400, True), (500, True), (600, False)):
            made = Framing(
                uuid(job + number), uuid(300 + number), "k", draft, f"hash {job}", 1, Fraction(25), (), (), moment(job)
            )
            framings.add(connection, made)
    with counted(connection) as few:
        first = projects.page(connection, None, 1)
    with counted(connection) as many:
        rest = projects.page(connection, first.next, 29)
    assert len(few) == len(many) == 5
    found = [*first.items, *rest.items]
    assert [card.project.id for card in found] == [uuid(300 + number) for number in reversed(range(30))]
    assert {tuple(card.made.items()) for card in found} == {(("draft", "hash 500"), ("framing", "hash 600"))}
    assert rest.next is None


def test_a_version_is_never_given_twice(connection: sqlite3.Connection):
    begun(connection)
    assert [projects.next_version(connection, PROJECT, uuid(number)) for number in (50, 51)] == [
        (uuid(50), 1),
        (uuid(50), 2),
    ]


def test_a_project_is_somebodys(connection: sqlite3.Connection):
    begun(connection)
    athletes.add(connection, Athlete(uuid(60), "Lena", 7), NOW)
    assert projects.give_to(connection, PROJECT, uuid(60), 1, LATER).athlete_id == uuid(60)
    with pytest.raises(StaleRevision):
        projects.give_to(connection, PROJECT, None, 1, LATER)
    athletes.remove(connection, uuid(60))
    assert projects.get(connection, PROJECT).athlete_id is None


def test_a_removed_project_takes_its_videos_and_leaves_its_clips_and_its_reel(connection: sqlite3.Connection):
    footage = ready(connection, 10, game(connection))
    clip_id = rated(connection, 20, footage.id).clip.id
    project_id = project(connection, 40, edit_of(clips.get(connection, clip_id).clip, 41))
    framings.add(connection, Framing(uuid(70), project_id, "draft", True, "h", 1, Fraction(25), (), (), NOW))
    version = reels.Version(uuid(71), uuid(50), 1, "reel", False, "Mia", "9:16", "h", 1, Fraction(25), (), NOW)
    reels.add_version(connection, version, project_id)
    projects.remove(connection, project_id, LATER)
    assert removals.waiting(connection) == ("draft",)
    assert clips.get(connection, clip_id).revision == 1
    assert reels.get(connection, uuid(50)).project_id is None
    left = [
        connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("saves", "parts", "project_clips")
    ]
    assert left == [0, 0, 0]
    reels.remove(connection, uuid(50), USER, LATER)
