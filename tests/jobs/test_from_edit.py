"""From the editor's document to a framing: everything that shows is carried over, once."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from jobs.from_edit import draws_something, framing_clip, framing_spec, overlay_spec
from jobs.spec import (
    CardValue,
    CropKeyValue,
    FramingClip,
    FramingSpec,
    Look,
    OverlayClip,
    OverlaySpec,
    SourceRef,
    SpeedValue,
    SpotKeyValue,
    SpotlightValue,
)
from reel.crop import Crop, CropKey
from reel.edit import Card, EditClip, EditDocument
from reel.errors import BadField
from reel.speed import SpeedSpan
from reel.spotlight import SpotKey, Spotlight
from reel.timing import Span
from tests.jobs.homes import USER, uuid

FIRST, SECOND = (SourceRef(id=uuid(n), key=f"ann/games/{n}.mp4", sha256=str(n) * 64) for n in (1, 2))
FULL = EditClip(
    id=uuid(10),
    time_base=Fraction(1, 12800),
    span=Span(1000, 9000),
    clip_id=uuid(11),
    source_id=SECOND.id,
    audio=False,
    rotation_deg=-2.5,
    look="crisp",
    crops={
        "9:16": Crop(True, (CropKey(uuid(20), 1000, 0.4, 0.5, 0.6, "ease"), CropKey(uuid(21), 5000, 0.5, 0.5, 0.7))),
        "16:9": Crop(True, (CropKey(uuid(22), 1000, 0.5, 0.5, 0.8),)),
    },
    speeds=(SpeedSpan(2000, 3000, Fraction(1, 4)),),
    transition_in="dissolve",
    label="Mia",
)
PLAIN = EditClip(id=uuid(12), time_base=Fraction(1, 25), span=Span(0, 100), source_id=FIRST.id)


def spec(document: EditDocument, *sources: SourceRef, look: Look = "natural", draft: bool = True) -> FramingSpec:
    return framing_spec(
        document,
        user=USER,
        job=uuid(1),
        project=uuid(2),
        sources=sources,
        names={FULL.id: "Brilliant Goal"},
        look=look,
        draft=draft,
    )


def test_every_field_is_carried_over() -> None:
    document = EditDocument("9:16", Fraction(30000, 1001), "Derby", 7, (FULL, PLAIN))
    assert spec(document, FIRST, SECOND) == FramingSpec(
        user=USER,
        job=uuid(1),
        project=uuid(2),
        title="Derby",
        aspect="9:16",
        rate=(30000, 1001),
        draft=True,
        sources=(FIRST, SECOND),
        clips=(
            FramingClip(
                id=FULL.id,
                source=SECOND.id,
                name="Brilliant Goal",
                time_base=(1, 12800),
                in_pts=1000,
                out_pts=9000,
                audio=False,
                rotation_deg=-2.5,
                look="crisp",
                crop=(
                    CropKeyValue(pts=1000, cx=0.4, cy=0.5, h=0.6, ease="ease"),
                    CropKeyValue(pts=5000, cx=0.5, cy=0.5, h=0.7, ease="smooth"),
                ),
                speeds=(SpeedValue(in_pts=2000, out_pts=3000, rate=(1, 4)),),
                transition_in="dissolve",
            ),
            FramingClip(id=PLAIN.id, source=FIRST.id, time_base=(1, 25), in_pts=0, out_pts=100, look="natural"),
        ),
    )


def test_nothing_that_shows_is_left_behind() -> None:
    """Every field of an edit's clip is carried over, is of no picture, or is drawn by the overlay."""
    carried = {"id", "time_base", "span", "source_id", "audio", "rotation_deg", "look", "crops", "speeds"}
    carried |= {"transition_in", "label"}
    unseen, drawn_later = {"clip_id", "revision"}, {"spotlights", "freeze_s"}
    assert {*EditClip.__dataclass_fields__} == carried | unseen | drawn_later


def test_the_crop_is_the_shape_s_own() -> None:
    wide = spec(EditDocument("16:9", clips=(FULL,)), SECOND).clips[0]
    assert [(key.cx, key.h) for key in wide.crop] == [(0.5, 0.8)]
    assert spec(EditDocument("1:1", clips=(FULL,)), SECOND).clips[0].crop == ()


def test_what_the_document_leaves_open_stays_open() -> None:
    made = spec(EditDocument(clips=(PLAIN,)), FIRST, draft=False)
    assert (made.rate, made.aspect, made.draft) == (None, "9:16", False)


def test_a_chapter_without_a_name_is_called_like_its_player() -> None:
    other = replace(FULL, id=uuid(13))
    assert [clip.name for clip in spec(EditDocument(clips=(FULL, other)), SECOND).clips] == ["Brilliant Goal", "Mia"]


def test_a_clip_of_no_named_source_is_of_the_only_one() -> None:
    unnamed = EditDocument(clips=(PLAIN, replace(PLAIN, source_id=None)))
    assert [clip.source for clip in spec(unnamed, FIRST).clips] == [FIRST.id, FIRST.id]
    with pytest.raises(BadField) as raised:
        spec(unnamed, FIRST, SECOND)
    assert raised.value.details["field"] == "/clips/1/source_id"


def test_a_source_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadField) as raised:
        spec(EditDocument(clips=(PLAIN, FULL)), FIRST)
    assert raised.value.details["field"] == "/clips/1/source_id"


@pytest.mark.parametrize("look", ["natural", "crisp"])
def test_a_clip_s_own_look_wins(look: Look) -> None:
    document = EditDocument(clips=(PLAIN, replace(PLAIN, look="natural"), replace(PLAIN, look="crisp")))
    assert [clip.look for clip in spec(document, FIRST, look=look).clips] == [look, "natural", "crisp"]
    assert framing_clip(PLAIN, "9:16", FIRST.id, "", look).look == look
    assert framing_clip(FULL, "9:16", FIRST.id, "", "natural").look == "crisp"


LIGHT = Spotlight(
    uuid(30),
    1000,
    9000,
    (SpotKey(uuid(31), 1000, 0.4, 0.5, 0.06, 0.12, "hold"),),
    shape="ground",
    colour="pink",
    effect="both",
    stroke=False,
    fill=True,
)
LIT = replace(FULL, spotlights=(LIGHT,), freeze_s=1.5)


def test_everything_that_the_overlay_draws_is_carried_over() -> None:
    cards = Card(uuid(40), "Second half", LIT.id, 2.0), Card(uuid(41), "Thank you")
    document = EditDocument(title="Derby", clips=(LIT, PLAIN), cards=cards)
    framing = spec(document, FIRST, SECOND)
    made = overlay_spec(document, framing, job=uuid(50), reel=uuid(51), version=3)
    key = SpotKeyValue(pts=1000, x=0.4, y=0.5, rx=0.06, ry=0.12, ease="hold")
    light = SpotlightValue(
        id=uuid(30),
        in_pts=1000,
        out_pts=9000,
        keys=(key,),
        shape="ground",
        colour="pink",
        effect="both",
        stroke=False,
        fill=True,
    )
    assert made == OverlaySpec(
        user=USER,
        job=uuid(50),
        reel=uuid(51),
        version=3,
        title="Derby",
        framing=framing,
        clips=(
            OverlayClip(id=LIT.id, name="Brilliant Goal", spotlights=(light,), freeze_s=1.5, label="Mia"),
            OverlayClip(id=PLAIN.id),
        ),
        cards=(
            CardValue(text="Second half", before=LIT.id, duration_s=2.0),
            CardValue(text="Thank you", duration_s=3.0),
        ),
    )
    (back,) = (each.authored for each in made.clips[0].spotlights)
    assert replace(back, keys=LIGHT.keys) == LIGHT


def test_a_clip_without_a_spotlight_is_not_frozen() -> None:
    """The editor's default for 16:9 would else freeze every clip; reel_duration_s counts it so too."""
    document = EditDocument(clips=(replace(PLAIN, freeze_s=1.5),))
    made = overlay_spec(document, spec(document, FIRST), job=uuid(50), reel=uuid(51), version=1)
    assert made.clips[0].freeze_s == 0


def test_what_only_the_overlay_draws() -> None:
    plain = replace(PLAIN, freeze_s=1.5)
    assert not draws_something(EditDocument(clips=(plain, replace(plain, label="  "))))
    assert draws_something(EditDocument(clips=(plain, replace(plain, label="Mia"))))
    assert draws_something(EditDocument(clips=(LIT,)))
    assert draws_something(EditDocument(clips=(plain,), cards=(Card(uuid(40), "Hi"),)))
