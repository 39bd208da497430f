"""The order in which a line of mixed directions is drawn: the Unicode Bidirectional Algorithm, UAX #9.

Pillow would leave it to FriBidi, which no package brings along (docs/decisions/0019). Explicit embeddings and isolates
(X1 to X10) are left out: they are taken for nothing, as no keyboard of a phone writes them; the marks LRM, RLM and ALM
count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar
from unicodedata import bidirectional

_NOTHING: Final = frozenset({"BN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_NEUTRAL: Final = frozenset({"B", "S", "WS", "ON"})
_STRONG: Final = frozenset({"L", "R", "AL"})
_BRACKETS: Final = "()[]{}⁅⁆⁽⁾₍₎❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯〈〉《》「」『』【】〔〕〖〗〘〙〚〛（）［］｛｝｟｠｢｣"
_CLOSING: Final = dict(zip(_BRACKETS[::2], _BRACKETS[1::2], strict=True))
_MOST_OPEN: Final = 63  # BD16

T = TypeVar("T")


def is_rtl(paragraph: str) -> bool:
    """Say whether a paragraph runs from right to left: its first strong character decides (P2, P3)."""
    return next((kind != "L" for kind in map(bidirectional, paragraph) if kind in _STRONG), False)


def levels(paragraph: str, *, rtl: bool) -> tuple[int, ...]:
    """Return the embedding level of each character: odd ones run from right to left."""
    base = int(rtl)
    kinds = [bidirectional(character) or "L" for character in paragraph]
    held = [at for at, kind in enumerate(kinds) if kind not in _NOTHING]
    resolved = [kinds[at] for at in held]
    _resolve_weak(resolved, base)
    _resolve_brackets(resolved, "".join(paragraph[at] for at in held), base)
    _resolve_neutral(resolved, base)

    found = [base] * len(paragraph)
    for at, kind in zip(held, resolved, strict=True):
        found[at] = base + _raised(kind, base)
    for at in range(1, len(paragraph)):
        if kinds[at] in _NOTHING:
            found[at] = found[at - 1]
    _level_spaces(found, kinds, base)
    return tuple(found)


def visual_order(items: Sequence[T], item_levels: Sequence[int]) -> list[T]:
    """Return items, each of one level, in the order from left to right (L2)."""
    order = list(range(len(items)))
    for level in range(max(item_levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and item_levels[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = max(end, start + 1)
    return [items[at] for at in order]


def _resolve_weak(kinds: list[str], base: int) -> None:
    """Apply W1 to W7 in place."""
    edge = "R" if base else "L"
    before, strong = edge, edge
    for at, kind in enumerate(kinds):  # W1, W2, W3
        if kind == "NSM":
            kind = before
        before = kind
        if kind in _STRONG:
            strong = kind
        kinds[at] = "AN" if kind == "EN" and strong == "AL" else kind
    kinds[:] = ["R" if kind == "AL" else kind for kind in kinds]

    for at in range(1, len(kinds) - 1):  # W4
        around = kinds[at - 1]
        if around == kinds[at + 1] and (kinds[at], around) in {("ES", "EN"), ("CS", "EN"), ("CS", "AN")}:
            kinds[at] = around
    for at in range(len(kinds)):  # W5, before a number and behind it
        if kinds[at] == "ET" and at and kinds[at - 1] == "EN":
            kinds[at] = "EN"
    for at in range(len(kinds) - 2, -1, -1):
        if kinds[at] == "ET" and kinds[at + 1] == "EN":
            kinds[at] = "EN"
    strong = edge
    for at, kind in enumerate(kinds):  # W6, W7
        if kind in {"L", "R"}:
            strong = kind
        if kind in {"ES", "ET", "CS"}:
            kinds[at] = "ON"
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"


def _resolve_brackets(kinds: list[str], text: str, base: int) -> None:
    """Apply N0 in place: a pair of brackets goes with what it holds, or with what stands before it."""
    own, other = ("R", "L") if base else ("L", "R")
    for first, last in _pairs(kinds, text):
        inside = {_side(kind) for kind in kinds[first + 1 : last]}
        if own in inside:
            side = own
        elif other in inside:
            side = next((_side(kind) for kind in reversed(kinds[:first]) if _side(kind)), own)
        else:
            continue
        for at in (first, last):
            kinds[at] = side
            after = at + 1
            while after < len(text) and bidirectional(text[after]) == "NSM":  # a mark on a bracket goes with it
                kinds[after] = side
                after += 1


def _pairs(kinds: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Return the places of the paired brackets, in the order of the opening ones (BD16)."""
    opened: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for at, character in enumerate(text):
        if kinds[at] != "ON":
            continue
        if character in _CLOSING:
            if len(opened) == _MOST_OPEN:
                return []
            opened.append((_CLOSING[character], at))
        for depth in range(len(opened) - 1, -1, -1):
            if opened[depth][0] == character:
                pairs.append((opened[depth][1], at))
                del opened[depth:]
                break
    return sorted(pairs)


def _resolve_neutral(kinds: list[str], base: int) -> None:
    """Apply N1 and N2 in place: between two sides that agree neutrals go with them, else with the paragraph."""
    edge = "R" if base else "L"
    at = 0
    while at < len(kinds):
        end = at
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        if end > at:
            before = _side(kinds[at - 1]) if at else edge
            after = _side(kinds[end]) if end < len(kinds) else edge
            kinds[at:end] = [before if before == after else edge] * (end - at)
        at = end + 1


def _side(kind: str) -> str:
    """Return which side a resolved kind takes: numbers count as R (N0, N1)."""
    return "L" if kind == "L" else "R" if kind in {"R", "EN", "AN"} else ""


def _raised(kind: str, base: int) -> int:
    """Return how far a resolved kind stands above the paragraph's level (I1, I2)."""
    if base:
        return 0 if kind == "R" else 1
    return {"L": 0, "R": 1}.get(kind, 2)


def _level_spaces(found: list[int], kinds: Sequence[str], base: int) -> None:
    """Give separators, and spaces before them or at the end, the paragraph's level (L1)."""
    trailing = True
    for at in range(len(found) - 1, -1, -1):
        if kinds[at] in {"B", "S"}:
            trailing = True
        elif kinds[at] != "WS" and kinds[at] not in _NOTHING:
            trailing = False
        if trailing:
            found[at] = base
