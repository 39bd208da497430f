"""Windows as jobs: the same one however often it is asked for, and nothing for a span that is none."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from jobs.spec import SourceRef, WindowSpec
from media.decode import all_frames
from reel import keys
from tests.jobs.homes import USER, Home, uuid
from tests.media.footage import number_of, numbered

FRAME = 512


@pytest.fixture
def home(tmp_path: Path) -> Home:
    folder = tmp_path / "home"
    folder.mkdir()
    return Home(folder)


@pytest.fixture
def source(home: Home, tmp_path: Path) -> SourceRef:
    return home.adopt(numbered(tmp_path / "film.mp4", frames=300, rate=Fraction(25)), uuid(11))


def windowed(source: SourceRef, in_pts: int, out_pts: int, job: int = 1) -> WindowSpec:
    return WindowSpec(user=USER, job=uuid(job), game=uuid(10), source=source, in_pts=in_pts, out_pts=out_pts)


def test_a_window_is_around_what_was_asked_for(home: Home, source: SourceRef) -> None:
    value = home.done(windowed(source, 150 * FRAME, 155 * FRAME))
    assert (value["first_pts"], value["frames"]) == (25 * FRAME, 255)
    digest = value["key"].rpartition("/")[2].removesuffix(".mp4")
    assert value["key"] == keys.window(USER, uuid(10), uuid(11), digest)
    path = home.scratch / "window.mp4"
    path.write_bytes(home.store.read(value["key"]))
    first = next(all_frames(path))
    assert (first.pts, number_of(first)) == (0, 25)


def test_it_is_made_once(home: Home, source: SourceRef) -> None:
    first = home.done(windowed(source, 150 * FRAME, 155 * FRAME))
    home.store.put(first["key"], b"as it was")
    assert home.done(windowed(source, 150 * FRAME, 155 * FRAME, job=2)) == first
    assert home.store.read(first["key"]) == b"as it was"


@pytest.mark.parametrize(
    ("in_pts", "out_pts", "code"), [(5, 5, "empty_span"), (9 * 10**6, 10**7, "clip_outside_source")]
)
def test_a_span_that_is_none(home: Home, source: SourceRef, in_pts: int, out_pts: int, code: str) -> None:
    assert home.failure(windowed(source, in_pts, out_pts))["code"] == code
