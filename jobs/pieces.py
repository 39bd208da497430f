"""The pieces that a framing is made of: all that the pixels of one depend on, and the hash that names it by that."""

from __future__ import annotations

from typing import Literal

from jobs.spec import Frozen, Rational
from reel import keys

RENDER_VERSION = 1
"""Part of every segment's hash: to be raised when the same spec would render to other pixels."""


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
