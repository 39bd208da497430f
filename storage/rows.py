"""Rows: the few things that every aggregate's queries share."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final, NoReturn, TypeAlias

from reel.errors import NotFound, StaleRevision
from reel.keys import canonical_json

Value: TypeAlias = "int | str | None"

AMONG: Final = "IN (SELECT value FROM json_each(?))"
"""Follows a column; takes `array` of any number of values as its one parameter."""


def one(connection: sqlite3.Connection, query: str, values: Sequence[Value], what: str, name: str) -> tuple[Any, ...]:
    """Return the one row of a query. Raises NotFound with `what` is missing and its id."""
    row = connection.execute(query, values).fetchone()
    if row is None:
        raise missing(what, name)
    return row


def missing(what: str, name: str) -> NotFound:
    """Return the error that there is no such thing."""
    return NotFound(f"There is no such {what}.", what=what, id=name)


def stale(current: Any) -> NoReturn:
    """Raise StaleRevision with the row as it is now, a dataclass, in `details.current`."""
    raise StaleRevision(current=json.loads(canonical_json(asdict(current))))


def array(values: Iterable[Value]) -> str:
    """Return values as AMONG takes them."""
    return json.dumps(list(values))


def dumped(value: object) -> str:
    """Write JSON as it is kept: the same text for the same value."""
    return canonical_json(value).decode()


def loaded(text: str | None) -> Any:
    """Read JSON as it is kept; None stays None."""
    return None if text is None else json.loads(text)
