"""The timeline's audio energy: how loud each twentieth of a second is, so that cheers and whistles can be seen.

peaks.json (schema 1): level k is the energy of the k-th bin after the first picture, on a logarithmic scale from 0
(−60 dB below full scale or less) to 255 (full scale):

    {"schema": 1, "per_s": 20, "floor_db": -60, "levels": [0, 12, 87, …]}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from math import ceil

import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from media.open import Footage, open_footage
from media.probe import Source, audio_stream, packets

PER_S = 20
FLOOR_DB = -60
RATE = 16_000  # the energy above 8 kHz does not change a level
BIN = RATE // PER_S


def peaks_json(footage: Footage, source: Source, progress: Callable[[int], None]) -> bytes | None:
    """Return peaks.json, None without sound; tell `progress` how many seconds are done.

    The sound streams through: memory grows by a bin each twentieth of a second.
    """
    if source.sound is None:
        return None
    energy = np.zeros(ceil(source.duration_s * PER_S))
    counts = np.zeros(len(energy), np.int64)
    start = round(source.span.in_pts * source.time_base * RATE)
    told_s = 0
    for position, samples in _mono(footage):
        bins = (np.arange(len(samples)) + position - start) // BIN
        inside = (bins >= 0) & (bins < len(energy))
        np.add.at(energy, bins[inside], samples[inside] ** 2)
        np.add.at(counts, bins[inside], 1)
        if (position - start) // RATE > told_s:
            told_s = (position - start) // RATE
            progress(told_s)
    progress(ceil(source.duration_s))
    levels = _levels(energy / np.maximum(counts, 1))
    document = {"schema": 1, "per_s": PER_S, "floor_db": FLOOR_DB, "levels": levels.tolist()}
    return json.dumps(document, separators=(",", ":")).encode()


def _levels(power: np.ndarray) -> np.ndarray:
    decibel = 10 * np.log10(np.maximum(power, 10.0 ** (FLOOR_DB / 10)))
    return np.clip(np.round((1 - decibel / FLOOR_DB) * 255), 0, 255).astype(np.uint8)


def _mono(footage: Footage) -> Iterator[tuple[int, np.ndarray]]:
    """Iterate (first sample's place at RATE, samples in −1..1); what cannot be decoded is silent."""
    with open_footage(footage) as container:
        stream = audio_stream(container)
        if stream is None:
            return
        resampler = AudioResampler(format="flt", layout="mono", rate=RATE)
        for packet in packets(container, stream):
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                continue
            for frame in frames:
                assert isinstance(frame, AudioFrame)
                for even in resampler.resample(frame):
                    if even.pts is not None and even.time_base is not None:
                        yield round(even.pts * even.time_base * RATE), even.to_ndarray()[0].astype(np.float64)
