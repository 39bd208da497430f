"""Trims: a source cut down to its clips, with the same times, so that all that was marked and edited stays right.

The smaller footage comes as a source of its own, which takes the old one's place when the job settles.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from jobs.spec import IngestSpec, SourceRef, TrimSpec
from reel import keys
from reel.errors import Conflict, NoClips, NotFound
from reel.project import reel_hash
from reel.timing import Span, rescale, to_pts
from storage import edits, jobs, removals, sources

MARGIN_S: Final = 10
"""How much is kept before and after each clip."""

WRITTEN_AS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("mp4", "m4v"), "mp4"),
        **{ext: ext for ext in ("mov", "mkv", "webm")},
        **dict.fromkeys(("ts", "mts", "m2ts"), "mp4"),
    }
)
"""The extension of a smaller original by that of the old one: transport streams have no index, and are not written."""


@dataclass(frozen=True, slots=True)
class Smaller:
    """The smaller footage that a job made; `sha256` names its content."""

    sha256: str
    size_bytes: int


def kept_spans(needed: Iterable[Span], footage: Span, time_base: Fraction) -> tuple[Span, ...]:
    """Return what is kept of a source: what is needed of it with MARGIN_S around, merged, in order, inside it."""
    margin_pts = to_pts(Fraction(MARGIN_S), time_base)
    kept: list[Span] = []
    for span in sorted(needed, key=lambda span: span.in_pts):
        in_pts, out_pts = max(span.in_pts - margin_pts, footage.in_pts), min(span.out_pts + margin_pts, footage.out_pts)
        if in_pts >= out_pts:
            continue
        if kept and in_pts <= kept[-1].out_pts:
            kept[-1] = Span(kept[-1].in_pts, max(kept[-1].out_pts, out_pts))
        else:
            kept.append(Span(in_pts, out_pts))
    return tuple(kept)


def plan(connection: sqlite3.Connection, source_id: str, user: str, job: str) -> TrimSpec:
    """Return the job that cuts a source down to what clips and projects show of it; `job` is its id.

    Raises NotFound, SourceGone, NoClips, and Conflict for a source that is not ready, that a job is working on, or of
    which nothing can be left out.
    """
    source = sources.get(connection, source_id)
    reference = sources.ref(source, user)
    if source.state != "ready" or source.facts is None:
        raise Conflict("This footage is still being looked over.", source=source_id)
    busy = "SELECT 1 FROM jobs WHERE settled_at IS NULL AND instr(spec, ?)"
    if connection.execute(busy, (source_id,)).fetchone():
        raise Conflict("Something is being made of this footage: wait for it, or cancel it.", source=source_id)
    span, time_base = source.facts.span, source.facts.time_base
    kept = kept_spans(_needed(connection, source_id, time_base), span, time_base)
    if not kept:
        raise NoClips("No clip is marked in this footage: nothing of it would be left.")
    if kept == (span,):
        raise Conflict("The clips need all of this footage: nothing can be left out.", source=source_id)
    return TrimSpec(
        user=user,
        job=job,
        game=source.game_id,
        source=reference,
        replacement=keys.uuid_of(keys.content_hash(["trim", job])),
        ext=WRITTEN_AS[source.ext],
        spans=tuple((one.in_pts, one.out_pts) for one in kept),
    )


def ingest_job(job: str) -> str:
    """Return the id of the job that looks over what a trim made."""
    return keys.uuid_of(keys.content_hash(["ingest", job]))


def require_covered(connection: sqlite3.Connection, spec: TrimSpec) -> None:
    """Raise Conflict if something that was marked or edited meanwhile lies outside of what was kept."""
    try:
        facts = sources.get(connection, spec.source.id).facts
    except NotFound:
        return
    kept = [Span(*span) for span in spec.spans]
    needed = _needed(connection, spec.source.id, facts.time_base) if facts else []
    if not all(any(span.within(one) for one in kept) for span in needed):
        message = "A clip was added or moved meanwhile, outside of what would be kept. Nothing was cut: try again."
        raise Conflict(message, source=spec.source.id)


def replace(connection: sqlite3.Connection, spec: TrimSpec, made: Smaller, now: str) -> None:
    """Let the smaller footage take the old one's place, to be looked over; if that is gone, this goes too."""
    smaller = keys.source_prefix(spec.user, spec.game, spec.replacement)
    if not sources.several(connection, [spec.source.id]):
        removals.ask(connection, [smaller], now)
        return
    finished = _reel_hashes(connection, spec.source.id)
    old = sources.swap(connection, spec.source.id, spec.replacement, spec.ext, made.size_bytes, made.sha256, now)
    _keep_finished(connection, finished, _reel_hashes(connection, spec.replacement))
    removals.ask(connection, [keys.source_prefix(spec.user, spec.game, spec.source.id)], now)
    reference = SourceRef(id=spec.replacement, key=spec.output_key, sha256=made.sha256)
    ingest = IngestSpec(
        user=spec.user,
        job=ingest_job(spec.job),
        game=spec.game,
        source=reference,
        accept_truncated=old.usable_until_pts is not None,
    )
    jobs.add(connection, ingest, now, waits_for=spec.job)  # handed over as soon as this has settled


def _needed(connection: sqlite3.Connection, source_id: str, time_base: Fraction) -> list[Span]:
    """Return what clips and projects show of a source, on its clock."""
    query = "SELECT time_base_n, time_base_d, in_pts, out_pts FROM clips WHERE source_id = ?"
    marked = [(Fraction(n, d), Span(*span)) for n, d, *span in connection.execute(query, (source_id,))]
    edited = [
        (clip.time_base, clip.span)
        for project_id in _projects(connection, source_id)
        for clip in edits.get(connection, project_id).clips
        if clip.source_id == source_id
    ]
    return [_moved(span, base, time_base) for base, span in (*marked, *edited)]


def _moved(span: Span, base: Fraction, time_base: Fraction) -> Span:
    in_pts = rescale(span.in_pts, base, time_base)
    return Span(in_pts, max(rescale(span.out_pts, base, time_base), in_pts + 1))


def _projects(connection: sqlite3.Connection, source_id: str) -> Sequence[str]:
    query = "SELECT DISTINCT project_id FROM project_clips WHERE source_id = ? ORDER BY project_id"
    return [project_id for (project_id,) in connection.execute(query, (source_id,))]


def _reel_hashes(connection: sqlite3.Connection, source_id: str) -> Mapping[str, str]:
    """Return what a reel of each project that shows a source would be made of now."""
    return {each: reel_hash(edits.get(connection, each)) for each in _projects(connection, source_id)}


def _keep_finished(connection: sqlite3.Connection, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Let finished reels stay what they are of: the same pictures, from another file. Framings are made anew."""
    changed = [(after[each], before[each]) for each in before]
    connection.executemany("UPDATE reel_versions SET made_of = ? WHERE made_of = ?", changed)
