"""Results: how a job ended, read out of its result.json, strictly where a row is made of it.

What wrote it is a worker that opened footage of strangers: its words are checked, and keys are taken from the spec.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, cast, get_args

from jobs.spec import (
    ArchiveSpec,
    CompileSpec,
    DemoSpec,
    ExtractSpec,
    FramingSpec,
    IngestSpec,
    OverlaySpec,
    SmallCopySpec,
)
from reel import keys
from reel.annotation import MOST_NOTES, MOST_TAG, MOST_TAGS, Clip, require_length
from reel.edit import Look
from reel.errors import BadField, Json
from reel.fields import Field
from reel.timing import Span
from storage.costs import Cost, cost_of
from storage.framings import Framing
from storage.handouts import Archive, Download, RawClip
from storage.jobs import Outcome
from storage.reels import Version
from storage.small_copies import SmallCopy
from storage.sources import Facts
from storage.trims import Smaller

MOST_LISTED: Final = 1_000_000  # tiles of a sprite sheet, say
MOST_TEXT: Final = 1_000
LONGEST_S: Final = 1e7
MOST_MARKED: Final = 100


@dataclass(frozen=True, slots=True)
class Ended:
    """A result.json: `value` if the job is done, `error` (an envelope) if not; `cost` where it says one."""

    job: str
    outcome: Outcome
    value: Mapping[str, Json] | None = None
    error: Mapping[str, Json] | None = None
    cost: Cost | None = None


def read_result(body: bytes) -> Ended:
    """Read a result.json. Raises BadField for what is none."""
    try:
        raw: object = json.loads(body)
    except (ValueError, RecursionError):
        raise BadField("", "is not JSON") from None
    members = Field(raw).members("job", "outcome", "value", "error")
    outcome = members["outcome"].choice(get_args(Outcome))
    told = members["value" if outcome == "done" else "error"]
    told.entries()
    said = cast("Mapping[str, Json]", told.required().value)
    done = outcome == "done"
    counted = members["value"].value
    cost = cost_of(cast("Mapping[str, Json]", counted)) if isinstance(counted, dict) else None
    return Ended(members["job"].uuid(), outcome, said if done else None, None if done else said, cost)


def framing(spec: FramingSpec, value: object, made_of: str, created_at: str) -> Framing:
    """Return the framing that a result tells of. Raises BadField."""
    told = _Told(value)
    return Framing(
        job_id=spec.job,
        project_id=spec.project,
        key=spec.output_key,
        draft=spec.draft,
        made_of=made_of,
        frames=told["frames"].integer(1),
        rate=told["rate"].rational(),
        looks=tuple(look.choice(get_args(Look)) for look in told["looks"].required().items(len(get_args(Look)))),
        shown=tuple(_shown(one) for one in told["clips"].required().items(len(spec.clips))),
        created_at=created_at,
        fps=_fps(told),
    )


def version(spec: OverlaySpec, value: object, made_of: str, created_at: str) -> Version:
    """Return the version of a reel that a result tells of. Raises BadField."""
    told = _Told(value)
    return Version(
        job_id=spec.job,
        reel_id=spec.reel,
        version=spec.version,
        key=spec.output_key,
        draft=told["draft"].boolean(),
        title=spec.title,
        aspect=spec.framing.aspect,
        made_of=made_of,
        frames=told["frames"].integer(1),
        rate=told["rate"].rational(),
        outside=tuple(_unseen(one) for one in told["outside"].required().items(MOST_LISTED)),
        created_at=created_at,
    )


def raw_clip(spec: ExtractSpec, value: object, created_at: str) -> RawClip:
    """Return the raw clip that a result tells of. Raises BadField."""
    return RawClip(
        job_id=spec.job,
        clip_id=spec.clip,
        key=spec.output_key,
        name=spec.name,
        frames=_Told(value)["frames"].integer(1),
        created_at=created_at,
    )


def download(spec: CompileSpec, value: object, game_id: str | None, created_at: str) -> Download:
    """Return the annotated export that a result tells of. Raises BadField."""
    told = _Told(value)
    width_px, height_px = _size(told["size_px"])
    return Download(
        job_id=spec.job,
        game_id=game_id,
        key=spec.output_key,
        list_key=spec.list_key,
        title=spec.title,
        frames=told["frames"].integer(1),
        rate=told["rate"].rational(),
        width_px=width_px,
        height_px=height_px,
        created_at=created_at,
    )


def archive(spec: ArchiveSpec, value: object, created_at: str) -> Archive:
    """Return the archive that a result tells of. Raises BadField."""
    told = _Told(value)
    return Archive(
        job_id=spec.job,
        key=spec.output_key,
        files=told["files"].integer(0),
        size_bytes=told["size_bytes"].integer(1),
        missing=tuple(name.text(MOST_TEXT) for name in told["missing"].required().items(MOST_LISTED)),
        created_at=created_at,
    )


def small_copy(spec: SmallCopySpec, value: object, created_at: str) -> SmallCopy:
    """Return the small copy that a result tells of. Raises BadField."""
    told = _Told(value)
    width_px, height_px = _size(told["size_px"])
    return SmallCopy(
        job_id=spec.job,
        reel_id=spec.reel,
        version=spec.version,
        key=spec.output_key,
        width_px=width_px,
        height_px=height_px,
        size_bytes=told["size_bytes"].integer(1),
        created_at=created_at,
    )


def smaller(value: object) -> Smaller:
    """Return the smaller footage that a result tells of. Raises BadField."""
    told = _Told(value)
    return Smaller(keys.checked_digest(told["sha256"].text(64)), told["size_bytes"].integer(1))


@dataclass(frozen=True, slots=True)
class Filmed:
    """The demo's match and its clips, as a result tells of them."""

    facts: Facts
    sha256: str
    size_bytes: int
    clips: tuple[Clip, ...]


def filmed(spec: DemoSpec, value: object) -> Filmed:
    """Return what was filmed; the clips' ids follow from the job's. Raises BadField."""
    told, found = _Told(value), facts(value)
    marked = told["clips"].required().items(MOST_MARKED)
    return Filmed(
        facts=found,
        sha256=keys.checked_digest(told["sha256"].text(64)),
        size_bytes=told["size_bytes"].integer(1),
        clips=tuple(_marked(spec, number, one, found) for number, one in enumerate(marked)),
    )


def ingested(spec: IngestSpec, value: object) -> tuple[Facts, int | None]:
    """Return what ingest found, and where the source ends if it was accepted short. Raises BadField."""
    found = facts(value)
    return found, found.span.out_pts if spec.accept_truncated else None


def facts(value: object) -> Facts:
    """Return what a result tells of a source. Raises BadField."""
    told = _Told(value)
    width_px, height_px = _size(told["size_px"])
    return Facts(
        codec=told["codec"].text(40),
        width_px=width_px,
        height_px=height_px,
        time_base=told["time_base"].rational(),
        span=_span(told),
        rate=told["rate"].rational(),
        frames=told["frames"].integer(1),
        constant_rate=told["constant_rate"].boolean(),
        hdr=told["hdr"].boolean(),
        sound=told["sound"].boolean(),
        proxy=told["proxy"].boolean(),
        sprite=_sprite(told["sprite"]),
    )


class _Told:
    """The members of a result's value; those that are no concern of a row are passed over."""

    def __init__(self, value: object, pointer: str = "/value") -> None:
        self._pointer, self._entries = pointer, Field(value, pointer).entries()

    def __getitem__(self, name: str) -> Field:
        if name not in self._entries:
            raise BadField(f"{self._pointer}/{name}", "is missing")
        return self._entries[name]


def _span(told: _Told) -> Span:
    with told["out_pts"].at_fault():
        in_pts, out_pts = told["in_pts"].integer(), told["out_pts"].integer()
        if out_pts <= in_pts:
            raise BadField("", "is not after in_pts")
        return Span(in_pts, out_pts)


def _marked(spec: DemoSpec, number: int, one: Field, found: Facts) -> Clip:
    told = _Told(one.value, one.pointer)
    span = _span(told)
    require_length(span, found.span, found.time_base)
    return Clip(
        id=keys.uuid_of(keys.content_hash([spec.job, number])),
        source_id=spec.source,
        time_base=found.time_base,
        span=span,
        rating=told["rating"].integer(1, 5),
        tags=tuple(tag.text(MOST_TAG) for tag in told["tags"].required().items(MOST_TAGS)),
        notes=told["notes"].text(MOST_NOTES),
    )


def _size(size: Field) -> tuple[int, int]:
    found = size.items(2)
    if len(found) != 2:
        raise size.wrong("has to be [width, height]")
    return found[0].integer(1), found[1].integer(1)


def _fps(told: _Told) -> float | None:
    """Return how fast it was rendered, None where that is not said: nothing fails for want of a measurement."""
    with suppress(BadField):
        rendered, lasted_s = told["rendered_frames"].integer(0), told["rendering_s"].number(0.0, LONGEST_S)
        return rendered / lasted_s if rendered and lasted_s else None
    return None


def _shown(one: Field) -> dict[str, Json]:
    told = _Told(one.value, one.pointer)
    return {
        "clip": told["clip"].text(MOST_TEXT),
        "first_frame": told["first_frame"].integer(0),
        "frame_count": told["frame_count"].integer(0),
    }


def _unseen(one: Field) -> dict[str, Json]:
    told = _Told(one.value, one.pointer)
    return {"clip": told["clip"].text(MOST_TEXT), "spotlight": told["spotlight"].text(MOST_TEXT)}


def _sprite(sprite: Field) -> dict[str, Any]:
    told = _Told(sprite.value, sprite.pointer)
    return {
        "tile_px": list(_size(told["tile_px"])),
        "columns": told["columns"].integer(1),
        "pts": [pts.integer() for pts in told["pts"].required().items(MOST_LISTED)],
    }
