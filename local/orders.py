"""What the programs of this machine are told: one line of JSON on their standard input, which stays open as a leash."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from local.lanes import Lane
from reel.errors import BadInput
from storage.endpoint import Endpoint

T = TypeVar("T", bound="Orders")


class Orders(BaseModel):
    """What one program has to know. Secrets are told here and nowhere else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def line(self) -> bytes:
        """The line."""
        return self.model_dump_json().encode() + b"\n"


class StoreOrders(Orders):
    """To a store. The keys that it answers to lie in its folder."""

    folder: Path
    port: int
    lan: str | None
    origins: tuple[str, ...]
    keep_free_bytes: int


class WorkerOrders(Orders):
    """To a worker. `relay_keys` are as KeyRing.parse reads them."""

    name: str
    lane: Lane
    data_dir: Path
    weights_dir: Path | None
    store: Endpoint
    publish_url: str
    relay_keys: str


def read_orders(form: type[T], line: bytes) -> T:
    """Read the line. Raises BadInput."""
    try:
        return form.model_validate_json(line)
    except ValidationError as unreadable:
        raise BadInput("This program is started by ./run up, which tells it what to do.") from unreadable
