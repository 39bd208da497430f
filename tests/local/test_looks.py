"""The two looks: which network runs for which clip, with which weights, and what is said where they are missing."""

from __future__ import annotations

import json
import re
import shutil
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gpu.device import Device
from gpu.own_weights import FOLDER
from gpu.registry import CRISP, CRISP_DETAIL, CRISP_SHARE, CRISP_SIBLING, CRISP_STAND_IN, NETWORKS, OWN
from jobs.clip import LEAST_ENLARGEMENT, scale_for
from jobs.memory import MemoryAnnounce
from local.home import open_home
from local.networks import upscalers
from local.wiring import Settings, settings_from
from media.colour import OUTPUT, planes_of, to_planes
from media.decode import all_frames
from media.encode import Encoding, video_sink
from media.probe import probe
from media.synth import Match, write
from reel.errors import WeightsMissing
from reel.geometry import Size
from tests.jobs.homes import painted
from tests.local.terminal import Run, assert_refused, listing

SHA256 = re.compile("[0-9a-f]{64}")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a picture of 108×192, five frames a second."""
    path = tmp_path_factory.mktemp("small") / "small.mp4"
    write(Match(size=Size(108, 192), rate=Fraction(5), duration_s=Fraction(2), players=4), path)
    return path


def edit(folder: Path, *clips: dict[str, Any]) -> Path:
    """Write an edit of clips of a frame each."""
    times = {"time_base": [1, 1000], "in_pts": 200, "out_pts": 400}
    path = folder / "edit.json"
    path.write_text(json.dumps({"schema": 1, "clips": [times | clip for clip in clips]}))
    return path


def unreachable(settings: Settings, *networks: str) -> None:
    """Leave notes in the cache that these were tried to fetch just now, so that nothing is tried."""
    cache = settings.cache_dir / "weights"
    cache.mkdir(parents=True, exist_ok=True)
    note = json.dumps({"at_s": time.time(), "reason": "There is no way out."})
    for name in networks:
        for form in NETWORKS[name].forms:
            (cache / f"{form.files[-1].name}.unfetched.json").write_text(note)


# Which network


@pytest.mark.parametrize(
    ("enlargement", "scale"),
    [(1.002, 2), (1.78, 2), (2.0, 2), (2.002, 2), (2.01, 3), (2.67, 3), (3.0, 3), (3.02, 4), (4.0, 4), (9.0, 4)],
)
def test_the_next_scale_up_runs(enlargement: float, scale: int) -> None:
    assert LEAST_ENLARGEMENT == 1.001
    assert scale_for(enlargement, OWN.shape.scales) == scale


def test_a_network_is_loaded_once_for_each_scale(tmp_path: Path) -> None:
    load = upscalers(Settings(tmp_path), pytest.fail, lambda: "cpu")
    two, three, four = (load("natural", enlargement) for enlargement in (1.5, 2.7, 11.0))
    assert [upscaler.scale for upscaler in (two, three, four)] == [2, 3, 4]
    assert {upscaler.takes for upscaler in (two, three, four)} == {"planes"}
    assert load("natural", 2.3) is three
    assert list(tmp_path.iterdir()) == []  # nothing was fetched


@pytest.mark.parametrize(("device", "look"), [("cpu", "natural"), ("cuda", "crisp")])
def test_the_device_decides_the_look_of_clips_that_name_none(device: Device, look: str, tmp_path: Path) -> None:
    asked: list[Device] = []

    def known() -> Device:
        asked.append(device)
        return device

    home = open_home(Settings(tmp_path), MemoryAnnounce(), pytest.fail, known)
    assert asked == []  # to look for CUDA may take seconds: a draft never asks
    assert (home.look(), home.look(), asked) == (look, look, [device])


def test_a_clip_s_own_look_wins_over_the_option(run: Run, small: Path, tmp_path: Path) -> None:
    """Crisp would ask for weights that are not there."""
    unreachable(settings_from(), CRISP, CRISP_STAND_IN)
    reel = ("reel", small, "--look", "crisp", "-o", tmp_path / "reel.mp4", "--json", "--edit")
    made = run(*reel, edit(tmp_path, {"look": "natural"}))
    assert (made.code, made.last["looks"]) == (0, ["natural"])
    assert [network["name"] for network in made.last["weights"]] == [OWN.name]
    assert run(*reel, edit(tmp_path, {"look": "natural"}, {})).last["code"] == "weights_missing"


@pytest.mark.weights
def test_two_looks_in_one_reel(
    run: Run, small: Path, tmp_path: Path, weights_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REEL_WEIGHTS_DIR", str(weights_dir))
    crops = {"9:16": {"keys": [{"pts": 200, "cx": 0.5, "cy": 0.5, "h": 0.4}]}}
    both = edit(tmp_path, {"look": "natural"}, {"crops": crops})
    reel = ("reel", small, "--edit", both, "--look", "crisp", "-o", tmp_path / "reel.mp4")
    made = run(*reel, "--json")
    assert made.code == 0, made
    assert made.last["looks"] == ["natural", "crisp"]
    assert [network["name"] for network in made.last["weights"]] == [OWN.name, CRISP]
    told = run(*reel)
    assert f"natural and crisp by {OWN.name} (×4) and {CRISP} with {CRISP_SIBLING} (×4)\n" in told.out


# Whose weights


@pytest.mark.weights
def test_weights_says_what_each_look_runs(run: Run, weights_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REEL_WEIGHTS_DIR", str(weights_dir))
    found = run("weights", "--json")
    assert (found.code, [*found.last]) == (0, ["natural", "crisp"])
    natural, crisp = found.last["natural"], found.last["crisp"]
    assert natural == {
        "network": OWN.name,
        "weights_sha256": OWN.file.sha256,
        "origin": "in this program",
        "licence": "MIT",
    }
    assert (crisp["network"], crisp["origin"], crisp["detail"]) == (CRISP, str(weights_dir), CRISP_DETAIL)
    assert (crisp["blend"]["network"], crisp["blend"]["share"]) == (CRISP_SIBLING, CRISP_SHARE)
    assert all(SHA256.fullmatch(each["weights_sha256"]) for each in (crisp, crisp["blend"]))
    told = run("weights")
    assert [line.partition(",")[0] for line in told.out.splitlines()] == [
        f"natural: {OWN.name}",
        f"crisp: {CRISP}",
        "crisp",
    ]
    assert f"crisp, {CRISP_SHARE:.0%} of it: {CRISP_SIBLING}, {weights_dir}, BSD-3-Clause, sha256 " in told.out


@pytest.mark.weights
def test_without_its_sibling_the_general_network_runs_alone(run: Run, weights_dir: Path, tmp_path: Path) -> None:
    settings = settings_from()
    unreachable(settings, CRISP, CRISP_SIBLING)
    shutil.copy(weights_dir / f"{CRISP}.bin", settings.cache_dir / "weights")
    shutil.copy(weights_dir / f"{CRISP}.param", settings.cache_dir / "weights")
    found = run("weights", "--json")
    assert found.code == 0, found
    assert (found.last["crisp"]["network"], found.last["crisp"]["blend"]) == (CRISP, None)
    assert found.last["crisp"]["detail"] == CRISP_DETAIL
    assert f"The weights of {CRISP_SIBLING} are not on this machine." in found.err
    assert found.err.endswith(f" Until then {CRISP} runs without it.\n")


@pytest.mark.weights
def test_weights_that_stand_in_say_how_to_get_the_better(run: Run, weights_dir: Path, tmp_path: Path) -> None:
    settings = settings_from()
    unreachable(settings, CRISP)
    for name in (f"{CRISP_STAND_IN}.bin", f"{CRISP_STAND_IN}.param"):
        shutil.copy(weights_dir / name, settings.cache_dir / "weights")
    found = run("weights", "--json")
    assert found.code == 0, found
    assert (found.last["crisp"]["network"], found.last["crisp"]["origin"]) == (CRISP_STAND_IN, "the cache")
    assert (found.last["crisp"]["blend"], found.last["crisp"]["detail"]) == (None, 0.0)
    for told in (
        "There is no way out.",
        "REEL_WEIGHTS_DIR",
        f"Until then {CRISP_STAND_IN} stands in.",
        "--look natural",
    ):
        assert told in found.err


def test_without_any_weights_crisp_says_what_can_be_done(run: Run, small: Path, folder: Path) -> None:
    unreachable(settings_from(), CRISP, CRISP_STAND_IN)
    before = listing(folder)
    frame = ("frame", small, "--from", "0", "--to", "0.2", "-o", folder / "reel.mp4", "--look")
    told = assert_refused(run, "weights_missing", *frame, "crisp")
    for part in (f"The weights of {CRISP} are not on this machine.", "REEL_WEIGHTS_DIR", "--look natural"):
        assert part in told["message"]
    assert listing(folder) == before
    found = run("weights")
    assert found.code == 0
    assert found.out.splitlines()[0].startswith(f"natural: {OWN.name}, in this program")
    assert found.out.splitlines()[1] == "crisp: no weights"
    assert "--look natural" in found.err
    assert run("weights", "--json").last["crisp"] is None
    assert run(*frame, "natural").code == 0


def test_a_program_that_is_not_whole_says_so(
    run: Run, small: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte of our own weights is another: as a bad disk would leave it."""
    damaged = folder.parent / "natural"
    damaged.mkdir()
    body = bytearray((FOLDER / OWN.file.name).read_bytes())
    body[len(body) // 2] ^= 1
    (damaged / OWN.file.name).write_bytes(body)
    monkeypatch.setattr("gpu.own_weights.own_weights.__defaults__", (OWN, damaged))
    before = listing(folder)
    frame = ("frame", small, "--from", "0", "--to", "0.2", "-o", folder / "reel.mp4", "--look")
    told = assert_refused(run, "weights_mismatch", *frame, "natural")
    assert "a part of this program" in told["message"]
    assert listing(folder) == before
    assert run(*frame, "draft").code == 0


def test_missing_weights_keep_their_details(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    unreachable(settings, CRISP, CRISP_STAND_IN)
    with pytest.raises(WeightsMissing) as raised:
        upscalers(settings, pytest.fail, lambda: "cpu")("crisp", 2.0)
    assert raised.value.details["network"] == CRISP


# Odd pictures


def filmed(path: Path, size: Size, colour: tuple[int, int, int], frames: int) -> Path:
    """Film one colour."""
    with video_sink(path, Encoding(size, Fraction(25), crf=1)) as sink:
        for _ in range(frames):
            sink.write(planes_of(np.full((size.height, size.width, 3), colour, np.uint8)))
    return path


COLOURS = [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 0, 255), (0, 255, 0)]


@pytest.mark.parametrize("colour", COLOURS, ids=str)
def test_a_colour_stays_that_colour(run: Run, tmp_path: Path, colour: tuple[int, int, int]) -> None:
    game = filmed(tmp_path / "game.mp4", Size(128, 72), colour, 1)
    output = tmp_path / "frame.mp4"
    made = run("frame", game, "--from", "0", "--to", "0.04", "--look", "natural", "-o", output, "--json")
    assert made.code == 0, made
    assert (made.last["frames"], made.last["looks"]) == (1, ["natural"])
    (frame,) = all_frames(output)
    expected = planes_of(np.full((2, 2, 3), colour, np.uint8))
    for plane, level in zip(to_planes(frame, OUTPUT), expected, strict=True):
        assert abs(float(np.median(plane)) - float(level[0, 0])) <= 3


@pytest.mark.parametrize("size", [Size(8, 8), Size(16, 8), Size(18, 34)], ids=str)
def test_the_smallest_footage(run: Run, tmp_path: Path, size: Size) -> None:
    game = filmed(tmp_path / "game.mp4", size, (40, 90, 40), 3)
    frame = ("frame", game, "--from", "0", "--to", "0.12", "--aspect", "1:1", "--look", "natural")
    made = run(*frame, "-o", tmp_path / "frame.mp4", "--json")
    assert made.code == 0, made
    assert (made.last["frames"], made.last["looks"]) == (3, ["natural"])
    assert probe(tmp_path / "frame.mp4").displayed == Size(1080, 1080)


def test_footage_of_odd_sides(run: Run, tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (61, 85), dtype=np.uint8)
    game = painted(tmp_path / "game.mp4", [picture] * 2, "-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv444p")
    frame = ("frame", game, "--from", "0", "--to", "0.08", "--aspect", "16:9", "--look", "natural")
    made = run(*frame, "-o", tmp_path / "frame.mp4", "--json")
    assert (made.code, made.last["looks"]) == (0, ["natural"]), made
    assert [frame.width for frame in all_frames(tmp_path / "frame.mp4")] == [1920, 1920]
