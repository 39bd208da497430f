"""Tracks: values between authored keyframes, by one rule that never overshoots.

In a stretch from (t0, v0) to (t1, v1), with h = t1 - t0, s = (t - t0) / h and tangents m0, m1 (per tick), `smooth` is
the cubic Hermite curve, written as a smoothstep and what the tangents add to it:

    v = v0 + (v1 - v0) s² (3 - 2s) + h s (1 - s) (m0 (1 - s) - m1 s)

The tangent where two stretches of slopes d0, d1 and lengths h0, h1 meet is their weighted harmonic mean

    m = 3 (h0 + h1) / ((2 h1 + h0) / d0 + (h1 + 2 h0) / d1)         if d0 and d1 have the same sign, else 0

(F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300; the tangents of PCHIP). It is at most three
times either slope, which is enough for monotone (Fritsch and Carlson 1980). At the track's ends, and beside a stretch
that eases or holds, m is 0: there the motion rests, so it starts and stops without a jerk.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal, Protocol, TypeAlias

from reel.errors import BadField, KeyframesOutOfOrder

Ease: TypeAlias = Literal["smooth", "ease", "linear", "hold"]


class Key(Protocol):
    """What a track is made of: a moment in the source's ticks, its values, and the way to the next key."""

    @property
    def pts(self) -> int:
        """When."""
        ...

    @property
    def values(self) -> tuple[float, ...]:
        """What is interpolated; as many in every key of a track."""
        ...

    @property
    def ease(self) -> Ease:
        """How it goes on to the next key."""
        ...


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The plain Key; `ease` governs the stretch from it to the next."""

    pts: int
    values: tuple[float, ...]
    ease: Ease = "smooth"


def value_at(keys: Sequence[Key], pts: float | Fraction) -> tuple[float, ...]:
    """Return the track's values at `pts`: held before the first and after the last key, between their neighbours else.

    Every value lies between those of the two keys around it. Raises KeyframesOutOfOrder, BadField if there is no key.
    """
    require_order(keys)
    after = bisect_right(keys, pts, key=lambda key: key.pts)
    if after == 0:
        return keys[0].values
    start = keys[after - 1]
    if after == len(keys) or start.ease == "hold":
        return start.values
    end = keys[after]
    length = end.pts - start.pts
    s = float(pts - start.pts) / length
    if start.ease == "linear":
        return tuple(_between(v0, v1, s) for v0, v1 in zip(start.values, end.values, strict=True))
    if start.ease == "ease":
        return tuple(_between(v0, v1, smoothstep(s)) for v0, v1 in zip(start.values, end.values, strict=True))
    return tuple(
        _hermite(v0, v1, length * m0, length * m1, s)
        for v0, v1, m0, m1 in zip(
            start.values, end.values, _tangents(keys, after - 1), _tangents(keys, after), strict=True
        )
    )


def require_order(keys: Sequence[Key], field: str = "/keys") -> None:
    """Raise KeyframesOutOfOrder unless every key stands after the one before it, BadField if there is none.

    `field` is the JSON pointer of the keys.
    """
    if not keys:
        raise BadField(field, "A track has at least one keyframe.")
    for index, (before, after) in enumerate(pairwise(keys), start=1):
        if after.pts <= before.pts:
            raise KeyframesOutOfOrder(field=f"{field}/{index}")


def smoothstep(s: float) -> float:
    """Return s² (3 - 2s): from 0 to 1 with rest at both ends."""
    return s * s * (3.0 - 2.0 * s)


def _tangents(keys: Sequence[Key], at: int) -> tuple[float, ...]:
    """Return the slope of each value at key `at`, per tick: the rule at the top of this file."""
    here = keys[at]
    if at == 0 or at == len(keys) - 1 or _rests(keys[at - 1]) or _rests(here):
        return (0.0,) * len(here.values)
    before, after = keys[at - 1], keys[at + 1]
    h0, h1 = here.pts - before.pts, after.pts - here.pts
    return tuple(
        _harmonic((v - v0) / h0, (v1 - v) / h1, h0, h1)
        for v0, v, v1 in zip(before.values, here.values, after.values, strict=True)
    )


def _rests(key: Key) -> bool:
    return key.ease in ("ease", "hold")


def _harmonic(d0: float, d1: float, h0: int, h1: int) -> float:
    if d0 * d1 <= 0.0:
        return 0.0
    return 3.0 * (h0 + h1) / ((2 * h1 + h0) / d0 + (h1 + 2 * h0) / d1)


def _hermite(v0: float, v1: float, rise0: float, rise1: float, s: float) -> float:
    bend = s * (1.0 - s) * (rise0 * (1.0 - s) - rise1 * s)
    return _clamp(v0 + (v1 - v0) * smoothstep(s) + bend, v0, v1)


def _between(v0: float, v1: float, s: float) -> float:
    return _clamp(v0 + (v1 - v0) * s, v0, v1)


def _clamp(value: float, v0: float, v1: float) -> float:
    """Hold `value` between the two: the rules above do already, but for the last bit of a float."""
    return min(max(value, min(v0, v1)), max(v0, v1))
