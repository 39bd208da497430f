"""The only door to footage: what hostile, foreign and damaged files get, by path and by reader."""

from __future__ import annotations

import random
import socket
import struct
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import pytest
from av.container import InputContainer
from av.video.frame import VideoFrame

from media import ffmpeg
from media.open import Footage, open_footage, open_output
from media.probe import video_stream
from media.synth import Match, write
from reel.errors import (
    BadSource,
    CodecUnsupported,
    NotAVideo,
    NoVideoStream,
    PlaylistNotVideo,
    SourceEmpty,
    SourceGone,
    SourceUnreadable,
)
from reel.geometry import Size

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
DASH = b'\xef\xbb\xbf  <?xml version="1.0"?>\n<MPD type="static"><Period><BaseURL>http://127.0.0.1:%d/x</BaseURL></Period></MPD>'
HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\nhttp://127.0.0.1:%d/x.ts\n#EXT-X-ENDLIST\n"


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("open") / "match.mov"
    write(Match(size=Size(192, 108), duration_s=Fraction(1)), path)
    return path


def zipped() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("game.mp4", b"not really")
    return buffer.getvalue()


FOREIGN: dict[str, tuple[bytes, type[BadSource]]] = {
    "empty": (b"", SourceEmpty),
    "png": (PNG, NotAVideo),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(200), NotAVideo),
    "gif": (b"GIF89a" + bytes(200), NotAVideo),
    "zip": (zipped(), NotAVideo),
    "pdf": (b"%PDF-1.7\n" + bytes(200), NotAVideo),
    "program": (b"\x7fELF\x02\x01\x01" + bytes(200), NotAVideo),
    "text": (("Anbei das Spiel, herzliche Grüße.\n" * 200).encode(), NotAVideo),
    "one letter": (b"x", NotAVideo),
    "web page": (b"<!doctype html><html><title>404</title></html>", NotAVideo),
    "hls": (HLS % 9, PlaylistNotVideo),
    "dash": (DASH % 9, PlaylistNotVideo),
    "concat": (b"ffconcat version 1.0\nfile /etc/passwd\n", PlaylistNotVideo),
    "pls": (b"[playlist]\nFile1=http://127.0.0.1/x\n", PlaylistNotVideo),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), NoVideoStream),
    "mp3": (b"ID3\x03\0\0\0\0\0\0" + bytes(400), NoVideoStream),
    "ogg": (b"OggS\0\x02" + bytes(400), NoVideoStream),
    "avi": (b"RIFF\x24\0\0\0AVI LIST" + bytes(40), CodecUnsupported),
    "noise": (random.Random(7).randbytes(100_000), SourceUnreadable),
    "nothing but zeros": (bytes(50_000), SourceUnreadable),
    "ftyp and then nothing": (b"\0\0\0\x14ftypisom\0\0\2\0isom", SourceUnreadable),
    "webm header and then nothing": (
        bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282847765626d"),
        SourceUnreadable,
    ),
    "sync bytes and then nothing": ((b"G" + bytes(187)) * 20, SourceUnreadable),
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("by", ["path", "reader"])
def test_foreign_files_are_named(tmp_path: Path, name: str, by: str) -> None:
    body, error = FOREIGN[name]
    path = tmp_path / "game.mp4"
    path.write_bytes(body)
    footage: Footage = path if by == "path" else BytesIO(body)
    with pytest.raises(error) as raised, open_footage(footage):
        pass
    assert raised.value.code == error.code


@pytest.mark.parametrize("body", [HLS, DASH])
@pytest.mark.parametrize("by", ["path", "reader"])
def test_a_playlist_reaches_nobody(tmp_path: Path, server: socket.socket, body: bytes, by: str) -> None:
    hostile = body % server.getsockname()[1]
    path = tmp_path / "game.mp4"
    path.write_bytes(hostile)
    with pytest.raises(PlaylistNotVideo), open_footage(path if by == "path" else BytesIO(hostile)):
        pass


def test_a_playlist_in_disguise_reaches_nobody(tmp_path: Path, server: socket.socket) -> None:
    """A playlist behind a byte that hides it from the first look still meets the list of formats."""
    path = tmp_path / "game.m3u8"
    path.write_bytes(b"\x01" + HLS % server.getsockname()[1])
    with pytest.raises(BadSource), open_footage(path):
        pass


@pytest.mark.parametrize("kind", [b"url ", b"alis"])
def test_a_movie_that_points_elsewhere_reaches_nobody(
    footage: Path, tmp_path: Path, server: socket.socket, kind: bytes
) -> None:
    """QuickTime can keep its samples in another file; what is named there is not opened."""
    url = f"http://127.0.0.1:{server.getsockname()[1]}/x.mp4".encode()
    hostile = tmp_path / "game.mov"
    hostile.write_bytes(pointing_elsewhere(footage.read_bytes(), kind, url))
    with open_footage(hostile) as container:
        packets = sum(packet.size for packet in container.demux(video_stream(container)))
    assert packets > 0  # read from the file itself
    ffmpeg.run([*ffmpeg.reading(hostile), "-map", "0:v:0", "-f", "null", "-"])


def test_a_reference_movie_reaches_nobody(tmp_path: Path, server: socket.socket) -> None:
    url = f"http://127.0.0.1:{server.getsockname()[1]}/x.mp4\0".encode()
    data = box(b"rdrf", bytes(4) + b"url " + struct.pack(">I", len(url)) + url)
    path = tmp_path / "game.mov"
    path.write_bytes(box(b"moov", box(b"rmra", box(b"rmda", data))))
    with pytest.raises(BadSource), open_footage(path) as container:
        video_stream(container)


def test_damage_at_the_head(footage: Path, tmp_path: Path) -> None:
    whole = footage.read_bytes()
    without_index = b"".join(box(*inner) for inner in _boxes(whole) if inner[0] != b"moov")  # a phone that died
    for name, body in {"index missing": without_index, "head cut off": whole[len(whole) // 3 :]}.items():
        path = tmp_path / f"{name}.mov"
        path.write_bytes(body)
        with pytest.raises(SourceUnreadable), open_footage(path) as container:
            video_stream(container)


def test_absent_and_unreadable_places(tmp_path: Path) -> None:
    with pytest.raises(SourceGone), open_footage(tmp_path / "absent.mp4"):
        pass
    with pytest.raises(NotAVideo, match="folder"), open_footage(tmp_path):
        pass


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that fails when it is read: Linux has one")
def test_a_disk_that_fails(tmp_path: Path) -> None:
    place = tmp_path / "game.mp4"
    place.symlink_to("/proc/self/mem")  # nothing is mapped at its beginning
    with pytest.raises(SourceUnreadable, match=r"^game\.mp4 cannot be read\.$") as caught, open_footage(place):
        pass
    assert caught.value.details == {"reason": "Input/output error"}


def test_a_picture_codec_in_a_movie_is_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "slides.mov"
    slides = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=5", "-frames:v", "5", "-c:v", "png"]
    ffmpeg.run([*slides, f"file:{path}"])
    with pytest.raises(BadSource) as raised, open_footage(path) as container:
        video_stream(container)
    assert raised.value.code in {"codec_unsupported", "source_unreadable"}


@pytest.mark.parametrize("name", ["http:x.mp4", "concat:a|b.mp4", "-i.mp4", "ü ber%03d.mp4"])
def test_a_name_is_only_a_name(footage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(footage.read_bytes())
    with open_footage(Path(name)) as container:
        assert shown(container) == 25


@pytest.mark.parametrize(
    ("suffix", "codec"), [(".mp4", "h264"), (".mkv", "h264"), (".webm", "vp9"), (".ts", "mpeg2video")]
)
def test_every_container_opens_by_path_and_by_reader(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"match{suffix}"
    write(Match(size=Size(192, 108), duration_s=Fraction(1, 2), codec=codec), path)  # pyright: ignore[reportArgumentType]
    for footage in (path, BytesIO(path.read_bytes())):
        with open_footage(footage) as container:
            assert shown(container) == 12


def test_output_is_written_where_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_output(Path("http:out.mp4")) as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height = 64, 64
        output.mux(stream.encode(VideoFrame(64, 64, "yuv420p")))
        output.mux(stream.encode(None))
    assert Path("http:out.mp4").stat().st_size > 0


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """A listener that nobody may call: checked when the test is over."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


def shown(container: InputContainer) -> int:
    return sum(1 for _ in container.decode(video_stream(container)))


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def pointing_elsewhere(movie: bytes, kind: bytes, url: bytes) -> bytes:
    """Return a movie whose tracks claim that their samples lie at `url`."""
    elsewhere = box(b"dref", struct.pack(">II", 0, 1) + box(kind, bytes(4) + url + b"\0"))
    moved = len(elsewhere) - len(box(b"dref", struct.pack(">II", 0, 1) + box(b"url ", bytes(3) + b"\1")))
    tracks = movie.count(b"dref")
    boxes = b"".join(_rebuilt(name, body, elsewhere, moved * tracks) for name, body in _boxes(movie))
    assert boxes.count(url) == tracks > 0
    return boxes


def _rebuilt(name: bytes, body: bytes, dref: bytes, shift: int) -> bytes:
    if name == b"dref":
        return dref
    if name in {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl"}:
        return box(name, b"".join(_rebuilt(*inner, dref, shift) for inner in _boxes(body)))
    if name == b"stco":  # the index stands before the samples, which move by what it grew
        offsets = struct.unpack(f">{len(body) // 4}I", body)
        body = struct.pack(f">{len(offsets)}I", *offsets[:2], *(offset + shift for offset in offsets[2:]))
    return box(name, body)


def _boxes(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(body):
        size = struct.unpack(">I", body[at : at + 4])[0]
        yield body[at + 4 : at + 8], body[at + 8 : at + size]
        at += size
