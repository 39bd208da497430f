"""The forms of what comes in and goes out: frozen, strict, no field too many."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, Strict

from reel.fields import LARGEST_INTEGER, LARGEST_TERM
from storage.pages import MOST, USUAL

T = TypeVar("T")

UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"

Id: TypeAlias = Annotated[
    str, Field(pattern=UUID_PATTERN, description="a UUID in canonical text; version 7 sorts by time")
]
"""In a body: an id that the client made."""
PathId: TypeAlias = Annotated[str, Path(pattern=UUID_PATTERN)]
"""In a path."""
MediaId: TypeAlias = Annotated[str, Path(pattern=rf"{UUID_PATTERN}|^[0-9a-f]{{64}}$")]
"""In a path: the id of what media is of, or the hash that names it."""
Pts: TypeAlias = Annotated[int, Field(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
Term: TypeAlias = Annotated[int, Field(ge=1, le=LARGEST_TERM)]


def _said_as_two(schema: dict[str, Any]) -> None:
    """Say "two of these", which every reader of descriptions knows, for "this and this", which not every one does."""
    schema["items"] = schema.pop("prefixItems")[0]


Pair: Final = Field(json_schema_extra=_said_as_two)
"""On a tuple of two of a kind."""
Rational: TypeAlias = Annotated[
    tuple[Term, Term], Strict(False), Pair, Field(description="numerator and denominator")  # JSON knows no tuples
]
SizePx: TypeAlias = Annotated[tuple[int, int], Pair, Field(description="width and height, in pixels")]
Moment: TypeAlias = Annotated[str, Field(description="RFC 3339, in UTC", examples=["2026-05-17T10:30:00.000Z"])]
Revision: TypeAlias = Annotated[int, Field(ge=0, le=LARGEST_INTEGER, description="the one that the client saw")]

After: TypeAlias = Annotated[str | None, Query(max_length=1000, description="the `next` of the page before")]
Limit: TypeAlias = Annotated[int, Query(ge=1, le=MOST, description="how many at most")]
USUAL_LIMIT = USUAL


class Asked(BaseModel):
    """What a request's body says."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Shown(BaseModel):
    """What an answer says."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Listed(Shown, Generic[T]):
    """A page of a list. `next` is what to give as `after` for the rest; null at the list's end."""

    items: tuple[T, ...]
    next: str | None


def terms(rational: Fraction) -> tuple[int, int]:
    """Return a rational as answers say it."""
    return rational.numerator, rational.denominator
