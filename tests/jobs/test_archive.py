"""Archives: every object as it was, under a name that unpacks anywhere; what is gone is told."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest

from jobs.archive import MISSING
from jobs.spec import ArchiveMember, ArchiveSpec
from local.folder import FolderStore
from reel import keys
from tests.jobs.homes import USER, Home, uuid


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def archiving(home: Home, *named: tuple[str, bytes | None], job: int = 1, **fields: Any) -> ArchiveSpec:
    """Return the spec of an archive of objects with these contents; None is none."""
    members: list[ArchiveMember] = []
    for number, (name, body) in enumerate(named):
        key = keys.draft(USER, uuid(900), uuid(number))
        if body is not None:
            home.store.put(key, body)
        members.append(ArchiveMember(name=name, key=key))
    given: dict[str, Any] = {"user": USER, "members": tuple(members)}
    return ArchiveSpec(**(given | fields), job=uuid(job))


def packed(home: Home, spec: ArchiveSpec) -> ZipFile:
    return ZipFile(BytesIO(home.store.read(spec.output_key)))


def test_objects_come_as_they_are(home: Home) -> None:
    contents = {"reels/Cup final.mp4": bytes(range(256)) * 9000, "empty.json": b"", "Zoë 42.tsv": b"Tor\n"}
    spec = archiving(home, *contents.items())
    value = home.done(spec)
    assert spec.output_key == keys.download(USER, uuid(1), "zip")
    size_bytes = len(home.store.read(spec.output_key))
    assert value == {"key": spec.output_key, "files": 3, "size_bytes": size_bytes, "missing": []}
    with packed(home, spec) as found:
        assert found.testzip() is None
        assert {info.filename: found.read(info) for info in found.infolist()} == contents
        assert {info.compress_type for info in found.infolist()} == {ZIP_STORED}


def test_what_is_gone_is_listed(home: Home) -> None:
    spec = archiving(home, ("a.mp4", b"one"), ("b.mp4", None), ("c.mp4", None))
    value = home.done(spec)
    assert (value["files"], value["missing"]) == (1, ["b.mp4", "c.mp4"])
    with packed(home, spec) as found:
        assert found.namelist() == ["a.mp4", MISSING]
        assert found.read(MISSING).decode().splitlines()[1:] == ["b.mp4", "c.mp4"]


def test_an_archive_of_nothing_is_one(home: Home) -> None:
    spec = archiving(home)
    assert home.done(spec)["files"] == 0
    assert packed(home, spec).namelist() == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/absolute.mp4", "absolute.mp4"),
        ("C:\\Windows\\a.mp4", "C_/Windows/a.mp4"),
        ("a\0b\n.mp4", "a_b_.mp4"),
        ("..", "file"),
        ("", "file"),
        (". . .", "file"),
        ("x" * 400 + ".mp4", "x" * 197 + ".mp4"),
        ("half \ud800.mp4", "half _.mp4"),
    ],
)
def test_every_name_stays_in_the_folder(home: Home, name: str, shown: str) -> None:
    spec = archiving(home, ("a", b"one")).model_copy(update={"members": ()})
    home.store.put(keys.draft(USER, uuid(900), uuid(0)), b"one")
    member = ArchiveMember.model_construct(name=name, key=keys.draft(USER, uuid(900), uuid(0)))
    spec = spec.model_copy(update={"members": (member,)})
    home.done(spec)
    assert packed(home, spec).namelist() == [shown]


def test_no_two_files_have_one_name(home: Home) -> None:
    spec = archiving(home, *[("Goal.mp4", b"1"), ("goal.MP4", b"2"), ("Goal.mp4", b"3"), (MISSING, b"4")], ("a", b"5"))
    home.done(spec)
    assert packed(home, spec).namelist() == ["Goal.mp4", "goal (2).MP4", "Goal (3).mp4", "missing (2).txt", "a"]


def test_the_same_objects_give_the_same_bytes(home: Home) -> None:
    first, again = (archiving(home, ("a.mp4", b"one"), ("b.mp4", None), job=job) for job in (1, 2))
    home.done(first)
    home.done(again)
    assert home.store.read(first.output_key) == home.store.read(again.output_key)


def test_somebody_elses_object_is_none_of_it(home: Home) -> None:
    home.store.put("bob/secret.mp4", b"secret")
    spec = archiving(home).model_copy(update={"members": (ArchiveMember(name="a", key="bob/secret.mp4"),)})
    assert home.failure(spec)["code"] == "bad_field"
    assert not home.store.exists(spec.output_key)


def test_it_takes_no_memory_for_what_is_large(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    home = Home(scratch, store=FolderStore(tmp_path / "store"))
    key = keys.draft(USER, uuid(900), uuid(0))
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(100 * 2**20)
    home.store.put_file(key, large)
    spec = archiving(home).model_copy(update={"members": (ArchiveMember(name="large.mp4", key=key),)})
    tracemalloc.start()
    value = home.done(spec)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert value["size_bytes"] > 100 * 2**20
    assert most < 20 * 2**20
