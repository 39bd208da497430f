"""From a project to the specs of its jobs: what the edit only names is looked up here, once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Final

from jobs.from_edit import framing_spec
from jobs.spec import FramingSpec, SourceRef
from reel.edit import EditClip, EditDocument, Look
from reel.errors import ClipOutsideSource, NotFound, SourceGone
from reel.refusals import StepClosed
from reel.timing import seconds
from storage import clips, settings, sources
from storage.sources import Source

TOLERANCE_S: Final = 1


def framing_of(
    connection: sqlite3.Connection,
    document: EditDocument,
    look: Look,
    *,
    user: str,
    project: str,
    job: str,
    draft: bool,
) -> FramingSpec:
    """Return the spec that frames a project as it is now.

    Raises SourceGone, StepClosed (footage that is not looked over yet), ClipOutsideSource and BadField.
    """
    return framing_spec(
        document,
        user=user,
        job=job,
        project=project,
        sources=sources_of(connection, document.clips, user),
        names=names_of(connection, document.clips),
        look=look,
        draft=draft,
    )


def sources_of(connection: sqlite3.Connection, shown: Sequence[EditClip], user: str) -> list[SourceRef]:
    """Return the sources that clips show, ready to be read.

    Raises SourceGone and StepClosed, which name the clips, and ClipOutsideSource.
    """
    wanted = list(dict.fromkeys(clip.source_id for clip in shown if clip.source_id is not None))
    found = sources.several(connection, wanted)
    for source_id in wanted:
        _require_ready(found.get(source_id), source_id, [clip.id for clip in shown if clip.source_id == source_id])
    for clip in shown:
        if clip.source_id is not None:
            _require_inside(clip, found[clip.source_id])
    return [sources.ref(found[source_id], user) for source_id in wanted]


def names_of(connection: sqlite3.Connection, shown: Sequence[EditClip]) -> Mapping[str, str]:
    """Return what clips are called, by their ids in the edit: their chapters' names."""
    names: dict[str, str] = {}
    for clip in shown:
        with suppress(NotFound):  # it was deleted since: a project keeps what it shows of it
            names[clip.id] = clips.get(connection, clip.clip_id or "").clip.shown_name
    return names


def usual_look(connection: sqlite3.Connection, of_the_home: Callable[[], Look]) -> Look:
    """Return the look of clips that name none: what the person set, else the home's."""
    return settings.get(connection).look or of_the_home()


def _require_inside(clip: EditClip, source: Source) -> None:
    """Refuse a clip that is far off; to the frame it is held to its source when it is rendered."""
    facts = source.facts
    assert facts is not None, "a source that is ready was looked over"
    begins_s, ends_s = (seconds(pts, clip.time_base) for pts in (clip.span.in_pts, clip.span.out_pts))
    first_s, last_s = (seconds(pts, facts.time_base) for pts in (facts.span.in_pts, facts.span.out_pts))
    if begins_s < first_s - TOLERANCE_S or ends_s > last_s + TOLERANCE_S:
        raise ClipOutsideSource(clip=clip.id, source_duration_s=float(last_s - first_s))


def _require_ready(source: Source | None, source_id: str, shown_in: Collection[str]) -> None:
    said = {"source": source_id, "clips": list(shown_in)}
    if source is None or source.state in {"expected", "refused"}:
        raise SourceGone(**said)
    if source.state == "uploading":
        raise StepClosed("The footage is still being uploaded.", **said)
    if source.state == "ingesting":
        raise StepClosed("The footage is still being looked over.", **said)
    if source.state == "failed":
        raise StepClosed("The footage could not be looked over: try that again first.", **said)
