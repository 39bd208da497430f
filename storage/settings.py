"""Settings: what a person set for the whole account, as one small document with a revision.

{lead_ms, lag_ms, tag_times: {"Goal": {lead_ms, lag_ms}}, own_tags, minimum_rating, aspect, look, theme}
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Final, Literal, TypeAlias, get_args

from reel.annotation import DEFAULT_RATING, LAG_S, LEAD_S, LONGEST_S, MOST_TAG, SHORTEST_S
from reel.edit import Look
from reel.errors import ClipLengthOutOfRange, Json
from reel.fields import Field
from reel.geometry import Aspect
from storage.rows import dumped, loaded, stale

Theme: TypeAlias = Literal["system", "dark", "light"]

MOST_OWN_TAGS: Final = 100
LONGEST_MS: Final = int(LONGEST_S * 1000)


@dataclass(frozen=True, slots=True)
class Around:
    """How far a new clip reaches before the playhead and behind it, in milliseconds; together 1 to 60 s."""

    lead_ms: int = int(LEAD_S * 1000)
    lag_ms: int = int(LAG_S * 1000)

    @property
    def lead_s(self) -> Fraction:
        """The lead in seconds."""
        return Fraction(self.lead_ms, 1000)

    @property
    def lag_s(self) -> Fraction:
        """The lag in seconds."""
        return Fraction(self.lag_ms, 1000)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. `tag_times` are for clips begun by a tag, `look` None leaves it to the home."""

    around: Around = Around()
    tag_times: Mapping[str, Around] = field(default_factory=dict[str, Around])
    own_tags: tuple[str, ...] = ()
    minimum_rating: int = DEFAULT_RATING
    aspect: Aspect = "9:16"
    look: Look | None = None
    theme: Theme = "system"
    revision: int = 0


def parse(raw: object, revision: int) -> Settings:
    """Read settings out of parsed JSON; what is left out is as at first. Raises BadField, ClipLengthOutOfRange."""
    members = Field(raw).members(
        *("lead_ms", "lag_ms", "tag_times", "own_tags", "minimum_rating", "aspect", "look", "theme")
    )
    times = members["tag_times"].entries()
    return Settings(
        around=_around({"lead_ms": members["lead_ms"], "lag_ms": members["lag_ms"]}),
        tag_times={_tag(Field(tag, at.pointer)): _around(at.members("lead_ms", "lag_ms")) for tag, at in times.items()},
        own_tags=tuple(dict.fromkeys(_tag(tag) for tag in members["own_tags"].items(MOST_OWN_TAGS))),
        minimum_rating=members["minimum_rating"].integer(1, 5, DEFAULT_RATING),
        aspect=members["aspect"].choice(get_args(Aspect), "9:16"),
        look=members["look"].choice(get_args(Look)) if members["look"].given else None,
        theme=members["theme"].choice(get_args(Theme), "system"),
        revision=revision,
    )


def to_json(settings: Settings) -> dict[str, Json]:
    """Write settings, without their revision; parse is the inverse."""
    return {
        **asdict(settings.around),
        "tag_times": {tag: asdict(around) for tag, around in settings.tag_times.items()},
        "own_tags": list(settings.own_tags),
        "minimum_rating": settings.minimum_rating,
        "aspect": settings.aspect,
        "look": settings.look,
        "theme": settings.theme,
    }


def get(connection: sqlite3.Connection) -> Settings:
    """Return the settings; until any were saved, those at first with revision 0."""
    row = connection.execute("SELECT body, revision FROM settings").fetchone()
    return parse(loaded(row[0]), row[1]) if row else Settings()


def change(connection: sqlite3.Connection, settings: Settings, now: str) -> Settings:
    """Save settings; `revision` is the one that the client saw. Raises StaleRevision, BadField."""
    checked = parse(to_json(settings), settings.revision + 1)
    current = get(connection)
    if current.revision != settings.revision:
        stale(current)
    connection.execute(
        "INSERT INTO settings (only, body, revision, updated_at) VALUES (1, ?1, ?2, ?3)"
        " ON CONFLICT DO UPDATE SET body = ?1, revision = ?2, updated_at = ?3",
        (dumped(to_json(checked)), checked.revision, now),
    )
    return checked


def _around(members: Mapping[str, Field]) -> Around:
    first = Around()
    found = Around(
        members["lead_ms"].integer(0, LONGEST_MS, first.lead_ms), members["lag_ms"].integer(0, LONGEST_MS, first.lag_ms)
    )
    if not SHORTEST_S <= found.lead_s + found.lag_s <= LONGEST_S:
        raise ClipLengthOutOfRange(field=members["lead_ms"].pointer, duration_s=float(found.lead_s + found.lag_s))
    return found


def _tag(tag: Field) -> str:
    text = tag.text(MOST_TAG).strip()
    if not text or "," in text:
        raise tag.wrong("has to be a word or a few, without commas")
    return text
