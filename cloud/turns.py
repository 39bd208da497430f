"""The turns of a job: each time that it is handed to Modal. Everything here is put once, by whoever comes first.

{job}/spec         what is to be done
{job}/turn/{n}     that there is an n-th turn: when it is due, what went wrong before it
{job}/call/{n}     the call of Modal that it became: one that comes second is cancelled
{job}/taken/{n}    the call that began it: another one of the same turn does nothing
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from cloud.entries import Entries
from jobs.retries import Faults
from jobs.spec import Spec

_SPEC: TypeAdapter[Spec] = TypeAdapter(Spec)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: `attempt` is how many attempts there were before it, `due_s` when it may begin, since 1970."""

    number: int
    due_s: float
    attempt: int
    faults: Faults


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns of all jobs. Every method raises StoreUnavailable."""

    entries: Entries

    def note(self, spec: Spec) -> None:
        """Keep what a job is to do."""
        self.entries.first(f"{spec.job}/spec", spec.model_dump_json())

    def spec(self, job: str) -> Spec | None:
        """Return what a job is to do, if that is still known."""
        [text] = self.entries.read(f"{job}/spec")
        return None if text is None else _SPEC.validate_json(text)

    def decide(self, job: str, turn: Turn) -> Turn:
        """Let there be a turn; return it, or the one of this number that somebody else had decided."""
        said = {"due_s": turn.due_s, "attempt": turn.attempt, "faults": asdict(turn.faults)}
        return _turn(turn.number, self.entries.first(f"{job}/turn/{turn.number}", json.dumps(said)))

    def last(self, job: str) -> Turn | None:
        """Return a job's last turn, if there is one."""
        number, last = 1, None
        while True:
            [text] = self.entries.read(f"{job}/turn/{number}")
            if text is None:
                return last
            number, last = number + 1, _turn(number, text)

    def call(self, job: str, number: int) -> str | None:
        """Return the call that a turn became."""
        return self.entries.read(f"{job}/call/{number}")[0]

    def became(self, job: str, number: int, call: str) -> str:
        """Note which call a turn became; return it, or the one before it."""
        return self.entries.first(f"{job}/call/{number}", call)

    def take(self, job: str, number: int, call: str) -> bool:
        """Begin a turn, in this call; False if another one has it. A call that is delivered again has it still."""
        return self.entries.first(f"{job}/taken/{number}", call) == call


def _turn(number: int, text: str) -> Turn:
    said = json.loads(text)
    return Turn(number, said["due_s"], said["attempt"], Faults(**said["faults"]))
