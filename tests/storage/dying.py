"""Processes that write a user's database and are killed at a named step. A program: see test_crash.py.

It forks one child a case, since a process that has loaded boto3 is ready at once. Each child writes as its own user;
what it was answered before it died goes to stdout, a JSON line a case.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.endpoint import Endpoint
from storage.objects import Objects
from storage.operations import Operation
from storage.userdb import Manner, UserDatabases

FIRST = ("CREATE TABLE marks (operation TEXT NOT NULL, place INTEGER NOT NULL) STRICT",)
SECOND = (*FIRST, "ALTER TABLE marks ADD COLUMN note TEXT NOT NULL DEFAULT ''")
WRITES = 3


@dataclass(frozen=True)
class Case:
    """Die at a step, when it is reached for the nth time."""

    step: str
    times: int

    @property
    def user(self) -> str:
        return f"killed-{self.step}-{self.times}"


# The first write migrates, and puts a snapshot into the history before it does; the second is a plain one.
CASES = (
    *(Case(step, 1) for step in ("refreshed", "migrated", "drafted", "kept", "replaced", "published", "pruned")),
    *(Case(step, 2) for step in ("refreshed", "drafted", "replaced", "published")),
)


def operation(case: Case, number: int) -> Operation:
    return Operation(f"{case.user}-{number}", "0" * 64, "PUT /api/marks")


def mark(connection: sqlite3.Connection, of: Operation) -> dict[str, Any]:
    place = connection.execute("SELECT count(*) FROM marks").fetchone()[0]
    connection.execute("INSERT INTO marks (operation, place) VALUES (?, ?)", (of.id, place))
    return {"operation": of.id, "place": place}


def write(databases: UserDatabases, case: Case, number: int) -> Any:
    asked = operation(case, number)
    return databases.write(case.user, asked, lambda connection: mark(connection, asked))


def die_at(case: Case, endpoint: Endpoint, cache: Path, told: Callable[[Any], None]) -> None:
    """Write until the step is reached; each answer is told before the next write."""
    objects = Objects(endpoint)
    databases = UserDatabases(objects, SECOND, cache, Manner(pace_s=0, at=Countdown(case.step, case.times)))
    for number in range(WRITES):
        told(write(databases, case, number))
    objects.close()


@dataclass
class Countdown:
    """Kills its process when it is told a step for the nth time."""

    step: str
    left: int = 1

    def __call__(self, step: str) -> None:
        self.left -= step == self.step
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def forked(work: Callable[[Callable[[Any], None]], None]) -> tuple[list[Any], int]:
    """Run `work` in a child; return what it told before it ended, and how it ended: a signal, or 0."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        work(lambda answer: (os.write(told, json.dumps(answer).encode() + b"\n"), None)[1])
        os._exit(0)
    os.close(told)
    with os.fdopen(heard) as answers:
        lines = [json.loads(line) for line in answers]
    return lines, os.waitpid(child, 0)[1]


def say(said: Any) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def given() -> tuple[Endpoint, Path]:
    """Return the endpoint and the cache folder that the program was given."""
    found = json.loads(sys.argv[1])
    return Endpoint(**found["endpoint"]), Path(found["cache"])


def main() -> None:
    """Print what each child was answered, and how it ended."""
    endpoint, cache = given()
    for case in CASES:
        answers, ended = forked(lambda told, case=case: die_at(case, endpoint, cache, told))
        say({"user": case.user, "answers": answers, "ended": ended})


if __name__ == "__main__":
    main()
