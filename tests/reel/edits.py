"""Edit documents to test with: a short one, and any that there can be."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeVar, get_args
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


ids = st.integers(1, 2**48 - 1).map(uuid)
parts = st.floats(0, 1)
positive = st.floats(0.01, 1)
moments = st.integers(-10_000, 10_000_000)
eases: st.SearchStrategy[Ease] = st.sampled_from(get_args(Ease))
lines = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)

K = TypeVar("K", CropKey, SpotKey)


def tracks(keys: st.SearchStrategy[K]) -> st.SearchStrategy[tuple[K, ...]]:
    listed = st.lists(keys, min_size=1, max_size=3, unique_by=(lambda key: key.id, lambda key: key.pts))
    return listed.map(lambda found: tuple(sorted(found, key=lambda key: key.pts)))


crops = st.builds(
    Crop,
    st.booleans(),
    tracks(st.builds(CropKey, ids, moments, parts, parts, positive, eases, st.sampled_from(get_args(By)))),
)


@st.composite
def speeds(draw: st.DrawFn) -> tuple[SpeedSpan, ...]:
    ends = sorted(draw(st.lists(moments, max_size=5, unique=True)))
    rates = st.fractions(Fraction(1, 4), Fraction(2), max_denominator=100)
    return tuple(
        SpeedSpan(in_pts, out_pts, draw(rates)) for in_pts, out_pts in zip(ends[::2], ends[1::2], strict=False)
    )


@st.composite
def spotlights(draw: st.DrawFn, span: Span) -> tuple[Spotlight, ...]:
    found: list[Spotlight] = []
    at = span.in_pts + draw(st.integers(-300, 300))
    while at < span.out_pts and draw(st.booleans()):
        out_pts = at + draw(st.integers(500, 30_000))
        spotlight = st.builds(
            Spotlight,
            st.just(uuid(len(found) + 1)),
            st.just(at),
            st.just(out_pts),
            tracks(st.builds(SpotKey, ids, moments, st.floats(-1, 2), st.floats(-1, 2), positive, positive, eases)),
            st.sampled_from(get_args(Shape)),
            st.sampled_from(get_args(Colour)),
            st.sampled_from(get_args(Effect)),
            st.booleans(),
            st.booleans(),
        )
        found.append(draw(spotlight))
        at = out_pts + draw(st.integers(0, 5_000))
    return tuple(found)


@st.composite
def clips(draw: st.DrawFn) -> EditClip:
    """Any clip, of 1 to 60 s."""
    in_pts = draw(moments)
    span = Span(in_pts, in_pts + draw(st.integers(1_000, 60_000)))
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
        crops=draw(st.dictionaries(st.sampled_from(get_args(Aspect)), crops, max_size=2)),
        speeds=draw(speeds()),
        transition_in=draw(st.sampled_from(get_args(Transition))),
        spotlights=draw(spotlights(span)),
        freeze_s=draw(st.floats(0, 10)),
        label=draw(lines),
    )


@st.composite
def documents(draw: st.DrawFn) -> EditDocument:
    """Any edit document."""
    found = draw(st.lists(clips(), max_size=3, unique_by=lambda one: one.id))
    anchors = st.sampled_from([None, *(one.id for one in found)])
    cards = st.builds(Card, ids, lines, anchors, st.floats(0.5, 10), st.integers(0, 9))
    return EditDocument(
        aspect=draw(st.sampled_from(get_args(Aspect))),
        rate=draw(st.sampled_from([None, Fraction(25), Fraction(30000, 1001), Fraction(60)])),
        title=draw(lines),
        head_revision=draw(st.integers(0, 9)),
        clips=tuple(found),
        cards=tuple(draw(st.lists(cards, max_size=2, unique_by=lambda one: one.id))),
    )
