"""Tidying up at home: once a day, also on a machine that runs for an hour a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from endpoints.caller import moment
from endpoints.services import Services
from local.wiring import Settings
from storage.tidy import tidy

LOOK_EVERY_S: Final = 1800.0
DAY_S: Final = 20 * 3600.0
"""A bit less, so that a machine that is started each evening tidies each evening."""


@dataclass(frozen=True, slots=True)
class Tidying:
    """Tidies up if that is due. When it was done last is the time of a file."""

    settings: Settings
    services: Services

    def __call__(self) -> None:
        """Do it. Raises StoreUnavailable."""
        now_s, mark = self.services.clock.time_s(), self.settings.tidied_path
        if mark.exists() and 0 <= now_s - mark.stat().st_mtime < DAY_S:
            return
        tidy(self.services.databases, self.services.objects, moment(now_s), self.services.sessions.lives)
        mark.touch()
