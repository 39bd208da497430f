"""What a store says of its objects, and of the parts and uploads that become some."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Head:
    """What a store says of an object without its bytes."""

    size_bytes: int
    etag: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing shows it; `modified`, when it was written last, is in UTC."""

    key: str
    size_bytes: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an upload, as the store has it; `number` counts from 1."""

    number: int
    size_bytes: int
    etag: str


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that is neither completed nor aborted; `begun` is in UTC."""

    key: str
    id: str
    begun: datetime
