"""Raw clips: the span that was marked, to the frame, with its sound; copied where that is right, and said where not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from jobs.spec import ExtractSpec, SourceRef
from media.open import open_footage
from media.synth import Match, beeps, is_flash, write
from media.synth_counter import read_counter
from reel.geometry import Size
from tests.jobs.homes import USER, Home, luma, shown_frames, sound, uuid
from tests.media.footage import numbered
from tests.media.working import payloads

SIZE = Size(320, 180)


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds at ten frames a second in GOPs of a second, with a white frame and a beep at every whole one."""
    path = tmp_path_factory.mktemp("game") / "game.mp4"
    write(Match(size=SIZE, rate=Fraction(10), duration_s=Fraction(4), players=6, gop_frames=10), path)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def source(home: Home, game: Path) -> SourceRef:
    return home.adopt(game)


def extracting(source: SourceRef, in_pts: int, out_pts: int, job: int = 1, **fields: Any) -> ExtractSpec:
    """Return the spec of a span in milliseconds."""
    named: dict[str, Any] = {"user": USER, "clip": uuid(700), "name": "The goal", "time_base": (1, 1000)}
    return ExtractSpec(**(named | fields), job=uuid(job), source=source, in_pts=in_pts, out_pts=out_pts)


def delivered(home: Home, value: dict[str, Any]) -> Path:
    path = home.scratch / "delivered.mp4"
    path.write_bytes(home.store.read(value["key"]))
    return path


def test_its_middle_is_copied_and_its_edges_are_exact(home: Home, source: SourceRef, game: Path) -> None:
    spec = extracting(source, 700, 3300)
    value = home.done(spec)
    assert (value["key"], value["name"], value["duration_s"]) == (spec.output_key, "The goal", 2.6)
    assert (value["frames"], value["reencoded_frames"], value["copied_frames"]) == (26, 6, 20)
    assert (value["whole"], value["why"]) == (False, "")
    path = delivered(home, value)
    with open_footage(path) as container:
        assert container.metadata["title"] == "The goal"
    pictures = [luma(frame) for frame in shown_frames(path)]
    assert [read_counter(picture, SIZE) for picture in pictures] == [*range(7, 33)]
    assert [number for number, picture in enumerate(pictures) if is_flash(picture)] == [3, 13, 23]
    assert beeps(sound(path), 48_000) == pytest.approx([0.3, 1.3, 2.3], abs=0.05)
    assert set(payloads(path)[3:23]) <= set(payloads(game))


def test_where_it_cannot_be_copied_it_says_why(home: Home, tmp_path: Path) -> None:
    path = numbered(tmp_path / "a.webm", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")
    value = home.done(extracting(home.adopt(path, "two"), 400, 1200))
    assert (value["frames"], value["copied_frames"], value["whole"]) == (20, 0, True)
    assert value["why"].endswith(".")
    assert len(shown_frames(delivered(home, value))) == 20


def test_the_same_span_has_the_same_name_and_bytes(home: Home, source: SourceRef) -> None:
    first = home.done(extracting(source, 700, 1300))
    body = home.store.read(first["key"])
    again = home.done(extracting(source, 700, 1300, job=2))
    assert (again["key"], home.store.read(again["key"])) == (first["key"], body)
    for other in (extracting(source, 700, 1301), extracting(source, 700, 1300, name="Another name")):
        assert other.output_key != first["key"]


def test_an_end_that_is_off_by_a_frame_is_the_source_s(home: Home, source: SourceRef) -> None:
    assert home.done(extracting(source, 3500, 4090))["frames"] == 5


@pytest.mark.parametrize(
    ("in_pts", "out_pts", "code"),
    [(3500, 4500, "clip_outside_source"), (9000, 9500, "clip_outside_source"), (500, 500, "empty_span")],
)
def test_a_span_that_is_none(home: Home, source: SourceRef, in_pts: int, out_pts: int, code: str) -> None:
    spec = extracting(source, in_pts, out_pts)
    assert home.failure(spec)["code"] == code
    assert not home.store.exists(spec.output_key)
    assert [*home.scratch.iterdir()] == []


def test_a_source_that_is_gone(home: Home) -> None:
    gone = SourceRef(id="gone", key="ann/games/gone.mp4", sha256="a" * 64)
    assert home.failure(extracting(gone, 0, 1000))["code"] == "source_gone"


def test_nothing_of_the_camera_comes_along(home: Home, source: SourceRef) -> None:
    path = delivered(home, home.done(extracting(source, 700, 1300)))
    with open_footage(path) as container:
        assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands", "title"}
