"""Annotation: what a person marks in a game: a clip, its rating, its tags, its notes and its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from reel.errors import ClipLengthOutOfRange, ClipOutsideSource
from reel.text import cut
from reel.timing import Span, seconds, to_pts

MOST_NOTES: Final = 280  # characters
MOST_NAME: Final = 80
MOST_TAG: Final = 40
MOST_TAGS: Final = 20
NAME_OF_NOTES: Final = 40  # how many characters of the notes make a name

SHORTEST_S: Final = Fraction(1)
LONGEST_S: Final = Fraction(60)
LEAD_S: Final = Fraction(8)  # a play is over when one marks it, so most of a new clip lies before the playhead
LAG_S: Final = Fraction(2)
DEFAULT_RATING: Final = 4


@dataclass(frozen=True, slots=True)
class Rating:
    """One of the five ratings: its value, the chess player's symbol, its name and its colour (#RRGGBB)."""

    value: int
    symbol: str
    name: str
    colour: str


RATINGS: Final[Mapping[int, Rating]] = MappingProxyType(
    {
        1: Rating(1, "??", "Mental Lapse", "#C62828"),
        2: Rating(2, "?", "Technical Lapse", "#F9A825"),
        3: Rating(3, "!?", "Interesting", "#1565C0"),
        4: Rating(4, "!", "Good", "#2E7D32"),
        5: Rating(5, "!!", "Brilliant", "#66BB6A"),
    }
)

TAGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Attacker": ("Goal", "Assist", "Dribble"),
        "Midfielder": ("Pass", "Chance Creation", "Control"),
        "Defender": ("Tackle", "Interception", "Build-Up"),
        "Goalie": ("Save", "Distribution"),
    }
)
"""The tags offered for each position; own tags are as good."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A span of a source that someone marked. An empty `name` leaves the naming to `clip_name`."""

    id: str
    source_id: str
    time_base: Fraction
    span: Span
    rating: int = DEFAULT_RATING
    tags: tuple[str, ...] = ()
    name: str = ""
    notes: str = ""

    @property
    def shown_name(self) -> str:
        """What the clip is called."""
        return self.name or clip_name(self.rating, self.tags, self.notes)


def clip_name(rating: int, tags: Sequence[str], notes: str) -> str:
    """Return the name of a clip that was given none: its notes, cut at a word, else like "Brilliant Goal and Assist".

    Without a tag it is a "Brilliant Clip".
    """
    if notes.strip():
        return cut(notes, NAME_OF_NOTES)
    *first, last = tags or ("Clip",)
    what = f"{', '.join(first)} and {last}" if first else last
    return f"{RATINGS[rating].name} {what}"


def span_around(
    playhead_pts: int, source: Span, time_base: Fraction, lead_s: Fraction = LEAD_S, lag_s: Fraction = LAG_S
) -> Span:
    """Return the span of a new clip: from `lead_s` before the playhead to `lag_s` after it, inside the source.

    At the source's ends it is cut, but not below 1 s, or the whole of a shorter source. Raises ClipLengthOutOfRange if
    lead and lag together are not 1 to 60 s.
    """
    if not SHORTEST_S <= lead_s + lag_s <= LONGEST_S:
        raise ClipLengthOutOfRange
    shortest_pts = min(to_pts(SHORTEST_S, time_base), source.duration_pts)
    in_pts = max(playhead_pts - to_pts(lead_s, time_base), source.in_pts)
    in_pts = min(in_pts, source.out_pts - shortest_pts)
    out_pts = min(playhead_pts + to_pts(lag_s, time_base), source.out_pts)
    return Span(in_pts, max(out_pts, in_pts + shortest_pts))


def span_at(start_s: Fraction, duration_s: Fraction, source: Span, time_base: Fraction) -> Span:
    """Return the span that begins `start_s` seconds after the source's first shown frame and lasts `duration_s`.

    Lists are written in milliseconds, so an end up to 1 ms past the source's is its end; and since they know no clip
    below 1 s, one from the start of a source that is shorter is the whole source. Raises as `require_length` does.
    """
    in_pts = source.in_pts + to_pts(start_s, time_base)
    out_pts = source.in_pts + to_pts(start_s + duration_s, time_base)
    whole_s = seconds(source.duration_pts, time_base)
    if start_s + duration_s <= whole_s + Fraction(1, 1000) or (start_s == 0 and duration_s == SHORTEST_S > whole_s):
        out_pts = min(out_pts, source.out_pts)
    span = Span(in_pts, out_pts)
    require_length(span, source, time_base)
    return span


def require_length(span: Span, source: Span, time_base: Fraction) -> None:
    """Hold a clip to the rules: inside its source (ClipOutsideSource) and of 1 to 60 s (ClipLengthOutOfRange).

    The whole of a source that is shorter than 1 s is a clip too. One tick is granted to the rounding of the ends.
    """
    if not span.within(source):
        ends_s = float(seconds(source.duration_pts, time_base))
        raise ClipOutsideSource(
            f"The clip reaches past the end of its source, which lasts {ends_s:.3f} s.",
            out_s=float(seconds(span.out_pts - source.in_pts, time_base)),
            source_s=ends_s,
        )
    lasts_s = seconds(span.duration_pts, time_base)
    shortest_s = Fraction(0) if span == source else SHORTEST_S - time_base
    if not shortest_s <= lasts_s <= LONGEST_S + time_base:
        raise ClipLengthOutOfRange(duration_s=float(lasts_s))
