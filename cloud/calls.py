"""Calls of Modal's functions: begun, stopped, and asked whether they have ended. Never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import modal
import modal.exception

from cloud.line import Line
from jobs.spec import FramingSpec, PreviewSpec, SmallCopySpec, Spec

Function = Callable[[str], Any]
"""Gives the handle of a function by its name in FUNCTIONS."""

FUNCTIONS: Final = (
    *("framing", "overlay", "extract", "compile", "ingest", "demo", "window", "trim", "archive", "draft"),
    *("assist", "vet", "watch"),
)

_AWAY: Final = (modal.exception.ConnectionError, modal.exception.ServiceError, modal.exception.AuthError)


def function_of(spec: Spec) -> str:
    """Return the name of the function that does a job. A draft runs no network: it needs no GPU, and waits for none."""
    match spec:
        case FramingSpec() | PreviewSpec():
            return "draft" if spec.draft else "framing"
        case SmallCopySpec():
            return "compile"  # a whole video is encoded, without a network: the same machine
        case _:
            return spec.kind


@dataclass(frozen=True, slots=True)
class Calls:
    """The functions of one deployed app. Every method raises StoreUnavailable."""

    function: Function
    line: Line

    def spawn(self, name: str, *arguments: str) -> str:
        """Begin a call; return its id."""
        return self.line.ask_one(partial(self._spawn, name, arguments))

    def cancel(self, call: str) -> None:
        """Stop a call, or keep it from beginning; fine if it has ended."""
        self.line.ask_one(partial(self._cancel, call))

    def has_ended(self, call: str) -> bool:
        """Say whether a call has ended, in whatever way; so has one that Modal does not know any more."""
        return self.line.ask_one(partial(self._has_ended, call))

    def is_deployed(self) -> bool:
        """Say whether the app is there at all."""
        return self.line.ask_one(self._is_deployed)

    async def _is_deployed(self) -> bool:
        try:
            await self.function("watch").hydrate.aio()
        except modal.exception.NotFoundError:
            return False
        return True

    async def _spawn(self, name: str, arguments: tuple[str, ...]) -> str:
        return (await self.function(name).spawn.aio(*arguments)).object_id

    async def _cancel(self, call: str) -> None:
        try:
            await modal.FunctionCall.from_id(call).cancel.aio()
        except modal.exception.NotFoundError:
            return

    async def _has_ended(self, call: str) -> bool:
        asked = modal.FunctionCall.from_id(call).get.aio(timeout=0)
        [outcome] = await asyncio.gather(asked, return_exceptions=True)  # a function may have raised anything
        if isinstance(outcome, _AWAY):
            raise outcome
        return type(outcome) is not TimeoutError
