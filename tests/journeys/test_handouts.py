"""From a game to what is handed out: a reel with spotlights, raw clips, the annotated game; every frame where it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media.open import open_footage
from media.synth import Match, beeps, read_counter, write
from reel.geometry import Size, Window
from reel.tsv import TsvRow, read_tsv_bytes
from tests.journeys.finished import HEARD_RATE, Picture, finished, heard, lumas
from tests.local.terminal import Run, listing

SIZE, RATE = Size(320, 180), 10
SQUARE = Window(0.5, 0.5, 180 / 320, 1.0)
ABOVE = Window(0.5, 50 / 180, 1.0, 100 / 180)  # what stands above a banner
HEADER = "start_time\trating\ttags\tclip_name\tclip_duration\tnotes\n"
ROWS = (
    "0:00.6\t4\tDribble\tPast two\t1\t\n",
    "0:02.5\t5\tGoal\t\t1.4\tTor: ¡qué golazo! 🎉\n",
    "0:04.4\t2\tPass\ta/b: c?\t1\t\n",
)


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds at ten frames a second in GOPs of a second, a flash and a beep every second."""
    path = tmp_path_factory.mktemp("game") / "saturday.mp4"
    write(Match(size=SIZE, rate=Fraction(RATE), duration_s=Fraction(6), players=8, gop_frames=10), path)
    return path


def listed(folder: Path, *rows: str) -> Path:
    path = folder / "clips.tsv"
    path.write_text(HEADER + "".join(rows))
    return path


def edited(folder: Path, **changes: Any) -> Path:
    """Write an edit of two clips, the second with a spotlight, a freeze-frame and a label, between two cards."""
    lit = {"in_pts": 3300, "out_pts": 4000, "keys": [{"pts": 3300, "x": 0.5, "y": 0.5}]}
    second = "01900000-0000-7000-8000-000000000002"
    clips = [
        {"time_base": [1, 1000], "in_pts": 600, "out_pts": 1600},
        {"time_base": [1, 1000], "in_pts": 2600, "out_pts": 4600, "id": second, "freeze_s": 0.3, "label": "Zoë"},
    ]
    clips[1]["spotlights"] = [lit]
    cards = [{"before": second, "duration_s": 0.5, "text": "Second half"}, {"duration_s": 0.5, "text": "Thank you"}]
    document = {"schema": 1, "aspect": "1:1", "title": "Cup final", "clips": clips, "cards": cards}
    path = folder / "edit.json"
    path.write_text(json.dumps(document | changes))
    return path


def counters(pictures: Sequence[Picture]) -> list[int | None]:
    return [read_counter(picture, SIZE, SQUARE) for picture in pictures]


PLAIN = [*range(6, 16)]
LIT = [*range(26, 33), 33, 33, 33, *range(33, 46)]


def assert_drawn(reel: Path) -> None:
    """Hold the reel of `edited` to what it has to show."""
    found = finished(reel)
    assert (found.frames, found.title) == (10 + 5 + 23 + 5, "Cup final")
    assert [(name, begin) for name, begin, _ in found.chapters] == [("Clip 1", 0), ("Zoë", 1)]
    pictures = list(lumas(reel))
    shown = counters(pictures)
    assert shown[:10] == PLAIN
    assert shown[15:38] == LIT
    corner = [float(np.median(picture[900:, :200])) for picture in pictures]
    assert all(corner[n] < 0.75 * corner[16] for n in range(22, 31)), "dimmed from the freeze-frame on"
    assert all(corner[n] == pytest.approx(corner[16], rel=0.1) for n in (15, 21, 34, 37))
    assert beeps(heard(reel), HEARD_RATE) == pytest.approx([0.4, 1.9, 3.2], abs=0.05)
    gap = heard(reel)[round(1.03 * HEARD_RATE) : round(1.47 * HEARD_RATE)]
    assert np.abs(gap).max() < 1e-3


def test_a_reel_draws_what_its_edit_has(run: Run, game: Path, tmp_path: Path) -> None:
    reel = tmp_path / "reel.mp4"
    made = run("reel", game, "--edit", edited(tmp_path), "--look", "draft", "-o", reel, "--json")
    assert made.code == 0, made
    assert (made.last["frames"], made.last["rendered_frames"]) == (43, 30)
    over = made.last["overlay"]
    assert (over["whole"], over["why"], over["outside"]) == (False, "", [])
    assert over["reencoded_frames"] + over["copied_frames"] == 43
    assert over["copied_frames"] >= 15
    assert_drawn(reel)
    told = run("reel", game, "--edit", edited(tmp_path), "--look", "draft", "-o", reel)
    assert (told.code, told.err) == (0, "")
    assert (
        f"overlay: {over['reencoded_frames']} frames encoded anew, {over['copied_frames']} copied as they" in told.out
    )


def test_drawn_later_it_is_the_same_reel(run: Run, game: Path, tmp_path: Path) -> None:
    """The framing alone, then the overlay on it: the same pictures, sound and chapters as in one go."""
    plain = json.loads(edited(tmp_path).read_text())
    for clip in plain["clips"]:
        clip.pop("spotlights", None)
        clip.pop("label", None)
    bare = tmp_path / "bare.json"
    bare.write_text(json.dumps(plain | {"cards": []}))
    framed = tmp_path / "framed.mp4"
    assert run("reel", game, "--edit", bare, "--look", "draft", "-o", framed).code == 0
    before = framed.read_bytes()

    reel = tmp_path / "reel.mp4"
    drawn = ("overlay", framed, "--game", game, "--edit", edited(tmp_path), "-o", reel)
    made = run(*drawn, "--json")
    assert made.code == 0, made
    fields = {"output", "frames", "reencoded_frames", "copied_frames", "whole", "why", "outside", "draft", "seconds"}
    assert set(made.last) == fields
    assert (made.last["frames"], made.last["whole"], made.last["draft"]) == (43, False, True)
    assert framed.read_bytes() == before
    assert finished(reel).comment == "Draft"

    at_once = tmp_path / "at once.mp4"
    assert run("reel", game, "--edit", edited(tmp_path), "--look", "draft", "-o", at_once).code == 0
    assert reel.read_bytes() == at_once.read_bytes()

    told = run(*drawn)
    shown, how = told.out.splitlines()
    assert shown.startswith(f"{reel}: 4.30 s, 1080×1080, ")
    assert shown.endswith(" MB")
    assert "frames encoded anew" in how


def test_one_span_handed_out(run: Run, game: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    made = run("extract", game, "--from", "0:00.7", "--to", "0:03.3", "-o", clip, "--json")
    assert made.code == 0, made
    (about,) = made.last["clips"]
    assert about | {"output": str(clip), "frames": 26, "whole": False, "why": ""} == about
    anew, copied = about["reencoded_frames"], about["copied_frames"]
    assert (anew + copied, copied >= 18) == (26, True)
    assert [read_counter(picture, SIZE) for picture in lumas(clip)] == [*range(7, 33)]
    assert beeps(heard(clip), HEARD_RATE) == pytest.approx([0.3, 1.3, 2.3], abs=0.05)
    told = run("extract", game, "--from", "0:00.7", "--to", "0:03.3", "-o", clip)
    assert told.out.startswith(f"{clip}: 2.60 s, ")
    assert told.out.endswith(f" MB, {anew} frames encoded anew, {copied} copied as they were\n")


def test_every_clip_of_a_list_handed_out(run: Run, game: Path, tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    made = run("extract", game, "--clips", listed(tmp_path, *ROWS), "-o", folder, "--json")
    assert made.code == 0, made
    names = ["1 Past two.mp4", "2 Tor ¡qué golazo! 🎉.mp4", "3 a b c.mp4"]
    assert [*listing(folder)] == names
    assert [each["output"] for each in made.last["clips"]] == [str(folder / name) for name in names]
    shown = [[read_counter(picture, SIZE) for picture in lumas(folder / name)] for name in names]
    assert shown == [[*range(6, 16)], [*range(25, 39)], [*range(44, 54)]]


def test_the_annotated_game(run: Run, game: Path, tmp_path: Path) -> None:
    output, beside = tmp_path / "annotated.mp4", tmp_path / "annotated.tsv"
    compiled = ("compile", game, "--clips", listed(tmp_path, *ROWS), "-o", output)
    made = run(*compiled, "--json")
    assert made.code == 0, made
    assert made.last | {"output": str(output), "clip_list": str(beside), "clips": 2, "frames": 24} == made.last
    found = finished(output)
    assert (found.size, found.title) == (SIZE, "saturday")
    assert [name for name, _, _ in found.chapters] == ["Past two", "Tor: ¡qué golazo! 🎉"]
    pictures = list(lumas(output))
    shown = [read_counter(picture[:100], SIZE, ABOVE) for picture in pictures]
    assert shown == [*range(6, 16), *range(25, 39)]
    assert beeps(heard(output), HEARD_RATE) == pytest.approx([0.4, 1.5], abs=0.05)
    assert read_tsv_bytes(beside.read_bytes()) == (
        TsvRow(Fraction(6, 10), Fraction(1), 4, ("Dribble",), "Past two"),
        TsvRow(Fraction(25, 10), Fraction(14, 10), 5, ("Goal",), "", "Tor: ¡qué golazo! 🎉"),
    )
    with open_footage(output) as container:
        assert len(container.streams) == 3  # pictures, sound, and the track that some players want for chapters

    again = run(*compiled, "--min-rating", "1", "--best-first", "--title", "All of it", "--json")
    assert (again.last["clips"], again.last["rendered_frames"], again.last["reused_frames"]) == (3, 10, 24)
    assert finished(output).title == "All of it"
    assert [row.rating for row in read_tsv_bytes(beside.read_bytes())] == [5, 4, 2]
    told = run(*compiled)
    assert f"2 clips; their list: {beside}\n0 frames rendered, 24 reused" in told.out


def test_nothing_is_left_lying_about(run: Run, game: Path, tmp_path: Path, data_dir: Path) -> None:
    assert run("extract", game, "--from", "1", "--to", "2", "-o", tmp_path / "clip.mp4").code == 0
    assert run("compile", game, "--clips", listed(tmp_path, *ROWS), "-o", tmp_path / "annotated.mp4").code == 0
    assert run("reel", game, "--edit", edited(tmp_path), "--look", "draft", "-o", tmp_path / "reel.mp4").code == 0
    kinds = {key.split("/")[1] for key in listing(data_dir / "cache/objects")}
    assert kinds <= {"games", "segments"} | {key for key in kinds if key.endswith(".json")}
    assert [*(data_dir / "cache/scratch").iterdir()] == []
