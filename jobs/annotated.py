"""One clip of the annotated export: its pictures on the canvas, under its banner, in a file that can be joined."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Literal

from jobs.pieces import EncoderSettings
from jobs.spec import Frozen, Rational
from jobs.tools import Report
from media.ahead import ahead
from media.banner import banner
from media.colour import Planes
from media.compositor import blend
from media.decode import frames, held
from media.encode import Encoding, video_sink
from media.letterbox import letterboxed
from media.open import Footage
from media.picture import planes_window
from media.probe import Source
from reel import keys
from reel.annotation import RATINGS
from reel.geometry import PixelRect, Size
from reel.timing import Span

ANNOTATED = EncoderSettings(preset="fast", crf=20)  # to be talked over, not to be kept: a third of a reel's effort
_AHEAD = 3  # pictures that the decoder may be in front: enough to ride out uneven frames, few enough to hold in memory


class AnnotatedSpec(Frozen):
    """All that an annotated clip's pixels depend on; its hash is its name. `frames` are the source pts that it shows.

    `annotate_version` is to be raised when the same spec would give other pixels.
    """

    annotate_version: Literal[1] = 1
    source_sha256: str
    frames: tuple[int, ...]
    colour: tuple[str, bool, str]
    canvas_px: tuple[int, int]
    rate: Rational
    rating: int
    name: str
    notes: str
    encoder: EncoderSettings = ANNOTATED

    @property
    def frame_count(self) -> int:
        """How many output frames it has."""
        return len(self.frames)

    @property
    def digest(self) -> str:
        """The hash that names it."""
        return keys.content_hash(self.model_dump(mode="json"))


def render_annotated(spec: AnnotatedSpec, footage: Footage, source: Source, path: Path, report: Report) -> None:
    """Write the clip's mp4 to `path`; report each frame as one more done. Raises BadSource and Cancelled."""
    encoding = Encoding(Size(*spec.canvas_px), Fraction(*spec.rate), spec.encoder.preset, spec.encoder.crf)
    with (
        closing(ahead(_pictures(spec, footage, source), _AHEAD, report)) as pictures,
        video_sink(path, encoding) as sink,
    ):
        for picture, count in pictures:
            for _ in range(count):
                sink.write(picture)
                report(done=sink.count)


def _pictures(spec: AnnotatedSpec, footage: Footage, source: Source) -> Generator[tuple[Planes, int]]:
    """Iterate the finished pictures, each with how many output frames show it."""
    canvas, upright = Size(*spec.canvas_px), source.upright
    placed = banner(RATINGS[spec.rating], spec.name, spec.notes, canvas)
    decoded = frames(footage, source, Span(spec.frames[0], spec.frames[-1] + 1))
    for frame, count in held(decoded, spec.frames):
        if count:
            whole = planes_window(frame, PixelRect(0, 0, upright.width, upright.height), source)
            picture = letterboxed(whole, source, canvas)
            blend(picture, placed)
            yield picture, count
