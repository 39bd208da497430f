"""A clip of a foreign source: every frame of it and no other, at its time, with its sound, copied where it may be."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from media import ffmpeg
from media.cut import extract
from media.decode import all_frames, frame_times, frames
from media.h264 import IDR_SLICE, PICTURES, idr_id, language, parameter_sets, unit_type, units
from media.open import open_footage
from media.probe import Orientation, probe
from media.remade import Remade
from media.seams import checksums, holds
from media.sound import RATE as SAMPLE_RATE
from media.synth import Match, beeps, is_flash, write
from media.synth_counter import read_counter
from reel.errors import Cancelled, ClipOutsideSource, EmptySpan
from reel.geometry import Size
from reel.timing import Span
from tests.media.footage import (
    B_FRAMES,
    FORMS,
    H264,
    HEVC,
    OPEN_GOPS,
    RATE,
    SIZE,
    TONE,
    formed,
    numbered,
    numbers_of,
    remuxed,
)
from tests.media.working import DECODERS, heard, parameters, payloads, same, shown, shown_by_binary, times

GOP = 12
X264 = ("-c:v", "libx264", "-threads", "1", "-x264-params")
CLOSED = f"keyint={GOP}:min-keyint={GOP}:scenecut=0"

CONSTANT = "nal-hrd=cbr:vbv-maxrate=900:vbv-bufsize=900:bitrate=900"


def cut(path: Path, source: Path, first: int, end: int, *, copying: bool = True) -> Remade:
    """Extract the frames `first` to `end`, counted at a constant rate from the first that is shown."""
    found = probe(source)
    step = 1 / (RATE * found.time_base)
    pts = [found.span.in_pts + round(number * step) for number in (first, end)]
    return extract(path, source, found, Span(pts[0], min(pts[1], found.span.out_pts)), copying=copying)


COPIED = {
    "x264 as it comes": ("a.mp4", (*X264, CLOSED)),
    "a pyramid": ("a.mp4", (*X264, f"{CLOSED}:bframes=3:b-pyramid=normal:b-adapt=0:ref=4", "-preset", "medium")),
    "CAVLC": ("a.mp4", (*X264, f"{CLOSED}:cabac=0:bframes=2:b-adapt=0")),
    "baseline": ("a.mp4", (*X264, CLOSED, "-profile:v", "baseline")),
    "main": ("a.mp4", (*X264, CLOSED, "-profile:v", "main", "-preset", "medium")),
    "no B-frames": ("a.mp4", (*X264, f"{CLOSED}:bframes=0")),
    "mkv": ("a.mkv", B_FRAMES),
    "mov": ("a.mov", B_FRAMES),
    "fragmented": ("a.mp4", (*B_FRAMES, "-movflags", "frag_keyframe+empty_moov")),
    "begins late": ("a.mp4", (*B_FRAMES, "-output_ts_offset", "100")),
    "parameter sets in the stream too": ("a.mp4", (*B_FRAMES, "-bsf:v", "dump_extra=freq=k")),
    "delimiters": (
        "a.mp4",
        (*X264, f"{CLOSED}:aud=1:nal-hrd=cbr:filler=1:vbv-maxrate=900:vbv-bufsize=900:bitrate=900"),
    ),
    "slices": ("a.mp4", (*X264, f"{CLOSED}:slices=3")),
    "full range": ("a.mp4", (*X264, CLOSED, "-pix_fmt", "yuvj420p")),
    "not square": ("a.mp4", (*X264, CLOSED, "-aspect", "2:1")),
}
BOUNDS = {
    "inside two GOPs": (5, 40, (5, 12), (36, 40)),
    "from a sync frame on": (12, 40, (12, 12), (36, 40)),
    "up to a sync frame": (7, 36, (7, 12), (36, 36)),
    "between two sync frames": (12, 36, (12, 12), (36, 36)),
    "to the end": (11, 50, (11, 12), (50, 50)),
    "from the beginning": (0, 13, (0, 0), (12, 13)),
    "all": (0, 50, (0, 0), (50, 50)),
}


def assert_copied(path: Path, source: Path, first: int, end: int, head: tuple[int, int], tail: tuple[int, int]) -> None:
    """Hold a clip of a numbered source to its frames, and the packets between the edges to the source's."""
    assert numbers_of(all_frames(path)) == list(range(first, end))
    found, before = shown(path), shown(source)
    assert all(same(found, shown_by_binary(path, decoder)) for decoder in DECODERS)
    assert same(found[head[1] - first : tail[0] - first], before[head[1] : tail[0]])
    edges = [n for edge in (head, tail) for n in range(*edge)]
    assert all(np.abs(found[n - first].astype(int) - before[n]).mean() < 1.5 for n in edges)
    assert payloads(path)[head[1] - first : tail[0] - first] == payloads(source)[head[1] : tail[0]]
    assert parameters(path) == parameters(source)
    made, kept = ({idr for n, idr in idr_ids(path) if (n + first in edges) == edge} for edge in (True, False))
    assert not made & kept  # of two sync frames that follow on from one another, it may not be the same
    assert times(path) == [(n - first) / RATE for n in range(first, end)]


def idr_ids(path: Path) -> list[tuple[int, int]]:
    """Return the place and the idr_pic_id of each sync frame."""
    sequence = language(parameter_sets(parameters(path) or b"")).sequence
    slices = [next(unit for unit in units(body) if unit_type(unit) in PICTURES) for body in payloads(path)]
    return [(n, idr_id(unit, sequence)) for n, unit in enumerate(slices) if unit_type(unit) == IDR_SLICE]


@pytest.mark.parametrize(("name", "options"), COPIED.values(), ids=COPIED)
def test_the_middle_is_copied(name: str, options: tuple[str, ...], tmp_path: Path):
    source, path = numbered(tmp_path / f"source-{name}", *options), tmp_path / "clip.mp4"
    assert cut(path, source, 5, 40) == Remade(35, 7 + 4)
    assert_copied(path, source, 5, 40, (5, 12), (36, 40))


@pytest.mark.parametrize(("first", "end", "head", "tail"), BOUNDS.values(), ids=BOUNDS)
def test_every_bound_is_exact(first: int, end: int, head: tuple[int, int], tail: tuple[int, int], tmp_path: Path):
    source, path = numbered(tmp_path / "source.mp4", *B_FRAMES), tmp_path / "clip.mp4"
    assert cut(path, source, first, end) == Remade(end - first, head[1] - head[0] + tail[1] - tail[0])
    assert_copied(path, source, first, end, head, tail)


def test_a_moment_between_two_frames_belongs_to_the_first(tmp_path: Path):
    source, path = numbered(tmp_path / "source.mp4", *B_FRAMES), tmp_path / "clip.mp4"
    found = probe(source)
    step = round(1 / (RATE * found.time_base))
    done = extract(path, source, found, Span(5 * step + step // 2, 40 * step + 1))
    assert done == Remade(36, 7 + 5)
    assert numbers_of(all_frames(path)) == list(range(5, 41))
    assert probe(path).span == Span(0, 35 * step + 1)


def test_the_same_clip_gives_the_same_bytes(tmp_path: Path):
    source = numbered(tmp_path / "source.mp4", *B_FRAMES, sound=TONE)
    bodies = set()
    for number, footage in enumerate((source, source, BytesIO(source.read_bytes()))):
        path, found = tmp_path / f"{number}.mp4", probe(footage)
        extract(path, footage, found, Span(5 * 512, 40 * 512))
        bodies.add(path.read_bytes())
    assert len(bodies) == 1


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_source_stays_turned(rotation: int, tmp_path: Path):
    plain, path = numbered(tmp_path / "plain.mp4", *B_FRAMES), tmp_path / "clip.mp4"
    source = remuxed(plain, tmp_path / "source.mp4", before=["-display_rotation:v:0", str(-rotation)])
    assert probe(source).orientation == Orientation(rotation // 90)
    assert cut(path, source, 5, 40) == Remade(35, 11)
    assert probe(path).orientation == probe(source).orientation
    assert_copied(path, source, 5, 40, (5, 12), (36, 40))


def test_every_frame_of_a_variable_rate_keeps_its_time(tmp_path: Path):
    thinned = ("-vf", "select='not(eq(mod(n,7),3)+eq(mod(n,11),5))'", "-fps_mode", "passthrough")
    source, path = numbered(tmp_path / "source.mp4", *B_FRAMES, *thinned, frames=80), tmp_path / "clip.mp4"
    found = probe(source)
    pts = frame_times(source, found, found.span)
    kept = [n for n in range(80) if n % 7 != 3 and n % 11 != 5]
    done = extract(path, source, found, Span(pts[5], pts[45]))
    assert (done.frames, done.reencoded_frames, done.whole) == (40, 7 + 9, False)
    assert numbers_of(all_frames(path)) == kept[5:45]
    assert times(path) == [Fraction(kept[n] - kept[5], 25) for n in range(5, 45)]
    assert probe(path).duration_s == Fraction(kept[45] - kept[5], 25)


# Sources that cannot be copied


def short(folder: Path) -> Path:
    return numbered(folder / "a.mp4", *H264, "-g", "250", "-sc_threshold", "0")


def changing(folder: Path) -> Path:
    """Change the settings in the middle, the new parameter sets in between."""
    for name, quality in (("one", "20"), ("two", "30")):
        numbered(folder / f"{name}.mp4", *H264, "-g", "6", "-crf", quality, frames=25)
    (folder / "list.txt").write_text("file one.mp4\nfile two.mp4\n")
    ffmpeg.run(["-f", "concat", "-i", f"file:{folder / 'list.txt'}", "-c", "copy", f"file:{folder / 'a.mp4'}"])
    return folder / "a.mp4"


def mirrored(folder: Path) -> Path:
    plain = numbered(folder / "plain.mp4", *B_FRAMES)
    return remuxed(plain, folder / "a.mp4", before=["-display_hflip"])


def of(name: str, *options: str):
    return lambda folder: numbered(folder / name, *options)


UNFIT = {
    "no sync frame inside": (short, "No whole group"),
    "open GOPs": (of("a.mp4", *OPEN_GOPS), "No whole group"),
    "settings that change": (changing, "change in the middle"),
    "mirrored": (mirrored, "mirrored"),
    "mpegts": (of("a.ts", *B_FRAMES), "without an index"),
    "HEVC": (of("a.mp4", *HEVC, "keyint=12:log-level=error:pools=1"), "not H.264"),
    "VP9": (lambda folder: formed("webm", folder), "not H.264"),
    "AV1": (lambda folder: formed("av1", folder), "not H.264"),
    "mpeg4": (lambda folder: formed("mpeg4", folder), "not H.264"),
    "10 bit": (of("a.mp4", *X264, CLOSED, "-pix_fmt", "yuv420p10le"), "8 bit"),
    "4:4:4": (of("a.mp4", *X264, CLOSED, "-pix_fmt", "yuv444p"), "8 bit"),
    "scaling lists": (of("a.mp4", *X264, f"{CLOSED}:cqm=jvt"), "a kind"),
    "lossless": (of("a.mp4", *X264, f"{CLOSED}:qp=0"), "a kind"),
}


@pytest.mark.parametrize(("make", "why"), UNFIT.values(), ids=UNFIT)
def test_what_cannot_be_copied_is_encoded_anew_and_says_why(make, why: str, tmp_path: Path):
    source, path = make(tmp_path), tmp_path / "clip.mp4"
    done = cut(path, source, 5, 40)
    assert (done.frames, done.reencoded_frames, done.copied_frames, done.whole) == (35, 35, 0, True)
    assert why in done.why_whole
    expected = list(range(5, 40))
    if make is changing:
        expected = [*range(5, 25), *range(15)]
    pictures = [frame.to_ndarray(format="gray")[:, :: -1 if make is mirrored else 1] for frame in all_frames(path)]
    assert [read_counter(picture, SIZE) for picture in pictures] == expected
    assert same(shown(path), shown_by_binary(path))
    assert np.allclose([float(at) for at in times(path)], np.arange(35) / 25, atol=0.002)
    with open_footage(path) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
    assert (probe(path).orientation, probe(path).displayed) == (Orientation(), SIZE)


def test_groups_that_reach_into_one_another_by_their_times_are_not_copied(tmp_path: Path):
    plain = numbered(tmp_path / "plain.mp4", *X264, f"{CLOSED}:bframes=0")
    late = "setts=pts=if(eq(N\\,11)\\,PTS+3*DURATION/2\\,PTS)"
    source = remuxed(plain, tmp_path / "source.mp4", "-bsf:v", late)
    assert "reach into one another" in cut(tmp_path / "clip.mp4", source, 5, 40).why_whole
    assert numbers_of(all_frames(tmp_path / "clip.mp4")) == [*range(5, 12), *range(13, 40)]  # 12 comes too late


def test_all_of_it_can_be_encoded_anew(tmp_path: Path):
    source, path = numbered(tmp_path / "source.mp4", *B_FRAMES), tmp_path / "clip.mp4"
    assert cut(path, source, 5, 40, copying=False).reencoded_frames == 35
    assert numbers_of(all_frames(path)) == list(range(5, 40))


@pytest.mark.parametrize("transfer", ["hlg", "pq"])
def test_hdr_becomes_an_ordinary_picture(transfer, tmp_path: Path):
    filmed = {"size": Size(320, 180), "rate": RATE, "duration_s": Fraction(1, 2), "audio": False}
    for name, match in (("sdr", Match(**filmed)), ("hdr", Match(**filmed, transfer=transfer, codec="hevc"))):
        write(match, tmp_path / f"{name}.mp4")
        done = cut(tmp_path / f"{name}-clip.mp4", tmp_path / f"{name}.mp4", 1, 9, copying=False)
        assert (done.frames, done.whole) == (8, True)
    plain, mapped = (np.stack(shown(tmp_path / f"{name}-clip.mp4")).astype(int) for name in ("sdr", "hdr"))
    assert not probe(tmp_path / "hdr-clip.mp4").colour.hdr
    assert abs(plain.mean() - mapped.mean()) < 6  # below half of white nothing is to change
    assert numbers_of(all_frames(tmp_path / "hdr-clip.mp4")) == list(range(1, 9))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_what_is_encoded_anew_stands_upright(rotation, tmp_path: Path):
    match = Match(size=Size(180, 320), rate=RATE, duration_s=Fraction(2, 5), rotation=rotation, audio=False)
    write(match, tmp_path / "source.mp4")
    cut(tmp_path / "clip.mp4", tmp_path / "source.mp4", 5, 10, copying=False)
    assert probe(tmp_path / "clip.mp4").orientation == Orientation()
    assert probe(tmp_path / "clip.mp4").coded == Size(180, 320)
    assert numbers_of(all_frames(tmp_path / "clip.mp4")) == list(range(5, 10))


def test_an_odd_line_is_left_out_and_nothing_is_stretched(tmp_path: Path):
    odd = numbered(tmp_path / "odd.mp4", *X264, CLOSED, "-pix_fmt", "yuv444p", size=Size(97, 65))
    assert cut(tmp_path / "clip.mp4", odd, 3, 9).whole
    assert probe(tmp_path / "clip.mp4").coded == Size(96, 64)
    before, after = (
        np.stack([frame.to_ndarray(format="gray")[:64, :96] for frame in all_frames(path)]).astype(int)
        for path in (odd, tmp_path / "clip.mp4")
    )
    assert np.abs(after - before[3:9]).mean() < 2


def test_what_is_not_square_becomes_so(tmp_path: Path):
    wide = numbered(tmp_path / "wide.mp4", *HEVC, "log-level=error:pools=1", "-aspect", "3:1", frames=12)
    cut(tmp_path / "clip.mp4", wide, 2, 7)
    assert (probe(tmp_path / "clip.mp4").coded, probe(tmp_path / "clip.mp4").sample_aspect) == (Size(192, 64), 1)
    pictures = [frame.to_ndarray(format="gray") for frame in all_frames(tmp_path / "clip.mp4")]
    assert [read_counter(picture, Size(96, 64)) for picture in pictures] == list(range(2, 7))


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_sound_and_pictures_stay_together(codec, tmp_path: Path):
    """Copied and encoded anew: each flash is a beep, to the millisecond, as in the source."""
    match = Match(size=Size(320, 180), rate=RATE, duration_s=Fraction(3), gop_frames=GOP, codec=codec, players=2)
    source, path = tmp_path / "source.mp4", tmp_path / "clip.mp4"
    write(match, source)
    assert cut(path, source, 17, 70).whole == (codec == "hevc")
    flashes = [n / RATE for n, frame in enumerate(all_frames(path)) if is_flash(frame.to_ndarray(format="gray"))]
    sound = heard(path)
    assert flashes == [Fraction(n - 17, 25) for n in (25, 50)]
    assert beeps(sound, SAMPLE_RATE) == pytest.approx([float(at) for at in flashes], abs=0.003)
    assert abs(len(sound) - 53 * SAMPLE_RATE // 25) < 100


def test_without_sound_there_is_none(tmp_path: Path):
    source = numbered(tmp_path / "source.mp4", *B_FRAMES)
    for copying in (True, False):
        cut(tmp_path / "clip.mp4", source, 5, 40, copying=copying)
        assert probe(tmp_path / "clip.mp4").sound is None


@pytest.mark.parametrize("channels", [1, 6])
def test_sound_of_any_kind_becomes_stereo(channels: int, tmp_path: Path):
    tone = (*TONE[:3], f"sine=f=440:r=44100:d=4,aformat=channel_layouts={'mono' if channels == 1 else '5.1'}")
    source = numbered(tmp_path / "source.mkv", *B_FRAMES, sound=tone)
    assert not cut(tmp_path / "clip.mp4", source, 5, 40).whole
    sound = probe(tmp_path / "clip.mp4").sound
    assert sound is not None
    assert (sound.codec, sound.sample_rate, sound.channels) == ("aac", SAMPLE_RATE, 2)
    spectrum = np.abs(np.fft.rfft(heard(tmp_path / "clip.mp4")[4800:52800]))
    assert spectrum.argmax() == 440


def test_nothing_of_the_camera_comes_along(tmp_path: Path):
    plain = numbered(tmp_path / "plain.mp4", *B_FRAMES, sound=TONE)
    place = ["-metadata", "location=+59.9+010.7/", "-metadata", "make=Apple", "-metadata:s:v:0", "handler_name=iPhone"]
    source = remuxed(plain, tmp_path / "source.mov", *place, "-movflags", "use_metadata_tags")
    for copying in (True, False):
        cut(tmp_path / "clip.mp4", source, 5, 40, copying=copying)
        body = (tmp_path / "clip.mp4").read_bytes()
        assert all(word not in body for word in (b"+59.9", b"Apple", b"iPhone"))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_every_frame(form: str, tmp_path: Path):
    source = formed(form, tmp_path, sound=() if form == "webm" else TONE)
    done = cut(tmp_path / "clip.mp4", source, 5, 45)
    assert done.frames == 40
    assert numbers_of(all_frames(tmp_path / "clip.mp4")) == list(range(5, 45))
    assert same(shown(tmp_path / "clip.mp4"), shown_by_binary(tmp_path / "clip.mp4"))


def test_one_frame_is_a_clip(tmp_path: Path):
    source = numbered(tmp_path / "source.mp4", *B_FRAMES)
    for first, made in ((5, 1), (12, 1), (11, 1)):
        assert cut(tmp_path / "clip.mp4", source, first, first + 1).reencoded_frames == made
        assert numbers_of(all_frames(tmp_path / "clip.mp4")) == [first]
    assert cut(tmp_path / "clip.mp4", numbered(tmp_path / "one.mp4", *B_FRAMES, frames=1), 0, 1).frames == 1


def test_a_span_outside_the_source_is_refused(tmp_path: Path):
    source = numbered(tmp_path / "source.mp4", *B_FRAMES)
    found = probe(source)
    for span in (Span(0, found.span.out_pts + 1), Span(-1, 512), Span(10**9, 10**9 + 1)):
        with pytest.raises(ClipOutsideSource):
            extract(tmp_path / "clip.mp4", source, found, span)
    with pytest.raises(EmptySpan):
        Span(5, 5)


@pytest.mark.parametrize(("copying", "total"), [(True, 11), (False, 35)])
def test_progress_counts_the_frames_encoded(copying: bool, total: int, tmp_path: Path):
    source = numbered(tmp_path / "source.mp4", *B_FRAMES)
    told: list[tuple[int, int]] = []

    def note(done: int, total: int) -> None:
        told.append((done, total))

    extract(tmp_path / "a.mp4", source, probe(source), Span(5 * 512, 40 * 512), copying=copying, progress=note)
    assert [said for said in dict.fromkeys(told) if said != (0, 0)] == [(n, total) for n in range(1, total + 1)]


@pytest.mark.parametrize("patience", [0, 5, 30])
def test_it_stops_when_it_is_told_to(patience: int, tmp_path: Path):
    source = numbered(tmp_path / "source.mp4", *B_FRAMES)
    calls = 0

    def impatient(done: int, total: int) -> None:
        nonlocal calls
        calls += 1
        if calls > patience:
            raise Cancelled

    with pytest.raises(Cancelled):
        extract(tmp_path / "a.mp4", source, probe(source), Span(5 * 512, 40 * 512), progress=impatient)
    assert {path.name for path in tmp_path.iterdir()} <= {"a.mp4", "source.mp4"}


def test_seams_that_show_something_else_are_told(tmp_path: Path):
    source, path = numbered(tmp_path / "source.mp4", *B_FRAMES), tmp_path / "clip.mp4"
    cut(path, source, 12, 40)
    found = probe(source)
    pts = frame_times(source, found, found.span)
    right = checksums(frames(source, found, Span(pts[12], pts[36])))
    wrong = [*right[:-1], right[0]]
    assert holds(path, pts[12:40], found.time_base, [(0, right), (12, right[12:])])
    assert not holds(path, pts[12:40], found.time_base, [(0, wrong)])
    assert not holds(path, pts[12:39], found.time_base, [(0, right)])
    assert not holds(path, pts[12:40], found.time_base, [(16, [*right[16:], 1, 2, 3, 4, 5])])  # more than there is
    path.write_bytes(path.read_bytes()[:3000])
    assert not holds(path, pts[12:40], found.time_base, [(0, right)])


@pytest.mark.footage
def test_real_footage_is_cut_in_the_middle_of_gops(footage_dir: Path, tmp_path: Path):
    source, path = footage_dir / "09_derived_match_1080p25_70s_audio.mp4", tmp_path / "clip.mp4"
    found = probe(source, tail=False)
    step = round(1 / (RATE * found.time_base))
    span = Span(249 * step, 302 * step)
    assert extract(path, source, found, span) == Remade(53, 1 + 2)
    made, truth = list(all_frames(path)), list(frames(source, found, span))
    assert len(made) == len(truth)
    assert checksums(made[1:51]) == checksums(truth[1:51])
    for edge in (0, 51, 52):
        assert np.abs(made[edge].to_ndarray().astype(int) - truth[edge].to_ndarray()).mean() < 2
    assert times(path) == [n / RATE for n in range(53)]
    assert abs(len(heard(path)) - 53 * SAMPLE_RATE // 25) < 100
