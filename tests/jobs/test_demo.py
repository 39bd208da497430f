"""The demo game: filmed, stored like an upload, looked over, with clips that are where they should be."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from jobs import demo as body
from jobs.demo import SCENES, Filmed
from jobs.spec import DemoSpec
from media.probe import probe
from media.synth import demo_match
from reel import keys
from reel.annotation import RATINGS
from reel.geometry import Size
from tests.jobs.homes import USER, Home, uuid

SMALL = replace(demo_match(), size=Size(128, 72), rate=Fraction(5), players=4)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(body, "demo_match", lambda: SMALL)  # the same forty seconds, on a smaller picture
    return Home(tmp_path)


def demo(job: int = 1) -> DemoSpec:
    return DemoSpec(user=USER, job=uuid(job), game=uuid(10), source=uuid(11))


def test_it_is_there_as_if_somebody_had_brought_it(home: Home) -> None:
    spec = demo()
    found = Filmed(**home.done(spec))
    content = home.store.read(keys.original(USER, uuid(10), uuid(11), "mp4"))
    assert (found.sha256, found.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (found.codec, found.size_px, found.frames, found.sound, found.proxy) == ("h264", (128, 72), 200, True, True)
    for key in (keys.ptsmap, keys.index, keys.sprite, keys.peaks, keys.proxy):
        assert home.store.exists(key(USER, uuid(10), uuid(11)))
    path = home.scratch / "original.mp4"
    path.write_bytes(content)
    source = probe(path)
    base = Fraction(*found.time_base)
    assert (source.time_base, source.span.in_pts, source.span.out_pts) == (base, found.in_pts, found.out_pts)
    assert [Fraction(clip.in_pts - found.in_pts) * base for clip in found.clips] == [scene.start_s for scene in SCENES]


def test_an_attempt_after_another_is_no_different(home: Home) -> None:
    spec = demo()
    home.store.put(spec.original_key, b"what an earlier attempt has put")
    home.run(spec)
    assert home.store.read(spec.original_key) == b"what an earlier attempt has put"


def test_its_clips_are_clips(home: Home) -> None:
    clips = Filmed(**home.done(demo())).clips
    assert len(clips) > 2
    assert [clip.rating for clip in clips].count(5) == 1
    assert all(clip.rating in RATINGS and clip.tags and clip.notes for clip in clips)
    assert all(before.out_pts <= after.in_pts for before, after in pairwise(clips))


def test_the_demo_that_is_shown_is_of_a_sensible_size() -> None:
    match = demo_match()
    assert (match.size, match.duration_s, match.audio) == (Size(1280, 720), 40, True)
    assert all(scene.start_s + scene.duration_s <= match.duration_s for scene in SCENES)
