"""File names: what a download is called, on whatever disk it lands."""

from __future__ import annotations

from typing import Final

MOST_NAME_BYTES: Final = 200  # a disk takes 255, and a browser adds " (1)"

_NOT_IN_NAMES: Final = frozenset('/\\:*?"<>|')  # what Windows or a Mac cannot have


def file_name(title: str, ext: str, otherwise: str = "Reel") -> str:
    """Return "title.ext", with spaces where a disk takes no such character; `otherwise` stands for an empty title."""
    kept = (" " if letter in _NOT_IN_NAMES or not letter.isprintable() else letter for letter in title)
    words = " ".join("".join(kept).split())
    whole = words.encode(errors="replace")[:MOST_NAME_BYTES].decode(errors="ignore").strip(" .")
    return f"{whole or otherwise}.{ext}"
