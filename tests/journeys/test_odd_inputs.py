"""Whatever a phone or a camera makes becomes a reel: the right frame, the right colours, and its sound with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from jobs.spec import FramingClip
from local.folder import FolderStore
from media.decode import all_frames
from media.probe import Source, probe
from media.synth import TrueFrame, beeps, read_counter
from reel.geometry import Size, Window
from reel.timing import project_rate
from tests.jobs.homes import Home, clip, framing
from tests.journeys.finished import HEARD_RATE, Finished, finished, heard
from tests.media.footage import numbered
from tests.media.odd import FORMS, Odd, Studio

BEGIN_S, LENGTH_S = Fraction(385, 1000), Fraction(240, 1000)  # within a frame of every rate, and with a flash in it
TICK_S = Fraction(1, 1000)  # containers round a frame's time
WHITE = 195  # a flash, after tone mapping too; grass is about 100


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("studio"))


@dataclass(frozen=True)
class Reel:
    """A draft, taken apart."""

    found: Finished
    pictures: list[np.ndarray]
    beeps_s: list[float]
    clips: list[range]

    def flashes(self) -> list[int]:
        """Return the numbers of the white frames."""
        return [number for number, picture in enumerate(self.pictures) if np.median(picture) > WHITE]


def drafted(folder: Path, *odds: Odd) -> Reel:
    """Make a square draft of the same stretch of each."""
    home = Home(folder)
    refs = [home.adopt(odd.path, f"source{number}") for number, odd in enumerate(odds)]
    stretches = [_stretch(f"source{number}", probe(odd.path)) for number, odd in enumerate(odds)]
    value = home.done(framing(refs, *stretches))
    path = folder / "reel.mp4"
    path.write_bytes(home.store.read(value["key"]))
    pictures = [frame.to_ndarray(format="rgb24") for frame in all_frames(path)]
    clips = [range(each["first_frame"], each["first_frame"] + each["frame_count"]) for each in value["clips"]]
    return Reel(finished(path), pictures, beeps(heard(path), HEARD_RATE), clips)


def _stretch(source_id: str, source: Source) -> FramingClip:
    begin_ms = round((source.span.in_pts * source.time_base + BEGIN_S) * 1000)
    return clip(begin_ms, begin_ms + int(LENGTH_S * 1000), source=source_id)


def truths(odd: Odd, rate: Fraction, count: int) -> list[TrueFrame]:
    """Return what each of the first `count` frames of a clip has to show."""
    return [odd.truth.frame_at(odd.moment(BEGIN_S + n / rate) + TICK_S) for n in range(count)]


def counters(pictures: list[np.ndarray], size: Size) -> list[int | None]:
    """Return the numbers burnt into square pictures of footage that nobody framed."""
    side = min(size.width, size.height)
    window = Window(0.5, 0.5, side / size.width, side / size.height)
    return [read_counter(picture, size, window) for picture in pictures]


HDR = ("HLG", "PQ", "Dolby Vision 8.4")
ALIKE = (*HDR, "full range", "4:2:2 of 10 bits", "4:4:4", "RGB", "bt601", "odd sides", "50 fields in mpegts")


def colours(reel: Reel) -> np.ndarray:
    """Return the mean colour in each of four by four fields, over the pictures before the flash."""
    mean = np.mean(reel.pictures[: reel.flashes()[0]], axis=0)
    return np.array([[part.mean(axis=(0, 1)) for part in np.array_split(row, 4, 1)] for row in np.array_split(mean, 4)])


@pytest.fixture(scope="module")
def plain(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    return colours(drafted(tmp_path_factory.mktemp("plain"), FORMS["plain"](studio)))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_becomes_a_reel(form: str, plain: np.ndarray, studio: Studio, tmp_path: Path) -> None:
    odd = FORMS[form](studio)
    reel = drafted(tmp_path, odd)
    rate = project_rate([odd.rate])
    assert (reel.found.rate, reel.found.size) == (rate, Size(1080, 1080))
    assert abs(reel.found.frames / rate - LENGTH_S) <= 1 / rate

    wanted = truths(odd, rate, reel.found.frames)
    assert counters(reel.pictures, odd.size) == [truth.counter for truth in wanted]
    flashes = [n for n, truth in enumerate(wanted) if truth.flash]
    assert reel.flashes() == flashes
    assert flashes
    assert reel.beeps_s == pytest.approx([float(flashes[0] / rate)] if odd.sound else [], abs=float(1 / rate))
    if form in ALIKE:  # grass, sky and boards have the colours of the plain file; tone mapping bends what is white
        assert np.abs(colours(reel) - plain).max() < (6 if form in HDR else 2.5)


MIXED = ("HLG held upright", "50 fields in mpegts", "variable rate", "wide pixels", "webm", "no sound", "59.94")


def test_they_all_go_into_one_reel(studio: Studio, tmp_path: Path) -> None:
    """Sources of different rate, size, shape, colour and sound, one after another."""
    odds = [FORMS[form](studio) for form in MIXED]
    reel = drafted(tmp_path, *odds)
    rate = project_rate(odd.rate for odd in odds)
    assert rate == Fraction(60000, 1001)
    seen_s: list[float] = []
    for form, odd, numbers in zip(MIXED, odds, reel.clips, strict=True):
        wanted = truths(odd, rate, len(numbers))
        assert abs(len(numbers) / rate - LENGTH_S) <= 1 / rate
        found = counters(reel.pictures[numbers.start : numbers.stop], odd.size)
        assert found == [truth.counter for truth in wanted], form
        flash = numbers.start + next(n for n, truth in enumerate(wanted) if truth.flash)
        assert flash in reel.flashes()
        seen_s += [float(flash / rate)] if odd.sound else []
    assert reel.beeps_s == pytest.approx(seen_s, abs=1 / 60)


class Vanishing(FolderStore):
    """A folder in which something befalls the source as soon as the first segment stands."""

    def __init__(self, root: Path, befalls: Callable[[], object]) -> None:
        super().__init__(root)
        self._befalls = befalls

    def put_file(self, key: str, path: Path, *, create_only: bool = False) -> None:
        super().put_file(key, path, create_only=create_only)
        self._befalls()


@pytest.mark.parametrize("code", ["source_truncated", "source_gone"])
def test_a_source_that_is_lost_while_it_is_rendered_ends_the_job(code: str, tmp_path: Path) -> None:
    """No picture stands still in place of what is missing, and no output is left."""
    path = numbered(tmp_path / "game.mp4", "-g", "5", "-movflags", "+faststart", frames=40, rate=Fraction(5))
    source = probe(path)
    befalls = path.unlink if code == "source_gone" else lambda: os.truncate(path, source.size_bytes // 2)
    store = Vanishing(tmp_path / "objects", lambda: path.exists() and befalls())
    home = Home(tmp_path, store=store)
    ref = home.adopt(path)
    path.write_bytes(store.read(ref.key))
    store.refer(ref.key, path)
    spec = framing([ref], clip(0, 8000))
    assert home.failure(spec)["code"] == code
    assert not store.exists(spec.output_key)
