"""The edit document as the API describes it: the mirror of reel.edit, which reads it and says what is wrong with it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from fastapi import Body
from pydantic import Field, PlainValidator

from endpoints.models import Id, Pts, Rational, Revision, Shown
from reel import edit
from reel.crop import By
from reel.edit import EditDocument, Look, Transition
from reel.geometry import Aspect
from reel.keyframes import Ease
from reel.spotlight import Colour, Effect, Shape

MadeId: TypeAlias = Annotated[Id, Field(default_factory=str, description="one that is left out is made from its place")]
Part: TypeAlias = Annotated[float, Field(ge=0, le=1, description="in parts of the displayed picture")]
Radius: TypeAlias = Annotated[float, Field(ge=0, le=1, description="in parts of the source's HEIGHT")]
Reach: TypeAlias = Annotated[float, Field(ge=-edit.MOST_REACH, le=1 + edit.MOST_REACH)]
Saved: TypeAlias = Annotated[Revision, Field(description="0: never saved; rises with every change")]


class CropKeyDoc(Shown):
    """A keyframe of a crop: its centre and its height; the width follows from the shape."""

    id: MadeId
    pts: Pts
    cx: Part
    cy: Part
    h: Annotated[float, Field(gt=0, le=1, description="in parts of the displayed picture")]
    ease: Ease = "smooth"
    by: By = "hand"


class CropDoc(Shown):
    """A clip's crop for one shape; `framed` once a person set it or agreed to the default."""

    framed: bool = True
    keys: Annotated[tuple[CropKeyDoc, ...], Field(min_length=1, max_length=edit.MOST_KEYS)]


class SpeedDoc(Shown):
    """A stretch of source time at its own speed, 1/4 to 2."""

    in_pts: Pts
    out_pts: Pts
    rate: Rational


class SpotKeyDoc(Shown):
    """A keyframe of a spotlight: its centre in parts of the source's displayed picture."""

    id: MadeId
    pts: Pts
    x: Reach
    y: Reach
    rx: Radius = edit.DEFAULT_RX
    ry: Radius = edit.DEFAULT_RY
    ease: Ease = "smooth"


class SpotlightDoc(Shown):
    """A region in which a spotlight follows a player: at least half a second, none over another of its clip."""

    id: MadeId
    in_pts: Pts
    out_pts: Pts
    keys: Annotated[tuple[SpotKeyDoc, ...], Field(min_length=1, max_length=edit.MOST_KEYS)]
    shape: Shape = "body"
    colour: Colour = "white"
    effect: Effect = "dark"
    stroke: bool = True
    fill: bool = False


class ClipDoc(Shown):
    """A clip as the project shows it. `look` null is the home's, `source_id` null the one source that there is.

    All its times are on its own clock, `time_base`. A shape that `crops` lacks gets the largest crop around the centre.
    """

    id: MadeId
    clip_id: Annotated[Id | None, Field(description="the clip of the game that it came from")] = None
    revision: Saved = 0
    source_id: Id | None = None
    time_base: Rational
    in_pts: Pts
    out_pts: Pts
    audio: bool = True
    rotation_deg: Annotated[float, Field(ge=-edit.MOST_ROTATION_DEG, le=edit.MOST_ROTATION_DEG)] = 0.0
    look: Look | None = None
    crops: dict[Aspect, CropDoc] = Field(default_factory=dict)
    speeds: Annotated[tuple[SpeedDoc, ...], Field(max_length=edit.MOST_SPEEDS)] = ()
    transition_in: Transition = "cut"
    spotlights: Annotated[tuple[SpotlightDoc, ...], Field(max_length=edit.MOST_SPOTLIGHTS)] = ()
    freeze_s: Annotated[float, Field(ge=0, le=edit.MOST_FREEZE_S)] = 0.0
    label: Annotated[str, Field(max_length=edit.MOST_LABEL, description="the player's name")] = ""


class CardDoc(Shown):
    """A text that fills the picture for a while, before a clip of the edit, or at the end where `before` is null."""

    id: MadeId
    revision: Saved = 0
    before: Id | None = None
    duration_s: Annotated[float, Field(ge=edit.SHORTEST_CARD_S, le=edit.LONGEST_CARD_S)] = edit.DEFAULT_CARD_S
    text: Annotated[str, Field(max_length=edit.MOST_CARD)]


class EditDoc(Shown):
    """A whole edit. `rate` null leaves it to the sources; `head_revision` names the save that an editor began from."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    aspect: Aspect = "9:16"
    rate: Rational | None = None
    title: Annotated[str, Field(max_length=edit.MOST_TITLE)] = ""
    head_revision: Saved = 0
    clips: Annotated[tuple[ClipDoc, ...], Field(max_length=edit.MOST_CLIPS)]
    cards: Annotated[tuple[CardDoc, ...], Field(max_length=edit.MOST_CARDS)] = ()

    @classmethod
    def of(cls, document: EditDocument) -> EditDoc:
        """Return a document as the API says it."""
        return cls.model_validate(edit.to_json(document))


EXAMPLE: Final[dict[str, Any]] = {
    "schema": 1,
    "aspect": "9:16",
    "rate": None,
    "title": "Mia, spring",
    "head_revision": 3,
    "clips": [
        {
            "id": "0197a1b2-0000-7000-8000-000000000001",
            "clip_id": "0197a1b2-0000-7000-8000-000000000002",
            "revision": 2,
            "source_id": "0197a1b2-0000-7000-8000-000000000003",
            "time_base": [1, 15360],
            "in_pts": 153600,
            "out_pts": 230400,
            "crops": {
                "9:16": {
                    "framed": True,
                    "keys": [
                        {
                            "id": "0197a1b2-0000-7000-8000-000000000004",
                            "pts": 153600,
                            "cx": 0.5,
                            "cy": 0.55,
                            "h": 0.6,
                        }
                    ],
                }
            },
        }
    ],
    "cards": [],
}

Saving: TypeAlias = Annotated[
    EditDocument,
    PlainValidator(edit.parse, json_schema_input_type=EditDoc),
    Body(openapi_examples={"one clip": {"value": EXAMPLE}}),
]
"""A body that is an edit document. Raises what reel.edit.parse raises, each with a JSON pointer."""
