"""What a body is given to work with, and how it says how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jobs.ports import Announce, Ledger, Store, Upscaler
from jobs.spec import Look

if TYPE_CHECKING:
    from jobs.part import Help


class Report(Protocol):
    """Called by a body at least every 200 ms of its own work."""

    def __call__(self, *, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
        """Note progress: frames done of frames in all; a phase that names a total counts anew.

        Raises Cancelled as soon as the person cancelled.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """The adapters of one home. `upscaler` gives a look's network for an enlargement, the same one for the same two.

    `help_with` asks for other machines that render parts of a framing too; one machine has none.
    """

    store: Store
    ledger: Ledger
    announce: Announce
    upscaler: Callable[[Look, float], Upscaler]
    scratch: Path
    clock: Callable[[], float]
    help_with: Help | None = None
