"""What becomes of a source that is cut, that vanishes or whose disk fails while it is read: an error, and soon."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from fractions import Fraction
from io import FileIO
from pathlib import Path

import pytest

from media.decode import frame_times, frames
from media.index import scan
from media.open import Footage, open_footage
from media.packets import first_missing, shown_times, size_of
from media.probe import probe, video_stream
from reel.errors import SourceGone, SourceTruncated, SourceUnreadable
from reel.geometry import Size
from reel.timing import Span
from tests.media.footage import B_FRAMES, TONE, numbered

FRAMES = 200


@pytest.fixture(params=[".mp4", ".mkv", ".ts"])
def game(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Eight seconds; far more bytes than libavformat reads ahead."""
    path = tmp_path / f"game{request.param}"
    noise = ("-vf", "noise=alls=60:allf=t", "-movflags", "+faststart")
    return numbered(path, *B_FRAMES, *noise, frames=FRAMES, size=Size(192, 144), sound=TONE)


@pytest.mark.parametrize("by", ["path", "reader"])
def test_a_source_that_is_cut_while_it_is_read(game: Path, by: str) -> None:
    source = probe(game)
    with game.open("rb") as reader:
        footage: Footage = game if by == "path" else reader
        pictures = frames(footage, source, source.span)
        shown = [next(pictures).pts for _ in range(5)]
        os.truncate(game, game.stat().st_size // 2)
        with pytest.raises(SourceTruncated) as caught:
            shown.extend(frame.pts for frame in pictures)
    usable_s = caught.value.details["usable_s"]
    assert isinstance(usable_s, float)
    assert 1 < usable_s < 7
    assert abs(usable_s - len(shown) / 25) < 1


@pytest.mark.parametrize("read", [frame_times, lambda *what: list(frames(*what))])
def test_a_source_that_was_cut_before_a_clip_is_read(game: Path, read: Callable[[Path, object, Span], object]) -> None:
    """A clip in what is left is fine; one that reaches past it is refused."""
    source = probe(game)
    tick = source.time_base
    os.truncate(game, game.stat().st_size // 2)
    first = source.span.in_pts
    assert read(game, source, Span(first, first + int(1 / tick)))
    with pytest.raises((SourceTruncated, SourceUnreadable)):
        read(game, source, Span(first + int(3 / tick), first + int(7 / tick)))


def test_an_mp4_cut_before_its_job_began(tmp_path: Path) -> None:
    """Its index says what is missing, although the size is the one that the job found."""
    path = numbered(tmp_path / "a.mp4", *B_FRAMES, "-movflags", "+faststart", frames=FRAMES, size=Size(192, 144))
    os.truncate(path, path.stat().st_size // 2)
    source = probe(path, tail=False)
    with open_footage(path) as container:
        missing = first_missing(video_stream(container), size_of(path))
    assert missing is not None
    assert frame_times(path, source, Span(0, missing))[-1] < missing
    for read in (frame_times, lambda *what: list(frames(*what))):
        with pytest.raises(SourceTruncated):
            read(path, source, Span(0, missing + 10 * 512))


def test_the_index_of_a_source_that_is_cut_meanwhile(game: Path) -> None:
    source = probe(game)
    os.truncate(game, game.stat().st_size // 2)
    with pytest.raises(SourceTruncated):
        scan(game, source, lambda _: None)


def test_a_source_that_vanishes(game: Path) -> None:
    source = probe(game)
    pictures = frames(game, source, source.span)
    next(pictures)
    game.unlink()
    with pytest.raises(SourceGone):
        list(pictures)
    for read in (frame_times, lambda *what: next(frames(*what))):
        with pytest.raises(SourceGone):
            read(game, source, source.span)


class Failing(FileIO):
    """A file on a disk that begins to fail."""

    failing = False

    def readinto(self, buffer) -> int:
        self._fail()
        return super().readinto(buffer) or 0

    def read(self, size: int | None = -1) -> bytes:
        self._fail()
        return super().read(-1 if size is None else size)

    def _fail(self) -> None:
        if self.failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_disk_that_fails(game: Path) -> None:
    source = probe(game)
    with Failing(game) as footage:
        pictures = frames(footage, source, source.span)
        next(pictures)
        footage.failing = True
        with pytest.raises(SourceUnreadable, match="Input/output error"):
            list(pictures)


def test_a_reader_stays_where_it_is(game: Path) -> None:
    with game.open("rb") as reader:
        reader.seek(1000)
        assert size_of(reader) == game.stat().st_size
        assert reader.tell() == 1000
    assert size_of(game.with_name("absent")) == 0


def test_times_that_are_said_twice_count_once(tmp_path: Path) -> None:
    """Two recordings in one transport stream, a frame of which overlaps."""
    late = ("-bf", "0", "-muxdelay", "0", "-output_ts_offset")
    body = b"".join(
        numbered(tmp_path / f"{number}.ts", *late, str(at_s), frames=10).read_bytes()
        for number, at_s in enumerate((0.0, 0.36))
    )
    path = tmp_path / "both.ts"
    path.write_bytes(body)
    source = probe(path)
    with open_footage(path) as container:
        times = list(shown_times(container, video_stream(container)))
    assert len(times) == 19
    assert times == sorted(set(times)) == [frame.pts for frame in frames(path, source, source.span)]
    assert source.rate == Fraction(25)
