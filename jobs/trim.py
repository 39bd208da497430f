"""Trim: a source cut down to what its clips need, as an original of its own; every moment of it keeps its time."""

from __future__ import annotations

from fractions import Fraction
from hashlib import file_digest
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.sources import standing
from jobs.spec import Frozen, TrimSpec
from jobs.tools import Report, Tools
from media import trim as cutting
from media.probe import Source
from reel.errors import BadField, BadInput
from reel.timing import Span

LEAST_SAVED = Fraction(1, 100)  # less is not worth what has to be made anew


class Trimmed(Frozen):
    """A smaller original: where it lies, its content's name, and how much smaller it is."""

    key: str
    sha256: str
    size_bytes: int
    bytes_saved: int
    frames: int


def trim(spec: TrimSpec, tools: Tools, report: Report) -> Trimmed:
    """Copy the groups of pictures that cover the spans, with their sound. The old original stays where it is.

    Raises BadField, BadSource where it cannot be done without a loss, BadInput where it would save nothing, Cancelled.
    """
    if spec.ext not in cutting.CONTAINERS:
        raise BadField("/ext", f"is none of {', '.join(cutting.CONTAINERS)}")
    report(phase="checking")
    with standing(spec.source, tools.store) as footing, TemporaryDirectory(dir=tools.scratch) as folder:
        path = Path(folder, f"trimmed.{spec.ext}")
        spans = _spans(spec, footing.source)
        frames = cutting.trim(path, footing.footage, footing.source, spans, _told(report))
        size_bytes = path.stat().st_size
        saved = footing.source.size_bytes - size_bytes
        if saved < footing.source.size_bytes * LEAST_SAVED:
            raise BadInput("The clips need all of this footage: nothing can be left out.")
        with path.open("rb") as file:
            sha256 = file_digest(file, "sha256").hexdigest()
        report(phase="storing")
        tools.store.put_file(spec.output_key, path)
    return Trimmed(key=spec.output_key, sha256=sha256, size_bytes=size_bytes, bytes_saved=saved, frames=frames)


def _spans(spec: TrimSpec, source: Source) -> list[Span]:
    """Return the spans as far as the source goes. Raises BadField and EmptySpan."""
    spans = [Span(in_pts, out_pts) for in_pts, out_pts in spec.spans]
    if any(before.out_pts >= after.in_pts for before, after in pairwise(spans)):
        raise BadField("/spans", "have to stand apart and in order")
    whole = source.span
    inside = [s for s in spans if s.in_pts < whole.out_pts and whole.in_pts < s.out_pts]
    if not inside:
        raise BadField("/spans", "are all outside of the footage")
    return [Span(max(s.in_pts, whole.in_pts), min(s.out_pts, whole.out_pts)) for s in inside]


def _told(report: Report) -> cutting.Progress:
    def told(done: int, total: int) -> None:
        if total:
            report(phase="copying", done=done, total=total)
        else:
            report()

    return told
