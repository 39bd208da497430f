"""The edit document, version 1: what a project's editor saves and reads back.

    {schema: 1, aspect, rate, title, head_revision, clips: […], cards: […]}
    clip      {id, clip_id, revision, source_id, time_base: [n, d], in_pts, out_pts, audio, rotation_deg, look,
               crops: {"9:16": {framed, keys: [{id, pts, cx, cy, h, ease, by}]}},
               speeds: [{in_pts, out_pts, rate: [n, d]}], transition_in, spotlights: […], freeze_s, label}
    spotlight {id, in_pts, out_pts, keys: [{id, pts, x, y, rx, ry, ease}], shape, colour, effect, stroke, fill}
    card      {id, revision, before, duration_s, text}

Only `schema`, `clips` and in each clip `time_base`, `in_pts` and `out_pts` are required, and in a list's entries what
has no default, so that a person can write one. What is left out: `aspect` is 9:16, `rate` null (the sources decide),
`source_id` null (the one source there is), `clip_id` null (marked in no game), `look` null (the home's default), a crop
the default one, `audio` on, the rest empty or 0; an `id` is made from its place. A revision of 0 means never saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Final, Literal, Protocol, TypeAlias, TypeVar, get_args

from reel import spotlight as spotlight_rules
from reel.crop import By, Crop, CropKey
from reel.errors import BadField, CropOutsidePicture, Json
from reel.fields import LARGEST_INTEGER, Field
from reel.geometry import Aspect
from reel.keyframes import Ease, require_order
from reel.keys import content_hash, uuid_of
from reel.speed import SpeedSpan, pieces
from reel.spotlight import DEFAULT_RX, DEFAULT_RY, Colour, Effect, Shape, SpotKey, Spotlight
from reel.timing import MAX_RATE, Span

SCHEMA: Final = 1

MOST_CLIPS: Final = 200
MOST_CARDS: Final = 50
MOST_KEYS: Final = 2_000  # of one track
MOST_SPEEDS: Final = 200  # of one clip, as spotlights
MOST_SPOTLIGHTS: Final = 200
MOST_ROTATION_DEG: Final = 20.0
MOST_REACH: Final = 1.0  # how many pictures beyond the picture a spotlight may be: a player leaves it and comes back
MOST_FREEZE_S: Final = 10.0
MOST_TITLE: Final = 120  # characters
MOST_LABEL: Final = 60
MOST_CARD: Final = 280
SHORTEST_CARD_S: Final = 0.5
LONGEST_CARD_S: Final = 10.0
DEFAULT_CARD_S: Final = 3.0

Look: TypeAlias = Literal["crisp", "natural"]
Transition: TypeAlias = Literal["cut", "fade", "dissolve"]


@dataclass(frozen=True, slots=True)
class EditClip:
    """A clip as the project shows it: a span of a source, and what is done to it.

    `clip_id` is the clip of the game that it came from, `source_id` None the one source that there is, `look` None the
    home's default. A shape that `crops` lacks gets the default crop. `label` names the player.
    """

    id: str
    time_base: Fraction
    span: Span
    clip_id: str | None = None
    revision: int = 0
    source_id: str | None = None
    audio: bool = True
    rotation_deg: float = 0.0
    look: Look | None = None
    crops: Mapping[Aspect, Crop] = field(default_factory=dict[Aspect, Crop])
    speeds: tuple[SpeedSpan, ...] = ()
    transition_in: Transition = "cut"
    spotlights: tuple[Spotlight, ...] = ()
    freeze_s: float = 0.0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A text that fills the picture for a while, before the clip `before`, or after the last one if that is None."""

    id: str
    text: str
    before: str | None = None
    duration_s: float = DEFAULT_CARD_S
    revision: int = 0


@dataclass(frozen=True, slots=True)
class EditDocument:
    """A whole edit. `rate` is None while the sources decide; `clips` stand in the order of the reel."""

    aspect: Aspect = "9:16"
    rate: Fraction | None = None
    title: str = ""
    head_revision: int = 0
    clips: tuple[EditClip, ...] = ()
    cards: tuple[Card, ...] = ()


def parse(raw: object) -> EditDocument:
    """Read an edit document out of parsed JSON, strictly.

    Raises BadField (unknown or missing fields, wrong types, values out of range, an id twice), EmptySpan,
    CropOutsidePicture, KeyframesOutOfOrder, SpeedsOverlap, SpotlightTooShort and SpotlightsOverlap, each with a JSON
    pointer in `details.field`. What needs the source's size (a crop's edges) is checked where the source is known.
    """
    members = Field(raw).members("schema", "aspect", "rate", "title", "head_revision", "clips", "cards")
    members["schema"].integer(SCHEMA, SCHEMA)
    clips = _each(members["clips"].required(), MOST_CLIPS, _clip)
    return EditDocument(
        aspect=members["aspect"].choice(get_args(Aspect), "9:16"),
        rate=_rate(members["rate"]) if members["rate"].given else None,
        title=members["title"].text(MOST_TITLE, ""),
        head_revision=members["head_revision"].integer(0, default=0),
        clips=clips,
        cards=_cards(members["cards"], clips),
    )


def to_json(document: EditDocument) -> dict[str, Json]:
    """Write an edit document whole, defaults too; parse is the inverse."""
    return {
        "schema": SCHEMA,
        "aspect": document.aspect,
        "rate": _terms(document.rate) if document.rate else None,
        "title": document.title,
        "head_revision": document.head_revision,
        "clips": [_clip_json(clip) for clip in document.clips],
        "cards": [asdict(card) for card in document.cards],
    }


# Reading


def _clip(clip: Field) -> EditClip:
    members = clip.members(
        *("id", "clip_id", "revision", "source_id", "time_base", "in_pts", "out_pts", "audio", "rotation_deg", "look"),
        *("crops", "speeds", "transition_in", "spotlights", "freeze_s", "label"),
    )
    time_base = members["time_base"].rational()
    span = _span(members)
    return EditClip(
        id=_id(members["id"]),
        time_base=time_base,
        span=span,
        clip_id=members["clip_id"].uuid() if members["clip_id"].given else None,
        revision=members["revision"].integer(0, default=0),
        source_id=members["source_id"].uuid() if members["source_id"].given else None,
        audio=members["audio"].boolean(True),
        rotation_deg=members["rotation_deg"].number(-MOST_ROTATION_DEG, MOST_ROTATION_DEG, 0.0),
        look=members["look"].choice(get_args(Look)) if members["look"].given else None,
        crops=_crops(members["crops"]),
        speeds=_speeds(members["speeds"], span),
        transition_in=members["transition_in"].choice(get_args(Transition), "cut"),
        spotlights=_spotlights(members["spotlights"], span, time_base),
        freeze_s=members["freeze_s"].number(0.0, MOST_FREEZE_S, 0.0),
        label=members["label"].text(MOST_LABEL, ""),
    )


def _span(members: Mapping[str, Field]) -> Span:
    in_pts, out_pts = members["in_pts"].integer(), members["out_pts"].integer()
    with members["out_pts"].at_fault():
        return Span(in_pts, out_pts)


def _crops(crops: Field) -> dict[Aspect, Crop]:
    return {Field(name, crop.pointer).choice(get_args(Aspect)): _crop(crop) for name, crop in crops.entries().items()}


def _crop(crop: Field) -> Crop:
    members = crop.members("framed", "keys")
    keys = _each(members["keys"], MOST_KEYS, _crop_key)
    with members["keys"].at_fault():
        require_order(keys, "")
    return Crop(framed=members["framed"].boolean(True), keys=keys)


def _crop_key(key: Field) -> CropKey:
    members = key.members("id", "pts", "cx", "cy", "h", "ease", "by")
    return CropKey(
        id=_id(members["id"]),
        pts=members["pts"].integer(),
        cx=_inside(members["cx"]),
        cy=_inside(members["cy"]),
        h=_height(members["h"]),
        ease=members["ease"].choice(get_args(Ease), "smooth"),
        by=members["by"].choice(get_args(By), "hand"),
    )


def _inside(part: Field) -> float:
    """Read a part of the picture: more than the whole of it reaches outside, whatever the source."""
    value = part.number(-LARGEST_INTEGER, LARGEST_INTEGER)
    if not 0.0 <= value <= 1.0:
        raise CropOutsidePicture(field=part.pointer)
    return value


def _height(part: Field) -> float:
    if (height := _inside(part)) == 0.0:
        raise part.wrong("has to be more than 0")
    return height


def _speeds(speeds: Field, span: Span) -> tuple[SpeedSpan, ...]:
    found = tuple(_speed(speed) for speed in speeds.items(MOST_SPEEDS))
    with speeds.at_fault():
        pieces(span, found)
    return found


def _speed(speed: Field) -> SpeedSpan:
    members = speed.members("in_pts", "out_pts", "rate")
    in_pts, out_pts = members["in_pts"].integer(), members["out_pts"].integer()
    rate = members["rate"].rational()
    with speed.at_fault():
        return SpeedSpan(in_pts, out_pts, rate)


def _spotlights(spotlights: Field, span: Span, time_base: Fraction) -> tuple[Spotlight, ...]:
    found = _each(spotlights, MOST_SPOTLIGHTS, _spotlight)
    with spotlights.at_fault():
        spotlight_rules.validate(found, span, time_base)
    return found


def _spotlight(spotlight: Field) -> Spotlight:
    members = spotlight.members("id", "in_pts", "out_pts", "keys", "shape", "colour", "effect", "stroke", "fill")
    span = _span(members)
    return Spotlight(
        id=_id(members["id"]),
        in_pts=span.in_pts,
        out_pts=span.out_pts,
        keys=_each(members["keys"], MOST_KEYS, _spot_key),
        shape=members["shape"].choice(get_args(Shape), "body"),
        colour=members["colour"].choice(get_args(Colour), "white"),
        effect=members["effect"].choice(get_args(Effect), "dark"),
        stroke=members["stroke"].boolean(True),
        fill=members["fill"].boolean(False),
    )


def _spot_key(key: Field) -> SpotKey:
    members = key.members("id", "pts", "x", "y", "rx", "ry", "ease")
    return SpotKey(
        id=_id(members["id"]),
        pts=members["pts"].integer(),
        x=members["x"].number(-MOST_REACH, 1.0 + MOST_REACH),
        y=members["y"].number(-MOST_REACH, 1.0 + MOST_REACH),
        rx=members["rx"].number(0.0, 1.0, DEFAULT_RX),
        ry=members["ry"].number(0.0, 1.0, DEFAULT_RY),
        ease=members["ease"].choice(get_args(Ease), "smooth"),
    )


def _cards(cards: Field, clips: Sequence[EditClip]) -> tuple[Card, ...]:
    found = _each(cards, MOST_CARDS, _card)
    known = {clip.id for clip in clips}
    for place, card in enumerate(found):
        if card.before is not None and card.before not in known:
            raise BadField(f"{cards.pointer}/{place}/before", "names no clip of this edit")
    return found


def _card(card: Field) -> Card:
    members = card.members("id", "revision", "before", "duration_s", "text")
    return Card(
        id=_id(members["id"]),
        text=members["text"].text(MOST_CARD, lines=True),
        before=members["before"].uuid() if members["before"].given else None,
        duration_s=members["duration_s"].number(SHORTEST_CARD_S, LONGEST_CARD_S, DEFAULT_CARD_S),
        revision=members["revision"].integer(0, default=0),
    )


def _rate(rate: Field) -> Fraction:
    found = rate.rational()
    if not 1 <= found <= MAX_RATE:
        raise rate.wrong(f"has to be from 1 to {MAX_RATE} frames a second")
    return found


def _id(part: Field) -> str:
    """Read an id; one that is left out is made from its place, so that reading twice gives the same document."""
    return part.uuid() if part.given else uuid_of(content_hash(part.pointer))


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)


def _each(array: Field, most: int, read: Callable[[Field], N]) -> tuple[N, ...]:
    """Read an array of things with ids, none of them twice."""
    things: list[N] = []
    seen: set[str] = set()
    for item in array.items(most):
        thing = read(item)
        if thing.id in seen:
            raise BadField(f"{item.pointer}/id", f"{thing.id} is there twice")
        seen.add(thing.id)
        things.append(thing)
    return tuple(things)


# Writing


def _clip_json(clip: EditClip) -> dict[str, Json]:
    return {
        "id": clip.id,
        "clip_id": clip.clip_id,
        "revision": clip.revision,
        "source_id": clip.source_id,
        "time_base": _terms(clip.time_base),
        "in_pts": clip.span.in_pts,
        "out_pts": clip.span.out_pts,
        "audio": clip.audio,
        "rotation_deg": clip.rotation_deg,
        "look": clip.look,
        "crops": {aspect: _crop_json(crop) for aspect, crop in clip.crops.items()},
        "speeds": [_speed_json(speed) for speed in clip.speeds],
        "transition_in": clip.transition_in,
        "spotlights": [_spotlight_json(spotlight) for spotlight in clip.spotlights],
        "freeze_s": clip.freeze_s,
        "label": clip.label,
    }


def _crop_json(crop: Crop) -> dict[str, Json]:
    return {"framed": crop.framed, "keys": [asdict(key) for key in crop.keys]}


def _speed_json(speed: SpeedSpan) -> dict[str, Json]:
    return {"in_pts": speed.in_pts, "out_pts": speed.out_pts, "rate": _terms(speed.rate)}


def _spotlight_json(spotlight: Spotlight) -> dict[str, Json]:
    return {**asdict(spotlight), "keys": [asdict(key) for key in spotlight.keys]}


def _terms(rational: Fraction) -> list[Json]:
    return [rational.numerator, rational.denominator]
