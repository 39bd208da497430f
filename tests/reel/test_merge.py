from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reel.edit import MOST_CLIPS, EditDocument, to_json
from reel.errors import BadField, StaleProject
from reel.merge import merge
from tests.reel.edits import card, clip, uuid

BASE = EditDocument(
    title="Lena",
    head_revision=1,
    clips=(clip(10), clip(20), clip(30)),
    cards=(card(40, "Hello", before=10), card(50, "Goodbye")),
)


def labelled(document: EditDocument, number: int, label: str) -> EditDocument:
    """Return the document with another label on one clip, as its editor sends it."""
    changed = (replace(one, label=label) if one.id == uuid(number) else one for one in document.clips)
    return replace(document, clips=tuple(changed))


def without(document: EditDocument, *numbers: int) -> EditDocument:
    gone = {uuid(number) for number in numbers}
    return replace(
        document,
        clips=tuple(one for one in document.clips if one.id not in gone),
        cards=tuple(one for one in document.cards if one.id not in gone),
    )


def ordered(document: EditDocument, *numbers: int) -> EditDocument:
    clips = {one.id: one for one in document.clips}
    return replace(document, clips=tuple(clips.get(uuid(number)) or clip(number, revision=0) for number in numbers))


def numbers(document: EditDocument) -> list[int]:
    return [int(one.id.replace("-", ""), 16) >> 80 for one in document.clips]


def conflicts(mine: EditDocument, current: EditDocument, *earlier: EditDocument) -> list[tuple[Any, ...]]:
    with pytest.raises(StaleProject) as raised:
        merge(mine, current, earlier)
    assert raised.value.details["current"] == to_json(current)
    found = raised.value.details["conflicts"]
    assert isinstance(found, list)
    return [tuple(one.values()) for one in found if isinstance(one, dict)]


def test_saving_what_is_there_changes_nothing():
    assert merge(BASE, BASE) == BASE


def test_a_changed_part_gets_the_next_revision_and_no_other_does():
    saved = merge(labelled(BASE, 20, "Lena"), BASE)
    assert [one.revision for one in saved.clips] == [1, 2, 1]
    assert saved.clips[1].label == "Lena"
    assert saved.head_revision == 2


def test_the_heads_revision_rises_with_every_save():
    saved = merge(replace(BASE, title="Mia", rate=Fraction(50)), BASE)
    assert saved == replace(BASE, title="Mia", rate=Fraction(50), head_revision=2)


def test_a_new_part_begins_with_revision_1():
    saved = merge(ordered(BASE, 10, 60, 20, 30), BASE)
    assert numbers(saved) == [10, 60, 20, 30]
    assert [one.revision for one in saved.clips] == [1, 1, 1, 1]
    assert saved.head_revision == 2


def test_the_first_save_is_made_upon_nothing():
    mine = replace(BASE, head_revision=0, clips=(clip(10, revision=0),), cards=())
    assert merge(mine, EditDocument()) == replace(mine, head_revision=1, clips=(clip(10),))


def test_parts_that_were_changed_apart_are_both_kept():
    current = merge(labelled(BASE, 10, "theirs"), BASE)
    saved = merge(labelled(BASE, 20, "mine"), current, [BASE])
    assert [(one.label, one.revision) for one in saved.clips] == [("theirs", 2), ("mine", 2), ("", 1)]


def test_a_part_that_was_changed_on_both_sides_is_a_conflict():
    current = merge(labelled(BASE, 10, "theirs"), BASE)
    assert conflicts(labelled(BASE, 10, "mine"), current, BASE) == [("clip", uuid(10), "changed", "changed")]


def test_the_same_change_on_both_sides_is_none():
    current = merge(labelled(BASE, 10, "both"), BASE)
    assert merge(labelled(BASE, 10, "both"), current, [BASE]) == current


def test_the_heads_parts_are_merged_one_by_one():
    current = merge(replace(BASE, title="Mia"), BASE)
    saved = merge(replace(BASE, aspect="1:1"), current, [BASE])
    assert (saved.title, saved.aspect, saved.head_revision) == ("Mia", "1:1", 3)
    assert conflicts(replace(BASE, title="Eva"), current, BASE) == [("head", "title", "changed", "changed")]


def test_what_one_side_deleted_is_gone():
    current = merge(without(BASE, 20), BASE)
    assert numbers(merge(labelled(BASE, 10, "mine"), current, [BASE])) == [10, 30]
    assert numbers(merge(without(BASE, 30), current, [BASE])) == [10]


def test_deleting_what_was_changed_elsewhere_is_a_conflict():
    current = merge(labelled(BASE, 20, "theirs"), BASE)
    assert conflicts(without(BASE, 20), current, BASE) == [("clip", uuid(20), "deleted", "changed")]


def test_changing_what_was_deleted_elsewhere_is_a_conflict():
    current = merge(without(BASE, 20), BASE)
    assert conflicts(labelled(BASE, 20, "mine"), current, BASE) == [("clip", uuid(20), "changed", "deleted")]


def test_additions_of_both_sides_stand_where_they_were_put():
    current = merge(ordered(BASE, 70, 10, 20, 75, 74, 30), BASE)
    saved = merge(ordered(BASE, 10, 20, 71, 30, 72), current, [BASE])
    assert numbers(saved) == [70, 10, 20, 71, 75, 74, 30, 72]


def test_one_side_orders_and_the_other_adds():
    current = merge(ordered(BASE, 30, 20, 10), BASE)
    assert numbers(merge(ordered(BASE, 10, 60, 20, 30), current, [BASE])) == [30, 20, 10, 60]


def test_two_orders_are_a_conflict():
    current = merge(ordered(BASE, 30, 20, 10), BASE)
    assert conflicts(ordered(BASE, 20, 10, 30), current, BASE) == [("head", "clips", "changed", "changed")]


def test_a_card_whose_clip_went_is_a_conflict():
    current = merge(without(BASE, 20), BASE)
    mine = replace(BASE, cards=(*BASE.cards, card(60, "Now", before=20, revision=0)))
    assert conflicts(mine, current, BASE) == [("card", uuid(60), "changed", "changed")]


def test_cards_are_parts_too():
    current = merge(replace(BASE, cards=(card(40, "Hi", before=10), card(50, "Goodbye"))), BASE)
    saved = merge(without(BASE, 50), current, [BASE])
    assert saved.cards == (card(40, "Hi", before=10, revision=2),)


def test_several_saves_lie_between():
    first = merge(labelled(BASE, 10, "1"), BASE)
    second = merge(labelled(first, 10, "2"), first)
    third = merge(ordered(second, 10, 20, 30, 60), second)
    assert [one.label for one in merge(labelled(BASE, 20, "mine"), third, [BASE, first, second]).clips] == [
        *("2", "mine", "", "")
    ]
    assert merge(labelled(first, 10, "3"), first, [BASE]).clips[0].label == "3"


def test_without_the_document_that_it_began_from_every_difference_is_a_conflict():
    current = merge(labelled(BASE, 10, "theirs"), BASE)
    mine = replace(labelled(BASE, 20, "mine"), title="Mia")
    assert sorted(conflicts(mine, current)) == [
        ("clip", uuid(10), "changed", "changed"),
        ("clip", uuid(20), "changed", "changed"),
        ("head", "title", "changed", "changed"),
    ]
    assert merge(labelled(BASE, 10, "theirs"), current) == current


def test_the_sum_of_both_sides_has_to_be_allowed():
    current = EditDocument(head_revision=1, clips=tuple(clip(number) for number in range(1, 151)))
    mine = EditDocument(clips=tuple(clip(number, revision=0) for number in range(1000, 1000 + MOST_CLIPS - 150)))
    assert len(merge(mine, current, [EditDocument()]).clips) == MOST_CLIPS
    with pytest.raises(BadField, match="200 are allowed"):
        merge(replace(mine, clips=(*mine.clips, clip(3000, revision=0))), current, [EditDocument()])


@dataclass(frozen=True)
class Changes:
    """What one editor does: clips relabelled, deleted, put somewhere new, and perhaps the title and the order."""

    labels: dict[int, str]
    deleted: set[int]
    added: list[tuple[int, int]]
    title: str | None
    turned: bool

    def upon(self, base: EditDocument) -> EditDocument:
        clips = [
            replace(one, label=self.labels.get(number, one.label))
            for number, one in zip(numbers(base), base.clips, strict=True)
            if number not in self.deleted
        ]
        if self.turned:
            clips.reverse()
        for number, place in self.added:
            clips.insert(min(place, len(clips)), clip(number, revision=0))
        return replace(base, clips=tuple(clips), title=base.title if self.title is None else self.title)


@st.composite
def changes(draw: st.DrawFn, clips: list[int], new: range, *, head: bool) -> Changes:
    deleted = draw(st.sets(st.sampled_from(clips))) if clips else set[int]()
    kept = [number for number in clips if number not in deleted]
    places = st.tuples(st.sampled_from(new), st.integers(0, 6))
    return Changes(
        draw(st.dictionaries(st.sampled_from(kept), st.sampled_from("xyz"))) if kept else {},
        deleted,
        draw(st.lists(places, max_size=3, unique_by=lambda place: place[0])),
        draw(st.none() | st.sampled_from(["Mia", "Eva"])) if head else None,
        draw(st.booleans()) if head else False,
    )


PLAIN = replace(BASE, clips=tuple(clip(number) for number in (10, 20, 30, 40, 50)), cards=())


@st.composite
def disjoint(draw: st.DrawFn) -> tuple[Changes, Changes]:
    """What two editors do, each to clips of their own, and one of them to the head."""
    first = draw(st.sets(st.sampled_from(numbers(PLAIN))))
    second = [number for number in numbers(PLAIN) if number not in first]
    head = draw(st.booleans())
    return (
        draw(changes(sorted(first), range(100, 120, 2), head=head)),
        draw(changes(second, range(101, 121, 2), head=not head)),
    )


@given(disjoint())
def test_disjoint_changes_merge_the_same_whoever_saves_first(both: tuple[Changes, Changes]):
    first, second = (side.upon(PLAIN) for side in both)
    saved = merge(second, merge(first, PLAIN), [PLAIN])
    assert saved == merge(first, merge(second, PLAIN), [PLAIN])
    labels = dict(zip(numbers(saved), (one.label for one in saved.clips), strict=True))
    for side in both:
        assert labels.keys().isdisjoint(side.deleted)
        assert side.labels.items() <= labels.items()
        assert {number for number, _ in side.added} <= labels.keys()
        assert saved.title == side.title or side.title is None


def contents(document: EditDocument) -> dict[str, object]:
    return {"title": document.title, **{one.id: replace(one, revision=0) for one in document.clips}}


PARTS = contents(PLAIN)
everything = changes(numbers(PLAIN), range(100, 110), head=True)


@given(everything, everything)
def test_nothing_is_lost_without_a_word(mine: Changes, theirs: Changes):
    sides = [mine.upon(PLAIN), theirs.upon(PLAIN)]
    with suppress(StaleProject):
        saved = contents(merge(sides[0], merge(sides[1], PLAIN), [PLAIN]))
        for side in map(contents, sides):
            changed = {part for part in PARTS.keys() | side.keys() if side.get(part) != PARTS.get(part)}
            assert {part: saved.get(part) for part in changed} == {part: side.get(part) for part in changed}
