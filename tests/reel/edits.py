"""Edit documents to test with: a short one, and any that there can be."""

from __future__ import annotations

from fractions import Fraction
from typing import get_args
from uuid import UUID

from hypothesis import strategies as st

from reel.crop import By, Crop, CropKey
from reel.edit import Card, EditClip, EditDocument, Look, Transition
from reel.geometry import Aspect
from reel.keyframes import Ease
from reel.speed import SpeedSpan
from reel.spotlight import Colour, Effect, Shape, SpotKey, Spotlight
from reel.timing import Span

MILLISECONDS = Fraction(1, 1000)


def uuid(number: int) -> str:
    """Return a UUIDv7; a higher number was made later."""
    return str(UUID(int=number << 80 | 0x7 << 76 | 0x2 << 62))


def clip(number: int, label: str = "", revision: int = 1) -> EditClip:
    return EditClip(uuid(number), MILLISECONDS, Span(1000, 7000), label=label, revision=revision)


def card(number: int, text: str = "", before: int | None = None, revision: int = 1) -> Card:
    return Card(uuid(number), text, None if before is None else uuid(before), revision=revision)


ids = st.uuids(version=7).map(str) if False else st.integers(1, 2**48 - 1).map(uuid)
parts = st.floats(0, 1)
line = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)


@st.composite
def documents(draw: st.DrawFn) -> EditDocument:
    """Any edit document."""
    clips = draw(st.lists(clips_(), max_size=3, unique_by=lambda clip: clip.id))
    anchors = st.sampled_from([None, *(clip.id for clip in clips)])
    cards = st.builds(Card, ids, line, anchors, st.floats(0.5, 10), st.integers(0, 9))
    return EditDocument(
        aspect=draw(st.sampled_from(get_args(Aspect))),
        rate=draw(st.sampled_from([None, Fraction(25), Fraction(30000, 1001), Fraction(60)])),
        title=draw(line),
        head_revision=draw(st.integers(0, 9)),
        clips=tuple(clips),
        cards=tuple(draw(st.lists(cards, max_size=2, unique_by=lambda card: card.id))),
    )


@st.composite
def clips_(draw: st.DrawFn) -> EditClip:
    """Any clip, of 1 to 60 s."""
    in_pts = draw(st.integers(-10_000, 10_000_000))
    span = Span(in_pts, in_pts + draw(st.integers(1000, 60_000)))
    return EditClip(
        id=draw(ids),
        time_base=MILLISECONDS,
        span=span,
        clip_id=draw(st.none() | ids),
        revision=draw(st.integers(0, 9)),
        source_id=draw(st.none() | ids),
        audio=draw(st.booleans()),
        rotation_deg=draw(st.floats(-20, 20)),
        look=draw(st.sampled_from([None, *get_args(Look)])),
        crops=draw(st.dictionaries(st.sampled_from(get_args(Aspect)), crops())),
        speeds=draw(speeds(span)),
        transition_in=draw(st.sampled_from(get_args(Transition))),
        spotlights=draw(spotlights(span)),
        freeze_s=draw(st.floats(0, 10)),
        label=draw(line),
    )


@st.composite
def crops(draw: st.DrawFn) -> Crop:
    keys = st.builds(
        CropKey, ids, moments(), parts, parts, st.floats(0.01, 1), st.sampled_from(get_args(Ease)), st.sampled_from(get_args(By))
    )
    return Crop(draw(st.booleans()), track(draw(st.lists(keys, min_size=1, max_size=3, unique_by=(id_of, pts_of)))))
