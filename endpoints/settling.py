"""Settling on the way: a read that shows what jobs make first folds in what has ended, so that nobody sees it late."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, TypeAlias

from fastapi import Depends

from endpoints.caller import NOBODY, Caller, Reading
from reel.errors import AnswerLost, StorageFull, StoreUnavailable


def settled(caller: Reading) -> Caller:
    """Return the caller of a read, to whom everything is told that ended before."""
    settle_for(caller)
    return caller


def settle_for(caller: Caller) -> None:
    """Fold in what ended; where that cannot be written just now, what is there already can still be read."""
    if caller.user != NOBODY:
        with suppress(StoreUnavailable, AnswerLost, StorageFull):
            caller.services.open_jobs.settle(caller.user, caller.visit.timing)


Settled: TypeAlias = Annotated[Caller, Depends(settled)]
"""In the place of Reading. With no job open it costs one request that finds nothing new."""
