"""A job's states, as a table. RESULT beats CANCELLING: what was committed stays."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal, TypeAlias

from reel.errors import IllegalMove

State: TypeAlias = Literal["queued", "running", "cancelling", "result", "done", "cancelled", "failed"]
Event: TypeAlias = Literal["claim", "commit", "settle", "cancel", "stop", "fail"]

TRANSITIONS = MappingProxyType[tuple[State, Event], State](
    {
        ("queued", "claim"): "running",
        ("queued", "cancel"): "cancelled",
        ("queued", "fail"): "failed",
        ("running", "claim"): "running",  # another attempt, after the one before it died
        ("running", "commit"): "result",
        ("running", "cancel"): "cancelling",
        ("running", "stop"): "cancelled",
        ("running", "fail"): "failed",
        ("cancelling", "cancel"): "cancelling",
        ("cancelling", "commit"): "result",
        ("cancelling", "stop"): "cancelled",
        ("cancelling", "fail"): "failed",
        ("result", "commit"): "result",
        ("result", "cancel"): "result",
        ("result", "settle"): "done",
        ("done", "settle"): "done",
    }
)
OPEN: frozenset[State] = frozenset({"queued", "running", "cancelling", "result"})
ENDED: frozenset[State] = frozenset({"done", "cancelled", "failed"})


def after(state: State, event: Event) -> State:
    """Return the state that `event` leads to. Raises IllegalMove."""
    try:
        return TRANSITIONS[state, event]
    except KeyError as absent:
        raise IllegalMove(f"A job that is {state} cannot {event}.", state=state, event=event) from absent
