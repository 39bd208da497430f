"""The command that lists snapshots and brings one back, on real databases in a store in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.history import history
from reel import keys
from reel.errors import BadField, BadInput, Json
from storage.memory import MemoryBucket
from tests.local.terminal import Run, assert_refused
from tests.storage.marks import USER, Process

DAY_S = 86400.0


class Said:
    """A console that remembers the results."""

    def __init__(self) -> None:
        self.results: list[tuple[dict[str, Json], str]] = []

    def note(self, text: str) -> None: ...

    def doing(self, text: str) -> None: ...

    def announce(self, record: object) -> None: ...

    def fault(self, error: object) -> None: ...

    def result(self, fields: dict[str, Json], text: str) -> None:
        self.results.append((fields, text))


@pytest.fixture
def bucket() -> MemoryBucket:
    return MemoryBucket()


@pytest.fixture
def process(bucket: MemoryBucket, tmp_path: Path) -> Process:
    process = Process(bucket, tmp_path)
    for name in ("one", "two", "three"):
        process.add(name)
        process.clock.sleep(DAY_S)
    return process


def test_the_snapshots_are_listed(process: Process):
    said = Said()
    history(process.databases, USER, None, said)
    history(process.databases, "ben", None, said)
    (fields, text), (none, nothing) = said.results
    snapshots = fields["snapshots"]
    assert isinstance(snapshots, list)
    assert [list(shot) for shot in snapshots if isinstance(shot, dict)] == [
        ["version", "written_at", "size_bytes", "schema"]
    ] * 2
    assert [line.split()[0] for line in text.splitlines()] == ["2", "1"]
    assert "2027-01-1" in text
    assert none == {"user": "ben", "snapshots": []}
    assert "ben" in nothing


def test_one_comes_back(process: Process):
    said = Said()
    history(process.databases, USER, 1, said)
    assert process.marks() == ["one"]
    assert said.results[0][0] == {"user": USER, "version": 4, "restored": 1}


def test_what_cannot_be_read_is_listed_as_that(bucket: MemoryBucket, process: Process):
    bucket.put(keys.database(USER), b"damaged")
    said = Said()
    history(process.databases, USER, 2, said)
    bucket.put(keys.history(USER, 1), b"damaged too")
    history(process.databases, USER, None, said)
    assert [line.split(maxsplit=1)[1] for line in said.results[1][1].splitlines()[-2:]] == [
        "cannot be read, 0.00 MB",
        "what could not be read when it was replaced, 0.00 MB",
    ]


@pytest.mark.parametrize("user", ["", "_active", "../b"])
def test_who_is_no_user(process: Process, user: str):
    with pytest.raises(BadField):
        history(process.databases, user, None, Said())


@pytest.mark.parametrize(("version", "error"), [(7, BadInput), (-1, BadField)])
def test_what_is_no_snapshot(process: Process, version: int, error: type[Exception]):
    with pytest.raises(error):
        history(process.databases, USER, version, Said())
    assert process.marks() == ["one", "two", "three"]


def test_the_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = run("history", "dev-local", "--json")
    assert (listed.code, listed.last) == (0, {"user": "dev-local", "snapshots": []})
    refused = assert_refused(run, "bad_input", "history", "dev-local", "--restore", "7")
    assert refused["message"] == "dev-local has no snapshot of version 7."
    assert_refused(run, "bad_field", "history", "../ann")
    monkeypatch.setenv("R2_BUCKET_NAME", "ours")
    refused = assert_refused(run, "bad_input", "history", "dev-local")
    assert "R2_ENDPOINT_URL" in refused["message"]
