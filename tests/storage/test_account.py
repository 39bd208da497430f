import sqlite3
from dataclasses import replace

import pytest

from reel.errors import BadField, ClipLengthOutOfRange, Json, NotFound, ReelError, StaleRevision
from storage import athletes, removals, settings, usage
from storage.athletes import Athlete
from storage.settings import Around, Settings
from tests.reel.edits import clip, uuid
from tests.storage.tables import LATER, NOW, game, moment, project, rated, ready, source


def test_an_athlete_is_kept_changed_and_removed(connection: sqlite3.Connection):
    added = athletes.add(connection, Athlete(uuid(1), " Lena ", 7), NOW)
    assert added == Athlete(uuid(1), "Lena", 7, 1, NOW, NOW)
    assert athletes.add(connection, Athlete(uuid(1), "Other"), LATER) == added
    changed = athletes.change(connection, replace(added, shirt_number=None), LATER)
    assert (changed.shirt_number, changed.revision) == (None, 2)
    with pytest.raises(StaleRevision):
        athletes.change(connection, added, LATER)
    athletes.remove(connection, added.id)
    for call in (
        lambda: athletes.get(connection, added.id),
        lambda: athletes.change(connection, changed, LATER),
        lambda: athletes.remove(connection, added.id),
    ):
        with pytest.raises(NotFound):
            call()


@pytest.mark.parametrize(
    "wrong",
    [Athlete(uuid(1), " "), Athlete(uuid(1), "n" * 61), Athlete(uuid(1), "n", -1), Athlete(uuid(1), "n", 1000)],
)
def test_what_is_wrong_with_an_athlete_is_said(connection: sqlite3.Connection, wrong: Athlete):
    with pytest.raises(BadField):
        athletes.add(connection, wrong, NOW)


def test_athletes_come_in_the_order_they_were_added(connection: sqlite3.Connection):
    for number in (3, 1, 2):
        athletes.add(connection, Athlete(uuid(number), "Lena"), moment(number))
    first = athletes.page(connection, None, 2)
    rest = athletes.page(connection, first.next, 2)
    assert [one.id for one in (*first.items, *rest.items)] == [uuid(1), uuid(2), uuid(3)]


def test_settings_begin_as_the_product_says_and_are_saved_whole(connection: sqlite3.Connection):
    first = settings.get(connection)
    assert first == Settings()
    assert (first.around.lead_s, first.around.lag_s, first.minimum_rating, first.aspect) == (8, 2, 4, "9:16")
    wanted = replace(first, tag_times={"Goal": Around(12_000, 3_000)}, own_tags=("Nutmeg",), look="crisp", theme="dark")
    saved = settings.change(connection, wanted, LATER)
    assert saved == settings.get(connection) == replace(wanted, revision=1)
    with pytest.raises(StaleRevision) as raised:
        settings.change(connection, first, LATER)
    current = raised.value.details["current"]
    assert isinstance(current, dict)
    assert (current["theme"], current["revision"]) == ("dark", 1)


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (None, BadField),
        ([], BadField),
        ({"other": 1}, BadField),
        ({"lead_ms": "8000"}, BadField),
        ({"lead_ms": 0, "lag_ms": 0}, ClipLengthOutOfRange),
        ({"lead_ms": 60_000, "lag_ms": 1}, ClipLengthOutOfRange),
        ({"tag_times": {"": {}}}, BadField),
        ({"tag_times": {"Goal": {"lead_ms": 100, "lag_ms": 100}}}, ClipLengthOutOfRange),
        ({"own_tags": ["a,b"]}, BadField),
        ({"own_tags": ["a"] * 101}, BadField),
        ({"minimum_rating": 0}, BadField),
        ({"aspect": "2:1"}, BadField),
        ({"look": "sepia"}, BadField),
        ({"theme": None}, BadField),
    ],
)
def test_what_is_wrong_with_settings_is_said(raw: Json, error: type[ReelError]):
    assert settings.parse({}, 0) == Settings()
    with pytest.raises(error):
        settings.parse(raw, 0)


class Emptying:
    """Notes what it was told to remove."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def delete(self, key: str) -> None:
        self.told.append(key)

    def clear(self, prefix: str) -> int:
        self.told.append(f"all of {prefix}")
        return 1


def test_removals_are_carried_out_once_and_forgotten(connection: sqlite3.Connection):
    removals.ask(connection, ["b", "a/"], LATER)
    removals.ask(connection, ["c", "b"], NOW)
    removals.keep(connection, "x")
    waiting = removals.waiting(connection)
    assert waiting == ("c", "a/", "b")
    assert removals.waiting(connection, 1) == ("c",)
    store = Emptying()
    removals.carry_out(store, waiting)
    assert store.told == ["c", "all of a/", "b"]
    removals.done(connection, waiting[:2])
    assert removals.waiting(connection) == ("b",)


def test_usage_counts_what_there_is(connection: sqlite3.Connection):
    assert usage.usage(connection) == usage.Usage(0, 0, 0, 0, 0, 0)
    game_id = game(connection)
    footage = ready(connection, 10, game_id)
    source(connection, 11, game_id, part=2, state="uploading")
    source(connection, 12, game_id, part=3, state="refused")
    rated(connection, 20, footage.id)
    project(connection, 40, clip(900))
    assert usage.usage(connection) == usage.Usage(1, 2000, 1, 1, 0, 0)
