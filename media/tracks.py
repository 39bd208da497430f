"""The tracks of an mp4 that is put together: pictures as finished packets, sound encoded as it comes, labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from media.join import AUDIO_BIT_RATE, REORDER_FRAMES, Chapter, Labels
from media.sound import RATE, Samples
from reel.errors import SourceUnreadable

if TYPE_CHECKING:
    from av.container.core import Chapter as ChapterEntry


class VideoTrack:
    """Takes finished packets of one encoding, a stretch behind the other, at a constant rate."""

    def __init__(self, output: OutputContainer, template: VideoStream, rate: Fraction) -> None:
        self.count = 0
        self._output, self._rate = output, rate
        self._stream = output.add_stream_from_template(template)
        self._parameters = template.codec_context.extradata

    def append(self, stream: VideoStream, packets: Sequence[Packet], first: int = 0) -> None:
        """Add all packets of a stretch, in decoding order, whose first picture is number `first` of their file.

        Raises SourceUnreadable if one is damaged or missing, or if they were encoded otherwise than the first.
        """
        if stream.codec_context.extradata != self._parameters:
            raise SourceUnreadable("A segment was encoded otherwise than its neighbours.")
        numbers = [frame_number(packet, self._rate) - first for packet in packets]
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


class AudioTrack:
    """Encodes the sound just ahead of the pictures, so that the muxer never has to hold either back."""

    def __init__(self, output: OutputContainer, sound: Iterator[Samples]) -> None:
        self._output, self._sound, self._written = output, sound, 0
        self._stream: AudioStream = output.add_stream("aac", rate=RATE, layout="stereo")
        self._stream.bit_rate = AUDIO_BIT_RATE

    def write_until(self, end_s: Fraction) -> None:
        """Take blocks of the sound until it reaches `end_s`."""
        while self._written < end_s * RATE and (block := next(self._sound, None)) is not None:
            self._write(block)

    def finish(self) -> None:
        """Take what is left."""
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


def describe(output: OutputContainer, labels: Labels, chapters: Sequence[Chapter], rate: Fraction) -> None:
    """Write what a file says of itself."""
    for name, text in (("title", labels.title), ("comment", labels.comment)):
        if text:
            output.metadata[name] = text
    output.set_chapters([_chapter(number, chapter, rate) for number, chapter in enumerate(chapters)])


def frame_number(packet: Packet, rate: Fraction) -> int:
    """Return the number of a packet's picture, counted from 0 at a constant rate."""
    assert packet.pts is not None
    return round(packet.pts * packet.time_base * rate)


def decoding_times(stored: Sequence[int], times: Sequence[int]) -> list[int]:
    """Return when each picture is decoded, in the order in which they are stored: one delay for all.

    `stored` are their pts; `times` the same in order.
    """
    place = {pts: number for number, pts in enumerate(times)}
    delay = max(index - place[pts] for index, pts in enumerate(stored))
    step = times[1] - times[0] if delay else 0
    return [*(times[0] - step * early for early in range(delay, 0, -1)), *times[: len(times) - delay]]


def _chapter(number: int, chapter: Chapter, rate: Fraction) -> ChapterEntry:
    return {
        "id": number,
        "start": chapter.first_frame,
        "end": chapter.last_frame,
        "time_base": 1 / rate,
        "metadata": {"title": chapter.name},
    }
