"""A segment: a few seconds of one clip, from decoded pictures to an encoded file, a pure function of its spec."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import repeat, tee
from math import ceil, floor
from pathlib import Path

from av.video.frame import VideoFrame

from jobs.pieces import SegmentSpec
from jobs.ports import Picture, Pixels, Upscaler
from jobs.tools import Report
from media.ahead import ahead
from media.colour import Planes, planes_of
from media.decode import frames, held
from media.encode import Encoding, video_sink
from media.mark import marked
from media.open import Footage
from media.picture import planes_window, rgb_window
from media.probe import Source
from media.resample import placement, resample, resample_planes
from reel.geometry import PixelRect, PixelWindow, Size
from reel.timing import Span

# What the resize's and the network's kernels want to see beyond the window, in source pixels.
MARGIN_PX = 4
_AHEAD = 3  # pictures that a stage may be in front: enough to ride out uneven frames, few enough to hold in memory


@dataclass(frozen=True, slots=True)
class _Cut:
    """The window of one source picture, cut out with a margin, and how many output frames in a row show it."""

    pixels: Pixels | Planes
    rect: PixelRect
    window: PixelWindow
    count: int


def render(
    spec: SegmentSpec, footage: Footage, source: Source, upscaler: Upscaler | None, path: Path, report: Report
) -> None:
    """Write the segment's mp4 to `path`; report each frame as one more done.

    Raises SourceUnreadable, Cancelled. `upscaler` is the one that `spec.network` names, or None with it.
    """
    encoding = Encoding(Size(*spec.output_px), Fraction(*spec.rate), spec.encoder.preset, spec.encoder.crf)
    finished = _finished(spec, footage, source, upscaler)
    with closing(ahead(finished, _AHEAD, report)) as pictures, video_sink(path, encoding) as sink:
        for picture in pictures:
            sink.write(picture)
            report(done=sink.count)


def finished_picture(spec: SegmentSpec, frame: VideoFrame, source: Source, upscaler: Upscaler | None) -> Planes:
    """Return the first frame of a segment, given the source picture that it shows: what a preview is."""
    windows = _windows(spec)
    cut = _cut(frame, windows[0], _extent(windows, source), source, upscaler, 1)
    return _placed(spec, cut, upscaler.upscale(cut.pixels) if upscaler else cut.pixels, source, upscaler)


def _cuts(spec: SegmentSpec, footage: Footage, source: Source, upscaler: Upscaler | None) -> Generator[_Cut]:
    """Decode every source picture that the segment shows and cut its window out."""
    shown, windows = [frame[0] for frame in spec.frames], _windows(spec)
    extent = _extent(windows, source)
    at = 0
    for picture, count in held(frames(footage, source, Span(shown[0], shown[-1] + 1)), shown):
        if count:
            yield _cut(picture, windows[at], extent, source, upscaler, count)
        at += count


def _finished(spec: SegmentSpec, footage: Footage, source: Source, upscaler: Upscaler | None) -> Generator[Planes]:
    cuts = ahead(_cuts(spec, footage, source, upscaler), _AHEAD)
    with closing(cuts), closing(_enlarged(cuts, upscaler)) as enlarged:
        for cut, picture in enlarged:
            yield from repeat(_placed(spec, cut, picture, source, upscaler), cut.count)


def _enlarged(cuts: Iterable[_Cut], upscaler: Upscaler | None) -> Generator[tuple[_Cut, Picture]]:
    """Iterate cuts of one size, each with what the network, if there is one, makes of it."""
    if upscaler is None:
        yield from ((cut, cut.pixels) for cut in cuts)
        return
    shown, taken = tee(cuts)
    with closing(upscaler.stream(cut.pixels for cut in taken)) as pictures:
        yield from zip(shown, pictures, strict=False)  # the last cut has come when the stream looks for one more


def _placed(spec: SegmentSpec, cut: _Cut, picture: Picture, source: Source, upscaler: Upscaler | None) -> Planes:
    """Resize the exact window of a cut, enlarged or not, to the output."""
    output, scale = Size(*spec.output_px), upscaler.scale if upscaler else 1
    place = placement(cut.window, output, stretch=_stretch(source), corner=(cut.rect.x, cut.rect.y), scale=scale)
    if isinstance(picture, tuple):
        planes = resample_planes(Planes(*picture), place, output)
    else:
        planes = planes_of(resample(picture, place, output))
    return marked(planes) if spec.marked else planes


def _cut(
    frame: VideoFrame, window: PixelWindow, extent: Size, source: Source, upscaler: Upscaler | None, count: int
) -> _Cut:
    """Cut the window of `count` output frames: the same for all, since a crop follows source time."""
    rect = _rect_around(window, extent, source)
    cut_out = rgb_window if upscaler and upscaler.takes == "rgb" else planes_window
    return _Cut(cut_out(frame, rect, source), rect, window, count)


def _windows(spec: SegmentSpec) -> tuple[PixelWindow, ...]:
    return tuple(PixelWindow(*frame[1:], spec.rotation_deg) for frame in spec.frames)


def _extent(windows: Sequence[PixelWindow], source: Source) -> Size:
    """Return the size cut out all through the segment: constant, so that a network sees one shape only."""
    boxes = [window.bounds() for window in windows]
    wide = max(x1 - x0 for x0, _, x1, _ in boxes) * _stretch(source)[0]
    high = max(y1 - y0 for _, y0, _, y1 in boxes) * _stretch(source)[1]
    return Size(
        _length(wide + 2 * MARGIN_PX + 1, source.upright.width),
        _length(high + 2 * MARGIN_PX + 1, source.upright.height),
    )


def _rect_around(window: PixelWindow, extent: Size, source: Source) -> PixelRect:
    """Return the rectangle of `extent` around the window's centre, on the even grid of 4:2:0, inside the picture."""
    stretch = _stretch(source)
    x = _even_within(window.cx * stretch[0] - extent.width / 2, source.upright.width - extent.width)
    y = _even_within(window.cy * stretch[1] - extent.height / 2, source.upright.height - extent.height)
    return PixelRect(x, y, extent.width, extent.height)


def _stretch(source: Source) -> tuple[float, float]:
    """Return how many of the picture's own pixels make one displayed pixel, across and down."""
    return source.upright.width / source.displayed.width, source.upright.height / source.displayed.height


def _length(least: float, whole: int) -> int:
    """Return the shortest length from `least` on, at most the whole, that leaves an even rest: odd sides exist."""
    return whole - max(0, (whole - ceil(least)) // 2 * 2)


def _even_within(offset: float, most: int) -> int:
    return min(max(floor(offset / 2 + 0.5) * 2, 0), most)
