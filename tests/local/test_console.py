"""What is seen in a terminal, by a program, and through a pipe that nobody reads."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import CHECKOUT
from tests.local.terminal import Run, command, in_a_process, settings

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def shown(data_dir: Path, *arguments: object) -> tuple[int, str]:
    """Run a command in a terminal of 100 columns; return its code and all that was sent to the terminal."""
    terminal, end = pty.openpty()
    environment = settings(data_dir, TERM="xterm-256color", COLUMNS="100", LINES="30")
    process = subprocess.Popen(command(*arguments), cwd=CHECKOUT, env=environment, stdin=end, stdout=end, stderr=end)
    os.close(end)
    sent = b""
    try:
        while block := os.read(terminal, 4096):
            sent += block
    except OSError:  # Linux's way to say that the other end is closed
        pass
    finally:
        os.close(terminal)
    return process.wait(), sent.decode()


def test_a_person_sees_a_bar_and_then_a_sentence(game: Path, clips: Path, tmp_path: Path) -> None:
    output = tmp_path / "reel.mp4"
    code, sent = shown(tmp_path / "data", "reel", game, "--clips", clips, "--look", "draft", "-o", output)
    assert code == 0
    seen = CONTROL.sub("", sent)
    for passing in ("Looking over game.mp4", "Planning", "Rendering", "0 of 15 frames", "Putting it together"):
        assert passing in seen
    rest = sent[sent.rindex("\x1b[2K") :]  # what stays, after the bar's line was wiped
    assert re.fullmatch(
        rf"{output}: 3\.00 s, 1080×1920, draft\n15 frames rendered, 0 reused, [0-9.]+ s\n",
        CONTROL.sub("", rest).replace("\r", ""),
    )
    assert sent.count("\x1b[?25l") == sent.count("\x1b[?25h")  # the cursor is back


def test_a_person_sees_an_error_in_one_line(game: Path, clips: Path, tmp_path: Path) -> None:
    code, sent = shown(tmp_path / "data", "reel", clips, "--clips", clips, "-o", tmp_path / "reel.mp4")
    assert code == 2
    rest = CONTROL.sub("", sent[sent.rindex("\x1b[2K") :]).replace("\r", "")
    assert rest == "This is a text file, not a video.\n"


def test_the_truth_about_spotlights_is_on_stderr(run: Run, game: Path, tmp_path: Path) -> None:
    """One is in the crop, the other's player never is."""
    spotlights = [
        {"in_pts": a, "out_pts": a + 500, "keys": [{"pts": a, "x": x, "y": 0.5}]} for a, x in ((1000, 0.5), (1500, 0.1))
    ]
    clip = {"time_base": [1, 1000], "in_pts": 1000, "out_pts": 2000, "spotlights": spotlights, "label": "Ada"}
    edit = tmp_path / "edit.json"
    edit.write_text(json.dumps({"schema": 1, "clips": [clip]}))
    reel = ("reel", game, "--edit", edit, "--look", "draft", "-o", tmp_path / "reel.mp4")
    told = run(*reel)
    assert told.code == 0
    assert told.err == "1 spotlight is in no frame of this reel: its player is outside the crop.\n"
    assert "1 spotlight is in no frame" in run(*reel, "--json").err


def test_nobody_reads_to_the_end(game: Path, clips: Path, tmp_path: Path) -> None:
    output = tmp_path / "reel.mp4"
    argv = command("reel", game, "--clips", clips, "--look", "draft", "--json", "-o", output)
    with subprocess.Popen(
        argv, cwd=CHECKOUT, env=settings(tmp_path / "data"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read().decode()
    assert process.returncode == 0, said
    assert "Error" not in said
    assert output.stat().st_size > 0


@pytest.mark.skipif(sys.platform == "darwin", reason="file names are text on macOS")
def test_names_in_no_encoding_and_terminals_without_unicode(game: Path, clips: Path, tmp_path: Path) -> None:
    output = Path(os.fsdecode(os.fsencode(tmp_path) + b"/r\xe9el.mp4"))
    reel = ("reel", game, "--clips", clips, "--look", "draft", "-o", output)
    told = in_a_process(tmp_path / "data", *reel, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert told.code == 0, told.err
    assert "r\\udce9el.mp4: 3.00 s, 1080\\xd71920, draft" in told.out
    made = in_a_process(tmp_path / "data", *reel, "--json")
    assert made.code == 0, made.err
    assert made.last["output"] == str(output)
    assert output.exists()
