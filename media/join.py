"""Finished segments to one mp4: the pictures' packets as they are, the sound encoded once, chapters and a title."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from media.encode import mp4_options
from media.open import Footage, open_footage, open_output
from media.sound import RATE, Samples
from reel.errors import SourceUnreadable

if TYPE_CHECKING:
    from av.container.core import Chapter as ChapterEntry

AUDIO_BIT_RATE = 192_000
# What encode.add_video allows: two B-frames without a pyramid. One delay for all, or dts would jump at a joint.
REORDER_FRAMES = 1


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named stretch of the reel, in output frames."""

    name: str
    first_frame: int
    last_frame: int


@dataclass(frozen=True, slots=True)
class Labels:
    """What a player shows about a file: nothing of the camera or the place comes along."""

    title: str = ""
    comment: str = ""


def join(
    path: Path,
    segments: Iterable[Footage],
    rate: Fraction,
    sound: Iterator[Samples],
    *,
    chapters: Sequence[Chapter] = (),
    labels: Labels | None = None,
) -> int:
    """Write `segments`, at least one and all of one encoding, one after another to `path`; return the frame count.

    Raises SourceUnreadable if a segment is damaged or was encoded otherwise than the first.
    """
    with open_output(path, options=mp4_options(rate)) as output:
        _label(output, labels or Labels())
        output.set_chapters([_chapter(number, chapter, rate) for number, chapter in enumerate(chapters)])
        track: _VideoTrack | None = None
        voice: _AudioTrack | None = None
        for segment in segments:
            with open_footage(segment) as container:
                stream = container.streams.video[0]
                track = track or _VideoTrack(output, stream, rate)
                voice = voice or _AudioTrack(output, sound)
                track.append(container, stream)
            voice.write_until(track.count / rate)
        assert track is not None, "there is nothing to join"
        assert voice is not None
        voice.finish()
    return track.count


class _VideoTrack:
    """Copies packets, a segment behind the other."""

    def __init__(self, output: OutputContainer, template: VideoStream, rate: Fraction) -> None:
        self.count = 0
        self._output, self._rate = output, rate
        self._stream = output.add_stream_from_template(template)
        self._parameters = template.codec_context.extradata

    def append(self, container: InputContainer, stream: VideoStream) -> None:
        if stream.codec_context.extradata != self._parameters:
            raise SourceUnreadable("A segment was encoded otherwise than its neighbours.")
        packets = [packet for packet in container.demux(stream) if packet.size]
        numbers = [round(_pts(packet) * packet.time_base * self._rate) for packet in packets]
        late = any(index - number > REORDER_FRAMES for index, number in enumerate(numbers))
        cut_off = any(packet.is_corrupt for packet in packets)
        if late or cut_off or sorted(numbers) != list(range(len(numbers))):
            raise SourceUnreadable("A segment lacks pictures or has them out of order.")
        for index, (packet, number) in enumerate(zip(packets, numbers, strict=True)):
            packet.stream, packet.time_base = self._stream, 1 / self._rate
            packet.pts, packet.dts = self.count + number, self.count + index - REORDER_FRAMES
            packet.duration = 1
            self._output.mux(packet)
        self.count += len(packets)


class _AudioTrack:
    """Encodes the sound just ahead of the pictures, so that the muxer never has to hold either back."""

    def __init__(self, output: OutputContainer, sound: Iterator[Samples]) -> None:
        self._output, self._sound, self._written = output, sound, 0
        self._stream: AudioStream = output.add_stream("aac", rate=RATE, layout="stereo")
        self._stream.bit_rate = AUDIO_BIT_RATE

    def write_until(self, end_s: Fraction) -> None:
        while self._written < end_s * RATE and (block := next(self._sound, None)) is not None:
            self._write(block)

    def finish(self) -> None:
        for block in self._sound:
            self._write(block)
        self._output.mux(self._stream.encode(None))

    def _write(self, block: Samples) -> None:
        if not len(block):
            return
        levels = np.ascontiguousarray(np.clip(block, -1, 1).T)
        frame = AudioFrame.from_ndarray(levels, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._written, Fraction(1, RATE)
        self._written += len(block)
        self._output.mux(self._stream.encode(frame))


def _label(output: OutputContainer, labels: Labels) -> None:
    for name, text in (("title", labels.title), ("comment", labels.comment)):
        if text:
            output.metadata[name] = text


def _chapter(number: int, chapter: Chapter, rate: Fraction) -> ChapterEntry:
    return {
        "id": number,
        "start": chapter.first_frame,
        "end": chapter.last_frame,
        "time_base": 1 / rate,
        "metadata": {"title": chapter.name},
    }


def _pts(packet: Packet) -> int:
    assert packet.pts is not None
    return packet.pts
