"""Costs: what a job has come to, as its result says; one machine says nothing, since it asks nobody for money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reel.errors import Json

MOST_CONTAINERS: Final = 10_000

_Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Text = Annotated[str, Field(max_length=100)]


class _Said(BaseModel):
    """What a worker said. One of another release may have said more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Container(_Said):
    """What one container has taken for a job: until it began, if it was fresh, its work, and the wait after it."""

    machine: _Text
    start_s: _Amount
    work_s: _Amount
    tail_s: _Amount
    cores: _Amount
    memory_gib: _Amount
    gpu: _Text | None
    dollars: _Amount


class Cost(_Said):
    """The dollars of a job, by the prices of a month ("2026-07"), and each container that had a hand in it."""

    dollars: _Amount
    prices_of: _Text | None
    containers: Annotated[tuple[Container, ...], Field(max_length=MOST_CONTAINERS)]


NOTHING: Final = Cost(dollars=0, prices_of=None, containers=())
"""The cost of a job that nobody was given."""


def cost_of(value: Mapping[str, Json] | None) -> Cost | None:
    """Return the cost that a job's value says, beside whatever else; None where it says none that can be read."""
    try:
        return Cost.model_validate((value or {}).get("cost"))
    except ValidationError:
        return None
