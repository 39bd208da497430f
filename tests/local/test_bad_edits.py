"""What clip lists and edits get that cannot be made: every fault of a list, and the place in an edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.local.terminal import Run, assert_refused, listing

ID = "01900000-0000-7000-8000-00000000000{}"


def clip(**changes: Any) -> dict[str, Any]:
    """Return the least that a clip of an edit has to say: the second from 0:01, in milliseconds."""
    return {"time_base": [1, 1000], "in_pts": 1000, "out_pts": 2000} | changes


def edit(*clips: Any, **changes: Any) -> dict[str, Any]:
    return {"schema": 1, "clips": [*clips] or [clip()]} | changes


def crop(**changes: Any) -> dict[str, Any]:
    return {"9:16": {"keys": [{"pts": 1000, "cx": 0.5, "cy": 0.5, "h": 0.8} | changes]}}


def spotlight(in_pts: int, out_pts: int) -> dict[str, Any]:
    return {"in_pts": in_pts, "out_pts": out_pts, "keys": [{"pts": in_pts, "x": 0.5, "y": 0.5}]}


def assert_edit_refused(run: Run, game: Path, folder: Path, code: str, text: str) -> dict[str, Any]:
    document = folder / "edit.json"
    document.write_text(text)
    before = listing(folder)
    arguments = ("reel", game, "--edit", document, "--look", "draft", "-o")
    envelope = assert_refused(run, code, *arguments, folder / "reel.mp4")
    assert_refused(run, code, *arguments, folder / "new.mp4")
    assert listing(folder) == before
    return envelope


CLASH = [spotlight(1000, 1700), spotlight(1600, 2200)]
BAD_EDITS: dict[str, tuple[str, str | None, dict[str, Any]]] = {
    "another schema": ("bad_field", "/schema", edit(schema=2)),
    "no clips": ("no_clips", None, {"schema": 1, "clips": []}),
    "an unknown field": ("bad_field", "/zoom", edit(zoom=2)),
    "an unknown field of a clip": ("bad_field", "/clips/0/colour", edit(clip(colour="red"))),
    "an unknown shape": ("bad_field", "/clips/0/crops/3:2", edit(clip(crops={"3:2": {}}))),
    "in at out": ("empty_span", "/clips/0/out_pts", edit(clip(out_pts=1000))),
    "in after out": ("empty_span", "/clips/1/out_pts", edit(clip(), clip(in_pts=3000))),
    "text for a number": ("bad_field", "/clips/0/in_pts", edit(clip(in_pts="1000"))),
    "a fraction for a time": ("bad_field", "/clips/0/in_pts", edit(clip(in_pts=1000.5))),
    "not a number": ("bad_field", "", edit(clip(crops=crop(cx=float("nan"))))),
    "infinity": ("bad_field", "", edit(clip(rotation_deg=float("inf")))),
    "a time base of nothing": ("bad_field", "/clips/0/time_base/1", edit(clip(time_base=[1, 0]))),
    "a crop beyond the picture": (
        "crop_outside_picture",
        "/clips/0/crops/9:16/keys/0/cx",
        edit(clip(crops=crop(cx=1.5))),
    ),
    "overlapping spotlights": ("spotlights_overlap", "/clips/0/spotlights/1", edit(clip(spotlights=CLASH))),
    "a short spotlight": (
        "spotlight_too_short",
        "/clips/0/spotlights/0",
        edit(clip(spotlights=[spotlight(1000, 1200)])),
    ),
    "keyframes in disorder": (
        "keyframes_out_of_order",
        "/clips/0/crops/9:16/keys/1",
        edit(clip(crops={"9:16": {"keys": [*crop()["9:16"]["keys"], *crop(pts=900)["9:16"]["keys"]]}})),
    ),
    "overlapping speeds": (
        "speeds_overlap",
        "/clips/0/speeds",
        edit(clip(speeds=[{"in_pts": a, "out_pts": a + 500, "rate": [1, 2]} for a in (1000, 1200)])),
    ),
    "too many clips": ("bad_field", "/clips", edit(*[clip()] * 201)),
    "one id twice": ("bad_field", "/clips/1/id", edit(clip(id=ID.format(1)), clip(id=ID.format(1)))),
    "two sources": (
        "bad_field",
        "/clips",
        edit(clip(source_id=ID.format(1)), clip(source_id=ID.format(2))),
    ),
    "a draft for a look": ("bad_field", "/clips/0/look", edit(clip(look="draft"))),
}


@pytest.mark.parametrize(("code", "field", "document"), BAD_EDITS.values(), ids=BAD_EDITS)
def test_a_bad_edit_names_the_place(
    run: Run, game: Path, folder: Path, code: str, field: str | None, document: dict[str, Any]
) -> None:
    envelope = assert_edit_refused(run, game, folder, code, json.dumps(document))
    assert envelope["details"].get("field") == field


@pytest.mark.parametrize(
    "text",
    ["", "start_time\trating", "{", "nul", '{"schema": 1', "[" * 100_000, '{"schema": ' + "9" * 5000 + "}"],
    ids=["empty", "a clip list", "brace", "word", "cut", "deep", "a number of 5000 digits"],
)
def test_what_is_not_json(run: Run, game: Path, folder: Path, text: str) -> None:
    envelope = assert_edit_refused(run, game, folder, "bad_field", text)
    assert "is not JSON" in envelope["message"]


def test_an_edit_that_is_no_object(run: Run, game: Path, folder: Path) -> None:
    for text in ("[]", "null", "1", '"edit"', "{}", '{"schema": 1e999}'):
        assert_edit_refused(run, game, folder, "bad_field", text)


def test_an_edit_that_never_ends(run: Run, game: Path, folder: Path, tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(1 << 40)  # sparse: a terabyte that takes no place
    before = listing(folder)
    assert_refused(run, "bad_input", "reel", game, "--edit", huge, "-o", folder / "reel.mp4")
    assert_refused(run, "tsv_damaged", "reel", game, "--clips", huge, "-o", folder / "reel.mp4")
    assert listing(folder) == before


@pytest.mark.parametrize("ends", [8300, 60_000, 10**12])
def test_a_span_past_the_end(run: Run, game: Path, folder: Path, ends: int) -> None:
    document = edit(clip(), clip(in_pts=7000, out_pts=ends))
    envelope = assert_edit_refused(run, game, folder, "clip_outside_source", json.dumps(document))
    assert envelope["message"].startswith("Clip 2: ")
    assert envelope["details"]["source_duration_s"] == 8.0


def test_a_crop_that_reaches_outside_this_picture(run: Run, game: Path, folder: Path) -> None:
    document = edit(clip(), clip(crops=crop(cx=0.1)))
    envelope = assert_edit_refused(run, game, folder, "crop_outside_picture", json.dumps(document))
    assert envelope["message"].startswith("Clip 2: ")


def test_options_that_an_edit_has_no_use_for(run: Run, game: Path, folder: Path) -> None:
    (folder / "edit.json").write_text(json.dumps(edit()))
    given = ("reel", game, "--edit", folder / "edit.json", "-o", folder / "reel.mp4")
    assert_refused(run, "bad_input", *given, "--min-rating", "4")
    assert_refused(run, "bad_input", *given, "--best-first")


DAMAGED = (
    ("\t1", "start_time"),
    ("0:01\t", "clip_duration"),
    ("abc\t1", "start_time"),
    ("-0:01\t1", "start_time"),
    ("0:75\t1", "start_time"),
    ("1:75:00\t1", "start_time"),
    ("90000\t1", "start_time"),
    ("0:03,5\t1", "start_time"),
    ("1e3\t1", "start_time"),
    ("NaN\t1", "start_time"),
    ("0:01\t0.5", "clip_duration"),
    ("0:01\t61", "clip_duration"),
    ("0:01\t6s", "clip_duration"),
    ("0:01\t1\t0", "rating"),
    ("0:01\t1\t6", "rating"),
    ("0:01\t1\t4.5", "rating"),
    ("0:01\t1\tgreat", "rating"),
    ("0:01\t1\t4\t" + "n" * 500, "clip_name"),
    ("0:01\t1\t4\t\t" + "n" * 281, "notes"),
    ("0:01\t1\t4\t\t\t" + "n" * 200, "tags"),
    ("0:01\t1\t4\t\t\t" + ",".join(map(str, range(99))), "tags"),
    ("0:01\t1\t4\t\t\t\tone more", None),
    ('0:01\t1\t4\t"unclosed', None),
    ("0:01\t1\t4\ta\x07bell", None),
    ("0:01\t1\t4\t" + "l" * 10_001, None),
)


def test_every_fault_of_a_list_is_told(run: Run, game: Path, folder: Path, tmp_path: Path) -> None:
    clips = tmp_path / "clips.tsv"
    header = "start_time\tclip_duration\trating\tclip_name\tnotes\ttags"
    clips.write_text("\n".join([header, *(row for row, _ in DAMAGED), "0:01\t1"]))
    before = listing(folder)
    envelope = assert_refused(run, "tsv_damaged", "reel", game, "--clips", clips, "-o", folder / "reel.mp4")
    told = envelope["details"]["lines"]
    assert [(fault["line"], fault["column"]) for fault in told] == [
        (line, column) for line, (_, column) in enumerate(DAMAGED, 2)
    ]
    assert len({fault["message"] for fault in told}) >= 20
    assert f"{len(DAMAGED)} faults" in envelope["message"]
    assert listing(folder) == before


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "tsv_damaged"),
        (b"\n\n", "tsv_damaged"),
        (b"0:01\t1\n", "tsv_damaged"),
        (b"start_time;clip_duration\n0:01;1\n", "tsv_damaged"),
        (b"start_time\tclip_duration\n", "no_clips"),
        (b"start_time\tclip_duration\n0:01\t1\xff\n", "tsv_damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0", "tsv_damaged"),
        (b'{"schema": 1, "clips": []}', "tsv_damaged"),
    ],
)
def test_what_is_no_clip_list(run: Run, game: Path, folder: Path, tmp_path: Path, body: bytes, code: str) -> None:
    clips = tmp_path / "clips.tsv"
    clips.write_bytes(body)
    before = listing(folder)
    assert_refused(run, code, "reel", game, "--clips", clips, "-o", folder / "reel.mp4")
    assert listing(folder) == before


def test_lists_and_edits_that_are_not_there(run: Run, game: Path, folder: Path, tmp_path: Path) -> None:
    for kind in ("--clips", "--edit"):
        for path in (tmp_path / "missing", tmp_path, tmp_path / ("a" * 300)):
            assert_refused(run, "bad_input", "reel", game, kind, path, "-o", folder / "reel.mp4")


def test_no_clip_is_good_enough(run: Run, game: Path, folder: Path, tmp_path: Path) -> None:
    clips = tmp_path / "clips.tsv"
    clips.write_text("start_time\tclip_duration\trating\n0:01\t1\t4\n")
    told = assert_refused(
        run, "no_clips", "reel", game, "--clips", clips, "--min-rating", "5", "-o", folder / "reel.mp4"
    )
    assert told["message"] == "clips.tsv has no clip rated 5 or higher."


@pytest.mark.parametrize(
    ("begin", "end", "code"),
    [
        ("0:02", "0:01", "empty_span"),
        ("0:02", "0:02", "empty_span"),
        ("0:07", "0:09", "clip_outside_source"),
        ("0:08", "0:09", "clip_outside_source"),
        ("0:99", "2:00", "bad_input"),
        ("-1", "1", "bad_input"),
        ("now", "then", "bad_input"),
    ],
)
def test_a_span_that_is_none(run: Run, game: Path, folder: Path, begin: str, end: str, code: str) -> None:
    before = listing(folder)
    assert_refused(run, code, "frame", game, "--from", begin, "--to", end, "--look", "draft", "-o", folder / "reel.mp4")
    assert listing(folder) == before


@pytest.mark.parametrize(
    ("window", "code"),
    [
        ("0.1,0.5,1", "crop_outside_picture"),
        ("0.5,0.5", "bad_input"),
        ("0.5,0.5,0", "bad_input"),
        ("0.5,0.5,0.01", "bad_field"),
        ("nan,0.5,0.5", "bad_input"),
        ("0.5,0.5,inf", "bad_input"),
        ("a,b,c", "bad_input"),
    ],
)
def test_a_crop_that_is_none(run: Run, game: Path, folder: Path, window: str, code: str) -> None:
    before = listing(folder)
    placed = ("--crop", window, "-o", folder / "reel.mp4")
    assert_refused(run, code, "frame", game, "--from", "0:01", "--to", "0:02", "--look", "draft", *placed)
    assert_refused(run, code, "preview", game, "--at", "0:01", *placed)
    assert listing(folder) == before


def test_a_moment_past_the_end(run: Run, game: Path, folder: Path) -> None:
    told = assert_refused(run, "clip_outside_source", "preview", game, "--at", "0:08", "-o", folder / "frame.png")
    assert told["message"] == "That is past the end: the video lasts 8.00 s."
