"""Re-encode some GOPs of a working video and copy the rest: what an overlay or a card does not touch stays bit for bit.

What is touched is encoded first, stretch by stretch, to files beside the output. Then the working video is copied,
new packets in the place of those that they replace. Both come from encoders of one encoding, so that their
parameter sets are equal byte for byte. A video of which that cannot be shown is encoded again as a whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import count, groupby, islice
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from media.ahead import ahead
from media.colour import Planes
from media.decode import frame_times, frames, held
from media.encode import Encoding, mp4_options, video_sink
from media.h264 import IDR_SLICE, SEI, SLICE, NotPlain, unit_type, units
from media.join import REORDER_FRAMES, Chapter, Labels, join
from media.open import Footage, open_footage, open_output
from media.packets import packets
from media.picture import planes_window
from media.probe import Source, audio_stream, probe, video_stream
from media.remade import Progress, Remade, nobody
from media.sound import RATE, Samples, decoded_sound, sample_at
from media.tracks import AudioTrack, VideoTrack, describe
from reel.errors import SourceUnreadable
from reel.geometry import PixelRect
from reel.timing import Span, half_up, newest

Draw: TypeAlias = Callable[[int, Planes], Planes]

DEPTH = 3  # pictures that are drawn before the encoder wants them

_BLOCK_SAMPLES = 30 * RATE


@dataclass(frozen=True, slots=True)
class Insertion:
    """`count` frames put in before frame number `before`: a freeze-frame, a text card.

    `draw` makes each of them from its number among them and the picture of the frame that it stands before; at the end
    of the video, of the last frame.
    """

    before: int
    count: int
    draw: Draw


@dataclass(frozen=True, slots=True)
class _Base:
    """The working video: the pts of each frame on the output's clock, and its GOPs; none where it is not ours."""

    footage: Footage
    source: Source
    encoding: Encoding
    shown: tuple[int, ...]
    gops: tuple[range, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """Frames of one GOP, and what is put in among them: made anew, or copied."""

    frames: range
    insertions: tuple[Insertion, ...] = ()
    made: bool = False

    @property
    def count(self) -> int:
        return len(self.frames) + sum(insertion.count for insertion in self.insertions)


_Made: TypeAlias = "tuple[Path, tuple[_Part, ...]]"  # a file, and what it holds


class _Foreign(Exception):
    """The video cannot be shown to be of our encoding; the text says why."""


def splice(
    path: Path,
    footage: Footage,
    encoding: Encoding,
    draw: Draw,
    touched: Sequence[range],
    insertions: Sequence[Insertion] = (),
    *,
    sound: Iterator[Samples] | None = None,
    chapters: Sequence[Chapter] = (),
    labels: Labels | None = None,
    progress: Progress = nobody,
) -> Remade:
    """Write a working video, made with `encoding`, to `path` with `touched` frames drawn on and `insertions` put in.

    `draw` gets the number of a frame and its picture, which it may write on. `touched` ends where the video does, and
    an insertion past the end comes after the last frame. The sound is copied where `sound` is None; with insertions it
    has to be given anew, as `join` takes it. `chapters` count output frames. `progress` may raise to stop; it is told
    0 of 0 until the video is looked through.

    Raises SourceUnreadable and SourceTruncated for a video that is damaged, or whose size is not that of `encoding`.
    """
    with TemporaryDirectory(dir=path.parent) as folder:
        why = ""
        try:
            base = _ours(footage, encoding, Path(folder) / "trial.mp4", progress)
        except _Foreign as foreign:
            why, base = str(foreign), _any(footage, encoding)
        insertions = _within(insertions, len(base.shown))
        assert sound is not None or not insertions, "what is put in has no sound of its own"
        parts = _parts(base, touched, insertions)
        total = sum(part.count for part in parts if part.made)
        encoded = count(1)

        def note() -> None:
            progress(next(encoded), total)

        runs = (tuple(run) for is_made, run in groupby(parts, attrgetter("made")) if is_made)
        made = [(Path(folder) / f"{number}.mp4", run) for number, run in enumerate(runs)]
        for file, run in made:
            _make(file, run, base, draw, touched, note)
        if why:
            anew = _decoded(base) if sound is None else sound
            frame_count = join(path, [made[0][0]], encoding.rate, anew, chapters=chapters, labels=labels)
        else:
            with open_output(path, options=mp4_options(encoding.rate)) as output:
                describe(output, labels or Labels(), chapters, encoding.rate)
                frame_count = _put_together(output, base, parts, made, sound, partial(progress, total, total))
    return Remade(frame_count, total, why)


def _ours(footage: Footage, encoding: Encoding, trial: Path, progress: Progress) -> _Base:
    """Look through all packets of the video; raise _Foreign unless every GOP of it can be replaced by one of ours."""
    source = _probed(footage, encoding, tail=False)
    with open_footage(footage) as container:
        stream = video_stream(container)
        if stream.codec_context.extradata != _parameter_sets(encoding, trial):
            raise _Foreign("It was encoded with other settings.")
        gops = tuple(_gops(packets(container, stream), encoding.rate, partial(progress, 0, 0)))
    if gops[-1].stop != half_up(source.duration_s * encoding.rate):
        raise SourceUnreadable("The working video lacks pictures.")
    step = 1 / (encoding.rate * source.time_base)
    return _Base(footage, source, encoding, tuple(int(number * step) for number in range(gops[-1].stop)), gops)


def _any(footage: Footage, encoding: Encoding) -> _Base:
    """Put whatever video it is on the output's clock: each frame shows the newest picture."""
    source = _probed(footage, encoding, tail=True)
    times = frame_times(footage, source, source.span)
    step = 1 / (encoding.rate * source.time_base)
    frame_count = max(1, half_up(source.duration_s * encoding.rate))
    shown = tuple(times[newest(source.span.in_pts + number * step, times)] for number in range(frame_count))
    return _Base(footage, source, encoding, shown, ())


def _probed(footage: Footage, encoding: Encoding, *, tail: bool) -> Source:
    source = probe(footage, tail=tail)
    if (source.upright, source.sample_aspect) != (encoding.size, 1):
        found, wanted = source.displayed, encoding.size
        said = f"{found.width}×{found.height}, not {wanted.width}×{wanted.height}"
        raise SourceUnreadable(f"The working video is {said}.")
    return source


def _parameter_sets(encoding: Encoding, trial: Path) -> bytes | None:
    """Return the parameter sets of every file of this encoding: those of one grey picture."""
    size = encoding.size
    chroma = np.full((size.height // 2, size.width // 2), 128, np.uint8)
    with video_sink(trial, encoding) as sink:
        sink.write(Planes(np.full((size.height, size.width), 128, np.uint8), chroma, chroma))
    with open_footage(trial) as container:
        return container.streams.video[0].codec_context.extradata


def _gops(found: Iterable[Packet], rate: Fraction, note: Callable[[], None]) -> Iterator[range]:
    """Iterate the GOPs as ranges of frame numbers; raise _Foreign for what is not closed, even and of one encoding."""
    first, numbers = 0, list[Fraction]()
    for packet in found:
        if not packet.size:
            continue
        if packet.is_corrupt or packet.pts is None:
            raise SourceUnreadable("The working video is damaged.")
        if _opens(packet) and numbers:
            yield _closed(first, numbers)
            first, numbers = first + len(numbers), []
            note()
        numbers.append(packet.pts * packet.time_base * rate)
    if not numbers:
        raise SourceUnreadable("The working video is empty.")
    yield _closed(first, numbers)


def _opens(packet: Packet) -> bool:
    """Say whether a packet is a sync frame that nothing reaches across. Raises _Foreign for what ours do not hold."""
    try:
        kinds = {unit_type(unit) for unit in units(bytes(packet))} - {SEI}
    except NotPlain as damage:
        raise SourceUnreadable("The working video is damaged.") from damage
    if packet.has_sidedata("new_extradata") or not kinds <= {SLICE, IDR_SLICE}:
        raise _Foreign("Its settings change in the middle.")
    if len(kinds) != 1 or (IDR_SLICE in kinds) != packet.is_keyframe:
        raise _Foreign("Its groups of pictures are not closed.")
    return packet.is_keyframe


def _closed(first: int, numbers: Sequence[Fraction]) -> range:
    gop = range(first, first + len(numbers))
    late = any(index - number > REORDER_FRAMES for index, number in zip(gop, numbers, strict=True))
    if late or sorted(numbers) != list(gop):
        raise _Foreign("Its frames do not stand one by one at the times of this rate.")
    return gop


def _within(insertions: Iterable[Insertion], frame_count: int) -> tuple[Insertion, ...]:
    """Return those that hold any frame, each before a frame that there is, or at the end."""
    kept = (insertion for insertion in insertions if insertion.count > 0)
    return tuple(replace(each, before=min(max(each.before, 0), frame_count)) for each in kept)


def _parts(base: _Base, touched: Sequence[range], insertions: Sequence[Insertion]) -> list[_Part]:
    """Cut the video into what is copied and what is made, in order."""
    frame_count = len(base.shown)
    if not base.gops:
        return [_Part(range(frame_count), tuple(insertions), made=True)]
    parts: list[_Part] = []
    for gop in base.gops:
        at_start = tuple(each for each in insertions if each.before == gop.start)
        among = tuple(each for each in insertions if gop.start < each.before < gop.stop)
        if among or any(number in frames for frames in touched for number in gop):
            parts.append(_Part(gop, (*at_start, *among), made=True))
            continue
        if at_start:
            parts.append(_Part(range(gop.start, gop.start), at_start, made=True))
        parts.append(_Part(gop))
    at_end = tuple(each for each in insertions if each.before == frame_count)
    return [*parts, _Part(range(frame_count, frame_count), at_end, made=True)] if at_end else parts


def _make(
    path: Path, run: Sequence[_Part], base: _Base, draw: Draw, touched: Sequence[range], note: Callable[[], None]
) -> None:
    """Encode parts that follow on from one another, each from a sync frame on, and draw beside the encoder."""
    with video_sink(path, base.encoding) as sink, closing(ahead(_drawn(run, base, draw, touched), DEPTH)) as pictures:
        for picture, sync in pictures:
            sink.write(picture, sync=sync)
            note()


def _drawn(run: Sequence[_Part], base: _Base, draw: Draw, touched: Sequence[range]) -> Generator[tuple[Planes, bool]]:
    """Make every picture of a run; each comes with whether it has to be a sync frame."""
    number = min(run[0].frames.start, len(base.shown) - 1)
    with closing(_pictures(base, number)) as pictures:
        picture = next(pictures)
        for at, make, sync in _steps(run, draw, touched, len(base.shown) - 1):
            while number < at:
                number, picture = number + 1, next(pictures)
            yield make(picture), sync


def _steps(
    run: Iterable[_Part], draw: Draw, touched: Sequence[range], last: int
) -> Iterator[tuple[int, Callable[[Planes], Planes], bool]]:
    """Iterate every frame of a run: which picture it is made from, how, and whether it has to be a sync frame."""
    for part in run:
        for number in (*part.frames, part.frames.stop):
            for insertion in part.insertions:
                if insertion.before == number:
                    for index in range(insertion.count):
                        yield min(number, last), partial(_drawn_on_a_copy, insertion.draw, index), not index
            if number in part.frames:
                drawn = any(number in frames for frames in touched)
                yield number, partial(draw, number) if drawn else _as_it_is, number == part.frames.start


def _drawn_on_a_copy(draw: Draw, index: int, planes: Planes) -> Planes:
    return draw(index, Planes(planes.y.copy(), planes.u.copy(), planes.v.copy()))


def _as_it_is(planes: Planes) -> Planes:
    return planes


def _pictures(base: _Base, first: int) -> Generator[Planes]:
    """Decode what the frames from number `first` on show, upright, in the colours of every output."""
    shown, size = base.shown[first:], base.encoding.size
    decoded = frames(base.footage, base.source, Span(shown[0], shown[-1] + 1))
    for picture, times in held(decoded, shown):
        for _ in range(times):
            yield planes_window(picture, PixelRect(0, 0, size.width, size.height), base.source)


def _put_together(
    output: OutputContainer,
    base: _Base,
    parts: Iterable[_Part],
    made: Iterable[_Made],
    sound: Iterator[Samples] | None,
    note: Callable[[], None],
) -> int:
    """Copy the video, with what was made in the place of what it replaces; return the frame count."""
    rate, fresh = base.encoding.rate, _fresh(made)
    with open_footage(base.footage) as container:
        stream, heard = video_stream(container), audio_stream(container) if sound is None else None
        track = VideoTrack(output, stream, rate)
        voice = AudioTrack(output, sound) if sound is not None else None
        read = packets(container, stream) if heard is None else _sound_passed_on(container, stream, heard, output)
        pictures = (packet for packet in read if packet.size)
        for part in parts:
            old = list(islice(pictures, len(part.frames)))
            track.append(*(next(fresh) if part.made else (stream, old, part.frames.start)))
            if voice is not None:
                voice.write_until(track.count / rate)
            note()
        deque(pictures, maxlen=0)  # what sounds after the last picture
    if voice is not None:
        voice.finish()
    return track.count


def _fresh(made: Iterable[_Made]) -> Iterator[tuple[VideoStream, list[Packet], int]]:
    """Iterate the packets of what was made, part by part, with the number of the first picture in its file."""
    for path, run in made:
        with open_footage(path) as container:
            stream, first = container.streams.video[0], 0
            found = (packet for packet in container.demux(stream) if packet.size)
            for part in run:
                yield stream, list(islice(found, part.count)), first
                first += part.count


def _sound_passed_on(
    container: InputContainer, stream: VideoStream, heard: AudioStream, output: OutputContainer
) -> Iterator[Packet]:
    """Iterate the packets of the pictures; those of the sound are copied on the way."""
    copied = output.add_stream_from_template(heard)
    for packet in packets(container, stream, heard):
        if packet.stream is not heard:
            yield packet
        elif packet.size:
            packet.stream = copied
            output.mux(packet)


def _decoded(base: _Base) -> Iterator[Samples]:
    """Iterate the sound of the video from its first picture on, block by block."""
    rate, start_s = base.encoding.rate, base.source.span.in_pts * base.source.time_base
    if base.source.sound is None:
        return
    total = sample_at(len(base.shown), rate)
    for at in range(0, total, _BLOCK_SAMPLES):
        yield decoded_sound(base.footage, start_s + Fraction(at, RATE), min(_BLOCK_SAMPLES, total - at))
