"""What the sample app's functions need."""

from __future__ import annotations


def twice(number: int) -> int:
    """Return twice a number."""
    return number * 2
