"""What the benches measure on: real footage and real weights, which are no part of the project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MATCH = "09_derived_match_1080p25_70s_audio.mp4"


class Missing(Exception):
    """Something that a bench measures with is not on this machine."""


@dataclass(frozen=True, slots=True)
class Benched:
    """Where footage and weights lie."""

    media_dir: Path
    weights_dir: Path

    def footage(self, name: str) -> Path:
        """Return a piece of footage. Raises Missing."""
        return _present(self.media_dir / name, "REEL_MEDIA_DIR")

    def weights(self, name: str) -> Path:
        """Return a weights file. Raises Missing."""
        return _present(self.weights_dir / name, "REEL_WEIGHTS_DIR")


def _present(path: Path, setting: str) -> Path:
    if not path.is_file():
        raise Missing(f"{path} is missing; {setting} names the folder that it lies in.")
    return path
