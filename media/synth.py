"""Footage with known truth: a match that is drawn, filmed and encoded here, so that every frame can be checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias

import numpy as np

from media import ffmpeg
from media.synth_counter import burn, read_counter
from media.synth_hdr import lifted
from media.synth_play import Person, Touch, play_match
from media.synth_scene import Scene, Seen
from reel.geometry import Size

__all__ = ["Match", "TrueFrame", "Truth", "beeps", "demo_match", "frame_count", "is_flash", "read_counter", "write"]

Transfer: TypeAlias = Literal["sdr", "hlg", "pq"]
Codec: TypeAlias = Literal["h264", "hevc", "vp9", "av1", "prores", "mpeg2video"]
Box: TypeAlias = tuple[float, float, float, float]

HD = Size(1280, 720)
FLASH = 235  # of 255
AUDIO_RATE = 48_000
BEEP_HZ, BEEP_S, BEEP_LEVEL = 1000.0, 0.06, 0.5
BED_LEVEL, BED_S = 0.012, 8
ENCODER_THREADS = 2  # pinned: x264's output depends on it

# A software encoder each, at a speed fit for tests.
ENCODERS: dict[Codec, tuple[str, ...]] = {
    "h264": ("libx264", "-preset", "superfast", "-crf", "23"),
    "hevc": ("libx265", "-preset", "ultrafast", "-crf", "22", "-tag:v", "hvc1"),
    "vp9": ("libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "30", "-b:v", "0"),
    "av1": ("libsvtav1", "-preset", "12", "-crf", "35"),
    "prores": ("prores_ks", "-profile:v", "0"),
    "mpeg2video": ("mpeg2video", "-q:v", "4"),
}
HDR_TRANSFERS: dict[Transfer, str] = {"hlg": "arib-std-b67", "pq": "smpte2084"}


@dataclass(frozen=True, slots=True)
class Match:
    """What to film. `size` is the displayed picture; `rotation` turns the coded one clockwise into it."""

    size: Size = HD
    rate: Fraction = Fraction(25)
    duration_s: Fraction = Fraction(4)
    seed: int = 1
    players: int = 14
    rotation: Literal[0, 90, 180, 270] = 0
    transfer: Transfer = "sdr"
    codec: Codec = "h264"
    audio: bool = True
    counters: bool = True  # burn each frame's number into it, for read_counter
    flash_every_s: Fraction | None = Fraction(1)  # a white frame, and a beep that starts with it
    gop_frames: int = 50
    drops_frames: bool = False  # variable frame rate: three frames of ten are left out


@dataclass(frozen=True, slots=True)
class TrueFrame:
    """What one frame shows. Pixels are of the displayed picture; boxes may reach outside of it."""

    counter: int  # the frame's number at the constant rate: what is burnt in
    at: Fraction  # seconds from the start
    flash: bool
    camera_xy: tuple[float, float]  # how far the camera's window has moved, right and down
    ball_xyr: tuple[float, float, float]
    boxes_xyxy: tuple[Box, ...]  # in the order of Truth.people


@dataclass(frozen=True)
class Truth:
    """Everything there is to know about written footage."""

    match: Match
    people: tuple[Person, ...]
    touches: tuple[Touch, ...]
    frames: tuple[TrueFrame, ...]

    @cached_property
    def hero(self) -> int:
        """Return the place of the hero, number 10, in `people`."""
        return next(index for index, person in enumerate(self.people) if person.hero)

    def frame_at(self, at: Fraction) -> TrueFrame:
        """Return the newest frame at or before `at` seconds."""
        return [frame for frame in self.frames if frame.at <= at][-1]

    def hero_path(self) -> tuple[tuple[Fraction, float, float], ...]:
        """Return (seconds, x, y) of the middle of the hero's body in each frame, in parts of the picture."""
        size = self.match.size
        boxes = [(frame.at, frame.boxes_xyxy[self.hero]) for frame in self.frames]
        return tuple((at, (x0 + x1) / 2 / size.width, (y0 + y1) / 2 / size.height) for at, (x0, y0, x1, y1) in boxes)

    def to_json(self) -> str:
        """Return it as JSON: times are [numerator, denominator] seconds, boxes [x0, y0, x1, y1] pixels."""
        match = self.match
        document = {
            "schema": 1,
            "size": [match.size.width, match.size.height],
            "rate": _pair(match.rate),
            "people": [{"number": p.number, "side": p.side, "keeper": p.keeper} for p in self.people],
            "hero": self.hero,
            "touches": [{"at_s": round(t.at_s, 2), "person": t.person, "kind": t.kind} for t in self.touches],
            "frames": [
                {
                    "counter": frame.counter,
                    "at": _pair(frame.at),
                    "flash": frame.flash,
                    "camera": _tenths(frame.camera_xy),
                    "ball": _tenths(frame.ball_xyr),
                    "boxes": [_tenths(box) for box in frame.boxes_xyxy],
                }
                for frame in self.frames
            ],
        }
        return json.dumps(document, separators=(",", ":"))


def demo_match() -> Match:
    """Return the demo game: forty seconds in which the hero dribbles (6 to 9 s) and scores (at 16 and 33 s)."""
    return Match(duration_s=Fraction(40), seed=52, counters=False, flash_every_s=None)


def write(match: Match, path: Path, progress: Callable[[int], None] = lambda _: None) -> Truth:
    """Film `match` into `path`, whose suffix names the container; the same match gives the same bytes.

    Tells `progress` the frames done; it may raise to stop. Raises FfmpegFailed.
    """
    play = play_match(float(match.duration_s), match.players, match.seed)
    scene = Scene(match.size, play.people, match.seed)
    flashes = set(_flash_counters(match))
    frames: list[TrueFrame] = []
    with TemporaryDirectory(prefix="reel-synth-") as folder:
        sound = _write_sound(match, Path(folder) / "sound.s16") if match.audio else None
        with ffmpeg.running(_arguments(match, sound, path)) as process:
            assert process.stdin is not None
            for counter in _counters(match):
                at = counter / match.rate
                picture, seen = scene.draw(play.at(float(at)))
                frames.append(_true_frame(counter, at, counter in flashes, seen))
                process.stdin.write(_finish(picture, frames[-1], match).data)
                progress(len(frames))
    return Truth(match, play.people, play.touches, tuple(frames))


def is_flash(picture: np.ndarray) -> bool:
    """Tell whether a picture (RGB or luma, any crop of the footage) is one of the white frames."""
    return float(np.median(picture)) > 215


def beeps(samples: np.ndarray, rate: int) -> list[float]:
    """Return when each beep starts, in seconds, in mono samples of −1..1."""
    loud = np.flatnonzero(np.abs(samples) > BEEP_LEVEL / 2)
    if not loud.size:
        return []
    starts = np.concatenate([[True], np.diff(loud) > BEEP_S * rate])
    return [float(at) / rate for at in loud[starts]]


def frame_count(match: Match) -> int:
    """Return how many frames a match is filmed in."""
    return sum(1 for _ in _counters(match))


def _counters(match: Match) -> Iterator[int]:
    """Yield the numbers of the frames that are kept."""
    for number in range(max(1, floor(match.duration_s * match.rate))):
        if not (match.drops_frames and _dropped(number)):
            yield number


def _dropped(number: int) -> bool:
    return number % 7 == 3 or number % 11 == 5


def _flash_counters(match: Match) -> Iterator[int]:
    """Yield the first kept frame at or after each whole `flash_every_s`, but none at the very start."""
    if match.flash_every_s is None:
        return
    due = match.flash_every_s
    for number in _counters(match):
        if number / match.rate >= due:
            yield number
            due = (floor(number / match.rate / match.flash_every_s) + 1) * match.flash_every_s


def _true_frame(counter: int, at: Fraction, flash: bool, seen: Seen) -> TrueFrame:
    return TrueFrame(counter, at, flash, seen.camera_xy, seen.ball_xyr, seen.boxes_xyxy)


def _finish(picture: np.ndarray, frame: TrueFrame, match: Match) -> np.ndarray:
    """Return the coded picture: flashed, numbered, lifted and turned as the match wants."""
    if frame.flash:
        picture[:] = FLASH
    if match.counters:
        burn(picture, frame.counter)
    coded = picture if match.transfer == "sdr" else lifted(picture, match.transfer)
    return np.ascontiguousarray(np.rot90(coded, match.rotation // 90))


def _arguments(match: Match, sound: Path | None, path: Path) -> list[str]:
    turned = match.rotation % 180 == 90
    width, height = (match.size.height, match.size.width) if turned else (match.size.width, match.size.height)
    rate = f"{match.rate.numerator}/{match.rate.denominator}"
    layout = "bgr24" if match.transfer == "sdr" else "rgb48le"
    picture = ["-f", "rawvideo", "-pix_fmt", layout, "-video_size", f"{width}x{height}", "-framerate", rate]
    if match.rotation:
        picture += ["-noautorotate", "-display_rotation", str(-match.rotation)]
    filters = [*_retiming(match), *_colouring(match)]
    arguments = [*picture, "-i", "pipe:0"]
    if sound:
        arguments += [
            "-f",
            "s16le",
            "-ar",
            str(AUDIO_RATE),
            "-ac",
            "2",
            "-i",
            f"file:{sound}",
            "-map",
            "0:v",
            "-map",
            "1:a",
        ]
    arguments += ["-vf", ",".join(filters), "-sws_flags", "bilinear+bitexact"]
    arguments += ["-fps_mode", "passthrough", "-c:v", *ENCODERS[match.codec], *_encoder_options(match)]
    if sound:
        opus = path.suffix == ".webm"
        arguments += ["-c:a", "libopus" if opus else "aac", "-b:a", "128k", "-flags:a", "+bitexact"]
    if path.suffix in (".mp4", ".mov", ".m4v"):
        arguments += ["-movflags", "+faststart"]
    return [*arguments, "-fflags", "+bitexact", "-map_metadata", "-1", "-y", f"file:{path.resolve()}"]


def _retiming(match: Match) -> list[str]:
    """Give the frames that are left of a thinned-out match the times they had; a tick is a frame of the full rate."""
    if not match.drops_frames:
        return []
    kept = [number for number in range(77) if not _dropped(number)]  # the pattern repeats every 77
    number = "".join(f"+{value}*eq(mod(N,{len(kept)}),{index})" for index, value in enumerate(kept) if value)
    return [f"setpts='77*floor(N/{len(kept)}){number}'"]


def _colouring(match: Match) -> list[str]:
    """Bring the pictures into the coded layout, and name their colours."""
    if match.transfer != "sdr":
        same = "p=2020:pin=2020:t={0}:tin={0}".format(HDR_TRANSFERS[match.transfer])
        return [f"zscale=min=gbr:rin=pc:m=2020_ncl:r=tv:{same}", "format=yuv420p10le"]
    layout = "yuv422p10le" if match.codec == "prores" else "yuv420p"
    tags = "color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
    return [f"scale=out_color_matrix=bt709:out_range=tv,format={layout},setparams={tags}"]


def _encoder_options(match: Match) -> list[str]:
    gop = str(match.gop_frames)
    options = ["-g", gop, "-threads", str(ENCODER_THREADS), "-flags:v", "+bitexact"]
    if match.codec != "hevc":
        return options
    x265 = f"keyint={gop}:pools=2:frame-threads=1:log-level=error:info=0"
    if match.transfer != "sdr":
        x265 += f":colorprim=bt2020:transfer={HDR_TRANSFERS[match.transfer]}:colormatrix=bt2020nc"
    return [*options, "-x265-params", x265]


def _write_sound(match: Match, path: Path) -> Path:
    """Write the crowd's murmur and the beeps as 16-bit stereo, second by second."""
    bed = _crowd(match.seed)
    beep_at = {ceil(number / match.rate * AUDIO_RATE) for number in _flash_counters(match)}
    wave = BEEP_LEVEL * np.cos(2 * np.pi * BEEP_HZ / AUDIO_RATE * np.arange(int(BEEP_S * AUDIO_RATE)))
    total = ceil(match.duration_s * AUDIO_RATE)
    with path.open("wb") as file:
        for start in range(0, total, len(bed)):
            samples = bed[: total - start].copy()
            for at in beep_at:
                first, last = max(at, start), min(at + len(wave), start + len(samples))
                if first < last:
                    samples[first - start : last - start] = wave[first - at : last - at]
            stereo = np.repeat(np.round(samples * 32767).astype("<i2"), 2)
            file.write(stereo.tobytes())
    return path


def _crowd(seed: int) -> np.ndarray:
    """Return BED_S seconds of murmur that can be repeated without a seam: noise shaped by its spectrum."""
    count = BED_S * AUDIO_RATE
    rng = np.random.default_rng([seed, 4])
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / AUDIO_RATE)
    spectrum *= (hz / 300) / (1 + (hz / 500) ** 2)
    murmur = np.fft.irfft(spectrum, count)
    swell = 1 + 0.4 * np.sin(2 * np.pi * np.arange(count) / count * 3)
    return BED_LEVEL * swell * murmur / murmur.std()


def _pair(value: Fraction) -> list[int]:
    return [value.numerator, value.denominator]


def _tenths(values: tuple[float, ...]) -> list[float]:
    return [round(value, 1) for value in values]
