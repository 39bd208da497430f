"""One finished frame of a clip: exactly the pixels that the framing will have there, before anything is paid for."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from jobs.clip import network_for, placed, reference, segment_spec
from jobs.segment import finished_picture
from jobs.sources import standing
from jobs.spec import Frozen, NetworkRef, PreviewSpec
from jobs.tools import Report, Tools
from media.colour import OUTPUT, frame_of, to_rgb
from media.decode import frames
from reel import keys
from reel.errors import ClipOutsideSource
from reel.timing import Span


class Previewed(Frozen):
    """A finished frame: where it lies, the source frame it shows and the network that made it."""

    key: str
    pts: int
    network: NetworkRef | None
    enlargement: float


def preview(spec: PreviewSpec, tools: Tools, report: Report) -> Previewed:
    """Render the frame that a clip shows at `spec.pts`. Raises ClipOutsideSource, BadSource and Cancelled."""
    report(phase="rendering", total=1)
    with standing(spec.source, tools.store) as footing, TemporaryDirectory(dir=tools.scratch) as folder:
        clip = placed(spec.clip, spec.aspect, footing.source)
        if not clip.in_pts <= spec.pts < clip.out_pts:
            raise ClipOutsideSource("This moment is not in the clip.", pts=spec.pts)
        picture = next(frames(footing.footage, footing.source, Span(spec.pts, spec.pts + 1)))
        assert picture.pts is not None
        upscaler = None
        if not spec.draft:
            upscaler = network_for(clip, spec.aspect, footing.source, [picture.pts], tools.upscaler)
        rate = footing.source.rate
        segment = segment_spec(clip, footing, spec.aspect, rate, [picture.pts], upscaler, draft=False)
        key = keys.preview(spec.user, segment.digest)
        if not tools.store.exists(key):
            planes = finished_picture(segment, picture, footing.source, upscaler)
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
