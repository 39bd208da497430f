"""The inbox: "settle me". A hint, so that nobody waits for the next look around; what is lost is found without it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from queue import Empty

import modal

from cloud.line import Line
from reel.errors import StoreUnavailable

SPARE_S = 10.0  # that an answer may take beyond the time that is waited on purpose


@dataclass(frozen=True, slots=True)
class Hint:
    """A job that somebody should look at: since it ended, or, from `due_s` on, since its next turn is due."""

    user: str
    job: str
    due_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Inbox:
    """A Queue as one process reaches it."""

    queue: modal.Queue
    line: Line

    def put(self, hint: Hint) -> None:
        """Leave a hint; one that cannot be left is lost."""
        with suppress(StoreUnavailable):
            self.line.ask_one(partial(self._put, json.dumps(asdict(hint))))

    def take(self, within_s: float) -> Hint | None:
        """Take the next hint out, waiting for it for some time. Raises StoreUnavailable."""
        text = self.line.ask_one(partial(self._get, within_s), within_s=within_s + SPARE_S)
        return None if text is None else Hint(**json.loads(text))

    async def _put(self, text: str) -> None:
        await self.queue.put.aio(text)

    async def _get(self, within_s: float) -> str | None:
        try:
            return await self.queue.get.aio(block=True, timeout=within_s)
        except Empty:
            return None
