"""What probe says of every shape of footage, and the error that each fault gets."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from media import ffmpeg
from media.colour import Colour
from media.decode import all_frames
from media.open import open_footage
from media.probe import Orientation, Sound, probe
from reel.errors import (
    BadSource,
    NoVideoStream,
    SourceTruncated,
)
from reel.geometry import Size
from reel.timing import STANDARD_RATES, Span
from tests.media.footage import (
    B_FRAMES,
    FORMS,
    H264,
    SIZE,
    TONE,
    cut_off,
    formed,
    numbered,
    numbers_of,
    remuxed,
)


def tagged(**names: str) -> tuple[str, ...]:
    return "-vf", "setparams=" + ":".join(f"{name}={value}" for name, value in names.items())


BT709 = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709"}
BT2020 = {"colorspace": "bt2020nc", "color_primaries": "bt2020"}


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds with B-frames, sync frames each 12 frames, sound, and its index in front."""
    path = tmp_path_factory.mktemp("probe") / "game.mp4"
    return numbered(path, *B_FRAMES, "-movflags", "+faststart", frames=100, sound=TONE)


def test_it_names_all_that_a_plain_file_is(game: Path):
    source = probe(game)
    assert (source.container, source.codec, source.pixel_format) == ("mov,mp4,m4a,3gp,3g2,mj2", "h264", "yuv420p")
    assert source.coded == source.upright == source.displayed == SIZE
    assert source.orientation == Orientation()
    assert source.sample_aspect == 1
    assert (source.time_base, source.span) == (Fraction(1, 12800), Span(0, 100 * 512))
    assert (source.rate, source.duration_s) == (25, 4)
    assert source.colour == Colour("bt601")
    assert not source.interlaced
    assert source.sound == Sound("aac", 44100, 1)
    assert source.size_bytes == game.stat().st_size


def test_a_reader_is_probed_as_its_file_is(game: Path):
    with game.open("rb") as reader:
        assert probe(reader) == probe(game)


@pytest.mark.parametrize("rate", [*(r for r in STANDARD_RATES if r <= 60), Fraction(240)], ids=str)
def test_the_rate_is_exact_and_so_is_the_end(rate: Fraction, tmp_path: Path):
    source = probe(numbered(tmp_path / "a.mp4", *B_FRAMES, frames=30, rate=rate))
    assert source.rate == rate
    assert source.duration_s == 30 / rate


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(60000, 1001), Fraction(60)], ids=str)
def test_stamps_in_milliseconds_do_not_hide_the_rate(rate: Fraction, tmp_path: Path):
    source = probe(numbered(tmp_path / "a.mkv", frames=400, rate=rate, size=Size(32, 32)))
    assert source.rate == rate
    assert abs(source.duration_s - 400 / rate) <= Fraction(1, 500)


def test_dropped_frames_do_not_change_the_rate(tmp_path: Path):
    dropping = ("-vf", "select='not(eq(mod(n,7),3)+eq(mod(n,11),5))'", "-fps_mode", "vfr")
    source = probe(numbered(tmp_path / "a.mp4", *B_FRAMES, *dropping, "-video_track_timescale", "600"))
    assert (source.rate, source.time_base) == (25, Fraction(1, 600))
    assert source.span == Span(0, 49 * 24)  # the fiftieth frame is among the dropped


LONGER_SOUND = ("-f", "lavfi", "-i", "sine=d=3")


@pytest.mark.parametrize(
    ("form", "sound"),
    [*((form, ()) for form in FORMS), *((form, LONGER_SOUND) for form in ("mp4", "mkv", "webm", "mpegts"))],
    ids=lambda value: value if isinstance(value, str) else "with longer sound" * bool(value) or "silent",
)
def test_the_span_is_that_of_the_pictures(form: str, sound: tuple[str, ...], tmp_path: Path):
    path = formed(form, tmp_path, frames=30, sound=sound)
    source = probe(path)
    shown = [frame.pts for frame in all_frames(path)]
    assert len(shown) == 30
    assert source.span.in_pts == shown[0]
    assert abs(source.duration_s - Fraction(30, 25)) <= Fraction(1, 1000)
    assert source.rate == 25


@pytest.mark.parametrize(("begin_s", "end_s", "first"), [("0.3", "4", 8), ("0.5", "2", 13), ("0", "1", 0)])
def test_what_an_edit_list_hides_is_not_there(game: Path, begin_s: str, end_s: str, first: int, tmp_path: Path):
    path = remuxed(game, tmp_path / "a.mp4", before=("-ss", begin_s, "-to", end_s))
    source, shown = probe(path), list(all_frames(path))
    assert numbers_of(shown)[0] == first
    assert source.span.in_pts == shown[0].pts == 0
    assert abs(source.duration_s - (Fraction(end_s) - Fraction(begin_s))) <= Fraction(1, 10)  # copied by whole packets


def test_an_edit_list_can_start_late(game: Path, tmp_path: Path):
    source = probe(remuxed(game, tmp_path / "a.mp4", before=("-itsoffset", "1.5")))
    assert source.span == Span(19200, 19200 + 100 * 512)


def test_a_recording_may_begin_in_the_middle_of_a_gop(game: Path, tmp_path: Path):
    whole = remuxed(game, tmp_path / "a.ts").read_bytes()
    path = tmp_path / "b.ts"
    path.write_bytes(whole[188 * 60 :])
    source, shown = probe(path), list(all_frames(path))
    assert numbers_of(shown) == list(range(24, 100))
    assert source.span == Span(shown[0].pts or 0, (shown[-1].pts or 0) + 3600)


TURNS = {
    "upright": ((), Orientation(0)),
    "90": (("-display_rotation", "-90"), Orientation(1)),
    "180": (("-display_rotation", "180"), Orientation(2)),
    "270": (("-display_rotation", "90"), Orientation(3)),
    "mirrored": (("-display_hflip",), Orientation(0, mirrored=True)),
    "upside down and mirrored": (("-display_vflip",), Orientation(2, mirrored=True)),
    "90 mirrored": (("-display_rotation", "90", "-display_hflip"), Orientation(1, mirrored=True)),
    "270 mirrored": (("-display_rotation", "-90", "-display_hflip"), Orientation(3, mirrored=True)),
}


@pytest.mark.parametrize("turn", TURNS)
def test_the_display_matrix_is_read(game: Path, turn: str, tmp_path: Path):
    options, expected = TURNS[turn]
    source = probe(remuxed(game, tmp_path / "a.mp4", before=options))
    assert source.orientation == expected
    assert source.coded == SIZE
    on_its_side = expected.quarter_turns % 2
    assert source.displayed == source.upright == (Size(64, 96) if on_its_side else SIZE)


@pytest.mark.parametrize(("turn", "displayed"), [((), Size(137, 64)), (("-display_rotation", "90"), Size(64, 137))])
def test_pixels_need_not_be_square(turn: tuple[str, ...], displayed: Size, tmp_path: Path):
    flat = numbered(tmp_path / "a.mp4", "-vf", "setsar=64/45", frames=2)
    source = probe(remuxed(flat, tmp_path / "b.mp4", before=turn))
    assert source.sample_aspect == Fraction(64, 45)
    assert source.displayed == displayed


@pytest.mark.parametrize("layout", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le"])
def test_odd_sizes_and_every_layout_are_taken(layout: str, tmp_path: Path):
    size = Size(97, 63) if "444" in layout else Size(98, 66)  # x264 takes no odd side of subsampled pictures
    source = probe(numbered(tmp_path / "a.mp4", "-pix_fmt", layout, frames=2, size=size))
    assert source.pixel_format == layout
    assert source.coded == size


@pytest.mark.parametrize(
    ("tags", "lines", "expected"),
    [
        ((), 64, Colour("bt601")),
        ((), 718, Colour("bt601")),
        ((), 720, Colour("bt709")),
        (tagged(**BT709), 64, Colour("bt709")),
        (tagged(colorspace="smpte170m"), 720, Colour("bt601")),
        (tagged(colorspace="bt470bg"), 720, Colour("bt601")),
        (("-vf", "scale=out_range=pc,setparams=colorspace=bt709:range=pc"), 64, Colour("bt709", full_range=True)),
        (("-pix_fmt", "yuvj420p"), 64, Colour("bt601", full_range=True)),
        (tagged(**BT2020, color_trc="arib-std-b67"), 64, Colour("bt2020", transfer="hlg")),
        (tagged(**BT2020, color_trc="smpte2084"), 720, Colour("bt2020", transfer="pq")),
    ],
)
def test_colour_is_what_the_tags_say_else_what_the_size_suggests(
    tags: tuple[str, ...], lines: int, expected: Colour, tmp_path: Path
):
    source = probe(numbered(tmp_path / "a.mp4", *tags, frames=1, size=Size(64, lines)))
    assert source.colour == expected
    assert source.colour.hdr == (expected.transfer != "sdr")


@pytest.mark.parametrize(
    ("layout", "rate", "codec", "expected"),
    [
        ("mono", 44100, "aac", Sound("aac", 44100, 1)),
        ("5.1", 48000, "aac", Sound("aac", 48000, 6)),
        ("stereo", 32000, "alac", Sound("alac", 32000, 2)),
        ("stereo", 48000, "pcm_s16le", Sound("pcm_s16le", 48000, 2)),
        ("stereo", 48000, "wmav2", None),  # no decoder of ours
    ],
)
def test_sound_is_described(layout: str, rate: int, codec: str, expected: Sound | None, tmp_path: Path):
    silence = ("-f", "lavfi", "-i", f"anullsrc=r={rate}:cl={layout}:d=1")
    options = ("-c:a", codec, "-strict", "-2")
    assert probe(numbered(tmp_path / "a.mkv", *options, frames=5, sound=silence)).sound == expected


def test_of_several_sounds_the_default_counts(tmp_path: Path):
    two = ("-f", "lavfi", "-i", "anullsrc=r=44100:cl=mono:d=1", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=1")
    both = ("-map", "2:a", "-disposition:a:0", "0", "-disposition:a:1", "default")
    path = numbered(tmp_path / "a.mkv", "-c:a", "aac", *both, frames=5, sound=two)
    assert probe(path).sound == Sound("aac", 48000, 2)


def test_fields_woven_together_are_seen(tmp_path: Path):
    woven = ("-vf", "interlace", "-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-q:v", "3")
    source = probe(numbered(tmp_path / "a.ts", *woven, frames=40, rate=Fraction(50)))
    assert (source.interlaced, source.rate, source.field_pts) == (True, 50, 1800)


def with_cover(path: Path, cover: Path, target: Path, place: int) -> Path:
    ffmpeg.run(["-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", "-y", f"file:{cover}"])
    inputs = ["-i", f"file:{path}", "-i", f"file:{cover}", "-map", "0", "-map", "1", "-c", "copy"]
    ffmpeg.run([*inputs, f"-disposition:v:{place}", "attached_pic", f"file:{target}"])
    return target


def test_cover_art_is_no_video(game: Path, tmp_path: Path):
    sound = tmp_path / "sound.m4a"
    ffmpeg.run(["-f", "lavfi", "-i", "sine=d=1", f"file:{sound}"])
    assert probe(with_cover(game, tmp_path / "cover.jpg", tmp_path / "game.mp4", 1)).span == probe(game).span
    for silent in (sound, with_cover(sound, tmp_path / "other.jpg", tmp_path / "cover.m4a", 0)):
        with pytest.raises(NoVideoStream):
            probe(silent)


def test_labels_in_any_encoding_do_no_harm(game: Path, tmp_path: Path):
    path = tmp_path / "latin.mp4"
    titled = remuxed(game, tmp_path / "title.mp4", "-metadata", "title=Fussball").read_bytes()
    path.write_bytes(titled.replace(b"Fussball", b"Fu\xdfball!"))
    assert probe(path).span == probe(game).span


@pytest.mark.parametrize("share", [0.35, 0.6, 0.8])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov"])
def test_a_tail_that_is_missing_leaves_what_is_there(game: Path, name: str, share: float, tmp_path: Path):
    whole = remuxed(game, tmp_path / name, "-movflags", "+faststart")
    path = cut_off(whole, tmp_path / f"cut.{name}", share)
    with pytest.raises(SourceTruncated) as caught:
        probe(path)
    usable_s = caught.value.details["usable_s"]
    assert isinstance(usable_s, float)
    with open_footage(path) as container:
        there = sum(1 for p in container.demux(video=0) if p.size and (p.pos or 0) + p.size <= path.stat().st_size)
    assert there - 12 <= usable_s * 25 <= there + 3  # to a GOP; three pictures may be stored before their time

    taken = probe(path, accept_truncated=True)
    assert float(taken.duration_s) == usable_s
    assert abs(probe(path, tail=False).duration_s - 4) < Fraction(1, 20)  # its end is believed


def test_a_long_gop_s_tail_is_not_decoded_to_its_end_but_looked_at(tmp_path: Path):
    """Sync frames ten seconds apart: what a transfer left blank is missing, all else is there."""
    path = numbered(tmp_path / "a.mp4", *H264, "-bf", "3", "-g", "300", "-movflags", "+faststart", frames=250)
    assert probe(path).duration_s == 10
    with open_footage(path) as container:
        places = [packet.pos or 0 for packet in container.demux(video=0) if packet.size]
    body = bytearray(path.read_bytes())
    body[places[170] :] = bytes(len(body) - places[170])
    path.write_bytes(body)
    with pytest.raises(SourceTruncated) as caught:
        probe(path)
    assert caught.value.details["usable_s"] == pytest.approx(170 / 25, abs=4 / 25)


def test_a_recording_that_promises_no_end_is_as_long_as_it_is(game: Path, tmp_path: Path):
    for name, options in (("a.ts", ()), ("a.mkv", ("-live", "1"))):
        whole = remuxed(game, tmp_path / name, *options)
        source = probe(cut_off(whole, tmp_path / f"cut.{name}", 0.6))
        assert 1.5 < source.duration_s < 3


def head_missing(game: Path, path: Path) -> Path:
    path.write_bytes(game.read_bytes()[1000:])
    return path


def index_missing(game: Path, path: Path) -> Path:
    return cut_off(remuxed(game, path.with_suffix(".whole.mp4")), path, 0.9)


def pictures_missing(game: Path, path: Path) -> Path:
    body = game.read_bytes()
    begin = body.index(b"mdat") + 4
    path.write_bytes(body[:begin] + bytes(len(body) - begin))
    return path


def ten_hours(game: Path, path: Path) -> Path:
    return numbered(path, "-vf", "setpts=N*18000/TB", "-video_track_timescale", "1000", frames=3)


def fast(game: Path, path: Path) -> Path:
    return numbered(path, frames=20, rate=Fraction(480))


def wide(game: Path, path: Path) -> Path:
    return numbered(path, frames=1, size=Size(8200, 64))


def tall(game: Path, path: Path) -> Path:
    return numbered(path, frames=1, size=Size(4400, 4360))


def motion_jpeg(game: Path, path: Path) -> Path:
    return numbered(path.with_suffix(".mkv"), "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", frames=2)


def vp8(game: Path, path: Path) -> Path:
    return numbered(path.with_suffix(".webm"), "-c:v", "libvpx", "-b:v", "1M", frames=2)


def huge(game: Path, path: Path) -> Path:
    with path.open("wb") as file:
        file.truncate(20 * 10**9 + 1)  # a hole: it takes no room
    return path


def empty(game: Path, path: Path) -> Path:
    path.touch()
    return path


def gone(game: Path, path: Path) -> Path:
    return path


def a_picture(game: Path, path: Path) -> Path:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    return path


def a_playlist(game: Path, path: Path) -> Path:
    path.write_text("#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1/a.ts\n")
    return path


@pytest.mark.parametrize(
    ("make", "code", "details"),
    [
        (head_missing, "source_unreadable", {}),
        (index_missing, "source_unreadable", {}),
        (pictures_missing, "source_unreadable", {}),
        (ten_hours, "source_too_long", {"duration_s": 36000.04, "limit_s": 14400}),
        (fast, "frame_rate_too_high", {"rate": 480.0, "limit": 240}),
        (wide, "picture_too_large", {"width": 8200, "height": 64}),
        (tall, "picture_too_large", {"width": 4400, "height": 4360}),
        (motion_jpeg, "codec_unsupported", {"codec": "mjpeg"}),
        (vp8, "codec_unsupported", {"codec": "vp8"}),
        (huge, "source_too_big", {"size_bytes": 20 * 10**9 + 1, "limit_bytes": 20 * 10**9}),
        (empty, "source_empty", {}),
        (gone, "source_gone", {}),
        (a_picture, "not_a_video", {}),
        (a_playlist, "playlist_not_video", {}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_fault_has_its_code(game: Path, make, code: str, details: dict[str, object], tmp_path: Path):
    path = make(game, tmp_path / "a.mp4")
    with pytest.raises(BadSource) as caught:
        probe(path)
    assert caught.value.code == code
    assert details.items() <= caught.value.details.items()


@pytest.mark.footage
@pytest.mark.parametrize(
    ("name", "displayed", "turns", "rate", "duration_s", "sound"),
    [
        ("07_intel_people_768x432_10fps_139s.mp4", Size(768, 432), 0, 10, Fraction(697, 5), None),
        ("09_derived_match_1080p25_70s_audio.mp4", Size(1920, 1080), 0, 25, 70, Sound("aac", 48000, 2)),
        (
            "10_derived_portrait_rot90_vfr_720p_8s.mov",
            Size(720, 1280),
            1,
            25,
            Fraction(199, 25),
            Sound("aac", 48000, 2),
        ),
    ],
)
def test_real_footage_is_what_its_manifest_says(
    footage_dir: Path, name: str, displayed: Size, turns: int, rate: int, duration_s: Fraction, sound: Sound | None
):
    source = probe(footage_dir / name)
    assert (source.displayed, source.orientation) == (displayed, Orientation(turns))
    assert (source.rate, source.duration_s) == (rate, duration_s)
    assert source.colour == Colour("bt709" if displayed.height >= 720 else "bt601")  # without tags
    assert (source.sound is None) == (sound is None)
    if sound and source.sound:
        assert (source.sound.codec, source.sound.sample_rate) == (sound.codec, sound.sample_rate)
