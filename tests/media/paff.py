"""H.264 whose fields are coded one by one, as camcorders do and no encoder here: every sample stored as it is.

ITU-T H.264: the syntax of 7.3, main profile, I_PCM macroblocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from media import ffmpeg

BLOCK, GOP = 16, 12
PCM = 25  # a macroblock stored as it is, among those of I slices; P slices have 5 before them


class Bits:
    """Bits in the order in which they are stored."""

    def __init__(self) -> None:
        self._bits: list[int] = []

    def fixed(self, *values: tuple[int, int]) -> Bits:
        """Add numbers, each as (bits, value)."""
        for length, value in values:
            self._bits += [value >> place & 1 for place in reversed(range(length))]
        return self

    def golomb(self, *values: int) -> Bits:
        """Add numbers of Exp-Golomb codes, 9.1."""
        for value in values:
            length = (value + 1).bit_length()
            self.fixed((length - 1, 0), (length, value + 1))
        return self

    def samples(self, block: np.ndarray) -> None:
        """Add bytes, at the next whole one."""
        self._bits += [0] * (-len(self._bits) % 8) + np.unpackbits(block.ravel()).tolist()

    def unit(self, head: int) -> bytes:
        """Return a NAL unit of these bits, with what keeps its start code unique, 7.4.1."""
        body = np.packbits(np.array([*self._bits, 1], np.uint8)).tobytes()
        kept, zeros = bytearray(), 0
        for byte in body:
            if zeros >= 2 and byte <= 3:
                kept.append(3)
                zeros = 0
            kept.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return b"\0\0\0\1" + bytes([head]) + bytes(kept)


def write_fields(path: Path, fields: Sequence[np.ndarray], rate: Fraction, *options: str) -> Path:
    """Write whole grey pictures, (height, width) in multiples of 32, of which each gives one field in its turn."""
    height, width = fields[0].shape
    units = b"".join(_pictures(fields, width, height, rate))
    raw = path.with_suffix(".h264")
    raw.write_bytes(units)
    ffmpeg.run(["-framerate", str(rate), "-i", f"file:{raw}", "-c", "copy", *options, "-y", f"file:{path}"])
    return path


def _pictures(fields: Sequence[np.ndarray], width: int, height: int, rate: Fraction) -> Iterator[bytes]:
    yield _sequence(width, height, rate) + _parameters()
    for number, whole in enumerate(fields):
        yield _field(whole[number % 2 :: 2], number)


def _sequence(width: int, height: int, rate: Fraction) -> bytes:
    bits = Bits().fixed((8, 77), (8, 0), (8, 30)).golomb(0, 0, 0, 0, 1).fixed((1, 0))
    bits.golomb(width // BLOCK - 1, height // 2 // BLOCK - 1)
    bits.fixed((1, 0), (1, 0), (1, 1), (1, 0))  # fields as well as whole pictures, no cropping
    bits.fixed((1, 1), (4, 0), (1, 1), (32, rate.denominator), (32, rate.numerator), (1, 1), (4, 0))  # E.1: the clock
    return bits.unit(0x67)


def _parameters() -> bytes:
    bits = Bits().golomb(0, 0).fixed((2, 0)).golomb(0, 0, 0).fixed((3, 0)).golomb(0, 0, 0)
    return bits.fixed((1, 1), (2, 0)).unit(0x68)


def _field(luma: np.ndarray, number: int) -> bytes:
    """Return a field: one that may refer to others, but for the first of every GOP."""
    picture, second = divmod(number, 2)
    place = picture % GOP
    first = place == second == 0
    bits = Bits().golomb(0, 7 if first else 5, 0).fixed((4, place), (1, 1), (1, second))
    if first:
        bits.golomb(picture // GOP % 2)
    bits.fixed((4, (2 * place + second) % 16), (2 if first else 3, 0)).golomb(0, 1)
    grey = np.full((BLOCK // 2, BLOCK // 2), 128, np.uint8)
    for y in range(0, luma.shape[0], BLOCK):
        for x in range(0, luma.shape[1], BLOCK):
            bits.golomb(*((PCM,) if first else (0, 5 + PCM)))
            bits.samples(luma[y : y + BLOCK, x : x + BLOCK])
            bits.samples(grey)
            bits.samples(grey)
    return bits.unit(0x65 if first else 0x41)
