"""Settle: fold a finished job's result into the user's database, once.

The result decides, whatever the row says: a job that was being cancelled but has committed is done. Folding in the
same results in any order, any number of times, leaves the same rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from jobs.spec import CompileSpec, ExtractSpec, FramingSpec, IngestSpec, OverlaySpec, PreviewSpec, Spec
from reel import keys
from reel.errors import BadSource, Internal, Json, NotFound, ReelError, SourceGone, SourceTruncated, by_code
from storage import clips, framings, handouts, jobs, reels, removals, results, sources
from storage.results import Ended

# A file that cannot be used is removed; one that ends early may be accepted as it is, and one that is gone is gone.
_REFUSED: Final = by_code(BadSource).keys() - {SourceTruncated.code, SourceGone.code}

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
        return _fall(connection, job, spec, ended.outcome, ended.error or {}, now)
    try:
        fold = _fold(connection, job, spec, ended.value, now, frame_pts)
    except ReelError as fault:
        told = Internal("The result of this job cannot be read.", reason=fault.message).envelope()
        return _fall(connection, job, spec, "failed", told, now)
    fold()
    return jobs.end(connection, job.id, "done", now, value=ended.value if isinstance(spec, PreviewSpec) else None)


def _fold(
    connection: sqlite3.Connection,
    job: jobs.Job,
    spec: Spec,
    value: Mapping[str, Json] | None,
    now: str,
    frame_pts: Sequence[int],
) -> _Fold:
    """Read what was made, without writing yet; return what notes it. Raises BadField for what is no such result."""
    made_of = job.made_of or ""
    match spec:
        case FramingSpec():
            framing = results.framing(spec, value, made_of, job.created_at)
            return lambda: _framed(connection, framing, now)
        case OverlaySpec():
            version = results.version(spec, value, made_of, job.created_at)
            return lambda: reels.add_version(connection, version, spec.framing.project)
        case IngestSpec():
            facts, usable_until_pts = results.facts(spec, value)
            return lambda: _ingested(connection, spec, facts, usable_until_pts, now, frame_pts)
        case ExtractSpec():
            raw_clip = results.raw_clip(spec, value, job.created_at)
            return lambda: handouts.add_raw_clip(connection, raw_clip, now)
        case CompileSpec():
            download = results.download(spec, value, job.game_id, job.created_at)
            return lambda: handouts.add_download(connection, download)
        case PreviewSpec():
            return lambda: None


def _framed(connection: sqlite3.Connection, framing: framings.Framing, now: str) -> None:
    if _is_there(connection, "SELECT 1 FROM projects WHERE id = ?", framing.project_id):
        framings.add(connection, framing)
    else:
        removals.ask(connection, [framing.key], now)


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
) -> bool:
    """Note a job that made nothing, and remove what it may have left."""
    if isinstance(spec, FramingSpec | OverlaySpec | CompileSpec):
        removals.ask(connection, [spec.output_key], now)
    if isinstance(spec, IngestSpec) and _decides(connection, spec):
        refused = outcome == "failed" and error.get("code") in _REFUSED
        if refused:  # with all that was made of it
            removals.ask(connection, [keys.source_prefix(spec.user, spec.game, spec.source.id)], now)
        sources.ended(connection, spec.source.id, "refused" if refused else "failed", error, now)
    return jobs.end(connection, job.id, outcome, now, error=error)


def _decides(connection: sqlite3.Connection, spec: IngestSpec) -> bool:
    """Say whether this is the job that its source waits for: an older one says nothing of it any more."""
    try:
        return sources.get(connection, spec.source.id).ingest_job == spec.job
    except NotFound:
        return False


def _is_there(connection: sqlite3.Connection, query: str, name: str) -> bool:
    return connection.execute(query, (name,)).fetchone() is not None
