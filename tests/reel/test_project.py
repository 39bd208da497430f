from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reel import project
from reel.annotation import Clip
from reel.crop import Crop, CropKey
from reel.edit import EditDocument, parse, to_json
from reel.project import Made, framing_hash, obstacles, reel_hash
from reel.speed import SpeedSpan
from reel.spotlight import SpotKey, Spotlight
from reel.timing import Span
from reel.tsv import TsvRow
from tests.reel.edits import MILLISECONDS, card, clip, documents, uuid

FRAMED = Crop(True, (CropKey(uuid(1), 1000, 0.5, 0.5, 0.5),))
UNFRAMED = replace(FRAMED, framed=False)
SPOTLIGHT = Spotlight(uuid(2), 1000, 3000, (SpotKey(uuid(3), 1000, 0.5, 0.5, 0.06, 0.12),))

PLAIN = EditDocument(clips=(clip(10), clip(20), clip(30)))
READY = replace(PLAIN, clips=tuple(replace(one, crops={"9:16": FRAMED}) for one in PLAIN.clips))


def marked(number: int, rating: int = 4) -> Clip:
    return Clip(uuid(number), uuid(99), MILLISECONDS, Span(1000, 7000), rating, tags=("Goal",))


def closed(document: EditDocument, *, draft_will_do: bool = False, **made: str) -> dict[str, str]:
    known: dict[Made, str] = {one: made[one] for one in ("draft", "framing", "reel") if one in made}
    found = obstacles(document, known, draft_will_do=draft_will_do)
    return {step: obstacle.reason for step, obstacle in found.items()}


def test_nothing_can_be_done_with_a_project_without_clips():
    reasons = closed(EditDocument())
    assert reasons.keys() == {"framing", "framing_export", "overlay", "overlay_export", "gallery"}
    assert reasons["framing"] == reasons["overlay_export"] == "Add a clip first."


def test_the_framing_is_exported_when_every_clip_is_framed():
    some = replace(
        READY, clips=(*READY.clips[:1], clip(20), replace(clip(30), crops={"9:16": UNFRAMED, "1:1": FRAMED}))
    )
    obstacle = obstacles(some, {})["framing_export"]
    assert obstacle.clips == (uuid(20), uuid(30))
    assert obstacle.reason == "2 clips have no 9:16 crop yet: set it or use the default crop."
    assert closed(replace(some, clips=some.clips[:2]))["framing_export"].startswith("One clip has")
    assert closed(READY).keys() == {"overlay", "overlay_export", "gallery"}


def test_every_shape_is_framed_by_itself():
    assert obstacles(replace(READY, aspect="1:1"), {})["framing_export"].clips == (uuid(10), uuid(20), uuid(30))


def test_overlay_opens_on_the_draft_and_stays_open_when_it_is_out_of_date():
    assert closed(READY)["overlay"] == "Export the framing first."
    assert "overlay" not in closed(READY, draft="older")
    assert "overlay" not in closed(READY, framing="older")


def test_the_reel_waits_for_the_framing_as_it_is_now():
    now = framing_hash(READY)
    assert closed(READY)["overlay_export"] == "Export the framing first."
    assert closed(READY, draft=now)["overlay_export"] == "Only a draft is there: the reel waits for the AI picture."
    assert closed(READY, draft=now, framing="older")["overlay_export"].startswith("Only a draft")
    assert closed(READY, draft="older", framing="older")["overlay_export"].startswith("The framing was changed")
    assert closed(READY, framing=now).keys() == {"gallery"}


def test_a_draft_is_the_result_only_when_the_person_says_so():
    now = framing_hash(READY)
    assert "overlay_export" not in closed(READY, draft=now, draft_will_do=True)
    assert "overlay_export" in closed(READY, draft="older", draft_will_do=True)


def test_the_gallery_opens_with_the_first_reel():
    assert "gallery" not in closed(READY, reel="older")


@pytest.mark.parametrize(
    ("change", "framing", "reel"),
    [
        ({"title": "Mia", "head_revision": 9}, False, False),
        ({"aspect": "1:1"}, True, True),
        ({"rate": Fraction(50)}, True, True),
        ({"clips": (READY.clips[0], READY.clips[2])}, True, True),
        ({"clips": (replace(READY.clips[0], clip_id=uuid(9)), *READY.clips[1:])}, True, True),
        ({"clips": (replace(READY.clips[0], revision=9), *READY.clips[1:])}, False, False),
        ({"clips": (replace(READY.clips[0], span=Span(1000, 7001)), *READY.clips[1:])}, True, True),
        ({"clips": (replace(READY.clips[0], crops={"9:16": UNFRAMED, "1:1": FRAMED}), *READY.clips[1:])}, False, False),
        ({"clips": (replace(READY.clips[0], crops={}), *READY.clips[1:])}, True, True),
        ({"clips": (replace(READY.clips[0], label="Lena"), *READY.clips[1:])}, False, True),
        ({"clips": (replace(READY.clips[0], spotlights=(SPOTLIGHT,)), *READY.clips[1:])}, False, True),
        ({"cards": (card(40, "Hello", before=10),)}, False, True),
    ],
)
def test_what_a_change_puts_out_of_date(change: dict[str, object], framing: bool, reel: bool):
    made: dict[Made, str] = {"draft": framing_hash(READY), "framing": framing_hash(READY), "reel": reel_hash(READY)}
    stale: set[Made] = {*(("draft", "framing") if framing else ()), *(("reel",) if reel else ())}
    assert project.outdated(replace(READY, **change), made) == stale  # type: ignore[arg-type]


def test_what_was_never_made_is_not_out_of_date():
    assert project.outdated(READY, {}) == frozenset()


@settings(max_examples=40)
@given(documents())
def test_the_rules_hold_for_any_document(document: EditDocument):
    made: dict[Made, str] = {"framing": framing_hash(document), "reel": reel_hash(document)}
    assert project.outdated(document, made) == frozenset()
    assert ("framing_export" in obstacles(document, made)) == (
        not document.clips or bool(project.unframed_clips(document))
    )
    assert Fraction(0) <= project.framed_duration_s(document) <= project.reel_duration_s(document)


def test_a_project_begins_with_its_clips():
    document = project.begin([marked(1), marked(2)], [uuid(11), uuid(12)])
    assert [(one.id, one.clip_id, one.source_id, one.span) for one in document.clips] == [
        (uuid(11), uuid(1), uuid(99), Span(1000, 7000)),
        (uuid(12), uuid(2), uuid(99), Span(1000, 7000)),
    ]
    assert (document.aspect, document.title) == ("9:16", "")
    assert {one.freeze_s for one in document.clips} == {0.0}
    assert project.begin([marked(1)], [uuid(11)]).title == "Good Goal"
    many = project.begin([replace(marked(1), tags=("of one's own",) * 20)], [uuid(11)])
    assert parse(to_json(many)) == many
    assert project.begin([marked(1)], [uuid(11)], "16:9").clips[0].freeze_s == 1.5


def test_five_stars_earn_a_project():
    assert [rating for rating in range(1, 6) if project.earns_project(marked(1, rating))] == [5]


@given(st.lists(st.integers(1, 5)))
def test_best_first_keeps_the_order_within_a_rating(ratings: list[int]):
    rows = [TsvRow(Fraction(place), Fraction(6), rating) for place, rating in enumerate(ratings)]
    ordered = project.best_first(rows)
    assert [(-row.rating, row.start_s) for row in ordered] == sorted((-row.rating, row.start_s) for row in rows)


def test_boundaries_are_compared_with_those_seen_last():
    assert not project.boundaries_changed(Span(1000, 7000), marked(1))
    assert project.boundaries_changed(Span(1000, 6000), marked(1))


def test_new_boundaries_keep_all_that_still_has_a_moment():
    before = replace(
        clip(10),
        crops={"9:16": FRAMED},
        speeds=(SpeedSpan(1000, 2000, Fraction(1, 2)),),
        spotlights=(SPOTLIGHT, replace(SPOTLIGHT, id=uuid(4), in_pts=4000, out_pts=5000)),
    )
    after = project.with_new_boundaries(
        before, replace(marked(1), span=Span(270_000, 540_000), time_base=Fraction(1, 90_000))
    )
    assert after == replace(before, span=Span(3000, 6000), spotlights=before.spotlights[1:])


def test_how_long_it_lasts():
    slow = replace(clip(20), speeds=(SpeedSpan(1000, 3000, Fraction(1, 2)),), transition_in="dissolve")
    short = replace(clip(30), span=Span(0, 600), transition_in="fade", spotlights=(SPOTLIGHT,), freeze_s=1.5)
    document = EditDocument(clips=(replace(clip(10), transition_in="fade", freeze_s=2.0), slow, short))
    assert project.framed_duration_s(document) == 6 + 8 + Fraction(6, 10) - Fraction(1, 2) - Fraction(3, 10)
    with_card = replace(document, cards=(card(40),))
    assert project.reel_duration_s(with_card) - project.framed_duration_s(with_card) == Fraction(3, 2) + 3
    assert project.price_credits(document) == 14
    assert project.price_credits(EditDocument()) == 0
