"""Processes that settle a job or complete an upload, and are killed at a named step. A program: see test_crash.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import Request, urlopen

from reel.errors import Json
from storage import jobs, sources
from storage.endpoint import Endpoint
from storage.objects import Head, Objects, Part
from storage.operations import Operation
from storage.schema import MIGRATIONS
from storage.settle import settle
from storage.uploads import Uploads, Wanted
from storage.userdb import Manner, UserDatabases
from tests.reel.edits import clip, uuid
from tests.storage.dying import Countdown, forked, given, say
from tests.storage.ended import done, framed, framing_spec, ingest_spec
from tests.storage.tables import LATER, NOW, game, project

T = TypeVar("T")

BODY = b"a very short match"
WANTED = Wanted(uuid(10), uuid(1), 1, "half.mp4", len(BODY), "ab" * 32, "video/mp4")
COMMITS = ("refreshed", "drafted", "replaced", "published")


@dataclass(frozen=True)
class Work:
    """Something to be done once, by whoever comes, as one user; and the step at which the first to come dies."""

    what: str
    step: str

    @property
    def user(self) -> str:
        return f"{self.what}-{self.step}"


CASES = (
    *(Work("settle", step) for step in COMMITS),
    *(Work("upload", step) for step in ("listed", "joined", "looked", *COMMITS)),
)


@dataclass
class OneUser:
    """A user's database in which every write is an operation of its own, so that ids alone save nothing."""

    databases: UserDatabases
    user: str
    who: str
    count: int = 0

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        return self.databases.read(self.user, query)

    def write(self, command: Callable[[sqlite3.Connection], Json]) -> Json:
        self.count += 1
        return self.databases.write(self.user, Operation(f"{self.who}-{self.count}", "", "POST /api/work"), command)


class Told(Objects):
    """Objects that tell what they have done."""

    def __init__(self, endpoint: Endpoint, at: Callable[[str], None]) -> None:
        super().__init__(endpoint)
        self._at = at

    def parts(self, key: str, upload: str) -> list[Part]:
        found = super().parts(key, upload)
        self._at("listed")
        return found

    def complete_upload(self, key: str, upload: str, parts: Sequence[Part], *, create_only: bool = False) -> str:
        etag = super().complete_upload(key, upload, parts, create_only=create_only)
        self._at("joined")
        return etag

    def head(self, key: str) -> Head:
        head = super().head(key)
        self._at("looked")
        return head


@dataclass(frozen=True)
class Desk:
    """What one process has to do a work with."""

    work: Work
    database: OneUser
    uploads: Uploads

    def prepare(self) -> None:
        """Put the job, or the upload with all of its parts, there."""
        if self.work.what == "settle":
            self.database.write(_add_job)
            return
        self.database.write(game)
        self.uploads.begin(WANTED, NOW)
        (part,) = self.uploads.part_urls(WANTED.id, [1], NOW)
        with urlopen(Request(part.url, BODY, method="PUT")) as answer:
            assert answer.status == 200

    def do(self, job: int) -> Any:
        """Do the work; return what came of it. `job` is the ingest's that would begin here."""
        if self.work.what == "settle":
            return self.database.write(lambda connection: settle(connection, done(1, framed()), LATER))

        def also(connection: sqlite3.Connection, arrived: sources.Source) -> None:
            jobs.add(connection, ingest_spec(job, arrived), NOW)

        return self.uploads.complete(WANTED.id, NOW, also).state


def desk(work: Work, objects: Objects, cache: Path, who: str, at: Callable[[str], None] = lambda _: None) -> Desk:
    """Return what a process called `who` has."""
    databases = UserDatabases(objects, MIGRATIONS, cache, Manner(pace_s=0, at=at))
    database = OneUser(databases, work.user, who)
    return Desk(work, database, Uploads(work.user, database, objects))


def die_at(work: Work, endpoint: Endpoint, cache: Path, told: Callable[[Any], None]) -> None:
    """Do the work until the step is reached."""
    at = Countdown(work.step)
    told(desk(work, Told(endpoint, at), cache, "first", at).do(501))


def _add_job(connection: sqlite3.Connection) -> None:
    project(connection, 40, clip(900))
    jobs.add(connection, framing_spec(1, uuid(40)), NOW, made_of="hash")


def main() -> None:
    """Print what each child was answered, and how it ended."""
    endpoint, cache = given()
    for work in CASES:
        answers, ended = forked(lambda told, work=work: die_at(work, endpoint, cache, told))
        say({"user": work.user, "answers": answers, "ended": ended})


if __name__ == "__main__":
    main()
