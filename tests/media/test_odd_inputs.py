"""What odd footage is taken for: colours that only the container names, Dolby Vision, streams, clocks; its proxy."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media import ffmpeg
from media.colour import Colour, lines, to_rgb
from media.decode import all_frames, frame_times, frames
from media.index import scan
from media.peaks import peaks_json
from media.picture import turned
from media.probe import Sound, probe
from media.proxy import proxy_frames, proxy_rate, write_part
from media.sprite import write_sheet
from media.synth import read_counter
from media.synth_hdr import lifted
from reel.errors import CodecUnsupported, SourceUnreadable
from reel.geometry import Size
from reel.timing import Span
from tests.journeys.finished import likeness, lumas
from tests.media.boxes import with_entry_box
from tests.media.footage import H264, numbered, remuxed
from tests.media.odd import FORMS, Studio, dolby
from tests.media.test_sound import beeps, raw

UNTAGGED = "=colour_primaries=2:transfer_characteristics=2:matrix_coefficients=2"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("studio"))


@pytest.fixture(scope="module")
def hlg(studio: Studio) -> Path:
    return studio.film("hlg.mov", codec="hevc", transfer="hlg")[0]


# Colour


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_the_container_says_what_the_stream_leaves_out(suffix: str, hlg: Path, tmp_path: Path) -> None:
    """Without these words HLG would be taken for an ordinary picture of other colours."""
    path = remuxed(hlg, tmp_path / f"a{suffix}", "-bsf:v", f"hevc_metadata{UNTAGGED}")
    assert probe(path).colour == Colour("bt2020", transfer="hlg")
    tagged = numbered(
        tmp_path / "tagged.mp4", "-vf", "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    )
    path = remuxed(tagged, tmp_path / f"b{suffix}", "-bsf:v", f"h264_metadata{UNTAGGED}")
    assert probe(path).colour == Colour("bt709")
    assert probe(numbered(tmp_path / "untagged.mp4")).colour == Colour("bt601")


def test_the_stream_s_own_word_counts_first(hlg: Path, tmp_path: Path) -> None:
    """Half of the players follow the stream where the two differ, and so does libavcodec."""
    path = tmp_path / "a.mp4"
    body = remuxed(hlg, tmp_path / "plain.mp4").read_bytes()
    said, other = b"nclx" + bytes((0, 9, 0, 18, 0, 9)), b"nclx" + bytes((0, 1, 0, 1, 0, 1))
    assert body.count(said) == 1
    path.write_bytes(body.replace(said, other))
    assert probe(path).colour == Colour("bt2020", transfer="hlg")


def test_dolby_vision_of_a_phone_is_hlg(hlg: Path, tmp_path: Path) -> None:
    path = dolby(hlg, tmp_path / "phone.mov", b"hvc1", profile=8, compatible=4)
    assert b"dvvC" in path.read_bytes()
    source, plain = probe(path), probe(hlg)
    assert source.colour == plain.colour == Colour("bt2020", transfer="hlg")
    assert (source.span, source.rate, source.sound) == (plain.span, plain.rate, plain.sound)
    for ours, theirs in zip(frames(path, source, source.span), frames(hlg, plain, plain.span), strict=True):
        assert np.array_equal(ours.to_ndarray(), theirs.to_ndarray())


def test_dolby_vision_without_an_ordinary_picture_is_refused(studio: Studio, tmp_path: Path) -> None:
    """Profile 5 has colours of its own; the same name with PQ's tags is a picture that everybody can show."""
    film = studio.film("pq.mkv", codec="hevc", transfer="pq")[0]
    bare = studio.made("bare.mp4", "-bsf:v", f"hevc_metadata{UNTAGGED}", source=film)
    bare.write_bytes(bare.read_bytes().replace(b"colr", b"free"))
    with pytest.raises(CodecUnsupported, match="Dolby"):
        probe(with_entry_box(bare, tmp_path / "five.mp4", b"dvh1", b""))
    tagged = studio.made("tagged.mp4", source=film)
    assert probe(with_entry_box(tagged, tmp_path / "seven.mp4", b"dvh1", b"")).colour.transfer == "pq"


# Streams and clocks


def test_a_default_sound_that_cannot_be_decoded_gives_way(tmp_path: Path) -> None:
    two = ("-f", "lavfi", "-i", "anullsrc=r=44100:cl=mono:d=1", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=1")
    both = ("-map", "2:a", "-c:a:0", "wmav2", "-c:a:1", "aac", "-disposition:a:0", "default", "-disposition:a:1", "0")
    path = numbered(tmp_path / "a.mkv", *both, frames=5, sound=two)
    assert probe(path).sound == Sound("aac", 48000, 2)


def test_recordings_put_together_byte_by_byte_are_refused(tmp_path: Path) -> None:
    """Each begins its clock anew, so the second would hide behind the first."""
    one = numbered(tmp_path / "one.ts", "-bf", "2", frames=40)
    path = tmp_path / "two.ts"
    path.write_bytes(2 * one.read_bytes())
    with pytest.raises(SourceUnreadable, match="clock") as caught:
        scan(path, probe(path), lambda _: None)
    assert caught.value.details["at_s"] == pytest.approx(1.5, abs=0.2)
    assert len(scan(one, probe(one), lambda _: None).frame_pts) == 40


def test_the_sound_s_energy_outlives_a_change_of_form(tmp_path: Path) -> None:
    body = b""
    for number, channels in enumerate((1, 6)):
        sound = raw(tmp_path, beeps(1, [0.5], 48000, channels), 48000)
        options = ("-c:a", "ac3", "-output_ts_offset", str(number))
        body += numbered(tmp_path / f"{number}.ts", *options, frames=25, sound=sound).read_bytes()
    path = tmp_path / "both.ts"
    path.write_bytes(body)
    peaks = peaks_json(path, probe(path), lambda _: None)
    assert peaks is not None
    levels = json.loads(peaks)["levels"]
    loud = [place for place, level in enumerate(levels) if level > 160]
    assert [place for place in loud if place - 1 not in loud] == pytest.approx([10, 30], abs=1)


def test_a_third_of_a_second_in_4k(tmp_path: Path) -> None:
    small = Size(160, 90)
    enlarged = ("-vf", "scale=3840:2160:flags=neighbor")
    path = numbered(tmp_path / "a.mp4", *enlarged, frames=18, rate=Fraction(60), size=small)
    source = probe(path)
    assert (source.displayed, source.rate, source.duration_s) == (Size(3840, 2160), 60, Fraction(3, 10))
    shown = frames(path, source, Span(15 * 256, 18 * 256))
    assert [read_counter(lines(frame.planes[0])[:2160, :3840], small) for frame in shown] == [15, 16, 17]
    index = scan(path, source, lambda _: None)
    assert len(index.frame_pts) == 18
    assert len(write_sheet(path, source, index, tmp_path / "a.jpg", lambda _: None).pts) == 1


# Index and proxy


INGESTED = (
    "variable rate",
    "mirrored and turned",
    "edit list of two parts",
    "50 fields in mpegts",
    "another size from the middle on",
    "Dolby Vision 8.4",
    "wide pixels",
)


@pytest.mark.parametrize("form", INGESTED)
def test_the_index_and_the_proxy_are_in_step(form: str, studio: Studio, tmp_path: Path) -> None:
    odd = FORMS[form](studio)
    source = probe(odd.path)
    index = scan(odd.path, source, lambda _: None)
    assert index.frame_pts == frame_times(odd.path, source, source.span)
    assert index.rate == odd.rate
    shown, rate, out = proxy_frames(index), proxy_rate(index), tmp_path / "proxy.mp4"
    write_part(out, odd.path, source, shown, rate, lambda _: None)
    at_s = [(pts - index.frame_pts[0]) * source.time_base for pts in shown]
    wanted = [odd.truth.frame_at(odd.moment(at) + Fraction(1, 1000)).counter for at in at_s]
    assert [read_counter(frame.to_ndarray(format="gray"), odd.size) for frame in all_frames(out)] == wanted


# Real footage


@pytest.mark.footage
def test_real_footage_in_hlg(footage_dir: Path, tmp_path: Path) -> None:
    """A picture of a match, written as a phone writes it, looks as it did."""
    match, path = next(footage_dir.glob("09_*.mp4")), tmp_path / "hlg.mov"
    plain = probe(match, tail=False)
    begin = int(5 / plain.time_base)
    wanted = to_rgb(next(frames(match, plain, Span(begin, begin + 1))), plain.colour)[400:760, 640:1280]
    bright = lifted(np.ascontiguousarray(wanted[..., ::-1]), "hlg")
    raw_input = ["-f", "rawvideo", "-pix_fmt", "rgb48le", "-video_size", "640x360", "-i", "pipe:0"]
    same = "p=2020:pin=2020:t=arib-std-b67:tin=arib-std-b67"
    coded = ["-c:v", "libx265", "-preset", "ultrafast", "-crf", "8", "-tag:v", "hvc1", "-x265-params"]
    params = "log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
    layout = ["-vf", f"zscale=min=gbr:rin=pc:m=2020_ncl:r=tv:{same}", "-pix_fmt", "yuv420p10le"]
    ffmpeg.run([*raw_input, *layout, *coded, params, f"file:{path}"], stdin=bright.tobytes())
    source = probe(path)
    assert source.colour == Colour("bt2020", transfer="hlg")
    mapped = to_rgb(next(frames(path, source, source.span)), source.colour)
    middle = (wanted < 150).all(axis=2)  # what is lighter is bent
    assert middle.mean() > 0.5
    assert np.abs(np.median(mapped[middle].astype(int) - wanted[middle], axis=0)).max() <= 2
    assert likeness(mapped[..., 1], wanted[..., 1]) > 0.98


@pytest.mark.footage
def test_real_footage_woven_from_fields(footage_dir: Path, tmp_path: Path) -> None:
    """Twenty frames of a match as if they had been filmed at 50 a second, by a camera that weaves."""
    match, path = next(footage_dir.glob("09_*.mp4")), tmp_path / "50i.ts"
    fast = "crop=640:360:640:400,setpts=PTS/2"
    inputs = ["-ss", "5", "-i", f"file:{match}", "-frames:v", "20", "-an", "-r", "50"]
    lossless = (*H264, "-qp", "0", "-y")
    ffmpeg.run([*inputs, "-vf", fast, *lossless, f"file:{tmp_path / '50p.mp4'}"])
    weave = ["-vf", "interlace=scan=tff:lowpass=off", *H264, "-crf", "8", "-flags", "+ildct+ilme"]
    ffmpeg.run(["-i", f"file:{tmp_path / '50p.mp4'}", *weave, "-x264-params", "tff=1", f"file:{path}"])
    source = probe(path)
    assert (source.rate, source.interlaced) == (50, True)
    truth = list(lumas(tmp_path / "50p.mp4"))
    found = [lines(frame.planes[0])[:360, :640] for frame in frames(path, source, source.span)]
    assert len(found) == len(truth) == 20
    for number in range(2, 18):
        alike = [likeness(found[number], truth[number + step]) for step in (-1, 0, 1)]
        assert alike[1] == max(alike) > 0.9, number


@pytest.mark.footage
def test_a_real_phone_held_upright_in_4k_hevc(footage_dir: Path, tmp_path: Path) -> None:
    """Two frames of a real camera's HEVC, turned as a phone turns them."""
    wide = next(footage_dir.glob("01_*.mp4"))
    path = remuxed(wide, tmp_path / "tall.mp4", "-frames:v", "2", before=("-display_rotation", "-90"))
    source, plain = probe(path), probe(wide, tail=False)
    assert source.displayed == Size(1728, 3072)
    upright = turned(to_rgb(next(frames(path, source, source.span)), source.colour), source.orientation)
    flat = to_rgb(next(frames(wide, plain, Span(0, 1))), plain.colour)
    assert np.array_equal(upright, np.rot90(flat, -1))
