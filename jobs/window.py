"""Windows: all-intra copies of the stretches that are being edited, made when they are first asked for."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.sources import standing
from jobs.spec import Frozen, SourceRef, WindowSpec
from jobs.tools import Report, Tools
from media.decode import frame_times
from media.proxy import proxy_size, window_around, write_window
from reel import keys
from reel.errors import AlreadyExists, ClipOutsideSource
from reel.timing import Span

WINDOW_VERSION = 1  # to be raised when the same span would give another window


class Window(Frozen):
    """A window: what stands t ticks after its beginning stands at first_pts + t in the source."""

    key: str
    first_pts: int
    frames: int


def make_window(spec: WindowSpec, tools: Tools, report: Report) -> Window:
    """Make the window that a job asks for. Raises EmptySpan, ClipOutsideSource, BadSource, SourceGone and Cancelled."""
    return window(spec.user, spec.game, spec.source, Span(spec.in_pts, spec.out_pts), tools, report)


def window(user: str, game: str, ref: SourceRef, span: Span, tools: Tools, report: Report) -> Window:
    """Return the window around `span`, made now if it is not there yet.

    Raises ClipOutsideSource, BadSource, SourceGone and Cancelled.
    """
    with standing(ref, tools.store) as footing:
        whole = footing.source.span
        if span.out_pts <= whole.in_pts or whole.out_pts <= span.in_pts:
            raise ClipOutsideSource(in_pts=span.in_pts, out_pts=span.out_pts)
        around = window_around(span, footing.source)
        times = frame_times(footing.footage, footing.source, around)
        size = proxy_size(footing.source.displayed)
        made_of = {
            "window_version": WINDOW_VERSION,
            "source_sha256": ref.sha256,
            "frames": times,
            "out_pts": around.out_pts,
            "size_px": (size.width, size.height),
        }
        key = keys.window(user, game, ref.id, keys.content_hash(made_of))
        if not tools.store.exists(key):
            report(phase="copying", total=len(times))
            with TemporaryDirectory(dir=tools.scratch) as folder, suppress(AlreadyExists):
                path = Path(folder, "window.mp4")
                write_window(path, footing.footage, footing.source, around, lambda done: report(done=done))
                tools.store.put_file(key, path, create_only=True)
    return Window(key=key, first_pts=times[0], frames=len(times))
