"""The edge of a cut: the few pictures up to a source's next sync frame, encoded anew in the source's own language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from av.video.frame import VideoFrame

from media.colour import Planes, lines
from media.decode import frames
from media.encode import VideoSink, add_h264, mp4_options
from media.h264 import (
    IDR_SLICE,
    PICTURES,
    Language,
    NotPlain,
    language,
    packed,
    parameter_sets,
    rewritten,
    unit_type,
    units,
)
from media.middle import Unfit
from media.open import Footage, open_footage, open_output
from media.probe import Source
from reel.timing import Span

PRESET, CRF = "medium", "18"  # those of every output: encode.Encoding
_REFERENCES = 3  # of this preset
_PSYCHOVISUAL_OFFSET = -2  # what x264 adds to its chroma-qp-offset at this preset's psy-rd


def encode_edge(
    path: Path, footage: Footage, source: Source, times: Sequence[int], spoken: Language, note: Callable[[], None]
) -> None:
    """Encode the source's pictures of the pts `times`, one after another, as they are coded: not turned, not converted.

    One sync frame, then P only: nothing waits in a decoder when pictures of the source follow. Raises Unfit if a
    picture is missing.
    """
    picture = spoken.picture
    x264 = (
        "keyint=infinite:scenecut=0:bframes=0:weightp=0"
        f":ref={min(_REFERENCES, spoken.sequence.references)}:cabac={picture.cabac:d}:8x8dct={picture.transform_8x8:d}"
        f":chroma-qp-offset={picture.chroma_offset - _PSYCHOVISUAL_OFFSET}"
        f":constrained-intra={picture.constrained_intra:d}"
    )
    options = {"preset": PRESET, "crf": CRF, "x264-params": x264}
    found = frames(footage, source, Span(times[0], times[-1] + 1))
    with open_output(path, options=mp4_options(source.rate)) as container:
        sink = VideoSink(container, add_h264(container, source.coded, source.rate, 1 / source.rate, options))
        for frame, pts in zip_longest(found, times):
            if frame is None or frame.pts != pts:
                raise Unfit("Some of its pictures are damaged.")
            sink.write(_as_coded(frame))
            note()
        sink.finish()


def edge_packets(path: Path, spoken: Language, idr_id: int) -> Iterator[bytes]:
    """Iterate the packets of an encoded edge in the language of the source.

    Raises NotPlain if its blocks would mean something else there.
    """
    with open_footage(path) as container:
        stream = container.streams.video[0]
        written = language(parameter_sets(stream.codec_context.extradata or b""))
        if not spoken.understands(written):
            raise NotPlain
        packets = (packet for packet in container.demux(stream) if packet.size)
        for number, packet in enumerate(packets):
            slices = [unit for unit in units(bytes(packet)) if unit_type(unit) in PICTURES]
            if any((unit_type(unit) == IDR_SLICE) != (number == 0) for unit in slices):
                raise NotPlain
            yield packed(rewritten(unit, written, spoken, number, idr_id) for unit in slices)


def _as_coded(frame: VideoFrame) -> Planes:
    """Return a 4:2:0 picture's numbers, whatever they mean."""
    return Planes(*(lines(plane)[: plane.height, : plane.width] for plane in frame.planes))
