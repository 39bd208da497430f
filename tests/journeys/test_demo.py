"""The demo: the first thing that anybody runs."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gpu.device import best_device
from gpu.registry import OWN
from local.demo import CLIPS
from media.synth import Match, write
from reel.annotation import clip_name
from reel.geometry import Size
from tests.journeys.finished import finished
from tests.local.terminal import Run

pytestmark = pytest.mark.skipif(best_device() == "cuda", reason="with CUDA the demo fetches the weights of crisp")


UPSCALING = "Now the same upscaled, which takes longer; Ctrl-C keeps what is done\n"


def assert_before_and_after(path: Path) -> None:
    with Image.open(path) as picture:
        assert picture.size == (2 * 1080 + 8, 1920)
        pixels = np.asarray(picture.convert("L"), np.float32)
    before, after = pixels[:, :1080], pixels[:, 1088:]
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.95
    assert (before != after).any()


def test_the_demo_makes_a_reel_and_says_where_it_lies(run: Run, data_dir: Path) -> None:
    told = run("demo")
    assert told.code == 0, told
    draft, reel = data_dir / "demo/draft.mp4", data_dir / "demo/reel.mp4"
    picture = data_dir / "demo/before-after.png"
    drafted, quickly, made, timed, closing = told.out.splitlines()
    assert drafted == f"{draft}: 9.00 s, 1080×1920, draft"
    assert made == f"{reel}: 9.00 s, 1080×1920, natural by {OWN.name} (×4)"
    for line in (quickly, timed):
        assert re.fullmatch(r"225 frames rendered, 0 reused, [0-9.]+ s", line)
    assert closing == f"The reel is {reel}, one frame of it before and after upscaling {picture}."
    assert told.err == f"Filming the demo game\n{UPSCALING}"

    for path, comment in ((draft, "Draft"), (reel, "")):
        found = finished(path)
        assert (found.size, found.frames, found.title) == (Size(1080, 1920), 225, "Demo game")
        assert found.comment == comment
        assert [name for name, _, _ in found.chapters] == [clip_name(row.rating, row.tags, row.notes) for row in CLIPS]
    assert_before_and_after(picture)

    again = run("demo", "--json")
    assert again.code == 0
    assert set(again.last) == {"output", "draft", "before_after", "weights"}
    assert again.last["weights"]["name"] == OWN.name
    assert not (data_dir / "cache/weights").exists(), "nothing was fetched"
    assert [line["rendered_frames"] for line in again.lines if "rendered_frames" in line] == [0, 0]


def test_the_demo_of_a_game_of_one_s_own(run: Run, data_dir: Path, tmp_path: Path) -> None:
    game, clips = tmp_path / "mine.mp4", tmp_path / "mine.tsv"
    write(Match(size=Size(160, 284), rate=Fraction(5), duration_s=Fraction(3), players=4), game)
    clips.write_text("start_time\tclip_duration\tclip_name\n0:01\t1\tMine\n")
    told = run("demo", "--game", game, "--clips", clips)
    assert told.code == 0, told
    assert told.err == UPSCALING
    found = finished(data_dir / "demo/reel.mp4")
    assert (found.frames, found.title) == (5, "mine")
    assert [name for name, _, _ in found.chapters] == ["Mine"]
    assert_before_and_after(data_dir / "demo/before-after.png")
