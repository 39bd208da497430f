"""The lanes: which jobs wait for each other. A preview never waits for a render."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from jobs.spec import (
    ArchiveSpec,
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

Lane: TypeAlias = Literal["heavy", "intake", "light", "window"]

WORKERS = MappingProxyType[Lane, int]({"heavy": 1, "intake": 1, "light": 1, "window": 1})
"""How many workers a lane has: one heavy render at a time."""

WALL_S = MappingProxyType[Lane, float]({"heavy": 24 * 3600.0, "intake": 4 * 3600.0, "light": 900.0, "window": 900.0})
"""How long one attempt may take: far above the slowest that is known, so that only one that hangs is ended."""


def lane_of(spec: Spec) -> Lane:
    """Return the lane of a job: what runs a network over many frames, or encodes a whole video, is heavy.

    What goes through whole footage has a lane of its own: of some a whole proxy is made, and some fills the largest
    archive. A preview cannot wait for that either; nor can a finished reel's small copy wait for the next reel. Windows
    come in dozens, one for each clip that is looked at: somebody who waits for a draft does not wait for those.
    """
    match spec:
        case IngestSpec() | DemoSpec() | TrimSpec() | ArchiveSpec() | SmallCopySpec():
            return "intake"
        case PreviewSpec() | ExtractSpec():
            return "light"
        case WindowSpec():
            return "window"
        case FramingSpec():
            return "light" if spec.draft else "heavy"
        case OverlaySpec():
            return "light" if spec.framing.draft else "heavy"
        case _:
            return "heavy"


def workers_in(lanes: Mapping[Lane, int]) -> list[Lane]:
    """Return the lane of each worker that is to run."""
    return [lane for lane, count in lanes.items() for _ in range(count)]
