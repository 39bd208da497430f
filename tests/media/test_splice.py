"""A spliced video: what is touched changes, all else is the bytes that it was, and every frame stands at its time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from media import ffmpeg
from media.colour import Planes
from media.decode import all_frames
from media.encode import VideoSink, add_h264, mp4_options
from media.join import Chapter, Labels
from media.open import open_footage, open_output
from media.remade import Remade
from media.sound import Samples, sample_at
from media.splice import Insertion, splice
from media.synth_counter import read_counter
from reel.errors import BadSource, Cancelled, SourceUnreadable
from reel.geometry import Size
from tests.media.footage import B_FRAMES, SIZE, TONE, cut_off, numbered, numbers_of, planes, remuxed
from tests.media.working import (
    COUNT,
    ENCODING,
    NTSC,
    STARTS,
    heard,
    parameters,
    payloads,
    same,
    shown,
    shown_by_binary,
    times,
    tone,
    working_video,
)

GREY = 128
COLOURED = 60  # what `paint` makes of the chroma, which is grey in every numbered picture


def paint(number: int, picture: Planes) -> Planes:
    """Draw on a picture, in place, as a compositor does."""
    del number
    picture.u[:] = COLOURED
    return picture


def painted(path: Path) -> list[int]:
    """Return the numbers of the frames that were drawn on."""
    return [n for n, picture in enumerate(shown(path)) if np.median(chroma(picture)) < (GREY + COLOURED) / 2]


def chroma(picture: np.ndarray) -> np.ndarray:
    """Return the U plane."""
    return picture[SIZE.height : SIZE.height * 5 // 4]


def gop_frames(*numbers: int) -> list[int]:
    """Return all frames of the GOPs that hold `numbers`."""
    gops = [range(first, end) for first, end in pairwise((*STARTS, COUNT))]
    return [number for gop in gops if any(touched in gop for touched in numbers) for number in gop]


def sound_of(frame_count: int) -> Iterator[Samples]:
    return iter([tone(sample_at(frame_count, NTSC), 880)])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return working_video(tmp_path_factory.mktemp("base") / "base.mp4")


def test_the_working_video_is_what_these_tests_take_it_for(base: Path):
    with open_footage(base) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert [n for n, packet in enumerate(packets) if packet.is_keyframe] == list(STARTS)
    assert painted(base) == []


REGIONS = {
    "inside one GOP": [range(10, 20)],
    "across the edge of two": [range(25, 45)],
    "one whole GOP": [range(33, 40)],
    "up to a GOP's last frame": [range(69, 70)],
    "from a GOP's first frame on": [range(70, 71)],
    "the first frame": [range(1)],
    "the last frame": [range(COUNT - 1, COUNT)],
    "several": [range(2, 4), range(35, 36), range(80, 90)],
    "overlapping": [range(10, 20), range(15, 25)],
    "past the end": [range(95, 10_000)],
    "before the beginning": [range(-50, 3)],
    "everything": [range(COUNT)],
    "each other frame": [range(40, 50, 2)],
}


@pytest.mark.parametrize("touched", REGIONS.values(), ids=REGIONS)
def test_only_what_is_touched_is_made_anew(touched: list[range], base: Path, tmp_path: Path):
    path = tmp_path / "spliced.mp4"
    drawn = sorted({number for frames in touched for number in frames if 0 <= number < COUNT})
    made = gop_frames(*drawn)

    assert splice(path, base, ENCODING, paint, touched) == Remade(COUNT, len(made))

    assert painted(path) == drawn
    assert numbers_of(all_frames(path)) == list(range(COUNT))
    assert times(path) == [n / NTSC for n in range(COUNT)]
    assert same(shown(path), shown_by_binary(path))
    assert parameters(path) == parameters(base)
    before, after = payloads(base), payloads(path)  # GOPs are closed, so their packets are those numbers, too
    assert [n for n in range(COUNT) if before[n] != after[n] and n not in made] == []
    assert payloads(path, "audio") == payloads(base, "audio")
    assert np.array_equal(heard(path), heard(base))


def test_frames_beside_the_touched_ones_stay_as_good_as_they_were(base: Path, tmp_path: Path):
    splice(tmp_path / "spliced.mp4", base, ENCODING, paint, [range(40, 50)])
    before, after = shown(base), shown(tmp_path / "spliced.mp4")
    worst = [np.abs(before[n].astype(int) - after[n]).mean() for n in range(52, 70)]  # one after the cut in colour
    assert max(worst) < 1.5


def test_nothing_touched_is_a_copy(base: Path, tmp_path: Path):
    for touched in ([], [range(0)], [range(50, 20)], [range(COUNT, COUNT + 5)]):
        assert splice(tmp_path / "spliced.mp4", base, ENCODING, paint, touched) == Remade(COUNT, 0)
        assert payloads(tmp_path / "spliced.mp4") == payloads(base)


def test_draw_is_given_each_touched_frame_once_in_order(base: Path, tmp_path: Path):
    seen: list[tuple[int, int | None]] = []

    def note(number: int, picture: Planes) -> Planes:
        seen.append((number, read_counter(picture.y, SIZE)))
        return picture

    splice(tmp_path / "spliced.mp4", base, ENCODING, note, [range(38, 42), range(5, 7)])
    assert seen == [(n, n) for n in (5, 6, 38, 39, 40, 41)]


def test_packets_stand_as_join_places_them(base: Path, tmp_path: Path):
    path = tmp_path / "spliced.mp4"
    splice(path, base, ENCODING, paint, [range(20, 50)])
    with open_footage(path) as container:
        stream = container.streams.video[0]
        step = 1 / NTSC / (stream.time_base or 1)
        packets = [packet for packet in container.demux(stream) if packet.size]
        assert (stream.start_time, stream.duration) == (0, COUNT * step)
    assert [packet.dts for packet in packets] == [(n - 1) * step for n in range(COUNT)]
    assert {packet.duration for packet in packets} == {step}
    assert [n for n, packet in enumerate(packets) if packet.is_keyframe] == list(STARTS)


def test_the_same_input_gives_the_same_bytes(base: Path, tmp_path: Path):
    bodies = set()
    for number in range(2):
        path = tmp_path / f"{number}.mp4"
        still = Insertion(40, 12, paint)
        splice(path, base, ENCODING, paint, [range(20, 50)], [still], sound=sound_of(COUNT + 12))
        bodies.add(path.read_bytes())
    assert len(bodies) == 1


INSERTIONS = {
    "in the middle of a GOP": (50, 40),
    "before a GOP": (33, 0),
    "at the beginning": (0, 0),
    "at the end": (COUNT, 0),
    "past the end": (COUNT + 99, 0),
    "before the last frame": (COUNT - 1, 30),
}


@pytest.mark.parametrize(("before", "made"), INSERTIONS.values(), ids=INSERTIONS)
def test_frames_are_put_in(before: int, made: int, base: Path, tmp_path: Path):
    path, held = tmp_path / "spliced.mp4", 40  # more than a GOP
    still = Insertion(before, held, paint)
    done = splice(path, base, ENCODING, paint, [], [still], sound=sound_of(COUNT + held))

    made = len(gop_frames(before)) if before not in STARTS else 0
    at = min(before, COUNT)
    assert done == Remade(COUNT + held, held + made)
    shown_numbers = [*range(at), *[min(at, COUNT - 1)] * held, *range(at, COUNT)]
    assert numbers_of(all_frames(path)) == shown_numbers
    assert painted(path) == list(range(at, at + held))
    assert times(path) == [n / NTSC for n in range(COUNT + held)]
    assert same(shown(path), shown_by_binary(path))
    untouched = [body for n, body in enumerate(payloads(base)) if n not in (gop_frames(before) if made else [])]
    assert [body for body in payloads(path) if body in set(untouched)] == untouched
    assert abs(len(heard(path)) - sample_at(COUNT + held, NTSC)) < 100


def test_several_are_put_in_beside_drawn_frames(base: Path, tmp_path: Path):
    path = tmp_path / "spliced.mp4"
    seen: list[tuple[int, int | None]] = []

    def card(number: int, picture: Planes) -> Planes:
        seen.append((number, read_counter(picture.y, SIZE)))
        return paint(number, picture)

    cards = [Insertion(45, 2, card), Insertion(0, 3, card), Insertion(45, 1, card), Insertion(7, 0, card)]
    done = splice(path, base, ENCODING, paint, [range(44, 46)], cards, sound=sound_of(COUNT + 6))
    assert done == Remade(COUNT + 6, 3 + 30 + 3)
    assert seen == [(0, 0), (1, 0), (2, 0), (0, 45), (1, 45), (0, 45)]  # each undrawn, whatever was drawn before it
    assert numbers_of(all_frames(path)) == [0, 0, 0, *range(45), 45, 45, 45, *range(45, COUNT)]
    assert painted(path) == [0, 1, 2, 47, 48, 49, 50, 51]


def test_what_is_put_in_begins_with_a_sync_frame(base: Path, tmp_path: Path):
    path = tmp_path / "spliced.mp4"
    splice(path, base, ENCODING, paint, [], [Insertion(50, 4, paint)], sound=sound_of(COUNT + 4))
    with open_footage(path) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    found = [round((p.pts or 0) * p.time_base * NTSC) for p in packets if p.is_keyframe]
    assert found == [0, 30, 33, 40, 50, 74]


def test_new_sound_takes_the_place_of_the_old(base: Path, tmp_path: Path):
    path = tmp_path / "spliced.mp4"
    splice(path, base, ENCODING, paint, [range(3)], sound=sound_of(COUNT))
    spectrum = np.abs(np.fft.rfft(heard(path)[4800:52800]))
    assert round(float(spectrum.argmax()) * 48000 / 48000) == 880


def test_chapters_and_labels_are_given_anew(base: Path, tmp_path: Path):
    path = tmp_path / "spliced.mp4"
    chapters = [Chapter("Goal", 0, 40), Chapter("Save ⚽", 40, COUNT)]
    splice(path, base, ENCODING, paint, [range(3)], chapters=chapters, labels=Labels(title="Reel"))
    with open_footage(path) as container:
        assert container.metadata["title"] == "Reel"
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["Goal", "Save ⚽"]


def test_a_video_without_sound_stays_without(tmp_path: Path):
    base = working_video(tmp_path / "base.mp4", lengths=(5,), sound=tone(0))
    silent = tmp_path / "silent.mp4"
    ffmpeg.run(["-i", f"file:{base}", "-map", "0:v", "-c", "copy", f"file:{silent}"])
    for video in (base, silent):
        assert splice(tmp_path / "spliced.mp4", video, ENCODING, paint, [range(2)]) == Remade(5, 5)
        assert painted(tmp_path / "spliced.mp4") == [0, 1]


def test_one_frame_is_a_video(tmp_path: Path):
    base = working_video(tmp_path / "base.mp4", lengths=(1,))
    assert splice(tmp_path / "a.mp4", base, ENCODING, paint, [range(9)]) == Remade(1, 1)
    assert painted(tmp_path / "a.mp4") == [0]


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(60)], ids=str)
def test_other_rates(rate: Fraction, tmp_path: Path):
    encoding = replace(ENCODING, rate=rate)
    base = working_video(tmp_path / "base.mp4", encoding, lengths=(70,))
    done = splice(tmp_path / "a.mp4", base, encoding, paint, [range(round(rate), round(rate) + 2)])
    assert done == Remade(70, min(round(rate), 70 - round(rate)))
    assert painted(tmp_path / "a.mp4") == [round(rate), round(rate) + 1]
    assert times(tmp_path / "a.mp4") == [n / rate for n in range(70)]


def test_the_video_may_be_a_reader(base: Path, tmp_path: Path):
    splice(tmp_path / "a.mp4", base, ENCODING, paint, [range(20, 50)])
    splice(tmp_path / "b.mp4", BytesIO(base.read_bytes()), ENCODING, paint, [range(20, 50)])
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_progress_counts_the_frames_encoded(base: Path, tmp_path: Path):
    told: list[tuple[int, int]] = []
    splice(tmp_path / "a.mp4", base, ENCODING, paint, [range(35, 36)], progress=lambda *said: told.append(said))
    known = [said for said in told if said != (0, 0)]
    assert told[0] == (0, 0)
    assert list(dict.fromkeys(known)) == [(n, 7) for n in range(1, 8)]
    assert known == sorted(known)


@pytest.mark.parametrize("patience", [0, 10, 36])
def test_it_stops_when_it_is_told_to(patience: int, base: Path, tmp_path: Path):
    """While it looks through the video, while it encodes, while it copies; and leaves nothing but the output behind."""
    calls = 0

    def impatient(done: int, total: int) -> None:
        nonlocal calls
        calls += 1
        if calls > patience:
            raise Cancelled

    with pytest.raises(Cancelled):
        splice(tmp_path / "a.mp4", base, ENCODING, paint, [range(40, 45)], progress=impatient)
    assert {path.name for path in tmp_path.iterdir()} <= {"a.mp4"}


# Videos that are not ours


def other_quality(folder: Path) -> Path:
    return working_video(folder / "video.mp4", replace(ENCODING, crf=22))


def other_preset(folder: Path) -> Path:
    return working_video(folder / "video.mp4", replace(ENCODING, preset="ultrafast"))


def changing(folder: Path) -> Path:
    """Begin as ours do and go on otherwise, the new parameter sets in between."""
    parts = (ENCODING, 0, 60), (replace(ENCODING, crf=22), 60, 40)
    names = [working_video(folder / f"{n}.mp4", one, (count,), first=n).name for one, n, count in parts]
    (folder / "list.txt").write_text("".join(f"file {name}\n" for name in names))
    read = ["-f", "concat", "-i", f"file:{folder / 'list.txt'}"]
    ffmpeg.run([*read, "-c", "copy", f"file:{folder / 'video.mp4'}"])
    assert parameters(folder / "video.mp4") == parameters(folder / names[0])
    return folder / "video.mp4"


def open_gops(folder: Path) -> Path:
    """Write what ours are but for this: the same parameter sets, pictures that reach across sync frames."""
    video = folder / "video.mp4"
    x264 = "keyint=30:min-keyint=30:scenecut=0:open-gop=1:bframes=2:b-pyramid=none:b-adapt=0"
    options = {"preset": ENCODING.preset, "crf": str(ENCODING.crf), "x264-params": x264}
    with open_output(video, options=mp4_options(NTSC)) as container:
        sink = VideoSink(container, add_h264(container, SIZE, NTSC, 1 / NTSC, options))
        for number in range(COUNT):
            sink.write(planes(number))
        sink.finish()
    assert parameters(video) == parameters(working_video(folder / "ours.mp4", lengths=(1,)))
    return video


def other_rate(folder: Path) -> Path:
    return working_video(folder / "video.mp4", replace(ENCODING, rate=NTSC / 2), lengths=(50,))


def from_elsewhere(folder: Path) -> Path:
    return numbered(folder / "video.mkv", *B_FRAMES, frames=COUNT, rate=NTSC, sound=TONE)


def turned(folder: Path) -> Path:
    """Lay the picture on its side, and say how it has to be turned."""
    upright = working_video(folder / "upright.mp4")
    aside = ["-vf", "transpose=cclock", *B_FRAMES, "-map", "0", "-c:a", "copy"]
    ffmpeg.run(["-i", f"file:{upright}", *aside, f"file:{folder / 'aside.mp4'}"])
    return remuxed(folder / "aside.mp4", folder / "video.mp4", before=["-display_rotation:v:0", "-90"])


FOREIGN = {
    "of another quality": (other_quality, "other settings"),
    "of another preset": (other_preset, "other settings"),
    "whose settings change": (changing, "change in the middle"),
    "with open GOPs": (open_gops, "not closed"),
    "from elsewhere": (from_elsewhere, "other settings"),
    "on its side": (turned, "other settings"),
}


@pytest.mark.parametrize(("make", "why"), FOREIGN.values(), ids=FOREIGN)
def test_a_video_that_is_not_ours_is_made_anew_as_a_whole(make, why: str, tmp_path: Path):
    path = tmp_path / "spliced.mp4"
    done = splice(path, make(tmp_path), ENCODING, paint, [range(20, 50)])
    assert (done.frames, done.reencoded_frames, done.copied_frames, done.whole) == (COUNT, COUNT, 0, True)
    assert why in done.why_whole
    assert numbers_of(all_frames(path)) == list(range(COUNT))
    assert painted(path) == list(range(20, 50))
    assert times(path) == [n / NTSC for n in range(COUNT)]
    assert same(shown(path), shown_by_binary(path))


def test_its_sound_comes_along(tmp_path: Path):
    path = tmp_path / "spliced.mp4"
    splice(path, other_quality(tmp_path), ENCODING, paint, [])
    sound = heard(path)
    assert abs(len(sound) - sample_at(COUNT, NTSC)) < 100
    assert np.corrcoef(sound[5000:100000], tone(len(sound))[5000:100000, 0])[0, 1] > 0.99


def test_frames_are_put_into_it_too(tmp_path: Path):
    path = tmp_path / "spliced.mp4"
    stills = [Insertion(COUNT, 2, paint), Insertion(50, 3, paint)]
    done = splice(path, other_quality(tmp_path), ENCODING, paint, [range(1)], stills, sound=sound_of(COUNT + 5))
    assert (done.frames, done.whole) == (COUNT + 5, True)
    assert painted(path) == [0, 50, 51, 52, COUNT + 3, COUNT + 4]
    assert numbers_of(all_frames(path)) == [*range(50), 50, 50, 50, *range(50, COUNT), COUNT - 1, COUNT - 1]


def test_at_another_rate_each_frame_shows_the_newest_picture(tmp_path: Path):
    path = tmp_path / "spliced.mp4"
    done = splice(path, other_rate(tmp_path), ENCODING, paint, [range(5)])
    assert (done.frames, done.whole) == (COUNT, True)
    assert numbers_of(all_frames(path)) == [n // 2 for n in range(COUNT)]
    assert painted(path) == list(range(5))


def test_a_gap_is_held(base: Path, tmp_path: Path):
    shifted = "if(gte(N\\,70)\\,{0}+5*DURATION\\,{0})"
    late = remuxed(
        base, tmp_path / "late.mp4", "-bsf:v", f"setts=pts={shifted.format('PTS')}:dts={shifted.format('DTS')}"
    )
    path = tmp_path / "spliced.mp4"
    done = splice(path, late, ENCODING, paint, [])
    assert "one by one" in done.why_whole
    assert numbers_of(all_frames(path)) == [*range(70), *[69] * 5, *range(70, COUNT)]


def test_another_size_is_refused(tmp_path: Path):
    video = working_video(tmp_path / "video.mp4", replace(ENCODING, size=Size(64, 96)), lengths=(3,))
    with pytest.raises(SourceUnreadable, match="64×96, not 96×64"):
        splice(tmp_path / "a.mp4", video, ENCODING, paint, [])


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.98])
def test_a_damaged_video_is_refused(share: float, base: Path, tmp_path: Path):
    cut = cut_off(base, tmp_path / "cut.mp4", share)
    with pytest.raises(BadSource):
        splice(tmp_path / "a.mp4", cut, ENCODING, paint, [range(5)])
