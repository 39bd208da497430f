"""The name of a thing in an address of its own: /api/projects/{id}, as the promised log lines spell it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Path

from endpoints.models import UUID_PATTERN

ById: TypeAlias = Annotated[str, Path(alias="id", pattern=UUID_PATTERN)]
