"""The specs: a job's frozen, versioned, complete input. Nothing is looked up later."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from reel import keys
from reel.crop import Crop, CropKey
from reel.edit import Look, Transition
from reel.geometry import Aspect
from reel.keyframes import Ease
from reel.speed import SpeedSpan
from reel.spotlight import Colour, Effect, Shape, SpotKey, Spotlight
from reel.timing import Span

EXTRACT_VERSION = 1
"""Part of every raw clip's hash: to be raised when the same span would be cut to another file."""

Rational: TypeAlias = tuple[PositiveInt, PositiveInt]


class Frozen(BaseModel):
    """A value that crosses a boundary: immutable, and no field too many."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Job(Frozen):
    """What every job's spec begins with: whose it is and under which name its result stands."""

    schema_version: Literal[1] = 1
    user: str
    job: str


class SourceRef(Frozen):
    """One source: its object, its content, and where it stops being usable if it was accepted truncated."""

    id: str
    key: str
    sha256: str
    usable_until_pts: int | None = None


class CropKeyValue(Frozen):
    """A keyframe of a crop, as reel.crop.CropKey."""

    pts: int
    cx: float
    cy: float
    h: float
    ease: Ease = "smooth"


class SpeedValue(Frozen):
    """A stretch of source time at its own speed, as reel.speed.SpeedSpan."""

    in_pts: int
    out_pts: int
    rate: Rational


class FramingClip(Frozen):
    """One clip of a framing. Without crop keyframes it takes the largest crop around the centre."""

    id: str
    source: str
    name: str = ""
    time_base: Rational
    in_pts: int
    out_pts: int
    audio: bool = True
    rotation_deg: float = 0.0
    look: Look
    crop: tuple[CropKeyValue, ...] = ()
    speeds: tuple[SpeedValue, ...] = ()
    transition_in: Transition = "cut"

    @property
    def span(self) -> Span:
        """The clip's span in its source."""
        return Span(self.in_pts, self.out_pts)

    @property
    def speed_spans(self) -> tuple[SpeedSpan, ...]:
        """The authored speeds."""
        return tuple(SpeedSpan(s.in_pts, s.out_pts, Fraction(*s.rate)) for s in self.speeds)

    @property
    def authored_crop(self) -> Crop | None:
        """The authored crop, if there is one."""
        points = tuple(CropKey(str(n), k.pts, k.cx, k.cy, k.h, k.ease) for n, k in enumerate(self.crop))
        return Crop(framed=True, keys=points) if points else None


class FramingSpec(Job):
    """Crop, upscale, speed and join clips to a working video, or without a network to a draft."""

    kind: Literal["framing"] = "framing"
    project: str
    title: str = ""
    aspect: Aspect
    rate: Rational | None = None
    draft: bool = False
    sources: tuple[SourceRef, ...]
    clips: tuple[FramingClip, ...]

    @property
    def output_key(self) -> str:
        """Where the finished video goes."""
        place = keys.draft if self.draft else keys.working_video
        return place(self.user, self.project, self.job)


class PreviewSpec(Job):
    """One finished frame of a clip, the one that shows at `pts` (on the clip's clock).

    As a draft it is made without a network, to compare with.
    """

    kind: Literal["preview"] = "preview"
    draft: bool = False
    aspect: Aspect
    source: SourceRef
    clip: FramingClip
    pts: int


class IngestSpec(Job):
    """Look a fresh source over and make what the editor needs of it."""

    kind: Literal["ingest"] = "ingest"
    game: str
    source: SourceRef
    accept_truncated: bool = False


class SpotKeyValue(Frozen):
    """A keyframe of a spotlight, as reel.spotlight.SpotKey."""

    pts: int
    x: float
    y: float
    rx: float
    ry: float
    ease: Ease = "smooth"


class SpotlightValue(Frozen):
    """A spotlight on its clip's clock, as reel.spotlight.Spotlight."""

    id: str
    in_pts: int
    out_pts: int
    keys: tuple[SpotKeyValue, ...] = Field(min_length=1)
    shape: Shape = "body"
    colour: Colour = "white"
    effect: Effect = "dark"
    stroke: bool = True
    fill: bool = False

    @property
    def authored(self) -> Spotlight:
        """The spotlight as the domain has it."""
        points = tuple(SpotKey(str(n), k.pts, k.x, k.y, k.rx, k.ry, k.ease) for n, k in enumerate(self.keys))
        look = (self.shape, self.colour, self.effect, self.stroke, self.fill)
        return Spotlight(self.id, self.in_pts, self.out_pts, points, *look)


class OverlayClip(Frozen):
    """What is drawn on one clip of a framing, and its chapter's name; `label` is the player's."""

    id: str
    name: str = ""
    spotlights: tuple[SpotlightValue, ...] = ()
    freeze_s: NonNegativeFloat = 0.0
    label: str = ""


class CardValue(Frozen):
    """A text that fills the picture, before the clip `before` or, without one, at the end."""

    text: str
    before: str | None = None
    duration_s: PositiveFloat


class OverlaySpec(Job):
    """Draw spotlights, freeze-frames, labels and cards onto a framing's video: one version of a reel.

    `clips` are those of the framing, in its order. Of a draft it makes a reel that is marked as one.
    """

    kind: Literal["overlay"] = "overlay"
    reel: str
    version: NonNegativeInt
    title: str = ""
    framing: FramingSpec
    clips: tuple[OverlayClip, ...]
    cards: tuple[CardValue, ...] = ()

    @property
    def output_key(self) -> str:
        """Where the finished reel goes."""
        return keys.final_video(self.user, self.reel, self.version)


class ExtractSpec(Job):
    """Cut a span of a source out as a file of its own, to be handed out under a name."""

    kind: Literal["extract"] = "extract"
    clip: str
    name: str = ""
    source: SourceRef
    time_base: Rational
    in_pts: int
    out_pts: int

    @property
    def output_key(self) -> str:
        """Where the raw clip goes: named by all that its bytes depend on."""
        span = (self.time_base, self.in_pts, self.out_pts, self.source.usable_until_pts)
        digest = keys.content_hash([EXTRACT_VERSION, self.source.sha256, span, self.name])
        return keys.raw_clip(self.user, self.clip, digest)


class MarkedClip(Frozen):
    """A clip as someone marked it in a source, as reel.annotation.Clip."""

    id: str
    source: str
    time_base: Rational
    in_pts: int
    out_pts: int
    rating: int = Field(ge=1, le=5)
    tags: tuple[str, ...] = ()
    name: str = ""
    notes: str = ""


class CompileSpec(Job):
    """Put marked clips one after another, each with its banner: the annotated export, and its clip list beside it."""

    kind: Literal["compile"] = "compile"
    title: str = ""
    sources: tuple[SourceRef, ...]
    clips: tuple[MarkedClip, ...]

    @property
    def output_key(self) -> str:
        """Where the video goes."""
        return keys.download(self.user, self.job, "mp4")

    @property
    def list_key(self) -> str:
        """Where the clip list goes."""
        return keys.download(self.user, self.job, "tsv")


class DemoSpec(Job):
    """Film the demo game's match, and look it over like any other footage: `source` is the id of a source to be."""

    kind: Literal["demo"] = "demo"
    game: str
    source: str

    @property
    def original_key(self) -> str:
        """Where the match goes."""
        return keys.original(self.user, self.game, self.source, "mp4")


class WindowSpec(Job):
    """Make the all-intra window around a span of a source, which an editor steps through."""

    kind: Literal["window"] = "window"
    game: str
    source: SourceRef
    in_pts: int
    out_pts: int


class TrimSpec(Job):
    """Copy some spans of a source to a smaller original, with the same times: `replacement` is the new source's id."""

    kind: Literal["trim"] = "trim"
    game: str
    source: SourceRef
    replacement: str
    ext: str
    spans: tuple[tuple[int, int], ...] = Field(min_length=1)

    @property
    def output_key(self) -> str:
        """Where the smaller original goes."""
        return keys.original(self.user, self.game, self.replacement, self.ext)


class ArchiveMember(Frozen):
    """One object of an archive, and the name of its file in there."""

    name: str
    key: str


class ArchiveSpec(Job):
    """Put objects of a user into one zip, to be downloaded."""

    kind: Literal["archive"] = "archive"
    members: tuple[ArchiveMember, ...]

    @property
    def output_key(self) -> str:
        """Where the archive goes."""
        return keys.download(self.user, self.job, "zip")


class SmallCopySpec(Job):
    """Encode one version of a reel again, so small that messengers take it."""

    kind: Literal["small_copy"] = "small_copy"
    reel: str
    version: NonNegativeInt

    @property
    def source_key(self) -> str:
        """Where the version lies."""
        return keys.final_video(self.user, self.reel, self.version)

    @property
    def output_key(self) -> str:
        """Where its copy goes."""
        return keys.small_copy(self.user, self.reel, self.version)


Spec: TypeAlias = Annotated[
    FramingSpec
    | PreviewSpec
    | IngestSpec
    | OverlaySpec
    | ExtractSpec
    | CompileSpec
    | DemoSpec
    | WindowSpec
    | TrimSpec
    | ArchiveSpec
    | SmallCopySpec,
    Field(discriminator="kind"),
]
