"""What footage gets that is none, or not whole: a named error, and the older reel left in peace."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from media import ffmpeg
from media.probe import probe
from tests.local.terminal import Run, assert_refused, in_a_process, listing
from tests.media.footage import numbered, remuxed

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100)
HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}/a.ts\n#EXT-X-ENDLIST\n"
DASH = (
    '<?xml version="1.0"?><MPD type="static" mediaPresentationDuration="PT9S">'
    '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>{url}/a.mp4</BaseURL>'
    '<SegmentList><SegmentURL media="a.m4s"/></SegmentList></Representation></AdaptationSet></Period></MPD>'
)
CONCAT = "ffconcat version 1.0\nfile {url}/a.mp4\n"


def assert_nothing_came_of(run: Run, code: str, footage: Path, clips: Path, folder: Path) -> dict[str, object]:
    before = listing(folder)
    assert_refused(run, code, "probe", footage)
    for output in ("reel.mp4", "new.mp4"):
        envelope = assert_refused(
            run, code, "reel", footage, "--clips", clips, "--look", "draft", "-o", folder / output
        )
        assert listing(folder) == before
    return envelope


@pytest.mark.parametrize(("body", "code"), [(b"", "source_empty"), (PNG, "not_a_video"), (b"hello", "not_a_video")])
def test_what_is_no_video(run: Run, clips: Path, folder: Path, tmp_path: Path, body: bytes, code: str) -> None:
    footage = tmp_path / "game.mp4"
    footage.write_bytes(body)
    assert_nothing_came_of(run, code, footage, clips, folder)


@pytest.fixture
def host() -> Iterator[socket.socket]:
    """A host that would notice if anybody knocked."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.mark.parametrize("form", [HLS, DASH, CONCAT], ids=["hls", "dash", "concat"])
def test_a_playlist_is_refused_and_nobody_is_called(
    run: Run, clips: Path, folder: Path, tmp_path: Path, host: socket.socket, form: str
) -> None:
    footage = tmp_path / "game.mp4"
    footage.write_text(form.format(url=f"http://127.0.0.1:{host.getsockname()[1]}"))
    assert_nothing_came_of(run, "playlist_not_video", footage, clips, folder)
    told = in_a_process(tmp_path / "data", "probe", footage)
    assert (told.code, told.err) == (2, "This is a playlist, not a video.\n")
    assert select.select([host], [], [], 0)[0] == []


def test_a_truncated_tail_says_how_much_is_usable(
    run: Run, game: Path, clips: Path, folder: Path, tmp_path: Path
) -> None:
    footage = tmp_path / "game.mp4"
    footage.write_bytes(game.read_bytes()[: game.stat().st_size * 6 // 10])
    envelope = assert_nothing_came_of(run, "source_truncated", footage, clips, folder)
    assert isinstance(envelope["details"], dict)
    usable_s = envelope["details"]["usable_s"]
    assert 2 < usable_s < 7
    assert "--accept-truncated" in str(envelope["message"])

    accepted = ("reel", footage, "--accept-truncated", "--look", "draft", "-o", folder / "reel.mp4", "--clips")
    past = assert_refused(run, "clip_outside_source", *accepted, clips)
    assert past["message"].startswith("Clip at 0:0")
    inside = tmp_path / "inside.tsv"
    inside.write_text("start_time\tclip_duration\n0:01\t1\n")
    made = run(*accepted, inside, "--json")
    assert made.code == 0, made
    assert made.last["frames"] == 5
    assert_refused(run, "source_truncated", "reel", footage, "--clips", inside, "-o", folder / "new.mp4")


def test_a_truncated_head_cannot_be_read(run: Run, game: Path, clips: Path, folder: Path, tmp_path: Path) -> None:
    footage = tmp_path / "game.mp4"
    footage.write_bytes(game.read_bytes()[-game.stat().st_size // 2 :])
    assert_nothing_came_of(run, "source_unreadable", footage, clips, folder)


def test_a_file_without_its_index_cannot_be_read(
    run: Run, game: Path, clips: Path, folder: Path, tmp_path: Path
) -> None:
    footage = remuxed(game, tmp_path / "game.mp4")  # the index stands at the end
    footage.write_bytes(footage.read_bytes()[: footage.stat().st_size * 8 // 10])
    assert_nothing_came_of(run, "source_unreadable", footage, clips, folder)


def test_sound_alone_is_no_video(run: Run, clips: Path, folder: Path, tmp_path: Path) -> None:
    footage = tmp_path / "game.mp4"
    ffmpeg.run(["-f", "lavfi", "-i", "sine=duration=2", "-c:a", "aac", "-y", f"file:{footage}"])
    assert_nothing_came_of(run, "no_video_stream", footage, clips, folder)


def test_ten_hours_claimed_by_a_small_file(run: Run, clips: Path, folder: Path, tmp_path: Path) -> None:
    short = numbered(tmp_path / "short.mp4")
    footage = remuxed(short, tmp_path / "game.mp4", before=("-itsscale", "18000"))
    assert footage.stat().st_size < 500_000
    envelope = assert_nothing_came_of(run, "source_too_long", footage, clips, folder)
    assert isinstance(envelope["details"], dict)
    assert envelope["details"]["duration_s"] == pytest.approx(36_000, rel=0.05)


def test_a_file_that_is_not_there_or_no_file(run: Run, clips: Path, folder: Path, tmp_path: Path) -> None:
    assert_nothing_came_of(run, "source_gone", tmp_path / "missing.mp4", clips, folder)
    assert_nothing_came_of(run, "source_gone", clips / "game.mp4", clips, folder)
    assert_nothing_came_of(run, "not_a_video", tmp_path, clips, folder)
    assert_nothing_came_of(run, "source_unreadable", tmp_path / f"{'a' * 300}.mp4", clips, folder)
    os.mkfifo(tmp_path / "pipe.mp4")
    assert_nothing_came_of(run, "not_a_video", tmp_path / "pipe.mp4", clips, folder)


def test_a_name_cannot_speak_to_the_terminal(run: Run, clips: Path, folder: Path, tmp_path: Path) -> None:
    told = run("reel", tmp_path / "a\n\x1b[31mb.mp4", "--clips", clips, "-o", folder / "reel.mp4")
    assert told.code == 2
    assert told.err == f"There is no file {tmp_path}/a��[31mb.mp4.\n"


def test_a_file_that_cannot_be_read(run: Run, clips: Path, folder: Path, tmp_path: Path) -> None:
    circle = tmp_path / "circle.mp4"
    circle.symlink_to(circle)
    assert_nothing_came_of(run, "source_unreadable", circle, clips, folder)
    assert_nothing_came_of(run, "source_unreadable", Path("/proc/self/mem"), clips, folder)  # as from a failing disk


def test_the_sample_is_whole(game: Path) -> None:
    assert probe(game).duration_s == Fraction(8)
