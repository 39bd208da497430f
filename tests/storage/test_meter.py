import pytest

from reel import keys
from storage.memory import MemoryBucket
from storage.meter import Stored, stored
from storage.objects import Objects
from tests.reel.edits import uuid

USER = "lena"
PLACES = {
    keys.database(USER): 1,
    keys.history(USER, 3): 2,
    keys.original(USER, uuid(1), uuid(2), "mp4"): 4,
    keys.window(USER, uuid(1), uuid(2), "ab" * 32): 8,
    keys.raw_clip(USER, uuid(3), "ab" * 32): 16,
    keys.segment(USER, "ab" * 32): 32,
    keys.draft(USER, uuid(4), uuid(5)): 64,
    keys.working_video(USER, uuid(4), uuid(5)): 128,
    keys.final_video(USER, uuid(6), 1): 256,
    keys.poster(USER, uuid(6)): 512,
    keys.download(USER, uuid(7), "zip"): 1024,
    keys.preview(USER, "ab" * 32): 2048,
    keys.result(USER, uuid(7)): 4096,
    keys.database("lena-2"): 8192,
    keys.session("ab" * 32): 16384,
}


@pytest.mark.parametrize("kind", ["memory", "objects"])
def test_every_byte_of_a_user_is_told_once(kind: str, objects: Objects):
    bucket = MemoryBucket() if kind == "memory" else objects
    for key, size_bytes in PLACES.items():
        bucket.put(key, b"x" * size_bytes)
    found = stored(bucket, USER)
    assert found == Stored(
        footage_bytes=4 + 8,
        reels_bytes=256 + 512,
        framings_bytes=64 + 128,
        segments_bytes=32,
        raw_clips_bytes=16,
        downloads_bytes=1024,
        history_bytes=2,
        other_bytes=1 + 2048 + 4096,
    )
    assert found.total_bytes == 8191
    assert stored(bucket, "lena-2").total_bytes == 8192


def test_who_has_nothing_takes_up_nothing():
    assert stored(MemoryBucket(), USER) == Stored()
