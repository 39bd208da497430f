"""Reels with drawings, freeze-frames and cards: what is touched changes, all else stays, and sound stays with picture.

Ten frames a second, so that a GOP is ten frames: every part of a reel is a handful of pictures.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from jobs.memory import MemoryAnnounce
from jobs.ports import Record
from jobs.spec import FramingSpec, OverlaySpec
from media.synth import Match, beeps, is_flash, write
from media.synth_counter import read_counter
from reel import keys
from reel.geometry import Size, Window
from tests.jobs.homes import USER, Home, clip, crop, framing, luma, shown_frames, sound, uuid
from tests.jobs.one_job import home_in
from tests.jobs.overlays import card, over, overlaying, spot, spotlight
from tests.jobs.test_framing import begun
from tests.media.working import payloads

RATE = 10
SIZE = Size(320, 180)
WINDOW = Window(0.4, 0.5, 0.8 * 180 / 320, 0.8)
PLAIN, LIT = range(20), range(20, 40)
SPOTLIT = range(27, 37)
DRAWN = 2.0  # mean levels by which a drawn picture differs, well above what encoding once more does


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds with a white frame and a beep at every whole one."""
    path = tmp_path_factory.mktemp("game") / "game.mp4"
    write(Match(size=SIZE, rate=Fraction(RATE), duration_s=Fraction(5), players=6), path)
    return path


@dataclass(frozen=True)
class Working:
    """A home with a draft of two clips of twenty frames, frames 6 to 45 of the game, cut in one place."""

    home: Home
    spec: FramingSpec
    path: Path
    pictures: list[np.ndarray]

    def draw(self, spec: OverlaySpec) -> Drawn:
        value = self.home.done(spec)
        path = self.path.with_name(f"{spec.job}.mp4")
        path.write_bytes(self.home.store.read(value["key"]))
        return Drawn(value, path, [luma(frame) for frame in shown_frames(path)], sound(path))


@dataclass(frozen=True)
class Drawn:
    """A finished overlay, taken apart."""

    value: dict[str, Any]
    path: Path
    pictures: list[np.ndarray]
    samples: np.ndarray

    def at(self, first: int, last: int) -> np.ndarray:
        """Return the sound under some frames, without what a codec lets ring on at the edges."""
        return self.samples[round((first / RATE + 0.03) * 48_000) : round((last / RATE - 0.03) * 48_000)]


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory, game: Path) -> Working:
    home = Home(tmp_path_factory.mktemp("home"))
    cropped = (crop(0, WINDOW.cx, WINDOW.cy, WINDOW.h),)
    clips = clip(600, 2600, name="Before", crop=cropped), clip(2600, 4600, id="b", name="The goal", crop=cropped)
    spec = framing([home.adopt(game)], *clips, title="Derby")
    key = home.done(spec)["key"]
    path = home.scratch / "working.mp4"
    path.write_bytes(home.store.read(key))
    return Working(home, spec, path, [luma(frame) for frame in shown_frames(path)])


def full(framing: FramingSpec, **fields: Any) -> OverlaySpec:
    """Draw on the second clip: a spotlight on a place beside its crop's centre, a freeze-frame of three frames, cards.

    They stand before it and at the end, five frames each.
    """
    lit = over("b", spotlight(3300, 4300, spot(3300, 0.45, 0.5)), name="The goal", freeze_s=0.3, label="Zoë 42")
    cards = card("Second half", before="b"), card("Thank you")
    return overlaying(framing, lit, **({"title": "Cup final", "cards": cards} | fields))


@pytest.fixture(scope="module")
def drawn(working: Working) -> Drawn:
    return working.draw(full(working.spec))


OF_WORKING = [*range(20), *[None] * 5, *range(20, 27), 27, 27, 27, *range(27, 40), *[None] * 5]
"""Which frame of the working video each frame of `drawn` shows; None is a card."""


def differs(one: np.ndarray, other: np.ndarray) -> bool:
    return float(np.abs(one.astype(int) - other).mean()) > DRAWN


def changed(of: Drawn, working: Working, places: Sequence[int | None] = OF_WORKING) -> list[int]:
    """Return which frames look other than those of the working video that they show."""
    pairs = enumerate(zip(of.pictures, places, strict=True))
    return [n for n, (picture, at) in pairs if at is not None and differs(picture, working.pictures[at])]


# What is drawn where


def test_exactly_the_frames_of_the_spotlight_are_drawn_on(drawn: Drawn, working: Working) -> None:
    assert len(drawn.pictures) == len(OF_WORKING) == 53
    assert changed(drawn, working) == [*range(32, 35), *range(35, 45)]


def test_the_freeze_frame_is_one_picture_held(drawn: Drawn) -> None:
    first, *others = drawn.pictures[32:36]
    assert not any(differs(first, other) for other in others), "and what follows it is as light as it was"


def test_every_frame_shows_its_moment(drawn: Drawn) -> None:
    shown = [None if at is None else at + 6 for at in OF_WORKING]
    found = [read_counter(picture, SIZE, WINDOW) for picture in drawn.pictures]
    flashed = [n for n, at in enumerate(shown) if at is not None and at % 10 == 0 and 32 <= n < 45]
    assert [(n, a) for n, a in enumerate(found) if a != shown[n] and n not in flashed] == []


def test_the_cover_is_a_frame_of_the_spotlight(drawn: Drawn, working: Working) -> None:
    body = np.frombuffer(working.home.store.read(keys.poster(USER, uuid(800))), np.uint8)
    cover = cv2.imdecode(body, cv2.IMREAD_GRAYSCALE)
    assert cover is not None
    assert cover.shape == (720, 720)
    small = [cv2.resize(picture, (720, 720), interpolation=cv2.INTER_AREA) for picture in drawn.pictures]
    apart = [float(np.abs(cover.astype(int) - each).mean()) for each in small]
    assert apart.index(min(apart)) == 40  # half a second after the 35th, with which it moves again
    assert min(apart) < 15  # it has the full range of a JPEG, `luma` the limited one of a video


def test_a_reel_that_begins_with_a_card_has_another_cover(working: Working) -> None:
    first = card("First half", before="a")
    plain = working.draw(overlaying(working.spec, job=150, reel=uuid(820), cards=(first,)))
    cover = cv2.imdecode(
        np.frombuffer(working.home.store.read(keys.poster(USER, uuid(820))), np.uint8), cv2.IMREAD_GRAYSCALE
    )
    assert cover is not None
    small = [cv2.resize(picture, (720, 720), interpolation=cv2.INTER_AREA) for picture in plain.pictures]
    apart = [float(np.abs(cover.astype(int) - each).mean()) for each in small]
    assert apart.index(min(apart)) == 5


def test_it_stands_where_the_player_is(drawn: Drawn, working: Working) -> None:
    """A twentieth of the picture beside the crop's centre is 16 px, at 7.5 px of the output for one."""
    light = drawn.pictures[37] / np.maximum(working.pictures[29], 1.0)
    assert float(np.median(light[500:580, 640:680])) == pytest.approx(1, abs=0.05)
    assert float(np.median(light[900:1000, 100:900])) == pytest.approx(0.56, abs=0.05), "half of what is above black"
    lit = (light > 0.8)[540 - 60 : 540 + 60]
    edges = [(np.flatnonzero(row[500:820])[[0, -1]] + 500.5) for row in lit]
    assert np.median([edge.mean() for edge in edges]) == pytest.approx(660, abs=5)
    assert np.median([edge[1] - edge[0] for edge in edges]) == pytest.approx(2 * 0.06 * 180 * 7.5, rel=0.15)


def test_cards_fill_the_picture(drawn: Drawn) -> None:
    for first in (20, 48):
        pictures = drawn.pictures[first : first + 5]
        assert all(float(np.median(picture)) < 60 for picture in pictures)
        assert not any(differs(pictures[0], other) for other in pictures)
        assert pictures[0].max() > 200, "there are letters on it"
    assert differs(drawn.pictures[20][480:600, 300:780], drawn.pictures[48][480:600, 300:780])


def test_a_draft_stays_marked_cards_too(drawn: Drawn) -> None:
    assert all(float(np.mean(drawn.pictures[n][20:60, 20:130] > 180)) > 0.1 for n in (21, 22, 49, 52))
    with av.open(str(drawn.path)) as container:
        assert container.metadata["comment"] == "Draft"


# What is not


def test_what_is_not_touched_is_the_bytes_that_it_was(drawn: Drawn, working: Working) -> None:
    """GOPs of 5, 10, 5 and 5, 9, 1, 5 frames: a clip's edges stand alone, and a GOP ends at a whole 4 s of source."""
    value = drawn.value
    assert (value["frames"], value["reencoded_frames"], value["copied_frames"]) == (53, 28, 25)
    assert (value["whole"], value["why"], value["draft"], value["outside"]) == (False, "", True, [])
    before, after = payloads(working.path), payloads(drawn.path)
    assert after[:20] == before[:20]
    assert after[25:30] == before[20:25]
    assert set(before[25:]).isdisjoint(after)


def test_with_nothing_put_in_the_sound_is_copied(working: Working) -> None:
    of = working.draw(overlaying(working.spec, over("b", spotlight(3300, 4300)), job=101))
    assert payloads(of.path, "audio") == payloads(working.path, "audio")
    assert changed(of, working, range(40)) == [*range(28, 37)], "at its first moment it has no opacity yet"


def test_with_nothing_to_draw_all_is_copied(working: Working) -> None:
    of = working.draw(overlaying(working.spec, job=102, title="Renamed"))
    assert (of.value["reencoded_frames"], payloads(of.path)) == (0, payloads(working.path))
    with av.open(str(of.path)) as container:
        assert container.metadata["title"] == "Renamed"


# Sound and chapters


def test_flash_and_beep_stay_together(drawn: Drawn) -> None:
    """Those at 3 and 4 s come after five and eight frames that were put in; the last one is dimmed."""
    assert [n for n, picture in enumerate(drawn.pictures) if is_flash(picture[200:])] == [4, 14, 29]
    assert drawn.pictures[42][700:].mean() > 1.2 * drawn.pictures[41][700:].mean()
    assert beeps(drawn.samples, 48_000) == pytest.approx([0.4, 1.4, 2.9, 4.2], abs=1 / RATE / 2)


def test_it_is_silent_under_what_is_put_in(drawn: Drawn) -> None:
    for first, last in ((20, 25), (32, 35), (48, 53)):
        assert np.abs(drawn.at(first, last)).max() < 1e-3
    for first, last in ((15, 20), (25, 32), (35, 41)):
        assert np.abs(drawn.at(first, last)).max() > 5e-3


def test_picture_and_sound_last_equally_long(drawn: Drawn) -> None:
    assert abs(len(drawn.samples) / 48_000 - 5.3) < 1 / RATE


def test_chapters_shift(drawn: Drawn) -> None:
    with av.open(str(drawn.path)) as container:
        found = container.chapters()
        title = container.metadata["title"]
    spans = [(each["start"] * (each["time_base"] or 0), each["end"] * (each["time_base"] or 0)) for each in found]
    assert [each["metadata"]["title"] for each in found] == ["Before", "The goal"]
    assert spans == [(0, 2), (2, Fraction(53, 10))]
    assert title == "Cup final"


# In a transition


def test_a_card_stands_in_the_black_of_a_fade_and_a_freeze_frame_after_it(working: Working, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.store.put(working.spec.sources[0].key, working.home.store.read(working.spec.sources[0].key))
    clips = clip(600, 1600), clip(2600, 3600, id="b", transition_in="fade")
    spec = framing(working.spec.sources, *clips)
    home.done(spec)
    lit = over("b", spotlight(2600, 3600), freeze_s=0.2)
    of = Working(home, spec, tmp_path / "fade.mp4", []).draw(overlaying(spec, lit, cards=(card("Later", before="b"),)))
    whole = Window(0.5, 0.5, 180 / 320, 1.0)
    assert of.value["frames"] == 15 + 5 + 2
    shown = [read_counter(picture, SIZE, whole) for picture in of.pictures]
    assert shown[:6] == [*range(6, 12)]
    assert shown[7:12] == [None] * 5, "the card"
    assert all(picture[480:600].max() > 200 for picture in of.pictures[7:12])
    assert of.pictures[12][480:600].mean() < 20, "black again"
    assert shown[15:] == [31, 31, 31, *range(32, 36)]
    assert beeps(of.samples, 48_000) == pytest.approx([0.4, 1.4], abs=0.05), "that at 3 s is just past the fade"


# A video that is not of our settings


def test_a_video_of_other_settings_is_encoded_again_as_a_whole(working: Working) -> None:
    """A draft in the place of a finished framing: planned without a network, and no card is marked."""
    finished = working.spec.model_copy(update={"draft": False, "job": uuid(51)})
    working.home.store.put(finished.output_key, working.path.read_bytes())
    of = working.draw(full(finished, job=105, reel=uuid(803)))
    assert (of.value["frames"], of.value["reencoded_frames"], of.value["whole"]) == (53, 53, True)
    assert of.value["why"].endswith(".")
    assert working.home.asked == []
    assert changed(of, working) == [*range(32, 45)]
    assert float(np.mean(of.pictures[21][20:60, 20:130] > 180)) < 0.01


# Every time the same


def test_again_it_is_the_same_bytes(drawn: Drawn, working: Working) -> None:
    value = working.home.done(full(working.spec, job=103, version=2))
    assert value["key"] == keys.final_video(USER, uuid(800), 2)
    assert working.home.store.read(value["key"]) == drawn.path.read_bytes()


def test_killed_it_leaves_no_reel_and_the_next_one_is_the_same(drawn: Drawn, working: Working, tmp_path: Path) -> None:
    home, spec = home_in(tmp_path), full(working.spec)
    for key in (working.spec.sources[0].key, working.spec.output_key):
        home.store.put(key, working.home.store.read(key))
    (tmp_path / "spec.json").write_text(spec.model_dump_json())
    with begun(tmp_path) as child:
        while child.poll() is None and not any(home.scratch.rglob("*.mp4")):
            with suppress(subprocess.TimeoutExpired):
                child.wait(0.05)
        child.kill()
    assert not home.store.exists(spec.output_key)
    value = home.done(spec)
    assert home.store.read(value["key"]) == drawn.path.read_bytes()


class Canceller(MemoryAnnounce):
    """Cancels as soon as drawing is heard of."""

    def __init__(self, home: Home) -> None:
        super().__init__()
        self.home = home

    def __call__(self, record: Record) -> None:
        super().__call__(record)
        if record.progress.phase == "drawing" and record.state == "running":
            self.home.ledger.move(record.job, "cancel")


def test_cancelled_it_leaves_nothing(working: Working, tmp_path: Path) -> None:
    home = Home(tmp_path, working.home.store)
    home.announce = Canceller(home)
    spec = full(working.spec, job=104, reel=uuid(801))
    assert home.run(spec).outcome == "cancelled"
    assert not home.store.exists(spec.output_key)
    assert [*tmp_path.iterdir()] == []


# What cannot be drawn


def test_without_a_framing_there_is_nothing_to_draw_on(working: Working) -> None:
    absent = working.spec.model_copy(update={"job": uuid(50)})
    error = working.home.failure(full(absent, job=110))
    assert (error["code"], error["details"]) == ("not_found", {"key": absent.output_key})
    assert "framing" in error["message"]


def test_a_video_of_another_edit(working: Working) -> None:
    shorter = working.spec.clips[0], working.spec.clips[1].model_copy(update={"out_pts": 4000})
    error = working.home.failure(full(working.spec.model_copy(update={"clips": shorter}), job=111))
    assert (error["code"], error["details"]) == ("bad_input", {"frames": 40, "wanted_frames": 34})


def test_a_video_of_another_shape(working: Working) -> None:
    error = working.home.failure(full(working.spec.model_copy(update={"aspect": "9:16"}), job=112))
    assert (error["code"], "1080×1080" in error["message"]) == ("source_unreadable", True)


@pytest.mark.parametrize("share", [0.0, 0.4, 0.9])
def test_a_damaged_video(working: Working, share: float) -> None:
    cut = working.spec.model_copy(update={"job": uuid(60 + int(share * 10))})
    body = working.path.read_bytes()
    working.home.store.put(cut.output_key, body[: int(share * len(body))])
    spec = full(cut, job=120 + int(share * 10), reel=uuid(802))
    error = working.home.failure(spec)
    assert error["code"] in {"source_empty", "source_unreadable", "source_truncated"}
    assert not working.home.store.exists(spec.output_key)


def test_what_does_not_belong_to_the_framing(working: Working) -> None:
    home, spec = working.home, working.spec
    cases = (
        (overlaying(spec, job=130, clips=(over("a"),)), "/clips"),
        (overlaying(spec, job=131, clips=(over("b"), over("a"))), "/clips"),
        (overlaying(spec, job=132, cards=(card("Hi", before="z"),)), "/cards/0/before"),
        (overlaying(spec.model_copy(update={"user": "bob"}), job=133), "/framing/user"),
    )
    for made, field in cases:
        error = home.failure(made)
        assert (error["code"], error["details"]["field"]) == ("bad_field", field)


def test_a_source_that_is_gone(working: Working) -> None:
    gone = working.spec.sources[0].model_copy(update={"key": "ann/games/gone.mp4"})
    error = working.home.failure(full(working.spec.model_copy(update={"sources": (gone,)}), job=134))
    assert error["code"] == "source_gone"


def test_a_bad_spotlight_names_its_clip(working: Working) -> None:
    bad = over("b", spotlight(3300, 4300, spot(3500), spot(3400)))
    error = working.home.failure(overlaying(working.spec, bad, job=135))
    assert (error["code"], error["details"]["clip"]) == ("keyframes_out_of_order", "b")


def test_spotlights_that_nobody_sees_are_no_fault(working: Working) -> None:
    lost = spotlight(2600, 3600, spot(2600, 0.9), id="lost")
    nothing = spotlight(3600, 9_000_000, spot(3600, 0.4, 0.5, 0.0, 0.0), id="nothing")
    of = working.draw(overlaying(working.spec, over("b", lost, nothing), job=136))
    assert of.value["outside"] == [{"clip": "b", "spotlight": "lost"}]
    assert (of.value["reencoded_frames"], payloads(of.path)) == (0, payloads(working.path))
