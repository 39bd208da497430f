"""The vet sees pieces of a file: what it says is what would be said of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cloud.vet import MOST_PIECES, PIECE_BYTES, look, vetted
from jobs.memory import MemoryStore
from jobs.spec import IngestSpec, SourceRef
from media import ffmpeg
from reel.errors import Internal, NotAVideo, PlaylistNotVideo, SourceTruncated, SourceUnreadable
from tests.jobs.homes import USER, uuid

SECONDS = 16


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A film of many pieces, with its index behind it, before it, and of the kind that has none."""
    folder = tmp_path_factory.mktemp("films")
    noise = ["-f", "lavfi", "-i", f"nullsrc=s=320x240:r=25:d={SECONDS},geq=random(1)*255:128:128"]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "20", "-pix_fmt", "yuv420p", "-t", str(SECONDS)]
    ffmpeg.run([*noise, *coding, "-y", f"file:{folder}/behind.mp4"])
    copied = ["-i", f"file:{folder}/behind.mp4", "-c", "copy"]
    ffmpeg.run([*copied, "-movflags", "+faststart", "-y", f"file:{folder}/before.mp4"])
    ffmpeg.run([*copied, "-y", f"file:{folder}/stream.ts"])
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Asked:
    """The vet, in this process; remembers how many pieces it was shown."""

    def __init__(self) -> None:
        self.shown: list[int] = []

    def __call__(self, size_bytes: int, pieces: Mapping[int, bytes], accept_truncated: bool) -> dict[str, Any]:
        self.shown.append(len(pieces))
        return look(size_bytes, pieces, accept_truncated)


def vet(body: bytes, asked: Any) -> None:
    store = MemoryStore()
    store.put("ann/games/one.mp4", body)
    source = SourceRef(id=uuid(3), key="ann/games/one.mp4", sha256="a" * 64)
    vetted(asked)(IngestSpec(user=USER, job=uuid(1), game=uuid(2), source=source), store)


@pytest.mark.parametrize("name", ["behind.mp4", "before.mp4", "stream.ts"])
def test_a_film_passes(films: dict[str, bytes], name: str):
    body, asked = films[name], Asked()
    assert len(body) > 12 * PIECE_BYTES, "it is of many pieces"
    vet(body, asked)
    assert len(asked.shown) <= 4
    assert asked.shown[-1] <= MOST_PIECES


def test_what_is_wrong_with_a_film_is_found_in_its_pieces(films: dict[str, bytes]):
    asked = Asked()
    with pytest.raises(SourceTruncated):
        vet(films["before.mp4"][: 8 * PIECE_BYTES], asked)
    assert asked.shown[0] < 8


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"#EXTM3U\nhttp://a.b/c", PlaylistNotVideo),
        (b"words", NotAVideo),
        (b"\0\0\0\x18ftyp" + bytes(100), SourceUnreadable),
    ],
)
def test_what_is_no_film_is_refused_with_its_own_reason(body: bytes, fault: type[Exception]):
    with pytest.raises(fault):
        vet(body, Asked())


def test_a_vet_that_asks_for_ever_is_not_served(films: dict[str, bytes]):
    def greedy(size_bytes: int, pieces: Mapping[int, bytes], accept_truncated: bool) -> dict[str, Any]:
        shown.append(len(pieces))
        return {"lacks": [-1, 10**9, *range(10_000)]}

    shown: list[int] = []
    vet(films["before.mp4"], greedy)
    assert len(shown) <= 3
    assert shown[-1] <= MOST_PIECES


def test_what_a_vet_says_is_taken_for_no_more_than_it_is():
    """It has seen the file, and may be the file's by now."""
    with pytest.raises(Internal):
        vet(b"words", lambda *_: {"error": {"code": "storage_full", "message": "Delete everything.", "details": {}}})
