"""What the editor plays instead of a source that a browser cannot: a small H.264 copy, and windows of single frames."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from media.ahead import ahead
from media.colour import Planes, frame_of, to_planes
from media.decode import frames, held
from media.encode import VideoSink, add_h264, mp4_options
from media.index import FrameIndex
from media.open import Footage, open_output
from media.picture import turned
from media.probe import Orientation, Source
from media.sound import RATE, decoded_sound
from reel.geometry import Size, even
from reel.timing import Span, half_up, newest, project_rate

# What was measured to play and seek in browsers; HEVC with sound "plays" as a black picture.
PLAYABLE_PIXELS = frozenset({"yuv420p", "yuvj420p"})
PLAYABLE_SOUND = frozenset({"aac", "mp3", "mp3float"})
LONGEST_GOP_S = 5

SHORT_SIDE_PX = 540
GOP_FRAMES = 15  # a random seek takes half the time that it takes in a GOP of 60 with B-frames
WINDOW_MARGIN_S = 5
PART_S = 60
DEPTH = 3  # pictures that are shrunk before the encoder wants them

_WHOLE = {
    "preset": "veryfast",
    "crf": "26",
    "x264-params": f"keyint={GOP_FRAMES}:bframes=0:vbv-maxrate=1200:vbv-bufsize=2400",
}
_SINGLE = {"preset": "veryfast", "crf": "23", "x264-params": "keyint=1:bframes=0"}


def needs_proxy(source: Source, index: FrameIndex) -> bool:
    """Tell whether a browser cannot play this source, or not seek in it."""
    playable = (
        "mp4" in source.container.split(",")
        and source.codec == "h264"
        and source.pixel_format in PLAYABLE_PIXELS
        and not source.colour.hdr
        and not source.interlaced
        and not source.orientation.mirrored
        and source.sample_aspect == 1
        and index.constant
        and index.longest_gop_s <= LONGEST_GOP_S
        and (source.sound is None or source.sound.codec in PLAYABLE_SOUND)
    )
    return not playable


def proxy_size(displayed: Size) -> Size:
    """Return the proxy's size: the short side at most SHORT_SIDE_PX, never larger than the source."""
    scale = min(Fraction(1), Fraction(SHORT_SIDE_PX, min(displayed.width, displayed.height)))
    return Size(even(round(displayed.width * scale)), even(round(displayed.height * scale)))


def proxy_rate(index: FrameIndex) -> Fraction:
    """Return the proxy's constant rate."""
    return project_rate([index.rate])


def proxy_frames(index: FrameIndex) -> tuple[int, ...]:
    """Return the source pts that each frame of the proxy shows: the newest at its time, as in every output."""
    first, rate = index.frame_pts[0], proxy_rate(index)
    count = max(1, half_up((index.end_pts - first) * index.time_base * rate))
    ticks = 1 / (rate * index.time_base)
    return tuple(index.frame_pts[newest(first + number * ticks, index.frame_pts)] for number in range(count))


def write_part(
    path: Path,
    footage: Footage,
    source: Source,
    shown: Sequence[int],
    rate: Fraction,
    progress: Callable[[int], None],
) -> None:
    """Write a stretch of the proxy, silent, that shows the source pts `shown`; tell `progress` the frames done.

    Parts of one source can be joined without encoding again. Raises SourceUnreadable.
    """
    with open_output(path, options=mp4_options(rate)) as container:
        stream = add_h264(container, proxy_size(source.displayed), rate, 1 / rate, _WHOLE)
        sink = VideoSink(container, stream)
        pictures = frames(footage, source, Span(shown[0], shown[-1] + 1))
        with closing(ahead(_shrunk(held(pictures, shown), source), DEPTH)) as small:
            for planes, count in small:
                for _ in range(count):
                    sink.write(planes)
                progress(sink.count)
        sink.finish()


def window_around(span: Span, source: Source) -> Span:
    """Return `span` with WINDOW_MARGIN_S to either side, as far as the source goes."""
    margin = int(WINDOW_MARGIN_S / source.time_base)
    return Span(max(source.span.in_pts, span.in_pts - margin), min(source.span.out_pts, span.out_pts + margin))


def write_window(path: Path, footage: Footage, source: Source, span: Span, progress: Callable[[int], None]) -> None:
    """Write every frame shown during `span` as a sync frame, at its own time after the first of them, with the sound.

    Tells `progress` the frames done. Raises SourceUnreadable.
    """
    tick = source.time_base
    options = {**mp4_options(source.rate), "video_track_timescale": str(tick.denominator)}
    with open_output(path, options=options) as container:
        stream = add_h264(container, proxy_size(source.displayed), source.rate, tick, _SINGLE)
        sound = container.add_stream("aac", rate=RATE, layout="stereo") if source.sound else None
        first_pts = span.in_pts
        for number, frame in enumerate(frames(footage, source, span)):
            assert frame.pts is not None
            first_pts = first_pts if number else frame.pts
            small = frame_of(small_planes(frame, source))
            small.pts, small.time_base = frame.pts - first_pts, tick
            container.mux(stream.encode(small))
            progress(number + 1)
        container.mux(stream.encode(None))
        if sound is not None:
            container.mux(sound.encode(_sound(footage, first_pts * tick, (span.out_pts - first_pts) * tick)))
            container.mux(sound.encode(None))


def _shrunk(pictures: Iterable[tuple[VideoFrame, int]], source: Source) -> Generator[tuple[Planes, int]]:
    """Shrink what is shown at all."""
    for frame, count in pictures:
        if count:
            yield small_planes(frame, source), count


def small_planes(frame: VideoFrame, source: Source) -> Planes:
    """Return a frame at the proxy's size, upright, in the colours of every output."""
    size = proxy_size(source.displayed)
    coded = Size(size.height, size.width) if source.orientation.quarter_turns % 2 else size
    planes = to_planes(shrunk(frame, coded), source.colour)
    if source.orientation == Orientation():
        return planes
    return Planes(*(np.ascontiguousarray(turned(p, source.orientation)) for p in (planes.y, planes.u, planes.v)))


def shrunk(frame: VideoFrame, size: Size) -> VideoFrame:
    """Return a frame at another size; its layout and what its numbers mean stay."""
    if (frame.width, frame.height) == (size.width, size.height):
        return frame
    return frame.reformat(
        size.width,
        size.height,
        interpolation=Interpolation.AREA,
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.MPEG,
    )


def _sound(footage: Footage, start_s: Fraction, duration_s: Fraction) -> AudioFrame:
    samples = decoded_sound(footage, start_s, half_up(duration_s * RATE))
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    return frame
