"""Interlaced footage: each field is a picture of its own moment, whole, and the same wherever decoding begins."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from media import ffmpeg
from media.colour import lines
from media.decode import all_frames, frame_times, frames, snapped
from media.index import ptsmap_json, read_ptsmap, scan
from media.interlace import deinterlaced, field_clock, field_times
from media.probe import probe
from media.proxy import needs_proxy, proxy_frames, proxy_rate
from reel.errors import CodecUnsupported
from reel.geometry import Size
from reel.timing import Span
from tests.media.footage import numbered, remuxed
from tests.media.paff import write_fields

SIZE, FIELDS = Size(192, 96), 60
FIRST_X, STEP_X, WIDTH = 12, 2, 16


def bar(number: int) -> np.ndarray:
    """Return a picture of a light bar that has moved on by STEP_X in each field."""
    picture = np.full((SIZE.height, SIZE.width), 60, np.uint8)
    left = FIRST_X + STEP_X * number
    picture[:, left : left + WIDTH] = 220
    return picture


def place(frame: VideoFrame) -> float:
    """Return where the left edge of the bar is, in pixels, by where its light lies."""
    luma = lines(frame.planes[0])
    if frame.format.components[0].bits > 8:
        luma = luma.view(np.uint16) / 4
    light = luma[8 : SIZE.height - 8, : SIZE.width].mean(axis=0)  # at the border bwdif has less to look at
    light = np.clip(light - light.min() - 20, 0, None)
    return float((light * (np.arange(SIZE.width) + 0.5)).sum() / light.sum()) - WIDTH / 2


def woven(path: Path, order: str, *options: str, rate: Fraction = Fraction(50)) -> Path:
    """Write the moving bar at `rate` fields a second, interlaced."""
    raw = ["-f", "rawvideo", "-pix_fmt", "gray", "-video_size", f"{SIZE.width}x{SIZE.height}", "-framerate", str(rate)]
    fields = f"interlace=scan={order}:lowpass=off"
    colours = () if "-pix_fmt" in options else ("-pix_fmt", "yuv420p")
    stdin = b"".join(bar(number).tobytes() for number in range(FIELDS))
    ffmpeg.run([*raw, "-i", "pipe:0", "-vf", fields, *options, *colours, "-y", f"file:{path}"], stdin=stdin)
    return path


MPEG2 = ("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-q:v", "2", "-bf", "2")
H264 = ("-c:v", "libx264", "-preset", "superfast", "-crf", "8", "-threads", "1", "-flags", "+ildct+ilme", "-g", "12")


def film(form: str, folder: Path) -> Path:
    match form:
        case "mpegts":
            return woven(folder / "a.ts", "tff", *MPEG2)
        case "mp4":
            return woven(folder / "a.mp4", "tff", *H264, "-x264-params", "tff=1")
        case "mkv":
            return woven(folder / "a.mkv", "tff", *H264, "-x264-params", "tff=1")
        case "lower field first":
            return woven(folder / "a.mp4", "bff", *H264, "-x264-params", "bff=1")
        case "prores":
            options = ("-c:v", "prores_ks", "-flags", "+ildct", "-pix_fmt", "yuv422p10le")
            return woven(folder / "a.mov", "tff", *options)
        case "59.94 fields":
            rate = Fraction(60000, 1001)
            options = (*H264, "-x264-params", "tff=1", "-video_track_timescale", "30000")
            return woven(folder / "a.mp4", "tff", *options, rate=rate)
        case "late in mpegts":
            return woven(folder / "a.ts", "tff", *MPEG2, "-output_ts_offset", "1000")
        case _:
            return write_fields(folder / f"a.{form.rsplit(maxsplit=1)[-1]}", [*map(bar, range(FIELDS))], Fraction(50))


FORMS = ("mpegts", "mp4", "mkv", "lower field first", "prores", "59.94 fields", "late in mpegts")
PAFF = ("fields one by one in ts", "fields one by one in mp4", "fields one by one in mkv")


@pytest.mark.parametrize("form", [*FORMS, *PAFF])
def test_each_field_is_a_picture_of_its_own_moment(form: str, tmp_path: Path) -> None:
    path = film(form, tmp_path)
    source = probe(path)
    rate = Fraction(60000, 1001) if form.startswith("59") else Fraction(50)
    assert (source.rate, source.interlaced) == (rate, True)
    assert abs(source.duration_s - FIELDS / rate) <= Fraction(1, 500)

    shown = list(frames(path, source, source.span))
    assert [place(frame) for frame in shown] == pytest.approx([FIRST_X + STEP_X * n for n in range(FIELDS)], abs=0.4)
    times = [frame.pts or 0 for frame in shown]
    tick = source.time_base
    assert all(abs((pts - times[0]) * tick - n / rate) <= tick for n, pts in enumerate(times))
    assert not any(frame.interlaced_frame for frame in shown)
    assert tuple(times) == frame_times(path, source, source.span)


@pytest.mark.parametrize("form", [*FORMS, PAFF[0]])
def test_the_index_and_the_proxy_hold_every_field(form: str, tmp_path: Path) -> None:
    path = film(form, tmp_path)
    source = probe(path)
    told: list[int] = []
    index = scan(path, source, told.append)
    assert index.frame_pts == frame_times(path, source, source.span)
    assert told[-1] == len(index.frame_pts) == FIELDS
    assert read_ptsmap(ptsmap_json(index)) == index.frame_pts
    assert (index.rate, index.constant) == (source.rate, True)
    assert needs_proxy(source, index)
    assert (proxy_rate(index), proxy_frames(index)) == (source.rate, index.frame_pts)


def pixels(frame: VideoFrame) -> list[bytes]:
    return [lines(plane)[: plane.height, : plane.width].tobytes() for plane in frame.planes]


@pytest.mark.parametrize("form", ["mpegts", "mp4", "mkv", PAFF[0]])
def test_a_field_is_the_same_wherever_decoding_begins(form: str, tmp_path: Path) -> None:
    """A segment is named by the frames that it shows: their pixels may depend on nothing else."""
    path = film(form, tmp_path)
    source = probe(path)
    whole = {frame.pts or 0: pixels(frame) for frame in frames(path, source, source.span)}
    times = [*whole, source.span.out_pts]
    for first in (0, 1, 2, 23, 24, 25, 26, 48, 59):  # sync frames are every 12 pictures, of two fields each
        span = Span(times[first], times[min(first + 3, FIELDS)])
        part = {frame.pts or 0: pixels(frame) for frame in frames(path, source, span)}
        assert list(part) == times[first : min(first + 3, FIELDS)]
        assert all(part[pts] == whole[pts] for pts in part), first


def test_a_clip_may_begin_and_end_at_any_field(tmp_path: Path) -> None:
    path = film("mp4", tmp_path)
    source = probe(path)
    field = source.field_pts
    assert field == 256
    for span in (Span(7 * field, 9 * field), Span(7 * field + 100, 8 * field + 200), Span(8 * field - 1, 9 * field)):
        assert snapped(path, source, span).in_pts % field == 0
    assert snapped(path, source, Span(7 * field + 100, 9 * field - 100)) == Span(7 * field, 9 * field)


def test_what_does_not_move_keeps_its_lines(tmp_path: Path) -> None:
    """Lines of one pixel survive: half of each comes from the fields around it."""
    still = np.full((SIZE.height, SIZE.width), 60, np.uint8)
    still[20:70:2] = 200
    source = write_fields(tmp_path / "a.ts", [still] * 20, Fraction(50))
    shown = list(frames(source, probe(source), probe(source).span))
    for frame in shown[4:-4]:
        assert np.array_equal(lines(frame.planes[0])[: SIZE.height, : SIZE.width], still)


def test_a_clock_too_coarse_for_fields_keeps_whole_pictures(tmp_path: Path) -> None:
    fine = film("mp4", tmp_path)
    path = remuxed(fine, tmp_path / "coarse.mp4", "-video_track_timescale", "25")
    source = probe(path)
    assert (source.time_base, source.rate, source.field_pts, source.interlaced) == (Fraction(1, 25), 25, 0, True)
    shown = list(frames(path, source, source.span))
    assert [frame.pts for frame in shown] == list(range(FIELDS // 2))
    assert [place(frame) for frame in shown] == pytest.approx([FIRST_X + 2 * STEP_X * n for n in range(30)], abs=0.4)


def test_pictures_that_are_whole_already_stay_as_they_are(tmp_path: Path) -> None:
    path = numbered(tmp_path / "a.mp4", frames=6)
    before = list(all_frames(path))
    after = list(deinterlaced(iter(before), 256))
    assert [frame.pts for frame in after] == [frame.pts for frame in before]
    assert [pixels(frame) for frame in after] == [pixels(frame) for frame in before]
    assert list(deinterlaced(iter(()), 256)) == []


def test_hevc_in_separate_fields_is_refused(tmp_path: Path) -> None:
    fields = ("-vf", "interlace=lowpass=off,separatefields", "-c:v", "libx265", "-preset", "ultrafast")
    path = numbered(
        tmp_path / "a.mkv", *fields, "-x265-params", "interlace=tff:log-level=error", frames=12, rate=Fraction(50)
    )
    with pytest.raises(CodecUnsupported, match="fields"):
        probe(path)


TICKS = Fraction(1, 90000)


@pytest.mark.parametrize(
    ("rate", "time_base", "expected"),
    [
        (Fraction(25), TICKS, (50, 1800)),
        (Fraction(50), TICKS, (50, 1800)),  # a packet for each field
        (Fraction(30000, 1001), TICKS, (Fraction(60000, 1001), 1502)),
        (Fraction(30000, 1001), Fraction(1, 30000), (Fraction(60000, 1001), 501)),
        (Fraction(30000, 1001), Fraction(1001, 30000), (Fraction(30000, 1001), 0)),
        (Fraction(25), Fraction(1, 50), (50, 1)),
        (Fraction(25), Fraction(1, 25), (25, 0)),
        (Fraction(25), Fraction(1, 1000), (50, 20)),
    ],
)
def test_the_clock_of_fields(rate: Fraction, time_base: Fraction, expected: tuple[Fraction, int]) -> None:
    assert field_clock(rate, time_base) == expected


@pytest.mark.parametrize(
    ("packets", "expected"),
    [
        ((0, 40, 80), (0, 20, 40, 60, 80, 100)),
        ((0, 20, 40, 60), (0, 20, 40, 60, 80)),  # a packet for each field
        ((0, 33, 67, 100), (0, 20, 33, 53, 67, 87, 100, 120)),  # rounded to the millisecond
        ((0, 40, 160), (0, 20, 40, 60, 160, 180)),  # two pictures are missing
        ((), ()),
        ((7,), (7, 27)),
    ],
)
def test_the_times_of_fields(packets: Sequence[int], expected: Sequence[int]) -> None:
    assert tuple(field_times(packets, 20)) == expected
    assert tuple(field_times(packets, 0)) == tuple(packets)


@given(st.lists(st.integers(1, 5000), max_size=40), st.integers(-5000, 10**7), st.integers(1, 2000))
def test_the_times_of_fields_only_rise(gaps: list[int], first: int, field_pts: int) -> None:
    packets = [first + sum(gaps[:n]) for n in range(len(gaps) + 1)]
    times = tuple(field_times(packets, field_pts))
    assert set(packets) <= set(times)
    assert all(before < after for before, after in pairwise(times))
