"""Tidying up: what is old and nobody refers to goes, whatever dies on the way; all else stays."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from jobs.spec import IngestSpec
from local.objectstore import local_endpoint, running
from reel import keys
from reel.errors import Json, StoreUnavailable
from storage import clips, framings, games, handouts, jobs, removals, shares, sources
from storage.clock import Clock
from storage.endpoint import Endpoint
from storage.logins import Logins
from storage.objects import Objects
from storage.operations import Operation
from storage.parts import Listed
from storage.schema import MIGRATIONS
from storage.sessions import Sessions
from storage.settle import settle
from storage.tidy import Tidied, tidy, tidy_user, users
from storage.uploads import Uploads, Wanted
from storage.userdb import Manner, UserDatabases
from tests.reel.edits import clip, uuid
from tests.storage.dying_work import OneUser
from tests.storage.ended import (
    archive_spec,
    archived,
    compile_spec,
    compiled,
    done,
    extract_spec,
    extracted,
    framed,
    framing_spec,
    overlaid,
    overlay_spec,
    preview_spec,
    previewed,
)
from tests.storage.tables import DIGEST, game, project, rated, ready

USER = "lena"
TODAY = datetime.now(UTC)  # a store signs for no other day: what is older is made older here
PROJECT, REEL = uuid(40), uuid(50)
OTHER = "cd" * 32


def ago(days: float) -> str:
    return (TODAY - timedelta(days=days)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


NOW = ago(0)


class Aged(Objects):
    """Objects some of which were written earlier than they were; whose process may die before the nth change."""

    def __init__(self, endpoint: Endpoint, left: float = float("inf")) -> None:
        super().__init__(endpoint)
        self.ages: dict[str, timedelta] = {}
        self.left = left

    def sizes(self, prefix: str) -> Iterator[Listed]:
        for listed in super().sizes(prefix):
            yield replace(listed, modified=listed.modified - self.ages.get(listed.key, timedelta()))

    def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
        self._live()
        super().put(key, body, create_only=create_only)
        self.ages.pop(key, None)

    def delete(self, key: str) -> None:
        self._live()
        super().delete(key)

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        self._live()
        return super().replace(key, body, etag)

    def _live(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise StoreUnavailable("gone")


class Wall(Clock):
    """The wall's clock some days ago."""

    def __init__(self, days: float = 0.0) -> None:
        self._at = TODAY - timedelta(days=days)

    def time_s(self) -> float:
        return self._at.timestamp()


class Place:
    """A store, the users' databases on it, and today."""

    def __init__(self, objects: Aged, cache: Path) -> None:
        self.objects = objects
        self.databases = UserDatabases(objects, MIGRATIONS, cache, Manner(pace_s=0))
        self.count = 0

    def write(self, command: Callable[[sqlite3.Connection], object], user: str = USER) -> None:
        def answered(connection: sqlite3.Connection) -> Json:
            command(connection)
            return None

        self.count += 1
        self.databases.write(user, Operation(f"test-{self.count}", "", "test"), answered)

    def put(self, key: str, days: float, body: bytes = b"x") -> str:
        """Put an object so many days ago."""
        self.objects.put(key, body)
        self.objects.ages[key] = timedelta(days=days)
        return key

    def tidy_user(self, objects: Objects | None = None, user: str = USER) -> Tidied:
        return tidy_user(self.databases, objects or self.objects, user, NOW)

    def there(self, prefix: str = "") -> set[str]:
        """Return the objects that there are, but databases and their history."""
        return {key for key in self.objects.keys(prefix) if not key.endswith(".sqlite")}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "store"
    with running(folder, local_endpoint(folder, 0)) as endpoint:
        objects = Aged(endpoint)
        yield Place(objects, tmp_path / "cache")
        objects.close()


def begin(connection: sqlite3.Connection) -> None:
    """Add a game with a clip, and a project."""
    rated(connection, 20, ready(connection, 10, game(connection)).id)
    project(connection, 40, clip(900))


def result_of(job: int, value: object) -> bytes:
    ended = done(job, value)  # pyright: ignore[reportArgumentType]
    return json.dumps({"job": ended.job, "outcome": "done", "value": ended.value, "error": None}).encode()


def test_what_was_handed_out_goes_after_a_week(place: Place):
    def handed_out(connection: sqlite3.Connection) -> None:
        begin(connection)
        marked = clips.get(connection, uuid(20)).clip
        for number, days in ((1, 8), (2, 6)):
            for kind, spec, value in (
                (0, extract_spec(10 * number, marked), extracted()),
                (1, compile_spec(10 * number + 1, marked), compiled()),
                (2, archive_spec(10 * number + 2), archived()),
            ):
                jobs.add(connection, spec, ago(days))
                assert settle(connection, done(10 * number + kind, value), ago(days))

    place.write(handed_out)
    raw = place.databases.read(USER, lambda connection: handouts.raw_clip(connection, uuid(20)).key)
    old, young = (
        {
            place.put(keys.download(USER, uuid(number + 1), "mp4"), days),
            place.put(keys.download(USER, uuid(number + 1), "tsv"), days),
            place.put(keys.download(USER, uuid(number + 2), "zip"), days),
        }
        for number, days in ((10, 8), (20, 6))
    )
    shared = place.put(raw, 8)  # both raw clips are this object: the younger one was found there
    assert place.tidy_user().rows == 3
    assert place.there() == young | {shared}
    assert old.isdisjoint(place.there())
    assert place.tidy_user() == Tidied()


def test_only_the_newest_framings_stay_and_what_they_are_made_of(place: Place):
    def framings_of(connection: sqlite3.Connection) -> None:
        begin(connection)
        for number, days in ((1, 50), (2, 40)):
            jobs.add(connection, framing_spec(number, PROJECT), ago(days), made_of=str(number))
            settle(connection, done(number, framed()), ago(days))

    place.write(framings_of)
    videos = [place.put(keys.working_video(USER, PROJECT, uuid(number)), 40) for number in (1, 2)]
    results = [place.put(keys.result(USER, uuid(number)), 40, result_of(number, framed())) for number in (1, 2)]
    used, unused = (place.put(keys.segment(USER, digest), 60) for digest in (DIGEST, OTHER))
    young = place.put(keys.segment(USER, "ef" * 32), 29)
    place.tidy_user()
    assert place.there() == {videos[1], results[1], used, young}
    assert unused not in place.there()
    assert place.databases.read(USER, lambda connection: jobs.page(connection).items)[0].id == uuid(2)


@pytest.mark.parametrize("result", [None, b"{", result_of(1, overlaid())], ids=["gone", "damaged", "another"])
def test_while_a_framing_cannot_be_asked_all_segments_stay(place: Place, result: bytes | None):
    def framing(connection: sqlite3.Connection) -> None:
        begin(connection)
        jobs.add(connection, framing_spec(1, PROJECT), ago(40))
        settle(connection, done(1, framed()), ago(40))

    place.write(framing)
    if result is not None:
        place.put(keys.result(USER, uuid(1)), 40, result)
    segment = place.put(keys.segment(USER, OTHER), 60)
    place.tidy_user()
    assert segment in place.there()


def test_while_a_job_is_open_what_it_may_have_found_stays(place: Place):
    def waiting(connection: sqlite3.Connection) -> None:
        begin(connection)
        jobs.add(connection, framing_spec(1, PROJECT), ago(0))

    place.write(waiting)
    kept = {
        place.put(keys.segment(USER, DIGEST), 60),
        place.put(keys.preview(USER, DIGEST), 60),
        place.put(keys.window(USER, uuid(1), uuid(10), DIGEST), 60),
    }
    place.tidy_user()
    assert place.there(f"{USER}/") == kept
    place.write(lambda connection: settle(connection, done(1, framed()), NOW))
    place.put(keys.result(USER, uuid(1)), 0, result_of(1, framed()))
    place.tidy_user()
    assert place.there(f"{USER}/") == {keys.segment(USER, DIGEST), keys.result(USER, uuid(1))}


def test_previews_and_windows_stay_for_a_week_after_they_were_asked_for(place: Place):
    def asked(connection: sqlite3.Connection) -> None:
        begin(connection)
        jobs.add(connection, preview_spec(1, uuid(10)), ago(6))
        settle(connection, done(1, previewed()), ago(6))  # whose key is that of DIGEST

    place.write(asked)
    kept = {place.put(keys.preview(USER, DIGEST), 20), place.put(keys.preview(USER, "ef" * 32), 6)}
    place.put(keys.preview(USER, OTHER), 8)
    place.put(keys.window(USER, uuid(1), uuid(10), OTHER), 8)
    original = place.put(keys.original(USER, uuid(1), uuid(10), "mp4"), 800)
    assert place.tidy_user().objects == 2
    assert place.there() == kept | {original}


def test_results_go_with_their_jobs(place: Place):
    def old(connection: sqlite3.Connection) -> None:
        begin(connection)
        jobs.add(connection, overlay_spec(1, PROJECT, REEL, 1), ago(40))
        settle(connection, done(1, overlaid()), ago(40))
        jobs.add(connection, overlay_spec(2, PROJECT, REEL, 2), ago(20))
        settle(connection, done(2, overlaid()), ago(20))

    place.write(old)
    for number, days in ((1, 40), (2, 20), (3, 0.5)):
        place.put(keys.result(USER, uuid(number)), days)
    reels = {place.put(keys.final_video(USER, REEL, number), 400) for number in (1, 2)}
    reels |= {place.put(keys.poster(USER, REEL), 400)}
    place.tidy_user()
    assert place.there() == reels | {keys.result(USER, uuid(2)), keys.result(USER, uuid(3))}


def test_what_was_to_be_removed_is(place: Place):
    def removed(connection: sqlite3.Connection) -> None:
        begin(connection)
        games.remove(connection, uuid(1), USER, NOW)
        removals.ask(connection, [keys.draft(USER, PROJECT, uuid(number)) for number in range(150)], NOW)

    place.write(removed)
    for key in (keys.original(USER, uuid(1), uuid(10), "mp4"), keys.sprite(USER, uuid(1), uuid(10))):
        place.put(key, 0)
    place.put(keys.draft(USER, PROJECT, uuid(149)), 0)
    kept = place.put(keys.draft(USER, PROJECT, uuid(150)), 0)
    assert place.tidy_user().removals == 151
    assert place.there() == {kept}
    assert place.databases.read(USER, removals.waiting) == ()


def test_uploads_that_nobody_went_on_with_are_given_up(place: Place):
    place.write(game)
    uploads = Uploads(USER, OneUser(place.databases, USER, "browser"), place.objects)
    for number, body in ((10, b"half"), (11, b"whole")):
        wanted = Wanted(uuid(number), uuid(1), number - 9, "half.mp4", len(body), f"{number:064x}")
        uploads.begin(wanted, ago(3))
        if body == b"whole":
            (part,) = uploads.part_urls(uuid(number), [1], ago(3))
            with urlopen(Request(part.url, body, method="PUT")):
                pass
            upload = uploads.state(uuid(number)).upload
            parts = place.objects.parts(upload.key, upload.multipart)
            place.objects.complete_upload(upload.key, upload.multipart, parts)
    assert place.tidy_user().uploads == 2
    found = place.databases.read(USER, lambda connection: sources.of_games(connection, [uuid(1)])[uuid(1)])
    assert [one.state for one in found] == ["expected", "ingesting"]
    (job,) = place.databases.read(USER, jobs.open_ids)
    spec = place.databases.read(USER, lambda connection: jobs.spec_of(connection, job))
    assert isinstance(spec, IngestSpec)
    assert place.objects.read(spec.source.key) == b"whole"
    assert json.loads(place.objects.read(keys.active(job)))["user"] == USER
    assert list(place.objects.uploads("")) == []


def test_an_open_job_that_is_not_listed_is_listed_again(place: Place):
    def waiting(connection: sqlite3.Connection) -> None:
        begin(connection)
        jobs.add(connection, framing_spec(1, PROJECT), ago(0))
        jobs.add(connection, framing_spec(2, PROJECT), ago(0))

    place.write(waiting)
    place.put(keys.active(uuid(1)), 0, b"as it was")
    place.tidy_user()
    assert place.objects.read(keys.active(uuid(1))) == b"as it was"
    assert json.loads(place.objects.read(keys.active(uuid(2))))["user"] == USER


def test_devices_that_have_not_come_for_long_are_signed_out(place: Place):
    place.write(begin)
    for days in (100, 35, 20, 1):
        Sessions(place.objects, Wall(days)).begin(USER, f"{days} days ago")
    listed = Sessions(place.objects, Wall(100))
    for device in listed.devices(USER):
        digest = next(each for each in digests(place) if keys.uuid_of(each) == device.id)
        place.objects.ages[keys.device(USER, digest)] = timedelta(days=int(device.name.partition(" ")[0]))
    place.put(keys.device(USER, OTHER), 90)  # its session was never written
    assert place.tidy_user().devices == 3
    sessions = Sessions(place.objects, Wall())
    assert sorted(device.name for device in sessions.devices(USER)) == ["1 days ago", "20 days ago"]
    assert len(place.there("_sessions/")) == 2


def digests(place: Place) -> list[str]:
    prefix = keys.devices_prefix(USER)
    return [key.removeprefix(prefix).removesuffix(".json") for key in place.objects.keys(prefix)]


def test_without_a_database_nothing_is_removed(place: Place):
    kept = {place.put(keys.segment(USER, DIGEST), 900), place.put(keys.result(USER, uuid(1)), 900)}
    assert place.tidy_user() == Tidied()
    assert place.there() == kept


def test_everyone_is_found(place: Place):
    for name in ("anna", "anna-2", "b", "9", "zoe"):
        place.put(keys.database(name), 0)
        place.put(keys.segment(name, DIGEST), 0)
    for key in (keys.session(DIGEST), keys.active(uuid(1)), "stray"):
        place.put(key, 0)
    assert sorted(users(place.objects)) == sorted(["anna", "anna-2", "b", "9", "zoe"])


def test_one_that_cannot_be_tidied_for_keeps_nobody_waiting(place: Place):
    place.put(keys.database("anna"), 0, b"no database")
    place.write(begin)
    place.put(keys.segment(USER, DIGEST), 60)
    place.put(keys.segment("anna", DIGEST), 60)
    assert tidy(place.databases, place.objects, NOW) == 1
    assert place.there() == {keys.segment("anna", DIGEST)}


def test_what_is_found_without_a_user_is_tidied_too(place: Place):
    def shared(connection: sqlite3.Connection) -> None:
        begin(connection)
        jobs.add(connection, overlay_spec(1, PROJECT, REEL, 1), NOW)
        settle(connection, done(1, overlaid()), NOW)
        shares.add(connection, shares.Share(uuid(60), REEL, DIGEST, "Mia", True, NOW, ago(-7)))

    place.write(shared)
    said = json.dumps({"user": USER, "share": uuid(60)}).encode()
    kept = {place.put(keys.share(DIGEST), 9, said), place.put(keys.share("ef" * 32), 0.5, said)}
    place.put(keys.share(OTHER), 9, said)
    kept |= {place.put(keys.share("12" * 32), 9, json.dumps({"user": "nobody", "share": uuid(61)}).encode())}
    Logins(place.objects, Wall(2)).link(USER)
    place.put(keys.leaving("mia"), 3, json.dumps({"asked_at": ago(3)}).encode())
    assert tidy(place.databases, place.objects, NOW) == 0
    assert place.there() == kept


def test_who_is_leaving_is_left_alone(place: Place):
    place.write(begin)
    place.put(keys.leaving(USER), 0)
    segment = place.put(keys.segment(USER, DIGEST), 60)
    assert place.tidy_user() == Tidied()
    assert segment in place.there()


# Whatever dies on the way


def busy_life(place: Place) -> set[str]:
    """Fill a user's account with old and young things; return the keys that have to stay."""

    def rows(connection: sqlite3.Connection) -> None:
        begin(connection)
        marked = clips.get(connection, uuid(20)).clip
        for number, days in ((1, 50), (2, 40)):
            jobs.add(connection, framing_spec(number, PROJECT), ago(days), made_of=str(number))
            settle(connection, done(number, framed()), ago(days))
        jobs.add(connection, compile_spec(3, marked), ago(9))
        settle(connection, done(3, compiled()), ago(9))
        jobs.add(connection, archive_spec(4), ago(3))
        settle(connection, done(4, archived()), ago(3))
        removals.ask(connection, [keys.draft(USER, PROJECT, uuid(7)), f"{USER}/games/{uuid(9)}/"], NOW)

    place.write(rows)
    for number in (1, 2, 3, 4):
        value = framed() if number < 3 else archived()
        place.put(keys.result(USER, uuid(number)), 40, result_of(number, value))
    gone = (
        (keys.working_video(USER, PROJECT, uuid(1)), 50),
        (keys.download(USER, uuid(3), "mp4"), 9),
        (keys.download(USER, uuid(3), "tsv"), 9),
        (keys.draft(USER, PROJECT, uuid(7)), 1),
        (keys.original(USER, uuid(9), uuid(9), "mp4"), 1),
        (keys.segment(USER, OTHER), 40),
        (keys.preview(USER, OTHER), 40),
        (keys.temp_upload(USER, uuid(8)), 40),
        (keys.result(USER, uuid(5)), 40),
    )
    for key, days in gone:
        place.put(key, days)
    return {
        place.put(keys.working_video(USER, PROJECT, uuid(2)), 40),
        place.put(keys.segment(USER, DIGEST), 40),
        place.put(keys.download(USER, uuid(4), "zip"), 3),
        place.put(keys.original(USER, uuid(1), uuid(10), "mp4"), 40),
        place.put(keys.final_video(USER, REEL, 1), 40),
        *(keys.result(USER, uuid(number)) for number in (2, 3, 4)),
    }


def test_wherever_it_dies_the_next_one_goes_on_and_nothing_needed_is_gone(place: Place, tmp_path: Path):
    died = 0
    for left in range(40):
        for key in list(place.objects.keys("")):
            place.objects.delete(key)
        world = Place(place.objects, tmp_path / f"cache-{left}")
        kept = busy_life(world)
        place.objects.left = left
        try:
            world.tidy_user()
        except StoreUnavailable:
            died += 1
        place.objects.left = float("inf")
        assert kept <= world.there()
        again = Place(place.objects, tmp_path / f"again-{left}")
        again.tidy_user()
        assert again.there() == kept
        assert again.tidy_user() == Tidied()
        if died <= left:
            break
    assert died > 5


def test_framings_stand_whatever_was_tidied(place: Place):
    busy_life(place)
    place.tidy_user()
    newest = place.databases.read(USER, lambda connection: framings.newest(connection, PROJECT, draft=False))
    assert newest is not None
    assert place.objects.exists(newest.key)
