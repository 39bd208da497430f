"""When a job that failed is tried again, by the class of its error."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reel.errors import AnswerLost, Lost, ReelError, Retry, StoreUnavailable, by_code

LOST = Lost.code
"""The code of a job whose workers died until its attempts were used up."""

_STORE_IS_DOWN = frozenset({StoreUnavailable.code, AnswerLost.code})


@dataclass(frozen=True, slots=True)
class Faults:
    """What went wrong with a job so far. `store_since_s` is when the store went away, if it is away."""

    infra: int = 0
    resource: int = 0
    store_since_s: float | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a job waits after each fault of a class; after the last it fails. For the store the last one repeats."""

    infra_s: tuple[float, ...] = (1.0, 10.0, 60.0)
    resource_s: tuple[float, ...] = (1.0,)
    store_s: tuple[float, ...] = (2.0, 4.0, 8.0, 15.0)
    store_most_s: float = 24 * 3600.0


DEFAULT = Patience()


@dataclass(frozen=True, slots=True)
class Again:
    """A job's next attempt: when, counted from now, and in which phase it waits for that."""

    wait_s: float
    phase: str
    faults: Faults


def again(code: str, faults: Faults, now_s: float, patience: Patience) -> Again | None:
    """Return the next attempt after an error, or None if there is none.

    While the store is away nothing is counted: that is no fault of the job's.
    """
    if code in _STORE_IS_DOWN and _away_s(faults, now_s) < patience.store_most_s:
        return when_stored(faults, now_s, patience)
    match _retry(code):
        case "once_smaller" if faults.resource < len(patience.resource_s):
            counted = Faults(faults.infra, faults.resource + 1)
            return Again(patience.resource_s[faults.resource], "retry", counted)
        case "backoff" if faults.infra < len(patience.infra_s):
            return Again(patience.infra_s[faults.infra], "retry", Faults(faults.infra + 1, faults.resource))
        case _:
            return None


def when_stored(faults: Faults, now_s: float, patience: Patience) -> Again:
    """Return the next attempt of a job that waits for the store, the longer apart the longer it has been away."""
    away_s = _away_s(faults, now_s)
    wait_s = max((wait_s for wait_s in patience.store_s if wait_s <= away_s), default=patience.store_s[0])
    return Again(wait_s, "storage_retry", replace(faults, store_since_s=now_s - away_s))


def _retry(code: str) -> Retry:
    return by_code().get(code, ReelError).retry


def _away_s(faults: Faults, now_s: float) -> float:
    """Return how long the store has been away; a clock that began anew begins this anew."""
    return 0.0 if faults.store_since_s is None else max(0.0, now_s - faults.store_since_s)
