"""kill −9 of real processes at every step of a commit, a migration, a settling, a completion of an upload.

Nothing that was answered is lost, nothing is doubled, and whoever comes next finishes it.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from local.objectstore import local_endpoint, running
from reel import keys
from storage import framings, jobs
from storage.objects import Objects
from storage.userdb import Manner, UserDatabases
from tests.reel.edits import uuid
from tests.storage import dying, dying_work
from tests.storage.dying import FIRST, SECOND, WRITES, Case
from tests.storage.dying_work import BODY, WANTED, Work
from tests.storage.marks import marks, version

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Died:
    """What the killed processes left: the store, and by user what they were answered and how they ended."""

    objects: Objects
    folder: Path
    said: dict[str, dict[str, Any]]


@contextmanager
def killed(program: str, folder: Path, prepare: Callable[[Objects], None]) -> Iterator[Died]:
    with running(folder / "store", local_endpoint(folder / "store", 0)) as endpoint:
        objects = Objects(endpoint)
        prepare(objects)
        given = json.dumps({"endpoint": asdict(endpoint), "cache": str(folder / "cache")})
        command = [sys.executable, "-m", program, given]
        done = subprocess.run(command, cwd=CHECKOUT, check=True, stdout=subprocess.PIPE, text=True)
        said = {line["user"]: line for line in map(json.loads, done.stdout.splitlines())}
        yield Died(objects, folder, said)
        objects.close()


@pytest.fixture(scope="module")
def died(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Died]:
    folder = tmp_path_factory.mktemp("died")

    def prepare(objects: Objects) -> None:
        before = UserDatabases(objects, FIRST, folder / "before", Manner(pace_s=0))
        for case in dying.CASES:
            before.write(case.user, dying.operation(case, 99), lambda _: None)

    with killed("tests.storage.dying", folder, prepare) as died:
        yield died


@pytest.mark.parametrize("case", dying.CASES, ids=lambda case: case.user)
def test_a_killed_process_loses_nothing_and_doubles_nothing(died: Died, case: Case):
    said = died.said[case.user]
    assert said["ended"] == signal.SIGKILL
    answered = [answer["operation"] for answer in said["answers"]]
    assert len(answered) == case.times - 1  # of the write in which it died nobody heard

    databases = UserDatabases(died.objects, SECOND, died.folder / "after", Manner(pace_s=0))
    stood = databases.read(case.user, marks)
    assert stood[: len(answered)] == answered
    assert len(stood) == len(answered) + (case.step in {"replaced", "published", "pruned"})

    again = [dying.write(databases, case, number) for number in range(WRITES)]
    assert again == [{"operation": dying.operation(case, n).id, "place": n} for n in range(WRITES)]
    assert again[: len(answered)] == said["answers"]
    assert databases.read(case.user, marks) == [answer["operation"] for answer in again]
    assert databases.read(case.user, version) == 1 + WRITES
    assert [kept.version for kept in databases.history(case.user)] == [1]


@pytest.fixture(scope="module")
def died_at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Died]:
    folder = tmp_path_factory.mktemp("died_at_work")

    def prepare(objects: Objects) -> None:
        for work in dying_work.CASES:
            dying_work.desk(work, objects, folder / "before", "before").prepare()

    with killed("tests.storage.dying_work", folder, prepare) as died:
        yield died


@pytest.mark.parametrize("work", dying_work.CASES, ids=lambda work: work.user)
def test_what_a_killed_process_began_is_done_once(died_at_work: Died, work: Work):
    said = died_at_work.said[work.user]
    assert (said["answers"], said["ended"]) == ([], signal.SIGKILL)

    landed = work.step in {"replaced", "published"}
    second, third = (
        dying_work.desk(work, died_at_work.objects, died_at_work.folder / "after", who) for who in ("second", "third")
    )
    if work.what == "settle":
        assert [second.do(502), third.do(503)] == [not landed, False]
        framing = second.database.read(lambda c: framings.newest(c, uuid(40), draft=False))
        assert framing
        assert framing.job_id == uuid(1)
        assert second.database.read(lambda c: c.execute("SELECT count(*) FROM framings").fetchone()) == (1,)
        assert second.database.read(lambda c: jobs.get(c, uuid(1)).state) == "done"
    else:
        assert [second.do(502), third.do(503)] == ["ingesting", "ingesting"]
        begun = second.database.read(lambda c: c.execute("SELECT id FROM jobs").fetchall())
        assert begun == [(uuid(501 if landed else 502),)]
        key = keys.original(work.user, WANTED.game_id, WANTED.id, "mp4")
        assert died_at_work.objects.read(key) == BODY
        assert list(died_at_work.objects.uploads(f"{work.user}/")) == []
