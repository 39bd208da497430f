"""Bits as H.264 writes them: fixed widths, Exp-Golomb numbers, and the bytes that keep a start code from appearing."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\x00\x00(?=[\x00-\x03])")


def unescaped(payload: bytes) -> bytes:
    """Return a unit's payload without its emulation prevention bytes (ITU-T H.264, 7.3.1)."""
    return payload.replace(b"\x00\x00\x03", b"\x00\x00")


def escaped(payload: bytes) -> bytes:
    """Return a payload with emulation prevention bytes wherever it would look like a start code."""
    return _ESCAPE.sub(b"\x00\x00\x03", payload)


class BitReader:
    """Reads an unescaped payload from its beginning. Every read past the end raises EOFError."""

    def __init__(self, payload: bytes) -> None:
        self.at = 0  # in bits
        self._payload = payload

    def bits(self, count: int) -> int:
        """Return the next `count` bits as a number."""
        end = self.at + count
        if end > 8 * len(self._payload):
            raise EOFError
        window = int.from_bytes(self._payload[self.at // 8 : -(-end // 8)], "big")
        self.at = end
        return window >> (-end % 8) & ((1 << count) - 1)

    def flag(self) -> bool:
        """Return the next bit."""
        return self.bits(1) == 1

    def ue(self) -> int:
        """Return the next unsigned Exp-Golomb number (9.1)."""
        zeros = 0
        while not self.flag():
            zeros += 1
        return (1 << zeros) - 1 + self.bits(zeros)

    def se(self) -> int:
        """Return the next signed one (9.1.1)."""
        number = self.ue()
        return (number + 1) // 2 if number % 2 else -(number // 2)

    def more(self) -> bool:
        """Say whether anything stands before the closing 1 (7.2, more_rbsp_data)."""
        return self.rest()[1] > 1

    def rest(self) -> tuple[int, int]:
        """Return all that is left, the closing 1 as the last of it, as a number and its length in bits."""
        payload = self._payload[self.at // 8 :].rstrip(b"\0")
        length = 8 * len(payload) - self.at % 8
        left = int.from_bytes(payload, "big") & ((1 << max(length, 0)) - 1)
        if not left:
            raise EOFError
        zeros = (left & -left).bit_length() - 1
        return left >> zeros, length - zeros


class BitWriter:
    """Collects bits."""

    def __init__(self) -> None:
        self._value, self._length = 0, 0

    def bits(self, value: int, count: int) -> None:
        """Write `value`, which fits, in `count` bits."""
        self._value, self._length = self._value << count | value, self._length + count

    def flag(self, value: bool) -> None:
        """Write one bit."""
        self.bits(int(value), 1)

    def ue(self, value: int) -> None:
        """Write an unsigned Exp-Golomb number."""
        self.bits(value + 1, 2 * (value + 1).bit_length() - 1)

    def se(self, value: int) -> None:
        """Write a signed one."""
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def payload(self, padding: int = 0) -> bytes:
        """Return what was written, filled up to a whole byte with `padding` bits."""
        spare = -self._length % 8
        filled = self._value << spare | ((1 << spare) - 1) * padding
        return filled.to_bytes((self._length + spare) // 8, "big")
