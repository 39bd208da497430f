"""Sources: the footage of a game, part by part, from the moment it is expected until ingest has looked it over."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias

from jobs.spec import SourceRef
from reel import keys
from reel.errors import AlreadyExists, Conflict, Json, SourceGone
from reel.fields import Field
from reel.timing import Span
from storage import edits, removals
from storage.rows import AMONG, array, dumped, loaded, missing, one

State: TypeAlias = Literal["expected", "uploading", "ingesting", "ready", "failed", "refused"]
"""`expected`: no bytes, none on the way. `failed`: the bytes are there, ingest may be tried again. `refused`: the bytes
are no footage and are gone; another file may take the place."""

WITH_BYTES: Final = frozenset[State]({"ingesting", "ready", "failed"})
MOST_PARTS: Final = 8  # two halves, extra time, penalties

_SELECT: Final = (
    "SELECT id, game_id, part, name, ext, size_bytes, fingerprint, sha256, state, ingest_job, error, usable_until_pts,"
    " revision, created_at, updated_at, codec, width_px, height_px, time_base_n, time_base_d, in_pts, out_pts,"
    " rate_n, rate_d, frames, constant_rate, hdr, sound, proxy, sprite FROM sources"
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What ingest found, as jobs.ingest tells it. `sprite` is {tile_px, columns, pts}."""

    codec: str
    width_px: int
    height_px: int
    time_base: Fraction
    span: Span
    rate: Fraction
    frames: int
    constant_rate: bool
    hdr: bool
    sound: bool
    proxy: bool
    sprite: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Source:
    """One part of a game. `facts` is None until ingest is done; `sha256` names the content once the bytes are there."""

    id: str
    game_id: str
    part: int
    name: str
    ext: str
    size_bytes: int
    fingerprint: str
    sha256: str | None
    state: State
    ingest_job: str | None
    error: Mapping[str, Json] | None
    usable_until_pts: int | None
    revision: int
    created_at: str
    updated_at: str
    facts: Facts | None


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source to be: its place in its game and the file that it will come from."""

    id: str
    game_id: str
    part: int
    name: str
    ext: str
    size_bytes: int
    fingerprint: str


def add(connection: sqlite3.Connection, new: NewSource, state: State, now: str) -> Source:
    """Add a source at its part, in the place of one there that has no bytes, whose clips it takes over.

    Each file comes under an id of its own, so that no key is ever written twice. Raises NotFound for a game that is
    not there, AlreadyExists if there is footage at this part or on the way or a source under this id, BadField.
    """
    keys.original("a", new.game_id, new.id, new.ext)
    before = replaced_at(connection, new.game_id, new.part)
    added = connection.execute(
        "INSERT INTO sources (id, game_id, part, name, ext, size_bytes, fingerprint, state, revision, created_at,"
        " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?) ON CONFLICT (id) DO NOTHING",
        (new.id, new.game_id, -new.part, new.name, new.ext, new.size_bytes, new.fingerprint, state, now, now),
    ).rowcount
    if not added:
        raise AlreadyExists("There is a source under this id already.", id=new.id)
    if before is not None:
        _take_over(connection, before, new.id, now)
    connection.execute("UPDATE sources SET part = ? WHERE id = ?", (new.part, new.id))  # free only now
    return get(connection, new.id)


def replaced_at(connection: sqlite3.Connection, game_id: str, part: int) -> str | None:
    """Return the source without bytes that a new one at this part takes the place of, None if there is none.

    Raises NotFound (the game), AlreadyExists if there is footage at this part or on the way, BadField.
    """
    Field(part, "/part").integer(1, MOST_PARTS)
    one(connection, "SELECT 1 FROM games WHERE id = ?", (game_id,), "game", game_id)
    query = "SELECT id, state FROM sources WHERE game_id = ? AND part = ?"
    there = connection.execute(query, (game_id, part)).fetchone()
    if there is None:
        return None
    if there[1] not in {"expected", "refused"}:
        raise AlreadyExists("There is footage for this part already.", source=there[0], part=part)
    return there[0]


def get(connection: sqlite3.Connection, source_id: str) -> Source:
    """Return a source. Raises NotFound."""
    return _source(one(connection, f"{_SELECT} WHERE id = ?", (source_id,), "source", source_id))


def of_games(connection: sqlite3.Connection, game_ids: Sequence[str]) -> Mapping[str, tuple[Source, ...]]:
    """Return the sources of several games in the order of their parts: never more than a few of each."""
    query = f"{_SELECT} WHERE game_id {AMONG} ORDER BY game_id, part"
    found: dict[str, list[Source]] = {game_id: [] for game_id in game_ids}
    for row in connection.execute(query, (array(game_ids),)):
        found[row[1]].append(_source(row))
    return {game_id: tuple(sources) for game_id, sources in found.items()}


def several(connection: sqlite3.Connection, source_ids: Collection[str]) -> Mapping[str, Source]:
    """Return those of the named sources that there are, by id."""
    query = f"{_SELECT} WHERE id {AMONG}"
    return {row[0]: _source(row) for row in connection.execute(query, (array(source_ids),))}


def with_bytes(connection: sqlite3.Connection, fingerprint: str, size_bytes: int) -> Source | None:
    """Return the source that was made of a file like this one, if its bytes are there."""
    query = (
        f"{_SELECT} WHERE fingerprint = ? AND size_bytes = ?"
        " AND state IN ('ingesting', 'ready', 'failed') ORDER BY id LIMIT 1"
    )
    row = connection.execute(query, (fingerprint, size_bytes)).fetchone()
    return _source(row) if row else None


def ref(source: Source, user: str) -> SourceRef:
    """Return what a spec holds of a source. Raises SourceGone while its bytes are not there."""
    if source.sha256 is None or source.state not in WITH_BYTES:
        raise SourceGone(source=source.id, state=source.state)
    key = keys.original(user, source.game_id, source.id, source.ext)
    return SourceRef(id=source.id, key=key, sha256=source.sha256, usable_until_pts=source.usable_until_pts)


def arrived(connection: sqlite3.Connection, source_id: str, sha256: str, now: str) -> None:
    """Note that a source's bytes are there, whole; `sha256` names the content. Raises NotFound."""
    query = "UPDATE sources SET sha256 = ?, state = 'ingesting', revision = revision + 1, updated_at = ? WHERE id = ?"
    _write(connection, query, (keys.checked_digest(sha256), now, source_id))


def ingesting(connection: sqlite3.Connection, source_id: str, job: str, now: str) -> None:
    """Note the job that looks a source over: the last one noted decides what becomes of it.

    Raises NotFound, and SourceGone for one whose bytes are not there.
    """
    if (found := get(connection, source_id)).state not in WITH_BYTES:
        raise SourceGone(source=source_id, state=found.state)
    query = (
        "UPDATE sources SET ingest_job = ?, state = 'ingesting', error = NULL, revision = revision + 1, updated_at = ?"
        " WHERE id = ?"
    )
    _write(connection, query, (job, now, source_id))


def ingested(connection: sqlite3.Connection, source_id: str, facts: Facts, usable_until: int | None, now: str) -> None:
    """Note what ingest found; `usable_until` is where a source ends that was accepted short. Raises NotFound."""
    query = (
        "UPDATE sources SET state = 'ready', error = NULL, usable_until_pts = ?, codec = ?, width_px = ?,"
        " height_px = ?, time_base_n = ?, time_base_d = ?, in_pts = ?, out_pts = ?, rate_n = ?, rate_d = ?,"
        " frames = ?, constant_rate = ?, hdr = ?, sound = ?, proxy = ?, sprite = ?, revision = revision + 1,"
        " updated_at = ? WHERE id = ?"
    )
    values = (
        *(usable_until, facts.codec, facts.width_px, facts.height_px, *facts.time_base.as_integer_ratio()),
        *(facts.span.in_pts, facts.span.out_pts, *facts.rate.as_integer_ratio(), facts.frames),
        *(facts.constant_rate, facts.hdr, facts.sound, facts.proxy, dumped(facts.sprite)),
    )
    _write(connection, query, (*values, now, source_id))


def ended(
    connection: sqlite3.Connection, source_id: str, state: State, error: Mapping[str, Json] | None, now: str
) -> None:
    """Note that a source did not become ready, and why. Raises NotFound."""
    query = "UPDATE sources SET state = ?, error = ?, revision = revision + 1, updated_at = ? WHERE id = ?"
    _write(connection, query, (state, None if error is None else dumped(error), now, source_id))


def swap(
    connection: sqlite3.Connection, old_id: str, new_id: str, ext: str, size_bytes: int, sha256: str, now: str
) -> Source:
    """Put smaller footage with the same times, which has to be looked over, in the place of a source, which goes.

    Its clips and edits follow, and until then it has the old one's facts. Return what the old one was. Raises NotFound.
    """
    old = get(connection, old_id)
    connection.execute(
        "INSERT INTO sources (id, game_id, part, name, ext, size_bytes, fingerprint, sha256, state, usable_until_pts,"
        " codec, width_px, height_px, time_base_n, time_base_d, in_pts, out_pts, rate_n, rate_d, frames, constant_rate,"
        " hdr, sound, proxy, sprite, revision, created_at, updated_at) SELECT ?, game_id, -part, name, ?, ?, ?, ?,"
        " 'ingesting', usable_until_pts, codec, width_px, height_px, time_base_n, time_base_d, in_pts, out_pts, rate_n,"
        " rate_d, frames, constant_rate, hdr, sound, proxy, sprite, 1, created_at, ? FROM sources WHERE id = ?",
        (keys.checked_uuid(new_id), ext, size_bytes, sha256, keys.checked_digest(sha256), now, old_id),
    )
    _take_over(connection, old_id, new_id, now)
    connection.execute("UPDATE sources SET part = -part WHERE id = ?", (new_id,))  # free only now
    return old


def discard(connection: sqlite3.Connection, source_id: str, user: str, now: str) -> None:
    """Refuse a source that could not be looked over, as the person wishes: another file may take its place.

    Raises NotFound, and Conflict for one in another state.
    """
    source = get(connection, source_id)
    if source.state != "failed":
        raise Conflict("This footage is in use.", id=source_id, state=source.state)
    removals.ask(connection, [keys.source_prefix(user, source.game_id, source_id)], now)
    ended(connection, source_id, "refused", source.error, now)


def remove(connection: sqlite3.Connection, source_id: str, user: str, now: str) -> None:
    """Remove a source with its footage, its clips and what was extracted of them; projects and reels stay.

    Raises NotFound.
    """
    source = get(connection, source_id)
    query = "SELECT DISTINCT key FROM raw_clips JOIN clips ON clips.id = clip_id WHERE source_id = ?"
    extracted = [key for (key,) in connection.execute(query, (source_id,))]
    removals.ask(connection, [keys.source_prefix(user, source.game_id, source_id), *extracted], now)
    connection.execute("DELETE FROM sources WHERE id = ?", (source_id,))


def _write(connection: sqlite3.Connection, query: str, values: Sequence[Any]) -> None:
    if not connection.execute(query, values).rowcount:
        raise missing("source", values[-1])


def _take_over(connection: sqlite3.Connection, old: str, new: str, now: str) -> None:
    """Give one source all that was marked in another, which goes."""
    query = "UPDATE clips SET source_id = ?, revision = revision + 1, updated_at = ? WHERE source_id = ?"
    connection.execute(query, (new, now, old))
    edits.move_source(connection, old, new, now)
    connection.execute("DELETE FROM sources WHERE id = ?", (old,))


def _source(row: Sequence[Any]) -> Source:
    own, error, rest, found = row[:10], loaded(row[10]), row[11:15], row[15:]
    return Source(*[*own, error, *rest, _facts(found) if found[0] is not None else None])


def _facts(row: Sequence[Any]) -> Facts:
    codec, width_px, height_px, base_n, base_d, in_pts, out_pts, rate_n, rate_d, frames, *flags, sprite = row
    constant_rate, hdr, sound, proxy = (bool(flag) for flag in flags)
    return Facts(
        codec=codec,
        width_px=width_px,
        height_px=height_px,
        time_base=Fraction(base_n, base_d),
        span=Span(in_pts, out_pts),
        rate=Fraction(rate_n, rate_d),
        frames=frames,
        constant_rate=constant_rate,
        hdr=hdr,
        sound=sound,
        proxy=proxy,
        sprite=loaded(sprite),
    )
