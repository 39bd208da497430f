"""What goes over the wire: a job's snapshot, the hello, the close codes; and which of two snapshots is the newer.

A frame to the browser is one JSON object: with `job` it is a snapshot, with `relay` a hello. The hello comes first, and
again whenever nothing else was said for a while or the browser said "ping". A new `epoch` means that this relay has
forgotten what it knew: read the jobs from the API, then merge by (attempt, seq).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from typing import Any, Final, Protocol, TypeAlias

SUBPROTOCOL: Final = "reel.v1"
MOST_BYTES: Final = 16 * 1024
"""Of a snapshot's JSON."""
LONGEST_MESSAGE: Final = 500
"""Characters of a snapshot's sentence for people."""
PING: Final = "ping"
"""The one thing that a browser may say: it is answered with a hello. Anything else is not listened to."""

STATES: Final = ("queued", "running", "cancelling", "result", "done", "cancelled", "failed")
ENDED: Final = frozenset({"done", "cancelled", "failed"})

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_PHASE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_MOST_WHOLE: Final = 2**53 - 1  # a browser's numbers are exact up to here


class RelayError(Exception):
    """Something that the relay says no to."""


class BadMessage(RelayError):
    """This is no snapshot: a field is missing, unknown or of a wrong value."""


class Clock(Protocol):
    """The machine's clocks, in seconds."""

    def time_s(self) -> float:
        """Return the time since 1970, which may jump."""
        ...

    def steady_s(self) -> float:
        """Return a time that never goes back."""
        ...


@dataclass(frozen=True, slots=True)
class Close:
    """How a socket ends: the code and the reason of its close frame."""

    code: int
    reason: str


GONE: Final = Close(1000, "")
RESTART: Final = Close(1012, "The relay restarts: come back in a moment.")
NEW_TICKET: Final = Close(4401, "A new ticket is needed.")
WRONG_ORIGIN: Final = Close(4403, "This site may not listen here.")
TOO_SLOW: Final = Close(4408, "Too much is waiting: this connection is too slow.")
TOO_MANY: Final = Close(4429, "Too many connections or messages.")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is to know of a job at one moment. `fps` and `eta_s` are None until they are measured.

    `seq` counts a job's snapshots within its attempt. Raises BadMessage.
    """

    user: str
    job: str
    attempt: int
    seq: int
    phase: str
    done: int
    total: int
    fps: float | None
    eta_s: float | None
    state: str
    message: str

    def __post_init__(self) -> None:
        for name in ("user", "job"):
            _check_text(name, getattr(self, name), _NAME)
        _check_text("phase", self.phase, _PHASE)
        for name in ("attempt", "seq", "done", "total"):
            _check_whole(name, getattr(self, name))
        for name in ("fps", "eta_s"):
            _check_measure(name, getattr(self, name))
        if type(self.state) is not str or self.state not in STATES:
            raise BadMessage(f"state has to be one of {', '.join(STATES)}.")
        _check_message(self.message)

    @property
    def ended(self) -> bool:
        """Whether nothing comes after this state."""
        return self.state in ENDED

    @property
    def text(self) -> str:
        """The snapshot as JSON, always in the same form; far below MOST_BYTES."""
        said = {name: getattr(self, name) for name in FIELDS}
        return json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


FIELDS: Final = tuple(field.name for field in fields(Snapshot))

Order: TypeAlias = tuple[int, int, int, int, int, str, str, float, float]


def order(snapshot: Snapshot) -> Order:
    """Return what snapshots of one job are ordered by: (attempt, seq).

    Two that share these are told apart by their states, then by all the rest, so that every listener ends with the
    same one in whatever order they came.
    """
    rest = snapshot.done, snapshot.total, snapshot.phase, snapshot.message
    fps, eta_s = (-1.0 if measured is None else measured for measured in (snapshot.fps, snapshot.eta_s))
    return snapshot.attempt, snapshot.seq, STATES.index(snapshot.state), *rest, fps, eta_s


def newest(known: Snapshot | None, heard: Snapshot) -> Snapshot:
    """Return the newer of two snapshots of one job: `known` unless `heard` comes after it."""
    return heard if known is None or order(heard) > order(known) else known


def parse(body: bytes) -> Snapshot:
    """Read a snapshot: a JSON object of exactly its fields. Raises BadMessage, whatever the bytes are."""
    if len(body) > MOST_BYTES:
        raise BadMessage(f"A snapshot has at most {MOST_BYTES} bytes; this has {len(body)}.")
    try:
        read = json.loads(body.decode(), object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as unreadable:  # bad UTF-8 and bad JSON are both ValueErrors
        raise BadMessage("This is no JSON that can be read.") from unreadable
    if not isinstance(read, dict):
        raise BadMessage("A snapshot is an object.")
    if read.keys() != set(FIELDS):
        raise BadMessage(f"Fields that are missing or unknown: {_some(set(FIELDS) ^ read.keys())}.")
    return Snapshot(**read)


def hello(relay: str, epoch: str, now_s: float) -> str:
    """Return the hello: which relay this is, which life of it, and what time it has."""
    return json.dumps({"relay": relay, "epoch": epoch, "now": round(now_s, 3)}, separators=(",", ":"))


def shortened(message: str) -> str:
    """Return a sentence as a snapshot takes it: cut where it is too long, what is no text replaced."""
    text = message.encode(errors="replace").decode()
    return text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1]}…"


def _check_text(name: str, value: object, pattern: re.Pattern[str]) -> None:
    if type(value) is not str or not pattern.fullmatch(value):
        raise BadMessage(f"{name} has to be a name of the form {pattern.pattern}.")


def _check_whole(name: str, value: object) -> None:
    if type(value) is not int or not 0 <= value <= _MOST_WHOLE:
        raise BadMessage(f"{name} has to be a whole number from 0 to {_MOST_WHOLE}.")


def _check_measure(name: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_WHOLE:  # so no NaN
        raise BadMessage(f"{name} has to be null or a number from 0 to {_MOST_WHOLE}.")


def _check_message(value: object) -> None:
    if type(value) is not str or len(value) > LONGEST_MESSAGE or _SURROGATE.search(value):
        raise BadMessage(f"message has to be a text of at most {LONGEST_MESSAGE} characters.")


_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: JSON can say it, UTF-8 cannot


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("a field is said twice")
    return read


def _some(names: set[str]) -> str:
    return ", ".join(repr(name[:32]) for name in sorted(names)[:5])
