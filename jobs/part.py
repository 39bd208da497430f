"""A part of a framing: one segment as another machine can render it, into the same store, with nothing looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from jobs.clip import reference
from jobs.pieces import SegmentSpec
from jobs.ports import Upscaler
from jobs.rendered import counting_from, keep
from jobs.segment import render
from jobs.sources import standing
from jobs.spec import Frozen, Look, SourceRef
from jobs.tools import Report, Tools
from reel import keys
from reel.errors import Internal


class Part(Frozen):
    """A segment, with the source and the look that its spec only names by hash."""

    source: SourceRef
    look: Look
    spec: SegmentSpec


class Helpers(Protocol):
    """Others who render parts of the same job at the same time. What none of them has made is made by whoever asks."""

    def leave(self, part: Part) -> bool:
        """Say whether a part is left to the one who asks: nobody has begun it, and from now on nobody will."""
        ...

    def frames(self) -> int:
        """Return how many frames the others have rendered so far."""
        ...

    def wait(self, report: Report) -> None:
        """Wait for those who have begun something. Raises Cancelled."""
        ...


class Help(Protocol):
    """Asks for helpers, once it is known how fast one machine is; at the end of the block none is left."""

    def __call__(self, parts: Sequence[Part], frames: int, elapsed_s: float) -> AbstractContextManager[Helpers | None]:
        """Give helpers for parts; None if it is as good alone. This machine has made `frames` in `elapsed_s`."""
        ...


def render_with_help(
    parts: Mapping[str, Part], render_one: Callable[[str, Report], None], tools: Tools, report: Report, base: int
) -> None:
    """Render parts, by their hashes, here and where it is worth it elsewhere too; `base` frames were there before.

    What nobody has made is left out: it is for whoever asks to look. Raises what `render_one` raises.
    """
    assert tools.help_with, "else there is nobody to ask"
    began_s, own, helpers = tools.clock(), 0, None
    rest = list(parts.values())
    with ExitStack() as opened:
        for digest, part in parts.items():
            rest.remove(part)
            if helpers and not helpers.leave(part):
                continue
            counting = counting_from(report, base + own + (helpers.frames() if helpers else 0))
            render_one(digest, counting)
            own += part.spec.frame_count
            counting(done=part.spec.frame_count)
            if helpers is None and rest:
                helpers = opened.enter_context(tools.help_with(rest, own, tools.clock() - began_s))
        if helpers:
            helpers.wait(counting_from(report, base + own))


def render_part(part: Part, user: str, tools: Tools, report: Report) -> None:
    """Render a part, unless the store has it. Raises as `render`, and Internal where the network is another."""
    if tools.store.exists(keys.segment(user, part.spec.digest)):
        return
    upscaler = _network(part, tools)
    with standing(part.source, tools.store) as footing, TemporaryDirectory(dir=tools.scratch) as folder:
        path = Path(folder) / "segment.mp4"
        render(part.spec, footing.footage, footing.source, upscaler, path, report)
        keep(part.spec.digest, path, user, tools.store)


def _network(part: Part, tools: Tools) -> Upscaler | None:
    wanted = part.spec.network
    if wanted is None:
        return None
    upscaler = tools.upscaler(part.look, float(wanted.scale))
    if reference(upscaler) != wanted:
        raise Internal("This release renders with another network.", wanted=wanted.name, here=upscaler.network)
    return upscaler
