"""Every output is H.264 as promised: its form, its sync frames, its times, its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from media import ffmpeg
from media.colour import Planes
from media.decode import all_frames
from media.encode import Encoding, video_sink
from media.open import open_footage
from reel.geometry import Size
from tests.media.footage import SIZE, numbers_of, planes

RATES = [Fraction(r) for r in ("24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60")]
each_rate = pytest.mark.parametrize("rate", RATES, ids=str)


def encoded(path: Path, count: int, rate: Fraction = Fraction(25), preset: str = "veryfast") -> Path:
    with video_sink(path, Encoding(SIZE, rate, preset=preset)) as sink:
        for number in range(count):
            sink.write(planes(number))
        assert sink.count == count
    return path


def nal_types(packet: bytes) -> Iterator[int]:
    """Iterate the types of a packet's units, each behind its length in four bytes (ISO 14496-15)."""
    at = 0
    while at < len(packet):
        yield packet[at + 4] & 31
        at += 4 + int.from_bytes(packet[at : at + 4], "big")


def boxes(body: bytes) -> list[str]:
    """Return the names of a file's outermost boxes."""
    names, at = [], 0
    while at < len(body):
        names.append(body[at + 4 : at + 8].decode())
        at += int.from_bytes(body[at : at + 4], "big")
    return names


def test_its_form_is_the_promised_one(tmp_path: Path):
    path = encoded(tmp_path / "a.mp4", 30)
    with open_footage(path) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        assert (context.width, context.height) == (SIZE.width, SIZE.height)
        assert (context.color_primaries, context.color_trc) == (ColorPrimaries.BT709, ColorTrc.BT709)
        assert (context.colorspace, context.color_range) == (Colorspace.ITU709, ColorRange.MPEG)
        frame = next(container.decode(stream))
        assert (frame.colorspace, frame.color_range) == (Colorspace.ITU709, ColorRange.MPEG)
    assert b"colrnclx" + bytes([0, 1, 0, 1, 0, 1, 0]) in path.read_bytes()  # said by the container too: all bt709
    assert list(container.metadata) == ["major_brand", "minor_version", "compatible_brands"]


def test_the_index_comes_first(tmp_path: Path):
    names = boxes(encoded(tmp_path / "a.mp4", 30).read_bytes())
    assert names.index("moov") < names.index("mdat")


@each_rate
def test_every_frame_stands_at_its_time(rate: Fraction, tmp_path: Path):
    path = encoded(tmp_path / "a.mp4", 65, rate)
    shown = list(all_frames(path))
    assert numbers_of(shown) == list(range(65))
    assert [(frame.pts or 0) * (frame.time_base or 0) for frame in shown] == [n / rate for n in range(65)]
    with open_footage(path) as container:
        stream = container.streams.video[0]
        assert (stream.duration or 0) * (stream.time_base or 0) == 65 / rate
        assert stream.average_rate == rate


@each_rate
def test_a_sync_frame_begins_each_second_and_nothing_reaches_across(rate: Fraction, tmp_path: Path):
    path = encoded(tmp_path / "a.mp4", 130, rate)
    second = round(rate)
    with open_footage(path) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    numbers = [round((packet.pts or 0) * packet.time_base * rate) for packet in packets]
    assert [number for number, packet in zip(numbers, packets, strict=True) if packet.is_keyframe] == list(
        range(0, 130, second)
    )
    for index, (number, packet) in enumerate(zip(numbers, packets, strict=True)):
        assert packet.is_keyframe == (5 in nal_types(bytes(packet)))  # 5: a picture after which nothing looks back
        assert number // second == index // second  # stored with its own second


def test_a_gop_decodes_by_itself(tmp_path: Path):
    path = encoded(tmp_path / "a.mp4", 75)
    for second in (1, 2):
        alone = ["-ss", str(second), "-i", f"file:{path}", "-c", "copy", "-f", "mpegts", "pipe:1"]
        (tmp_path / "gop.ts").write_bytes(ffmpeg.run(alone))
        assert numbers_of(all_frames(tmp_path / "gop.ts")) == list(range(25 * second, 75))


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path):
    """Also in a process whose memory holds other things each time: a pan, on which x264's look-ahead leans most."""
    rng = np.random.default_rng(4)
    ground = np.cumsum(rng.normal(0, 6, (200, 200)), axis=1).clip(-90, 120).astype(np.int16) + 110
    pan = [ground[3 * n : 3 * n + 64, 2 * n : 2 * n + 96].astype(np.uint8) for n in range(30)]
    bodies: set[bytes] = set()
    for number in range(10):
        litter = [rng.integers(0, 256, size, np.uint8) for size in rng.integers(64, 60_000, 200)]
        litter.clear()
        path = tmp_path / f"{number}.mp4"
        with video_sink(path, Encoding(SIZE, Fraction(25))) as sink:
            for y in pan:
                sink.write(Planes(y, y[::2, ::2].copy(), y[1::2, 1::2].copy()))
        bodies.add(path.read_bytes())
    assert len(bodies) == 1


def test_equal_encodings_have_equal_parameter_sets(tmp_path: Path):
    """Or segments could not be joined: also one of a single picture with one of many."""
    found = set()
    for count in (1, 2, 60):
        with open_footage(encoded(tmp_path / f"{count}.mp4", count)) as container:
            found.add(container.streams.video[0].codec_context.extradata)
    assert len(found) == 1


def test_pictures_come_back_as_they_were(tmp_path: Path):
    y, x = np.mgrid[0:64, 0:96].astype(float)
    drawn = Planes(
        *(np.rint(level).astype(np.uint8) for level in (40 + x + y, 100 + x[::2, ::2] / 2, 180 - y[::2, ::2] / 2))
    )
    path = tmp_path / "a.mp4"
    with video_sink(path, Encoding(SIZE, Fraction(25), preset="medium", crf=12)) as sink:
        for _ in range(3):
            sink.write(drawn)
    for frame in all_frames(path):
        found = frame.to_ndarray()
        expected = np.concatenate([drawn.y.ravel(), drawn.u.ravel(), drawn.v.ravel()])
        assert np.abs(found.ravel().astype(int) - expected).max() <= 3


@pytest.mark.parametrize("rate", [Fraction(1, 60), Fraction(2, 5), Fraction(25, 2), Fraction(14999, 1000)], ids=str)
def test_other_rates_are_exact_too(rate: Fraction, tmp_path: Path):
    shown = list(all_frames(encoded(tmp_path / "a.mp4", 5, rate)))
    assert [(frame.pts or 0) * (frame.time_base or 0) for frame in shown] == [n / rate for n in range(5)]


@pytest.mark.parametrize("size", [Size(1080, 1920), Size(1920, 1080)], ids=str)
def test_outputs_of_full_size_are_what_players_take(size: Size, tmp_path: Path):
    path = tmp_path / "a.mp4"
    with video_sink(path, Encoding(size, Fraction(60), preset="veryfast", crf=23)) as sink:
        for number in range(3):
            sink.write(planes(number, size))
    with open_footage(path) as container:
        extradata = container.streams.video[0].codec_context.extradata or b""
    assert extradata[1] == 100  # High
    assert extradata[3] <= 42  # level 4.2: the most that phones are sure to decode


def test_what_fails_in_the_middle_is_raised(tmp_path: Path):
    def interrupted() -> None:
        with video_sink(tmp_path / "a.mp4", Encoding(SIZE, Fraction(25))) as sink:
            sink.write(planes(0))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
