"""The timeline's audio energy: how loud each twentieth of a second is, so that cheers and whistles can be seen.

peaks.json (schema 1): level k is the energy of the k-th bin after the first picture, on a logarithmic scale from 0
(−60 dB below full scale or less) to 255 (full scale):

    {"schema": 1, "per_s": 20, "floor_db": -60, "levels": [0, 12, 87, …]}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from math import ceil
from typing import NamedTuple

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from media.open import Footage, open_footage
from media.packets import packets
from media.probe import Source, audio_stream
from media.sound import audio_frames

PER_S = 20
FLOOR_DB = -60
GAP_S = 0.02  # below it, stamps that do not follow on from one another are rounding


class Stretch(NamedTuple):
    """Sound without a gap, of a second or so: frame by frame Python would take longer than the decoder."""

    at_s: float
    rate: int
    samples: np.ndarray  # one channel, −1..1


def peaks_json(footage: Footage, source: Source, progress: Callable[[int], None]) -> bytes | None:
    """Return peaks.json, None without sound; tell `progress` how many seconds are done.

    The sound streams through: memory grows by a bin each twentieth of a second.
    """
    if source.sound is None:
        return None
    energy, counts = np.zeros((2, ceil(source.duration_s * PER_S)))
    begin_s = float(source.span.in_pts * source.time_base)
    told_s = 0
    for stretch in _stretches(footage):
        place = round((stretch.at_s - begin_s) * stretch.rate)
        bins = (np.arange(len(stretch.samples)) + place) * PER_S // stretch.rate
        inside = (bins >= 0) & (bins < len(energy))
        loud = np.bincount(bins[inside], stretch.samples[inside] ** 2)
        energy[: len(loud)] += loud
        counts[: len(loud)] += np.bincount(bins[inside])
        if place // stretch.rate > told_s:
            told_s = place // stretch.rate
            progress(told_s)
    progress(ceil(source.duration_s))
    levels = _levels(energy / np.maximum(counts, 1))
    document = {"schema": 1, "per_s": PER_S, "floor_db": FLOOR_DB, "levels": levels.tolist()}
    return json.dumps(document, separators=(",", ":")).encode()


def _levels(power: np.ndarray) -> np.ndarray:
    decibel = 10 * np.log10(np.maximum(power, 10.0 ** (FLOOR_DB / 10)))
    return np.clip(np.round((1 - decibel / FLOOR_DB) * 255), 0, 255).astype(np.uint8)


def _stretches(footage: Footage) -> Iterator[Stretch]:
    """Iterate the default sound, mixed to one channel; what cannot be decoded is not there."""
    with open_footage(footage) as container:
        stream = audio_stream(container)
        if stream is None:
            return
        waiting: list[np.ndarray] = []
        at_s, rate, count = 0.0, 0, 0
        for frame in _planar(audio_frames(packets(container, stream))):
            assert frame.pts is not None
            assert frame.time_base is not None
            frame_s = frame.pts * float(frame.time_base)
            follows = frame.sample_rate == rate and abs(at_s + count / rate - frame_s) < GAP_S
            if waiting and (not follows or count >= rate):
                yield Stretch(at_s, rate, np.concatenate(waiting))
                waiting = []
            if not waiting:
                at_s, rate, count = frame_s, frame.sample_rate, 0
            waiting.append(_mono(frame))
            count += frame.samples
        if waiting:
            yield Stretch(at_s, rate, np.concatenate(waiting))


def _planar(frames: Iterable[AudioFrame]) -> Iterator[AudioFrame]:
    """Bring samples of any layout to planes of floats."""
    form, resampler = None, None
    for frame in frames:
        if frame.format.name == "fltp":
            yield frame
            continue
        if resampler is None or form != (frame.format.name, frame.layout.name, frame.sample_rate):
            form = frame.format.name, frame.layout.name, frame.sample_rate
            resampler = AudioResampler(format="fltp", layout=frame.layout, rate=frame.sample_rate)
        yield from (even for even in resampler.resample(frame) if even.pts is not None)


def _mono(frame: AudioFrame) -> np.ndarray:
    channels = [np.frombuffer(memoryview(plane), np.float32, frame.samples) for plane in frame.planes]
    return sum(channels[1:], channels[0]) / len(channels)
