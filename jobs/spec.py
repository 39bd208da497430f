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

RENDER_VERSION = 1
"""Part of every segment's hash: to be raised when the same spec would render to other pixels."""

EXTRACT_VERSION = 1
"""Part of every raw clip's hash, as above."""

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


Spec: TypeAlias = Annotated[
    FramingSpec | PreviewSpec | IngestSpec | OverlaySpec | ExtractSpec | CompileSpec, Field(discriminator="kind")
]


class BlendRef(Frozen):
    """The network whose weights are mixed into another's, by their share."""

    name: str
    weights_sha256: str
    share: float


class NetworkRef(Frozen):
    """A network: the weights that it was loaded with, how far it enlarges, how its dials stand."""

    name: str
    weights_sha256: str
    scale: int
    blend: BlendRef | None = None
    detail: float = 0.0


class EncoderSettings(Frozen):
    """How hard x264 tries."""

    preset: str
    crf: int


FINAL = EncoderSettings(preset="medium", crf=18)
DRAFT = EncoderSettings(preset="superfast", crf=24)


class SegmentSpec(Frozen):
    """A few seconds of one clip: all that its pixels depend on. Not a job of its own; its hash is its name.

    A frame is (source pts, centre x, centre y, width, height): the window in displayed pixels, to 1/16 px.
    """

    render_version: Literal[1] = RENDER_VERSION
    source_sha256: str
    frames: tuple[tuple[int, float, float, float, float], ...]
    rotation_deg: float
    colour: tuple[str, bool, str]
    output_px: tuple[int, int]
    rate: Rational
    network: NetworkRef | None
    encoder: EncoderSettings
    marked: bool

    @property
    def frame_count(self) -> int:
        """How many output frames it has."""
        return len(self.frames)

    @property
    def digest(self) -> str:
        """The hash that names it."""
        return keys.content_hash(self.model_dump(mode="json"))


class TransitionSpec(Frozen):
    """The frames in which one clip gives way to the next, made of their finished segments, named by hash.

    They share `overlap` frames. The clips' edges are longer beside a short neighbour: `before` frames of the outgoing
    one come first, `after` of the incoming one last.
    """

    render_version: Literal[1] = RENDER_VERSION
    kind: Literal["fade", "dissolve"]
    outgoing: tuple[str, ...]
    incoming: tuple[str, ...]
    before: int
    overlap: int
    after: int
    output_px: tuple[int, int]
    rate: Rational
    encoder: EncoderSettings

    @property
    def frame_count(self) -> int:
        """How many output frames it has."""
        return self.before + self.overlap + self.after

    @property
    def digest(self) -> str:
        """The hash that names it."""
        return keys.content_hash(self.model_dump(mode="json"))
