"""Jobs for tests of settling: their specs, and the results of the very shapes that jobs/ commits."""

from __future__ import annotations

import json
from dataclasses import asdict

from jobs.archive import Archived
from jobs.compile import Compiled
from jobs.demo import DemoClip, Filmed
from jobs.extract import Extracted
from jobs.framing import Framed, Shown
from jobs.ingest import Ingested, Sprite
from jobs.overlay import Overlaid, Unseen
from jobs.preview import Previewed
from jobs.run import Result
from jobs.spec import (
    ArchiveMember,
    ArchiveSpec,
    CompileSpec,
    DemoSpec,
    ExtractSpec,
    FramingClip,
    FramingSpec,
    Frozen,
    IngestSpec,
    MarkedClip,
    OverlayClip,
    OverlaySpec,
    PreviewSpec,
    SourceRef,
    WindowSpec,
)
from jobs.trim import Trimmed
from jobs.window import Window
from reel.annotation import Clip
from reel.errors import ReelError
from storage import sources
from storage.results import Ended, read_result
from tests.reel.edits import uuid
from tests.storage.tables import DIGEST, FRAME, FRAMES, USER


def done(job: int, value: Frozen) -> Ended:
    """Return what the result.json of a finished job says, read as it is written."""
    return _read(Result(uuid(job), "done", value=value.model_dump(mode="json")))


def failed(job: int, error: ReelError) -> Ended:
    return _read(Result(uuid(job), "failed", error=error.envelope()))


def cancelled(job: int, error: ReelError) -> Ended:
    return _read(Result(uuid(job), "cancelled", error=error.envelope()))


def _read(result: Result) -> Ended:
    return read_result(json.dumps(asdict(result)).encode())


def reference(source_id: str) -> SourceRef:
    return SourceRef(id=source_id, key=f"{USER}/x.mp4", sha256=DIGEST)


def framing_spec(job: int, project_id: str, *, draft: bool = False) -> FramingSpec:
    clip = FramingClip(id=uuid(900), source=uuid(901), time_base=(1, 1000), in_pts=0, out_pts=5000, look="natural")
    return FramingSpec(
        user=USER,
        job=uuid(job),
        project=project_id,
        aspect="9:16",
        draft=draft,
        sources=(reference(uuid(901)),),
        clips=(clip,),
    )


def framed(*, draft: bool = False) -> Framed:
    return Framed(
        key="somewhere/else.mp4",
        frames=125,
        rendered_frames=125,
        reused_frames=0,
        rate=(25, 1),
        draft=draft,
        looks=("natural",),
        networks=(),
        clips=(Shown(clip=uuid(900), first_frame=0, frame_count=125),),
        segments=(DIGEST,),
    )


def overlay_spec(job: int, project_id: str, reel_id: str, version: int, title: str = "Mia") -> OverlaySpec:
    return OverlaySpec(
        user=USER,
        job=uuid(job),
        reel=reel_id,
        version=version,
        title=title,
        framing=framing_spec(1, project_id),
        clips=(OverlayClip(id=uuid(900)),),
    )


def overlaid(*, draft: bool = False) -> Overlaid:
    return Overlaid(
        key="somewhere/else.mp4",
        frames=125,
        reencoded_frames=25,
        copied_frames=100,
        whole=False,
        why="",
        rate=(25, 1),
        draft=draft,
        outside=(Unseen(clip=uuid(900), spotlight=uuid(902)),),
    )


def ingest_spec(job: int, found: sources.Source, *, accept_truncated: bool = False) -> IngestSpec:
    ref = reference(found.id)
    return IngestSpec(user=USER, job=uuid(job), game=found.game_id, source=ref, accept_truncated=accept_truncated)


def ingested(out_pts: int = FRAMES[-1] + FRAME) -> Ingested:
    return Ingested(
        codec="hevc",
        size_px=(3840, 2160),
        time_base=(1, 12800),
        in_pts=0,
        out_pts=out_pts,
        rate=(25, 1),
        frames=len(FRAMES),
        constant_rate=True,
        hdr=True,
        sound=False,
        sprite=Sprite(tile_px=(160, 90), columns=10, pts=(0, 12800)),
        proxy=True,
    )


def extract_spec(job: int, clip: Clip) -> ExtractSpec:
    return ExtractSpec(
        user=USER,
        job=uuid(job),
        clip=clip.id,
        name="Goal",
        source=reference(clip.source_id),
        time_base=clip.time_base.as_integer_ratio(),
        in_pts=clip.span.in_pts,
        out_pts=clip.span.out_pts,
    )


def extracted() -> Extracted:
    return Extracted(
        key="somewhere/else.mp4",
        name="Goal",
        in_pts=128_000,
        out_pts=192_000,
        duration_s=5.0,
        frames=125,
        reencoded_frames=20,
        copied_frames=105,
        whole=False,
        why="",
    )


def compile_spec(job: int, *shown: Clip) -> CompileSpec:
    return CompileSpec(
        user=USER,
        job=uuid(job),
        title="Rovers",
        sources=tuple(reference(source_id) for source_id in {clip.source_id for clip in shown}),
        clips=tuple(
            MarkedClip(
                id=clip.id,
                source=clip.source_id,
                time_base=clip.time_base.as_integer_ratio(),
                in_pts=clip.span.in_pts,
                out_pts=clip.span.out_pts,
                rating=clip.rating,
            )
            for clip in shown
        ),
    )


def compiled() -> Compiled:
    return Compiled(
        key="somewhere/else.mp4",
        list_key="somewhere/else.tsv",
        frames=250,
        rendered_frames=250,
        reused_frames=0,
        rate=(25, 1),
        size_px=(1920, 1080),
        clips=(),
    )


def preview_spec(job: int, source_id: str) -> PreviewSpec:
    framing = framing_spec(1, uuid(1))
    return PreviewSpec(
        user=USER, job=uuid(job), aspect="9:16", source=reference(source_id), clip=framing.clips[0], pts=0
    )


def previewed() -> Previewed:
    return Previewed(key=f"{USER}/previews/{DIGEST}.png", pts=0, network=None, enlargement=2.7)


def demo_spec(job: int, game_id: str, source_id: str) -> DemoSpec:
    return DemoSpec(user=USER, job=uuid(job), game=game_id, source=source_id)


def filmed() -> Filmed:
    clips = ((10, 15, 3), (20, 26, 4), (40, 45, 5))
    return Filmed(
        **dict(ingested()),
        sha256=DIGEST,
        size_bytes=17_000_000,
        clips=tuple(
            DemoClip(in_pts=begin * 12800, out_pts=end * 12800, rating=rating, tags=("Goal",), notes="The goal")
            for begin, end, rating in clips
        ),
    )


def archive_spec(job: int) -> ArchiveSpec:
    return ArchiveSpec(user=USER, job=uuid(job), members=(ArchiveMember(name="a.mp4", key=f"{USER}/x.mp4"),))


def archived() -> Archived:
    return Archived(key="somewhere/else.zip", files=1, size_bytes=22, missing=("gone.mp4",))


def window_spec(job: int, source_id: str) -> WindowSpec:
    return WindowSpec(user=USER, job=uuid(job), game=uuid(1), source=reference(source_id), in_pts=0, out_pts=5)


def windowed() -> Window:
    return Window(key=f"{USER}/games/window.mp4", first_pts=0, frames=125)


def trimmed(sha256: str = "cd" * 32) -> Trimmed:
    return Trimmed(key="somewhere/else.mp4", sha256=sha256, size_bytes=300, bytes_saved=700, frames=625)
