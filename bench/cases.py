"""The ladder's cases: real footage held out from training, and what cameras of known faults would have made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice
from types import MappingProxyType

from bench.footage import Benched
from gpu.training.degrade import Degradation, degraded
from media.colour import Pixels, Planes, to_rgb
from media.decode import frames
from media.probe import probe
from reel.geometry import PixelRect, Size
from reel.timing import Span

FRAMES = 3  # in a row, so that encoders predict; the first, which they do not, is not judged

_LEFT_CAMERA = "01_soccertrack_left_3072x1728_hevc_noaudio.mp4"
_PEOPLE = "07_intel_people_768x432_10fps_139s.mp4"


@dataclass(frozen=True, slots=True)
class Crop:
    """A piece of footage whose sides give even ones at every scale; `spots` are the corners that the sheet shows."""

    name: str
    footage: str
    at_s: Fraction
    rect: PixelRect
    spots: tuple[tuple[int, int], ...]


CROPS = (
    Crop("players", _LEFT_CAMERA, Fraction(20, 25), PixelRect(2208, 1128, 720, 576), ((260, 110), (20, 60))),
    Crop("goal", _LEFT_CAMERA, Fraction(20, 25), PixelRect(640, 620, 720, 576), ((300, 180), (490, 180))),
    Crop("pitch", _LEFT_CAMERA, Fraction(20, 25), PixelRect(2240, 640, 720, 576), ((240, 320), (130, 30))),
    Crop("knitted", _PEOPLE, Fraction(100), PixelRect(192, 0, 576, 432), ((200, 60),)),
    Crop("walking", _PEOPLE, Fraction(856, 10), PixelRect(192, 0, 576, 432), ((390, 10),)),
)

_x264 = partial(Degradation, codec="x264")
CAMERAS: Mapping[str, Degradation] = MappingProxyType(
    {
        "plain": Degradation(),
        "x264 23": _x264(crf=23),
        "x264 30": _x264(crf=30),
        "x265 28": Degradation(codec="x265", crf=28),
        "sharpened": _x264(sharpen=0.8, crf=23),
        "noisy": _x264(noise=5.0, grain_px=0.6, crf=23),
        "blurred": Degradation(blur_px=0.6),
    }
)


@dataclass(frozen=True, slots=True)
class Case:
    """A crop as a camera would have filmed it, and by how much it is to be enlarged."""

    crop: Crop
    camera: str
    scale: Fraction

    @property
    def name(self) -> str:
        """What the tables call it."""
        return f"{self.crop.name} ×{self.scale} {self.camera}"

    @property
    def is_shown(self) -> bool:
        """Whether the sheet shows it: every crop as a phone's file leaves it, the players after each other fault."""
        return self.scale == 3 and (self.camera == "x264 23" or self.crop.name == "players")

    @property
    def size(self) -> Size:
        """The output's size: the truth's."""
        return Size(self.crop.rect.width, self.crop.rect.height)


@dataclass(frozen=True, slots=True)
class Filmed:
    """A case made: the truth (RGB) and what the camera made of it, frame by frame."""

    case: Case
    truth: tuple[Pixels, ...]
    small: tuple[Planes, ...]


def _every_case() -> tuple[Case, ...]:
    three = [Case(crop, camera, Fraction(3)) for camera in CAMERAS for crop in CROPS]
    two = [Case(crop, camera, Fraction(2)) for camera in ("plain", "x264 23") for crop in (CROPS[0], CROPS[3])]
    four = [Case(crop, camera, Fraction(4)) for camera in ("plain", "x264 23") for crop in CROPS]
    return (*three, *two, *four, Case(CROPS[0], "x264 23", Fraction(8, 3)))


CASES = _every_case()


def filmed(benched: Benched, cases: Sequence[Case]) -> list[Filmed]:
    """Decode the truth of some cases and film it, the same every time. Raises Missing."""
    truths = {crop.name: _truth(benched, crop) for crop in dict.fromkeys(case.crop for case in cases)}
    made = []
    for case in cases:
        truth = truths[case.crop.name]
        size = Size(int(case.size.width / case.scale), int(case.size.height / case.scale))
        made.append(Filmed(case, truth, tuple(degraded(truth, size, CAMERAS[case.camera], seed=1))))
    return made


def _truth(benched: Benched, crop: Crop) -> tuple[Pixels, ...]:
    path = benched.footage(crop.footage)
    source = probe(path, tail=False)
    span = Span(source.span.in_pts + int(crop.at_s / source.time_base), source.span.out_pts)
    rect = crop.rect
    return tuple(
        to_rgb(frame, source.colour)[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
        for frame in islice(frames(path, source, span), FRAMES)
    )
