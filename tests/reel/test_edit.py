import json
import math
from copy import deepcopy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reel import edit
from reel.edit import Card, EditClip, EditDocument, parse, to_json
from reel.errors import (
    BadEdit,
    BadField,
    BadInput,
    CropOutsidePicture,
    EmptySpan,
    KeyframesOutOfOrder,
    SpeedsOverlap,
    SpotlightsOverlap,
    SpotlightTooShort,
)
from reel.keys import checked_uuid
from reel.timing import Span
from tests.reel.edits import MILLISECONDS, documents, uuid

CLIP = {"time_base": [1, 1000], "in_pts": 1000, "out_pts": 7000}
KEY = {"pts": 1000, "cx": 0.5, "cy": 0.5, "h": 1}
SPOT = {"in_pts": 1000, "out_pts": 3000, "keys": [{"pts": 1000, "x": 0.5, "y": 0.5}]}

WHOLE: dict[str, Any] = {
    "schema": 1,
    "aspect": "16:9",
    "rate": [30000, 1001],
    "title": "Lena",
    "head_revision": 3,
    "clips": [
        {
            "id": uuid(1),
            "clip_id": uuid(2),
            "revision": 4,
            "source_id": uuid(3),
            "time_base": [1, 12800],
            "in_pts": 0,
            "out_pts": 76800,
            "audio": False,
            "rotation_deg": -1.5,
            "look": "crisp",
            "crops": {
                "16:9": {
                    "framed": True,
                    "keys": [
                        {"id": uuid(4), "pts": 0, "cx": 0.5, "cy": 0.5, "h": 0.5, "ease": "linear", "by": "track"},
                        {"id": uuid(5), "pts": 12800, "cx": 0.6, "cy": 0.5, "h": 0.5, "ease": "smooth", "by": "hand"},
                    ],
                }
            },
            "speeds": [{"in_pts": 0, "out_pts": 12800, "rate": [1, 2]}],
            "transition_in": "dissolve",
            "spotlights": [
                {
                    "id": uuid(6),
                    "in_pts": 0,
                    "out_pts": 12800,
                    "keys": [{"id": uuid(7), "pts": 0, "x": 0.4, "y": 0.5, "rx": 0.06, "ry": 0.12, "ease": "smooth"}],
                    "shape": "ground",
                    "colour": "cyan",
                    "effect": "both",
                    "stroke": False,
                    "fill": True,
                }
            ],
            "freeze_s": 1.5,
            "label": "Lena 7",
        }
    ],
    "cards": [{"id": uuid(8), "revision": 1, "before": uuid(1), "duration_s": 3.0, "text": "2025\nLena"}],
}


def short(**clip: object) -> dict[str, Any]:
    """Return a document of one clip, as a person writes it."""
    return {"schema": 1, "clips": [{**CLIP, **clip}]}


def test_a_whole_document_is_read_and_written_as_it_is():
    assert to_json(parse(WHOLE)) == WHOLE
    assert parse(json.loads(json.dumps(WHOLE))).clips[0].time_base == Fraction(1, 12800)


def test_a_short_document_gets_the_defaults():
    document = parse(short())
    (clip,) = document.clips
    assert document == EditDocument(clips=(EditClip(clip.id, MILLISECONDS, Span(1000, 7000)),))
    assert document.aspect == "9:16"
    assert clip.audio
    assert clip.source_id is None


def test_ids_that_are_left_out_are_made_from_their_places():
    raw = short(crops={"9:16": {"keys": [KEY, {**KEY, "pts": 2000}]}})
    raw["clips"] *= 2
    document = parse(raw)
    keys = [key for clip in document.clips for key in clip.crops["9:16"].keys]
    made = {*(clip.id for clip in document.clips), *(key.id for key in keys)}
    assert len({checked_uuid(one) for one in made}) == 6
    assert parse(raw) == document


def test_a_crop_that_a_person_wrote_is_framed():
    assert parse(short(crops={"9:16": {"keys": [KEY]}})).clips[0].crops["9:16"].framed


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=50)
@given(documents())
def test_what_is_written_is_read_again(document: EditDocument):
    assert parse(json.loads(json.dumps(to_json(document)))) == document


BAD = {
    "no object": ([], ""),
    "nothing": (None, ""),
    "no schema": ({"clips": []}, "/schema"),
    "a later schema": ({"schema": 2, "clips": []}, "/schema"),
    "true for 1": ({"schema": True, "clips": []}, "/schema"),
    "no clips": ({"schema": 1}, "/clips"),
    "null for clips": ({"schema": 1, "clips": None}, "/clips"),
    "an object for clips": ({"schema": 1, "clips": {}}, "/clips"),
    "an unknown field": ({"schema": 1, "clips": [], "sound": 1}, "/sound"),
    "an unknown field to be escaped": ({"schema": 1, "clips": [], "a/b~c": 1}, "/a~1b~0c"),
    "a member not named by text": ({"schema": 1, "clips": [], 7: 1}, ""),
    "an unknown field of a clip": (short(volume=1), "/clips/0/volume"),
    "a clip that is none": ({"schema": 1, "clips": [7]}, "/clips/0"),
    "no time base": ({"schema": 1, "clips": [{"in_pts": 0, "out_pts": 1}]}, "/clips/0/time_base"),
    "a time base of floats": (short(time_base=[1.0, 1000]), "/clips/0/time_base/0"),
    "a time base of 0": (short(time_base=[1, 0]), "/clips/0/time_base/1"),
    "a time base of three": (short(time_base=[1, 2, 3]), "/clips/0/time_base"),
    "a float for pts": (short(in_pts=1000.0), "/clips/0/in_pts"),
    "text for pts": (short(in_pts="1000"), "/clips/0/in_pts"),
    "a pts that no browser can hold": (short(out_pts=2**53), "/clips/0/out_pts"),
    "a shape that is none": ({"schema": 1, "clips": [], "aspect": "9:17"}, "/aspect"),
    "a list for a shape": ({"schema": 1, "clips": [], "aspect": ["9:16"]}, "/aspect"),
    "a rate that is too high": ({"schema": 1, "clips": [], "rate": [61, 1]}, "/rate"),
    "a rate that is too low": ({"schema": 1, "clips": [], "rate": [1, 2]}, "/rate"),
    "a rate in one number": ({"schema": 1, "clips": [], "rate": 25}, "/rate"),
    "a title that is too long": ({"schema": 1, "clips": [], "title": "x" * 121}, "/title"),
    "a title with a control character": ({"schema": 1, "clips": [], "title": "a\x07"}, "/title"),
    "a title of two lines": ({"schema": 1, "clips": [], "title": "a\nb"}, "/title"),
    "half a surrogate pair": ({"schema": 1, "clips": [], "title": "\ud800"}, "/title"),
    "null for a title": ({"schema": 1, "clips": [], "title": None}, "/title"),
    "a negative revision": (short(revision=-1), "/clips/0/revision"),
    "an id that is none": (short(id="clip-1"), "/clips/0/id"),
    "a number for an id": (short(id=7), "/clips/0/id"),
    "a source id that is none": (short(source_id="../x"), "/clips/0/source_id"),
    "1 for true": (short(audio=1), "/clips/0/audio"),
    "NaN": (short(rotation_deg=math.nan), "/clips/0/rotation_deg"),
    "infinity": (short(freeze_s=math.inf), "/clips/0/freeze_s"),
    "a number beyond floats": (short(freeze_s=10**400), "/clips/0/freeze_s"),
    "true for a number": (short(freeze_s=True), "/clips/0/freeze_s"),
    "too much rotation": (short(rotation_deg=20.1), "/clips/0/rotation_deg"),
    "a freeze that is too long": (short(freeze_s=10.5), "/clips/0/freeze_s"),
    "a look that is none": (short(look="draft"), "/clips/0/look"),
    "a transition that is none": (short(transition_in="wipe"), "/clips/0/transition_in"),
    "a label that is too long": (short(label="x" * 61), "/clips/0/label"),
    "crops of no shape": (short(crops={"4:3": {"keys": [KEY]}}), "/clips/0/crops/4:3"),
    "a list of crops": (short(crops=[]), "/clips/0/crops"),
    "a crop without keyframes": (short(crops={"9:16": {"framed": True}}), "/clips/0/crops/9:16/keys"),
    "a crop of no height": (short(crops={"9:16": {"keys": [{**KEY, "h": 0}]}}), "/clips/0/crops/9:16/keys/0/h"),
    "an ease that is none": (short(crops={"1:1": {"keys": [{**KEY, "ease": ""}]}}), "/clips/0/crops/1:1/keys/0/ease"),
    "a keyframe by nobody": (short(crops={"1:1": {"keys": [{**KEY, "by": "x"}]}}), "/clips/0/crops/1:1/keys/0/by"),
    "a keyframe without a centre": (short(crops={"1:1": {"keys": [{"pts": 0}]}}), "/clips/0/crops/1:1/keys/0/cx"),
    "too slow": (short(speeds=[{"in_pts": 0, "out_pts": 1, "rate": [1, 5]}]), "/clips/0/speeds/0/rate"),
    "too fast": (short(speeds=[{"in_pts": 0, "out_pts": 1, "rate": [3, 1]}]), "/clips/0/speeds/0/rate"),
    "a radius of 0": (
        short(spotlights=[{**SPOT, "keys": [{"pts": 1000, "x": 0.5, "y": 0.5, "rx": 0}]}]),
        "/clips/0/spotlights/0/keys/0/rx",
    ),
    "a spotlight without keyframes": (short(spotlights=[{**SPOT, "keys": []}]), "/clips/0/spotlights/0/keys"),
    "a spotlight outside its clip": (
        short(spotlights=[{**SPOT, "in_pts": 8000, "out_pts": 9000}]),
        "/clips/0/spotlights/0",
    ),
    "a colour that is none": (short(spotlights=[{**SPOT, "colour": "red"}]), "/clips/0/spotlights/0/colour"),
    "a card before no clip": (
        {**short(), "cards": [{"text": "Lena", "before": uuid(9)}]},
        "/cards/0/before",
    ),
    "a card that is too short": ({**short(), "cards": [{"text": "", "duration_s": 0.4}]}, "/cards/0/duration_s"),
    "a card without text": ({**short(), "cards": [{}]}, "/cards/0/text"),
}

BROKEN: dict[str, tuple[dict[str, Any], type[BadEdit], str]] = {
    "out before in": (short(out_pts=1000), EmptySpan, "/clips/0/out_pts"),
    "a centre outside": (
        short(crops={"9:16": {"keys": [{**KEY, "cx": 1.1}]}}),
        CropOutsidePicture,
        "/clips/0/crops/9:16/keys/0/cx",
    ),
    "a crop larger than the picture": (
        short(crops={"9:16": {"keys": [{**KEY, "h": 1.5}]}}),
        CropOutsidePicture,
        "/clips/0/crops/9:16/keys/0/h",
    ),
    "keyframes out of order": (
        short(crops={"9:16": {"keys": [KEY, {**KEY, "pts": 500}]}}),
        KeyframesOutOfOrder,
        "/clips/0/crops/9:16/keys/1",
    ),
    "two keyframes at one time": (
        short(crops={"9:16": {"keys": [KEY, KEY]}}),
        KeyframesOutOfOrder,
        "/clips/0/crops/9:16/keys/1",
    ),
    "an empty speed": (
        short(speeds=[{"in_pts": 9, "out_pts": 9, "rate": [1, 2]}]),
        EmptySpan,
        "/clips/0/speeds/0",
    ),
    "overlapping speeds": (
        short(speeds=[{"in_pts": 0, "out_pts": 9, "rate": [1, 2]}, {"in_pts": 8, "out_pts": 20, "rate": [1, 2]}]),
        SpeedsOverlap,
        "/clips/0/speeds",
    ),
    "an empty spotlight": (
        short(spotlights=[{**SPOT, "out_pts": 1000}]),
        EmptySpan,
        "/clips/0/spotlights/0/out_pts",
    ),
    "a short spotlight": (
        short(spotlights=[{**SPOT, "out_pts": 1499}]),
        SpotlightTooShort,
        "/clips/0/spotlights/0",
    ),
    "overlapping spotlights": (
        short(spotlights=[SPOT, {**SPOT, "in_pts": 2999, "out_pts": 4000}]),
        SpotlightsOverlap,
        "/clips/0/spotlights/1",
    ),
}


@pytest.mark.parametrize(("raw", "field"), BAD.values(), ids=BAD)
def test_a_bad_field_is_refused_at_its_place(raw: object, field: str):
    with pytest.raises(BadField) as raised:
        parse(raw)
    assert raised.value.details["field"] == field
    assert raised.value.message.startswith(f"{field}: " if field else "")


@pytest.mark.parametrize(("raw", "error", "field"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_refused_at_its_place(raw: object, error: type[BadEdit], field: str):
    with pytest.raises(error) as raised:
        parse(raw)
    assert raised.value.details["field"] == field


@pytest.mark.parametrize(
    ("place", "field"),
    [
        (("clips",), "/clips/1/id"),
        (("cards",), "/cards/1/id"),
        (("clips", 0, "spotlights"), "/clips/0/spotlights/1/id"),
        (("clips", 0, "spotlights", 0, "keys"), "/clips/0/spotlights/0/keys/1/id"),
        (("clips", 0, "crops", "16:9", "keys"), "/clips/0/crops/16:9/keys/2/id"),
    ],
)
def test_no_id_is_there_twice(place: tuple[str | int, ...], field: str):
    raw: Any = deepcopy(WHOLE)
    entries: Any = raw
    for step in place:
        entries = entries[step]
    entries.append(deepcopy(entries[0]))
    with pytest.raises(BadField, match="twice") as raised:
        parse(raw)
    assert raised.value.details["field"] == field


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"schema": 1, "clips": [CLIP] * (edit.MOST_CLIPS + 1)}, "/clips"),
        ({**short(), "cards": [{"text": ""}] * (edit.MOST_CARDS + 1)}, "/cards"),
        (short(speeds=[{}] * (edit.MOST_SPEEDS + 1)), "/clips/0/speeds"),
        (short(spotlights=[{}] * (edit.MOST_SPOTLIGHTS + 1)), "/clips/0/spotlights"),
        (short(crops={"1:1": {"keys": [KEY] * (edit.MOST_KEYS + 1)}}), "/clips/0/crops/1:1/keys"),
    ],
)
def test_there_is_a_limit_to_everything(raw: object, field: str):
    with pytest.raises(BadField, match="are allowed") as raised:
        parse(raw)
    assert raised.value.details["field"] == field


def test_as_much_as_allowed_is_read():
    keys = [{**KEY, "pts": pts} for pts in range(edit.MOST_KEYS)]
    document = parse(
        {"schema": 1, "clips": [*[CLIP] * (edit.MOST_CLIPS - 1), {**CLIP, "crops": {"1:1": {"keys": keys}}}]}
    )
    assert len(document.clips) == edit.MOST_CLIPS
    assert len(document.clips[-1].crops["1:1"].keys) == edit.MOST_KEYS


def test_a_card_may_stand_at_the_end_and_have_lines():
    document = parse({**short(), "cards": [{"id": uuid(1), "text": "Lena\n2025"}]})
    assert document.cards == (Card(uuid(1), "Lena\n2025"),)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(json_values, st.sampled_from(list(WHOLE["clips"][0])), st.sampled_from(list(WHOLE)))
def test_any_json_is_read_or_refused_at_a_place(value: object, of_clip: str, of_document: str):
    for raw in (value, {**WHOLE, of_document: value}, {**WHOLE, "clips": [{**WHOLE["clips"][0], of_clip: value}]}):
        try:
            assert isinstance(parse(raw), EditDocument)
        except BadInput as error:
            field = error.details["field"]
            assert field == "" or str(field).startswith("/")
