"""Each command, in full: what it writes, what it says to a person and what to a machine."""

from __future__ import annotations

import json
import os
import re
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gpu.registry import CRISP_DETAIL, CRISP_SHARE, OWN
from media.open import open_footage
from media.probe import probe
from media.synth import Match, read_counter, write
from reel.geometry import Size, Window
from tests.local.terminal import Outcome, Run, assert_refused, listing

RESULT = {"output", "frames", "rendered_frames", "reused_frames", "draft", "looks", "weights", "overlay", "seconds"}
SHA256 = re.compile("[0-9a-f]{64}")
NARROW = Size(160, 284)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture so small that a network has little to do: 160×284, five frames a second."""
    path = tmp_path_factory.mktemp("narrow") / "narrow.mp4"
    write(Match(size=NARROW, rate=Fraction(5), duration_s=Fraction(3), players=6), path)
    return path


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture as large as the output: 1920×1080, two frames."""
    path = tmp_path_factory.mktemp("full") / "full.mp4"
    write(Match(size=Size(1920, 1080), rate=Fraction(2), duration_s=Fraction(1), players=4), path)
    return path


def three_frames(folder: Path) -> Path:
    """Write an edit of three frames of a longer source, under a crop that moves."""
    keys = [{"pts": 1000, "cx": 0.5, "cy": 0.45, "h": 0.9}, {"pts": 1600, "cx": 0.5, "cy": 0.55, "h": 0.9}]
    clip = {"time_base": [1, 1000], "in_pts": 1000, "out_pts": 1600, "crops": {"9:16": {"keys": keys}}}
    path = folder / "edit.json"
    path.write_text(json.dumps({"schema": 1, "clips": [clip]}))
    return path


def assert_made(made: Outcome, output: Path) -> None:
    """Hold what a program reads of a reel or a frame to its contract."""
    assert made.code == 0, made
    assert set(made.last) == RESULT
    assert made.last["output"] == str(output)
    assert made.last["rendered_frames"] + made.last["reused_frames"] == made.last["frames"]
    assert made.last["seconds"] >= 0
    assert all(set(line) == {"state", "phase", "done", "total", "fps", "eta_s"} for line in made.lines[:-1])
    assert [line["phase"] for line in made.lines[:-1] if line["phase"] == "joining"]


def test_three_frames_of_a_longer_source_as_a_draft(run: Run, narrow: Path, tmp_path: Path) -> None:
    output = tmp_path / "reel.mp4"
    reel = ("reel", narrow, "--edit", three_frames(tmp_path), "--look", "draft", "-o", output)
    made = run(*reel, "--json")
    assert_made(made, output)
    assert (made.last["frames"], made.last["draft"], made.last["looks"]) == (3, True, ["draft"])
    assert made.last["weights"] == []
    told = run(*reel)
    assert told.code == 0
    assert told.err == ""
    first, second = told.out.splitlines()
    assert first == f"{output}: 0.60 s, 1080×1920, draft"
    assert re.fullmatch(r"0 frames rendered, 3 reused, [0-9.]+ s", second)


def test_natural_comes_with_the_program(run: Run, narrow: Path, tmp_path: Path) -> None:
    """It asks for no weights, and nothing is fetched for it."""
    output = tmp_path / "reel.mp4"
    reel = ("reel", narrow, "--edit", three_frames(tmp_path), "--look", "natural", "-o", output)
    made = run(*reel, "--json")
    assert_made(made, output)
    assert (made.last["frames"], made.last["rendered_frames"], made.last["looks"]) == (3, 3, ["natural"])
    own = {"name": "reel-natural", "weights_sha256": OWN.file.sha256, "scale": 4, "blend": None, "detail": 0.0}
    assert (made.last["weights"], made.last["draft"]) == ([own], False)
    assert (probe(output).displayed, probe(output).rate) == (Size(1080, 1920), 5)
    again = run(*reel)
    assert (again.err, "natural by reel-natural (×4)\n0 frames rendered, 3 reused" in again.out) == ("", True)

    shown = ("preview", narrow, "--at", "1", "--crop", "0.5,0.45,0.9", "--look", "natural")
    told = run(*shown, "-o", tmp_path / "frame.png")
    by = "natural by reel-natural (×4), which makes 98 % of these pixels"
    assert told.out == f"{tmp_path}/frame.png: before and after, 7.5×: {by}\n"
    assert_before_and_after(tmp_path / "frame.png")
    assert not (tmp_path / "data/cache/weights").exists()


@pytest.mark.weights
def test_crisp_names_its_weights(
    run: Run, narrow: Path, tmp_path: Path, weights_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REEL_WEIGHTS_DIR", str(weights_dir))
    output = tmp_path / "reel.mp4"
    reel = ("reel", narrow, "--edit", three_frames(tmp_path), "--look", "crisp", "-o", output)
    made = run(*reel, "--json")
    assert_made(made, output)
    assert (made.last["frames"], made.last["rendered_frames"], made.last["looks"]) == (3, 3, ["crisp"])
    (weights,) = made.last["weights"]
    assert (weights["name"], weights["scale"], made.last["draft"]) == ("realesr-general-x4v3", 4, False)
    assert SHA256.fullmatch(weights["weights_sha256"])
    assert (weights["blend"]["name"], weights["blend"]["share"]) == ("realesr-general-wdn-x4v3", CRISP_SHARE)
    assert SHA256.fullmatch(weights["blend"]["weights_sha256"])
    assert weights["detail"] == CRISP_DETAIL
    found = probe(output)
    assert (found.displayed, found.rate) == (Size(1080, 1920), 5)

    again = run(*reel)
    by = "crisp by realesr-general-x4v3 with realesr-general-wdn-x4v3 (×4)"
    assert f"{by}\n0 frames rendered, 3 reused" in again.out

    # A preview is the finished frame itself: the same weights, and a picture that is not the draft's.
    shown = ("preview", narrow, "--at", "1", "--crop", "0.5,0.45,0.9", "--look", "crisp", "-o", tmp_path / "frame.png")
    told = run(*shown)
    assert told.out == f"{tmp_path}/frame.png: before and after, 7.5×: {by}, which makes 98 % of these pixels\n"
    assert_before_and_after(tmp_path / "frame.png")


def assert_before_and_after(path: Path) -> None:
    """Hold a preview of the frame at 1 s to what it has to show, twice: the second time it is another picture."""
    with Image.open(path) as picture:
        assert picture.size == (2 * 1080 + 8, 1920)
        pixels = np.asarray(picture.convert("L"), np.float32)
    before, after = pixels[:, :1080], pixels[:, 1088:]
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.95
    assert np.abs(before - after).mean() > 0.1
    window = Window(0.5, 0.45, 0.9 * 284 * 9 / 16 / 160, 0.9)
    assert read_counter(after, NARROW, window) == 5


def test_a_crop_of_the_output_s_size_needs_no_network(run: Run, full: Path, tmp_path: Path) -> None:
    output = tmp_path / "frame.mp4"
    made = run("frame", full, "--from", "0", "--to", "1", "--aspect", "16:9", "-o", output, "--json")
    assert_made(made, output)
    assert (made.last["frames"], made.last["looks"], made.last["weights"]) == (2, [], [])
    assert probe(output).displayed == Size(1920, 1080)
    told = run("frame", full, "--from", "0", "--to", "1", "--aspect", "16:9", "-o", output)
    assert ", no network needed\n" in told.out
    shown = run("preview", full, "--at", "0.9", "--aspect", "16:9", "-o", tmp_path / "frame.png", "--json")
    assert set(shown.last) == {"output", "pts", "enlargement", "look", "weights", "seconds"}
    assert (shown.last["look"], shown.last["weights"], shown.last["enlargement"]) == (None, None, 1.0)
    with Image.open(tmp_path / "frame.png") as picture:
        assert picture.size == (2 * 1920 + 8, 1080)
        assert read_counter(np.asarray(picture)[:, -1920:], Size(1920, 1080)) == 1
    assert list((tmp_path / "data/cache/objects").rglob("result.json")) == []


def test_frame_shows_the_span_and_the_crop(run: Run, game: Path, tmp_path: Path) -> None:
    output = tmp_path / "frame.mp4"
    placed = ("--crop", "0.4,0.5,0.8", "--aspect", "1:1", "--look", "draft", "-o", output)
    made = run("frame", game, "--from", "0:02", "--to", "0:03.2", *placed, "--json")
    assert_made(made, output)
    assert made.last["frames"] == 6
    assert probe(output).displayed == Size(1080, 1080)


NAMES = (b"r\xe9.mp4", b"a%d%04d.mp4", b"http:x.mp4", b"a\nb.mp4", b"[red]x.mp4", "ö 'ü\".mp4".encode(), b"game")


def test_a_game_of_any_name(run: Run, game: Path, tmp_path: Path) -> None:
    clips = tmp_path / "clips.tsv"
    clips.write_text("start_time\tclip_duration\n1\t1\n")
    for name in NAMES:
        own = tmp_path / os.fsdecode(name)
        shutil.copy(game, own)
        made = run("reel", own, "--clips", clips, "--look", "draft", "-o", tmp_path / "reel.mp4", "--json")
        assert made.code == 0, (name, made)
        assert title_of(tmp_path / "reel.mp4").isprintable()
    titled = ("--title", "Für\nOma \udcff" + "!" * 200, "--look", "draft", "-o", tmp_path / "reel.mp4")
    assert run("reel", game, "--clips", clips, *titled).code == 0
    assert title_of(tmp_path / "reel.mp4") == "Für Oma"


def title_of(path: Path) -> str:
    with open_footage(path) as container:
        return container.metadata["title"]


def test_probe(run: Run, game: Path) -> None:
    told = run("probe", game)
    assert told.out == f"{game}: 192×108, 5 frames/s, 8.00 s, h264 sdr, aac 48 kHz stereo\n"
    found = run("probe", game, "--json")
    assert len(found.lines) == 1
    assert found.last["displayed"] == [192, 108]
    assert found.last["rate"] == [5, 1]
    assert found.last["sound"] == {"codec": "aac", "sample_rate": 48000, "channels": 2}
    assert found.last["size_bytes"] == game.stat().st_size


def test_weights_of_a_wrong_digest(run: Run, narrow: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = folder.parent / "weights"
    wrong.mkdir()
    (wrong / "realesr-general-x4v3.bin").write_bytes(b"not these")
    (wrong / "realesr-general-x4v3.param").write_bytes(b"nor these")
    monkeypatch.setenv("REEL_WEIGHTS_DIR", str(wrong))
    before = listing(folder)
    frame = ("frame", narrow, "--from", "0", "--to", "1", "-o", folder / "reel.mp4", "--look")
    told = assert_refused(run, "weights_mismatch", *frame, "crisp")
    assert "realesr-general-x4v3" in told["message"]
    preview = ("preview", narrow, "--at", "0", "-o", folder / "reel.mp4", "--look")
    assert_refused(run, "weights_mismatch", *preview, "crisp")
    assert_refused(run, "weights_mismatch", "weights")
    assert listing(folder) == before
    for look in ("draft", "natural"):  # which ask for none
        assert run(*frame, look).code == 0


def test_synth_writes_the_truth_beside_it(run: Run, tmp_path: Path) -> None:
    match = ("synth", "--size", "192x108", "--rate", "30000/1001", "--duration", "1", "--rotation", "90")
    made = run(*match, "--seed", "7", "--silent", "-o", tmp_path / "match.mov", "--json")
    assert made.code == 0
    assert made.last == {
        "output": f"{tmp_path}/match.mov",
        "truth": f"{tmp_path}/match.truth.json",
        "frames": 29,
    }
    found = probe(tmp_path / "match.mov")
    assert (found.displayed, found.rate, found.sound) == (Size(192, 108), Fraction(30000, 1001), None)
    truth = json.loads((tmp_path / "match.truth.json").read_text())
    assert (truth["size"], len(truth["frames"])) == ([192, 108], 29)
    assert set(listing(tmp_path)) == {"match.mov", "match.truth.json"}
    told = run(*match, "-o", tmp_path / "match.mov")
    assert told.out == f"{tmp_path}/match.mov: 29 frames; what is true of them: {tmp_path}/match.truth.json\n"


def test_the_home_keeps_segments_and_no_litter(run: Run, game: Path, clips: Path, tmp_path: Path) -> None:
    assert run("reel", game, "--clips", clips, "--look", "draft", "-o", tmp_path / "reel.mp4").code == 0
    assert run("reel", game, "--clips", clips, "--look", "draft", "-o", tmp_path / "reel.mp4").code == 0
    objects = listing(tmp_path / "data/cache/objects")
    assert {re.sub("[0-9a-f-]{36,64}", "#", key) for key in objects} == {
        "_known/#.json",
        "dev-local/games/#/#/original.mp4",
        "dev-local/segments/#.mp4",
    }
    assert list((tmp_path / "data/cache/scratch").iterdir()) == []
    left = tmp_path / "data/cache/scratch/left-by-a-killed-one"
    shutil.copytree(tmp_path / "data/cache/objects/_known", left)
    assert run("reel", game, "--clips", clips, "--look", "draft", "-o", tmp_path / "reel.mp4").code == 0
    assert left.exists()  # another process may be at work in it
