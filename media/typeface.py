"""The bundled fonts: which of them draws which character, at the same widths on every machine.

A character that none of them has is drawn as Inter's box, so that nothing is lost unseen. media/fonts/README.md lists
the files, docs/decisions/0020 says why these.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import uharfbuzz

from reel.text import clusters

hb: Any = uharfbuzz  # it ships no types
Font: TypeAlias = Any
Weight: TypeAlias = Literal["regular", "bold"]

FOLDER: Final = Path(__file__).parent / "fonts"
LATIN: Final = "inter.ttf"  # Greek and Cyrillic too
EMOJI: Final = "noto-color-emoji.ttf"
SCRIPTS: Final = tuple(
    f"noto-sans-{script}"
    for script in (
        *("arabic.ttf", "hebrew.ttf", "devanagari.ttf", "bengali.ttf", "gurmukhi.ttf", "gujarati.ttf", "tamil.ttf"),
        *("telugu.ttf", "kannada.ttf", "malayalam.ttf", "sinhala.ttf", "thai.ttf", "lao.ttf", "khmer.ttf"),
        *("myanmar.ttf", "armenian.ttf", "georgian.ttf", "ethiopic.ttf", "cjk.otf"),
    )
)
ORDER: Final = (LATIN, *SCRIPTS, EMOJI)

EMOJI_SCALE: Final = 0.9  # of the text's size: its pictures fill the whole em square and more
_INTER_WEIGHTS: Final[dict[Weight, float]] = {"regular": 450.0, "bold": 680.0}
_EMBOLDENED_EM: Final = 0.022  # how much wider a stroke of a font of one weight (500, CJK 400) gets in bold

_VARIATION_EMOJI: Final = "\ufe0f"
_KEYCAP: Final = "\u20e3"
# What draws nothing itself: joiners, variation selectors, marks of direction, tags, soft hyphen, controls
_UNSEEN: Final = frozenset(
    "\u00ad\u034f\u061c\u180e\ufeff\u2060"
    + "".join(map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A))))
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0020, 0xE0080), *range(0x20), *range(0x7F, 0xA0))))
)


def runs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text in runs of one font each: (the font's name, the run)."""
    for name, group in groupby(((font_name(cluster), cluster) for cluster in clusters(text)), key=lambda pair: pair[0]):
        yield name, "".join(cluster for _, cluster in group)


@lru_cache(maxsize=4096)
def font_name(cluster: str) -> str:
    """Return the font that draws a character: the first that has all of it, else the first that has its base."""
    order = (EMOJI, *ORDER) if _VARIATION_EMOJI in cluster or _KEYCAP in cluster else ORDER
    seen = [ord(character) for character in cluster if character not in _UNSEEN]
    whole = (name for name in order if coverage(name).issuperset(seen))
    based = (name for name in order if seen and seen[0] in coverage(name))
    return next(whole, None) or next(based, LATIN)


@lru_cache(maxsize=len(ORDER))
def coverage(name: str) -> frozenset[int]:
    """Return the code points that a font has."""
    return frozenset(_face(name).unicodes)


@lru_cache(maxsize=2 * len(ORDER))
def font(name: str, weight: Weight) -> Font:
    """Return a font in a weight, scaled in units of its em square."""
    made = hb.Font(_face(name))
    if name == LATIN:
        made.set_variations({"wght": _INTER_WEIGHTS[weight]})
    elif name != EMOJI and weight == "bold":
        made.synthetic_bold = (_EMBOLDENED_EM, _EMBOLDENED_EM, True)
    return made


def em_scale(name: str, size_px: float) -> float:
    """Return how many pixels a unit of a font is at a size."""
    return size_px * (EMOJI_SCALE if name == EMOJI else 1.0) / _face(name).upem


@lru_cache(maxsize=len(ORDER))
def _face(name: str) -> Any:
    return hb.Face(hb.Blob.from_file_path(str(FOLDER / name)))
