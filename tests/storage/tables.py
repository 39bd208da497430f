"""A user's database in memory, filled by the aggregates themselves: what their tests begin with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from fractions import Fraction

import pytest

from reel.annotation import Clip
from reel.edit import EditClip, EditDocument
from reel.timing import Span
from storage import clips, games, projects, sources
from storage.schema import MIGRATIONS
from storage.snapping import PROVISIONAL
from tests.reel.edits import uuid

USER = "lena"
NOW = "2026-05-17T10:00:00Z"
LATER = "2026-05-17T11:00:00Z"
DIGEST = "ab" * 32
BASE = Fraction(1, 12800)
FRAME = 512  # 25 frames a second
FRAMES = tuple(range(0, 100 * 25 * FRAME, FRAME))  # 100 s


def opened() -> sqlite3.Connection:
    """Return an empty database of this release."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    for script in MIGRATIONS:
        connection.executescript(script)
    return connection


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    found = opened()
    yield found
    found.close()


def moment(number: int) -> str:
    """Return a moment; a higher number is later."""
    return f"2026-05-{1 + number // 24:02}T{number % 24:02}:00:00Z"


def game(connection: sqlite3.Connection, number: int = 1, match_date: str | None = "2026-05-16") -> str:
    return games.add(connection, games.Game(uuid(number), "Rovers", match_date, "home"), NOW).id


def source(
    connection: sqlite3.Connection, number: int, game_id: str, part: int = 1, state: sources.State = "ingesting"
) -> sources.Source:
    new = sources.NewSource(uuid(number), game_id, part, "half.mp4", "mp4", 1000, f"{number:064x}")
    return sources.add(connection, new, state, NOW)


def ready(connection: sqlite3.Connection, number: int, game_id: str, part: int = 1) -> sources.Source:
    """Add a source of 100 s that ingest has looked over."""
    found = source(connection, number, game_id, part)
    sources.arrived(connection, found.id, DIGEST, NOW)
    facts = sources.Facts(
        codec="h264",
        width_px=1920,
        height_px=1080,
        time_base=BASE,
        span=Span(0, FRAMES[-1] + FRAME),
        rate=Fraction(25),
        frames=len(FRAMES),
        constant_rate=True,
        hdr=False,
        sound=True,
        proxy=False,
        sprite={"tile_px": [160, 90], "columns": 10, "pts": [0]},
    )
    sources.ingested(connection, found.id, facts, None, NOW)
    return sources.get(connection, found.id)


def marked(number: int, source_id: str, start_s: int = 10, rating: int = 4, tags: tuple[str, ...] = ()) -> Clip:
    """Return a clip of 5 s on the source's clock."""
    span = Span(start_s * 12800, (start_s + 5) * 12800)
    return Clip(uuid(number), source_id, BASE, span, rating=rating, tags=tags)


def provisional(number: int, source_id: str, in_pts: int = 900_001, out_pts: int = 1_350_001) -> Clip:
    """Return a clip that was marked before ingest: from just after 10 s to just after 15 s."""
    return Clip(uuid(number), source_id, PROVISIONAL, Span(in_pts, out_pts))


def edit_of(clip: Clip, number: int) -> EditClip:
    return EditClip(uuid(number), clip.time_base, clip.span, clip_id=clip.id, source_id=clip.source_id)


def project(connection: sqlite3.Connection, number: int, *shown: EditClip, now: str = NOW) -> str:
    return projects.add(connection, uuid(number), EditDocument(title="Mia", clips=shown), now).id


def rated(connection: sqlite3.Connection, number: int, source_id: str, rating: int = 4) -> clips.Marked:
    return clips.add(connection, marked(number, source_id, rating=rating), NOW)
