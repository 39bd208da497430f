"""The only door to footage: what a file is by its first bytes, and `av.open` behind limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias

import av
import av.error
from av.container import InputContainer, OutputContainer

from reel.errors import (
    CodecUnsupported,
    NotAVideo,
    NoVideoStream,
    PlaylistNotVideo,
    SourceEmpty,
    SourceGone,
    SourceUnreadable,
)

Footage: TypeAlias = Path | BinaryIO

# A 400-byte DASH manifest named .mp4 makes libavformat send thousands of requests; only a list of formats stops it,
# a list of protocols alone does not.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts"
VIDEO_DECODERS = ("h264", "hevc", "libdav1d", "av1", "vp9", "libvpx-vp9", "prores", "mpeg4", "mpeg2video")
AUDIO_DECODERS = (
    *("aac", "aac_latm", "mp3float", "mp3", "mp2float", "mp2", "ac3", "eac3", "opus", "libopus", "vorbis", "flac"),
    *("alac", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le", "pcm_f64le"),
)
MAX_PIXELS = 36_000_000

_LIMITS = {
    "format_whitelist": FORMATS,
    "protocol_whitelist": "file",
    "codec_whitelist": ",".join(VIDEO_DECODERS + AUDIO_DECODERS),
    "max_streams": "64",
}
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"8BPS")
_DOCUMENTS = (b"%PDF", b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\x7fELF", b"MZ", b"SQLite format 3")
_SOUNDS = (b"ID3", b"OggS", b"fLaC", b"\xff\xfb", b"\xff\xf3", b"\xff\xf1", b"FORM")
_PLAYLISTS = (b"#extm3u", b"<?xml", b"<mpd", b"ffconcat", b"<smil", b"[playlist]", b"<asx")
_QUICKTIME_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"moof", b"styp", b"uuid")


@contextmanager
def open_footage(footage: Footage) -> Iterator[InputContainer]:
    """Open footage for reading; nothing it names is ever followed.

    Raises SourceGone, SourceEmpty, NotAVideo, PlaylistNotVideo, NoVideoStream, CodecUnsupported (by its first bytes)
    and SourceUnreadable (a damaged or missing index). Limits: ../shared/facts, Security.
    """
    refuse_foreign(_first_bytes(footage))
    source = str(footage.absolute()) if isinstance(footage, Path) else footage  # "http:x" is a fine name for a file
    try:
        container = av.open(source, mode="r", container_options=_LIMITS, metadata_errors="replace")
    except FileNotFoundError as gone:
        raise SourceGone from gone
    except (av.error.FFmpegError, OSError) as fault:  # the second: a disk that fails
        raise SourceUnreadable(reason=str(fault.strerror)) from fault
    with container:
        yield container


@contextmanager
def open_output(
    path: Path, *, container: str = "mp4", options: dict[str, str] | None = None
) -> Iterator[OutputContainer]:
    """Open `path` for writing a new file of the format `container`."""
    with av.open(str(path.absolute()), mode="w", format=container, options=options or {}) as output:
        yield output


def refuse_foreign(head: bytes) -> None:
    """Raise what a file's first bytes say when it is certainly not footage that we take; say nothing otherwise."""
    if not head:
        raise SourceEmpty
    if head[:4] == b"RIFF":
        raise NoVideoStream if head[8:12] == b"WAVE" else CodecUnsupported("AVI files are not supported.")
    if head.startswith(_PICTURES):
        raise NotAVideo("This is a picture, not a video.")
    if head.startswith(_DOCUMENTS):
        raise NotAVideo
    if head[4:8] in _QUICKTIME_ATOMS or head.startswith(b"\x1aE\xdf\xa3") or _is_transport_stream(head):
        return
    if head.startswith(_SOUNDS):
        raise NoVideoStream
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(_PLAYLISTS):
        raise PlaylistNotVideo
    if _is_text(head):
        raise NotAVideo("This is a text file, not a video.")


def _first_bytes(footage: Footage) -> bytes:
    if isinstance(footage, Path):
        try:
            with footage.open("rb") as file:
                return file.read(4096)
        except FileNotFoundError as gone:
            raise SourceGone(f"There is no file {footage.name}.") from gone
        except IsADirectoryError as folder:
            raise NotAVideo(f"{footage.name} is a folder, not a video.") from folder
        except PermissionError as denied:
            raise SourceUnreadable(f"{footage.name} may not be read.") from denied
        except OSError as fault:
            raise SourceUnreadable(f"{footage.name} cannot be read.", reason=str(fault.strerror)) from fault
    footage.seek(0)
    head = footage.read(4096)
    footage.seek(0)
    return head


def _is_transport_stream(head: bytes) -> bool:
    """Tell whether sync bytes stand every 188 bytes (broadcast) or every 192 after a time stamp (AVCHD)."""
    return any(head[start::step][:3] == b"GGG" for start, step in ((0, 188), (4, 192)))


def _is_text(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as cut:
        if cut.start < len(head) - 4:
            return False
    return not any(byte < 32 and byte not in b"\t\n\r\f" for byte in head)
