"""Footage with known truth: what is written is what the truth says, in every rate, turn, transfer and container."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from media import ffmpeg
from media.open import open_footage
from media.probe import probe
from media.synth import Match, Truth, beeps, demo_match, is_flash, read_counter, write
from media.synth_counter import LARGEST, burn
from media.synth_play import LENGTH_M, STEP_S, WIDTH_M, Play, play_match
from media.synth_scene import Scene
from reel.geometry import PixelWindow, Size, Window

SMALL = Size(256, 144)


@pytest.mark.parametrize("rate", ["24", "25", "30000/1001", "50", "60000/1001"])
def test_frames_flashes_and_beeps_stand_where_the_truth_says(tmp_path: Path, rate: str) -> None:
    path = tmp_path / "match.mp4"
    truth = write(Match(size=SMALL, rate=Fraction(rate), duration_s=Fraction(5, 4), flash_every_s=Fraction(1, 2)), path)
    assert pictures(path, truth) == [(frame.at, frame.counter, frame.flash) for frame in truth.frames]
    assert probe(path).rate == Fraction(rate)
    flashes = [float(frame.at) for frame in truth.frames if frame.flash]
    assert sound(path) == pytest.approx(flashes, abs=1 / 8000)
    assert len(flashes) == 2


def test_a_variable_rate_leaves_frames_out_and_nothing_moves(tmp_path: Path) -> None:
    path = tmp_path / "match.mov"
    truth = write(Match(size=SMALL, rate=Fraction(30000, 1001), duration_s=Fraction(5, 2), drops_frames=True), path)
    counters = [frame.counter for frame in truth.frames]
    assert counters != list(range(len(counters)))
    assert [frame.at for frame in truth.frames] == [counter * Fraction(1001, 30000) for counter in counters]
    assert pictures(path, truth) == [(frame.at, frame.counter, frame.flash) for frame in truth.frames]
    assert sound(path) == pytest.approx([float(frame.at) for frame in truth.frames if frame.flash], abs=1 / 8000)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_picture_is_turned_back_for_display(tmp_path: Path, rotation: int) -> None:
    size = Size(144, 256) if rotation != 180 else SMALL
    path = tmp_path / "match.mov"
    match = Match(size=size, rotation=rotation, duration_s=Fraction(1, 2))  # pyright: ignore[reportArgumentType]
    truth = write(match, path)
    source = probe(path)
    assert source.displayed == size
    assert source.orientation.quarter_turns * 90 == rotation
    assert pictures(path, truth) == [(frame.at, frame.counter, frame.flash) for frame in truth.frames]


@pytest.mark.parametrize("transfer", ["hlg", "pq"])
def test_hdr_is_tagged_and_its_white_is_reference_white(tmp_path: Path, transfer: str) -> None:
    path = tmp_path / "match.mp4"
    match = Match(size=SMALL, codec="hevc", transfer=transfer, duration_s=Fraction(6, 5))  # pyright: ignore[reportArgumentType]
    truth = write(match, path)
    source = probe(path)
    assert (source.colour.transfer, source.colour.matrix, source.pixel_format) == (transfer, "bt2020", "yuv420p10le")
    assert [counter for _, counter, _ in pictures(path, truth)] == [frame.counter for frame in truth.frames]
    flash = next(index for index, frame in enumerate(truth.frames) if frame.flash)
    white = np.median([f.to_ndarray()[: SMALL.height] for f in decoded(path)][flash]) / 4
    # BT.2408: 203 cd/m² stands at 75 % of HLG's range and 58 % of PQ's; the flash is 92 % of white in SDR.
    assert (white - 16) / 219 == pytest.approx({"hlg": 0.71, "pq": 0.56}[transfer], abs=0.03)


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [(".mkv", "hevc"), (".webm", "vp9"), (".mp4", "av1"), (".ts", "mpeg2video"), (".mov", "prores")],
)
def test_containers_and_codecs(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"match{suffix}"
    truth = write(Match(size=SMALL, codec=codec, duration_s=Fraction(6, 5)), path)  # pyright: ignore[reportArgumentType]
    assert pictures(path, truth) == [(frame.at, frame.counter, frame.flash) for frame in truth.frames]
    assert sound(path) == pytest.approx([1.0], abs=1 / 900)  # webm keeps whole milliseconds


def test_the_same_match_is_the_same_bytes(tmp_path: Path) -> None:
    for codec in ("h264", "hevc"):
        match = Match(size=SMALL, duration_s=Fraction(1, 2), codec=codec)  # pyright: ignore[reportArgumentType]
        first, second = tmp_path / f"1.{codec}.mp4", tmp_path / f"2.{codec}.mp4"
        assert write(match, first) == write(match, second)
        assert first.read_bytes() == second.read_bytes()


def test_another_seed_is_another_match(tmp_path: Path) -> None:
    one, two = (write(Match(size=SMALL, duration_s=Fraction(2, 5), seed=s), tmp_path / f"{s}.mp4") for s in (1, 2))
    assert one.frames[-1].boxes_xyxy != two.frames[-1].boxes_xyxy


def test_the_truth_as_json(tmp_path: Path) -> None:
    truth = write(Match(size=SMALL, duration_s=Fraction(1, 5), audio=False), tmp_path / "match.mp4")
    document = json.loads(truth.to_json())
    assert document["people"][document["hero"]] == {"number": 10, "side": "home", "keeper": False}
    assert [frame["at"] for frame in document["frames"]] == [[0, 1], [1, 25], [2, 25], [3, 25], [4, 25]]
    assert len(document["frames"][0]["boxes"]) == len(truth.people) == 15
    with open_footage(tmp_path / "match.mp4") as container:
        assert not container.streams.audio


def test_the_demo_is_worth_a_reel() -> None:
    match = demo_match()
    assert (match.counters, match.flash_every_s, match.size) == (False, None, Size(1280, 720))
    play = play_match(float(match.duration_s), match.players, match.seed)
    hero = next(index for index, person in enumerate(play.people) if person.hero)
    touches = [(round(touch.at_s), touch.kind) for touch in play.touches if touch.person == hero]
    assert {(6, "control"), (9, "pass"), (16, "goal"), (33, "shot"), (34, "goal")} <= set(touches)


@pytest.mark.parametrize("players", [1, 2, 6, 22])
def test_everybody_stays_near_the_pitch_and_runs_like_a_person(players: int) -> None:
    play = play_match(20.0, players, 3)
    assert len(play.people) == players + 1
    assert np.abs(play.xy[..., 0]).max() < LENGTH_M / 2 + 4
    assert play.xy[..., 1].min() > -4
    assert play.xy[..., 1].max() < WIDTH_M + 4
    speed = np.hypot(*np.moveaxis(np.diff(play.xy, axis=0), -1, 0)) / STEP_S
    assert speed.max() < 12
    assert len({(person.side, person.number) for person in play.people}) == players + 1


def test_the_camera_moves_the_ground_by_what_the_truth_says() -> None:
    scene, play = scene_of(Size(640, 360))
    (before, first), (after, second) = (scene.draw(play.at(at)) for at in (5.0, 5.2))
    grass = (slice(120, 360), slice(100, 540))
    gray = [cv2.cvtColor(p[grass], cv2.COLOR_BGR2GRAY).astype(np.float64) for p in (before, after)]
    moved, _ = cv2.phaseCorrelate(gray[0], gray[1], cv2.createHanningWindow(gray[0].shape[::-1], cv2.CV_64F))
    wanted = np.subtract(first.camera_xy, second.camera_xy)
    assert np.abs(wanted).max() > 3
    assert moved == pytest.approx(wanted, abs=0.25)


def test_boxes_hold_the_people_and_nothing_else() -> None:
    """Without its people the same moment differs in their boxes and shadows only."""
    scene, play = scene_of(Size(640, 360))
    moment = play.at(5.0)
    picture, seen = scene.draw(moment)
    empty = scene.ground.view(scene.camera.offset(moment.aim))
    changed = np.abs(picture.astype(int) - empty).max(axis=2) > 60  # a shadow changes less than a shirt
    outside = changed.copy()
    x, y, radius = seen.ball_xyr
    for x0, y0, x1, y1 in (*seen.boxes_xyxy, (x - 2 * radius, y - 2 * radius, x + 2 * radius, y + 2 * radius)):
        rows, columns = slice(max(0, int(y0) - 2), max(0, int(y1) + 3)), slice(max(0, int(x0) - 2), max(0, int(x1) + 3))
        outside[rows, columns] = False
        if min(x0, y0) > 0 and x1 < 640 and y1 < 360:
            assert changed[rows, columns].mean() > 0.08
    assert outside.sum() < 0.02 * changed.sum()


def test_twice_the_size_is_the_same_scene() -> None:
    (small, play), (large, _) = scene_of(Size(320, 180)), scene_of(Size(640, 360))
    moment = play.at(4.0)
    (picture, seen), (larger, seen_larger) = small.draw(moment), large.draw(moment)
    assert np.array(seen_larger.boxes_xyxy) == pytest.approx(2 * np.array(seen.boxes_xyxy), abs=4)
    shrunk = cv2.resize(larger, (320, 180), interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk.astype(float) - picture).mean() < 12


def test_hero_path_is_in_parts_of_the_picture(tmp_path: Path) -> None:
    truth = write(Match(size=SMALL, duration_s=Fraction(1)), tmp_path / "match.mp4")
    path = truth.hero_path()
    x0, y0, x1, y1 = truth.frames[-1].boxes_xyxy[truth.hero]
    assert path[-1] == (Fraction(24, 25), (x0 + x1) / 2 / SMALL.width, (y0 + y1) / 2 / SMALL.height)
    assert truth.frame_at(Fraction(1, 2)).counter == 12


# The counter


@given(counter=st.integers(0, LARGEST))
def test_what_is_burnt_is_read(counter: int) -> None:
    picture = np.full((180, 320, 3), 90, np.uint8)
    burn(picture, counter)
    assert read_counter(picture, Size(320, 180)) == counter


@given(
    counter=st.integers(0, LARGEST),
    centre=st.tuples(st.floats(0.3, 0.7), st.floats(0.4, 0.6)),
    height=st.floats(0.42, 0.75),
    turn=st.floats(-20, 20),
    scale=st.floats(0.75, 3.0),
)
def test_it_is_read_in_any_crop(
    counter: int, centre: tuple[float, float], height: float, turn: float, scale: float
) -> None:
    size = Size(1280, 720)
    picture = np.full((720, 1280), 90, np.uint8)
    burn(picture[..., None], counter)
    window = Window(*centre, height * 9 / 16 * 720 / 1280, height, turn)
    framed = cut(picture, window.to_pixels(size), scale)
    assert read_counter(framed, size, window) == counter


def test_it_survives_the_encoder_and_half_the_size(tmp_path: Path) -> None:
    footage = tmp_path / "match.mp4"
    truth = write(Match(size=Size(640, 360), duration_s=Fraction(1)), footage)
    rough = tmp_path / "rough.mp4"
    squeeze = ["-vf", "scale=320:180", "-c:v", "libx264", "-preset", "superfast", "-crf", "30", "-an"]
    ffmpeg.run([*ffmpeg.reading(footage), *squeeze, f"file:{rough}"])
    assert [counter for _, counter, _ in pictures(rough, truth)] == list(range(25))


def test_nothing_is_read_where_nothing_is_burnt() -> None:
    rng = np.random.default_rng(5)
    scene, play = scene_of(Size(640, 360))
    for picture in (
        scene.draw(play.at(3.0))[0],
        np.full((360, 640, 3), 128, np.uint8),
        np.zeros((360, 640), np.uint8),
        np.full((360, 640), 255, np.uint8),
        rng.integers(0, 256, (360, 640, 3), dtype=np.uint8),
    ):
        assert read_counter(picture, Size(640, 360)) is None


def test_a_dissolve_between_two_counters_reads_as_neither() -> None:
    first, second = np.full((2, 360, 640, 3), 90, np.uint8)
    burn(first, 100)
    burn(second, 27)
    assert read_counter(cv2.addWeighted(first, 0.5, second, 0.5, 0), Size(640, 360)) is None


def test_a_window_without_a_whole_copy_reads_as_none() -> None:
    picture = np.full((360, 640, 3), 90, np.uint8)
    burn(picture, 5)
    window = Window(0.5, 0.5, 0.02, 0.02)
    assert read_counter(cut(picture, window.to_pixels(Size(640, 360)), 3), Size(640, 360), window) is None


def test_a_counter_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="frame counter"):
        burn(np.zeros((180, 320, 3), np.uint8), LARGEST + 1)


def scene_of(size: Size) -> tuple[Scene, Play]:
    play = play_match(8.0, 14, 1)
    return Scene(size, play.people, 1), play


def cut(picture: np.ndarray, window: PixelWindow, scale: float) -> np.ndarray:
    """Return a window of a picture, turned upright and scaled."""
    size = round(window.width * scale), round(window.height * scale)
    angle = np.deg2rad(window.rotation_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    stretch = turn @ np.diag([window.width / size[0], window.height / size[1]])
    shift = np.array([window.cx, window.cy]) - stretch @ (size[0] / 2 - 0.5, size[1] / 2 - 0.5) - 0.5
    matrix = np.column_stack([stretch, shift])
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def decoded(path: Path) -> list[VideoFrame]:
    with open_footage(path) as container:
        return list(container.decode(container.streams.video[0]))


def seconds_of(frame: VideoFrame | AudioFrame) -> Fraction:
    assert frame.pts is not None
    assert frame.time_base is not None
    return frame.pts * frame.time_base


def pictures(path: Path, truth: Truth) -> list[tuple[Fraction, int | None, bool]]:
    """Return (seconds after the first frame, counter, flash) of each frame of a file, turned for display."""
    frames = decoded(path)
    turns = -truth.match.rotation // 90
    found: list[tuple[Fraction, int | None, bool]] = []
    for frame in frames:
        luma = np.rot90(frame.to_ndarray(format="gray"), turns)
        at = seconds_of(frame) - seconds_of(frames[0])
        found.append((at, read_counter(luma, truth.match.size), is_flash(luma)))
    return found


def sound(path: Path) -> list[float]:
    """Return when the beeps start, in seconds after the first picture."""
    start = seconds_of(decoded(path)[0])
    with open_footage(path) as container:
        blocks = list(container.decode(audio=0))
    samples = np.concatenate([block.to_ndarray().astype(np.float32)[0] for block in blocks])
    offset = float(seconds_of(blocks[0]) - start)
    return [at + offset for at in beeps(samples, blocks[0].sample_rate)]
