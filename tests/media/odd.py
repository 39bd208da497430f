"""Footage in every form that phones, cameras and recorders give it, all of the same match, with its truth."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from av.packet import Packet

from media import ffmpeg
from media.open import open_footage, open_output
from media.synth import Match, Truth, write
from reel.geometry import Size
from tests.media.boxes import box, with_edits, with_entry_box

SIZE = Size(320, 180)
DURATION_S = Fraction(6, 5)
X264 = ("-c:v", "libx264", "-preset", "superfast", "-crf", "18", "-threads", "2", "-g", "25")


@dataclass(frozen=True)
class Odd:
    """A file, the truth of the match in it, and what it has to be taken for.

    `shown` says which moments of the match it shows: (from this second on, the match from that second on).
    """

    path: Path
    truth: Truth
    size: Size = SIZE
    rate: Fraction = Fraction(25)
    shown: tuple[tuple[Fraction, Fraction], ...] = ((Fraction(0), Fraction(0)),)
    sound: bool = True

    def moment(self, at_s: Fraction) -> Fraction:
        """Return the second of the match that is shown `at_s` seconds after the first picture."""
        begins, since = [each for each in self.shown if each[0] <= at_s][-1]
        return since + at_s - begins


@dataclass
class Studio:
    """Films matches, each once, and puts them into other forms."""

    folder: Path
    _films: dict[str, tuple[Path, Truth]] = field(default_factory=dict)

    def film(self, name: str = "match.mp4", **more: Any) -> tuple[Path, Truth]:
        """Return a match, with a flash and a beep every half second."""
        if name not in self._films:
            match = Match(
                **{"size": SIZE, "duration_s": DURATION_S, "players": 4, "flash_every_s": Fraction(1, 2)} | more
            )
            self._films[name] = self.folder / name, write(match, self.folder / name)
        return self._films[name]

    def made(self, name: str, *options: str, source: Path | None = None, before: tuple[str, ...] = ()) -> Path:
        """Convert a film; all of its streams are copied, but where the options say otherwise."""
        path = self.folder / name
        arguments = ["-i", f"file:{source or self.film()[0]}", "-map", "0", "-c", "copy", *options]
        ffmpeg.run([*before, *arguments, "-y", f"file:{path}"])
        return path

    def filtered(self, name: str, filters: str, *options: str) -> Path:
        """Convert a film through filters."""
        return self.made(name, *X264, "-vf", filters, *options)

    def joined(self, name: str, video: Path, sound: Path, *filters: str, late: tuple[str, str] = ("0", "0")) -> Path:
        """Put pictures and sound together, each begun so many seconds late."""
        path = self.folder / name
        inputs = ["-itsoffset", late[0], "-i", f"file:{video}", "-itsoffset", late[1], "-i", f"file:{sound}"]
        ffmpeg.run([*inputs, "-map", "0:v", "-map", "1:a", "-c:v", "copy", *filters, "-y", f"file:{path}"])
        return path


Form = Callable[[Studio], Odd]
FORMS: dict[str, Form] = {}


def form(name: str) -> Callable[[Form], Form]:
    """Enter a form under its name."""

    def enter(make: Form) -> Form:
        FORMS[name] = make
        return make

    return enter


def _plainly(name: str, *options: str, before: tuple[str, ...] = ()) -> Form:
    return lambda studio: Odd(studio.made(name, *options, before=before), studio.film()[1])


def _through(name: str, filters: str, *options: str, size: Size = SIZE) -> Form:
    return lambda studio: Odd(studio.filtered(name, filters, *options), studio.film()[1], size)


def _filmed(name: str, *, sound: bool = True, **match: Any) -> Form:
    def make(studio: Studio) -> Odd:
        path, truth = studio.film(name, **match)
        return Odd(path, truth, truth.match.size, truth.match.rate, sound=sound)

    return make


TALL = Size(180, 320)

FORMS |= {
    "plain": _plainly("plain.mp4"),
    # Containers and clocks
    "fragmented": _plainly("fragmented.mp4", "-movflags", "frag_keyframe+empty_moov"),
    "mpegts": _plainly("plain.ts"),
    "mpegts of a camcorder": _plainly("plain.mts", "-mpegts_m2ts_mode", "1", "-f", "mpegts"),
    "mkv": _plainly("plain.mkv"),
    "webm": _filmed("match.webm", codec="vp9"),
    "mp4 that starts late": _plainly("late.mp4", "-output_ts_offset", "100"),
    "mpegts whose clock runs over": _plainly("over.ts", "-output_ts_offset", "95442.6"),
    "variable rate": _filmed("vfr.mov", rate=Fraction(30000, 1001), drops_frames=True),
    "59.94": _filmed("5994.mp4", rate=Fraction(60000, 1001)),
    "120": _filmed("120.mp4", rate=Fraction(120)),
    "240": _filmed("240.mp4", rate=Fraction(240)),
    # Colours
    "HLG": _filmed("hlg.mov", codec="hevc", transfer="hlg"),
    "PQ": _filmed("pq.mkv", codec="hevc", transfer="pq"),
    "HLG held upright": _filmed("upright.mov", codec="hevc", transfer="hlg", size=TALL, rotation=90),
    "full range": _through("full.mp4", "scale=out_range=pc", "-pix_fmt", "yuvj420p"),
    "4:2:2 of 10 bits": _through("422.mp4", "null", "-pix_fmt", "yuv422p10le"),
    "4:4:4": _through("444.mp4", "null", "-pix_fmt", "yuv444p"),
    "RGB": lambda studio: Odd(studio.made("rgb.mkv", "-c:v", "libx264rgb", "-crf", "12"), studio.film()[1]),
    "bt601": _through("601.mp4", "zscale=min=709:m=170m"),
    # Shapes
    "on its head": _filmed("180.mov", rotation=180),
    "turned left": _filmed("270.mov", rotation=270, size=TALL),
    "odd sides": _through("odd.mp4", "scale=321:181", "-pix_fmt", "yuv444p", size=Size(321, 181)),
    "wide pixels": _through("wide.mp4", "scale=240:180,setsar=4/3"),
    # Sound
    "no sound": lambda studio: Odd(studio.made("mute.mp4", "-an"), studio.film()[1], sound=False),
    "mono": _plainly("mono.mp4", "-c:a", "aac", "-ac", "1"),
    "5.1": _plainly("surround.mp4", "-c:a", "aac", "-ac", "6"),
    "sixteen channels": _plainly("many.mkv", "-af", "pan=16c|c0=c0|c1=c1", "-c:a", "pcm_s16le"),
    "opus": _plainly("opus.mkv", "-c:a", "libopus"),
}


@form("mirrored")
def _mirrored(studio: Studio) -> Odd:
    flipped = studio.filtered("flipped.mp4", "hflip")
    path = studio.made("mirrored.mp4", source=flipped, before=("-display_hflip",))
    return Odd(path, studio.film()[1])


@form("mirrored and turned")
def _mirrored_and_turned(studio: Studio) -> Odd:
    flipped = studio.filtered("transposed.mp4", "transpose=clock_flip")
    path = studio.made("turned.mp4", source=flipped, before=("-display_rotation", "90", "-display_hflip"))
    return Odd(path, studio.film()[1])


@form("edit list that skips the start")
def _cut_by_an_edit_list(studio: Studio) -> Odd:
    film, truth = studio.film()
    hidden = Fraction(2, 25)
    path = with_edits(studio.made("end.mp4", source=film), studio.folder / "skips.mp4", [(Fraction(1), hidden)])
    return Odd(path, truth, shown=((Fraction(0), hidden),))


@form("edit list of two parts")
def _two_parts(studio: Studio) -> Odd:
    film, truth = studio.film()
    parts = [(Fraction(2, 5), Fraction(8, 25)), (Fraction(8, 25), Fraction(21, 25))]
    # Without B-frames: with them libavformat is some pictures late behind each join (docs/footage.md).
    path = with_edits(studio.made("flat.mp4", *X264, "-bf", "0", source=film), studio.folder / "parts.mp4", parts)
    return Odd(path, truth, shown=((Fraction(0), parts[0][1]), (parts[0][0], parts[1][1])))


@form("pictures that start after the sound")
def _late_pictures(studio: Studio) -> Odd:
    film, truth = studio.film()
    path = studio.joined("latepictures.mp4", film, film, "-af", "adelay=400:all=1", late=("0.4", "0"))
    return Odd(path, truth)


@form("sound that starts after the pictures")
def _late_sound(studio: Studio) -> Odd:
    film, truth = studio.film()
    path = studio.joined("latesound.mp4", film, film, "-af", "atrim=start=0.3,asetpts=PTS-STARTPTS", late=("0", "0.3"))
    return Odd(path, truth)


@form("several streams of each kind")
def _many_streams(studio: Studio) -> Odd:
    film, truth = studio.film()
    path, cover, words = (studio.folder / name for name in ("many.mov", "cover.jpg", "words.srt"))
    ffmpeg.run(["-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", "-y", f"file:{cover}"])
    words.write_text("1\n00:00:00,500 --> 00:00:01,000\nGoal\n")
    other = ["-f", "lavfi", "-i", "testsrc=s=64x64:d=2", "-f", "lavfi", "-i", "sine=d=2"]
    inputs = [*other, "-i", f"file:{film}", "-i", f"file:{words}"]
    maps = [part for each in ("0:v", "2:v", "1:a", "2:a", "3:s") for part in ("-map", each)]
    default = ["-disposition:v:0", "0", "-disposition:v:1", "default", "-disposition:a:0", "0"]
    coded = ["-c:v", "libx264", "-c:a", "aac", "-c:s", "mov_text", "-timecode", "01:00:00:00"]
    ffmpeg.run([*inputs, *maps, *coded, *default, "-disposition:a:1", "default", "-y", f"file:{path}"])
    return Odd(path, truth)


def _interlaced(name: str, order: str, *options: str, rate: Fraction = Fraction(50)) -> Form:
    def make(studio: Studio) -> Odd:
        film, truth = studio.film(f"film{rate.numerator}.mp4", rate=rate)
        weave = ("-vf", f"interlace=scan={order}:lowpass=off", "-flags", "+ildct+ilme")
        return Odd(studio.made(name, *options, *weave, source=film), truth, rate=rate)

    return make


NTSC = Fraction(60000, 1001)
FORMS |= {
    "50 fields in mpegts": _interlaced("50i.ts", "tff", "-c:v", "mpeg2video", "-q:v", "3", "-bf", "2"),
    "50 fields, the lower first": _interlaced("50i.mp4", "bff", *X264, "-x264-params", "bff=1"),
    "59.94 fields": _interlaced("5994i.mp4", "tff", *X264, "-x264-params", "tff=1", rate=NTSC),
}


@form("another size from the middle on")
def _another_size(studio: Studio) -> Odd:
    film, truth = studio.film()
    body = b""
    for number, (begin, end, scale) in enumerate((("0", "0.44", "null"), ("0.44", "9", "scale=240:136"))):
        half, cut = studio.folder / f"half{number}.ts", f"trim={begin}:{end},setpts=PTS-STARTPTS,{scale}"
        timed = ["-bf", "0", "-muxdelay", "0", "-output_ts_offset", begin]
        ffmpeg.run(["-i", f"file:{film}", "-vf", cut, "-an", *X264, *timed, "-y", f"file:{half}"])
        body += half.read_bytes()
    both = studio.folder / "both.ts"
    both.write_bytes(body)
    return Odd(studio.joined("sizes.ts", both, film), truth)


@form("Dolby Vision 8.4")
def _dolby_vision(studio: Studio) -> Odd:
    film, truth = studio.film("hlg.mov", codec="hevc", transfer="hlg")
    return Odd(dolby(film, studio.folder / "dolby.mov", b"hvc1", profile=8, compatible=4), truth)


def dolby(film: Path, path: Path, entry: bytes, *, profile: int, compatible: int) -> Path:
    """Copy HEVC as Dolby Vision: a configuration box, and in every packet a unit that only Dolby understands."""
    unit = b"\x7c\x01\x19\x08\x09" + bytes(range(1, 60)) + b"\x80"
    dressed = path.with_name(f"dressed.{path.name}")
    with open_footage(film) as source, open_output(dressed, container="mov") as output:
        copies = {stream: output.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is None:
                continue
            body = bytes(packet)
            body += struct.pack(">I", len(unit)) + unit if packet.stream.type == "video" else b""
            copy = Packet(body)
            copy.stream, copy.time_base = copies[packet.stream], packet.time_base
            copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
            copy.is_keyframe = packet.is_keyframe
            output.mux(copy)
    bits = profile << 9 | 4 << 3 | 0b101  # the level, and that there are such units and a base layer
    configuration = struct.pack(">BBHB19x", 1, 0, bits, compatible << 4)
    return with_entry_box(dressed, path, entry, box(b"dvvC" if profile > 7 else b"dvcC", configuration))
