"""A visit: what is known of one request from its first byte to its last, whoever handles it in between."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from uuid import uuid4

from starlette.requests import HTTPConnection

from storage.timing import Timing

PLACE = "reel.visit"


@dataclass(slots=True)
class Visit:
    """One request. `cookies` are set with the answer, whatever that is: a guest who was made for it stays known."""

    request_id: str = field(default_factory=lambda: uuid4().hex)
    began_s: float = field(default_factory=time.monotonic)
    timing: Timing = field(default_factory=Timing)
    cookies: list[str] = field(default_factory=list[str])

    @property
    def elapsed_s(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.began_s


def visit_of(request: HTTPConnection) -> Visit:
    """Return the visit that a request is."""
    return request.scope[PLACE]
