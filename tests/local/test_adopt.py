"""Footage that is taken in: looked over once, known again by its size and time, and by its content wherever it lies."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from jobs.sources import standing
from local.adopt import adopt
from local.folder import FolderStore
from media import ffmpeg
from reel.errors import SourceGone, SourceTruncated
from tests.local.terminal import Run
from tests.media.footage import numbered


class Shelf:
    """A store, and what was said while footage was taken into it."""

    def __init__(self, root: Path) -> None:
        self.store = FolderStore(root)
        self.said: list[str] = []

    def take(self, path: Path, *, accept_truncated: bool = False) -> str:
        """Adopt a file; return its source's id."""
        return adopt(path, self.store, accept_truncated=accept_truncated, doing=self.said.append).id


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "objects")


@pytest.fixture
def own(game: Path, tmp_path: Path) -> Path:
    """A copy of the game that a test may change."""
    return Path(shutil.copy2(game, tmp_path / "own.mp4"))


def test_a_file_is_looked_over_once(shelf: Shelf, own: Path) -> None:
    first = shelf.take(own)
    assert shelf.said == ["Looking over own.mp4"]
    assert shelf.take(own) == first
    assert len(shelf.said) == 1


def test_so_is_one_whose_sound_goes_on(shelf: Shelf, tmp_path: Path) -> None:
    own = numbered(tmp_path / "own.mkv", sound=("-f", "lavfi", "-i", "sine=duration=4"))  # names the longest's end
    first = adopt(own, shelf.store, doing=shelf.said.append)
    assert first.usable_until_pts == 2000
    assert adopt(own, shelf.store, doing=shelf.said.append) == first
    assert len(shelf.said) == 1


def test_nothing_is_copied(shelf: Shelf, own: Path) -> None:
    shelf.take(own)
    with standing(adopt(own, shelf.store), shelf.store) as footing:
        assert isinstance(footing.footage, Path)
        assert footing.footage.resolve() == own


def test_a_changed_file_is_another_source(shelf: Shelf, own: Path) -> None:
    first = shelf.take(own)
    before = own.stat()
    with own.open("r+b") as file:  # as long as before
        file.seek(-20, os.SEEK_END)
        file.write(b"other")
    os.utime(own, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert shelf.take(own) != first
    assert len(shelf.said) == 2


def test_the_same_content_is_the_same_source_wherever_it_lies(shelf: Shelf, own: Path, tmp_path: Path) -> None:
    first = adopt(own, shelf.store)
    twin = Path(shutil.copy(own, tmp_path / "twin.mp4"))
    assert adopt(twin, shelf.store) == first
    moved = own.rename(tmp_path / "moved.mp4")
    twin.unlink()
    assert adopt(moved, shelf.store) == first
    with standing(first, shelf.store) as footing:
        assert footing.footage.resolve() == moved  # pyright: ignore[reportAttributeAccessIssue]


def test_a_link_is_the_file_that_it_leads_to(shelf: Shelf, own: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.mp4"
    link.symlink_to(own)
    first = adopt(link, shelf.store)
    link.unlink()
    with standing(first, shelf.store) as footing:
        assert footing.source.rate == 5


def test_a_file_that_vanishes_meanwhile(shelf: Shelf, own: Path) -> None:
    taken = adopt(own, shelf.store)
    own.unlink()
    with pytest.raises(SourceGone), standing(taken, shelf.store):
        pass
    with pytest.raises(SourceGone, match=r"There is no file .*own\.mp4"):
        shelf.take(own)


def test_a_truncated_file_is_accepted_by_word_only(shelf: Shelf, own: Path) -> None:
    os.truncate(own, own.stat().st_size * 6 // 10)
    with pytest.raises(SourceTruncated):
        shelf.take(own)
    accepted = adopt(own, shelf.store, accept_truncated=True, doing=shelf.said.append)
    looked = len(shelf.said)
    assert adopt(own, shelf.store, accept_truncated=True, doing=shelf.said.append) == accepted
    assert len(shelf.said) == looked
    with pytest.raises(SourceTruncated):
        shelf.take(own)


def test_a_memory_that_cannot_be_read_is_no_memory(shelf: Shelf, own: Path) -> None:
    first = shelf.take(own)
    (memory,) = shelf.store.keys("_known/")
    for damaged in (b"", b"{", b"[]", b'{"another": "version"}'):
        shelf.store.put(memory, damaged)
        assert shelf.take(own) == first
    assert len(shelf.said) == 5


def test_the_command_line_renders_what_changed(run: Run, own: Path, clips: Path, tmp_path: Path) -> None:
    reel = ("reel", own, "--clips", clips, "--look", "draft", "--json", "-o", tmp_path / "reel.mp4")
    assert run(*reel).last["rendered_frames"] == 15
    moved = own.rename(tmp_path / "moved.mp4")
    again = run("reel", moved, *reel[2:])
    assert (again.last["rendered_frames"], again.last["reused_frames"]) == (0, 15)
    ffmpeg.run(["-i", f"file:{moved}", "-c", "copy", "-metadata", "title=Other", "-y", f"file:{own}"])
    assert run(*reel).last["rendered_frames"] == 15
