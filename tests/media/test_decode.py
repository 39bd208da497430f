"""Decoding is exact: which picture shows when, by its burnt-in number, whatever the container does to time."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from io import FileIO
from pathlib import Path

import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from media.decode import all_frames, frame_times, frames, held, picture_count, snapped
from media.open import open_footage
from media.probe import probe
from reel.errors import SourceUnreadable
from reel.geometry import Size
from reel.timing import Span
from tests.media.footage import B_FRAMES, FORMS, H264, OPEN_GOPS, formed, number_of, numbered, numbers_of, remuxed

COUNT = 40


class Known:
    """A file with what is known about it: each picture's pts and number, in order."""

    def __init__(self, path: Path) -> None:
        self.path, self.source = path, probe(path)
        self.numbers = {frame.pts or 0: number_of(frame) for frame in all_frames(path)}
        self.times = sorted(self.numbers)

    def showing(self, span: Span) -> list[int]:
        """Return the pts of what is shown during a span: the definition, in the fewest words."""
        begun = [pts for pts in self.times if pts <= span.in_pts][-1:]
        return begun + [pts for pts in self.times if span.in_pts < pts < span.out_pts]

    def check(self, span: Span) -> None:
        expected = self.showing(span)
        assert list(frame_times(self.path, self.source, span)) == expected
        decoded = list(frames(self.path, self.source, span))
        assert [frame.pts for frame in decoded] == expected
        assert numbers_of(decoded) == [self.numbers[pts] for pts in expected]


@pytest.fixture(scope="module", params=FORMS)
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Known:
    return Known(formed(request.param, tmp_path_factory.mktemp("decode"), frames=COUNT))


def test_the_whole_source_is_every_picture_once(known: Known):
    assert list(known.numbers.values()) == list(range(COUNT))
    known.check(known.source.span)


def test_a_span_may_begin_on_before_and_after_a_picture(known: Known):
    ends = [*known.times, known.source.span.out_pts]
    for first in (0, 1, 5, 11, 12, 14, COUNT - 1):
        begin = ends[first]
        known.check(Span(begin, begin + 1))
        known.check(Span(begin + 1, ends[min(first + 4, COUNT)] + 1))
        known.check(Span(max(begin - 1, known.times[0]), ends[first + 1]))


def test_the_last_picture_shows_to_the_end(known: Known):
    known.check(Span(known.source.span.out_pts - 1, known.source.span.out_pts))


def test_a_reader_gives_what_its_file_gives(known: Known):
    span = Span(known.times[15], known.times[25])
    with known.path.open("rb") as reader:
        assert frame_times(reader, known.source, span) == frame_times(known.path, known.source, span)
        assert numbers_of(frames(reader, known.source, span)) == list(range(15, 25))


LONG = {
    "sync frames far apart": ("a.ts", (*H264, "-bf", "3", "-g", "140")),
    "one sync frame": ("a.ts", (*H264, "-bf", "3", "-g", "1000")),
    "open GOPs": ("b.ts", OPEN_GOPS),
    "mkv without an index": ("a.mkv", (*B_FRAMES, "-live", "1")),
}


@pytest.mark.parametrize("form", LONG)
def test_seeking_lands_before_what_is_wanted(form: str, tmp_path: Path):
    name, options = LONG[form]
    known = Known(numbered(tmp_path / name, *options, frames=300, size=Size(48, 32)))
    for first in (120, 141, 299):
        ends = [*known.times, known.source.span.out_pts]
        known.check(Span(ends[first], ends[first + 1]))
        known.check(Span(ends[first] + 1, ends[min(first + 5, 300)]))


def test_only_the_wanted_part_is_read(tmp_path: Path):
    class Counting(FileIO):
        """A file that counts what is read of it."""

        taken = 0

        def readinto(self, buffer) -> int:
            count = super().readinto(buffer) or 0
            self.taken += count
            return count

        def read(self, size: int | None = -1) -> bytes:
            body = super().read(-1 if size is None else size)
            self.taken += len(body)
            return body

    loud = ("-f", "lavfi", "-i", "anullsrc=d=24")  # 4 MB among the pictures
    path = numbered(tmp_path / "a.mov", *B_FRAMES, "-c:a", "pcm_s16le", frames=600, sound=loud)
    source = probe(path)
    with Counting(path) as reader:
        assert numbers_of(frames(reader, source, Span(500 * 512, 503 * 512))) == [500, 501, 502]
        assert reader.taken < path.stat().st_size / 4


def test_times_are_those_that_the_pictures_had(tmp_path: Path):
    """Frames that were dropped leave a gap; the others stay where they were."""
    dropping = ("-vf", "select='not(eq(mod(n,7),3)+between(n,20,29))'", "-fps_mode", "vfr")
    for name, ticks in (("a.mp4", 24), ("a.mkv", 40)):
        known = Known(numbered(tmp_path / name, *B_FRAMES, *dropping, "-video_track_timescale", "600"))
        assert known.numbers == {n * ticks: n for n in range(50) if n % 7 != 3 and not 20 <= n < 30}
        known.check(Span(22 * ticks, 24 * ticks))  # in the gap
        known.check(Span(18 * ticks + 1, 31 * ticks))


@pytest.mark.parametrize("begin_s", ["0.3", "0.52"])
def test_an_edit_list_hides_the_pictures_before_it(begin_s: str, tmp_path: Path):
    whole = numbered(tmp_path / "whole.mp4", *B_FRAMES)
    known = Known(remuxed(whole, tmp_path / "a.mp4", before=("-ss", begin_s)))
    first = -(-Fraction(begin_s) * 25 // 1)
    assert known.numbers[known.times[0]] == first
    known.check(known.source.span)
    for place in (0, 1, 5, 20):
        known.check(Span(known.times[place], known.times[place + 1]))
        known.check(Span(known.times[place] + 1, known.times[place + 3]))


def damaged(path: Path, target: Path, place: int) -> Path:
    """Copy a file with one picture's packet blotted out."""
    with open_footage(path) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][place]
        begin, size = packet.pos or 0, packet.size
    body = bytearray(path.read_bytes())
    body[begin + 4 : begin + size] = b"\xff" * (size - 4)
    target.write_bytes(body)
    return target


@pytest.mark.parametrize("form", ["mp4", "open GOPs", "mpeg4", "prores", "av1", "webm"])
@pytest.mark.parametrize("place", [12, 17])
def test_a_damaged_picture_does_not_stop_the_rest(form: str, place: int, tmp_path: Path):
    whole = formed(form, tmp_path)
    source = probe(whole)
    path = damaged(whole, tmp_path / f"damaged{whole.suffix}", place)
    pictures = list(frames(path, source, source.span))
    numbers = {frame.pts: number_of(frame) for frame in pictures}
    truth = {frame.pts: number_of(frame) for frame in all_frames(whole)}
    # One sync frame in the last two: all that follows the damage leans on it.
    good = range(8) if form in {"av1", "webm"} else (*range(8), *range(40, 50))
    ends = [pts for pts, number in truth.items() if number in good]
    assert {pts: numbers[pts] for pts in ends} == {pts: truth[pts] for pts in ends}
    assert list(numbers) == [pts for pts in truth if pts in numbers]


def test_no_picture_at_all_is_said(tmp_path: Path):
    whole = numbered(tmp_path / "a.mp4", "-movflags", "+faststart")
    source, body = probe(whole), whole.read_bytes()
    path = tmp_path / "b.mp4"
    begin = body.index(b"mdat") + 4
    path.write_bytes(body[:begin] + bytes(len(body) - begin))
    with pytest.raises(SourceUnreadable) as caught:
        next(frames(path, source, Span(5000, 6000)))
    assert caught.value.details == {"in_pts": 5000, "out_pts": 6000}


def test_a_span_before_the_first_picture_has_none(tmp_path: Path):
    path = numbered(tmp_path / "a.mp4", "-output_ts_offset", "10", frames=5)
    source = probe(path)
    for read in (frame_times, lambda *what: next(frames(*what))):
        with pytest.raises(SourceUnreadable):
            read(path, source, Span(0, source.span.in_pts))
    assert frame_times(path, source, Span(0, source.span.in_pts + 1)) == (source.span.in_pts,)


def stamped(*times: int) -> Iterator[VideoFrame]:
    for pts in times:
        frame = VideoFrame(16, 16, "gray")
        frame.pts = pts
        yield frame


@pytest.mark.parametrize(
    ("pictures", "shown", "expected"),
    [
        ((0, 10, 20), (0, 10, 20), [(0, 1), (10, 1), (20, 1)]),
        ((0, 10, 20), (0, 0, 10, 10, 10, 20), [(0, 2), (10, 3), (20, 1)]),  # slower
        ((0, 10, 20, 30), (0, 20), [(0, 1), (10, 0), (20, 1), (30, 0)]),  # faster
        ((0, 10, 30), (0, 10, 20, 30), [(0, 1), (10, 2), (30, 1)]),  # one is missing
        ((0, 10), (0, 10, 20, 30), [(0, 1), (10, 3)]),  # the last ones are
        ((10, 20), (0, 10, 20), [(10, 2), (20, 1)]),  # the first one is
    ],
)
def test_each_output_frame_holds_the_picture_that_it_shows(
    pictures: tuple[int, ...], shown: tuple[int, ...], expected: list[tuple[int, int]]
):
    assert [(frame.pts, count) for frame, count in held(stamped(*pictures), shown)] == expected


def test_pictures_are_counted(tmp_path: Path):
    assert picture_count(numbered(tmp_path / "a.mp4", *B_FRAMES, frames=37)) == 37


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """A variable rate with a long gap: frames at 0 to 9 and 30 to 49, of 24 ticks each."""
    gap = ("-vf", "select='not(between(n,10,29))'", "-fps_mode", "vfr", "-video_track_timescale", "600")
    return Known(numbered(tmp_path_factory.mktemp("snapped") / "a.mp4", *B_FRAMES, *gap))


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span(48, 96), Span(48, 96)),
        (Span(49, 95), Span(48, 96)),
        (Span(61, 62), Span(48, 72)),  # no frame begins in it: the one that is showing then
        (Span(61, 80), Span(72, 96)),
        (Span(60, 108), Span(72, 120)),  # the later of two as near
        (Span(-50, 30), Span(0, 24)),
        (Span(200, 260), Span(192, 216)),
        (Span(216, 400), Span(216, 720)),  # in the gap: to its end, not to the source's
        (Span(300, 400), Span(216, 720)),
        (Span(500, 730), Span(720, 744)),
        (Span(1170, 1190), Span(1176, 1200)),
        (Span(1150, 9999), Span(1152, 1200)),
        (Span(5000, 9999), Span(1176, 1200)),
    ],
)
def test_ends_are_snapped_to_frames(uneven: Known, span: Span, expected: Span):
    assert uneven.source.span == Span(0, 1200)
    assert snapped(uneven.path, uneven.source, span) == expected


@given(st.integers(0, 1199), st.integers(1, 1300))
def test_what_is_snapped_holds_a_frame_and_stays_as_it_is(uneven: Known, begin: int, length: int):
    found = snapped(uneven.path, uneven.source, Span(begin, begin + length))
    assert found.in_pts in uneven.times
    assert found.out_pts in [*uneven.times[1:], 1200]
    assert snapped(uneven.path, uneven.source, found) == found
