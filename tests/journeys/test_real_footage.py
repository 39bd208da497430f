"""Reels of real footage: the picture of the source, cut out where the crop says, at the time that the clip says."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media.probe import probe
from reel.geometry import PixelWindow, Size
from tests.journeys.finished import cut_out, finished, likeness, lumas, source_frame
from tests.local.terminal import Outcome, Run

pytestmark = pytest.mark.footage

TALL = Size(1080, 1920)
MATCH = "09_derived_match_1080p25_70s_audio.mp4"


def draft(run: Run, *arguments: object) -> Outcome:
    made = run(*arguments, "--look", "draft", "--json")
    assert made.code == 0, made
    return made


def likenesses(reel: Path, game: Path, window: PixelWindow, shown: dict[int, Fraction]) -> list[float]:
    """Compare output frames, by their numbers, to the source's frames at the given seconds."""
    pictures = list(lumas(reel))
    output = Size(pictures[0].shape[1], pictures[0].shape[0])
    return [likeness(pictures[n], cut_out(source_frame(game, at_s), window, output)) for n, at_s in shown.items()]


def test_three_clips_of_a_match(run: Run, footage_dir: Path, tmp_path: Path) -> None:
    game, clips, output = footage_dir / MATCH, tmp_path / "three.tsv", tmp_path / "reel.mp4"
    rows = [f"0:{at}\t4\tDribble\t{name}\t1\n" for at, name in (("03", "One"), ("13", "Two"), ("59", "Three"))]
    clips.write_text("start_time\trating\ttags\tclip_name\tclip_duration\n" + "".join(rows))
    draft(run, "reel", game, "--clips", clips, "-o", output)

    reel = finished(output)
    assert (reel.size, reel.rate, reel.frames) == (TALL, 25, 75)
    assert reel.chapters == (("One", 0, 1), ("Two", 1, 2), ("Three", 2, 3))
    middle = PixelWindow(960, 540, 1080 * 9 / 16, 1080)
    shown = {0: Fraction(3), 24: Fraction(99, 25), 25: Fraction(13), 74: Fraction(1499, 25)}
    assert min(likenesses(output, game, middle, shown)) > 0.95

    # Of the frames around it, it is the one of the same time: the camera pans at 0:03.
    near = {pts: Fraction(84 + pts, 25) for pts in (-2, -1, 0, 1, 2)}
    tenth = list(lumas(output))[9]
    alike = {pts: likeness(tenth, cut_out(source_frame(game, at_s), middle, TALL)) for pts, at_s in near.items()}
    assert max(alike, key=lambda pts: alike[pts]) == 0, alike


def test_a_crop_that_moves_over_a_match(run: Run, footage_dir: Path, tmp_path: Path) -> None:
    game, output = footage_dir / MATCH, tmp_path / "reel.mp4"
    keys = [{"pts": 33_000, "cx": 0.3, "cy": 0.45, "h": 0.6}, {"pts": 33_400, "cx": 0.5, "cy": 0.55, "h": 0.8}]
    crops = {"9:16": {"keys": [key | {"ease": "linear"} for key in keys]}}
    clip = {"time_base": [1, 1000], "in_pts": 33_000, "out_pts": 33_440, "crops": crops}
    edit = tmp_path / "edit.json"
    edit.write_text(json.dumps({"schema": 1, "clips": [clip]}))
    assert draft(run, "reel", game, "--edit", edit, "-o", output).last["frames"] == 11
    pictures = list(lumas(output))
    for frame, part in ((0, 0.0), (5, 0.5), (10, 1.0)):
        height = 1080 * (0.6 + 0.2 * part)
        window = PixelWindow(1920 * (0.3 + 0.2 * part), 1080 * (0.45 + 0.1 * part), height * 9 / 16, height)
        wanted = cut_out(source_frame(game, Fraction(33) + Fraction(frame, 25)), window, TALL)
        assert likeness(pictures[frame], wanted) > 0.95, frame


def test_a_phone_held_upright_at_a_variable_rate(run: Run, footage_dir: Path, tmp_path: Path) -> None:
    game, output = footage_dir / "10_derived_portrait_rot90_vfr_720p_8s.mov", tmp_path / "frame.mp4"
    source = probe(game)
    assert source.displayed == Size(720, 1280)
    draft(run, "frame", game, "--from", "2", "--to", "3", "-o", output)
    reel = finished(output)
    assert reel.size == TALL
    assert abs(reel.frames / reel.rate - 1) <= 1 / reel.rate
    whole = PixelWindow(360, 640, 720, 1280)
    last = reel.frames - 1
    shown = {0: Fraction(2), last // 2: 2 + (last // 2) / reel.rate, last: 2 + last / reel.rate}
    assert min(likenesses(output, game, whole, shown)) > 0.9


def test_hevc_that_no_browser_plays(run: Run, footage_dir: Path, tmp_path: Path) -> None:
    game, output = footage_dir / "01_soccertrack_left_3072x1728_hevc_noaudio.mp4", tmp_path / "frame.mp4"
    placed = ("--crop", "0.8,0.75,0.4", "--aspect", "1:1")
    draft(run, "frame", game, "--from", "0:00.6", "--to", "1", *placed, "-o", output)
    reel = finished(output)
    assert (reel.size, reel.rate, reel.frames) == (Size(1080, 1080), 25, 10)
    window = PixelWindow(0.8 * 3072, 0.75 * 1728, 0.4 * 1728, 0.4 * 1728)
    shown = {0: Fraction(3, 5), 5: Fraction(4, 5), 9: Fraction(24, 25)}
    assert min(likenesses(output, game, window, shown)) > 0.95


def test_ten_frames_a_second(run: Run, footage_dir: Path, tmp_path: Path) -> None:
    game, output = footage_dir / "07_intel_people_768x432_10fps_139s.mp4", tmp_path / "reel.mp4"
    clips = tmp_path / "clips.tsv"
    clips.write_text("start_time\tclip_duration\tnotes\n0:12.3\t1\tA person\n")
    draft(run, "reel", game, "--clips", clips, "--aspect", "16:9", "-o", output)
    reel = finished(output)
    assert (reel.size, reel.rate, reel.frames) == (Size(1920, 1080), 10, 10)
    whole = PixelWindow(384, 216, 768, 432)
    assert min(likenesses(output, game, whole, {0: Fraction("12.3"), 9: Fraction("13.2")})) > 0.95
    assert np.abs(np.diff([picture.mean() for picture in lumas(output)])).max() < 5  # no flicker
