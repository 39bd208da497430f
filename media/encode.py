"""H.264 as every output has it: High, 4:2:0, bt709 limited, closed GOPs of a second, always the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from av.container import OutputContainer
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from media.colour import Planes, frame_of
from media.open import open_output
from reel.geometry import Size

# x264's result depends on how many threads it has: pinned, so that two machines make the same bytes.
THREADS = 4


@dataclass(frozen=True, slots=True)
class Encoding:
    """What an encode depends on beside its pictures: the size, the rate, and how hard x264 tries."""

    size: Size
    rate: Fraction
    preset: str = "medium"
    crf: int = 18


@dataclass(slots=True)
class VideoSink:
    """Takes planes in order, one for every output frame."""

    container: OutputContainer
    stream: VideoStream
    count: int = field(default=0)

    def write(self, planes: Planes, *, sync: bool = False) -> None:
        """Encode the next frame, as a sync frame where `sync` asks for one beside those of every second."""
        frame = frame_of(planes)
        if sync and self.count:  # the first is one by itself
            frame.pict_type = PictureType.I
        frame.pts, frame.time_base = self.count, self.stream.codec_context.time_base
        self.count += 1
        self.container.mux(self.stream.encode(frame))

    def finish(self) -> None:
        """Flush what the encoder holds back."""
        self.container.mux(self.stream.encode(None))


@contextmanager
def video_sink(path: Path, encoding: Encoding) -> Iterator[VideoSink]:
    """Write one H.264 stream to an mp4 at `path`; it is whole only when the block ends without an error."""
    with open_output(path, options=mp4_options(encoding.rate)) as container:
        sink = VideoSink(container, add_video(container, encoding))
        yield sink
        sink.finish()


def mp4_options(rate: Fraction) -> dict[str, str]:
    """Return the muxer's options: index first, no clock or version in the file, ticks that a frame divides evenly."""
    return {
        "movflags": "+faststart",
        "fflags": "+bitexact",
        "video_track_timescale": str(rate.numerator * (1 if rate.numerator >= 10000 else 512)),
    }


def add_video(container: OutputContainer, encoding: Encoding, time_base: Fraction | None = None) -> VideoStream:
    """Add the H.264 stream of `encoding`. Every encoder made here for one encoding has equal parameter sets.

    With `time_base` frames may stand at any of its ticks, else only at those of the rate.
    """
    gop = max(1, round(encoding.rate))  # a second, also of a film of one picture a minute
    x264 = f"keyint={gop}:min-keyint={gop}:scenecut=0:open-gop=0:bframes=2:b-pyramid=none"
    options = {"preset": encoding.preset, "crf": str(encoding.crf), "x264-params": x264}
    return add_h264(container, encoding.size, encoding.rate, time_base or 1 / encoding.rate, options)


def add_h264(
    container: OutputContainer, size: Size, rate: Fraction, time_base: Fraction, options: dict[str, str]
) -> VideoStream:
    """Add an H.264 stream as all of ours are: High, 4:2:0, bt709 limited, the same bytes on every machine."""
    stream = container.add_stream("libx264", rate=rate)
    stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
    context = stream.codec_context
    context.time_base = time_base
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
    context.thread_count = THREADS
    # cpu-independent: or two kinds of CPU would differ, and one with AVX-512 even from itself, where x264 165 reads
    # memory that it never wrote (macroblock tree; measured: 13 results of 20 encodes of one pan).
    x264 = f"{options['x264-params']}:cpu-independent=1"
    context.options = {**options, "profile": "high", "x264-params": x264}
    return stream
