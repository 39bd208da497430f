"""A clip's sound: decoded exactly from its span, at its speeds with the pitch kept, as 48 kHz stereo samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import TypeAlias

import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.filter import Graph
from av.packet import Packet
from numpy.typing import NDArray

from media.open import Footage, open_footage
from media.packets import DAMAGE, packets
from media.probe import audio_stream
from reel.speed import Piece
from reel.timing import half_up

RATE = 48_000
JOIN_S = Fraction(5, 1000)  # a ramp at every cut: a step between two waves is heard as a click

Samples: TypeAlias = NDArray[np.float32]

# Below this, stamps that do not follow on from one another are rounding; above it, a gap.
_GAP_SAMPLES = RATE // 50
_RUN_UP_S = 1  # sound may be stored behind the pictures of its time, and a decoder starts up on what comes before
_SLOWEST_TEMPO = Fraction(1, 2)  # what one atempo filter can do
_TEMPO_LEAD_S = Fraction(1, 100)  # what is heard comes out that much source time too early, at any tempo: measured
_TEMPO_WINDOW = 2048  # it holds back less than that many source samples at the end


@dataclass(frozen=True, slots=True)
class Placed:
    """One clip's sound on the reel's timeline: where it begins, and over how many samples it comes and goes."""

    start: int
    samples: Samples
    fade_in: int
    fade_out: int


def sample_at(frame: int, rate: Fraction) -> int:
    """Return the sample that begins with output frame number `frame`."""
    return half_up(Fraction(frame * RATE) / rate)


def silence(count: int) -> Samples:
    """Return `count` silent samples, (count, 2)."""
    return np.zeros((count, 2), np.float32)


def clip_sound(footage: Footage, pieces: Sequence[Piece], time_base: Fraction, count: int) -> Samples:
    """Return exactly `count` samples, (count, 2), of a clip that runs through `pieces`; silence where it has none."""
    ramp = half_up(JOIN_S * RATE)
    lengths = [piece.span.duration_pts * time_base / piece.rate for piece in pieces]
    edges = [*(min(half_up(at_s * RATE), count) for at_s in accumulate(lengths[:-1], initial=Fraction(0))), count]
    played: list[Placed] = []
    for number, (piece, (begin, end)) in enumerate(zip(pieces, pairwise(edges), strict=True), 1):
        come, go = ramp * (number > 1), ramp * (number < len(pieces))  # one piece gives way to the next
        sound = _at_tempo(footage, piece.span.in_pts * time_base, end - begin + go, piece.rate)
        played.append(Placed(begin, sound, come, go))
    return np.concatenate(list(mixed(played)))[:count]


def decoded_sound(footage: Footage, start_s: Fraction, count: int) -> Samples:
    """Decode `count` samples, (count, 2), from `start_s` on of the default audio stream; silence where it has none."""
    sound = silence(count)
    with open_footage(footage) as container:
        stream = audio_stream(container)
        if stream is None:
            return sound
        with suppress(av.error.FFmpegError):  # no index leads there: from the beginning, then
            container.seek(int((start_s - _RUN_UP_S) * av.time_base))
        cursor: int | None = None
        for at_s, block in _blocks(packets(container, stream)):
            index = half_up((at_s - start_s) * RATE)
            cursor = index if cursor is None or abs(index - cursor) > _GAP_SAMPLES else cursor
            if cursor >= count:
                break
            begin, end = max(cursor, 0), min(cursor + len(block), count)
            if end > begin:
                sound[begin:end] = block[begin - cursor : end - cursor]
            cursor += len(block)
    return sound


def audio_frames(packets: Iterable[Packet]) -> Iterator[AudioFrame]:
    """Decode packet by packet; a damaged one leaves a gap."""
    for packet in packets:
        try:
            frames = packet.decode()
        except DAMAGE:
            continue
        yield from (frame for frame in frames if isinstance(frame, AudioFrame) and frame.pts is not None)


def mixed(clips: Iterable[Placed]) -> Iterator[Samples]:
    """Iterate the reel's sound block by block: clips in order, each ramped at its ends, overlaps added up."""
    carried, position = silence(0), 0
    for clip in clips:
        yield _take(carried, clip.start - position)
        overlap, shaped = carried[clip.start - position :], _ramped(clip)
        carried, position = silence(max(len(overlap), len(shaped))), clip.start
        carried[: len(overlap)] += overlap
        carried[: len(shaped)] += shaped
    yield carried


def _take(carried: Samples, count: int) -> Samples:
    """Return the first `count` samples of what is carried, with silence after its end."""
    head = carried[:count]
    return np.concatenate((head, silence(count - len(head)))) if len(head) < count else head


def _ramped(clip: Placed) -> Samples:
    shaped = clip.samples.copy()
    come, go = min(clip.fade_in, len(shaped)), min(clip.fade_out, len(shaped))
    shaped[:come] *= np.linspace(0, 1, come, endpoint=False, dtype=np.float32)[:, None]
    shaped[len(shaped) - go :] *= np.linspace(1, 0, go, endpoint=False, dtype=np.float32)[:, None]
    return shaped


def _blocks(packets: Iterable[Packet]) -> Iterator[tuple[Fraction, Samples]]:
    """Iterate (time in s, samples at 48 kHz stereo)."""
    form, resampler = None, None
    for frame in audio_frames(packets):
        if resampler is None or form != (frame.format.name, frame.layout.name, frame.sample_rate):
            form = frame.format.name, frame.layout.name, frame.sample_rate  # broadcasts change theirs in the middle
            resampler = AudioResampler(format="fltp", layout="stereo", rate=RATE)
        for even in resampler.resample(frame):
            if even.pts is not None and even.time_base is not None:
                yield even.pts * even.time_base, _samples(even)


def _at_tempo(footage: Footage, start_s: Fraction, count: int, tempo: Fraction) -> Samples:
    """Return `count` samples from `start_s` on, played at `tempo` with their pitch (ffmpeg's atempo, a WSOLA)."""
    if tempo == 1:
        return decoded_sound(footage, start_s, count)
    samples = decoded_sound(footage, start_s - _TEMPO_LEAD_S, half_up(count * tempo) + _TEMPO_WINDOW)
    graph = Graph()
    node = graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo", time_base=Fraction(1, RATE))
    while tempo != 1:
        step = max(tempo, _SLOWEST_TEMPO)
        following = graph.add("atempo", f"{step.numerator / step.denominator!r}")
        node.link_to(following)
        node, tempo = following, tempo / step
    planar = graph.add("aformat", "sample_fmts=fltp")
    node.link_to(planar)
    planar.link_to(graph.add("abuffersink"))
    graph.configure()
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    graph.push(frame)
    graph.push(None)
    return np.concatenate([*_pulled(graph), silence(count)])[:count]


def _pulled(graph: Graph) -> Iterator[Samples]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            return
        assert isinstance(frame, AudioFrame)
        yield _samples(frame)


def _samples(frame: AudioFrame) -> Samples:
    return np.asarray(frame.to_ndarray(), np.float32).T
