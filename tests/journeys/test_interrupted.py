"""A reel that is stopped, by Ctrl-C or by a kill: nothing half-written, and the next run goes on from there."""

from __future__ import annotations

import json
import random
import signal
import subprocess
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from media.synth import Match, write
from reel.geometry import Size
from tests.house.source import CHECKOUT
from tests.local.terminal import CANCELLED, Run, command, in_a_process, in_process, listing, settings

CLIPS = "start_time\tclip_duration\n0:01\t3\n0:05\t3\n0:09\t3\n"
FRAMES = 45
KILLS = 10


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("game") / "game.mp4"
    write(Match(size=Size(192, 108), rate=Fraction(5), duration_s=Fraction(12), players=6), path)
    path.with_suffix(".tsv").write_text(CLIPS)
    return path


def reel(game: Path, output: Path, aspect: str = "1:1") -> tuple[object, ...]:
    """Return the arguments of a draft of 45 frames in about ten segments."""
    return "reel", game, "--clips", game.with_suffix(".tsv"), "--aspect", aspect, "--look", "draft", "-o", output


@contextmanager
def started(data_dir: Path, *arguments: object, **more: str) -> Generator[subprocess.Popen[str]]:
    # A test run in the background ignores Ctrl-C, and so would what it starts: a handler here is the default there.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            command(*arguments),
            cwd=CHECKOUT,
            env=settings(data_dir, **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        try:
            yield process
        finally:
            process.kill()  # one that should have ended, and did not, must not hold the tests up


def listen(process: subprocess.Popen[str], enough: Callable[[int, dict[str, Any]], bool]) -> None:
    """Read what a process says until it is enough: (number of the line, what it says)."""
    assert process.stdout
    for number, line in enumerate(process.stdout):
        if enough(number, json.loads(line)):
            return


def test_ctrl_c_stops_and_the_next_run_goes_on(game: Path, folder: Path, tmp_path: Path) -> None:
    before = listing(folder)
    tall = (*reel(game, folder / "reel.mp4", "9:16"), "--json")
    with started(tmp_path / "data", *tall) as process:
        listen(process, lambda _, said: said["phase"] == "rendering" and 4 <= said["done"] < FRAMES)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == CANCELLED
    assert json.loads(out.splitlines()[-1])["code"] == "cancelled"
    assert "Traceback" not in err
    assert listing(folder) == before
    assert list((tmp_path / "data/cache/scratch").iterdir()) == []

    went_on = in_a_process(tmp_path / "data", *tall)
    assert went_on.code == 0
    assert went_on.last["reused_frames"] >= 3
    assert went_on.last["frames"] == FRAMES


def test_ctrl_c_says_one_sentence_to_a_person(game: Path, tmp_path: Path) -> None:
    segments = tmp_path / "data/cache/objects/dev-local/segments"
    with started(tmp_path / "data", *reel(game, tmp_path / "reel.mp4")) as process:
        while process.poll() is None and not segments.is_dir():
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (CANCELLED, "")
    assert err == "Stopped. What was rendered is kept: the next run goes on from there.\n"


@pytest.mark.footage
@pytest.mark.weights
def test_ctrl_c_does_not_wait_for_the_network(
    footage_dir: Path, weights_dir: Path, folder: Path, tmp_path: Path
) -> None:
    before = listing(folder)
    match = footage_dir / "09_derived_match_1080p25_70s_audio.mp4"
    crisp = ("frame", match, "--from", "3", "--to", "5", "--look", "crisp", "-o", folder / "reel.mp4", "--json")
    with started(tmp_path / "data", *crisp, REEL_WEIGHTS_DIR=str(weights_dir)) as process:
        listen(process, lambda _, said: said["phase"] == "rendering")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == CANCELLED
    *said, last = map(json.loads, out.splitlines())
    assert last["code"] == "cancelled"
    assert all(one["done"] == 0 for one in said)  # a picture of this size takes the network seconds: none was finished
    assert listing(folder) == before
    assert list((tmp_path / "data/cache/scratch").iterdir()) == []


def test_ctrl_c_leaves_no_half_of_a_synthesised_match(folder: Path, tmp_path: Path) -> None:
    before = listing(folder)
    with started(tmp_path / "data", "synth", "--duration", "30", "-o", folder / "match.mp4") as process:
        while process.poll() is None and listing(folder) == before:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (CANCELLED, "", "Cancelled.\n")
    assert listing(folder) == before


def test_killed_at_ten_moments_it_ends_with_the_same_bytes(
    game: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    undisturbed: Run = in_process(tmp_path / "calm", monkeypatch, capsys)
    assert undisturbed(*reel(game, tmp_path / "calm.mp4")).code == 0
    calm = (tmp_path / "calm.mp4").read_bytes()

    output, moments = tmp_path / "reel.mp4", random.Random(2)
    lines = [moments.randrange(1, 4) for _ in range(KILLS - 2)]  # which it is let to say, at two a second
    for last in (*lines, None, None):  # and twice while it puts the reel together
        with started(tmp_path / "data", *reel(game, output), "--json") as process:
            listen(process, lambda number, said, last=last: number == last or said.get("phase") == "joining")
            process.kill()
        assert not output.exists() or output.read_bytes() == calm
    finished = in_a_process(tmp_path / "data", *reel(game, output), "--json")
    assert finished.code == 0
    assert finished.last["reused_frames"] > 0
    assert output.read_bytes() == calm


def test_two_at_once_do_not_disturb_each_other(game: Path, tmp_path: Path) -> None:
    outputs = [tmp_path / "one.mp4", tmp_path / "two.mp4"]
    with ExitStack() as both:
        running = [both.enter_context(started(tmp_path / "data", *reel(game, output), "--json")) for output in outputs]
        said = [process.communicate(timeout=120)[0] for process in running]
    assert [json.loads(text.splitlines()[-1])["frames"] for text in said] == [FRAMES, FRAMES]
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
