"""Settle: fold a finished job's result into the user's database, once.

The result decides, whatever the row says: a job that was being cancelled but has committed is done. Folding in the
same results in any order, any number of times, leaves the same rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from jobs.spec import (
    ArchiveSpec,
    CompileSpec,
    DemoSpec,
    ExtractSpec,
    FramingSpec,
    IngestSpec,
    OverlaySpec,
    PreviewSpec,
    SmallCopySpec,
    Spec,
    TrimSpec,
    WindowSpec,
)
from reel import keys
from reel.errors import (
    AlreadyExists,
    BadSource,
    Conflict,
    Internal,
    Json,
    NotFound,
    ReelError,
    SourceGone,
    SourceTruncated,
    by_code,
)
from storage import (
    automatic,
    clips,
    framings,
    handouts,
    jobs,
    reels,
    removals,
    results,
    small_copies,
    sources,
    trims,
)
from storage.costs import Cost
from storage.results import Ended

# A file that cannot be used is removed; one that ends early may be accepted as it is, and one that is gone is gone.
_REFUSED: Final = by_code(BadSource).keys() - {SourceTruncated.code, SourceGone.code}

_ONLY_PART: Final = 1

_Fold = Callable[[], None]


def settle(connection: sqlite3.Connection, ended: Ended, now: str, frame_pts: Sequence[int] = ()) -> bool:
    """Fold a result in; False, changing nothing, if that was done before or the job is not known.

    `frame_pts` are the frame times that an ingest found (its ptsmap): clips that were marked before are snapped to
    them. What a job made of things that are gone by now is noted to be removed.
    """
    try:
        job, spec = jobs.get(connection, ended.job), jobs.spec_of(connection, ended.job)
    except NotFound:
        return False
    if job.settled_at is not None:
        return False
    if ended.outcome != "done":
        return _fall(connection, job, spec, ended.outcome, ended.error or {}, now, ended.cost)
    try:
        fold = _fold(connection, job, spec, ended.value, now, frame_pts)
    except (Conflict, AlreadyExists) as overtaken:
        return _fall(connection, job, spec, "failed", overtaken.envelope(), now, ended.cost)
    except ReelError as fault:
        told = Internal("The result of this job cannot be read.", reason=fault.message).envelope()
        return _fall(connection, job, spec, "failed", told, now, ended.cost)
    fold()
    told = ended.value if isinstance(spec, PreviewSpec | WindowSpec | TrimSpec) else None
    return jobs.end(connection, job.id, "done", now, value=_counted(told, ended.cost))


def _fold(
    connection: sqlite3.Connection,
    job: jobs.Job,
    spec: Spec,
    value: Mapping[str, Json] | None,
    now: str,
    frame_pts: Sequence[int],
) -> _Fold:
    """Read what was made, without writing yet; return what notes it.

    Raises BadField for what is no such result, Conflict and AlreadyExists for what came too late.
    """
    made_of = job.made_of or ""
    match spec:
        case FramingSpec():
            framing = results.framing(spec, value, made_of, job.created_at)
            return lambda: _framed(connection, framing, now)
        case OverlaySpec():
            version = results.version(spec, value, made_of, job.created_at)
            return lambda: _overlaid(connection, version, spec)
        case IngestSpec():
            facts, usable_until_pts = results.ingested(spec, value)
            return lambda: _ingested(connection, spec, facts, usable_until_pts, now, frame_pts)
        case ExtractSpec():
            raw_clip = results.raw_clip(spec, value, job.created_at)
            return lambda: handouts.add_raw_clip(connection, raw_clip, now)
        case CompileSpec():
            download = results.download(spec, value, job.game_id, job.created_at)
            return lambda: handouts.add_download(connection, download)
        case ArchiveSpec():
            archive = results.archive(spec, value, job.created_at)
            return lambda: handouts.add_archive(connection, archive)
        case SmallCopySpec():
            copy = results.small_copy(spec, value, job.created_at)
            return lambda: small_copies.add(connection, copy, now)
        case DemoSpec():
            filmed = results.filmed(spec, value)
            _require_free(connection, spec)
            return lambda: _filmed(connection, spec, filmed, now)
        case TrimSpec():
            smaller = results.smaller(value)
            trims.require_covered(connection, spec)
            return lambda: trims.replace(connection, spec, smaller, now)
        case PreviewSpec() | WindowSpec():
            return lambda: None


def _framed(connection: sqlite3.Connection, framing: framings.Framing, now: str) -> None:
    if _is_there(connection, "SELECT 1 FROM projects WHERE id = ?", framing.project_id):
        framings.add(connection, framing)
    else:
        removals.ask(connection, [framing.key], now)


def _overlaid(connection: sqlite3.Connection, version: reels.Version, spec: OverlaySpec) -> None:
    reels.add_version(connection, version, spec.framing.project)
    removals.keep(connection, keys.poster(spec.user, spec.reel))  # it was made again


def _require_free(connection: sqlite3.Connection, spec: DemoSpec) -> None:
    """Raise AlreadyExists if the demo game has got other footage meanwhile."""
    try:
        sources.replaced_at(connection, spec.game, _ONLY_PART)
        if sources.several(connection, [spec.source]):
            raise AlreadyExists("There is a source under this id already.", id=spec.source)
    except NotFound:  # the game is gone
        return


def _filmed(connection: sqlite3.Connection, spec: DemoSpec, filmed: results.Filmed, now: str) -> None:
    if not _is_there(connection, "SELECT 1 FROM games WHERE id = ?", spec.game):
        removals.ask(connection, [keys.source_prefix(spec.user, spec.game, spec.source)], now)
        return
    new = sources.NewSource(
        spec.source, spec.game, _ONLY_PART, "Demo game.mp4", "mp4", filmed.size_bytes, filmed.sha256
    )
    sources.add(connection, new, "ingesting", now)
    sources.arrived(connection, spec.source, filmed.sha256, now)
    sources.ingested(connection, spec.source, filmed.facts, None, now)
    for clip in filmed.clips:
        clips.add(connection, clip, now)
        automatic.begin_earned(connection, clip, now)


def _ingested(
    connection: sqlite3.Connection,
    spec: IngestSpec,
    facts: sources.Facts,
    usable_until_pts: int | None,
    now: str,
    frame_pts: Sequence[int],
) -> None:
    if not _is_there(connection, "SELECT 1 FROM sources WHERE id = ?", spec.source.id):
        removals.ask(connection, [keys.source_prefix(spec.user, spec.game, spec.source.id)], now)
    elif _decides(connection, spec):
        sources.ingested(connection, spec.source.id, facts, usable_until_pts, now)
        clips.snap_to(connection, sources.get(connection, spec.source.id), frame_pts, now)


def _fall(
    connection: sqlite3.Connection,
    job: jobs.Job,
    spec: Spec,
    outcome: jobs.Outcome,
    error: Mapping[str, Json],
    now: str,
    cost: Cost | None,
) -> bool:
    """Note a job that made nothing, and remove what it may have left."""
    if isinstance(spec, FramingSpec | OverlaySpec | CompileSpec | ArchiveSpec):
        removals.ask(connection, [spec.output_key], now)
    if isinstance(spec, OverlaySpec) and not _is_there(connection, "SELECT 1 FROM reels WHERE id = ?", spec.reel):
        removals.ask(connection, [keys.poster(spec.user, spec.reel)], now)
    if isinstance(spec, SmallCopySpec):
        small_copies.fell(connection, spec.output_key, now)
    if isinstance(spec, DemoSpec):
        _remove_unknown(connection, spec.user, spec.game, spec.source, now)
    if isinstance(spec, TrimSpec):
        _remove_unknown(connection, spec.user, spec.game, spec.replacement, now)
    if isinstance(spec, IngestSpec) and _decides(connection, spec):
        refused = outcome == "failed" and error.get("code") in _REFUSED
        if refused:  # with all that was made of it
            removals.ask(connection, [keys.source_prefix(spec.user, spec.game, spec.source.id)], now)
        sources.ended(connection, spec.source.id, "refused" if refused else "failed", error, now)
    return jobs.end(connection, job.id, outcome, now, value=_counted(None, cost), error=error)


def _counted(value: Mapping[str, Json] | None, cost: Cost | None) -> Mapping[str, Json] | None:
    """Return what a job's row keeps of its value, with what it has cost."""
    kept = {name: said for name, said in (value or {}).items() if name != "cost"}
    return kept | ({} if cost is None else {"cost": cost.model_dump(mode="json")}) or None


def _remove_unknown(connection: sqlite3.Connection, user: str, game: str, source: str, now: str) -> None:
    """Remove what was to become a source, if none of this name is there."""
    if not sources.several(connection, [source]):
        removals.ask(connection, [keys.source_prefix(user, game, source)], now)


def _decides(connection: sqlite3.Connection, spec: IngestSpec) -> bool:
    """Say whether this is the job that its source waits for: an older one says nothing of it any more."""
    try:
        return sources.get(connection, spec.source.id).ingest_job == spec.job
    except NotFound:
        return False


def _is_there(connection: sqlite3.Connection, query: str, name: str) -> bool:
    return connection.execute(query, (name,)).fetchone() is not None
