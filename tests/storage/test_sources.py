import sqlite3

import pytest

from reel.errors import AlreadyExists, BadField, NotFound, SourceGone
from storage import clips, edits, sources
from storage.sources import NewSource
from tests.reel.edits import uuid
from tests.storage.tables import (
    DIGEST,
    LATER,
    NOW,
    USER,
    edit_of,
    game,
    project,
    provisional,
    ready,
    source,
)


def test_a_source_grows_with_what_is_known_of_it(connection: sqlite3.Connection):
    game_id = game(connection)
    found = source(connection, 10, game_id, state="uploading")
    assert (found.state, found.sha256, found.facts, found.revision) == ("uploading", None, None, 1)
    sources.arrived(connection, found.id, DIGEST, LATER)
    assert sources.get(connection, found.id).state == "ingesting"
    there = ready(connection, 11, game_id, part=2)
    assert there.facts is not None
    assert sources.ref(there, USER).model_dump() == {
        "id": there.id,
        "key": f"{USER}/games/{game_id}/{there.id}/original.mp4",
        "sha256": DIGEST,
        "usable_until_pts": None,
    }
    assert set(sources.several(connection, [found.id, there.id, uuid(99)])) == {found.id, there.id}


def test_what_has_no_bytes_is_in_no_spec(connection: sqlite3.Connection):
    found = source(connection, 10, game(connection), state="uploading")
    with pytest.raises(SourceGone):
        sources.ref(found, USER)
    with pytest.raises(SourceGone):
        sources.ingesting(connection, found.id, uuid(1), NOW)


def test_two_files_do_not_share_a_part(connection: sqlite3.Connection):
    game_id = game(connection)
    source(connection, 10, game_id, state="uploading")
    with pytest.raises(AlreadyExists):
        source(connection, 11, game_id)
    with pytest.raises(AlreadyExists):
        source(connection, 10, game_id, part=2)
    with pytest.raises(NotFound):
        source(connection, 12, uuid(99))
    for part in (0, -1, 9, True):
        with pytest.raises(BadField):
            source(connection, 12, game_id, part=part)
    with pytest.raises(BadField):
        sources.add(connection, NewSource(uuid(12), game_id, 2, "a.exe", "exe", 1, DIGEST), "uploading", NOW)
    assert [one.id for one in sources.of_games(connection, [game_id])[game_id]] == [uuid(10)]


@pytest.mark.parametrize("state", ["expected", "refused"])
def test_another_file_takes_over_what_was_marked_in_one_that_could_not_be_used(
    connection: sqlite3.Connection, state: sources.State
):
    game_id = game(connection)
    first = source(connection, 10, game_id)
    marked = clips.add(connection, provisional(20, first.id), NOW)
    project_id = project(connection, 40, edit_of(marked.clip, 41))
    before = edits.get(connection, project_id)
    sources.ended(connection, first.id, state, None, NOW)
    second = source(connection, 11, game_id)
    assert [one.id for one in sources.of_games(connection, [game_id])[game_id]] == [second.id]
    moved = clips.get(connection, marked.clip.id)
    assert (moved.clip.source_id, moved.revision) == (second.id, 2)
    after = edits.get(connection, project_id)
    assert [clip.source_id for clip in after.clips] == [second.id]
    assert (after.head_revision, after.clips[0].revision) == (before.head_revision + 1, before.clips[0].revision + 1)
    assert edits.changed_clips(connection, [project_id]) == {project_id: ()}
    with pytest.raises(NotFound):
        sources.get(connection, first.id)


def test_a_source_that_is_not_there(connection: sqlite3.Connection):
    for call in (
        lambda: sources.get(connection, uuid(1)),
        lambda: sources.arrived(connection, uuid(1), DIGEST, NOW),
        lambda: sources.ingesting(connection, uuid(1), uuid(2), NOW),
        lambda: sources.ended(connection, uuid(1), "failed", None, NOW),
    ):
        with pytest.raises(NotFound):
            call()
