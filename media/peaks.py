"""The timeline's audio energy: how loud each twentieth of a second is, so that cheers and whistles can be seen.

peaks.json (schema 1): level k is the energy of the k-th bin after the first picture, on a logarithmic scale from 0
(−60 dB below full scale or less) to 255 (full scale):

    {"schema": 1, "per_s": 20, "floor_db": -60, "levels": [0, 12, 87, …]}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from math import ceil

import numpy as np

from media.open import Footage, open_footage
from media.packets import packets
from media.probe import Source, audio_stream
from media.sound import blocks

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
    energy, counts = np.zeros((2, ceil(source.duration_s * PER_S)))
    start = round(source.span.in_pts * source.time_base * RATE)
    told_s = 0
    for position, samples in _mono(footage):
        place = position - start
        first, within = divmod(place, BIN)
        loud, many = _binned(samples, within)
        inside = slice(max(0, first), max(0, first + len(loud)))
        skipped = inside.start - first
        energy[inside] += loud[skipped : skipped + len(energy[inside])]
        counts[inside] += many[skipped : skipped + len(counts[inside])]
        if place // RATE > told_s:
            told_s = place // RATE
            progress(told_s)
    progress(ceil(source.duration_s))
    levels = _levels(energy / np.maximum(counts, 1))
    document = {"schema": 1, "per_s": PER_S, "floor_db": FLOOR_DB, "levels": levels.tolist()}
    return json.dumps(document, separators=(",", ":")).encode()


def _binned(samples: np.ndarray, within: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the energy and the number of samples in each bin, where the first sample lies `within` the first bin."""
    bins = (np.arange(len(samples)) + within) // BIN
    return np.bincount(bins, samples * samples), np.bincount(bins)


def _levels(power: np.ndarray) -> np.ndarray:
    decibel = 10 * np.log10(np.maximum(power, 10.0 ** (FLOOR_DB / 10)))
    return np.clip(np.round((1 - decibel / FLOOR_DB) * 255), 0, 255).astype(np.uint8)


def _mono(footage: Footage) -> Iterator[tuple[int, np.ndarray]]:
    """Iterate (first sample's place at RATE, samples in −1..1); what cannot be decoded is silent."""
    with open_footage(footage) as container:
        stream = audio_stream(container)
        if stream is not None:
            for at_s, block in blocks(packets(container, stream), RATE, "mono"):
                yield round(at_s * RATE), block[:, 0]
