"""Entries: short texts under names in a Modal Dict, of which one operation alone is atomic, "put unless there"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import modal

from cloud.line import Line

PATIENCE_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Entries:
    """A Dict as one process reaches it. Every method raises StoreUnavailable.

    What is in it may be lost at any time, all of it at once: an entry expires a week after its last use.
    """

    entries: modal.Dict
    line: Line

    def read(self, *names: str) -> Sequence[str | None]:
        """Return what stands under each name, read side by side."""
        return self.line.ask(*(partial(self._get, name) for name in names))

    def first(self, name: str, text: str) -> str:
        """Put a text where none stands; return what stands there now: this text, or that of whoever was first.

        Whoever has to know which of the two it is gives a text that nobody else would give: a put that is sent twice,
        because its answer was lost, finds its own.
        """
        if self.line.ask_one(partial(self._put, name, text, once=True)):
            return text
        [there] = self.read(name)
        return text if there is None else there  # it was lost just now

    def put(self, name: str, text: str) -> None:
        """Write an entry that only one writer writes."""
        self.line.ask_one(partial(self._put, name, text, once=False))

    def drop(self, name: str) -> None:
        """Remove an entry; fine if there is none."""
        self.line.ask_one(partial(self._pop, name))

    def all(self) -> Sequence[tuple[str, str]]:
        """Return every entry with its name: minutes for a large Dict, so only for people who look after it."""
        return self.line.ask_one(self._all, within_s=PATIENCE_S)

    async def _all(self) -> list[tuple[str, str]]:
        return [pair async for pair in self.entries.items.aio()]

    async def _get(self, name: str) -> Any:
        return await self.entries.get.aio(name, None)

    async def _put(self, name: str, text: str, *, once: bool) -> bool:
        return await self.entries.put.aio(name, text, skip_if_exists=once)

    async def _pop(self, name: str) -> None:
        await self.entries.pop.aio(name, None)
