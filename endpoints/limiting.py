"""Rate limits: how often one caller may ask. Kept in this process: a second one doubles them, which is fine."""

from __future__ import annotations

import time
from typing import Literal, TypeAlias

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from endpoints.policy import Rate, Rates
from reel.refusals import TooManyRequests

Of: TypeAlias = Literal["reads", "writes", "exports", "new_guests", "sign_ins"]


class Limiter:
    """Counts what callers do, by the kind of it."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, kind: Of, who: str) -> None:
        """Count one more of a kind. Raises TooManyRequests."""
        rate: Rate = getattr(self._rates, kind)
        if rate is None:
            return
        count, per_s = rate
        item = RateLimitItemPerSecond(count, per_s)
        if not self._limiter.hit(item, kind, who):
            opens_s = self._limiter.get_window_stats(item, kind, who).reset_time - time.time()
            raise TooManyRequests(retry_after_s=max(1, round(opens_s)))
