"""Clips: what someone marked in a game."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias

from reel.annotation import MOST_NAME, MOST_NOTES, MOST_TAG, MOST_TAGS, Clip, require_length
from reel.errors import AlreadyExists, BadField, ClipOutsideSource
from reel.fields import LARGEST_TERM, Field
from reel.keys import checked_uuid
from reel.timing import Span
from storage import removals, sources
from storage.pages import Page, checked_limit, page_of, place
from storage.rows import AMONG, array, dumped, loaded, missing, one, stale
from storage.snapping import PROVISIONAL, snapped

Order: TypeAlias = Literal["time", "best"]

_SELECT: Final = (
    "SELECT clips.id, source_id, clips.time_base_n, clips.time_base_d, clips.in_pts, clips.out_pts, rating, tags,"
    " clips.name, notes, game_id, part, provisional, clips.revision, clips.created_at, clips.updated_at"
    " FROM clips JOIN sources ON sources.id = source_id"
)
_BY_TIME: Final = (
    " WHERE game_id = ? AND rating >= ? AND (? IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?))"
    " AND (part, clips.in_pts, clips.id) > (?, ?, ?) ORDER BY part, clips.in_pts, clips.id LIMIT ?"
)
_BY_RATING: Final = (
    " WHERE game_id = ? AND rating >= ? AND (? IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?))"
    " AND (-rating, part, clips.in_pts, clips.id) > (?, ?, ?, ?)"
    " ORDER BY -rating, part, clips.in_pts, clips.id LIMIT ?"
)
_EARLIEST: Final = -(2**53) + 1


@dataclass(frozen=True, slots=True)
class Marked:
    """A clip as it is kept. `provisional`: marked before ingest, on a clock of 1/90000."""

    clip: Clip
    game_id: str
    part: int
    provisional: bool
    revision: int
    created_at: str
    updated_at: str


def add(connection: sqlite3.Connection, clip: Clip, now: str, frame_pts: Sequence[int] = ()) -> Marked:
    """Add a clip; one that is there already under this id and says the same is returned as it is.

    A clip on another clock than its source's, which ingest has told meanwhile, is snapped to the frames `frame_pts`.
    Raises NotFound (the source), AlreadyExists, BadField, ClipOutsideSource, ClipLengthOutOfRange.
    """
    return add_several(connection, [clip], now, frame_pts)[0]


def add_several(
    connection: sqlite3.Connection, marked: Sequence[Clip], now: str, frame_pts: Sequence[int] = ()
) -> tuple[Marked, ...]:
    """Add clips of one source, or of several on their own clocks, as `add` does: all or none."""
    footage = sources.several(connection, {clip.source_id for clip in marked})
    if absent := next((clip.source_id for clip in marked if clip.source_id not in footage), None):
        raise missing("source", absent)
    fitted = {clip.id: _fitted(clip, footage[clip.source_id], frame_pts) for clip in marked}
    there = _found(connection, fitted)
    for clip in marked:
        if clip.id in there and there[clip.id].clip not in (clip, fitted[clip.id][0]):
            raise AlreadyExists("There is another clip under this id.", id=clip.id)
    connection.executemany(
        "INSERT INTO clips (source_id, time_base_n, time_base_d, in_pts, out_pts, rating, tags, name, notes,"
        " provisional, updated_at, id, revision, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
        [
            (*_values(clip), provisional, now, checked_uuid(clip.id), now)
            for clip, provisional in fitted.values()
            if clip.id not in there
        ],
    )
    return several(connection, [clip.id for clip in marked])


def get(connection: sqlite3.Connection, clip_id: str) -> Marked:
    """Return a clip. Raises NotFound."""
    return _marked(one(connection, f"{_SELECT} WHERE clips.id = ?", (clip_id,), "clip", clip_id))


def several(connection: sqlite3.Connection, clip_ids: Collection[str]) -> tuple[Marked, ...]:
    """Return clips in the order of their ids as given. Raises NotFound for the first that is not there."""
    found = _found(connection, clip_ids)
    if absent := next((clip_id for clip_id in clip_ids if clip_id not in found), None):
        raise missing("clip", absent)
    return tuple(found[clip_id] for clip_id in clip_ids)


def page(
    connection: sqlite3.Connection,
    game_id: str,
    after: str | None = None,
    limit: int = 50,
    *,
    order: Order = "time",
    minimum_rating: int = 1,
    tag: str | None = None,
) -> Page[Marked]:
    """Return clips of a game, in the order of its time or the best first. Raises BadField; no clips for no game."""
    wanted = (game_id, minimum_rating, tag, tag)
    if order == "best":
        start = place(after, (-6, 0, _EARLIEST, ""))
        rows = connection.execute(_SELECT + _BY_RATING, (*wanted, *start, checked_limit(limit) + 1))
        return page_of([_marked(row) for row in rows], limit, lambda one: (-one.clip.rating, *_place(one)))
    start = place(after, (0, _EARLIEST, ""))
    rows = connection.execute(_SELECT + _BY_TIME, (*wanted, *start, checked_limit(limit) + 1))
    return page_of([_marked(row) for row in rows], limit, _place)


def counts(connection: sqlite3.Connection, game_ids: Sequence[str]) -> Mapping[str, int]:
    """Return how many clips each of several games has."""
    query = (
        "SELECT game_id, count(*) FROM clips JOIN sources ON sources.id = source_id"
        " WHERE game_id IN (SELECT value FROM json_each(?)) GROUP BY game_id"
    )
    return dict.fromkeys(game_ids, 0) | dict(connection.execute(query, (array(game_ids),)).fetchall())


def change(
    connection: sqlite3.Connection, clip: Clip, revision: int, now: str, frame_pts: Sequence[int] = ()
) -> Marked:
    """Save a clip anew; `revision` is the one that the client saw.

    Raises NotFound (also the source), StaleRevision, BadField, ClipOutsideSource, ClipLengthOutOfRange.
    """
    current = get(connection, clip.id)
    if current.revision != revision:
        stale(current)
    source = sources.get(connection, clip.source_id)
    if source.game_id != current.game_id:
        raise BadField("/source_id", "is a source of another game")
    fitted, provisional = _fitted(clip, source, frame_pts)
    connection.execute(
        "UPDATE clips SET source_id = ?, time_base_n = ?, time_base_d = ?, in_pts = ?, out_pts = ?, rating = ?,"
        " tags = ?, name = ?, notes = ?, provisional = ?, updated_at = ?, revision = revision + 1 WHERE id = ?",
        (*_values(fitted), provisional, now, clip.id),
    )
    return get(connection, clip.id)


def remove(connection: sqlite3.Connection, clip_id: str, now: str) -> None:
    """Remove a clip and what was extracted of it; projects keep what they show of it. Raises NotFound."""
    get(connection, clip_id)
    keys = connection.execute("SELECT DISTINCT key FROM raw_clips WHERE clip_id = ?", (clip_id,))
    removals.ask(connection, [key for (key,) in keys], now)
    connection.execute("DELETE FROM clips WHERE id = ?", (clip_id,))


def snap_to(connection: sqlite3.Connection, source: sources.Source, frame_pts: Sequence[int], now: str) -> None:
    """Bring the clips that were marked before ingest onto their source's clock and frames, once.

    Projects that knew a clip's boundaries know the new ones: nobody has changed them.
    """
    facts = source.facts
    assert facts is not None
    rows = connection.execute(f"{_SELECT} WHERE source_id = ? AND provisional = 1", (source.id,)).fetchall()
    terms = facts.time_base.as_integer_ratio()
    for before in (_marked(row).clip for row in rows):
        span = snapped(before.span, before.time_base, facts.span, facts.time_base, frame_pts)
        fresh = (*terms, span.in_pts, span.out_pts)
        connection.execute(
            "UPDATE project_clips SET seen_n = ?, seen_d = ?, seen_in_pts = ?, seen_out_pts = ? WHERE clip_id = ?"
            " AND (seen_n, seen_d, seen_in_pts, seen_out_pts) = (?, ?, ?, ?)",
            (*fresh, before.id, *before.time_base.as_integer_ratio(), before.span.in_pts, before.span.out_pts),
        )
        connection.execute(
            "UPDATE clips SET time_base_n = ?, time_base_d = ?, in_pts = ?, out_pts = ?, provisional = 0,"
            " revision = revision + 1, updated_at = ? WHERE id = ?",
            (*fresh, now, before.id),
        )


def _found(connection: sqlite3.Connection, clip_ids: Collection[str]) -> Mapping[str, Marked]:
    query = f"{_SELECT} WHERE clips.id {AMONG}"
    return {row[0]: _marked(row) for row in connection.execute(query, (array(clip_ids),))}


def _fitted(clip: Clip, source: sources.Source, frame_pts: Sequence[int]) -> tuple[Clip, bool]:
    """Return the clip as it is to be kept, and whether it waits for ingest."""
    _check(clip)
    facts = source.facts
    if facts is None:
        if clip.time_base != PROVISIONAL:
            raise BadField("/time_base", "has to be [1, 90000] until ingest has told the source's own")
        if clip.span.in_pts > 0:  # else it may be the whole of a source that is shorter than a clip has to be
            _check_length(clip)
        return clip, True
    if clip.time_base != facts.time_base:
        span = snapped(clip.span, clip.time_base, facts.span, facts.time_base, frame_pts)
        if not span.within(facts.span):
            raise ClipOutsideSource(clip=clip.id)
        if span != facts.span:
            _check_length(clip)
        return replace(clip, time_base=facts.time_base, span=span), False
    require_length(clip.span, facts.span, facts.time_base)
    return clip, False


def _check(clip: Clip) -> None:
    Field(clip.rating, "/rating").integer(1, 5)
    Field(list(clip.tags), "/tags").items(MOST_TAGS)
    for number, tag in enumerate(clip.tags):
        Field(tag, f"/tags/{number}").text(MOST_TAG)
    Field(clip.name, "/name").text(MOST_NAME)
    Field(clip.notes, "/notes").text(MOST_NOTES, lines=True)
    for number, term in enumerate(clip.time_base.as_integer_ratio()):
        Field(term, f"/time_base/{number}").integer(1, LARGEST_TERM)
    Field(clip.span.in_pts, "/in_pts").integer()
    Field(clip.span.out_pts, "/out_pts").integer()


def _check_length(clip: Clip) -> None:
    require_length(clip.span, Span(clip.span.in_pts, clip.span.out_pts + 1), clip.time_base)


def _values(clip: Clip) -> Sequence[Any]:
    span = (clip.span.in_pts, clip.span.out_pts)
    said = (clip.rating, dumped(clip.tags), clip.name, clip.notes)
    return (clip.source_id, *clip.time_base.as_integer_ratio(), *span, *said)


def _place(one: Marked) -> tuple[int, int, str]:
    return one.part, one.clip.span.in_pts, one.clip.id


def _marked(row: Sequence[Any]) -> Marked:
    clip_id, source_id, base_n, base_d, in_pts, out_pts, rating, tags, name, notes, game_id, part, *rest = row
    provisional, revision, created_at, updated_at = rest
    clip = Clip(
        id=clip_id,
        source_id=source_id,
        time_base=Fraction(base_n, base_d),
        span=Span(in_pts, out_pts),
        rating=rating,
        tags=tuple(loaded(tags)),
        name=name,
        notes=notes,
    )
    return Marked(clip, game_id, part, bool(provisional), revision, created_at, updated_at)
