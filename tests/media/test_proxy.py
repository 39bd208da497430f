"""What the editor plays: who needs a proxy, and that proxies and windows show the right frame at the right time."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from media.colour import Colour, to_rgb
from media.decode import all_frames, frame_times
from media.index import FrameIndex, scan
from media.open import open_footage
from media.probe import Orientation, Sound, Source, probe
from media.proxy import (
    GOP_FRAMES,
    needs_proxy,
    proxy_frames,
    proxy_rate,
    proxy_size,
    window_around,
    write_part,
    write_window,
)
from media.sound import decoded_sound
from media.synth import Match, Truth, beeps, read_counter, write
from reel.geometry import Size
from reel.timing import Span
from tests.media.footage import B_FRAMES, numbered

SMALL = Size(256, 144)


def looked_over(path: Path) -> tuple[Source, FrameIndex]:
    source = probe(path, tail=False)
    return source, scan(path, source, lambda _: None)


def counters(path: Path, size: Size) -> list[int | None]:
    return [read_counter(frame.to_ndarray(format="gray"), size) for frame in all_frames(path)]


def proxied(path: Path, out: Path) -> tuple[int, ...]:
    """Write a whole proxy as one part; return the source pts that it shows."""
    source, index = looked_over(path)
    shown = proxy_frames(index)
    write_part(out, path, source, shown, proxy_rate(index), lambda _: None)
    return shown


# Who needs one


@pytest.fixture(scope="module")
def playable(tmp_path_factory: pytest.TempPathFactory) -> tuple[Source, FrameIndex]:
    return looked_over(numbered(tmp_path_factory.mktemp("proxy") / "plain.mp4", *B_FRAMES, frames=100))


def test_what_browsers_play_needs_none(playable: tuple[Source, FrameIndex]) -> None:
    source, index = playable
    assert not needs_proxy(source, index)
    for sound in (Sound("aac", 48000, 2), Sound("mp3float", 44100, 2), None):
        assert not needs_proxy(replace(source, sound=sound), index)
    assert not needs_proxy(replace(source, orientation=Orientation(1)), index)


@pytest.mark.parametrize(
    "change",
    [
        {"codec": "hevc"},
        {"codec": "prores"},
        {"pixel_format": "yuv420p10le"},
        {"pixel_format": "yuv422p"},
        {"container": "matroska,webm"},
        {"container": "mpegts"},
        {"interlaced": True},
        {"colour": Colour("bt2020", transfer="hlg")},
        {"orientation": Orientation(0, mirrored=True)},
        {"sample_aspect": Fraction(64, 45)},
        {"sound": Sound("pcm_s16le", 48000, 2)},
        {"sound": Sound("ac3", 48000, 6)},
    ],
    ids=str,
)
def test_what_browsers_do_not_play_needs_one(playable: tuple[Source, FrameIndex], change: dict[str, object]) -> None:
    source, index = playable
    assert needs_proxy(replace(source, **change), index)  # pyright: ignore[reportArgumentType]


def test_a_variable_rate_and_long_gops_need_one(playable: tuple[Source, FrameIndex]) -> None:
    source, index = playable
    gappy = tuple(pts for n, pts in enumerate(index.frame_pts) if n % 7)
    assert needs_proxy(source, replace(index, frame_pts=gappy))
    assert needs_proxy(source, replace(index, sync_pts=(0,), sync_bytes=(0,), end_pts=int(5.1 * 12800)))
    assert not needs_proxy(source, replace(index, sync_pts=(0,), sync_bytes=(0,), end_pts=5 * 12800))


@pytest.mark.footage
def test_real_footage_that_needs_one_or_not(footage_dir: Path) -> None:
    needs = {
        path.name[:2]: needs_proxy(*looked_over(path)) for path in footage_dir.glob("[0-9]*") if path.suffix != ".sh"
    }
    assert needs == {"01": True, "02": True, "07": False, "09": False, "10": True}


# The whole proxy


@pytest.mark.parametrize(
    ("displayed", "size"),
    [
        (Size(3072, 1728), Size(960, 540)),
        (Size(1080, 1920), Size(540, 960)),
        (Size(853, 479), Size(852, 478)),
        (Size(320, 180), Size(320, 180)),
        (Size(1440, 1080), Size(720, 540)),
    ],
)
def test_proxies_are_small_and_even(displayed: Size, size: Size) -> None:
    assert proxy_size(displayed) == size


def test_a_proxy_seeks_well(tmp_path: Path) -> None:
    path = numbered(tmp_path / "source.mkv", *B_FRAMES, frames=100)
    out = tmp_path / "part.mp4"
    proxied(path, out)
    source, index = looked_over(out)
    assert (source.codec, source.pixel_format, source.rate) == ("h264", "yuv420p", 25)
    assert not needs_proxy(source, index)
    assert index.longest_gop_s <= Fraction(GOP_FRAMES, 25)
    with open_footage(out) as container:
        order = [packet.pts for packet in container.demux(video=0) if packet.pts is not None]
    assert order == sorted(order)  # no B-frames


def test_a_variable_rate_becomes_constant_and_stays_true(tmp_path: Path) -> None:
    path, out = tmp_path / "match.mov", tmp_path / "part.mp4"
    truth = write(Match(size=SMALL, rate=Fraction(30000, 1001), duration_s=Fraction(2), drops_frames=True), path)
    proxied(path, out)
    wanted = [truth.frame_at(number * Fraction(1001, 30000)).counter for number in range(60)]
    found = counters(out, SMALL)
    assert found == wanted[: len(found)]
    assert 59 <= len(found) <= 60


def test_fast_sources_are_halved(tmp_path: Path) -> None:
    path, out = numbered(tmp_path / "fast.mp4", rate=Fraction(120), frames=48), tmp_path / "part.mp4"
    proxied(path, out)
    assert counters(out, Size(96, 64)) == list(range(0, 48, 2))
    assert probe(out).rate == 60


def test_parts_meet_without_a_gap(tmp_path: Path) -> None:
    path = numbered(tmp_path / "source.mp4", *B_FRAMES, frames=50)
    source, index = looked_over(path)
    shown = proxy_frames(index)
    found: list[int | None] = []
    for number, part in enumerate((shown[:20], shown[20:21], shown[21:])):
        out = tmp_path / f"{number}.mp4"
        write_part(out, path, source, part, Fraction(25), lambda _: None)
        found += counters(out, Size(96, 64))
    assert found == list(range(50))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_source_is_upright(tmp_path: Path, rotation: int) -> None:
    size = SMALL if rotation == 180 else Size(SMALL.height, SMALL.width)
    path, out = tmp_path / "match.mov", tmp_path / "part.mp4"
    match = Match(size=size, rotation=rotation, duration_s=Fraction(1, 2))  # pyright: ignore[reportArgumentType]
    truth = write(match, path)
    proxied(path, out)
    assert probe(out).displayed == size
    assert counters(out, size) == [frame.counter for frame in truth.frames]


@pytest.mark.parametrize("transfer", ["hlg", "pq"])
def test_hdr_looks_like_the_ordinary_picture(tmp_path: Path, transfer: str) -> None:
    bright, plain, out = tmp_path / "hdr.mp4", tmp_path / "sdr.mp4", tmp_path / "part.mp4"
    match = Match(size=SMALL, duration_s=Fraction(1, 5), codec="hevc")
    truth = write(replace(match, transfer=transfer), bright)  # pyright: ignore[reportArgumentType]
    write(match, plain)
    proxied(bright, out)
    assert counters(out, SMALL) == [frame.counter for frame in truth.frames]
    assert not probe(out).colour.hdr
    mapped, wanted = (to_rgb(next(iter(all_frames(p))), Colour()).astype(float) for p in (out, plain))
    grass = wanted.max(axis=2) < 150  # below the knee nothing changes but by the encoder's doing
    assert np.abs(np.median(mapped[grass] - wanted[grass], axis=0)).max() < 4


def test_progress_counts_frames(tmp_path: Path) -> None:
    path = numbered(tmp_path / "source.mp4")
    source, index = looked_over(path)
    told: list[int] = []
    write_part(tmp_path / "part.mp4", path, source, proxy_frames(index), Fraction(25), told.append)
    assert told == list(range(1, 51))


# Windows


def test_a_window_holds_single_frames_at_their_own_times(tmp_path: Path) -> None:
    path, out = tmp_path / "match.mov", tmp_path / "window.mp4"
    match = Match(size=SMALL, duration_s=Fraction(13, 2), drops_frames=True, gop_frames=100)
    truth = write(match, path)
    source = probe(path)
    tick = source.time_base
    around = window_around(Span(int(6.2 / tick), int(6.4 / tick)), source)
    first = frame_times(path, source, around)[0]
    write_window(out, path, source, around, lambda _: None)
    made = looked_over(out)[1]
    assert made.sync_pts == made.frame_pts
    wanted = {frame.at: frame.counter for frame in truth.frames if frame.at >= Fraction(6, 5) - Fraction(3, 25)}
    times = [(first + pts) * tick for pts in made.frame_pts]
    assert made.time_base == tick
    assert [wanted[at] for at in times] == counters(out, SMALL)
    assert times == [at for at in wanted if times[0] <= at < around.out_pts * tick]
    assert times[0] <= Fraction(6, 5) < times[1]
    assert_in_step(truth, out, first * tick)


def assert_in_step(truth: Truth, window: Path, offset_s: Fraction) -> None:
    """The beeps of a window are where its flashes are."""
    sound = decoded_sound(window, Fraction(0), 48000 * 6)
    heard = [at + float(offset_s) for at in beeps(sound[:, 0], 48000)]
    flashes = [float(frame.at) for frame in truth.frames if frame.flash and offset_s < frame.at < offset_s + 6]
    assert heard == pytest.approx(flashes, abs=0.001)


def test_a_window_reaches_no_further_than_the_source(playable: tuple[Source, FrameIndex]) -> None:
    source, _ = playable
    assert window_around(Span(12800, 2 * 12800), source) == Span(0, 4 * 12800)
    long = replace(source, span=Span(0, 100 * 12800))
    assert window_around(Span(50 * 12800, 51 * 12800), long) == Span(45 * 12800, 56 * 12800)


@pytest.mark.footage
def test_real_hevc(tmp_path: Path, footage_dir: Path) -> None:
    path = next(footage_dir.glob("01_*.mp4"))
    source, index = looked_over(path)
    shown = proxy_frames(index)[:10]
    write_part(tmp_path / "part.mp4", path, source, shown, Fraction(25), lambda _: None)
    frames: list[VideoFrame] = list(all_frames(tmp_path / "part.mp4"))
    assert (len(frames), frames[0].width, frames[0].height) == (10, 960, 540)
    assert (tmp_path / "part.mp4").stat().st_size < 300_000
