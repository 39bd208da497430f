"""Text: where it may be cut, for banners, cards and names in any script.

Characters as people see them are the extended grapheme clusters of UAX #29, from the general categories and the few
ranges below; where these are coarser they join rather than divide (but its Prepend class, a dozen rare signs, is left
out). Lines break where UAX #14 breaks in the cases that occur: after spaces, after hyphens and dashes before no digit,
and between ideographs and kana; closing punctuation never begins a line, opening never ends one. Korean breaks at its
spaces. A word longer than the line breaks between clusters: so does Thai, whose words only a dictionary finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias
from unicodedata import category

Measure: TypeAlias = Callable[[str], float]
"""The width of a line of text, in the unit of `max_width`. Asked for whole lines: shaping makes widths not add up."""

ELLIPSIS: Final = "…"

_SPACES: Final = " \t\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u200b\u205f\u3000"
_HYPHENS: Final = "-\u2010\u2012\u2013\u2014"
_GLUE: Final = "\u00a0\u2007\u202f\u2060\ufeff"
_NOT_FIRST: Final = _GLUE + (
    "!%),.:;?]}’”»…‰℃"
    "、。〉》」』】〕〗〙〛〜々〻ゝゞーヽヾ・ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ"
    "！％），．：；？］｝～｡｣､･ｰﾞﾟ"
)
_NOT_LAST: Final = _GLUE + "([{‘“«〈《「『【〔〖〘〚（［｛｢$￥¥£€"

_ZWJ: Final = "\u200d"
# The viramas that join two consonants: UAX #29, rule GB9c
_LINKERS: Final = ("\u094d", "\u09cd", "\u0acd", "\u0b4d", "\u0c4d", "\u0d4d", "\u17d2")
_EXTENDING: Final = re.compile(
    "[\u200c\u200d\u0e33\u0eb3\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)  # besides the marks: joiners, vowels that are letters by category, skin tones, flag tags
_PICTOGRAPH: Final = re.compile(
    "[©®‼⁉™ℹⓂ〰〽㊗㊙\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)
_HANGUL: Final = re.compile(
    "[\u1100-\u115f\ua960-\ua97c][\u1100-\u11a7\ua960-\ua97c\ud7b0-\ud7c6가-힣]"
    "|[\u1160-\u11a7\ud7b0-\ud7c6가-힣][\u1160-\u11ff\ud7b0-\ud7fb]|[\u11a8-\u11ff\ud7cb-\ud7fb]{2}"
)  # two signs that make one syllable
_REGIONAL: Final = re.compile("[\U0001f1e6-\U0001f1ff]")
_IDEOGRAPH: Final = re.compile(
    "[\u2e80-\u2fdf\u3001-\u312f\u3190-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff9f\uffe0-\uffe6"
    "\U00020000-\U0003ffff]"
)


def clusters(text: str) -> tuple[str, ...]:
    """Return the text in characters as people see them; joined they are the text again."""
    found: list[str] = []
    for character in text:
        if found and _joins(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return tuple(found)


def break_lines(text: str, max_width: float, measure: Measure, max_lines: int | None = None) -> tuple[str, ...]:
    """Return the text in lines of at most `max_width`, without the spaces at which they broke.

    Line feeds in the text stay, empty lines too. No cluster is divided, so one that is wider than the line stands alone
    in it. What is more than `max_lines` is left out, and the last line then ends with an ellipsis.
    """
    lines = [line for paragraph in text.split("\n") for line in _lines(paragraph, max_width, measure)]
    if max_lines is None or len(lines) <= max_lines:
        return tuple(lines)
    return (*lines[: max_lines - 1], shortened(lines[max_lines - 1], max_width, measure))


def shortened(line: str, max_width: float, measure: Measure) -> str:
    """Return the beginning of a line, in whole clusters, with an ellipsis: both together at most `max_width` wide."""
    kept = _fitting(clusters(line), lambda text: measure(_trimmed(text) + ELLIPSIS) <= max_width)
    return _trimmed(kept) + ELLIPSIS


def cut(text: str, most: int) -> str:
    """Return the beginning of the text, at most `most` code points: whole words, or whole clusters of a longer word.

    Any white space is one space in it.
    """
    words = text.split()
    kept = ""
    for word in words:
        longer = f"{kept} {word}" if kept else word
        if len(longer) > most:
            break
        kept = longer
    return kept or _fitting(clusters(words[0]) if words else (), lambda beginning: len(beginning) <= most)


def _lines(paragraph: str, max_width: float, measure: Measure) -> Iterator[str]:
    line = ""
    for piece in _pieces(_trimmed(paragraph)):
        if measure(_trimmed(line + piece)) <= max_width:
            line += piece
            continue
        if line:
            yield _trimmed(line)
        line = piece
        while measure(_trimmed(line)) > max_width and len(parts := clusters(_trimmed(line))) > 1:
            beginning = _fitting(parts, lambda text: measure(text) <= max_width) or parts[0]
            yield _trimmed(beginning)
            line = line[len(beginning) :].lstrip(_SPACES)
    yield _trimmed(line)


def _pieces(paragraph: str) -> Iterator[str]:
    """Return the paragraph in the pieces that hold together, each with the spaces behind it."""
    parts = clusters(paragraph)
    start = 0
    for at in range(1, len(parts)):
        if _may_break(parts[at - 2][0] if at > 1 else " ", parts[at - 1][0], parts[at][0]):
            yield "".join(parts[start:at])
            start = at
    yield "".join(parts[start:])


def _may_break(before: str, last: str, first: str) -> bool:
    """Say whether a line may end behind `last`, which `before` precedes, and the next one begin with `first`."""
    if first in _SPACES or first in _NOT_FIRST or last in _NOT_LAST:
        return False
    if last in _SPACES:
        return True
    if last in _HYPHENS:
        return before not in _SPACES and first not in _HYPHENS and not first.isdecimal()
    return bool(_IDEOGRAPH.match(last) or _IDEOGRAPH.match(first))


def _trimmed(line: str) -> str:
    return line.strip(_SPACES)


def _fitting(parts: Sequence[str], fits: Callable[[str], bool]) -> str:
    """Return the longest beginning, in whole parts, that fits; empty if none does."""
    beginning = ""
    for part in parts:
        if not fits(beginning + part):
            break
        beginning += part
    return beginning


def _joins(cluster: str, character: str) -> bool:
    """Say whether `character` goes on with `cluster`, by the rules of UAX #29 in their order."""
    last = cluster[-1]
    if last == "\r" and character == "\n":
        return True
    if category(last) in {"Cc", "Zl", "Zp"}:
        return False
    if category(character) in {"Mn", "Mc", "Me"} or _EXTENDING.match(character):
        return True
    if _HANGUL.match(last + character):
        return True
    if last == _ZWJ and _PICTOGRAPH.match(cluster) and _PICTOGRAPH.match(character):
        return True
    if category(character) == "Lo" and cluster.rstrip(_ZWJ).endswith(_LINKERS):
        return True
    return bool(len(cluster) == 1 and _REGIONAL.match(cluster) and _REGIONAL.match(character))
