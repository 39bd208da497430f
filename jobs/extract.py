"""Extract: one span of a source as a file of its own, exact to the frame, to be handed out."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.marked import span_of
from jobs.sources import standing
from jobs.spec import ExtractSpec, Frozen
from jobs.tools import Report, Tools
from media import cut
from media.remade import Progress
from reel.timing import Span


class Extracted(Frozen):
    """A raw clip: where it lies, and how much of it had to be encoded anew. `why` is said if all of it had.

    `in_pts` and `out_pts` are what was cut, on the source's own clock.
    """

    key: str
    name: str
    in_pts: int
    out_pts: int
    duration_s: float
    frames: int
    reencoded_frames: int
    copied_frames: int
    whole: bool
    why: str


def extract(spec: ExtractSpec, tools: Tools, report: Report) -> Extracted:
    """Cut the clip out: its middle copied where that is provably right, else all of it encoded anew.

    Raises EmptySpan, ClipOutsideSource, BadSource and Cancelled.
    """
    report(phase="planning")
    with standing(spec.source, tools.store) as footing, TemporaryDirectory(dir=tools.scratch) as folder:
        span = span_of(spec.clip, spec.time_base, Span(spec.in_pts, spec.out_pts), footing.source)
        output = Path(folder) / "clip.mp4"
        made = cut.extract(output, footing.footage, footing.source, span, title=spec.name, progress=_told(report))
        report(phase="storing")
        tools.store.put_file(spec.output_key, output)
    return Extracted(
        key=spec.output_key,
        name=spec.name,
        in_pts=span.in_pts,
        out_pts=span.out_pts,
        duration_s=float(span.duration_pts * footing.source.time_base),
        frames=made.frames,
        reencoded_frames=made.reencoded_frames,
        copied_frames=made.copied_frames,
        whole=made.whole,
        why=made.why_whole,
    )


def _told(report: Report) -> Progress:
    return lambda done, total: report(phase="cutting", done=done, total=total)
