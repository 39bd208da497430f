"""Framings, rendered whole: the right frame with its sound at every moment, and nothing made twice."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from jobs.clip import reference
from jobs.memory import MemoryStore
from jobs.segment import MARGIN_PX
from jobs.spec import FramingClip, FramingSpec, SourceRef, SpeedValue
from media.decode import picture_count
from media.synth import Match, beeps, is_flash, write
from media.synth_counter import read_counter
from reel import keys
from reel.geometry import Size, Window
from tests.conftest import CHECKOUT
from tests.jobs.homes import USER, Enlarger, Home, clip, crop, framing, luma, shown_frames, sound, uuid
from tests.jobs.one_job import home_in
from tests.media.footage import TONE, numbered

GAME, PHONE = Size(480, 270), Size(240, 136)


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two and a half seconds at 25 frames a second, with a white frame and a beep at every whole one."""
    path = tmp_path_factory.mktemp("game") / "game.mp4"
    write(Match(size=GAME, duration_s=Fraction(5, 2), players=6), path)
    return path


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second at 50 frames a second in Matroska, without sound."""
    return numbered(tmp_path_factory.mktemp("phone") / "phone.mkv", rate=Fraction(50), size=PHONE)


@dataclass(frozen=True)
class Reel:
    """A finished framing, taken apart."""

    value: dict[str, Any]
    path: Path
    pictures: list[np.ndarray]
    samples: np.ndarray


def made(home: Home, spec: FramingSpec, folder: Path) -> Reel:
    value = home.done(spec)
    path = folder / f"{spec.job}.mp4"
    path.write_bytes(home.store.read(value["key"]))
    return Reel(value, path, [luma(frame) for frame in shown_frames(path)], sound(path))


# The right frame, with its sound


@pytest.fixture(scope="module")
def blended(tmp_path_factory: pytest.TempPathFactory, game: Path, phone: Path) -> Reel:
    """Three clips at 50 frames a second: one with a moving crop, one of the phone, one in slow motion; all blended."""
    home = Home(tmp_path_factory.mktemp("blended"))
    spec = framing(
        [home.adopt(game), home.adopt(phone, "two")],
        clip(920, 1400, name="Goal", crop=(crop(920, 0.35, 0.5, 0.9), crop(1400, 0.6, 0.5, 0.8))),
        clip(100, 500, source="two", transition_in="dissolve", crop=(crop(100, 0.4, 0.5, 1.0),)),
        clip(1800, 2200, name="Save", speeds=(SpeedValue(in_pts=0, out_pts=5000, rate=(1, 2)),), transition_in="fade"),
        title="Derby",
    )
    return made(home, spec, home.scratch)


def test_clips_follow_one_another_and_overlap(blended: Reel) -> None:
    assert blended.value["rate"] == [50, 1]
    assert blended.value["frames"] == len(blended.pictures) == 64
    places = [(each["first_frame"], each["frame_count"]) for each in blended.value["clips"]]
    assert places == [(0, 24), (14, 20), (24, 40)]


def test_each_frame_shows_the_right_moment(blended: Reel) -> None:
    width = GAME.height / GAME.width
    for number in range(14):  # then it gives way
        share = number // 2 / 12  # a crop follows source time
        h = 0.9 - 0.1 * share
        window = Window(0.35 + 0.25 * share, 0.5, h * width, h)
        assert read_counter(blended.pictures[number], GAME, window) == 23 + number // 2
    for number in range(34, 64):
        assert read_counter(blended.pictures[number], GAME, Window(0.5, 0.5, width, 1.0)) == 45 + (number - 24) // 4
    phone = Window(0.4, 0.5, PHONE.height / PHONE.width, 1.0)
    assert read_counter(blended.pictures[23], PHONE, phone) == 5 + 23 - 14, "the last of the dissolve is almost whole"


def test_flash_and_beep_come_together(blended: Reel) -> None:
    """Through a change of rate, half speed and two transitions: never a frame apart."""
    flashes = [number for number, picture in enumerate(blended.pictures) if is_flash(picture[200:])]
    assert flashes == [4, 5, 44, 45, 46, 47]
    assert beeps(blended.samples, 48_000) == pytest.approx([4 / 50, 44 / 50], abs=1 / 50)


def test_picture_and_sound_last_equally_long(blended: Reel) -> None:
    with av.open(str(blended.path)) as container:
        streams = (container.streams.video[0], container.streams.audio[0])
    for stream in streams:
        assert stream.start_time == 0
        lasts_s = (stream.duration or 0) * (stream.time_base or 0)
        assert abs(lasts_s - Fraction(64, 50)) <= Fraction(1, 50)


def test_chapters_begin_in_the_middle_of_transitions(blended: Reel) -> None:
    with av.open(str(blended.path)) as container:
        chapters, metadata = container.chapters(), container.metadata
    names = [chapter["metadata"]["title"] for chapter in chapters]
    starts = [chapter["start"] * (chapter["time_base"] or 0) for chapter in chapters]
    assert names == ["Goal", "Clip 2", "Save"]
    assert starts == [0, Fraction(14 + 5, 50), Fraction(24 + 5, 50)]
    assert (metadata["title"], metadata["comment"]) == ("Derby", "Draft")


def test_silence_where_there_is_no_sound(game: Path, phone: Path, tmp_path: Path) -> None:
    home = Home(tmp_path)
    spec = framing(
        [home.adopt(game), home.adopt(phone, "two")],
        clip(1000, 1200, audio=False),
        clip(0, 200, source="two"),
        clip(1920, 2120),
        rate=(25, 1),
    )
    reel = made(home, spec, tmp_path)
    loud = [float(np.abs(part).max()) for part in np.array_split(reel.samples[: 48 * 600], 6)]
    assert max(loud[:4]) < 0.01
    assert max(loud[4:]) > 0.3
    assert beeps(reel.samples, 48_000) == pytest.approx([0.4 + 0.08], abs=1 / 25)


def test_a_draft_is_marked_all_along(blended: Reel) -> None:
    """The word stands in the upper left corner, near white; the phone's pictures have nothing as light there."""
    assert {picture.shape for picture in blended.pictures} == {(1080, 1080)}
    assert all(float(np.mean(blended.pictures[number][20:60, 20:130] > 180)) > 0.1 for number in (21, 22, 23))


# Nothing is made twice


CLIPS = tuple(
    clip(begin, begin + 320, id=name, name=name, crop=(crop(begin, 0.4, 0.5, 0.8), crop(begin + 320, 0.5, 0.5, 0.8)))
    for name, begin in (("a", 0), ("b", 600), ("c", 1400))
)


@dataclass(frozen=True)
class Finished:
    """A home in which a reel of three clips of eight frames was finished at full quality, by a network."""

    home: Home
    source: SourceRef
    reel: Reel

    def again(self, *clips: FramingClip, job: int, **fields: Any) -> tuple[dict[str, Any], int]:
        """Run another job; return its value and how often the network ran for it."""
        before = len(self.home.network.seen)
        spec = framing([self.source], *(clips or CLIPS), job=job, **({"draft": False, "title": "Derby"} | fields))
        return self.home.done(spec), len(self.home.network.seen) - before

    def second_part(self) -> str:
        """Return the key of a segment of the reel."""
        parts = self.home.planned(framing([self.source], *CLIPS, draft=False)).parts
        return keys.segment(USER, parts[1].digest)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, game: Path) -> Finished:
    home = Home(tmp_path_factory.mktemp("finished"))
    source = home.adopt(game)
    spec = framing([source], *CLIPS, draft=False, title="Derby")
    return Finished(home, source, made(home, spec, home.scratch))


def test_at_full_quality_a_network_makes_every_frame_once(finished: Finished) -> None:
    value = finished.reel.value
    assert (value["frames"], value["rendered_frames"], value["reused_frames"]) == (24, 24, 0)
    assert (value["looks"], value["networks"]) == (["crisp"], [reference(Enlarger()).model_dump(mode="json")])
    assert {look for look, _ in finished.home.asked} == {"crisp"}
    side = 216 + 2 * MARGIN_PX
    assert set(finished.home.network.seen) == {(side + 2, side + 2, 3)}
    assert len(finished.reel.pictures) == 24
    with av.open(str(finished.reel.path)) as container:
        assert dict(container.metadata).get("comment") is None


def test_a_second_run_renders_nothing(finished: Finished) -> None:
    value, made_anew = finished.again(job=2)
    assert (value["rendered_frames"], value["reused_frames"], made_anew) == (0, 24, 0)
    assert finished.home.store.read(value["key"]) == finished.reel.path.read_bytes()


def test_one_clip_changed_renders_that_clip(finished: Finished) -> None:
    moved = CLIPS[1].model_copy(update={"crop": (crop(600, 0.45, 0.5, 0.8),)})
    value, made_anew = finished.again(CLIPS[0], moved, CLIPS[2], job=3)
    assert (value["rendered_frames"], value["reused_frames"], made_anew) == (8, 16, 8)


def test_a_transition_runs_no_network(finished: Finished) -> None:
    dissolved = CLIPS[1].model_copy(update={"transition_in": "dissolve"})
    value, made_anew = finished.again(CLIPS[0], dissolved, CLIPS[2], job=4)
    assert (value["frames"], value["rendered_frames"], made_anew) == (20, 4, 0)


def test_names_sound_and_order_render_nothing(finished: Finished) -> None:
    silent = CLIPS[0].model_copy(update={"audio": False, "name": "Save"})
    value, made_anew = finished.again(CLIPS[2], silent, job=5, title="Final", project=uuid(901))
    assert (value["rendered_frames"], value["reused_frames"], made_anew) == (0, 16, 0)


def test_a_segment_that_was_swept_away_is_rendered_anew(finished: Finished) -> None:
    home, key = finished.home, finished.second_part()
    body = home.store.read(key)
    home.store.delete(key)
    value, _ = finished.again(job=6)
    assert 0 < value["rendered_frames"] < 24
    assert home.store.read(key) == body


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_damaged_segment_is_named_and_removed(finished: Finished, share: float) -> None:
    home, job = finished.home, 70 + int(share * 10)
    key = finished.second_part()
    body = home.store.read(key)
    home.store.put(key, body[: int(share * len(body))])
    error = home.failure(framing([finished.source], *CLIPS, job=job, draft=False, title="Derby"))
    assert (error["code"], error["details"]) == ("segment_damaged", {"key": key})
    value, _ = finished.again(job=job + 100)
    assert 0 < value["rendered_frames"] < 24
    assert home.store.read(key) == body
    assert home.store.read(value["key"]) == finished.reel.path.read_bytes()


class Blind(MemoryStore):
    """A store in which somebody else puts each segment just after it was found missing."""

    def exists(self, key: str) -> bool:
        return "/segments/" not in key and super().exists(key)


def test_two_jobs_may_render_the_same_segment_at_once(game: Path, tmp_path: Path) -> None:
    home = Home(tmp_path, Blind())
    specs = [framing([home.adopt(game)], clip(0, 200), job=job) for job in (1, 2)]
    values = [home.done(spec) for spec in specs]
    assert [value["rendered_frames"] for value in values] == [5, 5]
    first, second = (home.store.read(value["key"]) for value in values)
    assert first == second


def test_a_source_that_no_clip_uses_may_be_gone(game: Path, tmp_path: Path) -> None:
    home = Home(tmp_path)
    gone = SourceRef(id="gone", key="ann/games/gone.mp4", sha256="a" * 64)
    assert home.done(framing([home.adopt(game), gone], clip(0, 80)))["frames"] == 2
    error = home.failure(framing([gone], clip(0, 80, source="gone"), job=2))
    assert (error["code"], error["details"]) == ("source_gone", {"source": "gone"})


# Whatever dies


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of small pictures with a tone."""
    path = tmp_path_factory.mktemp("short") / "short.mp4"
    return numbered(path, "-c:a", "aac", "-flags", "+bitexact", size=Size(160, 90), frames=100, sound=TONE)


def short_framing(home: Home, short: Path) -> FramingSpec:
    """Twenty-two frames in ten pieces: two clips with a dissolve, one across the grid of segments at half speed."""
    slow = SpeedValue(in_pts=0, out_pts=4000, rate=(1, 2))
    clips = clip(200, 600), clip(1880, 2160, transition_in="dissolve", speeds=(slow,))
    return framing([home.adopt(short)], *clips)


def begun(folder: Path, *limits: str) -> subprocess.Popen[str]:
    """Start the job of a folder in a process of its own; it has begun when this returns."""
    command = [sys.executable, "-m", "tests.jobs.one_job", str(folder), *limits]
    child = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    return child


def test_killed_at_any_moment_it_ends_with_the_same_bytes(short: Path, tmp_path: Path) -> None:
    undisturbed, disturbed = Home(tmp_path), home_in(tmp_path)
    spec = short_framing(undisturbed, short)
    wanted = undisturbed.store.read(undisturbed.done(spec)["key"])
    (tmp_path / "spec.json").write_text(short_framing(disturbed, short).model_dump_json())
    moments, kills = random.Random(2), 0
    while kills < 10:
        with begun(tmp_path) as child:
            try:
                child.wait(moments.uniform(0, 0.6))
            except subprocess.TimeoutExpired:
                child.kill()
                kills += 1
        if disturbed.store.exists(spec.output_key):  # so far it came before it was killed: once more from the start
            assert disturbed.store.read(spec.output_key) == wanted
            for key in [key for key in disturbed.store.keys(USER) if "/games/" not in key]:
                disturbed.store.delete(key)
    assert all(body in undisturbed.segments().values() for body in disturbed.segments().values()), (
        "none is half-written"
    )
    value = disturbed.done(spec)
    assert disturbed.store.read(value["key"]) == wanted
    assert disturbed.segments() == undisturbed.segments()


@pytest.mark.parametrize("most_bytes", ["1000", "60000"])
def test_a_full_disk_ends_the_job_and_leaves_nothing_half(short: Path, tmp_path: Path, most_bytes: str) -> None:
    """The kernel refuses to let files grow further, as it does on a full disk."""
    home = home_in(tmp_path)
    (tmp_path / "spec.json").write_text(short_framing(home, short).model_dump_json())
    with begun(tmp_path, most_bytes) as child:
        said, _ = child.communicate()
    assert said == "failed storage_full\n"
    assert [*home.scratch.iterdir()] == []
    for key in home.segments():
        with home.store.open(key) as footage:
            assert picture_count(footage) > 0
