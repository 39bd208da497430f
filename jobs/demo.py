"""The demo game: a match that is filmed here, always the same, and looked over like one that somebody brought."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.ingest import Ingested, ingest
from jobs.spec import DemoSpec, Frozen, IngestSpec, SourceRef
from jobs.tools import Report, Tools
from media.synth import demo_match, frame_count, write
from reel.errors import AlreadyExists
from reel.timing import to_pts


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that the demo's hero does, in seconds from the kick-off."""

    start_s: Fraction
    duration_s: Fraction
    rating: int
    tags: tuple[str, ...]
    notes: str


SCENES = (
    Scene(Fraction(1), Fraction(4), 3, ("Pass",), "Simple pass out of midfield"),
    Scene(Fraction(11, 2), Fraction(9, 2), 4, ("Dribble", "Pass"), "Keeps the ball under pressure"),
    Scene(Fraction(13), Fraction(4), 4, ("Goal",), "First goal, from the edge of the box"),
    Scene(Fraction(59, 2), Fraction(5), 5, ("Dribble", "Goal"), "The run and the second goal"),
)
"""What is marked in the demo game: by media.synth's play of it."""


class DemoClip(Frozen):
    """A clip of the demo game, on its source's clock."""

    in_pts: int
    out_pts: int
    rating: int
    tags: tuple[str, ...]
    notes: str


class Filmed(Ingested):
    """What there is to know about the demo's source, its file, and the clips that are marked in it."""

    sha256: str
    size_bytes: int
    clips: tuple[DemoClip, ...]


def film(spec: DemoSpec, tools: Tools, report: Report) -> Filmed:
    """Film the match, store it and look it over. Raises FfmpegFailed and Cancelled."""
    match = demo_match()
    report(phase="filming", total=frame_count(match))
    with TemporaryDirectory(dir=tools.scratch) as folder:
        path = Path(folder, "match.mp4")
        write(match, path, lambda done: report(done=done))
        with path.open("rb") as file:
            sha256 = file_digest(file, "sha256").hexdigest()
        size_bytes = path.stat().st_size
        with suppress(AlreadyExists):  # put by an earlier attempt: the same bytes
            tools.store.put_file(spec.original_key, path, create_only=True)
    ref = SourceRef(id=spec.source, key=spec.original_key, sha256=sha256)
    found = ingest(IngestSpec(user=spec.user, job=spec.job, game=spec.game, source=ref), tools, report)
    clips = tuple(_clip(scene, found) for scene in SCENES)
    return Filmed(**dict(found), sha256=sha256, size_bytes=size_bytes, clips=clips)


def _clip(scene: Scene, found: Ingested) -> DemoClip:
    time_base = Fraction(*found.time_base)
    in_pts, out_pts = (
        found.in_pts + to_pts(at_s, time_base) for at_s in (scene.start_s, scene.start_s + scene.duration_s)
    )
    return DemoClip(in_pts=in_pts, out_pts=out_pts, rating=scene.rating, tags=scene.tags, notes=scene.notes)
