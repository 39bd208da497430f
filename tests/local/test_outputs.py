"""Where a command cannot write, what it does when the disk is full, and what it says when an option is wrong."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.source import CHECKOUT
from tests.local.terminal import Outcome, Run, assert_refused, command, in_a_process, listing, settings

DRAFT = ("--look", "draft", "-o")


def test_an_output_that_cannot_be(run: Run, game: Path, clips: Path, folder: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    before = listing(tmp_path)
    reel = ("reel", game, "--clips", clips, *DRAFT)
    for place in (
        folder / "missing" / "reel.mp4",
        folder / "reel.mp4" / "reel.mp4",
        folder,
        tmp_path / "pipe.mp4",
        folder / f"{'a' * 300}.mp4",
        Path("/proc/reel.mp4"),  # a folder in which nobody may write
    ):
        assert_refused(run, "output_unwritable", *reel, place)
        if place.suffix == ".mp4":
            assert_refused(run, "output_unwritable", "synth", "--duration", "1", "-o", place)
    assert listing(tmp_path) == before


def test_an_output_that_is_the_input(run: Run, game: Path, clips: Path, folder: Path, tmp_path: Path) -> None:
    own = shutil.copy(game, tmp_path / "own.mp4")
    (tmp_path / "link.mp4").symlink_to(own)
    os.link(own, tmp_path / "hard.mp4")
    edit = tmp_path / "edit.json"
    edit.write_text('{"schema": 1, "clips": [{"time_base": [1, 1000], "in_pts": 0, "out_pts": 1000}]}')
    before = listing(tmp_path)
    for place in (own, tmp_path / "link.mp4", tmp_path / "hard.mp4", clips):
        assert_refused(run, "output_unwritable", "reel", own, "--clips", clips, *DRAFT, place)
    assert_refused(run, "output_unwritable", "reel", own, "--edit", edit, *DRAFT, edit)
    assert_refused(run, "output_unwritable", "frame", own, "--from", "0", "--to", "1", *DRAFT, own)
    assert_refused(run, "output_unwritable", "preview", own, "--at", "0", "-o", own)
    assert listing(tmp_path) == before


def test_a_home_that_cannot_be_written(run: Run, game: Path, clips: Path, folder: Path, tmp_path: Path) -> None:
    before = listing(folder)
    (tmp_path / "data").write_text("a file where the folder should be")
    told = assert_refused(run, "store_unavailable", "reel", game, "--clips", clips, *DRAFT, folder / "reel.mp4")
    assert str(tmp_path / "data") in told["message"]
    assert_refused(run, "store_unavailable", "demo")
    assert listing(folder) == before


def on_a_small_disk(kilobytes: int, data_dir: Path, *arguments: object) -> Outcome:
    """Run a command that can write no file larger than this: what a full disk says, but for the number."""
    argv = ["sh", "-c", f"ulimit -f {kilobytes * 2} && exec {shlex.join(command(*arguments))}"]
    ended = subprocess.run(argv, cwd=CHECKOUT, env=settings(data_dir), capture_output=True, text=True, check=False)
    return Outcome(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.parametrize("kilobytes", [0, 40])
def test_the_disk_of_the_home_is_full(game: Path, clips: Path, folder: Path, tmp_path: Path, kilobytes: int) -> None:
    before = listing(folder)
    for more in ((), ("--json",)):
        reel = ("reel", game, "--clips", clips, *DRAFT, folder / "reel.mp4", *more)
        told = on_a_small_disk(kilobytes, tmp_path / "data", *reel)
        assert told.code == 2, told
        assert "Traceback" not in told.err
        if more:
            assert told.last["code"] == "storage_full"
        else:
            assert (told.out, told.err) == ("", "The disk is full.\n")
    assert listing(folder) == before
    assert list((tmp_path / "data/cache/scratch").iterdir()) == []
    assert list((tmp_path / "data/cache/objects").rglob(".incoming/*")) == []


REFUSED = 77
IN_A_SMALL_FOLDER = f"""
mount -t tmpfs -o size=40k tmpfs {{folder}} || exit {REFUSED}
echo older >{{folder}}/reel.mp4
{{command}} >{{said}}.out 2>{{said}}.err
echo $? >{{said}}.code
cp -r {{folder}}/. {{said}}.left
"""


def test_the_disk_of_the_output_is_full(run: Run, game: Path, clips: Path, folder: Path, tmp_path: Path) -> None:
    assert run("reel", game, "--clips", clips, *DRAFT, folder / "reel.mp4").code == 0
    said = tmp_path / "said"
    reel = command("reel", game, "--clips", clips, "--json", *DRAFT, folder / "reel.mp4")
    script = IN_A_SMALL_FOLDER.format(folder=shlex.quote(str(folder)), command=shlex.join(reel), said=said)
    namespace = shutil.which("unshare")
    if namespace is None:
        pytest.skip("there is no unshare, which gives a process a disk of its own")
    ended = subprocess.run(
        [namespace, "--user", "--map-root-user", "--mount", "sh", "-c", script],
        cwd=CHECKOUT,
        env=settings(tmp_path / "data"),
        capture_output=True,
        check=False,
    )
    if ended.returncode == REFUSED or ended.stderr.startswith(b"unshare:"):
        pytest.skip("this machine lets nobody mount a small disk")
    assert ended.returncode == 0, ended.stderr
    outcome = Outcome(int(Path(f"{said}.code").read_text()), Path(f"{said}.out").read_text(), "")
    assert outcome.code == 2, outcome
    assert outcome.last["code"] == "storage_full"
    assert listing(Path(f"{said}.left")) == {"reel.mp4": b"older\n"}


def test_synthesised_footage_on_a_full_disk(folder: Path, tmp_path: Path) -> None:
    before = listing(folder)
    told = on_a_small_disk(
        40, tmp_path / "data", "synth", "--size", "320x180", "--duration", "2", "-o", folder / "a.mp4"
    )
    assert told.code != 0
    assert len(told.err.splitlines()) == 1, told
    assert listing(folder) == before


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("juggle",),
        ("reel",),
        ("reel", "game.mp4", "-o", "reel.mp4"),
        ("reel", "game.mp4", "--clips", "a", "--edit", "b", "-o", "reel.mp4"),
        ("reel", "game.mp4", "--clips", "a"),
        ("reel", "game.mp4", "--clips", "a", "-o", "reel.mp4", "--look", "smooth"),
        ("preview", "game.mp4", "--at", "1", "-o", "frame.png", "--look", "draft"),
        ("reel", "game.mp4", "--clips", "a", "-o", "reel.mp4", "--aspect", "3:2"),
        ("reel", "game.mp4", "--clips", "a", "-o", "reel.mp4", "--min-rating", "6"),
        ("reel", "game.mp4", "--clips", "a", "-o", "reel.mp4", "--min-rating", "good"),
        ("reel", "game.mp4", "--clips", "a", "-o", "reel.mp4", "--bogus"),
        ("reel", "game.mp4", "--clip", "a", "-o", "reel.mp4"),  # no abbreviations: they break when options are added
        ("reel", "game.mp4", "more.mp4", "--clips", "a", "-o", "reel.mp4"),
        ("frame", "game.mp4", "--from", "0", "-o", "reel.mp4"),
        ("synth", "--size", "33x35", "-o", "a.mp4"),
        ("synth", "--size", "0x0", "-o", "a.mp4"),
        ("synth", "--size", "99999x99999", "-o", "a.mp4"),
        ("synth", "--rate", "0", "-o", "a.mp4"),
        ("synth", "--rate", "1/0", "-o", "a.mp4"),
        ("synth", "--rate", "1e999999999", "-o", "a.mp4"),
        ("synth", "--duration", "nan", "-o", "a.mp4"),
        ("synth", "--seed", "-1", "-o", "a.mp4"),
        ("synth", "-o", "a.avi"),
        ("synth", "-o", "a"),
    ],
)
def test_wrong_options(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    monkeypatch.chdir(tmp_path)
    assert_refused(run, "bad_input", *arguments)
    assert listing(tmp_path) == {}


def test_demo_wants_both_or_none(run: Run, game: Path, clips: Path) -> None:
    assert_refused(run, "bad_field", "demo", "--game", game)
    assert_refused(run, "bad_field", "demo", "--clips", clips)


def test_a_process_ends_with_the_code(tmp_path: Path) -> None:
    told = in_a_process(tmp_path, "reel", "--json")
    assert told.code == 2
    assert told.last["code"] == "bad_input"
    assert told.err == ""
    helped = in_a_process(tmp_path, "--help")
    assert helped.code == 0
    assert "COMMAND" in helped.out
