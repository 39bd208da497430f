"""Databases and copies that are damaged, gone, or of another release; disks that are full."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reel import keys
from reel.errors import (
    NotFound,
    SchemaTooNew,
    SnapshotDamaged,
)
from storage.image import seal
from storage.memory import MemoryBucket
from tests.storage.marks import KEY, MARKS, USER, Process, operation, stored

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bucket() -> MemoryBucket:
    return MemoryBucket()


@pytest.fixture
def process(bucket: MemoryBucket, tmp_path: Path) -> Process:
    return Process(bucket, tmp_path / "cache")


def wal(image: bytes) -> bytes:
    return image[:18] + b"\2\2" + image[20:]


DAMAGES = {
    "nothing": lambda body: b"",
    "one byte": lambda body: b"S",
    "cut in the middle": lambda body: body[: len(body) // 2],
    "cut at the end": lambda body: body[:-1],
    "longer": lambda body: body + b"\0",
    "without its digest": lambda body: body[:-78],
    "one bit is another": lambda body: body[:5000] + bytes([body[5000] ^ 1]) + body[5001:],
    "not SQLite": lambda body: b"<html>502 Bad Gateway</html>" * 500,
    "not SQLite, with a digest": lambda body: seal(b"<html>502 Bad Gateway</html>" * 500),
    "in WAL mode": lambda body: seal(wal(body[:-78])),
    "a page too few": lambda body: seal(body[: -78 - 4096]),
    "another application's": lambda body: seal(body[:68] + b"\0\0\0\7" + body[72:-78]),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_refused_and_nothing_is_lost(
    bucket: MemoryBucket, process: Process, tmp_path: Path, damage: str
):
    process.add("one")
    whole = stored(bucket)
    damaged = DAMAGES[damage](whole)
    bucket.put(KEY, damaged)
    for met in (process, Process(bucket, tmp_path / "other")):
        with pytest.raises(SnapshotDamaged) as caught:
            met.marks()
        assert caught.value.details == {"key": KEY}
        with pytest.raises(SnapshotDamaged):
            met.add("two")
    assert stored(bucket) == damaged
    bucket.put(KEY, whole)
    assert process.add("two") == {"marks": 2}


def test_a_database_that_is_gone_is_not_begun_anew_over_its_history(bucket: MemoryBucket, process: Process):
    process.add("one")
    bucket.put(keys.history(USER, 1), stored(bucket))
    bucket.delete(KEY)
    with pytest.raises(SnapshotDamaged, match="restore"):
        process.add("two")
    assert list(bucket.keys("")) == [keys.history(USER, 1)]
    process.databases.restore(USER, 1, operation("restore"))
    assert process.add("two") == {"marks": 2}


def test_a_cached_copy_that_was_changed_or_removed_is_not_believed(
    bucket: MemoryBucket, process: Process, tmp_path: Path
):
    process.add("one")
    for spoil in (lambda path: path.write_bytes(b"not it"), lambda path: path.unlink()):
        (copy,) = (tmp_path / "cache").iterdir()
        spoil(copy)
        assert process.marks() == ["one"]
    (copy,) = (tmp_path / "cache").iterdir()
    copy.write_bytes(b"")
    assert process.add("two") == {"marks": 2}
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_without_a_cache_folder_all_goes_on(bucket: MemoryBucket, tmp_path: Path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    process = Process(bucket, tmp_path / "cache")
    assert process.add("one") == {"marks": 1}
    assert process.add("two") == {"marks": 2}
    assert process.marks() == ["one", "two"]


FULL_DISK = """
import resource, sys
from pathlib import Path
from storage.memory import MemoryBucket
from tests.storage.marks import Process
cache = Path(sys.argv[1])
process = Process(MemoryBucket(), cache)
process.add("one")
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
process.add("two")
process.add("three")
assert process.marks() == ["one", "two", "three"], process.marks()
assert list(cache.iterdir()) == [], list(cache.iterdir())
"""


def test_a_full_disk_under_the_cache_costs_nothing_but_time(tmp_path: Path):
    """Files above 5,000 bytes fail as on a full disk: no copy can be kept."""
    subprocess.run([sys.executable, "-c", FULL_DISK, tmp_path / "cache"], cwd=CHECKOUT, check=True)


def test_what_a_newer_release_wrote_is_refused_and_kept(bucket: MemoryBucket, process: Process, tmp_path: Path):
    process.add("one")
    newer = Process(bucket, tmp_path / "newer", (*MARKS, "CREATE TABLE more (id INTEGER)"))
    newer.add("two")
    before = stored(bucket)
    with pytest.raises(SchemaTooNew):
        process.marks()
    with pytest.raises(SchemaTooNew):
        process.add("three")
    assert stored(bucket) == before
    assert newer.marks() == ["one", "two"]


def test_a_missing_snapshot_cannot_be_restored(bucket: MemoryBucket, process: Process):
    process.add("one")
    before = stored(bucket)
    with pytest.raises(NotFound):
        process.databases.restore(USER, 7, operation("restore"))
    assert stored(bucket) == before
