"""How much faster than it plays a fresh source is taken in, and how soon it can be marked.

A whole ingest job on one machine, from the disk to the disk: the look at head and tail, the index, the sprite sheet,
the sound's energy, and for HEVC the proxy. A clip can be marked as soon as the index and the sprite sheet stand.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.footage import MATCH, Benched
from jobs.ingest import ingest
from jobs.memory import MemoryAnnounce, MemoryLedger
from jobs.ports import Upscaler
from jobs.spec import IngestSpec, Look, SourceRef
from jobs.tools import Tools
from local.folder import FolderStore
from media.probe import probe
from reel import keys

HEVC = "01_soccertrack_left_3072x1728_hevc_noaudio.mp4"
TURNS = 3
EDITABLE = "picturing"  # the phase after which a clip can be marked and its poster is there
USER, SOURCE, JOB = keys.LOCAL_USER, keys.uuid_of("0" * 64), keys.uuid_of("1" * 64)


@dataclass
class Phases:
    """A report that notes when each phase of a job ended."""

    clock: Callable[[], float] = time.perf_counter
    ended_s: dict[str, float] = field(default_factory=dict)
    _phase: str = ""
    _began_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._began_s = self.clock()

    def __call__(
        self,
        *,
        done: int | None = None,  # noqa: ARG002
        total: int | None = None,  # noqa: ARG002
        phase: str | None = None,
    ) -> None:
        """See Report."""
        if phase is not None:
            self.end()
            self._phase = phase

    def end(self) -> None:
        """Note that the last phase ended."""
        if self._phase:
            self.ended_s[self._phase] = self.clock() - self._began_s


def measure(benched: Benched) -> dict[str, object]:
    """Return the bench's line: the medians of the turns."""
    played, hevc = (_turns(benched.footage(name)) for name in (MATCH, HEVC))
    return {
        "x_realtime_h264": round(_times_real_time(benched.footage(MATCH), played), 1),
        "x_realtime_hevc": round(_times_real_time(benched.footage(HEVC), hevc), 2),
        "editable_after_s": round(max(_editable_after_s(turns) for turns in (played, hevc)), 2),
    }


def _turns(path: Path) -> list[dict[str, float]]:
    return [_ended_s(path) for _ in range(TURNS)]


def _ended_s(path: Path) -> dict[str, float]:
    """Ingest a file into an empty store; return when each phase ended, in seconds."""
    with TemporaryDirectory() as folder:
        store = FolderStore(Path(folder, "objects"))
        key = keys.original(USER, SOURCE, SOURCE, "mp4")
        store.refer(key, path)
        spec = IngestSpec(user=USER, job=JOB, game=SOURCE, source=SourceRef(id=SOURCE, key=key, sha256="0" * 64))
        tools = Tools(store, MemoryLedger(), MemoryAnnounce(), _no_network, Path(folder), time.monotonic)
        phases = Phases()
        ingest(spec, tools, phases)
        phases.end()
    return phases.ended_s


def _times_real_time(path: Path, turns: list[dict[str, float]]) -> float:
    return float(probe(path, tail=False).duration_s) / median(max(ended_s.values()) for ended_s in turns)


def _editable_after_s(turns: list[dict[str, float]]) -> float:
    return median(ended_s[EDITABLE] for ended_s in turns)


def _no_network(look: Look, enlargement: float) -> Upscaler:
    raise AssertionError(f"ingest asked for the network of {look} at {enlargement}")
