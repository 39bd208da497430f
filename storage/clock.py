"""The clocks that storage goes by: the wall's, which may jump, and one that only runs on."""

from __future__ import annotations

import time


class Clock:
    """This machine's clocks, in seconds. Tests pass in one that they move by hand."""

    def time_s(self) -> float:
        """Return the time since 1970. It may jump, in both directions: nothing that must hold may rest on it."""
        return time.time()

    def steady_s(self) -> float:
        """Return a time that never goes back, to measure durations with."""
        return time.monotonic()

    def sleep(self, wait_s: float) -> None:
        """Let some time pass."""
        time.sleep(wait_s)
