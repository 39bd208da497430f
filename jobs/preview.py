"""One finished frame of a clip: the pixels that the framing will have there, before anything is paid for."""

from __future__ import annotations

from collections.abc import Generator
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from av.video.frame import VideoFrame
from PIL import Image

from jobs.clip import Footing, network_for, placed, reference, segment_spec
from jobs.pieces import NetworkRef, SegmentSpec
from jobs.ports import Upscaler
from jobs.segment import finished_picture
from jobs.sources import standing
from jobs.spec import Frozen, PreviewSpec
from jobs.tools import Report, Tools
from media.ahead import ahead
from media.colour import OUTPUT, Planes, frame_of, to_rgb
from media.decode import frames
from reel import keys
from reel.errors import ClipOutsideSource
from reel.timing import Span, rescale


class Previewed(Frozen):
    """A finished frame: where it lies, the source frame it shows and the network that made it."""

    key: str
    pts: int
    network: NetworkRef | None
    enlargement: float


def preview(spec: PreviewSpec, tools: Tools, report: Report) -> Previewed:
    """Render the frame that a clip shows at `spec.pts`. Raises ClipOutsideSource, BadSource and Cancelled.

    In a zoom the framing cuts all of a segment as large as its largest window, so there a network sees more around this
    one; only what it makes of the outermost pixels can differ.
    """
    report(phase="rendering", total=1)
    with standing(spec.source, tools.store) as footing, TemporaryDirectory(dir=tools.scratch) as folder:
        clip = placed(spec.clip, spec.aspect, footing.source)
        pts = rescale(spec.pts, Fraction(*spec.clip.time_base), footing.source.time_base)
        if not clip.in_pts <= pts < clip.out_pts:
            raise ClipOutsideSource("This moment is not in the clip.", pts=spec.pts)
        picture = next(frames(footing.footage, footing.source, Span(pts, pts + 1)))
        assert picture.pts is not None
        upscaler = None if spec.draft else network_for(clip, spec.aspect, footing.source, tools.upscaler)
        rate = footing.source.rate
        segment = segment_spec(clip, footing, spec.aspect, rate, [picture.pts], upscaler, draft=False)
        key = keys.preview(spec.user, segment.digest)
        if not tools.store.exists(key):
            planes = next(ahead(_finished(segment, picture, footing, upscaler), 1, report))
            path = Path(folder) / "preview.png"
            Image.fromarray(to_rgb(frame_of(planes), OUTPUT)).save(path)
            tools.store.put_file(key, path)
    report(done=1)
    return Previewed(
        key=key,
        pts=picture.pts,
        network=reference(upscaler) if upscaler else None,
        enlargement=segment.output_px[1] / segment.frames[0][4],
    )


def _finished(
    segment: SegmentSpec, picture: VideoFrame, footing: Footing, upscaler: Upscaler | None
) -> Generator[Planes]:
    """Finish the picture in another thread: a network takes seconds, and cancelling it does not wait."""
    yield finished_picture(segment, picture, footing.source, upscaler)
