"""The only subprocess: its limits, its killing, and that nothing a hostile file names is followed."""

from __future__ import annotations

import socket
from fractions import Fraction
from pathlib import Path

import pytest

from media import ffmpeg
from media.synth import Match, write
from reel.errors import FfmpegFailed, MediaTimeout
from reel.geometry import Size

FRAME_COUNT = ["-map", "0:v:0", "-f", "framehash", "-"]


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ffmpeg") / "match.mp4"
    write(Match(size=Size(192, 108), duration_s=Fraction(1, 2)), path)
    return path


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Let a shell script stand where imageio-ffmpeg looks for the binary."""
    path = folder / "ffmpeg.sh"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(path))


def test_run_returns_what_ffmpeg_wrote(footage: Path) -> None:
    lines = ffmpeg.run([*ffmpeg.reading(footage), *FRAME_COUNT]).decode().splitlines()
    assert sum(not line.startswith("#") for line in lines) == 12


def test_run_feeds_stdin() -> None:
    raw = bytes(range(256)) * 12
    arguments = [
        "-f",
        "rawvideo",
        "-pix_fmt",
        "gray",
        "-video_size",
        "32x32",
        "-i",
        "pipe:0",
        "-f",
        "rawvideo",
        "pipe:1",
    ]
    assert ffmpeg.run(arguments, stdin=raw) == raw


def test_a_failure_carries_its_own_words(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(400))
    with pytest.raises(FfmpegFailed, match="moov atom not found") as failed:
        ffmpeg.run([*ffmpeg.reading(broken), *FRAME_COUNT])
    assert failed.value.details["exit_code"] != 0
    assert "broken.mp4" in str(failed.value.details["stderr"])


def test_writing_to_an_ffmpeg_that_gave_up_tells_why_it_did() -> None:
    arguments = ["-f", "rawvideo", "-pix_fmt", "gray", "-video_size", "0x0", "-i", "pipe:0", "-f", "null", "-"]
    with pytest.raises(FfmpegFailed, match="size"), ffmpeg.running(arguments) as process:  # noqa: PT012
        assert process.stdin is not None
        while True:
            process.stdin.write(bytes(1 << 16))


def test_a_body_that_raises_leaves_no_process_behind() -> None:
    with pytest.raises(KeyError), ffmpeg.running(["-re", "-f", "lavfi", "-i", "testsrc", "-f", "null", "-"]) as process:
        raise KeyError
    assert process.returncode is not None


def test_the_wall_clock_kills_the_whole_group(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, tmp_path, "sleep 600 &\nwait")
    limits = ffmpeg.Limits(wall_s=0.3)
    with pytest.raises(MediaTimeout) as late, ffmpeg.running([], limits=limits) as process:  # noqa: PT012
        assert process.stdout is not None
        process.stdout.read()  # ends only when the child, which holds the same pipe, is gone too
    assert late.value.details == {"limit_s": 0.3}


def test_the_wall_clock_names_itself_to_whoever_is_writing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, tmp_path, "sleep 600")
    with pytest.raises(MediaTimeout), ffmpeg.running([], limits=ffmpeg.Limits(wall_s=0.3)) as process:  # noqa: PT012
        assert process.stdin is not None
        while True:
            process.stdin.write(bytes(1 << 16))


def test_memory_is_limited() -> None:
    arguments = ["-f", "lavfi", "-i", "color=size=8000x4000:rate=1", "-frames:v", "4", "-f", "null", "-"]
    ffmpeg.run(arguments)
    with pytest.raises(FfmpegFailed):
        ffmpeg.run(arguments, limits=ffmpeg.Limits(memory_bytes=300 << 20))


def test_the_environment_is_scrubbed_and_the_folder_fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("R2_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    stand_in(monkeypatch, tmp_path, "env; ls -A")
    said = dict(line.split("=", 1) for line in ffmpeg.run([]).decode().splitlines())
    assert said.keys() <= {"LC_ALL", "HOME", "TMPDIR", "PWD", "OLDPWD", "SHLVL", "_"}
    assert said["HOME"] == said["PWD"]
    assert not Path(said["HOME"]).exists()


@pytest.mark.parametrize("name", ["-y.mp4", "concat:a|b.mp4", "http:x.mp4", "a%03d.mp4", "ü ber.mp4", "pipe:0.mp4"])
def test_a_name_is_only_a_name(footage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(footage.read_bytes())
    assert ffmpeg.run([*ffmpeg.reading(Path(name)), *FRAME_COUNT])


def test_pictures_are_held_to_a_size(tmp_path: Path) -> None:
    path = tmp_path / "huge.mov"
    huge = ["-f", "lavfi", "-i", "color=size=8000x5200:rate=1", "-frames:v", "1", "-c:v", "png", "-pred", "none"]
    ffmpeg.run([*huge, "-pix_fmt", "gray", f"file:{path}"])
    with pytest.raises(FfmpegFailed):
        ffmpeg.run([*ffmpeg.reading(path), "-f", "null", "-"])


@pytest.mark.parametrize("kind", ["hls", "dash", "concat", "sdp"])
def test_a_playlist_reaches_nobody(tmp_path: Path, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        path = tmp_path / "game.mp4"
        path.write_text(playlist(kind, f"http://127.0.0.1:{server.getsockname()[1]}/x"))
        with pytest.raises(FfmpegFailed):
            ffmpeg.run([*ffmpeg.reading(path), *FRAME_COUNT], limits=ffmpeg.Limits(wall_s=20))
        with pytest.raises(BlockingIOError):
            server.accept()


def playlist(kind: str, url: str) -> str:
    """Return a file that names something elsewhere."""
    return {
        "hls": f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\n{url}.ts\n#EXT-X-ENDLIST\n",
        "dash": (
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
            ' mediaPresentationDuration="PT10S" profiles="urn:mpeg:dash:profile:isoff-main:2011"><Period>'
            '<AdaptationSet contentType="video"><Representation id="1" bandwidth="1" codecs="avc1.42c01e" width="16"'
            f' height="16"><BaseURL>{url}.mp4</BaseURL><SegmentBase/></Representation></AdaptationSet></Period></MPD>'
        ),
        "concat": f"ffconcat version 1.0\nfile {url}.mp4\n",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    }[kind]
