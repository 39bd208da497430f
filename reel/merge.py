"""Merging edit documents: what two editors of one project did apart, part by part.

The parts are the head's (aspect, rate, title, the order of the clips, that of the cards), each clip and each card.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from reel.edit import MOST_CLIPS, Card, EditClip, EditDocument, to_json
from reel.errors import BadField, Json, StaleProject

T = TypeVar("T")
P = TypeVar("P", EditClip, Card)

_UNKNOWN: Final = object()


def merge(mine: EditDocument, current: EditDocument, earlier: Sequence[EditDocument] = ()) -> EditDocument:
    """Return what to save when `mine` arrives and `current` is what is there; every changed part's revision rises.

    `head_revision` rises with every save that changes anything: it names the save that an editor began from, and so
    also which state of a part that it deletes it has seen. Both sides are compared with that one, which is `current` or
    among `earlier` (the saves before it, oldest first). A part that one side changed, added or deleted
    is taken from it. A part that both changed, differently, or that one changed and the other deleted, is a conflict,
    as is a card whose clip went. If the beginning is not among the saves, every difference is one.
    Raises StaleProject with `details.conflicts`, a list of {part, id, mine, current}, and `details.current`, the whole.
    """
    merging = _Merging(_begun_from(mine, (*earlier, current)), mine, current)
    merged = EditDocument(
        aspect=merging.of_head("aspect", lambda document: document.aspect),
        rate=merging.of_head("rate", lambda document: document.rate),
        title=merging.of_head("title", lambda document: document.title),
        clips=merging.of_parts("clip", lambda document: document.clips),
        cards=merging.of_parts("card", lambda document: document.cards),
    )
    standing = {clip.id for clip in merged.clips}
    lost = [card.id for card in merged.cards if card.before is not None and card.before not in standing]
    conflicts = [*merging.conflicts, *(_conflict("card", card_id, "changed", "changed") for card_id in lost)]
    if conflicts:
        raise StaleProject(conflicts=conflicts, current=to_json(current))
    if len(merged.clips) > MOST_CLIPS:
        raise BadField("/clips", f"would have {len(merged.clips)} entries; {MOST_CLIPS} are allowed")
    saved = replace(merged, head_revision=current.head_revision)
    return current if saved == current else replace(saved, head_revision=current.head_revision + 1)


def _begun_from(mine: EditDocument, saves: Sequence[EditDocument]) -> EditDocument | None:
    """Return the save that `mine` was made from, if it carries no part that this one lacks."""
    carried = {(part.id, part.revision) for part in (*mine.clips, *mine.cards) if part.revision > 0}
    for save in saves:
        revisions = {(part.id, part.revision) for part in (*save.clips, *save.cards)}
        if save.head_revision == mine.head_revision and carried <= revisions:
            return save
    return None


@dataclass(frozen=True, slots=True)
class _Merging:
    """One three-way merge under way; a `base` of None differs from everything."""

    base: EditDocument | None
    mine: EditDocument
    current: EditDocument
    conflicts: list[Json] = field(default_factory=list["Json"])

    def of_head(self, name: str, value: Callable[[EditDocument], T]) -> T:
        base = value(self.base) if self.base else _UNKNOWN
        return self._settle(base, value(self.mine), value(self.current), "head", name)

    def of_parts(self, kind: str, parts: Callable[[EditDocument], tuple[P, ...]]) -> tuple[P, ...]:
        base = _contents(parts(self.base)) if self.base else None
        mine, current = _contents(parts(self.mine)), _contents(parts(self.current))
        revisions = {part.id: part.revision for part in parts(self.current)}
        kept: dict[str, P] = {}
        for part_id in {**current, **mine}:
            before = base.get(part_id) if base is not None else _UNKNOWN
            part = self._settle(before, mine.get(part_id), current.get(part_id), kind, part_id)
            if part is not None:
                changed = part != current.get(part_id)
                kept[part_id] = replace(part, revision=revisions.get(part_id, 0) + changed)
        order = self._order(f"{kind}s", base, list(mine), list(current), kept)
        return tuple(kept[part_id] for part_id in order)

    def _order(
        self, name: str, base: Collection[str] | None, mine: list[str], current: list[str], kept: Collection[str]
    ) -> list[str]:
        """Return the ids in the order that one side gave them, each addition behind the part that it was put behind.

        Additions of both sides at one place stand by their first ids, UUIDv7s: in the order in which they were made,
        whoever saved first.
        """
        common = {part for part in current if part in mine and part in kept and (base is None or part in base)}
        orders = [[part for part in side if part in common] for side in (base or (), mine, current)]
        skeleton = self._settle(orders[0] if base is not None else _UNKNOWN, orders[1], orders[2], "head", name)
        additions: dict[str | None, list[list[str]]] = {}
        for side in (mine, current):
            for anchor, run in _runs(side, common, kept):
                additions.setdefault(anchor, []).append(run)
        ordered: dict[str, None] = {}  # a set that keeps its order: an addition that both sides made comes once
        for anchor in (None, *skeleton):
            ordered |= dict.fromkeys([] if anchor is None else [anchor])
            ordered |= dict.fromkeys(part for run in sorted(additions.get(anchor, [])) for part in run)
        return list(ordered)

    def _settle(self, base: object, mine: T, current: T, part: str, part_id: str) -> T:
        if mine in (base, current):
            return current
        if current != base:
            self.conflicts.append(_conflict(part, part_id, _change(mine), _change(current)))
        return mine


def _contents(parts: Sequence[P]) -> dict[str, P]:
    """Return the parts by id, as they compare: whatever their revisions."""
    return {part.id: replace(part, revision=0) for part in parts}


def _runs(side: Sequence[str], common: Collection[str], kept: Collection[str]) -> list[tuple[str | None, list[str]]]:
    """Return one side's additions in runs, each with the common part that it stands behind; None is the beginning."""
    runs: list[tuple[str | None, list[str]]] = [(None, [])]
    for part in side:
        if part in common:
            runs.append((part, []))
        elif part in kept:
            runs[-1][1].append(part)
    return runs


def _change(part: object) -> str:
    return "deleted" if part is None else "changed"


def _conflict(part: str, part_id: str, mine: str, current: str) -> Json:
    return {"part": part, "id": part_id, "mine": mine, "current": current}
