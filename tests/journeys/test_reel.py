"""From a game and a list of clips to a reel, and from an edit: every frame where it should be, and none made twice."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gpu.registry import OWN
from media.synth import BEEP_S, Match, beeps, is_flash, read_counter, write
from reel.geometry import OUTPUT_SIZES, Aspect, Size, Window
from tests.journeys.finished import HEARD_RATE, Finished, finished, heard, lumas
from tests.local.terminal import Run
from tests.media.footage import remuxed

SIZE, RATE = Size(320, 180), 10
HEADER = "start_time\trating\ttags\tclip_name\tclip_duration\tnotes\n"
ROWS = ("0:00.6\t4\tDribble\tPast two\t1\t\n", "0:02.5\t5\tGoal\t\t1.4\tTor für «Rot»\n", "0:04.4\t2\tPass\t\t1\t\n")
NAMES = ("Past two", "Tor für «Rot»", "Technical Lapse Pass")
COUNTERS = (range(6, 16), range(25, 39), range(44, 54))
TALL = Window(0.5, 0.5, 180 * 9 / 16 / 320, 1.0)


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of a match at ten frames a second, a flash and a beep every second, by a camera that tells tales."""
    folder = tmp_path_factory.mktemp("game")
    write(Match(size=SIZE, rate=Fraction(RATE), duration_s=Fraction(6), players=8), folder / "plain.mp4")
    told = (
        "location=+48.1351+011.5820/",
        "com.apple.quicktime.model=Secret Phone",
        "creation_time=2024-01-01T10:00:00Z",
    )
    options = (*chain.from_iterable(("-metadata", tag) for tag in told), "-metadata:s:v", "handler_name=Secret Phone")
    path = remuxed(folder / "plain.mp4", folder / "saturday.mp4", *options, "-movflags", "use_metadata_tags")
    assert b"Secret Phone" in path.read_bytes()
    return path


def listed(folder: Path, *rows: str) -> Path:
    path = folder / "clips.tsv"
    path.write_text(HEADER + "".join(rows))
    return path


def counters(path: Path, window: Window = TALL) -> list[int | None]:
    """Return the number burnt into the source frame that each output frame shows."""
    return [read_counter(picture, SIZE, window) for picture in lumas(path)]


def flashes(path: Path) -> list[int]:
    """Return the numbers of the output's white frames, each of which comes with a beep."""
    return [number for number, picture in enumerate(lumas(path)) if is_flash(picture)]


def names(reel: Finished) -> list[str]:
    return [name for name, _, _ in reel.chapters]


def test_a_draft_of_three_clips(run: Run, game: Path, tmp_path: Path) -> None:
    output = tmp_path / "reel.mp4"
    made = run("reel", game, "--clips", listed(tmp_path, *ROWS), "--look", "draft", "-o", output, "--json")
    assert made.code == 0, made
    assert (made.last["frames"], made.last["rendered_frames"], made.last["draft"]) == (34, 34, True)

    reel = finished(output)
    assert (reel.size, reel.rate, reel.frames) == (Size(1080, 1920), RATE, 34)
    assert (reel.title, reel.comment) == ("saturday", "Draft")
    tenth = Fraction(1, 10)
    starts = (0, 10 * tenth, 24 * tenth, 34 * tenth)
    assert reel.chapters == tuple(zip(NAMES, starts[:-1], starts[1:], strict=True))
    assert counters(output) == [*chain(*COUNTERS)]
    body = output.read_bytes()
    assert b"Secret" not in body
    assert b"48.13" not in body

    assert flashes(output) == [4, 15, 30]
    assert beeps(heard(output), HEARD_RATE) == pytest.approx([0.4, 1.5, 3.0], abs=0.01)


def test_nothing_is_rendered_twice(run: Run, game: Path, tmp_path: Path) -> None:
    reel = ("reel", game, "--look", "draft", "--json", "-o", tmp_path / "reel.mp4", "--clips")
    run(*reel, listed(tmp_path, *ROWS))
    first = (tmp_path / "reel.mp4").read_bytes()
    again = run(*reel, listed(tmp_path, *ROWS))
    assert (again.last["rendered_frames"], again.last["reused_frames"]) == (0, 34)
    assert (tmp_path / "reel.mp4").read_bytes() == first

    changed = ROWS[1].replace("0:02.5", "0:03.6")
    moved = run(*reel, listed(tmp_path, ROWS[0], changed, ROWS[2]))
    assert (moved.last["rendered_frames"], moved.last["reused_frames"]) == (14, 20)
    assert counters(tmp_path / "reel.mp4") == [*COUNTERS[0], *range(36, 50), *COUNTERS[2]]

    renamed = run(*reel, listed(tmp_path, ROWS[2], ROWS[0].replace("Past two", "Another name")))
    assert renamed.last["rendered_frames"] == 0
    assert names(finished(tmp_path / "reel.mp4")) == [NAMES[2], "Another name"]


def test_which_clips_in_which_order_under_which_title(run: Run, game: Path, tmp_path: Path) -> None:
    reel = ("reel", game, "--clips", listed(tmp_path, *ROWS), "--look", "draft", "-o", tmp_path / "reel.mp4")
    assert run(*reel, "--min-rating", "4").code == 0
    assert names(finished(tmp_path / "reel.mp4")) == [NAMES[0], NAMES[1]]
    assert run(*reel, "--best-first", "--title", "Für Oma").code == 0
    found = finished(tmp_path / "reel.mp4")
    assert (found.title, names(found)) == ("Für Oma", [NAMES[1], NAMES[0], NAMES[2]])
    assert counters(tmp_path / "reel.mp4") == [*COUNTERS[1], *COUNTERS[0], *COUNTERS[2]]


WINDOWS: dict[Aspect, Window] = {
    "9:16": TALL,
    "16:9": Window(0.5, 0.5, 1.0, 1.0),
    "1:1": Window(0.5, 0.5, 180 / 320, 1.0),
    "4:5": Window(0.5, 0.5, 180 * 4 / 5 / 320, 1.0),
}


@pytest.mark.parametrize("aspect", WINDOWS)
def test_every_shape(run: Run, game: Path, tmp_path: Path, aspect: Aspect) -> None:
    shaped = ("--aspect", aspect, "--look", "draft", "-o", tmp_path / "reel.mp4")
    assert run("reel", game, "--clips", listed(tmp_path, ROWS[0]), *shaped).code == 0
    assert finished(tmp_path / "reel.mp4").size == OUTPUT_SIZES[aspect]
    assert counters(tmp_path / "reel.mp4", WINDOWS[aspect]) == [*COUNTERS[0]]


def edited(folder: Path, *clips: dict[str, Any], **more: Any) -> Path:
    path = folder / "edit.json"
    path.write_text(json.dumps({"schema": 1, "clips": clips} | more))
    return path


def test_an_edit_as_the_editor_saves_it(run: Run, game: Path, tmp_path: Path) -> None:
    source = "01900000-0000-7000-8000-000000000001"
    ours = {"time_base": [1, 90_000], "source_id": source}
    window = Window(0.3, 0.45, 0.8 * 180 / 320, 0.8)
    placed = {"1:1": {"keys": [{"pts": 0, "cx": window.cx, "cy": window.cy, "h": window.h}]}}
    document = edited(
        tmp_path,
        {**ours, "in_pts": 54_000, "out_pts": 144_000, "crops": placed, "label": "Ada"},
        {
            **ours,
            "in_pts": 225_000,
            "out_pts": 315_000,
            "speeds": [{"in_pts": 225_000, "out_pts": 270_000, "rate": [1, 2]}],
        },
        {**ours, "in_pts": 396_000, "out_pts": 486_000, "transition_in": "dissolve", "audio": False},
        aspect="1:1",
        title="Cup final",
    )
    output = tmp_path / "reel.mp4"
    made = run("reel", game, "--edit", document, "--look", "draft", "-o", output, "--json")
    assert made.code == 0, made
    reel = finished(output)
    assert (reel.size, reel.title, reel.frames) == (Size(1080, 1080), "Cup final", 10 + 15 + 10 - 5)
    tenth = Fraction(1, 10)
    assert [(name, begin) for name, begin, _ in reel.chapters] == [
        ("Ada", 0),
        ("Clip 2", 10 * tenth),
        ("Clip 3", 22 * tenth),
    ]
    pictures = list(lumas(output))
    shown = [read_counter(picture, SIZE, window) for picture in pictures[:10]]
    assert shown == [*range(6, 16)]
    square = WINDOWS["1:1"]
    slow = [read_counter(picture, SIZE, square) for picture in pictures[10:20]]
    assert slow == [25, 25, 26, 26, 27, 27, 28, 28, 29, 29]
    assert [read_counter(picture, SIZE, square) for picture in pictures[25:]] == [*range(49, 54)]
    assert (
        np.abs(heard(output)[round(2.55 * HEARD_RATE) :]).max() < 0.001
    )  # the last clip is mute, but for the dissolve

    wide = run("reel", game, "--edit", document, "--aspect", "16:9", "--look", "draft", "-o", output, "--title", "Wide")
    assert wide.code == 0
    assert (finished(output).size, finished(output).title) == (Size(1920, 1080), "Wide")
    assert counters(output, WINDOWS["16:9"])[:10] == [*range(6, 16)]  # a shape that was not framed: the default crop


def test_a_slow_reel_stays_in_sync(run: Run, game: Path, tmp_path: Path) -> None:
    document = edited(
        tmp_path,
        {
            "time_base": [1, 1000],
            "in_pts": 600,
            "out_pts": 3400,
            "speeds": [
                {"in_pts": 600, "out_pts": 1600, "rate": [1, 2]},
                {"in_pts": 2400, "out_pts": 3400, "rate": [2, 1]},
            ],
        },
    )
    output = tmp_path / "reel.mp4"
    assert run("reel", game, "--edit", document, "--look", "draft", "-o", output).code == 0
    assert finished(output).frames == 20 + 8 + 5
    assert flashes(output) == [8, 9, 24, 31]
    heard_s = beeps(heard(output), HEARD_RATE)
    assert heard_s == pytest.approx([0.8, 2.4, 3.1], abs=BEEP_S / 2)


def test_a_reel_in_the_natural_look(run: Run, game: Path, tmp_path: Path) -> None:
    """The same moments as in the draft, with nothing fetched and no mark; and nothing is rendered twice."""
    output = tmp_path / "reel.mp4"
    document = edited(tmp_path, {"time_base": [1, 1000], "in_pts": 600, "out_pts": 1600, "look": "natural"})
    made = run("reel", game, "--edit", document, "--look", "crisp", "-o", output, "--json")
    assert made.code == 0, made
    assert (made.last["looks"], made.last["weights"][0]["name"]) == (["natural"], OWN.name)
    found = finished(output)
    assert (found.size, found.frames, found.comment) == (Size(1080, 1920), 10, "")
    assert counters(output) == [*COUNTERS[0]]
    first = output.read_bytes()
    again = run("reel", game, "--edit", document, "--look", "crisp", "-o", output, "--json")
    assert (again.last["rendered_frames"], output.read_bytes()) == (0, first)
