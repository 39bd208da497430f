"""Annotated exports: clips of several sources one after another, each under its banner, and their list."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from jobs.spec import CompileSpec, MarkedClip, SourceRef
from media.colour import OUTPUT, to_rgb
from media.letterbox import fitting
from media.synth import Match, beeps, is_flash, write
from media.synth_counter import read_counter
from reel import keys
from reel.annotation import RATINGS
from reel.geometry import Size, Window
from reel.tsv import TsvRow, read_tsv
from tests.jobs.homes import USER, Home, luma, shown_frames, sound, uuid
from tests.media.footage import numbered

GAME, PHONE = Size(320, 180), Size(90, 160)
RATE = 20
ABOVE = Window(0.5, 50 / 180, 1.0, 100 / 180)  # what stands above the banner: the first 100 of 180 lines
NOTES = "left foot, far corner"


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds at ten frames a second, with a white frame and a beep at every whole one."""
    path = tmp_path_factory.mktemp("game") / "game.mp4"
    write(Match(size=GAME, rate=Fraction(10), duration_s=Fraction(4), players=6), path)
    return path


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two upright seconds at twenty frames a second in Matroska, without sound."""
    return numbered(tmp_path_factory.mktemp("phone") / "phone.mkv", rate=Fraction(RATE), size=PHONE, frames=40)


def marked(in_pts: int, out_pts: int, **fields: Any) -> MarkedClip:
    """Return a clip in milliseconds of the source `one`, unless said otherwise."""
    named: dict[str, Any] = {"id": uuid(in_pts + 1), "source": "one", "time_base": (1, 1000), "rating": 4}
    return MarkedClip(**(named | fields), in_pts=in_pts, out_pts=out_pts)


CLIPS = (
    marked(600, 1600, rating=5, tags=("Goal",), notes=NOTES),
    marked(100, 1100, source="two", name="هدف رائع 🎉", rating=1),
    marked(2500, 3500, name="Save", tags=("Save", "own tag")),
)


def compiling(*sources: SourceRef, clips: tuple[MarkedClip, ...] = CLIPS, job: int = 1, **fields: Any) -> CompileSpec:
    named: dict[str, Any] = {"user": USER, "title": "Derby"}
    return CompileSpec(**(named | fields), job=uuid(job), sources=sources, clips=clips)


@dataclass(frozen=True)
class Made:
    """A home with a finished annotated export of two sources, taken apart."""

    home: Home
    sources: tuple[SourceRef, SourceRef]
    value: dict[str, Any]
    path: Path
    frames: list[VideoFrame]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, game: Path, phone: Path) -> Made:
    home = Home(tmp_path_factory.mktemp("home"))
    sources = home.adopt(game), home.adopt(phone, "two")
    value = home.done(compiling(*sources))
    path = home.scratch / "annotated.mp4"
    path.write_bytes(home.store.read(value["key"]))
    return Made(home, sources, value, path, shown_frames(path))


def test_all_clips_stand_on_the_first_source_s_picture_at_the_highest_rate(made: Made) -> None:
    value = made.value
    assert (value["size_px"], value["rate"]) == ([320, 180], [RATE, 1])
    assert (value["frames"], value["rendered_frames"], value["reused_frames"], len(made.frames)) == (60, 60, 0, 60)
    places = [(each["clip"], each["first_frame"], each["frame_count"]) for each in value["clips"]]
    assert places == [(CLIPS[0].id, 0, 20), (CLIPS[1].id, 20, 20), (CLIPS[2].id, 40, 20)]
    assert {(frame.width, frame.height) for frame in made.frames} == {(320, 180)}


def test_every_frame_shows_its_moment(made: Made) -> None:
    size = fitting(PHONE, GAME)
    left = (GAME.width - size.width) // 4 * 2
    found: list[int | None] = []
    for number, frame in enumerate(made.frames):
        picture = luma(frame)
        if 20 <= number < 40:
            found.append(read_counter(picture[:100, left : left + size.width], PHONE, ABOVE))
        else:
            found.append(read_counter(picture[:100], GAME, ABOVE))
    assert found[:20] == [6 + number // 2 for number in range(20)]
    assert found[20:40] == [2 + number for number in range(20)]
    assert found[40:] == [25 + number // 2 for number in range(20)]


def test_another_shape_stands_between_black_bars(made: Made) -> None:
    picture = luma(made.frames[30])
    assert picture[:90, :100].max() < 24
    assert picture[:90, 220:].max() < 24
    assert picture[:90, 112:208].max() > 100


def test_each_clip_has_its_banner_in_its_rating_s_colour(made: Made) -> None:
    for clip, number in zip(CLIPS, (5, 25, 45), strict=True):
        rgb = to_rgb(made.frames[number], OUTPUT).astype(int)
        hue = RATINGS[clip.rating].colour
        wanted = np.array([int(hue[at : at + 2], 16) for at in (1, 3, 5)])
        rows, columns = np.nonzero(np.abs(rgb - wanted).max(axis=2) < 30)
        badge = (rows > 120) & ((columns > 160) if clip.source == "two" else (columns < 160))
        assert badge.sum() > 100, "right to left its badge stands on the right"


def test_sound_stays_with_the_picture(made: Made) -> None:
    flashes = [number for number, frame in enumerate(made.frames) if is_flash(luma(frame)[:100])]
    assert flashes == [8, 9, 50, 51]
    samples = sound(made.path)
    assert beeps(samples, 48_000) == pytest.approx([8 / RATE, 50 / RATE], abs=1 / RATE)
    assert np.abs(samples[round(1.05 * 48_000) : round(1.95 * 48_000)]).max() < 1e-3


def test_chapters_are_called_like_their_clips(made: Made) -> None:
    with av.open(str(made.path)) as container:
        found, metadata = container.chapters(), container.metadata
    assert [each["metadata"]["title"] for each in found] == [NOTES, "هدف رائع 🎉", "Save"]
    assert [each["start"] * (each["time_base"] or 0) for each in found] == [0, 1, 2]
    assert metadata["title"] == "Derby"


def test_the_list_says_where_each_clip_stands_in_its_source(made: Made) -> None:
    rows = read_tsv(made.home.store.read(made.value["list_key"]).decode())
    assert made.value["list_key"] == keys.download(USER, uuid(1), "tsv")
    assert rows == (
        TsvRow(Fraction(6, 10), Fraction(1), 5, ("Goal",), "", NOTES),
        TsvRow(Fraction(1, 10), Fraction(1), 1, (), "هدف رائع 🎉"),
        TsvRow(Fraction(25, 10), Fraction(1), 4, ("Save", "own tag"), "Save"),
    )


def test_again_nothing_is_rendered_and_one_changed_clip_alone(made: Made) -> None:
    home = made.home
    again = home.done(compiling(*made.sources, job=2))
    assert (again["rendered_frames"], again["reused_frames"]) == (0, 60)
    assert home.store.read(again["key"]) == made.path.read_bytes()
    renamed = CLIPS[2].model_copy(update={"name": "Saved!"})
    changed = home.done(compiling(*made.sources, clips=(renamed, *CLIPS[:2]), job=3))
    assert (changed["rendered_frames"], changed["reused_frames"]) == (20, 40)


def test_clips_that_were_damaged_are_removed_one_by_one_and_rendered_anew(made: Made) -> None:
    home = made.home
    for key in home.segments():
        home.store.put(key, b"damaged")
    codes: list[str] = []
    while (result := home.run(compiling(*made.sources, job=50 + len(codes)))).outcome == "failed":
        codes.append(str((result.error or {})["code"]))
    assert codes == ["segment_damaged"] * 3
    assert home.store.read(keys.download(USER, uuid(53), "mp4")) == made.path.read_bytes()


@pytest.mark.parametrize(
    ("clips", "code", "details"),
    [
        ((), "no_clips", {}),
        ((marked(0, 1000, source="three"),), "bad_field", {"field": "/clips/0/source"}),
        ((marked(500, 500),), "empty_span", {"clip": uuid(501)}),
        ((marked(3000, 4500),), "clip_outside_source", {"clip": uuid(3001)}),
    ],
)
def test_what_cannot_be_compiled(made: Made, clips: tuple[MarkedClip, ...], code: str, details: dict[str, Any]) -> None:
    spec = compiling(*made.sources, clips=clips, job=20 + len(code))
    error = made.home.failure(spec)
    assert (error["code"], error["details"] | details) == (code, error["details"])
    assert not made.home.store.exists(spec.output_key)
    assert not made.home.store.exists(spec.list_key)


def test_a_source_that_is_gone(made: Made) -> None:
    gone = SourceRef(id="gone", key="ann/games/gone.mp4", sha256="a" * 64)
    assert made.home.done(compiling(*made.sources, gone, job=40))["rendered_frames"] == 0
    error = made.home.failure(compiling(gone, clips=(marked(0, 1000, source="gone"),), job=41))
    assert (error["code"], error["details"]) == ("source_gone", {"source": "gone"})


def test_the_smallest_source_takes_the_longest_notes(phone: Path, tmp_path: Path) -> None:
    home = Home(tmp_path)
    clip = marked(0, 100, source="two", name="n" * 80, notes="long words " * 25)
    value = home.done(compiling(home.adopt(phone, "two"), clips=(clip,)))
    assert (value["frames"], value["size_px"]) == (2, [90, 160])
