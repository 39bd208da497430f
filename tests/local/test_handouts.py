"""What overlay, extract and compile refuse, before any work and with nothing written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.local.terminal import Run, assert_refused, listing


@pytest.fixture
def edit(tmp_path: Path) -> Path:
    """An edit of one clip with a label."""
    return saved(tmp_path / "edit.json", label="Ada")


def saved(path: Path, out_pts: int = 2000, **fields: Any) -> Path:
    clip = {"time_base": [1, 1000], "in_pts": 1000, "out_pts": out_pts}
    path.write_text(json.dumps({"schema": 1, "aspect": "1:1", "clips": [clip | fields]}))
    return path


def test_overlay_wants_the_video_of_the_edit(run: Run, game: Path, edit: Path, folder: Path, tmp_path: Path) -> None:
    framed, other = tmp_path / "framed.mp4", saved(tmp_path / "other.json", 3000, label="Ada")
    made = run("frame", game, "--from", "1", "--to", "2", "--aspect", "1:1", "--look", "draft", "-o", framed)
    assert made.code == 0
    before = listing(folder)
    draw = ("overlay", framed, "--game", game, "-o", folder / "reel.mp4", "--edit")
    told = assert_refused(run, "bad_input", *draw, other)
    assert told["message"] == "This video was not framed from this edit: it has 5 frames, the edit makes 10."
    assert_refused(run, "source_unreadable", *draw, edit, "--aspect", "9:16")
    outside = saved(tmp_path / "outside.json", 9000)
    assert_refused(run, "clip_outside_source", *draw, outside)
    assert listing(folder) == before
    assert run(*draw, edit).code == 0


@pytest.mark.parametrize(
    ("framed", "code"),
    [("missing.mp4", "source_gone"), ("text.mp4", "not_a_video"), ("empty.mp4", "source_empty"), (".", "not_a_video")],
)
def test_overlay_on_what_is_no_video(
    run: Run, game: Path, edit: Path, folder: Path, tmp_path: Path, framed: str, code: str
) -> None:
    (tmp_path / "text.mp4").write_text("Dear diary, " * 100)
    (tmp_path / "empty.mp4").touch()
    before = listing(folder)
    draw = ("overlay", tmp_path / framed, "--game", game, "--edit", edit, "-o", folder / "reel.mp4")
    assert_refused(run, code, *draw)
    assert listing(folder) == before


def test_outputs_that_cannot_be(run: Run, game: Path, clips: Path, edit: Path, folder: Path, tmp_path: Path) -> None:
    before = listing(tmp_path)
    span = ("extract", game, "--from", "1", "--to", "2", "-o")
    every = ("extract", game, "--clips", clips, "-o")
    drawn = ("overlay", game, "--game", game, "--edit", edit, "-o")
    compiled = ("compile", game, "--clips", clips, "-o")
    for refused in (
        (*span, folder),
        (*span, folder / "missing" / "clip.mp4"),
        (*every, folder / "reel.mp4"),
        (*every, folder / "missing" / "folder"),
        (*drawn, game),
        (*drawn, edit),
        (*compiled, game),
        (*compiled, clips.with_suffix(".mp4")),  # its list would be written over the one that is read
        (*compiled, folder / "missing" / "annotated.mp4"),
    ):
        assert_refused(run, "output_unwritable", *refused)
    assert_refused(run, "bad_input", *compiled, folder / "annotated.tsv")
    assert listing(tmp_path) == before


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--from", "1"),
        ("--to", "1"),
        ("--clips", "x.tsv", "--from", "1"),
        ("--clips", "x.tsv", "--from", "1", "--to", "2"),
        ("--from", "1", "--to", "2", "--min-rating", "9"),
    ],
)
def test_extract_wants_a_span_or_a_list(run: Run, game: Path, folder: Path, arguments: tuple[str, ...]) -> None:
    assert_refused(run, "bad_input", "extract", game, *arguments, "-o", folder / "clip.mp4")


@pytest.mark.parametrize(
    ("begin", "end", "code"),
    [("0:02", "0:01", "empty_span"), ("0:07", "0:09", "clip_outside_source"), ("now", "then", "bad_input")],
)
def test_extract_refuses_a_span_that_is_none(
    run: Run, game: Path, folder: Path, begin: str, end: str, code: str
) -> None:
    before = listing(folder)
    assert_refused(run, code, "extract", game, "--from", begin, "--to", end, "-o", folder / "clip.mp4")
    assert listing(folder) == before


def test_lists_that_cannot_be_used(run: Run, game: Path, folder: Path, tmp_path: Path) -> None:
    late, bad, low = tmp_path / "late.tsv", tmp_path / "bad.tsv", tmp_path / "low.tsv"
    late.write_text("start_time\tclip_duration\n0:01\t1\n0:07.5\t2\n")
    bad.write_text("start_time\tclip_duration\n0:01\tlong\n")
    low.write_text("start_time\tclip_duration\trating\n0:01\t1\t3\n")
    before = listing(folder)
    for name in ("extract", "compile"):
        places = ("-o", folder / "new") if name == "extract" else ("-o", folder / "annotated.mp4")
        assert_refused(run, "clip_outside_source", name, game, "--clips", late, *places)
        assert_refused(run, "tsv_damaged", name, game, "--clips", bad, *places)
        assert_refused(run, "bad_input", name, game, "--clips", tmp_path / "missing.tsv", *places)
    told = assert_refused(run, "no_clips", "compile", game, "--clips", low, "-o", folder / "annotated.mp4")
    assert told["message"] == "low.tsv has no clip rated 4 or higher."
    assert listing(folder) == before


def test_extracted_files_have_names_that_every_system_takes(run: Run, game: Path, tmp_path: Path) -> None:
    names = ("..", "a" * 80, "ő" * 80, "CON: <x>|y*", "")
    clips = tmp_path / "clips.tsv"
    rows = "".join(f"0:0{number}\t1\t{name}\n" for number, name in enumerate(names, 1))
    clips.write_text("start_time\tclip_duration\tclip_name\n" + rows)
    made = run("extract", game, "--clips", clips, "-o", tmp_path / "raw", "--json")
    assert made.code == 0, made
    assert [*listing(tmp_path / "raw")] == [
        "1.mp4",
        f"2 {'a' * 80}.mp4",
        f"3 {'ő' * 80}.mp4",
        "4 CON x y.mp4",
        "5 Good Clip.mp4",
    ]
