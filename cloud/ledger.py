"""The Ledger of the cloud: a Dict, in which nothing can be changed on a condition, only put where nothing stands.

    {job}/move/0, /1, /2 …    the record after each change of its state: the first to put the next number has made it
    {job}/beat/{attempt}      the latest progress of an attempt: one entry, one writer

So changes of one job stand in one order, whoever makes them at once; and a beat, of which there are thousands, leaves
nothing behind. Each move carries the mark of who made it: a put that Modal's client has sent twice finds its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from secrets import token_hex
from threading import Lock
from types import MappingProxyType
from typing import Any, Final, cast

from cloud.entries import Entries
from jobs.ports import Outcome, Progress, Record
from jobs.state import ENDED, Event, State, after
from reel.errors import Json, NotFound

MOST_KNOWN: Final = 1000  # jobs whose last move a process remembers, so as to look for the next one only

_AFTER: Final[Mapping[Outcome, State]] = MappingProxyType(
    {"done": "result", "cancelled": "cancelled", "failed": "failed"}
)


@dataclass(frozen=True, slots=True)
class _Move:
    """A record after its latest change of state, how many changes that were, and how many beats had been heard."""

    number: int
    record: Record
    beats: int


@dataclass(slots=True)
class DictLedger:
    """Records in a Dict. Besides what Ledger says, every method raises StoreUnavailable."""

    entries: Entries
    _known: dict[str, _Move] = field(default_factory=dict[str, _Move])
    _lock: Lock = field(default_factory=Lock)

    def create(self, record: Record) -> bool:
        """See Ledger."""
        text = _text(_Move(0, record, 0))
        return self.entries.first(_move_name(record.job, 0), text) == text

    def read(self, job: str) -> Record:
        """See Ledger."""
        return self._newest(job)[1]

    def claim(self, job: str) -> Record:
        """See Ledger."""
        return self._changed(
            job, lambda record: replace(record, state=after(record.state, "claim"), attempt=record.attempt + 1)
        )

    def move(self, job: str, event: Event, error: dict[str, Json] | None = None) -> Record:
        """See Ledger."""
        return self._changed(
            job, lambda record: replace(record, state=after(record.state, event), error=error or record.error)
        )

    def beat(self, job: str, attempt: int, now_s: float, progress: Progress) -> Record:
        """See Ledger. An attempt whose job went back to the queue is not heard either."""
        _, record, beats = self._newest(job)
        if record.attempt != attempt or record.state in ENDED | {"queued"}:
            return record
        beat = {"progress": asdict(progress), "heartbeat_s": now_s, "beats": beats + 1}
        self.entries.put(_beat_name(job, attempt), json.dumps(beat))
        return replace(record, progress=progress, heartbeat_s=now_s, seq=record.seq + 1)

    # Beyond the port: what the table of states leaves to those who hand jobs over

    def wait(self, job: str, attempt: int, phase: str) -> Record:
        """Let a job wait for its next attempt, unless it was cancelled, has ended, or a later attempt was claimed."""

        def waiting(record: Record) -> Record:
            if record.attempt != attempt or record.state not in {"queued", "running"}:
                return record
            progress = replace(record.progress, phase=phase, fps=None, eta_s=None)
            return replace(record, state="queued", progress=progress)

        return self._changed(job, waiting)

    def close(self, job: str, outcome: Outcome, error: dict[str, Json] | None) -> Record:
        """Let a record say what the job's result says, whatever it said before. Raises NotFound."""

        def closed(record: Record) -> Record:
            if record.state in {_AFTER[outcome], "done"}:
                return record
            return replace(record, state=_AFTER[outcome], error=error)

        return self._changed(job, closed)

    def _changed(self, job: str, change: Callable[[Record], Record]) -> Record:
        """Make a change in its turn; where another one came first, on what that left. One that changes nothing ends."""
        while True:
            move, record, beats = self._newest(job)
            changed = change(record)
            if changed == record:
                return record
            following = _Move(move.number + 1, replace(changed, seq=record.seq + 1), beats)
            text = _text(following)
            if self.entries.first(_move_name(job, following.number), text) == text:
                self._remember(following)
                return following.record

    def _newest(self, job: str) -> tuple[_Move, Record, int]:
        """Return the last move, the record with what was heard since, and how many beats that were. Raises NotFound."""
        move = self._last(job)
        [beat] = self.entries.read(_beat_name(job, move.record.attempt)) if move.record.attempt else [None]
        heard = json.loads(beat) if beat else None
        if heard is None or heard["beats"] <= move.beats:
            return move, move.record, move.beats
        record = replace(
            move.record,
            progress=Progress(**heard["progress"]),
            heartbeat_s=heard["heartbeat_s"],
            seq=move.record.seq + heard["beats"] - move.beats,
        )
        return move, record, heard["beats"]

    def _last(self, job: str) -> _Move:
        """Return a job's last move. Raises NotFound."""
        known = self._known.get(job)
        number = known.number if known else 0
        here, following = self.entries.read(_move_name(job, number), _move_name(job, number + 1))
        if here is None and known:  # all was lost, and may have begun anew
            self._known.pop(job, None)
            return self._last(job)
        if here is None:
            raise NotFound(job=job)
        while following is not None:
            number, here = number + 1, following
            [following] = self.entries.read(_move_name(job, number + 1))
        move = _move(number, here)
        self._remember(move)
        return move

    def _remember(self, move: _Move) -> None:
        with self._lock:
            self._known.pop(move.record.job, None)
            self._known[move.record.job] = move
            if len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]


def _text(move: _Move) -> str:
    return json.dumps({**asdict(move.record), "beats": move.beats, "by": token_hex(8)})


def _move(number: int, text: str) -> _Move:
    said: dict[str, Any] = json.loads(text)
    record = Record(
        job=said["job"],
        user=said["user"],
        kind=said["kind"],
        state=cast("State", said["state"]),
        attempt=said["attempt"],
        progress=Progress(**said["progress"]),
        error=said["error"],
        heartbeat_s=said["heartbeat_s"],
        seq=said["seq"],
    )
    return _Move(number, record, said["beats"])


def _move_name(job: str, number: int) -> str:
    return f"{job}/move/{number}"


def _beat_name(job: str, attempt: int) -> str:
    return f"{job}/beat/{attempt}"
