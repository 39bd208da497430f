"""An order: what a call of Modal is given, as text. Old and new containers overlap while a release is rolled out."""

from __future__ import annotations

import json
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from jobs.retries import Faults
from jobs.spec import Spec
from reel.errors import Internal

VERSION: Final = 1
"""Of what an order says. A release reads its own version and the one before; a newer one it gives back."""


class Order(BaseModel):
    """A job to be done: in which turn, and what went wrong in those before it.

    Every version there will be has `schema_version`, `job`, `user` and `turn` at the top: who cannot read an order can
    give it back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = VERSION
    job: str
    user: str
    turn: int
    infra: int = 0
    resource: int = 0
    store_since_s: float | None = None
    spec: Spec

    @property
    def faults(self) -> Faults:
        """What went wrong so far."""
        return Faults(self.infra, self.resource, self.store_since_s)

    @classmethod
    def of(cls, spec: Spec, turn: int, faults: Faults) -> Order:
        """Return the order for a turn of a job."""
        return cls(
            job=spec.job,
            user=spec.user,
            turn=turn,
            infra=faults.infra,
            resource=faults.resource,
            store_since_s=faults.store_since_s,
            spec=spec,
        )


def read_order(text: str) -> Order:
    """Return what an order says. Raises Internal for one that this release cannot read."""
    try:
        return Order.model_validate_json(text)
    except ValidationError as unknown:
        raise Internal("This release cannot read the job.", reason=str(unknown)[:500]) from unknown


def whose(text: str) -> tuple[str, str, int]:
    """Return the job, the user and the turn of an order, also of one that cannot be read otherwise."""
    said = json.loads(text)
    return said["job"], said["user"], said["turn"]
