"""Joined segments are one video: every frame once and on time, in every decoder, with its sound and its chapters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from media import ffmpeg
from media.decode import all_frames
from media.encode import Encoding, video_sink
from media.join import AUDIO_BIT_RATE, Chapter, Labels, join
from media.open import open_footage
from media.sound import RATE, Samples, sample_at, silence
from reel.errors import SourceUnreadable
from reel.geometry import Size
from tests.media.footage import SIZE, cut_off, number_of, numbers_of, planes

LENGTHS = (1, 2, 3, 1, 1, 5, 33, 2, 4)
COUNT = sum(LENGTHS)
NTSC = Fraction(30000, 1001)
RATES = [Fraction(r) for r in ("24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60")]


def segment(path: Path, numbers: range, rate: Fraction, size: Size = SIZE) -> Path:
    with video_sink(path, Encoding(size, rate, preset="veryfast")) as sink:
        for number in numbers:
            sink.write(planes(number, size))
    return path


def segments(folder: Path, rate: Fraction, lengths: Sequence[int] = LENGTHS) -> list[Path]:
    starts = np.cumsum([0, *lengths]).tolist()
    return [
        segment(folder / f"{start}.mp4", range(start, start + length), rate)
        for start, length in zip(starts, lengths, strict=False)
    ]


def beep(count: int, *at_s: float) -> Samples:
    """Return silence with a beep of 50 ms at some times."""
    sound = silence(count)
    wave = 0.5 * np.cos(2 * np.pi * 1000 / RATE * np.arange(2400, dtype=np.float32))
    for start in (round(second * RATE) for second in at_s):
        sound[start : start + 2400] = wave[:, None]
    return sound


def heard(path: Path) -> np.ndarray:
    """Return the sound as the binary decodes it, mono."""
    raw = ffmpeg.run(["-i", f"file:{path}", "-map", "0:a", "-ac", "1", "-f", "f32le", "pipe:1"])
    return np.frombuffer(raw, np.float32)


def listed(path: Path, *options: str) -> list[list[int]]:
    """Return (dts, pts, duration) of each packet or picture, as the binary counts them."""
    text = ffmpeg.run(["-i", f"file:{path}", *options, "-f", "framecrc", "pipe:1"]).decode()
    return [[int(cell) for cell in line.split(",")[1:4]] for line in text.splitlines() if not line.startswith("#")]


@pytest.fixture(scope="module", params=RATES, ids=str)
def joined(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Fraction]:
    rate, folder = request.param, tmp_path_factory.mktemp("join")
    sound = iter([beep(sample_at(COUNT, rate), 0.1, 0.5)])
    assert join(folder / "reel.mp4", segments(folder, rate), rate, sound) == COUNT
    return folder / "reel.mp4", rate


def test_every_frame_is_there_once(joined: tuple[Path, Fraction]):
    path, rate = joined
    shown = list(all_frames(path))
    assert numbers_of(shown) == list(range(COUNT))
    assert [(frame.pts or 0) * (frame.time_base or 0) for frame in shown] == [n / rate for n in range(COUNT)]


def test_the_binary_shows_the_same(joined: tuple[Path, Fraction]):
    path, _ = joined
    raw = ffmpeg.run(["-i", f"file:{path}", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"])
    pictures = np.frombuffer(raw, np.uint8).reshape(-1, SIZE.height, SIZE.width)
    ours = [frame.to_ndarray()[: SIZE.height] for frame in all_frames(path)]
    assert len(pictures) == COUNT
    full = [np.rint((picture.astype(float) - 16) * 255 / 219).clip(0, 255) for picture in ours]
    assert max(np.abs(one - other).max() for one, other in zip(pictures, full, strict=True)) <= 1
    assert [pts for _, pts, _ in listed(path, "-map", "0:v", "-fps_mode", "passthrough")] == list(range(COUNT))


def test_packets_follow_on_from_one_another(joined: tuple[Path, Fraction]):
    path, rate = joined
    with open_footage(path) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == rate
        assert (stream.start_time, stream.duration) == (0, COUNT / rate / (stream.time_base or 0))
    tick = {row[2] for row in listed(path, "-map", "0:v", "-c", "copy")}
    assert len(tick) == 1
    (ticks,) = tick
    rows = listed(path, "-map", "0:v", "-c", "copy")
    assert [dts for dts, _, _ in rows] == [(n - 1) * ticks for n in range(COUNT)]
    assert sorted(pts for _, pts, _ in rows) == [n * ticks for n in range(COUNT)]


def test_each_segment_begins_with_a_sync_frame(joined: tuple[Path, Fraction]):
    path, rate = joined
    with open_footage(path) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size and packet.is_keyframe]
        found = {round((packet.pts or 0) * packet.time_base * rate) for packet in packets}
    assert set(np.cumsum([0, *LENGTHS])[:-1].tolist()) <= found


def test_sound_and_pictures_begin_together(joined: tuple[Path, Fraction]):
    path, rate = joined
    sound = heard(path)
    assert 0 <= sample_at(COUNT, rate) - len(sound) < RATE / 1000  # an edit list counts milliseconds
    loud = np.flatnonzero(np.abs(sound) > 0.1)
    second = loud[loud > 0.3 * RATE]
    assert loud[0] / RATE == pytest.approx(0.1, abs=0.005)
    assert second[0] / RATE == pytest.approx(0.5, abs=0.005)


def test_it_can_be_entered_at_every_frame(joined: tuple[Path, Fraction]):
    path, rate = joined
    with open_footage(path) as container:
        stream = container.streams.video[0]
        tick = 1 / rate / (stream.time_base or 1)
        for wanted in (0, 1, 3, 8, 20, COUNT - 1):
            container.seek(int(wanted * tick), stream=stream)
            shown = next(frame for frame in container.decode(stream) if (frame.pts or 0) >= wanted * tick)
            assert number_of(shown) == wanted


def test_the_index_comes_first_and_the_same_input_gives_the_same_bytes(tmp_path: Path):
    parts = segments(tmp_path, NTSC, (3, 2, 20))
    bodies = set()
    for number in range(2):
        path = tmp_path / f"reel{number}.mp4"
        join(path, parts, NTSC, iter([beep(sample_at(25, NTSC), 0.2)]), chapters=[Chapter("One", 0, 25)])
        bodies.add(path.read_bytes())
    (body,) = bodies
    assert body.index(b"moov") < body.index(b"mdat")


def test_segments_may_be_readers(tmp_path: Path):
    parts = [BytesIO(path.read_bytes()) for path in segments(tmp_path, NTSC, (2, 3))]
    assert join(tmp_path / "reel.mp4", iter(parts), NTSC, iter([])) == 5
    assert numbers_of(all_frames(tmp_path / "reel.mp4")) == list(range(5))


def test_its_form_is_the_promised_one(joined: tuple[Path, Fraction]):
    path, _ = joined
    with open_footage(path) as container:
        picture, sound = container.streams.video[0].codec_context, container.streams.audio[0].codec_context
        assert (picture.profile, picture.pix_fmt) == ("High", "yuv420p")
        assert (sound.name, sound.profile, sound.sample_rate, sound.layout.name) == ("aac", "LC", RATE, "stereo")
    assert AUDIO_BIT_RATE == 192_000
    assert b"colrnclx" + bytes([0, 1, 0, 1, 0, 1, 0]) in path.read_bytes()


def test_chapters_and_labels_are_all_that_it_says_of_itself(tmp_path: Path):
    chapters = [Chapter("Brilliant Goal", 0, 10), Chapter("Ärger & Abseits ⚽", 10, 25)]
    labels = Labels(title="Zoë’s reel", comment="Draft")
    path = tmp_path / "reel.mp4"
    join(path, segments(tmp_path, NTSC, (25,)), NTSC, iter([silence(40000)]), chapters=chapters, labels=labels)
    with open_footage(path) as container:
        brands = {"major_brand", "minor_version", "compatible_brands"}
        said = {name: text for name, text in container.metadata.items() if name not in brands}
        assert said == {"title": "Zoë’s reel", "comment": "Draft"}
        for stream in container.streams:
            assert set(stream.metadata) <= {"language", "handler_name", "vendor_id"}
        found = container.chapters()
    assert [chapter["metadata"]["title"] for chapter in found] == [chapter.name for chapter in chapters]
    for made, chapter in zip(found, chapters, strict=True):
        base = made["time_base"] or Fraction(1, av.time_base)
        assert abs(made["start"] * base - chapter.first_frame / NTSC) < Fraction(1, 500)
        assert abs(made["end"] * base - chapter.last_frame / NTSC) < Fraction(1, 500)
    moments = path.read_bytes().index(b"mvhd") + 8
    assert path.read_bytes()[moments : moments + 8] == bytes(8)  # made and changed: never


def test_without_labels_it_says_nothing(tmp_path: Path):
    path = tmp_path / "reel.mp4"
    join(path, segments(tmp_path, NTSC, (5,)), NTSC, iter([]))
    with open_footage(path) as container:
        assert set(container.metadata) == {"major_brand", "minor_version", "compatible_brands"}
        assert container.chapters() == []


def other_size(folder: Path) -> Path:
    return segment(folder / "other.mp4", range(3), NTSC, Size(64, 96))


def other_depth(folder: Path) -> Path:
    path = folder / "main.mp4"
    source = segment(folder / "plain.mp4", range(3), NTSC)
    ffmpeg.run(["-i", f"file:{source}", "-c:v", "libx264", "-profile:v", "main", f"file:{path}"])
    return path


def broken(share: float):
    def cut(folder: Path) -> Path:
        return cut_off(segment(folder / "whole.mp4", range(20), NTSC), folder / "cut.mp4", share)

    return cut


def lacking(folder: Path) -> Path:
    path = folder / "lacking.mp4"
    source = segment(folder / "whole.mp4", range(40), NTSC)
    ffmpeg.run(["-i", f"file:{source}", "-c", "copy", "-bsf:v", "noise=drop='eq(n,20)'", f"file:{path}"])
    return path


@pytest.mark.parametrize("make", [other_size, other_depth, broken(0.6), broken(0.999), lacking])
def test_a_segment_that_does_not_fit_is_refused(make, tmp_path: Path):
    first = segment(tmp_path / "first.mp4", range(5), NTSC)
    with pytest.raises(SourceUnreadable):
        join(tmp_path / "reel.mp4", [first, make(tmp_path)], NTSC, iter([]))


def test_sound_is_taken_as_the_pictures_come(tmp_path: Path):
    """A reel of an hour is never held in memory: no block is asked for long before its pictures."""
    parts = segments(tmp_path, Fraction(25), (10, 10, 10))
    opened: list[int] = []
    asked: list[int] = []

    def pictures() -> Iterator[Path]:
        for number, part in enumerate(parts):
            opened.append(number)
            yield part

    def sound() -> Iterator[Samples]:
        for _ in range(3):
            asked.append(len(opened))
            yield silence(RATE * 10 // 25)

    join(tmp_path / "reel.mp4", pictures(), Fraction(25), sound())
    assert asked == [1, 2, 3]


def test_too_loud_is_held_not_wrapped(tmp_path: Path):
    path = tmp_path / "reel.mp4"
    loud = np.full((RATE, 2), 3.0, np.float32) * np.sin(np.arange(RATE) / 20)[:, None].astype(np.float32)
    join(path, segments(tmp_path, NTSC, (30,)), NTSC, iter([loud]))
    sound = heard(path)
    assert np.abs(sound).max() < 1.6  # what AAC makes of a clipped wave
    assert np.corrcoef(sound[2000:40000], loud[2000:40000, 0])[0, 1] > 0.9
