"""The ledger's file: shared by processes, and nothing but a cache."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest

from jobs.ports import Progress, Record
from jobs.retries import Again, Faults
from jobs.spec import SourceRef
from local.ledger import SqliteLedger
from local.ledger_file import LedgerFile
from local.queue import Queue
from reel.errors import NotFound, StoreUnavailable
from tests.jobs.homes import uuid
from tests.local.working import Place, preview

JOB = Record(job="job", user="user", kind="framing")
SOURCE = SourceRef(id="one", key="ann/games/one.mp4", sha256="a" * 64)
CLAIMS, PROCESSES = 20, 3


def claim(path: Path, start, results) -> None:
    ledger = SqliteLedger(LedgerFile(path))
    start.wait(60)
    results.put([ledger.claim("job").attempt for _ in range(CLAIMS)])


def test_claims_of_several_processes_are_told_apart(tmp_path: Path):
    path = tmp_path / "jobs.sqlite"
    ledger = SqliteLedger(LedgerFile(path))
    ledger.create(JOB)
    processes = get_context("forkserver")  # one that loads the packages, and copies of it
    processes.set_forkserver_preload(["tests.local.test_ledger_file"])
    start, results = processes.Barrier(PROCESSES), processes.Queue()
    racers = [processes.Process(target=claim, args=(path, start, results), daemon=True) for _ in range(PROCESSES)]
    for process in racers:
        process.start()
    attempts = [attempt for _ in racers for attempt in results.get(timeout=120)]
    for process in racers:
        process.join()
    assert sorted(attempts) == list(range(1, CLAIMS * PROCESSES + 1))
    assert ledger.read("job").attempt == CLAIMS * PROCESSES


def test_it_is_there_after_a_restart(tmp_path: Path):
    first = LedgerFile(tmp_path / "jobs.sqlite")
    SqliteLedger(first).create(JOB)
    first.close()
    again = LedgerFile(tmp_path / "jobs.sqlite")
    assert SqliteLedger(again).read("job") == JOB
    again.close()


def test_a_damaged_file_is_begun_anew(tmp_path: Path):
    path = tmp_path / "jobs.sqlite"
    path.write_bytes(b"this is no database " * 500)
    ledger = SqliteLedger(LedgerFile(path))
    assert ledger.create(JOB)
    assert ledger.read("job") == JOB


def test_a_torn_file_is_begun_anew(tmp_path: Path):
    path = tmp_path / "jobs.sqlite"
    file = LedgerFile(path)
    for number in range(300):
        SqliteLedger(file).create(Record(job=f"{number}", user="user", kind="framing"))
    file.close()
    body = bytearray(path.read_bytes())
    body[4096:8192] = b"\xff" * 4096
    path.write_bytes(body)
    with pytest.raises(NotFound):
        SqliteLedger(LedgerFile(path)).read("7")


def test_a_file_of_another_release_is_begun_anew(tmp_path: Path):
    path = tmp_path / "jobs.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table jobs (id text)")
        other.execute("pragma user_version = 999")
    ledger = SqliteLedger(LedgerFile(path))
    assert ledger.create(JOB)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreUnavailable):
        LedgerFile(tmp_path / "taken" / "jobs.sqlite")


def test_a_ledger_that_is_locked_for_good_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("local.connections.WAIT_S", 0.01)
    ledger = SqliteLedger(LedgerFile(tmp_path / "jobs.sqlite"))
    ledger.create(JOB)
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite", isolation_level=None)) as other:
        other.execute("begin immediate")
        ledger._file.close()
        with pytest.raises(StoreUnavailable):
            ledger.claim("job")
        assert ledger.read("job") == JOB  # who writes keeps nobody from reading
    assert ledger.claim("job").attempt == 1


def test_an_attempt_whose_job_went_back_is_not_heard(tmp_path: Path):
    place = Place(tmp_path)
    place.dispatch.submit(preview(SOURCE))
    assert place.queue.take("light", "one", 0.0)
    place.ledger.claim(uuid(1))
    place.ledger.beat(uuid(1), 1, 5.0, Progress("rendering", 3, 10, 2.0, 3.5))
    waiting = place.queue.give_back(uuid(1), "one", Again(0.0, "retry", Faults(1)), 6.0)
    assert waiting
    assert (waiting.state, waiting.progress) == ("queued", Progress("retry", 3, 10))
    assert place.ledger.beat(uuid(1), 1, 7.0, Progress("rendering", 9, 10)) == waiting


def test_records_of_long_ago_are_dropped_and_open_ones_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("local.queue.KEPT_RECORDS", 2)
    place = Place(tmp_path)
    place.dispatch.submit(preview(SOURCE, 1))
    for number in range(2, 7):
        place.ledger.create(Record(job=uuid(number), user="ann", kind="preview", state="done"))
    Queue(place.file).forget()
    left = []
    for number in range(1, 7):
        try:
            left.append(place.record(number) and number)
        except NotFound:
            continue
    assert left == [1, 5, 6]


def test_changes_at_once_are_all_counted(tmp_path: Path):
    ledger = SqliteLedger(LedgerFile(tmp_path / "jobs.sqlite"))
    ledger.create(JOB)
    ledger.claim(JOB.job)
    with ThreadPoolExecutor(8) as pool:
        seqs = list(pool.map(lambda n: ledger.beat(JOB.job, 1, n, Progress("rendering", n, 99)).seq, range(99)))
    assert sorted(seqs) == list(range(2, 101))
