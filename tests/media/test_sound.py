"""Sound is heard when it was made: whatever its rate, its channels and its container, at any speed, at every cut."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media import ffmpeg
from media.open import open_footage
from media.probe import probe
from media.sound import JOIN_S, RATE, Placed, Samples, clip_sound, decoded_sound, mixed, sample_at, silence
from reel.speed import Piece, SpeedSpan, pieces
from reel.timing import Span
from tests.media.footage import numbered, remuxed

BEEP_HZ, BEEP_S = 1000, 0.05
MS = RATE // 1000


def tone(count: int, hz: float = 440, rate: int = RATE) -> NDArray[np.float64]:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(count) / rate)


def beeps(seconds: float, at_s: Sequence[float], rate: int, channels: int = 1) -> NDArray[np.float64]:
    """Return (samples, channels) of silence with beeps that start at some times."""
    sound = np.zeros(round(seconds * rate))
    wave = tone(round(BEEP_S * rate), BEEP_HZ, rate)
    for start in (round(at * rate) for at in at_s):
        sound[start : start + len(wave)] = wave
    return sound[:, None].repeat(channels, axis=1)


def raw(folder: Path, sound: NDArray[np.float64], rate: int, before: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the arguments of a second input that is this sound."""
    path = folder / "sound.raw"
    path.write_bytes(np.rint(sound * 32767).astype("<i2").tobytes())
    shape = ("-f", "s16le", "-ar", str(rate), "-ch_layout", {1: "mono", 2: "stereo", 6: "5.1"}[sound.shape[1]])
    return (*before, *shape, "-i", f"file:{path}")


def onsets(sound: NDArray) -> list[float]:
    """Return when beeps begin, in seconds: where the wave of one lies best."""
    mono = np.asarray(sound, float).mean(axis=1)
    wave = tone(round(BEEP_S * RATE), BEEP_HZ)
    match = np.abs(np.correlate(mono, wave, "valid"))
    found = []
    while match.max(initial=0) > 0.25 * wave @ wave:
        best = int(match.argmax())
        found.append(best / RATE)
        match[max(0, best - RATE // 10) : best + RATE // 10] = 0
    return sorted(found)


FORMS = {
    "mono 44.1 kHz": ("a.mp4", ("-c:a", "aac"), 44100, 1),
    "5.1": ("a.mp4", ("-c:a", "aac"), 48000, 6),
    "low rate": ("a.mov", ("-c:a", "pcm_s16le"), 11025, 2),
    "aac in mkv": ("a.mkv", ("-c:a", "aac"), 44100, 2),
    "aac in mpegts": ("a.ts", ("-c:a", "aac"), 44100, 2),
    "mp2 in mpegts": ("a.ts", ("-c:a", "mp2"), 48000, 2),
    "mp3": ("a.mp4", ("-c:a", "libmp3lame"), 44100, 2),
    "opus": ("a.mkv", ("-c:a", "libopus"), 48000, 2),
    "ac3": ("a.mkv", ("-c:a", "ac3"), 48000, 6),
    "flac": ("a.mkv", ("-c:a", "flac"), 44100, 1),
    "alac": ("a.mov", ("-c:a", "alac"), 44100, 2),
    "far from zero": ("a.mp4", ("-c:a", "aac", "-output_ts_offset", "50"), 44100, 1),
    "fragmented": ("a.mp4", ("-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"), 44100, 2),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_heard_keeps_its_time(form: str, tmp_path: Path):
    name, options, rate, channels = FORMS[form]
    at_s = (0.1, 0.75, 1.5)
    path = numbered(tmp_path / name, *options, sound=raw(tmp_path, beeps(2, at_s, rate, channels), rate))
    source = probe(path)
    begin_s = source.span.in_pts * source.time_base
    if form == "fragmented":
        begin_s += Fraction(1024, rate)  # no edit list hides how its encoder started up

    whole = decoded_sound(path, begin_s, 2 * RATE)
    assert whole.shape == (2 * RATE, 2)
    assert onsets(whole) == pytest.approx(at_s, abs=0.002)

    part = decoded_sound(path, begin_s + Fraction(7, 10), RATE)
    assert part.shape == (RATE, 2)
    assert onsets(part) == pytest.approx([0.05, 0.8], abs=0.002)


@pytest.mark.parametrize("shift", ["0.4", "-0.06"])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_sound_may_begin_after_or_before_the_pictures(name: str, shift: str, tmp_path: Path):
    voiced = numbered(tmp_path / "voice.mp4", "-c:a", "aac", sound=raw(tmp_path, beeps(1.4, [0.1, 1.0], 48000), 48000))
    path, twice = tmp_path / name, ["-i", f"file:{voiced}"]
    ffmpeg.run([*twice, "-itsoffset", shift, *twice, "-map", "0:v", "-map", "1:a", "-c", "copy", f"file:{path}"])
    source = probe(path)
    sound = decoded_sound(path, source.span.in_pts * source.time_base, 2 * RATE)
    assert onsets(sound) == pytest.approx([0.1 + float(shift), 1.0 + float(shift)], abs=0.003)
    assert np.abs(sound[: int(max(float(shift), 0) * RATE)]).max(initial=0) < 0.01


def test_an_edit_list_moves_sound_and_pictures_together(tmp_path: Path):
    whole = numbered(tmp_path / "a.mp4", "-c:a", "aac", sound=raw(tmp_path, beeps(2, [0.1, 1.2], 48000), 48000))
    path = remuxed(whole, tmp_path / "b.mp4", before=("-ss", "0.52"))
    source = probe(path)
    assert onsets(decoded_sound(path, source.span.in_pts * source.time_base, RATE)) == pytest.approx([0.68], abs=0.003)


def test_a_gap_stays_silent_and_what_follows_stays_in_place(tmp_path: Path):
    holes = ("-af", "aselect='not(between(t,0.6,0.999))'")
    sound = raw(tmp_path, beeps(2, [0.2, 0.7, 1.5], 48000), 48000)
    path = numbered(tmp_path / "a.mkv", *holes, "-c:a", "pcm_s16le", sound=sound)
    assert onsets(decoded_sound(path, Fraction(0), 2 * RATE)) == pytest.approx([0.2, 1.5], abs=0.002)


def test_where_there_is_no_sound_there_is_silence(tmp_path: Path):
    silent = numbered(tmp_path / "silent.mp4", frames=10)
    assert np.array_equal(decoded_sound(silent, Fraction(0), 1000), silence(1000))
    assert np.array_equal(
        clip_sound(silent, [Piece(Span(0, 5120), Fraction(1))], Fraction(1, 12800), 999), silence(999)
    )

    short = numbered(tmp_path / "short.mp4", sound=raw(tmp_path, beeps(0.5, [0.1], 48000), 48000))
    assert onsets(decoded_sound(short, Fraction(0), 2 * RATE)) == pytest.approx([0.1], abs=0.002)
    assert not decoded_sound(short, Fraction(1), RATE).any()
    before = decoded_sound(short, Fraction(-1), 2 * RATE)
    assert onsets(before) == pytest.approx([1.1], abs=0.002)


def test_channels_stay_on_their_sides(tmp_path: Path):
    left = np.stack([tone(RATE), np.zeros(RATE)], axis=1)
    sound = decoded_sound(
        numbered(tmp_path / "a.mov", "-c:a", "pcm_s16le", sound=raw(tmp_path, left, RATE)), Fraction(0), RATE
    )
    assert np.abs(sound[:, 0] - left[:, 0]).max() < 1e-3
    assert not sound[:, 1].any()
    mono = raw(tmp_path, tone(RATE)[:, None], RATE)
    sound = decoded_sound(numbered(tmp_path / "b.mov", "-c:a", "pcm_s16le", sound=mono), Fraction(0), RATE)
    assert np.array_equal(sound[:, 0], sound[:, 1])
    assert np.sqrt((sound[:, 0] ** 2).mean()) == pytest.approx(0.5 / 2**0.5, rel=0.3)


def test_of_several_sounds_the_default_is_heard(tmp_path: Path):
    other = ("-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=2")
    both = ("-map", "2:a", "-disposition:a:0", "0", "-disposition:a:1", "default", "-c:a", "aac")
    sound = (*other, *raw(tmp_path, beeps(2, [0.5], 48000), 48000))
    path = numbered(tmp_path / "a.mp4", *both, sound=sound)
    assert onsets(decoded_sound(path, Fraction(0), 2 * RATE)) == pytest.approx([0.5], abs=0.002)


def test_sound_may_change_its_form_in_the_middle(tmp_path: Path):
    body = b""
    for number, channels in enumerate((1, 2)):
        sound = raw(tmp_path, beeps(2, [0.5, 1.2], 48000, channels), 48000)
        options = ("-c:a", "mp2", "-output_ts_offset", str(2 * number))
        body += numbered(tmp_path / f"{number}.ts", *options, sound=sound).read_bytes()
    path = tmp_path / "both.ts"
    path.write_bytes(body)
    source = probe(path)
    sound = decoded_sound(path, source.span.in_pts * source.time_base, 4 * RATE)
    assert onsets(sound) == pytest.approx([0.5, 1.2, 2.5, 3.2], abs=0.02)


def test_damage_costs_no_more_than_itself(tmp_path: Path):
    whole = numbered(tmp_path / "a.mp4", "-c:a", "aac", sound=raw(tmp_path, beeps(2, [0.2, 1.5], 48000), 48000))
    body = bytearray(whole.read_bytes())
    with open_footage(whole) as container:
        packets = [packet for packet in container.demux(audio=0) if packet.size][40:44]
        for packet in packets:
            body[packet.pos or 0 : (packet.pos or 0) + packet.size] = b"\xff" * packet.size
    path = tmp_path / "b.mp4"
    path.write_bytes(body)
    assert onsets(decoded_sound(path, Fraction(0), 2 * RATE)) == pytest.approx([0.2, 1.5], abs=0.002)


def test_far_in_only_the_wanted_part_is_read(tmp_path: Path):
    class Counting(FileIO):
        taken = 0

        def readinto(self, buffer) -> int:
            count = super().readinto(buffer) or 0
            self.taken += count
            return count

        def read(self, size: int | None = -1) -> bytes:
            body = super().read(-1 if size is None else size)
            self.taken += len(body)
            return body

    late = ("-f", "lavfi", "-i", "aevalsrc='0.5*sin(6283*t)*gte(t,230)':s=16000:d=240")
    path = numbered(tmp_path / "a.mov", "-c:a", "pcm_s16le", frames=240, rate=Fraction(1), sound=late)
    with Counting(path) as reader:
        sound = decoded_sound(reader, Fraction(1148, 5), RATE)
        assert reader.taken < path.stat().st_size / 5
    loud = np.flatnonzero(np.abs(sound[:, 0]) > 0.05)
    assert loud[0] / RATE == pytest.approx(0.4, abs=0.005)


@pytest.fixture(scope="module")
def humming(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a pure tone beside four seconds of pictures."""
    folder = tmp_path_factory.mktemp("sound")
    hum = raw(folder, tone(4 * RATE)[:, None].repeat(2, axis=1), RATE)
    return numbered(folder / "hum.mov", "-c:a", "pcm_s16le", frames=100, sound=hum)


@pytest.fixture(scope="module")
def beeping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    sound = raw(folder, beeps(4, [0.5, 1.5, 2.5], RATE), RATE)
    return numbered(folder / "beeps.mov", "-c:a", "pcm_s16le", frames=100, sound=sound)


BASE = Fraction(1, 12800)
SECOND = 12800
TEMPOS = [Fraction(t) for t in ("1/4", "1/3", "1/2", "3/4", "1", "9/8", "3/2", "2")]


@pytest.mark.parametrize("tempo", TEMPOS, ids=str)
def test_a_speed_keeps_pitch_and_length(humming: Path, tempo: Fraction):
    count = int(2 / tempo * RATE)
    sound = clip_sound(humming, [Piece(Span(SECOND, 3 * SECOND), tempo)], BASE, count)
    assert sound.shape == (count, 2)
    spectrum = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(count)))
    assert spectrum.argmax() * RATE / count == pytest.approx(440, rel=0.005)
    loudness = np.sqrt((sound[:, 0].reshape(-1, count // 40) ** 2).mean(axis=1)) if count % 40 == 0 else np.ones(1)
    assert loudness.min() > 0.25  # to the very end


@pytest.mark.parametrize("tempo", TEMPOS, ids=str)
def test_a_speed_keeps_sound_with_its_pictures(beeping: Path, tempo: Fraction):
    """A beep's middle is heard where the picture of its middle stands."""
    count = int(3 / tempo * RATE)
    sound = clip_sound(beeping, [Piece(Span(0, 3 * SECOND), tempo)], BASE, count)[:, 0].astype(float) ** 2
    for at_s in (0.5, 1.5, 2.5):
        middle = (at_s + BEEP_S / 2) / tempo * RATE
        near = slice(max(0, int(middle - 0.3 * RATE)), int(middle + 0.3 * RATE))
        found = (sound[near] * np.arange(count)[near]).sum() / sound[near].sum()
        assert abs(found - middle) / RATE < 0.02


def roughness(sound: NDArray) -> float:
    """Return the greatest second difference: a click stands out, a tone of 440 Hz at 0.5 has 0.0017."""
    return float(np.abs(np.diff(np.asarray(sound, float)[:, 0], 2)).max())


@pytest.mark.parametrize("tempo", [t for t in TEMPOS if t != 1], ids=str)
def test_speeds_give_way_to_one_another_without_a_click(humming: Path, tempo: Fraction):
    parts = pieces(Span(0, 3 * SECOND), [SpeedSpan(12345, 27000, tempo)])
    count = int(sum(part.span.duration_pts * BASE / part.rate for part in parts) * RATE)
    sound = clip_sound(humming, parts, BASE, count)
    assert sound.shape == (count, 2)
    assert roughness(sound) < 0.012
    cut = [round(edge * RATE) for edge in (12345 * BASE, 12345 * BASE + 14655 * BASE / tempo)]
    for edge in cut:
        around = sound[edge - 10 * MS : edge + 10 * MS, 0]
        assert np.sqrt((around**2).mean()) > 0.15  # no hole either


def test_speeds_change_where_they_are_said_to(beeping: Path):
    """Two seconds at half speed, from 1 s on: the beep at 1.5 s is heard at 2 s, the one at 2.5 s at 4 s."""
    parts = pieces(Span(0, 4 * SECOND), [SpeedSpan(SECOND, 3 * SECOND, Fraction(1, 2))])
    sound = clip_sound(beeping, parts, BASE, 6 * RATE)
    energy = sound[:, 0].astype(float) ** 2
    assert onsets(sound[:RATE]) == pytest.approx([0.5], abs=0.001)
    for middle_s in (1 + (0.5 + BEEP_S / 2) * 2, 1 + (1.5 + BEEP_S / 2) * 2):
        near = slice(int((middle_s - 0.3) * RATE), int((middle_s + 0.3) * RATE))
        found = (energy[near] * np.arange(len(energy))[near]).sum() / energy[near].sum() / RATE
        assert found == pytest.approx(middle_s, abs=0.01)


@pytest.mark.parametrize("count", [1, 100, RATE - 7, RATE + 300])
def test_a_clip_s_sound_is_as_long_as_its_pictures(humming: Path, count: int):
    """Its frames are rounded: what is a little longer is filled with what follows, not with a hole."""
    sound = clip_sound(humming, [Piece(Span(SECOND, 2 * SECOND), Fraction(1))], BASE, count)
    expected = tone(4 * RATE)[RATE : RATE + count]
    assert sound.shape == (count, 2)
    assert np.abs(sound[:, 0] - expected).max() < 1e-3


def test_pieces_of_next_to_nothing_are_fine(humming: Path):
    speeds = [SpeedSpan(5000 + n, 5001 + n, Fraction(1, 2 + n % 3)) for n in range(6)]
    parts = pieces(Span(4000, 9000), speeds)
    assert len(parts) == 8
    assert clip_sound(humming, parts, BASE, 20000).shape == (20000, 2)
    assert clip_sound(humming, parts, BASE, 10).shape == (10, 2)


def test_frames_of_the_output_begin_at_whole_samples():
    ntsc = Fraction(30000, 1001)
    starts = [sample_at(frame, ntsc) for frame in range(0, 108000, 997)]
    assert all(
        abs(start / RATE - frame / ntsc) <= Fraction(1, 2 * RATE)
        for start, frame in zip(starts, range(0, 108000, 997), strict=True)
    )
    assert sample_at(25, Fraction(25)) == RATE


def placed(start: int, length: int, fade_in: int = 0, fade_out: int = 0, level: float = 1.0) -> Placed:
    return Placed(start, np.full((length, 2), level, np.float32), fade_in, fade_out)


def whole(clips: Sequence[Placed]) -> Samples:
    return np.concatenate(list(mixed(clips)))


def test_a_cut_is_ramped_on_both_sides():
    ramp = int(JOIN_S * RATE)
    assert ramp == 240
    sound = whole([placed(0, 1000, ramp, ramp), placed(1000, 1000, ramp, ramp)])
    assert len(sound) == 2000
    assert sound[0, 0] == 0
    assert sound[999, 0] == pytest.approx(1 / ramp)
    assert sound[1000, 0] == 0
    assert (sound[ramp : 1000 - ramp] == 1).all()
    assert roughness(sound) < 0.01


def test_clips_that_cross_add_up_to_one():
    sound = whole([placed(0, 1000, 0, 400), placed(600, 1000, 400, 0)])
    assert len(sound) == 1600
    assert np.abs(sound - 1).max() < 1e-6


def test_between_clips_is_silence():
    sound = whole([placed(100, 50), placed(400, 50)])
    assert np.flatnonzero(sound[:, 0]).tolist() == [*range(100, 150), *range(400, 450)]
    assert whole([]).shape == (0, 2)


def test_what_is_mixed_is_left_as_it_was():
    clip = placed(0, 100, 50, 50)
    whole([clip, placed(50, 100)])
    assert (clip.samples == 1).all()


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 80), st.integers(0, 90), st.integers(0, 90)),
        min_size=1,
        max_size=6,
    )
)
def test_mixing_adds_each_clip_where_it_stands(drawn: list[tuple[int, int, int, int]]):
    clips, start = [], 0
    for number, (gap, length, come, go) in enumerate(drawn):
        start += gap
        clips.append(placed(start, length, come, go, level=float(number + 1)))
    sound = whole(clips)
    expected = np.zeros((max(clip.start + len(clip.samples) for clip in clips), 2))
    for clip in clips:
        (alone,) = list(mixed([Placed(0, clip.samples, clip.fade_in, clip.fade_out)]))[1:]
        expected[clip.start : clip.start + len(alone)] += alone
    assert len(sound) <= len(expected)
    assert np.abs(sound - expected[: len(sound)]).max(initial=0) < 1e-5
    assert not expected[len(sound) :].any()
