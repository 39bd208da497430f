"""What a person hands to the command line, read into an edit document: a clip list, a saved edit, or one span."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import NoReturn

from jobs.clip import Footing
from media.decode import snapped
from reel.annotation import Clip, span_at
from reel.crop import Crop, CropKey
from reel.edit import EditClip, EditDocument, parse
from reel.errors import BadField, BadInput, ClipLengthOutOfRange, ClipOutsideSource, NoClips
from reel.geometry import Aspect
from reel.keys import uuid_of
from reel.project import begin, best_first
from reel.timing import Span, to_pts
from reel.tsv import MOST_BYTES, TsvRow, read_tsv_bytes

MAX_EDIT_BYTES = 16 << 20


def clips_of(rows: Sequence[TsvRow], footing: Footing) -> list[Clip]:
    """Return the clips that a list marks in a source, on its frames.

    Raises ClipOutsideSource and ClipLengthOutOfRange, saying which clip.
    """
    return [_clip(row, number, footing) for number, row in enumerate(rows, 1)]


def document_of(clips: Sequence[Clip], aspect: Aspect, title: str) -> EditDocument:
    """Return the edit of a reel of `clips` in their order, each in its default crop."""
    document = begin(clips, [_id(f"edit {number} {clip.id}") for number, clip in enumerate(clips, 1)], aspect)
    return replace(document, title=title)


def one_clip(
    footing: Footing,
    begin_s: Fraction,
    end_s: Fraction | None,
    crop: tuple[float, float, float] | None,
    aspect: Aspect,
) -> EditDocument:
    """Return the edit of one span, or of the one frame that shows at `begin_s`, in a still crop (cx, cy, h) or none.

    Raises EmptySpan, and ClipOutsideSource if it ends more than a frame past the source.
    """
    source = footing.source
    in_pts = source.span.in_pts + to_pts(begin_s, source.time_base)
    out_pts = in_pts + 1 if end_s is None else source.span.in_pts + to_pts(end_s, source.time_base)
    marked = Span(in_pts, out_pts)
    if not source.span.contains(in_pts) or (out_pts - source.span.out_pts) * source.time_base > 1 / source.rate:
        lasts_s = float(source.duration_s)
        raise ClipOutsideSource(f"That is past the end: the video lasts {lasts_s:.2f} s.", source_duration_s=lasts_s)
    span = snapped(footing.footage, source, marked)
    keys = (CropKey(_id(f"key {crop}"), span.in_pts, *crop),) if crop else ()
    clip = EditClip(
        id=_id(f"span {span}"),
        time_base=source.time_base,
        span=span,
        crops={aspect: Crop(framed=True, keys=keys)} if crop else {},
    )
    return EditDocument(aspect=aspect, clips=(clip,))


def only_source(document: EditDocument) -> EditDocument:
    """Return the edit with its one source left for the game to stand for. Raises BadField if it has several."""
    named = {clip.source_id for clip in document.clips if clip.source_id is not None}
    if len(named) > 1:
        raise BadField("/clips", "The clips come from several sources; one game cannot stand for them.")
    return replace(document, clips=tuple(replace(clip, source_id=None) for clip in document.clips))


def read_rows(path: Path, min_rating: int, *, best: bool) -> list[TsvRow]:
    """Read a clip list, every row in file order unless told otherwise. Raises BadInput, TsvDamaged, NoClips."""
    every = read_tsv_bytes(_bytes(path, MOST_BYTES))
    rows = [row for row in every if row.rating >= min_rating]
    if not rows:
        which = f"rated {min_rating} or higher" if every else "to make a reel of"
        raise NoClips(f"{path.name} has no clip {which}.", min_rating=min_rating)
    return best_first(rows) if best else rows


def read_edit(path: Path) -> EditDocument:
    """Read a saved edit document. Raises BadInput, BadField and the other errors of reel.edit.parse."""
    body = _bytes(path, MAX_EDIT_BYTES)
    if len(body) > MAX_EDIT_BYTES:
        raise BadInput(f"{path.name} is larger than any edit.")
    try:
        raw = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as fault:
        raise BadField("", f"{path.name} is not JSON: {fault}") from fault
    document = parse(raw)
    if not document.clips:
        raise NoClips
    return document


def _clip(row: TsvRow, number: int, footing: Footing) -> Clip:
    source = footing.source
    try:
        marked = span_at(row.start_s, row.duration_s, source.span, source.time_base)
    except (ClipOutsideSource, ClipLengthOutOfRange) as fault:
        minutes, seconds = divmod(float(row.start_s), 60)
        fault.message = f"Clip at {minutes:.0f}:{seconds:06.3f}: {fault.message}"
        fault.details["start_s"] = float(row.start_s)
        raise
    return Clip(
        id=_id(f"clip {number} {row}"),
        source_id=footing.ref.id,
        time_base=source.time_base,
        span=snapped(footing.footage, source, marked),
        rating=row.rating,
        tags=row.tags,
        name=row.name,
        notes=row.notes,
    )


def _bytes(path: Path, most: int) -> bytes:
    """Read a file, of one that is too large no more than shows it: it may be a whole game, or never end."""
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as fault:
        raise BadInput(f"{path} cannot be read: {fault.strerror}.") from fault


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and JSON does not have (RFC 8259, section 6)."""
    raise ValueError(f"{name} is no number")


def _id(text: str) -> str:
    return uuid_of(hashlib.sha256(text.encode()).hexdigest())
