"""What came of a video of which as little as possible was encoded anew, and how that is told on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int], None]  # is told the frames encoded so far, and in all; may raise to stop


@dataclass(frozen=True, slots=True)
class Remade:
    """What was done. `why_whole` is a sentence where all had to be encoded anew, empty where some could be copied."""

    frames: int
    reencoded_frames: int
    why_whole: str = ""

    @property
    def copied_frames(self) -> int:
        """How many frames are the bytes that they were."""
        return self.frames - self.reencoded_frames

    @property
    def whole(self) -> bool:
        """Whether nothing could be copied."""
        return bool(self.why_whole)


def nobody(done: int, total: int) -> None:
    """Progress that nobody is told."""
