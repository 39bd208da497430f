"""Trimming as a job: what it stores, what it says, and that it leaves the old original alone."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from jobs.ingest import Ingested
from jobs.spec import IngestSpec, SourceRef, TrimSpec
from media.decode import frame_times, frames
from media.probe import probe
from media.seams import checksums
from reel import keys
from reel.timing import Span
from tests.jobs.homes import USER, Home, uuid
from tests.media.footage import B_FRAMES, TONE, formed, numbered

SPANS = ((12 * 512 + 300, 20 * 512), (60 * 512, 64 * 512))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    folder = tmp_path / "home"
    folder.mkdir()
    return Home(folder)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return numbered(tmp_path / "film.mp4", *B_FRAMES, frames=100, sound=TONE)


def trimming(source: SourceRef, *spans: tuple[int, int], job: int = 1, **fields: Any) -> TrimSpec:
    named: dict[str, Any] = {"user": USER, "game": uuid(10), "replacement": uuid(12), "ext": "mp4"}
    return TrimSpec(**(named | fields), job=uuid(job), source=source, spans=spans or SPANS)


def test_a_smaller_original_stands_beside_the_old_one(home: Home, film: Path, tmp_path: Path) -> None:
    source = home.adopt(film)
    value = home.done(trimming(source))
    body = home.store.read(keys.original(USER, uuid(10), uuid(12), "mp4"))
    assert value == {
        "key": keys.original(USER, uuid(10), uuid(12), "mp4"),
        "sha256": hashlib.sha256(body).hexdigest(),
        "size_bytes": len(body),
        "bytes_saved": film.stat().st_size - len(body),
        "frames": 24,
    }
    assert home.store.read(source.key) == film.read_bytes()
    made = tmp_path / "made.mp4"
    made.write_bytes(body)
    before, after = probe(film), probe(made)
    for span in (Span(*each) for each in SPANS):
        assert frame_times(made, after, span) == frame_times(film, before, span)
        assert checksums(frames(made, after, span)) == checksums(frames(film, before, span))


def test_it_is_looked_over_like_any_other(home: Home, film: Path) -> None:
    trimmed = trimming(home.adopt(film))
    value = home.done(trimmed)
    ref = SourceRef(id=trimmed.replacement, key=trimmed.output_key, sha256=value["sha256"])
    found = Ingested(**home.done(IngestSpec(user=USER, job=uuid(2), game=uuid(10), source=ref)))
    assert (found.time_base, found.in_pts, found.out_pts) == ((1, 12800), 12 * 512, 72 * 512)
    assert (found.rate, found.frames, found.sound) == ((25, 1), 24, True)


def test_a_stream_without_an_index_becomes_an_mp4(home: Home, tmp_path: Path) -> None:
    film = formed("mpegts", tmp_path, frames=100, sound=TONE)
    source = probe(film)
    assert source.time_base == Fraction(1, 90_000)
    at = source.span.in_pts + 20 * 3600
    value = home.done(trimming(home.adopt(film), (at, at + 3600)))
    made = tmp_path / "made.mp4"
    made.write_bytes(home.store.read(value["key"]))
    assert probe(made).time_base == source.time_base
    assert frame_times(made, probe(made), Span(at, at + 3600)) == (at,)


def test_where_nothing_can_be_left_out_it_says_so(home: Home, film: Path) -> None:
    spec = trimming(home.adopt(film), (0, 100 * 512))
    assert home.failure(spec)["code"] == "bad_input"
    assert not home.store.exists(spec.output_key)


@pytest.mark.parametrize(
    ("spans", "fields", "code"),
    [
        (((5000, 6000), (0, 1000)), {}, "bad_field"),
        (((0, 1000), (1000, 2000)), {}, "bad_field"),
        (((10**9, 10**9 + 5),), {}, "bad_field"),
        (((-(10**9), -5),), {}, "bad_field"),
        (((5, 5),), {}, "empty_span"),
        ((), {"ext": "ts"}, "bad_field"),
    ],
)
def test_what_makes_no_sense_is_told(
    home: Home, film: Path, spans: tuple[tuple[int, int], ...], fields: dict[str, Any], code: str
) -> None:
    spec = trimming(home.adopt(film), *spans, **fields)
    assert home.failure(spec)["code"] == code
    assert [*home.scratch.iterdir()] == []


def test_a_source_that_is_gone(home: Home) -> None:
    gone = SourceRef(id="gone", key="ann/games/gone.mp4", sha256="a" * 64)
    assert home.failure(trimming(gone))["code"] == "source_gone"


def test_what_was_accepted_short_is_cut_no_later(home: Home, film: Path) -> None:
    spec = trimming(home.adopt(film, usable_until_pts=30 * 512), (20 * 512, 90 * 512))
    value = home.done(spec)
    assert value["frames"] == 24  # of the groups from the 12th frame on, up to the one that the 30th is in
