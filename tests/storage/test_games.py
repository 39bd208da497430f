import sqlite3
from dataclasses import replace

import pytest

from reel import keys
from reel.errors import AlreadyExists, BadField, NotFound, StaleRevision
from storage import clips, games, handouts, projects, reels, removals
from storage.games import Game
from storage.handouts import RawClip
from tests.reel.edits import uuid
from tests.storage.statements import counted
from tests.storage.tables import LATER, NOW, USER, edit_of, game, marked, project, rated, ready, source


def test_a_game_is_kept_as_it_was_said(connection: sqlite3.Connection):
    added = games.add(connection, Game(uuid(1), "  Rovers ", "2026-05-16", "away"), NOW)
    assert added == Game(uuid(1), "Rovers", "2026-05-16", "away", False, 1, NOW, NOW)
    assert games.get(connection, uuid(1)) == added


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Game(uuid(1), "R" * 81), "/opponent"),
        (Game(uuid(1), "a\0b"), "/opponent"),
        (Game(uuid(1), "R", "2026-02-30"), "/match_date"),
        (Game(uuid(1), "R", "20260516"), "/match_date"),
        (Game(uuid(1), "R", ""), "/match_date"),
        (Game(uuid(1), "R", None, "moon"), "/venue"),  # type: ignore[arg-type]
        (Game("1", "R"), "/id"),
    ],
)
def test_what_is_wrong_with_a_game_is_said(connection: sqlite3.Connection, wrong: Game, field: str):
    with pytest.raises(BadField) as raised:
        games.add(connection, wrong, NOW)
    assert raised.value.details["field"] == field


def test_two_games_have_two_ids(connection: sqlite3.Connection):
    game(connection)
    with pytest.raises(AlreadyExists):
        game(connection)


def test_a_change_raises_the_revision_and_a_stale_one_is_told_the_current(connection: sqlite3.Connection):
    first = games.get(connection, game(connection))
    changed = games.change(connection, replace(first, opponent="United", match_date=None), LATER)
    assert (changed.opponent, changed.match_date, changed.revision, changed.updated_at) == ("United", None, 2, LATER)
    with pytest.raises(StaleRevision) as raised:
        games.change(connection, replace(first, opponent="City"), LATER)
    current = raised.value.details["current"]
    assert isinstance(current, dict)
    assert (current["opponent"], current["revision"]) == ("United", 2)
    assert games.get(connection, first.id) == changed


def test_what_is_not_there_cannot_be_changed(connection: sqlite3.Connection):
    for call in (
        lambda: games.get(connection, uuid(1)),
        lambda: games.change(connection, Game(uuid(1)), NOW),
        lambda: games.remove(connection, uuid(1), USER, NOW),
    ):
        with pytest.raises(NotFound):
            call()


def test_games_come_by_match_date_page_by_page(connection: sqlite3.Connection):
    dates = ["2026-01-01", None, "2026-12-24", "2026-01-01", "2025-12-31"]
    for number, match_date in enumerate(dates):
        game(connection, number, match_date)
    shown: list[str] = []
    after = None
    for _ in range(3):
        page = games.page(connection, after, 2)
        shown += [card.game.id for card in page.items]
        after = page.next
    assert shown == [uuid(number) for number in (2, 1, 3, 0, 4)]
    assert after is None


def test_a_list_of_games_takes_as_many_statements_however_long_it_is(connection: sqlite3.Connection):
    def fill(numbers: range) -> None:
        for number in numbers:
            footage = ready(connection, 1000 + number, game(connection, number))
            rated(connection, 2000 + number, footage.id)

    fill(range(1))
    with counted(connection) as few:
        games.page(connection)
    fill(range(1, 30))
    with counted(connection) as many:
        page = games.page(connection)
    assert len(few) == len(many) == 3
    assert [(len(card.sources), card.clip_count) for card in page.items] == [(1, 1)] * 30


def test_two_halves_stand_in_their_order(connection: sqlite3.Connection):
    game_id = game(connection)
    source(connection, 12, game_id, part=2)
    source(connection, 11, game_id, part=1)
    assert [one.part for one in games.card(connection, game_id).sources] == [1, 2]


def test_deleting_a_game_takes_its_footage_and_keeps_its_reels(connection: sqlite3.Connection):
    game_id = game(connection)
    footage = ready(connection, 10, game_id)
    clip = rated(connection, 20, footage.id).clip
    handouts.add_raw_clip(connection, RawClip(uuid(30), clip.id, "raw", "Goal", 125, NOW), NOW)
    project_id = project(connection, 40, edit_of(marked(20, footage.id), 41))
    games.remove(connection, game_id, USER, LATER)
    with pytest.raises(NotFound):
        clips.get(connection, clip.id)
    assert projects.get(connection, project_id).clip_count == 1
    assert set(removals.waiting(connection)) == {"raw", keys.source_prefix(USER, game_id, footage.id)}
    assert reels.page(connection).items == ()
