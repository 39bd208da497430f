"""Fresh ids sort as they were made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from reel.keys import checked_uuid
from storage.ids import uuid7


def test_ids_of_one_moment_sort_as_they_were_made() -> None:
    made = [uuid7() for _ in range(10_000)]
    assert made == sorted(made)
    assert all(checked_uuid(one)[14] == "7" for one in made)


def test_no_two_threads_get_the_same() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: uuid7(), range(4_000)))
    assert len(set(made)) == len(made)
